/**
 * When two JSON values are equal: numbers by their value whatever their digits (1.0 is 1.00), objects whatever the order
 * of their members. Source: RFC 6902, section 4.6 (https://www.rfc-editor.org/rfc/rfc6902#section-4.6).
 */
import { Decimal } from '../json.ts';

const numberParts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

export function jsonEqual(a: unknown, b: unknown): boolean {
  if (isNumber(a) && isNumber(b)) return plainForm(a.toString()) === plainForm(b.toString());
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || isNumber(a) || isNumber(b)) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
  }
  const names = Object.keys(a);
  return names.length === Object.keys(b).length
    && names.every((name) => Object.hasOwn(b, name) && jsonEqual((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

function isNumber(value: unknown): value is number | Decimal {
  return typeof value === 'number' || value instanceof Decimal;
}

/** Digits without zeros at either end, and the power of ten they are multiplied by: the same for all forms of a number. */
function plainForm(written: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = numberParts.exec(written)!;
  const digits = (whole! + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (digits.charAt(end - 1) === '0') end--;
  if (end === 0) return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - end);
  return `${sign!}${digits.slice(0, end)}e${power}`;
}
