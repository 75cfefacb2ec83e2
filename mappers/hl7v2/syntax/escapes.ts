/**
 * Escape sequences in values (2.7), both ways. What begins no known sequence stays as it was sent: senders write
 * unescaped backslashes, and a text must not lose a part for it.
 */
import type { Hl7Delimiters } from './message.ts';
import type { SyntaxCode } from './issue.ts';

/** Most blanks or lines that one sequence may ask for: a message must not grow by what it spells. */
const MOST_SPACES = 100;

export interface Decoded {
  readonly text: string;
  /** What was met; none for most values. */
  readonly conditions: readonly SyntaxCode[];
}

/**
 * @param decodeBytes reads bytes in the character set of the message, for \X..\; undefined where they are not of it
 */
export function decodeEscapes(value: string, delimiters: Hl7Delimiters, decodeBytes: (bytes: Uint8Array) => string | undefined): Decoded {
  const { escape } = delimiters;
  const conditions: SyntaxCode[] = [];
  let text = '';
  let at = 0;
  for (;;) {
    const begin = value.indexOf(escape, at);
    if (begin === -1) return { text: text + value.slice(at), conditions };
    text += value.slice(at, begin);
    const read = readSequence(value, begin, delimiters, decodeBytes);
    if (read === undefined) {
      conditions.push('escape-unknown');
      text += escape;
      at = begin + 1;
    } else {
      if (read.condition) conditions.push(read.condition);
      text += read.text;
      at = read.end;
    }
  }
}

interface Sequence {
  readonly text: string;
  readonly end: number;
  readonly condition?: SyntaxCode;
}

function readSequence(value: string, begin: number, delimiters: Hl7Delimiters, decodeBytes: (bytes: Uint8Array) => string | undefined): Sequence | undefined {
  const { escape } = delimiters;
  const close = value.indexOf(escape, begin + 1);
  if (close === -1) return undefined;
  const name = value.slice(begin + 1, close);
  const end = close + 1;
  if (name.length === 1) {
    const text = characterOf(name, delimiters);
    return text === undefined ? undefined : { text, end };
  }
  if (name.startsWith('X')) return readBytes(value, begin, escape, decodeBytes);
  if (name.startsWith('.')) {
    const text = formattingOf(name);
    return text === undefined ? undefined : { text, end };
  }
  if (/^Z[0-9A-Za-z]{1,20}$/.test(name)) return { text: value.slice(begin, end), end, condition: 'escape-local' };
  return undefined;
}

function characterOf(name: string, { field, component, subcomponent, repetition, escape, truncation }: Hl7Delimiters): string | undefined {
  switch (name) {
    case 'F': return field;
    case 'S': return component;
    case 'T': return subcomponent === '' ? undefined : subcomponent;
    case 'R': return repetition === '' ? undefined : repetition;
    case 'E': return escape;
    case 'P': return truncation;
    // Highlighting begins and ends: how a text is shown, and not what it says.
    case 'H': case 'N': return '';
    default: return undefined;
  }
}

/** \X..\: bytes in hexadecimal. Sequences side by side are read together, as a character may be spread over them. */
function readBytes(value: string, begin: number, escape: string, decodeBytes: (bytes: Uint8Array) => string | undefined): Sequence | undefined {
  const pieces: string[] = [];
  let end = begin;
  while (value.startsWith(`${escape}X`, end)) {
    const close = value.indexOf(escape, end + 2);
    const digits = close === -1 ? '' : value.slice(end + 2, close);
    if (digits.length === 0 || digits.length % 2 === 1 || !/^[0-9A-Fa-f]+$/.test(digits)) break;
    pieces.push(digits);
    end = close + 1;
  }
  if (end === begin) return undefined;
  const text = decodeBytes(Buffer.from(pieces.join(''), 'hex'));
  return text === undefined ? { text: value.slice(begin, end), end, condition: 'escape-unknown' } : { text, end };
}

/** Formatting commands of formatted text (2.7.6): lines and blanks are kept, how they are set is not. */
function formattingOf(name: string): string | undefined {
  const found = /^\.(br|sp|sk|ce|in|ti|fi|nf)(?: ?([+-]?\d{1,4}))?$/.exec(name);
  if (!found) return undefined;
  const count = Math.min(Math.max(Number(found[2] ?? 1), 1), MOST_SPACES);
  switch (found[1]) {
    case 'br': case 'ce': return '\n';
    case 'sp': return '\n'.repeat(count);
    case 'sk': return ' '.repeat(count);
    default: return '';
  }
}

/**
 * A text as it stands in a message. A line feed becomes \.br\, other control characters \X..\.
 *
 * Reading it again gives the same text, but for the escape sequences of a sender's own: those are text to us.
 */
export function encodeEscapes(text: string, delimiters: Hl7Delimiters): string {
  if (!needsEscaping(text, delimiters)) return text;
  const { field, component, subcomponent, repetition, escape, truncation } = delimiters;
  let written = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character === field) written += `${escape}F${escape}`;
    else if (character === component) written += `${escape}S${escape}`;
    else if (character === subcomponent) written += `${escape}T${escape}`;
    else if (character === repetition) written += `${escape}R${escape}`;
    else if (character === escape) written += `${escape}E${escape}`;
    else if (character === truncation) written += `${escape}P${escape}`;
    else if (character === '\n') written += `${escape}.br${escape}`;
    else if (code < 0x20 && code !== 0x09) written += `${escape}X${code.toString(16).toUpperCase().padStart(2, '0')}${escape}`;
    else written += character;
  }
  return written;
}

function needsEscaping(text: string, { field, component, subcomponent, repetition, escape, truncation }: Hl7Delimiters): boolean {
  for (const character of text) {
    if (character < ' ' || character === field || character === component || character === subcomponent || character === repetition || character === escape || character === truncation) return true;
  }
  return false;
}
