/** X12 dates and times as text: format checks and the way to FHIR's date strings and back. */

const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True for a calendar day written CCYYMMDD. */
export function isDate(value: string): boolean {
  return value.length === 8 && isDateAt(value, 0);
}

/** True when the eight characters at a place are such a day. */
export function isDateAt(text: string, from: number): boolean {
  for (let at = from; at < from + 8; at += 1) {
    const code = text.charCodeAt(at);
    // Not a number behind the end of the text.
    if (!(code >= 48 && code <= 57)) return false;
  }
  const month = twoDigits(text, from + 4);
  const day = twoDigits(text, from + 6);
  if (month < 1 || month > 12 || day < 1 || day > LENGTHS[month - 1]!) return false;
  if (month !== 2 || day < 29) return true;
  const year = twoDigits(text, from) * 100 + twoDigits(text, from + 2);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function twoDigits(value: string, at: number): number {
  return (value.charCodeAt(at) - 48) * 10 + value.charCodeAt(at + 1) - 48;
}

/** True for HHMM, HHMMSS, HHMMSSD or HHMMSSDD. */
export function isTime(value: string): boolean {
  return /^([01]\d|2[0-3])[0-5]\d([0-5]\d\d{0,2})?$/.test(value);
}

/** True when the value fits its format qualifier (element 1250): D8, RD8, DT or TM. */
export function fitsFormat(qualifier: string, value: string): boolean {
  if (qualifier === 'D8') return isDate(value);
  if (qualifier === 'DT') return /^\d{12}$/.test(value) && isDate(value.slice(0, 8)) && isTime(value.slice(8));
  if (qualifier === 'TM') return isTime(value);
  if (qualifier !== 'RD8') return true;
  const [start, end, ...more] = value.split('-');
  return more.length === 0 && isDate(start ?? '') && isDate(end ?? '') && start! <= end!;
}

/** CCYYMMDD to CCYY-MM-DD; undefined for anything else. */
export function toFhirDate(value: string): string | undefined {
  return isDate(value) ? `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6, 8)}` : undefined;
}

/** The day of a FHIR date, dateTime or instant as CCYYMMDD; undefined when it is not a full day. */
export function toX12Date(value: string | undefined): string | undefined {
  const digits = value?.slice(0, 10).replaceAll('-', '') ?? '';
  return isDate(digits) ? digits : undefined;
}

/** The local time of a FHIR dateTime as HHMM (HHMMSS where seconds are not zero); undefined without one. */
export function toX12Time(value: string | undefined): string | undefined {
  const match = /T(\d{2}):(\d{2})(?::(\d{2}))?/.exec(value ?? '');
  if (match === null) return undefined;
  return `${match[1]}${match[2]}${match[3] === undefined || match[3] === '00' ? '' : match[3]}`;
}
