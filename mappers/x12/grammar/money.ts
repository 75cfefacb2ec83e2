/**
 * Amounts as X12 writes them (`12`, `-3.5`, `.75`): exact sums without floating point, and the text FHIR and JSON take.
 */

/** Amounts larger than this are not added up: ten-thousandths of them would not be exact. */
const MOST_DIGITS = 11;

/** Decimal places of what is added up. */
const DECIMALS = 4;

/** Ten-thousandths, as many decimal places as any amount of a claim has; undefined for what is no amount, or none that can be added up. */
export function exactAmount(text: string): number | undefined {
  const parsed = digitsOf(text);
  if (parsed === undefined || parsed.point - parsed.from > MOST_DIGITS || text.length - parsed.point > DECIMALS + 1) return undefined;
  let units = 0;
  for (let at = parsed.from; at < text.length; at += 1) if (at !== parsed.point) units = units * 10 + text.charCodeAt(at) - 48;
  for (let decimals = Math.max(0, text.length - parsed.point - 1); decimals < DECIMALS; decimals += 1) units *= 10;
  return parsed.from === 1 ? -units : units;
}

/** The same number as JSON writes it, digits kept: `.50` is `0.50`, `007` is `7`; undefined for what is no number. */
export function decimalText(text: string): string | undefined {
  const parsed = digitsOf(text);
  if (parsed === undefined) return undefined;
  const { from, point } = parsed;
  const whole = text.slice(from, point).replace(/^0+(?=\d)/, '') || '0';
  return `${from === 1 ? '-' : ''}${whole}${point + 1 < text.length ? text.slice(point) : ''}`;
}

/** Where the digits begin and where the point is, or the end; undefined for what is no number. */
function digitsOf(text: string): { from: number; point: number } | undefined {
  const from = text.startsWith('-') ? 1 : 0;
  let point = text.length;
  let digits = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 46 && point === text.length) point = at;
    else return undefined;
  }
  return digits === 0 ? undefined : { from, point };
}
