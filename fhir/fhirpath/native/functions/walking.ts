/**
 * From items to others: filters, projections, children, and what else evaluates an expression for each item.
 * Source: FHIRPath 2.0, "Filtering and projection", "Tree navigation", "Aggregates", "Utility functions" (http://hl7.org/fhirpath/N1/#filtering-and-projection).
 */
import { FhirPathError } from '../../error.ts';
import { none, single, textOf, type Item, type Items } from '../items.ts';
import type { Evaluate } from '../run.ts';
import { addAllChildren, descendantsOf } from '../steps.ts';
import type { Expression } from '../syntax.ts';
import { truthOf } from '../truth.ts';
import { compare, keyOf } from '../values.ts';
import { about, each, plain, type Functions } from './definition.ts';

export const walkingFunctions: Functions = {
  where: each(1, 1, (of, [criterion], _, rules) => (scope) => {
    const items = of(scope);
    scope.run.spend(items.length);
    return items.filter((__, index) => truthOf(criterion!(about(scope, items, index)), rules) === true);
  }),
  select: each(1, 1, (of, [projection]) => (scope) => {
    const items = of(scope);
    const found: Item[] = [];
    for (const index of items.keys()) {
      const selected = projection!(about(scope, items, index));
      scope.run.spend(1 + selected.length);
      for (const item of selected) found.push(item);
    }
    return found;
  }),
  repeat: each(1, 1, (of, [projection]) => (scope) => {
    const found: Item[] = [];
    const seen = new Set<unknown>();
    // An element is found once, however many ways lead to it; a computed value once in each form.
    const add = (items: Items): void => {
      for (const item of items) {
        const mark = typeof item.value === 'object' && item.value !== null && !item.type.startsWith('System.') ? item.value : keyOf(item, scope.run);
        if (seen.has(mark)) continue;
        seen.add(mark);
        found.push(item);
      }
    };
    const items = of(scope);
    for (const index of items.keys()) add(projection!(about(scope, items, index)));
    for (let at = 0; at < found.length; at++) {
      scope.run.spend(20);
      add(projection!(about(scope, found, at)));
    }
    return found;
  }),
  children: plain((items, run) => {
    const found: Item[] = [];
    for (const item of items) addAllChildren(item, found);
    run.spend(found.length);
    return found;
  }),
  descendants: plain(descendantsOf),
  aggregate: each(1, 2, (of, [aggregator, initial]) => (scope) => {
    const items = of(scope);
    let total = initial?.(scope) ?? none;
    for (const index of items.keys()) {
      total = aggregator!({ ...about(scope, items, index), total });
      scope.run.spend(1 + total.length);
    }
    return total;
  }),
  iif: each(2, 3, (of, [criterion, then, otherwise], call, rules) => (scope) => {
    const items = of(scope);
    if (items.length > 1) throw new FhirPathError('evaluation', 'iif() of several values', call.position);
    const inner = call.of.kind === 'this' ? scope : about(scope, items, 0);
    const condition = criterion!(inner);
    if (rules === 'specification' && condition.some(({ type }) => type !== 'boolean' && type !== 'System.Boolean')) throw new FhirPathError('evaluation', 'A condition is a boolean', call.position);
    return truthOf(condition, rules) === true ? then!(inner) : (otherwise?.(inner) ?? none);
  }),
  // What is traced would be a patient's data: it goes nowhere.
  trace: { least: 1, most: 2, each: true, fixed: true, make: (of) => of },
  defineVariable: { least: 1, most: 2, each: false, fixed: false, make: (of, [name, value], { position }) => (scope) => {
    const items = of(scope);
    const key = textOf(name!(scope));
    if (key === undefined || scope.variables === undefined || scope.variables.has(key)) throw new FhirPathError('evaluation', 'A variable without a name, or of a name that is taken', position);
    scope.variables.set(key, value === undefined ? items : items.flatMap((_, index) => value(about(scope, items, index))));
    return items;
  } },
  sort: each(0, 9, (of, keys, call) => sorted(of, keys, call.arguments)),
  coalesce: each(1, 9, (of, given, call) => (scope) => {
    const inner = call.of.kind === 'this' ? scope : about(scope, of(scope), 0);
    for (const one of given) {
      const items = one(inner);
      if (items.length > 0) return items;
    }
    return none;
  }),
};

/** By each key in turn, a minus before it turning the order about; what is empty comes first either way. Items without an order keep theirs. */
function sorted(of: Evaluate, keys: readonly Evaluate[], written: readonly Expression[]): Evaluate {
  const turned = written.map((expression) => expression.kind === 'sign' && expression.negative);
  return (scope) => {
    const items = of(scope);
    scope.run.spend(items.length * Math.ceil(Math.log2(items.length + 2)));
    const rows = items.map((item, index) => ({ item, keys: keys.length === 0 ? [item] : keys.map((key) => single(key(about(scope, items, index)))) }));
    rows.sort((left, right) => {
      for (const [at, key] of left.keys.entries()) {
        const other = right.keys[at];
        const presence = Number(key !== undefined) - Number(other !== undefined);
        if (presence !== 0) return presence;
        const order = key === undefined || other === undefined ? 0 : (compare(key, other) ?? 0);
        if (order !== 0) return turned[at] === true ? -order : order;
      }
      return 0;
    });
    return rows.map(({ item }) => item);
  };
}
