/** Amounts and quantities of X12 as FHIR decimals, which keep the digits that were sent. */
import { Decimal } from '../../fhir/json.ts';
import { decimalText } from './grammar/money.ts';

/** `17.50` stays `17.50`; undefined for what is no number. */
export function decimalOf(text: string): number | undefined {
  if (isPlain(text)) return Number(text);
  const written = decimalText(text);
  if (written === undefined) return undefined;
  const value = Number(written);
  // A Decimal is a number to everybody but TypeScript, which tells the primitive from its object.
  return String(value) === written ? value : (new Decimal(written) as unknown as number);
}

/** A whole number from 1; undefined for anything else. */
export function positiveOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

/** Most digits that a number keeps exactly. */
const EXACT_DIGITS = 15;

/** True for what a number prints as it was sent: no zero too many, no more digits than it keeps. A false one only costs time. */
function isPlain(text: string): boolean {
  const { length } = text;
  const first = text.charCodeAt(0);
  if (length === 0 || length > EXACT_DIGITS || first < 49 || first > 57) return false;
  let points = 0;
  let last = first;
  for (let at = 1; at < length; at += 1) {
    last = text.charCodeAt(at);
    if (last === 46) points += 1;
    else if (last < 48 || last > 57) return false;
  }
  return points === 0 || (points === 1 && last !== 48 && last !== 46);
}
