/**
 * JSON as FHIR needs it: decimals keep the digits that were sent (1.00 is not 1.0) and nesting is bounded.
 *
 * A number whose JavaScript form would print differently becomes a {@link Decimal}; every other number stays a
 * plain number, so the common text takes the engine's own parser at full speed.
 * Source: FHIR R4, "decimal" (https://hl7.org/fhir/R4/datatypes.html#decimal).
 */
import { Problem } from './problems.ts';

/** Marks a decimal inside JSON text on its way through the engine's parser. U+0001 cannot occur in FHIR text. */
const mark = '\u0001';

/** Deeper than any FHIR resource goes; deep enough for a Bundle of Questionnaires, shallow enough for recursion. */
const maximumDepth = 100;

/** A number that remembers how it was written. Arithmetic and comparison work as with any Number object. */
export class Decimal extends Number {
  readonly #written: string;

  constructor(written: string) {
    super(written);
    this.#written = written;
  }

  override toString(): string {
    return this.#written;
  }

  toJSON(): string {
    return mark + this.#written;
  }
}

// Finds, outside of any guarantee about strings, a number that might not survive; a false alarm only costs time.
const perhapsLossy = /[:,[]\s*(?:-?(?:\d+\.\d*0[\s,}\]]|\d+(?:\.\d+)?[eE]|\d{16}|\d+\.\d{16})|-0)/;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const markedNumber = /"\\u0001(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"/g;

/**
 * Parses one JSON text.
 * @throws {Problem} `malformed-json`, `too-deep`
 */
export function parseJson(text: string): unknown {
  if (text.includes('\\u0001')) throw new Problem('malformed-json', { reason: 'a control character is not allowed in a string' });
  const lossy = perhapsLossy.test(text);
  let value: unknown;
  try {
    value = lossy ? JSON.parse(markLossyNumbers(text), revive) : JSON.parse(text);
  } catch (error) {
    throw new Problem('malformed-json', { reason: positionOf(error) });
  }
  assertDepth(value, 0);
  return value;
}

/** The JSON text of a value that came from {@link parseJson} or was built from plain values. */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('"\\u0001') ? text.replace(markedNumber, '$1') : text;
}

function markLossyNumbers(text: string): string {
  return text.replace(stringOrNumber, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"\\u0001${token}"`);
}

function revive(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(mark) ? new Decimal(value.slice(1)) : value;
}

/** The engine quotes the text around a mistake; only the position may leave, for the text may be a patient's. */
function positionOf(error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return position === undefined ? 'it ends too early or is not JSON at all' : `unexpected content at character ${position}`;
}

function assertDepth(value: unknown, depth: number): void {
  if (value === null || typeof value !== 'object') return;
  if (depth > maximumDepth) throw new Problem('too-deep', { limit: maximumDepth });
  if (Array.isArray(value)) {
    for (const element of value) assertDepth(element, depth + 1);
  } else {
    for (const element of Object.values(value)) assertDepth(element, depth + 1);
  }
}
