/** Existence. Source: FHIRPath 2.0, "Existence" (http://hl7.org/fhirpath/N1/#existence). */
import { FhirPathError } from '../../error.ts';
import { booleanItem, none, ofBoolean, ofInteger, systemValue, type Items } from '../items.ts';
import { truthOf } from '../truth.ts';
import { distinct, keysOf, keyOf } from '../values.ts';
import { about, each, plain, withOther, type Functions } from './definition.ts';

export const existenceFunctions: Functions = {
  empty: plain((items) => ofBoolean(items.length === 0)),
  exists: each(0, 1, (of, [criterion], _, rules) => {
    if (criterion === undefined) return (scope) => ofBoolean(of(scope).length > 0);
    return (scope) => {
      const items = of(scope);
      scope.run.spend(items.length);
      return ofBoolean(items.some((__, index) => truthOf(criterion(about(scope, items, index)), rules) === true));
    };
  }),
  all: each(1, 1, (of, [criterion], _, rules) => (scope) => {
    const items = of(scope);
    scope.run.spend(items.length);
    return ofBoolean(items.every((__, index) => truthOf(criterion!(about(scope, items, index)), rules) === true));
  }),
  not: { least: 0, most: 0, each: false, fixed: true, make: (of, _, __, rules) => (scope) => {
    const value = truthOf(of(scope), rules);
    return value === undefined ? none : value ? [booleanItem.false] : [booleanItem.true];
  } },
  allTrue: plain((items) => ofBoolean(booleansOf(items).every(Boolean))),
  anyTrue: plain((items) => ofBoolean(booleansOf(items).some(Boolean))),
  allFalse: plain((items) => ofBoolean(!booleansOf(items).some(Boolean))),
  anyFalse: plain((items) => ofBoolean(!booleansOf(items).every(Boolean))),
  subsetOf: withOther((items, other, run) => {
    const keys = keysOf(other, run);
    return ofBoolean(items.every((item) => keys.has(keyOf(item, run))));
  }),
  supersetOf: withOther((items, other, run) => {
    const keys = keysOf(items, run);
    return ofBoolean(other.every((item) => keys.has(keyOf(item, run))));
  }),
  count: plain((items) => ofInteger(items.length)),
  distinct: plain(distinct),
  isDistinct: plain((items, run) => ofBoolean(distinct(items, run).length === items.length)),
};

function booleansOf(items: Items): boolean[] {
  return items.map((item) => {
    const value = systemValue(item);
    if (typeof value !== 'boolean') throw new FhirPathError('evaluation', 'Booleans are needed');
    return value;
  });
}
