/**
 * Number values, with the limits that their written precision sets.
 * Source: FHIR R4, "Search", section "number" (https://hl7.org/fhir/R4/search.html#number): 100 is 99.5 to 100.5,
 * 100.00 is 99.995 to 100.005, 1e2 is 95 to 105.
 */
import { isKindOf } from '../element-types.ts';
import type { Visit } from '../fhirpath/visit.ts';
import { Decimal } from '../json.ts';
import type { SearchParameter } from '../search-parameters.ts';
import type { SearchValue } from './values.ts';

export interface NumberRange {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const pattern = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** 1 to 1e22: the powers of ten that a double holds exactly. */
const powersOfTen: readonly number[] = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** A number and the limits of its last digit. A Decimal stands for the digits it was written with. */
export function numberRange(number: unknown): NumberRange | undefined {
  if (typeof number !== 'number' && !(number instanceof Decimal)) return undefined;
  if (typeof number === 'number' && Number.isInteger(number) && Math.abs(number) < 1e15) return { value: number, low: number - 0.5, high: number + 0.5 };
  return writtenNumberRange(String(number));
}

/** The same for a number in writing; undefined for what is none, or is beyond a double. */
export function writtenNumberRange(text: string): NumberRange | undefined {
  const parts = pattern.exec(text);
  const value = Number(text);
  if (parts === null || !Number.isFinite(value)) return undefined;
  const [, sign, whole = '', fraction = '', exponent] = parts;
  // In exponent notation the specification counts one digit more than is written.
  const written = exponent !== undefined && fraction === '' ? '0' : fraction;
  const scale = Number(exponent ?? 0) - written.length;
  const digits = whole + written;
  // Decimal arithmetic on the digits: a double's 5.4 - 0.05 would not be 5.35.
  let inner: number;
  let outer: number;
  const power = powersOfTen[1 - scale];
  if (digits.length < 15 && power !== undefined) {
    // Both operands are exact, so the quotient is the double nearest to the decimal.
    const last = Number(digits) * 10;
    inner = (last - 5) / power;
    outer = (last + 5) / power;
  } else {
    const last = BigInt(digits) * 10n;
    inner = Number(`${last - 5n}e${scale - 1}`);
    outer = Number(`${last + 5n}e${scale - 1}`);
  }
  return sign === '-' ? { value, low: -outer, high: -inner } : { value, low: inner, high: outer };
}

/** The visit that makes number values of nodes of a type; undefined for types that are no number. */
export function numbers(parameter: SearchParameter, type: string): Visit<SearchValue[]> | undefined {
  if (type !== 'decimal' && !isKindOf(type, 'integer')) return undefined;
  return (node, { out }) => {
    const range = numberRange(node);
    if (range !== undefined) out.push({ type: 'number', parameter, value: range.value, low: range.low, high: range.high });
  };
}
