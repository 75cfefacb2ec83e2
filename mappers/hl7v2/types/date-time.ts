/**
 * DTM, TS, DT and TM as FHIR dates and times, with the precision they were sent with.
 *
 * A FHIR time of day needs an offset. It is the one sent; otherwise that of MSH-7, which HL7 gives to all times of a
 * message without one; otherwise that of the sender's zone. Where none of these is known the time of day is left out and
 * the message has an issue `time-zone-unknown`: an offset is never made up. An hour without minutes is left out the same
 * way, since FHIR cannot say it. Source: HL7 v2.5.1, 2.A.22; FHIR R4, dateTime.
 */
import type { Run } from '../engine/run.ts';
import type { Part } from '../engine/part.ts';

const DTM = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;

interface Moment {
  readonly date: string;
  /** `10:15:00.5` */
  readonly time?: string;
  readonly offset?: string;
}

/** FHIR dateTime. */
export function dateTimeOf(part: Part, run: Run): string | undefined {
  const moment = momentOf(part, run);
  if (moment === undefined) return undefined;
  return moment.time === undefined || moment.offset === undefined ? moment.date : `${moment.date}T${moment.time}${moment.offset}`;
}

/** FHIR instant: only where date, time and offset are known. */
export function instantOf(part: Part, run: Run): string | undefined {
  const moment = momentOf(part, run);
  return moment?.time === undefined || moment.offset === undefined ? undefined : `${moment.date}T${moment.time}${moment.offset}`;
}

/** FHIR date. */
export function dateOf(part: Part, run: Run): string | undefined {
  const text = part.text;
  const parts = text === undefined ? undefined : calendarOf(text);
  if (text !== undefined && parts === undefined) unreadable(part, run);
  return parts?.date;
}

/** FHIR time. */
export function timeOf(part: Part, run: Run): string | undefined {
  const text = part.text;
  const match = text === undefined ? null : /^(\d{2})(\d{2})(?:(\d{2})(\.\d{1,4})?)?/.exec(text);
  if (text !== undefined && (match === null || !isTime(match[1]!, match[2]!, match[3] ?? '00'))) {
    unreadable(part, run);
    return undefined;
  }
  return match === null ? undefined : `${match[1]}:${match[2]}:${match[3] ?? '00'}${match[4] ?? ''}`;
}

/** A moment with minutes added to it, for durations that stand beside a start. */
export function laterBy(dateTime: string, minutes: number): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:\d{2})$/.exec(dateTime);
  if (match === null || !Number.isFinite(minutes)) return undefined;
  const at = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]), Number(match[4]), Number(match[5])) + minutes * 60_000);
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 16)}:${match[6]}${match[7]}`;
}

function momentOf(part: Part, run: Run): Moment | undefined {
  const text = part.text;
  if (text === undefined) return undefined;
  const found = calendarOf(text);
  if (found === undefined) {
    unreadable(part, run);
    return undefined;
  }
  if (found.hour === undefined) return { date: found.date };
  if (found.minute === undefined) {
    run.issueOnce('warning', 'time-precision', 'An hour without minutes has no form in FHIR; the date is kept.', part.from);
    return { date: found.date };
  }
  const time = `${found.hour}:${found.minute}:${found.second ?? '00'}${found.fraction === undefined ? '' : `.${found.fraction}`}`;
  const sent = found.offset ?? run.offset;
  if (sent !== undefined && isOffset(sent)) return { date: found.date, time, offset: `${sent.slice(0, 3)}:${sent.slice(3)}` };
  const zone = run.options.timeZone;
  if (zone !== undefined) return { date: found.date, time, offset: offsetIn(zone, Date.parse(`${found.date}T${found.hour}:${found.minute}:00Z`)) };
  run.issueOnce('warning', 'time-zone-unknown', 'A time of day without an offset was sent and no time zone is known for the sender: dates are kept, times of day are left out.', part.from);
  return { date: found.date };
}

interface Calendar {
  readonly date: string;
  readonly hour: string | undefined;
  readonly minute: string | undefined;
  readonly second: string | undefined;
  readonly fraction: string | undefined;
  readonly offset: string | undefined;
}

function calendarOf(text: string): Calendar | undefined {
  const match = DTM.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  if (year === '0000' || (month !== undefined && (month < '01' || month > '12'))) return undefined;
  if (day !== undefined && (day < '01' || Number(day) > daysIn(Number(year), Number(month)))) return undefined;
  if (hour !== undefined && !isTime(hour, minute ?? '00', second ?? '00')) return undefined;
  const date = day !== undefined ? `${year}-${month}-${day}` : month !== undefined ? `${year}-${month}` : year!;
  return { date, hour, minute, second, fraction, offset };
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  return month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : DAYS[month - 1]!;
}

function isTime(hour: string, minute: string, second: string): boolean {
  return hour <= '23' && minute <= '59' && second <= '59';
}

function isOffset(offset: string): boolean {
  return offset.slice(1, 3) <= '14' && offset.slice(3) <= '59';
}

function unreadable(part: Part, run: Run): void {
  run.draft.leave(part.from, 'not a date or time');
  run.issue('warning', 'date-unreadable', 'A date or time cannot be read.', part.from);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const known = new Map<string, string>();

/** The offset of a zone at a local time, which is given as if it were UTC. Of two that are possible the earlier. */
function offsetIn(zone: string, local: number): string {
  const key = `${zone}|${Math.floor(local / 900_000)}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  let format = formats.get(zone);
  if (format === undefined) formats.set(zone, format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }));
  const at = (moment: number): string => /GMT(?:([+-]\d{2}:\d{2}))?/.exec(format.format(moment))?.[1] ?? '+00:00';
  const first = at(local - minutesOf(at(local)) * 60_000);
  const offset = at(local - minutesOf(first) * 60_000);
  if (known.size > 10_000) known.clear();
  known.set(key, offset);
  return offset;
}

function minutesOf(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith('-') ? -minutes : minutes;
}
