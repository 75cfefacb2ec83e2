/**
 * JSON as FHIR needs it: decimals keep the digits that were sent (1.00 is not 1.0) and nesting is bounded.
 *
 * A number whose JavaScript form would print differently becomes a {@link Decimal}; every other number stays a
 * plain number, so the common text takes the engine's own parser at full speed.
 * Source: FHIR R4, "decimal" (https://hl7.org/fhir/R4/datatypes.html#decimal).
 */
import { jsonFault } from './json-fault.ts';
import { Problem } from './problems.ts';

/** Marks a decimal inside JSON text on its way through the engine's parser. U+0001 cannot occur in FHIR text. */
const mark = '\u0001';

/** Deeper than any FHIR resource goes; deep enough for a Bundle of Questionnaires, shallow enough for recursion. */
export const maximumDepth = 100;

// An integer of JSON has no leading zero; a fraction and an exponent may follow.
const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** How many decimals the running `JSON.stringify` has met; tells a decimal's mark from the same character in a string. */
let decimalsMet = 0;

/** A number that remembers how it was written. Arithmetic and comparison work as with any Number object. */
export class Decimal extends Number {
  readonly #written: string;

  /**
   * @param written a number as JSON writes it: `1.50`, `-0`, `1E2`
   * @throws {RangeError} for any other text
   */
  constructor(written: string) {
    if (!numberForm.test(written)) throw new RangeError('Not a number as JSON writes it');
    super(written);
    this.#written = written;
  }

  override toString(): string {
    return this.#written;
  }

  toJSON(): string {
    decimalsMet++;
    return mark + this.#written;
  }
}

// Finds, whether in a string or outside of one, a number that might not survive: one with a zero at its end, an
// exponent, more than fifteen digits, more than six zeros behind the point, or a negative zero. A false alarm only costs time.
const perhapsLossy = /(?:^|[:,[])\s*(?:-?(?:\d+\.\d*0(?:[\s,}\]]|$)|\d+(?:\.\d+)?[eE]|\d{16}|[\d.]{17}|0\.0{6})|-0)/;
// A string to its end or its first escape, or a number. Longer patterns for strings overflow the engine's stack on long ones.
const stringOrNumber = /"[^"\\]*"?|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const markedNumber = /"\\u0001(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"/g;

/**
 * Parses one JSON text.
 * @throws {Problem} `malformed-json`, `too-deep`
 */
export function parseJson(text: string): unknown {
  if (hasEscapedMark(text)) throw new Problem('malformed-json', { reason: 'a control character is not allowed in a string' });
  const lossy = perhapsLossy.test(text);
  const value = lossy ? parseMarked(text) : parseText(text);
  return settled(value, 1, lossy);
}

/** The JSON text of a value that came from {@link parseJson} or was built from plain values. */
export function stringifyJson(value: unknown): string {
  decimalsMet = 0;
  const text = JSON.stringify(value);
  if (decimalsMet === 0) return text;
  let replaced = 0;
  const unmarked = text.replace(markedNumber, (_, written: string) => {
    replaced++;
    return written;
  });
  // A string or a property that looks like a marked number: rare enough to be slow, never to be wrong.
  return replaced === decimalsMet ? unmarked : textOf(value)!;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('malformed-json', { reason: placeOf(text) });
  }
}

function parseMarked(text: string): unknown {
  try {
    return JSON.parse(markLossyNumbers(text));
  } catch {
    // Positions count in the text that was sent.
    return parseText(text);
  }
}

function markLossyNumbers(text: string): string {
  let marked = '';
  let copied = 0;
  // The pattern keeps its place, also from a text that was given up.
  stringOrNumber.lastIndex = 0;
  for (let found = stringOrNumber.exec(text); found !== null; found = stringOrNumber.exec(text)) {
    const [token] = found;
    if (token.startsWith('"')) {
      if (token.length === 1 || !token.endsWith('"')) stringOrNumber.lastIndex = endOfString(text, stringOrNumber.lastIndex);
    } else if (String(Number(token)) !== token) {
      marked += `${text.slice(copied, found.index)}"\\u0001${token}"`;
      copied = found.index + token.length;
    }
  }
  return marked + text.slice(copied);
}

/** The place after the quote that ends a string, looked for from inside the string on. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    if (!isEscaped(text, quote)) return quote + 1;
  }
  return text.length;
}

function hasEscapedMark(text: string): boolean {
  for (let at = text.indexOf('\\u0001'); at !== -1; at = text.indexOf('\\u0001', at + 1)) {
    if (!isEscaped(text, at)) return true;
  }
  return false;
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charAt(at - 1 - backslashes) === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** The engine quotes the text around a mistake; only the place may leave, for the text may be a patient's. */
function placeOf(text: string): string {
  const found = jsonFault(text);
  if (found === undefined) return 'it is not JSON';
  return `${found.reason === 'end' ? 'it ends too early' : 'unexpected content'}, at line ${found.line}, column ${found.column}`;
}

/** The value with its marked numbers as decimals, and its depth bounded. `level` counts arrays and objects from 1. */
function settled(value: unknown, level: number, marked: boolean): unknown {
  if (typeof value === 'string') return marked && value.startsWith(mark) ? new Decimal(value.slice(1)) : value;
  if (value === null || typeof value !== 'object') return value;
  if (level > maximumDepth) throw new Problem('too-deep', { limit: maximumDepth });
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const settledItem = settled(item, level + 1, marked);
      if (settledItem !== item) value[index] = settledItem;
    }
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const name of Object.keys(object)) {
    // Marking has made a name of a number that stands where a name belongs.
    if (marked && name.startsWith(mark)) throw new Problem('malformed-json', { reason: 'a number stands where a name belongs' });
    const item = object[name];
    const settledItem = settled(item, level + 1, marked);
    if (settledItem !== item) object[name] = settledItem;
  }
  return value;
}

/** What `JSON.stringify` does, for the values it has: slower, and sure about decimals. */
function textOf(value: unknown): string | undefined {
  if (value instanceof Decimal) return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return textOf(value.toJSON(''));
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item) ?? 'null').join(',')}]`;
  const members = Object.entries(value).map(([name, item]) => [JSON.stringify(name), textOf(item)] as const);
  return `{${members.filter(([, text]) => text !== undefined).map(([name, text]) => `${name}:${text}`).join(',')}}`;
}
