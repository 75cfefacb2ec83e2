/** Amounts and quantities of X12 as FHIR decimals, which keep the digits that were sent. */
import { Decimal } from '../../fhir/json.ts';
import { decimalText } from './grammar/money.ts';

/** `17.50` stays `17.50`; undefined for what is no number. */
export function decimalOf(text: string): number | undefined {
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
