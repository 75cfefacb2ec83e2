/** Decimals as texts: 10.5 and 10.50 are one number, of other precision (https://hl7.org/fhir/R4/datatypes.html#decimal). */

/** Digits after the point that are looked for; exponents are not. */
const mostDigits = 12;

/** The ways to write a number that differ in trailing zeros alone; of what is no such number the text itself. */
export function spellings(text: string): readonly string[] {
  const [, whole, digits = ''] = /^(-?\d{1,18})(?:\.(\d{1,12}))?$/.exec(text) ?? [];
  if (whole === undefined) return [text];
  const shortest = digits.replace(/0+$/, '');
  return Array.from({ length: mostDigits - shortest.length + 1 }, (_, zeros) => {
    const after = shortest + '0'.repeat(zeros);
    return after === '' ? whole : `${whole}.${after}`;
  });
}
