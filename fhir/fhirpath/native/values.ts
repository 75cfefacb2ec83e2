/**
 * Equality, equivalence and order of items, and a key by which equal ones are found.
 * Source: FHIRPath 2.0, "Equality", "Comparison" (http://hl7.org/fhirpath/N1/#equality).
 */
import { Decimal } from '../../json.ts';
import { FhirPathError } from '../error.ts';
import { Exact } from './exact.ts';
import { systemValue, type Item, type Items, type SystemValue } from './items.ts';
import { Moment } from './moments.ts';
import { Quantity, areEquivalentQuantities, compareQuantities } from './quantities.ts';
import type { Run } from './run.ts';

function exact(value: unknown): Exact | undefined {
  return value instanceof Exact ? value : typeof value === 'number' ? Exact.of(value) : undefined;
}

/** The value by which an item is equal to others: of a date that is none, its text. */
function valueOf(item: Item): SystemValue | undefined {
  return systemValue(item) ?? (typeof item.value === 'string' ? item.value : undefined);
}

/** Whether two items are equal; undefined where dates or units do not allow to say. */
export function areEqual(left: Item, right: Item, run: Run): boolean | undefined {
  if (left === right) return true;
  const [a, b] = [valueOf(left), valueOf(right)];
  if (a === undefined || b === undefined) return a === b && ((left.value === right.value && left.value !== undefined) || keyOf(left, run) === keyOf(right, run));
  // A date is often compared with its text.
  if (typeof a === 'string') return b instanceof Moment ? b.toString() === a : a === b;
  if (typeof b === 'string') return a instanceof Moment && a.toString() === b;
  if (typeof a === 'boolean' || typeof b === 'boolean') return a === b;
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (a instanceof Moment || b instanceof Moment) return momentsEqual(a, b);
  if (a instanceof Quantity || b instanceof Quantity) {
    if (!(a instanceof Quantity) || !(b instanceof Quantity)) return false;
    const order = compareQuantities(a, b);
    return order === undefined ? undefined : order === 0;
  }
  return exact(a)!.compare(exact(b)!) === 0;
}

function momentsEqual(a: unknown, b: unknown): boolean | undefined {
  if (!(a instanceof Moment) || !(b instanceof Moment)) return false;
  // A time of day is no date.
  if ((a.kind === 'Time') !== (b.kind === 'Time')) return false;
  const order = a.compare(b);
  return order === undefined ? undefined : order === 0;
}

/** `=` of collections; undefined where one is empty. */
export function equal(left: Items, right: Items, run: Run): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let result: boolean | undefined = true;
  for (const [at, item] of left.entries()) {
    run.spend(1);
    const same = areEqual(item, right[at]!, run);
    if (same === false) return false;
    if (same === undefined) result = undefined;
  }
  return result;
}

/** JSON with its members in order and numbers by value, so that equal structures have equal texts. */
function canonical(value: unknown): string {
  if (value instanceof Decimal) return number(String(value));
  if (typeof value === 'number') return number(String(value));
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = value as Readonly<Record<string, unknown>>;
  return `{${Object.keys(members).toSorted().map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`).join(',')}}`;
}

function number(text: string): string {
  return Exact.read(text)?.trimmed().toString() ?? text;
}

/** A text that equal items share, and no others. */
export function keyOf(item: Item, run: Run): string {
  const value = valueOf(item);
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'number' || value instanceof Exact) return `n${exact(value)!.trimmed().toString()}`;
  if (value instanceof Moment) return `d${value.zone === undefined ? '' : 'z'}${value.kind === 'Time' ? 't' : ''}${Math.min(value.precision, 6)}:${value.local - (value.zone ?? 0) * 60_000}`;
  if (value instanceof Quantity) return `q${value.value.trimmed().toString()} ${value.unit}`;
  if (value !== undefined) return `b${String(value)}`;
  return run.textOf(item.value ?? item.sibling, 'equal', (structure) => `c${canonical(structure)}`);
}

/** Without those that equal an earlier one. */
export function distinct(items: Items, run: Run): Items {
  if (items.length < 2) return items;
  run.spend(items.length);
  const seen = new Set<string>();
  const kept: Item[] = [];
  for (const item of items) {
    const key = keyOf(item, run);
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(item);
  }
  return kept;
}

export function keysOf(items: Items, run: Run): ReadonlySet<string> {
  run.spend(items.length);
  return new Set(items.map((item) => keyOf(item, run)));
}

/** `~` of collections: the same, whatever their order. */
export function equivalent(left: Items, right: Items, run: Run): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  run.spend(left.length * left.length);
  return left.every((item) => {
    const at = rest.findIndex((other) => areEquivalent(item, other, run));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function areEquivalent(left: Item, right: Item, run: Run): boolean {
  const [a, b] = [systemValue(left), systemValue(right)];
  if (a === undefined || b === undefined) return a === b && run.textOf(left.value, 'equivalent', loose) === run.textOf(right.value, 'equivalent', loose);
  if (typeof a === 'string' && typeof b === 'string') return folded(a) === folded(b);
  if (a instanceof Moment && b instanceof Moment) return a.isEquivalent(b);
  if (a instanceof Quantity && b instanceof Quantity) return areEquivalentQuantities(a, b);
  const [x, y] = [exact(a), exact(b)];
  if (x === undefined || y === undefined) return a === b;
  const places = Math.min(x.places, y.places);
  return x.rounded(places).compare(y.rounded(places)) === 0;
}

function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** As {@link canonical}, with arrays in any order and texts as `~` sees them. Ids do not count. */
function loose(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(folded(value));
  if (Array.isArray(value)) return `[${value.map(loose).toSorted().join(',')}]`;
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return canonical(value);
  const members = value as Readonly<Record<string, unknown>>;
  return `{${Object.keys(members).filter((name) => name !== 'id').toSorted().map((name) => `${JSON.stringify(name)}:${loose(members[name])}`).join(',')}}`;
}

/**
 * Negative where left is less; undefined where that cannot be known.
 * @throws {FhirPathError} `evaluation` for types without an order, or two that have none between them
 */
export function compare(left: Item, right: Item): number | undefined {
  const [a, b] = [systemValue(left), systemValue(right)];
  if (a === undefined || b === undefined) {
    if (left.value === undefined || right.value === undefined) return undefined;
    throw new FhirPathError('evaluation', 'Values without an order are compared');
  }
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (a instanceof Moment && b instanceof Moment) {
    if ((a.kind === 'Time') !== (b.kind === 'Time')) throw new FhirPathError('evaluation', 'A date and a time of day are compared');
    return a.compare(b);
  }
  if (a instanceof Quantity && b instanceof Quantity) return compareQuantities(a, b);
  const [x, y] = [exact(a), exact(b)];
  if (x === undefined || y === undefined) throw new FhirPathError('evaluation', 'Values of different types are compared');
  return x.compare(y);
}
