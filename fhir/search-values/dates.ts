/**
 * Date values: every date is a period, as long as its precision.
 * Source: FHIR R4, "Search", section "date" (https://hl7.org/fhir/R4/search.html#date) and "Date/Time" of the data types.
 * A time without a zone is taken as UTC, so that the same resource means the same on every machine.
 */
import { isObject, type Visit } from '../fhirpath/visit.ts';
import type { SearchParameter } from '../search-parameters.ts';
import { list } from './tokens.ts';
import type { SearchValue } from './values.ts';

/** Both ends inclusive, in milliseconds since 1970 UTC. */
export interface DateRange {
  readonly low: number;
  readonly high: number;
}

/** Every part has its fixed place, so the text is tested once and the digits are read where they stand. */
const pattern = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?$/;
const dayLength = 86_400_000;

/**
 * The first and last millisecond of a date, dateTime or instant as precise as it is written.
 * Undefined for what is no such text, dates the calendar does not have among them. Digits below the millisecond are
 * dropped; second 60 is the second after 59.
 */
export function dateRange(value: unknown): DateRange | undefined {
  if (typeof value !== 'string' || !pattern.test(value)) return undefined;
  const year = twoDigits(value, 0) * 100 + twoDigits(value, 2);
  if (year === 0) return undefined;
  if (value.length === 4) return { low: startOfMonth(year, 1), high: startOfMonth(year + 1, 1) - 1 };
  const month = twoDigits(value, 5);
  if (month < 1 || month > 12) return undefined;
  const monthStart = startOfMonth(year, month);
  const monthEnd = month === 12 ? startOfMonth(year + 1, 1) : startOfMonth(year, month + 1);
  if (value.length === 7) return { low: monthStart, high: monthEnd - 1 };
  const day = twoDigits(value, 8);
  const dayStart = monthStart + (day - 1) * dayLength;
  if (day < 1 || dayStart >= monthEnd) return undefined;
  if (value.length === 10) return { low: dayStart, high: dayStart + dayLength - 1 };
  return timeRange(value, dayStart);
}

function timeRange(value: string, dayStart: number): DateRange | undefined {
  const [hour, minute] = [twoDigits(value, 11), twoDigits(value, 14)];
  const zoneAt = value.endsWith('Z') ? value.length - 1 : /[+-]/.test(value.charAt(value.length - 6)) ? value.length - 6 : value.length;
  const offset = zoneOffset(value, zoneAt);
  if (hour > 23 || minute > 59 || offset === undefined) return undefined;
  const minuteStart = dayStart + hour * 3_600_000 + minute * 60_000 - offset;
  if (zoneAt === 16) return { low: minuteStart, high: minuteStart + 59_999 };
  const second = twoDigits(value, 17);
  if (second > 60) return undefined;
  const secondStart = minuteStart + second * 1000;
  if (zoneAt === 19) return { low: secondStart, high: secondStart + 999 };
  const fraction = value.slice(20, Math.min(zoneAt, 23));
  return { low: secondStart + Number(fraction.padEnd(3, '0')), high: secondStart + Number(fraction.padEnd(3, '9')) };
}

/** Milliseconds east of UTC; undefined for a zone no place has. */
function zoneOffset(value: string, at: number): number | undefined {
  if (value.length - at !== 6) return 0;
  const [hours, minutes] = [twoDigits(value, at + 1), twoDigits(value, at + 4)];
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined;
  return (value.charAt(at) === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + (text.charCodeAt(at + 1) - 48);
}

const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const daysBefore1970 = 719_162;

/** Milliseconds from 1970 to the first of a month of the Gregorian calendar, the years before 1582 included. */
function startOfMonth(year: number, month: number): number {
  const leap = month > 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  const past = year - 1;
  const days = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) + daysBeforeMonth[month - 1]! + leap;
  return (days - daysBefore1970) * dayLength;
}

/** A Period; an end that is not there is open, one that is there and no date makes the whole unknown. */
export function periodRange(value: unknown): DateRange | undefined {
  if (!isObject(value)) return undefined;
  const { start, end } = value;
  const [first, last] = [dateRange(start), dateRange(end)];
  if ((start != null && first === undefined) || (end != null && last === undefined)) return undefined;
  if (first === undefined && last === undefined) return undefined;
  const [low, high] = [first?.low ?? -Infinity, last?.high ?? Infinity];
  return low <= high ? { low, high } : undefined;
}

/** The outer limits of a Timing: its events and the period its repetition is bound to. */
export function timingRange(value: unknown): DateRange | undefined {
  if (!isObject(value)) return undefined;
  const ranges = list(value['event']).map(dateRange);
  if (isObject(value['repeat'])) ranges.push(periodRange(value['repeat']['boundsPeriod']));
  let outer: DateRange | undefined;
  for (const range of ranges) {
    if (range === undefined) continue;
    outer = outer === undefined ? range : { low: Math.min(outer.low, range.low), high: Math.max(outer.high, range.high) };
  }
  return outer;
}

const ranges: ReadonlyMap<string, (value: unknown) => DateRange | undefined> = new Map([
  ['date', dateRange],
  ['dateTime', dateRange],
  ['instant', dateRange],
  ['Period', periodRange],
  ['Timing', timingRange],
]);

/** The visit that makes date values of nodes of a type; undefined for types that are no time. */
export function dates(parameter: SearchParameter, type: string): Visit<SearchValue[]> | undefined {
  const read = ranges.get(type);
  return (
    read &&
    ((node, { out }) => {
      const range = read(node);
      if (range !== undefined) out.push({ type: 'date', parameter, low: range.low, high: range.high });
    })
  );
}
