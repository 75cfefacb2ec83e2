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
/**
 * What every object has by inheritance. The library looks parts of a unit up in tables that are objects, and takes what it
 * finds there for a unit; no part of a unit is called so. What is between braces is not looked up.
 */
const inherited = new RegExp(Object.getOwnPropertyNames(Object.prototype).join('|'));
const annotation = /\{[^{}]*\}/g;
const seen = new Map<string, boolean>();

export function isUnit(code: string): boolean {
  if (code.length > longestUnit) return false;
  const known = seen.get(code);
  if (known !== undefined) return known;
  const plain = withoutSpaces(code);
  const found = letters.test(plain) && !inherited.test(plain.replaceAll(annotation, '{}')) && isValid(plain);
  if (seen.size >= mostRemembered) seen.clear();
  seen.set(code, found);
  return found;
}

/**
 * Whether the library takes a text as a code. Its parser is asked, and not the function around it, which writes to the
 * console what the parser stumbles over: nothing that was sent may get there.
 */
function isValid(plain: string): boolean {
  // The library reads its tables when it is first asked for an instance.
  const { uStrParser_: parser } = ucum.UcumLhcUtils.getInstance();
  if (ucum.UnitTables.getInstance().getUnitByCode(plain)) return true;
  try {
    const [unit, code] = parser.parseString(plain, 'validate', false);
    // It also finds units by synonym, and then says which code was meant.
    return Boolean(unit) && code === plain;
  } catch {
    return false;
  }
}

/** What is between braces is for people, who write it with spaces (`{urine specific gravity}`); the letter of UCUM has none there. */
function withoutSpaces(code: string): string {
  return code.replaceAll(annotation, (text) => text.replaceAll(' ', '_'));
}
