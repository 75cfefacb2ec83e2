/** Counting time on a plan's calendar: from an instant, so many hours, days or working days, to an instant. */
import { DateTime } from 'luxon';
import { daysAfter, isBusinessDay } from './calendar.ts';
import type { DayEnd, PlanCalendar, Span } from './rules.ts';

export type Counting = Pick<PlanCalendar, 'timeZone' | 'closeOfBusiness' | 'federalHolidays' | 'holidays'>;

const usualClose = '17:00';
const usualZone = 'utc';

/**
 * Hours are counted on the clock, whatever days they fall on. Days are counted from the day after the one on which
 * `from` is in the plan's time zone; of working days only those count. The last day ends at the time of day of `from`
 * unless `ends` says otherwise; on a day without that time (daylight saving begins) an hour later.
 */
export function countFrom(from: Date, span: Span, counting: Counting, ends: DayEnd = 'time-of-receipt'): Date {
  if (span.unit === 'hours') return new Date(from.getTime() + span.amount * 3_600_000);
  const start = localTime(from, counting);
  let days = 0;
  if (span.unit === 'calendar-days') days = span.amount;
  else for (let [left, day] = [span.amount, start.toISODate()!]; left > 0; days += 1) {
    day = daysAfter(day, 1);
    if (isBusinessDay(day, counting)) left -= 1;
  }
  return endOf(start.plus({ days }), ends, counting).toUTC().toJSDate();
}

function endOf(day: DateTime, ends: DayEnd, { closeOfBusiness = usualClose }: Counting): DateTime {
  switch (ends) {
    case 'time-of-receipt': return day;
    case 'end-of-day': return day.endOf('day');
    case 'close-of-business': {
      const [hour, minute] = closeOfBusiness.split(':').map(Number);
      return day.set({ hour: hour!, minute: minute!, second: 0, millisecond: 0 });
    }
  }
}

/** The day of an instant where the plan is, YYYY-MM-DD. */
export function localDay(at: Date, counting: Pick<PlanCalendar, 'timeZone'>): string {
  return localTime(at, counting).toISODate()!;
}

function localTime(at: Date, { timeZone = usualZone }: Pick<PlanCalendar, 'timeZone'>): DateTime {
  return DateTime.fromJSDate(at, { zone: timeZone });
}

export function isTimeZone(name: string): boolean {
  return DateTime.utc().setZone(name).isValid;
}
