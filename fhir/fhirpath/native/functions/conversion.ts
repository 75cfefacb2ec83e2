/** Conversion. Source: FHIRPath 2.0, "Conversion" (http://hl7.org/fhirpath/N1/#conversion). */
import { Exact } from '../exact.ts';
import { none, ofBoolean, ofValue, single, systemValue, textOf, type Items, type SystemValue } from '../items.ts';
import { Moment, type MomentKind } from '../moments.ts';
import { Quantity, areComparable, readQuantity } from '../quantities.ts';
import type { Definition, Functions } from './definition.ts';

type Convert = (value: SystemValue) => SystemValue | undefined;

const trueTexts = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const falseTexts = new Set(['false', 'f', 'no', 'n', '0', '0.0']);

const toBoolean: Convert = (value) => {
  if (typeof value === 'boolean') return value;
  const text = value instanceof Exact ? value.trimmed().toString() : typeof value === 'number' || typeof value === 'string' ? String(value).toLowerCase() : '';
  return trueTexts.has(text) ? true : falseTexts.has(text) ? false : undefined;
};

const toInteger: Convert = (value) => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && /^[+-]?\d{1,10}$/.test(value) ? Number(value) : undefined;
  return number === undefined || Math.abs(number) > 2_147_483_647 ? undefined : number;
};

const toDecimal: Convert = (value) => {
  if (value instanceof Exact) return value;
  if (typeof value === 'boolean') return new Exact(value ? 10n : 0n, 1);
  if (typeof value === 'number') return Exact.of(value);
  return typeof value === 'string' && /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Exact.read(value) : undefined;
};

const toText: Convert = (value) => String(value);

const toQuantity: Convert = (value) => {
  if (value instanceof Quantity) return value;
  if (typeof value === 'string') return readQuantity(value);
  const number = toDecimal(value);
  return number instanceof Exact ? new Quantity(number, '1', false) : undefined;
};

function toMoment(kind: MomentKind): Convert {
  return (value) => {
    if (typeof value === 'string') return Moment.read(kind, value);
    if (!(value instanceof Moment)) return undefined;
    if (value.kind === kind) return value;
    if (value.kind === 'Time' || kind === 'Time') return undefined;
    return Moment.read(kind, kind === 'Date' ? value.toString().slice(0, 10) : value.toString());
  };
}

function conversion(convert: Convert): Definition {
  return { least: 0, most: 0, each: false, fixed: true, make: (of) => (scope) => ofValue(converted(of(scope), convert)) };
}

function test(convert: Convert): Definition {
  return { least: 0, most: 0, each: false, fixed: true, make: (of) => (scope) => {
    const items = of(scope);
    return items.length === 0 ? none : ofBoolean(converted(items, convert) !== undefined);
  } };
}

function converted(items: Items, convert: Convert): SystemValue | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = systemValue(item);
  // A primitive of the wrong form still is a text.
  if (value === undefined) return typeof item.value === 'string' && convert === toText ? item.value : undefined;
  // A date, a decimal: as it was written.
  if (convert === toText && typeof item.value === 'string') return item.value;
  return convert(value);
}

/** With a unit: of that unit's kind. */
function toQuantityOf(result: 'value' | 'test'): Definition {
  return { least: 0, most: 1, each: false, fixed: true, make: (of, [unit]) => (scope) => {
    const items = of(scope);
    const quantity = converted(items, toQuantity);
    const wanted = unit === undefined ? undefined : textOf(unit(scope));
    const kept = quantity instanceof Quantity && (wanted === undefined || areComparable(quantity, new Quantity(quantity.value, wanted, false))) ? quantity : undefined;
    if (result === 'value') return ofValue(kept);
    return items.length === 0 ? none : ofBoolean(kept !== undefined);
  } };
}

export const conversionFunctions: Functions = {
  toBoolean: conversion(toBoolean), convertsToBoolean: test(toBoolean),
  toInteger: conversion(toInteger), convertsToInteger: test(toInteger),
  toDecimal: conversion(toDecimal), convertsToDecimal: test(toDecimal),
  toString: conversion(toText), convertsToString: test(toText),
  toDate: conversion(toMoment('Date')), convertsToDate: test(toMoment('Date')),
  toDateTime: conversion(toMoment('DateTime')), convertsToDateTime: test(toMoment('DateTime')),
  toTime: conversion(toMoment('Time')), convertsToTime: test(toMoment('Time')),
  toQuantity: toQuantityOf('value'), convertsToQuantity: toQuantityOf('test'),
  now: { least: 0, most: 0, each: false, fixed: true, make: () => ({ run }) => ofValue(Moment.now(run.environment.now)) },
  today: { least: 0, most: 0, each: false, fixed: true, make: () => ({ run }) => ofValue(Moment.today(run.environment.now)) },
  timeOfDay: { least: 0, most: 0, each: false, fixed: true, make: () => ({ run }) => ofValue(Moment.read('Time', run.environment.now.toISOString().slice(11, 23))) },
};
