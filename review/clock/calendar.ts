/**
 * Working days: not Saturdays and Sundays, not the legal public holidays of the United States (unless the plan works on
 * them), not the plan's own days off. Days are YYYY-MM-DD, and have no time zone.
 * Source: 5 U.S.C. 6103(a), as amended by Pub. L. 117-17 (Juneteenth, from 2021); 6103(b) and Executive Order 11582:
 * what falls on a Saturday is kept on the Friday before, what falls on a Sunday on the Monday after.
 */
import type { PlanCalendar } from './rules.ts';

const dayInMilliseconds = 86_400_000;

/** `count` days after a day. */
export function daysAfter(day: string, count: number): string {
  return new Date(Date.parse(day) + count * dayInMilliseconds).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
const weekdayOf = (day: string): number => new Date(day).getUTCDay();

const isoDay = (year: number, month: number, day: number): string => new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** Federal holidays that are kept in a year. New Year's Day of the next year may be kept on 31 December. */
export function federalHolidays(year: number): ReadonlySet<string> {
  const known = computed.get(year);
  if (known) return known;
  const fixed = [isoDay(year, 1, 1), ...(year >= 2021 ? [isoDay(year, 6, 19)] : []), isoDay(year, 7, 4), isoDay(year, 11, 11), isoDay(year, 12, 25), isoDay(year + 1, 1, 1)];
  const days = new Set([
    ...fixed.map(kept),
    nthWeekday(year, 1, 1, 3), nthWeekday(year, 2, 1, 3), lastMonday(year, 5), nthWeekday(year, 9, 1, 1), nthWeekday(year, 10, 1, 2), nthWeekday(year, 11, 4, 4),
  ].filter((day) => day.startsWith(`${year}-`)));
  computed.set(year, days);
  return days;
}

/** The same for the same year, always; there are as many as years that anybody asks about. */
const computed = new Map<number, ReadonlySet<string>>();

function kept(day: string): string {
  const weekday = weekdayOf(day);
  return weekday === 6 ? daysAfter(day, -1) : weekday === 0 ? daysAfter(day, 1) : day;
}

function nthWeekday(year: number, month: number, weekday: number, n: number): string {
  const first = isoDay(year, month, 1);
  return daysAfter(first, (weekday - weekdayOf(first) + 7) % 7 + (n - 1) * 7);
}

function lastMonday(year: number, month: number): string {
  const last = isoDay(year, month + 1, 0);
  return daysAfter(last, -((weekdayOf(last) + 6) % 7));
}

export function isBusinessDay(day: string, { federalHolidays: keepsFederal = true, holidays = [] }: Pick<PlanCalendar, 'federalHolidays' | 'holidays'>): boolean {
  const weekday = weekdayOf(day);
  return weekday !== 0 && weekday !== 6 && !holidays.includes(day) && !(keepsFederal && federalHolidays(Number(day.slice(0, 4))).has(day));
}
