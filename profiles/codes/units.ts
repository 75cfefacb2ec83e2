/**
 * Whether a text is a unit of the Unified Code for Units of Measure, case-sensitive form (https://ucum.org/ucum), by the
 * library of the National Library of Medicine. A unit that was seen before is remembered, up to a bound.
 */
import ucum from '@lhncbc/ucum-lhc';

const mostRemembered = 5000;
/** Longer than any unit in use; the library's time grows with the length. */
const longestUnit = 100;
/** Those that UCUM is written in. */
const letters = /^[!-~]+$/;
const seen = new Map<string, boolean>();

export function isUnit(code: string): boolean {
  if (code.length > longestUnit) return false;
  const known = seen.get(code);
  if (known !== undefined) return known;
  const plain = withoutSpaces(code);
  // What is no unit by its letters the library writes to the console, which nothing that was sent may get to.
  if (!letters.test(plain)) return false;
  // The library reads its tables when it is first asked for an instance.
  const { status, ucumCode } = ucum.UcumLhcUtils.getInstance().validateUnitString(plain);
  // It also finds units by synonym, and then says which code was meant.
  const found = status === 'valid' && ucumCode === plain;
  if (seen.size >= mostRemembered) seen.clear();
  seen.set(code, found);
  return found;
}

/** What is between braces is for people, who write it with spaces (`{urine specific gravity}`); the letter of UCUM has none there. */
function withoutSpaces(code: string): string {
  return code.replaceAll(/\{[^{}]*\}/g, (annotation) => annotation.replaceAll(' ', '_'));
}
