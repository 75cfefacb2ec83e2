/**
 * Calendar dates as facts: a FHIR date or dateTime names one day, a month or a year, so it is read as a range of days.
 * The day is the one written, in the writer's own time zone; two ranges are compared day by day, never by instant.
 * Years outside 1800 to 2999 are taken as typing errors and read as nothing.
 */

/** First and last day, `YYYY-MM-DD`, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

const WRITTEN = /^(?<year>\d{4})(?:-(?<month>\d{2})(?:-(?<day>\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const MILLISECONDS_A_DAY = 86_400_000;

/** The days a FHIR date or dateTime (R4, section 2.24.0.1) may mean, or undefined where it is not one. */
export function readDays(text: unknown): DayRange | undefined {
  if (typeof text !== 'string') return undefined;
  const written = WRITTEN.exec(text)?.groups;
  if (written === undefined) return undefined;
  const { year = '', month, day } = written;
  if (year < '1800' || year > '2999') return undefined;
  if (month === undefined) return { from: `${year}-01-01`, to: `${year}-12-31` };
  if (month < '01' || month > '12') return undefined;
  const last = lastDayOf(Number(year), Number(month));
  if (day === undefined) return { from: `${year}-${month}-01`, to: `${year}-${month}-${last}` };
  if (day < '01' || day > last) return undefined;
  const date = `${year}-${month}-${day}`;
  return { from: date, to: date };
}

/** Whether the text is one full calendar day, `YYYY-MM-DD` and nothing more. */
export function isDay(text: unknown): text is string {
  return typeof text === 'string' && text.length === 10 && readDays(text) !== undefined;
}

function lastDayOf(year: number, month: number): string {
  return String(new Date(Date.UTC(year, month, 0)).getUTCDate()).padStart(2, '0');
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / MILLISECONDS_A_DAY;
}

/** The day so many days later (negative: earlier). */
export function addDays(day: string, days: number): string {
  return new Date((dayNumber(day) + days) * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}

/** Days from one day to another; negative where `to` comes first. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/** Completed years on a day; someone born on 29 February turns on 1 March in common years. */
export function yearsBetween(birth: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}
