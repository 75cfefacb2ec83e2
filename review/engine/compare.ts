/**
 * Comparisons of measured numbers and of days with what a rule asks for. A range that lies partly within the bounds
 * shows nothing.
 */
import type { DayRange } from '../facts/dates.ts';
import type { Measure } from '../facts/types.ts';
import type { Bounds } from '../policies/pack.ts';
import { all, not, type Truth } from './truth.ts';

type Range = Omit<Measure, 'unit' | 'unitSystem'>;

/** Whether a measure lies within bounds, provided it is in one of the units asked for: nothing is ever converted. */
export function measured(measure: Measure, bounds: Bounds, units: readonly string[] | undefined): Truth {
  const comparable = units === undefined || (measure.unit !== undefined && units.includes(measure.unit));
  return comparable ? within(measure, bounds) : 'insufficient';
}

/** Whether a range of numbers lies within bounds. */
export function within(measure: Range, bounds: Bounds): Truth {
  const parts: Truth[] = [];
  if (bounds.atLeast !== undefined) parts.push(not(isBelow(measure, bounds.atLeast)));
  if (bounds.above !== undefined) parts.push(isAbove(measure, bounds.above));
  if (bounds.atMost !== undefined) parts.push(not(isAbove(measure, bounds.atMost)));
  if (bounds.below !== undefined) parts.push(isBelow(measure, bounds.below));
  return all(parts);
}

function isBelow({ low, high, highOpen }: Range, limit: number): Truth {
  if (high < limit || (high === limit && highOpen)) return 'met';
  return low >= limit ? 'not-met' : 'insufficient';
}

function isAbove({ low, high, lowOpen }: Range, limit: number): Truth {
  if (low > limit || (low === limit && lowOpen)) return 'met';
  return high <= limit ? 'not-met' : 'insufficient';
}

/** Whether all of the days lie in a period, none does, or only some. An end left out is open. */
export function daysWithin(days: DayRange, from: string | undefined, to: string | undefined): Truth {
  const startsIn = from === undefined || days.from >= from;
  const endsIn = to === undefined || days.to <= to;
  if (startsIn && endsIn) return 'met';
  const apart = (from !== undefined && days.to < from) || (to !== undefined && days.from > to);
  return apart ? 'not-met' : 'insufficient';
}
