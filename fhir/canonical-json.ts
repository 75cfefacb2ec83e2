/**
 * JSON in its one canonical form, which is what a signature is over: members in the order of their names' UTF-16 units, no
 * white space, numbers as ECMAScript writes them. A decimal loses the digits that say nothing (1.50 is 1.5): so does
 * everybody else's who signs.
 * Source: RFC 8785, JSON Canonicalization Scheme (https://www.rfc-editor.org/rfc/rfc8785), section 3.2.
 */
import { Decimal } from './json.ts';

/**
 * @param value from {@link parseJson}, so its depth is bounded
 * @throws {RangeError} for what has no canonical form: half a surrogate pair, a number that is not finite (section 3.2.2.2, 3.2.2.3)
 */
export function canonicalJson(value: unknown): string {
  if (value instanceof Decimal || typeof value === 'number') return numberOf(Number(value));
  if (typeof value === 'string') return stringOf(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Readonly<Record<string, unknown>>;
  let members = '';
  // Without a comparison of its own the engine orders by UTF-16 units.
  for (const name of Object.keys(object).toSorted()) {
    if (object[name] !== undefined) members += `${members === '' ? '' : ','}${stringOf(name)}:${canonicalJson(object[name])}`;
  }
  return `{${members}}`;
}

function numberOf(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError('A number without a canonical form');
  // Negative zero is written 0.
  return JSON.stringify(value);
}

function stringOf(text: string): string {
  if (!text.isWellFormed()) throw new RangeError('A string without a canonical form');
  return JSON.stringify(text);
}
