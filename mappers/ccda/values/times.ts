/** Times and intervals of the document in their places. Source: HL7 v3 Data Types (TS, IVL_TS); C-CDA on FHIR, "Time". */
import type { Cursor } from '../../draft.ts';
import type { Conversion } from '../conversion.ts';
import type { Element } from '../xml/element.ts';
import { type ReadTime, readTime } from './time.ts';

/** The time of an element with a value; undefined where there is none, or where it cannot be read, which is told. */
export function timeOf(c: Conversion, from: Element | undefined): ReadTime | undefined {
  const sent = from?.get('value');
  if (from === undefined || sent === undefined) {
    if (from !== undefined) c.consult(from, 'nullFlavor');
    return undefined;
  }
  const time = readTime(sent, c.options.offset);
  if (time === undefined) c.tell('warning', 'date-unreadable', 'A time is not in the form of HL7 v3 or is no time that there is.', from);
  else if (time.lacksOffset) c.tellOnce('information', 'offset-missing', 'Times of day are without an offset from UTC: only their days are said.', from);
  return time;
}

/**
 * A dateTime; by `date` its day only, by `instant` only where it is one.
 * @param length characters to keep, where another time is no more precise
 */
export function putTime(c: Conversion, at: Cursor, element: string, from: Element | undefined, rule: string, as: 'dateTime' | 'date' | 'instant' = 'dateTime', length?: number): boolean {
  const time = timeOf(c, from);
  if (time === undefined) return false;
  c.consult(from!, 'xsi:type');
  return c.put(at, element, as === 'instant' ? time.instant : as === 'date' ? time.dateTime.slice(0, 10) : time.dateTime.slice(0, length), from!, 'value', rule);
}

/** Whether an element of type TS or IVL_TS is an interval. */
export function isInterval(from: Element): boolean {
  return from.get('value') === undefined && (from.child('low') !== undefined || from.child('high') !== undefined);
}

/** An interval as a Period; a point in time as one that begins there. */
export function putPeriod(c: Conversion, at: Cursor, from: Element | undefined, rule: string): boolean {
  if (from === undefined) return false;
  c.consult(from, 'xsi:type', 'nullFlavor', 'operator');
  const low = from.child('low');
  const high = from.child('high');
  const start = timeOf(c, low) ?? timeOf(c, from.child('center'));
  const end = timeOf(c, high);
  if (start !== undefined && end !== undefined && isAfter(start.dateTime, end.dateTime)) {
    c.tell('warning', 'period-reversed', 'An interval ends before it begins: only its beginning is said.', from);
    return putTime(c, at, 'start', low, rule);
  }
  // Ends of one day, month or year can only be told apart where both are as precise (per-1).
  const length = start === undefined || end === undefined ? undefined : commonLength(start.dateTime, end.dateTime);
  const isPlaced = putTime(c, at, 'start', low, rule, 'dateTime', length) || putTime(c, at, 'start', from.child('center'), rule, 'dateTime', length) || putTime(c, at, 'start', from, rule);
  return putTime(c, at, 'end', high, rule, 'dateTime', length) || isPlaced;
}

/** An interval as `[element]Period`, a point in time, or an interval of which only one end is known, as `[element]DateTime`. */
export function putTimeOrPeriod(c: Conversion, at: Cursor, element: string, from: Element | undefined, rule: string): boolean {
  if (from === undefined) return false;
  c.consult(from, 'xsi:type', 'nullFlavor', 'operator');
  if (from.get('value') !== undefined) return putTime(c, at, `${element}DateTime`, from, rule);
  const high = from.child('high');
  const low = from.child('low');
  if (low === undefined && high === undefined) return putTime(c, at, `${element}DateTime`, from.child('center'), rule);
  // What happened at one moment is often written as an interval with equal ends.
  if (low?.get('value') !== undefined && low.get('value') === high?.get('value')) {
    c.consult(high!, 'value');
    return putTime(c, at, `${element}DateTime`, low, rule);
  }
  return putPeriod(c, at.within(`${element}Period`), from, rule);
}

/** How much of two times is kept where the less precise one begins the other; undefined where they are told apart. */
function commonLength(start: string, end: string): number | undefined {
  const length = Math.min(start.length, end.length);
  return start.length !== end.length && length <= 10 && start.slice(0, length) === end.slice(0, length) ? length : undefined;
}

/** A period that ends before it begins is refused by per-1; of different precision, as far as both are told. */
function isAfter(start: string, end: string): boolean {
  const length = Math.min(start.length, end.length);
  if (length <= 10) return start.slice(0, length) > end.slice(0, length);
  return start.length > 10 && end.length > 10 ? Date.parse(start) > Date.parse(end) : start.slice(0, 10) > end.slice(0, 10);
}
