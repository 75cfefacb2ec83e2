/** How precise a value is, and what it may be. Source: FHIRPath 3.0, "Boundary" and "Precision" (https://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time). */
import { Exact } from '../exact.ts';
import { integerOf, none, ofBoolean, ofInteger, ofValue, single, systemValue, type SystemValue } from '../items.ts';
import { Moment } from '../moments.ts';
import { Quantity, areComparable } from '../quantities.ts';
import { plain, withOther, type Definition, type Functions } from './definition.ts';

/** Digits behind the point that a boundary has where nothing is said, and at most. */
const places = 8;
const mostPlaces = 28;

function boundary(which: 'low' | 'high'): Definition {
  return { least: 0, most: 1, each: false, fixed: true, make: (of, [digits]) => (scope) => {
    const item = single(of(scope));
    const value = item === undefined ? undefined : systemValue(item);
    const asked = digits === undefined ? undefined : integerOf(digits(scope));
    return value === undefined ? none : ofValue(boundaryOf(value, which, asked));
  } };
}

function boundaryOf(value: SystemValue, which: 'low' | 'high', digits: number | undefined): SystemValue | undefined {
  if (value instanceof Moment) return value.boundary(which, digits);
  if (value instanceof Quantity) {
    const number = numberBoundary(value.value, which, digits ?? places);
    return number === undefined ? undefined : new Quantity(number, value.unit, value.calendar);
  }
  if (typeof value === 'number') return numberBoundary(Exact.of(value), which, digits ?? places);
  return value instanceof Exact ? numberBoundary(value, which, digits ?? places) : undefined;
}

/** Half a unit of the last digit down or up. */
function numberBoundary(value: Exact, which: 'low' | 'high', digits: number): Exact | undefined {
  if (digits < 0 || digits > mostPlaces) return undefined;
  const half = new Exact(which === 'low' ? -5n : 5n, value.places + 1);
  const bound = value.plus(half);
  // With fewer digits than are known a value that rounds to zero is zero.
  if (digits > 0 && digits < value.places && value.rounded(digits, 'zero').units === 0n) return value.rounded(digits, 'zero');
  return bound.rounded(digits, which === 'low' ? 'down' : 'up');
}

export const precisionFunctions: Functions = {
  lowBoundary: boundary('low'),
  highBoundary: boundary('high'),
  precision: plain((items) => {
    const item = single(items);
    const value = item === undefined ? undefined : systemValue(item);
    return ofInteger(value instanceof Moment ? value.digits : value instanceof Exact ? value.places : typeof value === 'number' ? 0 : undefined);
  }),
  comparable: withOther((items, other) => {
    const [item, one] = [single(items), single(other)];
    if (item === undefined || one === undefined) return none;
    const [left, right] = [systemValue(item), systemValue(one)];
    return ofBoolean(left instanceof Quantity && right instanceof Quantity && areComparable(left, right));
  }),
};
