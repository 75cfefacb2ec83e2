/**
 * How a code may be written where its system does not tell capitals from small letters (CodeSystem.caseSensitive,
 * https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.caseSensitive). Searches look codes up by hashes of what
 * was written, so that each spelling is looked for.
 */

/** With more letters than this a code has too many spellings to look for all of them. */
const mostLetters = 10;

/** All of them for codes of few letters; of others the usual ones: as it is, small, capitals, with a capital first. */
export function spellingsOf(code: string): readonly string[] {
  return isSpelledOut(code) ? allOf(code) : [...new Set([code, code.toLowerCase(), code.toUpperCase(), code.slice(0, 1).toUpperCase() + code.slice(1).toLowerCase()])];
}

/** Whether every spelling is told. */
export function isSpelledOut(code: string): boolean {
  return Array.from(code).filter((sign) => formsOf(sign).length > 1).length <= mostLetters;
}

function allOf(code: string): readonly string[] {
  let begun = [''];
  for (const sign of code) begun = formsOf(sign).flatMap((form) => begun.map((start) => start + form));
  return begun;
}

function formsOf(sign: string): readonly string[] {
  return [...new Set([sign, sign.toLowerCase(), sign.toUpperCase()])];
}
