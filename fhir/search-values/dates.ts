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

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * The first and last millisecond of a date, dateTime or instant as precise as it is written.
 * Undefined for what is no such text, dates the calendar does not have among them. Digits below the millisecond are
 * dropped; second 60 is the second after 59.
 */
export function dateRange(value: unknown): DateRange | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = pattern.exec(value);
  if (parts === null) return undefined;
  const year = Number(parts[1]);
  const month = parts[2] === undefined ? undefined : Number(parts[2]);
  const day = parts[3] === undefined ? undefined : Number(parts[3]);
  if (year === 0 || (month !== undefined && (month < 1 || month > 12))) return undefined;
  if (month === undefined) return { low: startOfDay(year, 0, 1), high: startOfDay(year + 1, 0, 1) - 1 };
  if (day === undefined) return { low: startOfDay(year, month - 1, 1), high: startOfDay(year, month, 1) - 1 };
  const start = startOfDay(year, month - 1, day);
  if (day < 1 || new Date(start).getUTCDate() !== day) return undefined;
  if (parts[4] === undefined) return { low: start, high: start + 86_399_999 };

  const [hour, minute] = [Number(parts[4]), Number(parts[5])];
  const offset = zoneOffset(parts[8]);
  if (hour > 23 || minute > 59 || offset === undefined) return undefined;
  const minuteStart = start + hour * 3_600_000 + minute * 60_000 - offset;
  if (parts[6] === undefined) return { low: minuteStart, high: minuteStart + 59_999 };
  const second = Number(parts[6]);
  if (second > 60) return undefined;
  const secondStart = minuteStart + second * 1000;
  const fraction = parts[7];
  if (fraction === undefined) return { low: secondStart, high: secondStart + 999 };
  const low = secondStart + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return { low, high: secondStart + Number(fraction.slice(0, 3).padEnd(3, '9')) };
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999; setUTCFullYear does not. */
function startOfDay(year: number, month: number, day: number): number {
  return year > 99 ? Date.UTC(year, month, day) : new Date(0).setUTCFullYear(year, month, day);
}

/** Milliseconds east of UTC; undefined for a zone no place has. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
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
