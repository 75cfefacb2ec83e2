/** Subsetting and combining. Source: FHIRPath 2.0, "Subsetting", "Combining" (http://hl7.org/fhirpath/N1/#subsetting). */
import { FhirPathError } from '../../error.ts';
import { none } from '../items.ts';
import { distinct, keyOf, keysOf } from '../values.ts';
import { plain, withInteger, withOther, type Functions } from './definition.ts';

export const collectionFunctions: Functions = {
  single: plain((items) => {
    if (items.length > 1) throw new FhirPathError('evaluation', 'single() of several values');
    return items;
  }),
  first: plain((items) => (items.length > 1 ? [items[0]!] : items)),
  last: plain((items) => (items.length > 1 ? [items.at(-1)!] : items)),
  tail: plain((items) => items.slice(1)),
  skip: withInteger((items, number) => (number <= 0 ? items : items.slice(number))),
  take: withInteger((items, number) => (number <= 0 ? none : items.slice(0, number))),
  intersect: withOther((items, other, run) => {
    const keys = keysOf(other, run);
    return distinct(items, run).filter((item) => keys.has(keyOf(item, run)));
  }),
  exclude: withOther((items, other, run) => {
    const keys = keysOf(other, run);
    return items.filter((item) => !keys.has(keyOf(item, run)));
  }),
  union: withOther((items, other, run) => distinct([...items, ...other], run)),
  combine: withOther((items, other, run) => {
    run.spend(items.length + other.length);
    return [...items, ...other];
  }),
};
