/**
 * Bytes of one message to segments. Whatever the bytes, a result comes back: what is wrong is an issue with its place,
 * and a message that is refused still has its header where there is one, so that it can be answered.
 */
import type { MappingIssue } from '../../ledger.ts';
import type { CharacterSet } from './character-sets.ts';
import { readDelimiters } from './delimiters.ts';
import { issueFor } from './issue.ts';
import type { Hl7Message, Hl7Segment } from './message.ts';
import { splitSegments } from './segments.ts';
import { decodeText } from './text.ts';
import { TooManyValues, ValueReader } from './values.ts';

export interface Hl7Limits {
  /** Bytes of a message. */
  readonly bytes: number;
  readonly segments: number;
  /** Fields, repetitions, components and subcomponents of a message together, blank ones too: what makes memory. */
  readonly values: number;
}

export const DEFAULT_LIMITS: Hl7Limits = { bytes: 16 * 1024 * 1024, segments: 20_000, values: 500_000 };

export interface ParseOptions {
  readonly limits?: Partial<Hl7Limits>;
  /** Character set, by the name of table 0211, of a sender that declares none. */
  readonly characterSet?: string;
}

export interface Parsed {
  /** Undefined where the message is refused: an issue of severity `error` says why. */
  readonly message?: Hl7Message;
  /** The header alone, also of a message that is refused. */
  readonly header?: Hl7Message;
  readonly characterSet: CharacterSet;
  readonly issues: readonly MappingIssue[];
}

/** Source: HL7 v2.5.1, chapter 2: 2.5 (delimiters), 2.6 (construction rules), 2.7 (escapes), 2.15.9 (MSH). */
export function parseMessage(bytes: Uint8Array, options: ParseOptions = {}): Parsed {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (buffer.length > limits.bytes) {
    // Its header may still say whom to answer.
    const header = headerOf(buffer.subarray(0, Math.min(limits.bytes, HEADER_BYTES)), options);
    return { ...header, issues: [issueFor('too-large')] };
  }
  const { text, characterSet, issues } = decodeText(buffer, options.characterSet);
  if (text === undefined) {
    const header = parseText(firstLine(buffer.toString('latin1', 0, HEADER_BYTES)), characterSet, limits).message;
    return { ...(header && { header }), characterSet, issues };
  }
  const parsed = parseText(text, characterSet, limits);
  return { ...parsed, characterSet, issues: [...issues, ...parsed.issues] };
}

/** As much of a message as is looked at to find its header, where it is not read whole. */
const HEADER_BYTES = 8 * 1024;

/** The header of a message that is not, or not yet, read whole: the beginning of its bytes is enough. */
export function headerOf(bytes: Uint8Array, options: Pick<ParseOptions, 'characterSet'> = {}): Pick<Parsed, 'header' | 'characterSet'> {
  const sent = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // What the parser passes over is passed over here, or the two would see different headers.
  let start = 0;
  while (start < sent.length && isSpace(sent[start]!)) start += 1;
  const buffer = sent.subarray(start);
  const line = buffer.subarray(0, lineLength(buffer));
  const { text, characterSet } = decodeText(line, options.characterSet);
  const header = parseText(firstLine(text ?? line.toString('latin1')), characterSet, DEFAULT_LIMITS).message;
  return { ...(header && { header }), characterSet };
}

/** Up to the first line break, or all. */
export function lineLength(bytes: Buffer): number {
  const carriage = bytes.indexOf(0x0d);
  const length = carriage === -1 ? bytes.length : carriage;
  const feed = bytes.subarray(0, length).indexOf(0x0a);
  return feed === -1 ? length : feed;
}

/** A blank, a tab, a line break. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)![0];
}

function parseText(text: string, characterSet: CharacterSet, limits: Hl7Limits): Pick<Parsed, 'message' | 'header' | 'issues'> {
  const start = text.startsWith('MSH') ? 0 : leadingLength(text);
  if (start === undefined) return { issues: [issueFor('no-header')] };
  const declared = readDelimiters(firstLine(text.slice(start, start + HEADER_BYTES)));
  const issues: MappingIssue[] = [...(start > 0 ? [issueFor('leading-bytes')] : []), ...declared.issues];
  const { delimiters } = declared;
  if (!delimiters) return { issues };
  const lines = splitSegments(text, start, delimiters.field, limits.segments, issues);
  const values = new ValueReader(text, delimiters, characterSet, limits.values, issues);
  const segments: Hl7Segment[] = [];
  try {
    for (const [index, { begin, end }] of lines.entries()) segments.push(values.segment(begin, end, index + 1));
  } catch (error) {
    if (!(error instanceof TooManyValues)) throw error;
    issues.push(issueFor('too-many-values', { source: error.segment, segment: segments.length + 1 }));
  }
  const header = segments[0] && { segments: [segments[0]], delimiters };
  const refused = issues.some((issue) => issue.severity === 'error');
  return { ...(header && { header }), ...(header && !refused && { message: { segments, delimiters } }), issues };
}

/** Blank lines and blanks before MSH; undefined where something else comes first. */
function leadingLength(text: string): number | undefined {
  let length = 0;
  while (isSpace(text.charCodeAt(length))) length += 1;
  return text.startsWith('MSH', length) ? length : undefined;
}

