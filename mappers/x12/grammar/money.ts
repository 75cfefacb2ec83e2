/**
 * Amounts as X12 writes them (`12`, `-3.5`, `.75`): exact sums without floating point, and the text FHIR and JSON take.
 */

const FORM = /^(-?)(\d*)(?:\.(\d*))?$/;

/** Ten-thousandths, as many decimal places as any amount of a claim has; undefined for what is no amount. */
export function exactAmount(text: string): bigint | undefined {
  const match = FORM.exec(text);
  if (match === null || (match[2] === '' && (match[3] ?? '') === '') || (match[3] ?? '').length > 4) return undefined;
  const units = BigInt(`${match[2] === '' ? '0' : match[2]}${(match[3] ?? '').padEnd(4, '0')}`);
  return match[1] === '-' ? -units : units;
}

/** The same number as JSON writes it, digits kept: `.50` is `0.50`, `007` is `7`; undefined for what is no number. */
export function decimalText(text: string): string | undefined {
  const match = FORM.exec(text);
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) return undefined;
  const whole = match[2]!.replace(/^0+(?=\d)/, '') || '0';
  return `${match[1]}${whole}${(match[3] ?? '') === '' ? '' : `.${match[3]}`}`;
}
