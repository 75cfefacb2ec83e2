/** Math. Source: FHIRPath 2.0, "Math" (http://hl7.org/fhirpath/N1/#math). */
import { FhirPathError } from '../../error.ts';
import { Exact } from '../exact.ts';
import { integerOf, none, ofValue, single, systemValue, type Items, type SystemValue } from '../items.ts';
import { Quantity } from '../quantities.ts';
import { plain, type Definition, type Functions } from './definition.ts';

/** A number of the input; undefined where there is none. */
function numberOf(items: Items): number | Exact | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = systemValue(item);
  if (value === undefined && item.value === undefined) return undefined;
  if (typeof value !== 'number' && !(value instanceof Exact)) throw new FhirPathError('evaluation', 'A number is needed');
  return value;
}

function onNumber(apply: (value: Exact) => SystemValue | undefined): Definition {
  return plain((items) => {
    const value = numberOf(items);
    return value === undefined ? none : ofValue(typeof value === 'number' ? apply(Exact.of(value)) : apply(value));
  });
}

/** A result in the machine's numbers, where there is one. */
function approximate(value: number): Exact | undefined {
  return Number.isFinite(value) ? Exact.of(value) : undefined;
}

function whole(value: Exact): number | undefined {
  const number = value.toNumber();
  return Math.abs(number) > 2_147_483_647 ? undefined : number;
}

export const mathFunctions: Functions = {
  abs: plain((items) => {
    const item = single(items);
    const value = item === undefined ? undefined : systemValue(item);
    if (value instanceof Quantity) return ofValue(value.value.isNegative ? new Quantity(value.value.negated(), value.unit, value.calendar) : value);
    const number = numberOf(items);
    return ofValue(number instanceof Exact ? (number.isNegative ? number.negated() : number) : number === undefined ? undefined : Math.abs(number));
  }),
  ceiling: onNumber((value) => whole(value.rounded(0, 'up'))),
  floor: onNumber((value) => whole(value.rounded(0, 'down'))),
  truncate: onNumber((value) => whole(value.rounded(0, 'zero'))),
  round: { least: 0, most: 1, each: false, fixed: true, make: (of, [precision]) => (scope) => {
    const value = numberOf(of(scope));
    const places = precision === undefined ? 0 : integerOf(precision(scope));
    if (value === undefined || places === undefined) return none;
    if (places < 0) throw new FhirPathError('evaluation', 'Digits are counted from 0');
    return ofValue(typeof value === 'number' ? value : places >= value.places ? value : value.rounded(places));
  } },
  exp: onNumber((value) => approximate(Math.exp(value.toNumber()))),
  ln: onNumber((value) => approximate(Math.log(value.toNumber()))),
  log: withNumber((value, base) => Math.log(value) / Math.log(base)),
  sqrt: onNumber((value) => approximate(Math.sqrt(value.toNumber()))),
  power: { least: 1, most: 1, each: false, fixed: true, make: (of, [exponent]) => (scope) => {
    const [value, by] = [numberOf(of(scope)), numberOf(exponent!(scope))];
    if (value === undefined || by === undefined) return none;
    const result = Math.pow(Number(value), Number(by));
    return ofValue(typeof value === 'number' && typeof by === 'number' && by >= 0 ? (Math.abs(result) > 2_147_483_647 ? undefined : result) : approximate(result));
  } },
};

function withNumber(apply: (value: number, by: number) => number): Definition {
  return { least: 1, most: 1, each: false, fixed: true, make: (of, [other]) => (scope) => {
    const [value, by] = [numberOf(of(scope)), numberOf(other!(scope))];
    if (value === undefined || by === undefined) return none;
    const result = apply(Number(value), Number(by));
    // A logarithm that should be whole is, in spite of the machine's numbers.
    return ofValue(approximate(Math.abs(result - Math.round(result)) < 1e-12 ? Math.round(result) : result));
  } };
}
