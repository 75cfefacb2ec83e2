/**
 * The primitive types of FHIR R4: which JSON type a value of each has, and how it must be written.
 * Every rule takes time linear in the length of the value; texts of any length are only searched for what they
 * must not contain, because such a search cannot backtrack.
 * Source: FHIR R4, "Primitive Types" (https://hl7.org/fhir/R4/datatypes.html#primitive).
 */
import { Decimal } from '../json.ts';

export interface PrimitiveRule {
  /** Completes "must be". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const zero = 48;
const letterT = 84;
const letterZ = 90;
const plus = 43;
const hyphen = 45;
const point = 46;
const colon = 58;
// A second of 60 is a leap second.
const timeForm = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/;
const idForm = /^[A-Za-z0-9\-.]{1,64}$/;
const oidForm = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const uuidForm = /^urn:uuid:[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const longestOid = 1024;

const forbiddenInText = /[^\t\n\r -\uffff]/;
const forbiddenInUri = /[\s\0-\x20]/;
const unusualInName = /[^!-~]/;
const forbiddenInCode = /^\s|\s\s|\s$|[^\t\n\r -\uffff]/;
const forbiddenInBase64 = /[^A-Za-z0-9+/=]/;
const whitespace = /\s+/g;

const greatestInteger = 2_147_483_647;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && !forbiddenInText.test(value);

/** Addresses are in every resource, and most are of ASCII only: a pattern of one class takes half the time of the whole rule. */
function isUri(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && (!unusualInName.test(value) || !forbiddenInUri.test(value));
}

/** Shorter texts are gone through faster than a pattern is begun. */
const shortText = 12;

function isCode(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  if (value.length > shortText) return !unusualInName.test(value) || !forbiddenInCode.test(value);
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code <= 32 || code > 126) return !forbiddenInCode.test(value);
  }
  return true;
}

function isIntegerFrom(least: number): (value: unknown) => boolean {
  // A Decimal is a number written in another way than integers are: 1.0, 1e2, -0.
  return (value) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatestInteger;
}

/** Digit by digit: dates are in every resource, and a pattern takes several times as long. */
function isDate(value: string): boolean {
  return isDateOf(value, value.length);
}

/** The same of so many characters from the start. */
function isDateOf(value: string, length: number): boolean {
  if (length !== 10 && length !== 7 && length !== 4) return false;
  const year = digitsAt(value, 0) * 100 + digitsAt(value, 2);
  if (!(year > 0)) return false;
  if (length === 4) return true;
  const month = digitsAt(value, 5);
  if (value.charCodeAt(4) !== hyphen || !(month >= 1 && month <= 12)) return false;
  if (length === 7) return true;
  const day = digitsAt(value, 8);
  return value.charCodeAt(7) === hyphen && day >= 1 && (day <= 28 || day <= daysIn(year, month));
}

/** The number that two digits are; NaN where they are none. */
function digitsAt(value: string, at: number): number {
  const tens = value.charCodeAt(at) - zero;
  const ones = value.charCodeAt(at + 1) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A full date, a time of day and a time zone; digit by digit like dates. */
function isInstant(value: string): boolean {
  const { length } = value;
  if (length > 64 || value.charCodeAt(10) !== letterT || !isDateOf(value, 10)) return false;
  const isTime = digitsAt(value, 11) <= 23 && value.charCodeAt(13) === colon && digitsAt(value, 14) <= 59 && value.charCodeAt(16) === colon && digitsAt(value, 17) <= 60;
  if (!isTime) return false;
  let zone = 19;
  if (value.charCodeAt(zone) === point) {
    do zone++; while (isDigitAt(value, zone));
    if (zone === 20) return false;
  }
  return value.charCodeAt(zone) === letterZ ? length === zone + 1 : length === zone + 6 && isOffset(value, zone);
}

/** `+01:00`, up to fourteen hours. */
function isOffset(value: string, at: number): boolean {
  const sign = value.charCodeAt(at);
  const hours = digitsAt(value, at + 1);
  const minutes = digitsAt(value, at + 4);
  return (sign === plus || sign === hyphen) && value.charCodeAt(at + 3) === colon && ((hours <= 13 && minutes <= 59) || (hours === 14 && minutes === 0));
}

function isDigitAt(value: string, at: number): boolean {
  const digit = value.charCodeAt(at) - zero;
  return digit >= 0 && digit <= 9;
}

function isBase64(value: string): boolean {
  const packed = forbiddenInBase64.test(value) ? value.replace(whitespace, '') : value;
  if (packed === '' || packed.length % 4 !== 0 || forbiddenInBase64.test(packed)) return false;
  const padding = packed.indexOf('=');
  return padding === -1 || padding === packed.length - 1 || (padding === packed.length - 2 && packed.endsWith('='));
}

const written = (expected: string, form: (value: string) => boolean): PrimitiveRule =>
  ({ expected, accepts: (value) => typeof value === 'string' && form(value) });
const uri = { expected: 'a URI: a string without whitespace', accepts: isUri };

const text = { expected: 'a string without control characters', accepts: isText };

/** The rule of every primitive type of R4, by its name. */
export const primitiveRules: ReadonlyMap<string, PrimitiveRule> = new Map(Object.entries({
  boolean: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  // A number beyond the range of a double reads as infinite, which no code behind can compute with.
  decimal: { expected: 'a number', accepts: (value) => (typeof value === 'number' || value instanceof Decimal) && Number.isFinite(Number(value)) },
  integer: { expected: 'an integer of 32 bits', accepts: isIntegerFrom(-greatestInteger - 1) },
  unsignedInt: { expected: 'an integer of 31 bits, 0 or more', accepts: isIntegerFrom(0) },
  positiveInt: { expected: 'an integer of 31 bits, 1 or more', accepts: isIntegerFrom(1) },
  string: text,
  markdown: text,
  xhtml: { ...text, expected: 'XHTML in a string' },
  code: { expected: 'a code: a string without spaces at its ends or two in a row', accepts: isCode },
  id: written('an id: 1 to 64 characters from A-Z, a-z, 0-9, "-" and "."', (value) => idForm.test(value)),
  uri,
  url: uri,
  canonical: uri,
  oid: written('an OID: urn:oid: and numbers with dots', (value) => value.length <= longestOid && oidForm.test(value)),
  uuid: written('a UUID: urn:uuid: and 32 hexadecimal digits in five groups', (value) => uuidForm.test(value)),
  date: written('a date: YYYY, YYYY-MM or YYYY-MM-DD', isDate),
  dateTime: written('a dateTime: a date, or YYYY-MM-DDThh:mm:ss with a time zone', (value) => (value.length > 10 ? isInstant(value) : isDate(value))),
  instant: written('an instant: YYYY-MM-DDThh:mm:ss with a time zone', isInstant),
  time: written('a time: hh:mm:ss', (value) => timeForm.test(value)),
  base64Binary: written('Base64 in a string', isBase64),
} satisfies Record<string, PrimitiveRule>));
