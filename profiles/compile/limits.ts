/**
 * Least and greatest values, compared as far as both sides say: of dates as many parts as both have, of quantities those
 * in the same unit.
 * Source: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_
 */
import type { TypedValue } from '../tables/structure-table.ts';
import { isObject } from './check.ts';

/** Negative where the value is less than the limit, 0 where neither or not to be told. */
export type Compare = (value: unknown) => number;

const numbers = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt', 'integer64']);
const moments = new Set(['date', 'dateTime', 'instant', 'time']);

/** @returns undefined for values that have no order */
export function comparison({ type, value }: TypedValue): Compare | undefined {
  if (numbers.has(type) && Number.isFinite(Number(value))) return byNumber(Number(value));
  if (moments.has(type) && typeof value === 'string') return byMoment(value);
  if (isObject(value) && Number.isFinite(Number(value['value']))) return byQuantity(value);
  return undefined;
}

/** Units of UCUM, as moves of a date. */
const moves: Readonly<Record<string, (date: Date, count: number) => void>> = {
  a: (date, count) => date.setUTCFullYear(date.getUTCFullYear() + count),
  mo: (date, count) => date.setUTCMonth(date.getUTCMonth() + count),
  wk: (date, count) => date.setUTCDate(date.getUTCDate() + 7 * count),
  d: (date, count) => date.setUTCDate(date.getUTCDate() + count),
  h: (date, count) => date.setUTCHours(date.getUTCHours() + count),
  min: (date, count) => date.setUTCMinutes(date.getUTCMinutes() + count),
  s: (date, count) => date.setUTCSeconds(date.getUTCSeconds() + count),
};

/**
 * Compares a date or time with the moment that lies a duration before now, or after.
 * @returns undefined for a duration in no unit of time
 */
export function comparisonWithNow({ value }: TypedValue, direction: -1 | 1): ((value: unknown, now: Date) => number) | undefined {
  if (!isObject(value) || typeof value['code'] !== 'string' || !Object.hasOwn(moves, value['code'])) return undefined;
  const move = moves[value['code']]!;
  const count = direction * Number(value['value']);
  if (!Number.isFinite(count)) return undefined;
  return (moment, now) => {
    const limit = new Date(now);
    move(limit, count);
    return Number.isNaN(limit.getTime()) ? 0 : byMoment(limit.toISOString())(moment);
  };
}

function byNumber(limit: number): Compare {
  return (value) => {
    // Of anything else, not even a number is asked: an object may have none to give.
    if (typeof value !== 'number' && !(value instanceof Number)) return 0;
    const difference = Number(value) - limit;
    return Number.isNaN(difference) ? 0 : difference;
  };
}

function byQuantity(limit: Readonly<Record<string, unknown>>): Compare {
  const compare = byNumber(Number(limit['value']));
  return (value) => {
    if (!isObject(value) || value['value'] === undefined) return 0;
    const sameUnit = limit['code'] === undefined ? limit['unit'] === undefined || limit['unit'] === value['unit'] : limit['code'] === value['code'] && limit['system'] === value['system'];
    return sameUnit ? compare(value['value']) : 0;
  };
}

/** With a zone a moment is a point in time; without one, digits are compared as far as both have them. */
function byMoment(limit: string): Compare {
  const point = pointOf(limit);
  return (value) => {
    if (typeof value !== 'string') return 0;
    const other = point === undefined ? undefined : pointOf(value);
    if (point !== undefined && other !== undefined) return other - point;
    const length = Math.min(value.length, limit.length, 19);
    const [left, right] = [value.slice(0, length), limit.slice(0, length)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

function pointOf(text: string): number | undefined {
  if (text.length <= 10 || text.charAt(10) !== 'T') return undefined;
  const point = Date.parse(text);
  return Number.isNaN(point) ? undefined : point;
}
