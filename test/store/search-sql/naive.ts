/** Searching as the words of the specification have it: one resource after the other, in memory. */
import type { Resource } from '@medplum/fhirtypes';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { standardParameters } from '../../../fhir/search-parameters.ts';
import { indexRow, type IndexRow } from '../../../store/index-row.ts';
import type { DateCondition, Expression, NumberRangeTest, Order, SortKey, TextMatch, TokenSystemTest } from '../../../store/search/expression.ts';
import type { Identified } from './corpus.ts';

export interface Held {
  readonly resource: Identified;
  readonly row: IndexRow;
  readonly changed: Date;
}

/** @param resource with its id */
export function hold(tenant: number, resource: Resource, changed: Date): Held {
  return { resource: resource as Identified, row: indexRow(tenant, resource, standardParameters), changed };
}

export class Naive {
  readonly held: Map<string, Held>;

  constructor(held: Iterable<Held>) {
    this.held = new Map([...held].map((one) => [nameOf(one), one]));
  }

  find(type: string, where: Expression): Held[] {
    return [...this.held.values()].filter((one) => one.resource.resourceType === type && this.meets(one, where));
  }

  meets(one: Held, where: Expression): boolean {
    const { resource, row } = one;
    const inScope = <T extends { readonly scope: bigint; readonly tokenSystem: bigint | undefined }>(entries: readonly T[], scope: bigint, system?: TokenSystemTest): T[] =>
      entries.filter((entry) => entry.scope === scope && (system === undefined || (system === 'none' ? entry.tokenSystem === undefined : entry.tokenSystem === system.is)));
    switch (where.kind) {
      case 'all': return where.of.every((part) => this.meets(one, part));
      case 'any': return where.of.some((part) => this.meets(one, part));
      case 'not': return !this.meets(one, where.of);
      case 'id': return where.ids.includes(resource.id);
      case 'key': return where.anyOf.some((key) => row.keys.includes(key));
      case 'display': return row.displays.some((display) => display.scope === where.scope && isLike(display.value, where.match, where.value));
      case 'patient': return row.patient === where.id || row.keys.includes(where.key);
      case 'changed': return (where.from === undefined || one.changed >= where.from) && (where.to === undefined || one.changed < where.to);
      case 'date': return (where.scope === 'principal' ? (row.date ? [row.date] : []) : inScope(row.dates, where.scope, where.tokenSystem)).some((date) => dateIs(instantOf(date.low), instantOf(date.high), where));
      case 'string': return inScope(row.strings, where.scope, where.tokenSystem).some((entry) => isLike(where.exact ? entry.written : entry.value, where.match, where.value));
      case 'number': return inScope(row.numbers, where.scope, where.tokenSystem).some((entry) => numberIs(entry.low, entry.high, where.test)
        && (where.second === undefined || (entry.second !== undefined && numberIs(entry.second.low, entry.second.high, where.second)))
        && (where.unit === undefined || (where.unit.system === undefined ? entry.code === where.unit.code || entry.unit === where.unit.code : entry.system === where.unit.system && entry.code === where.unit.code)));
      case 'near': return inScope(row.numbers, where.scope).some((entry) => kilometres(where.latitude, where.longitude, entry.low, entry.second!.low) <= where.kilometres);
      case 'present': return row.present.includes(where.parameter);
      case 'words': {
        const text = where.of === 'narrative' ? row.narrative ?? '' : JSON.stringify(Object.values(resource));
        const words = new Set(text.toLowerCase().split(/[^\p{L}\p{N}-]+/u));
        return where.query.toLowerCase().split(' ').every((word) => words.has(word));
      }
      case 'chain': return where.targets.some((target) => this.find(target.type, target.where).some((found) => refersTo(one, where.parameter, found)));
      case 'has': return this.find(where.type, where.where).some((found) => refersTo(found, where.parameter, one));
      case 'list': return [...this.held.values()].some((list) => list.resource.resourceType === 'List' && list.resource.id === where.id && refersTo(list, 'item', one));
    }
  }

  sorted(found: readonly Held[], order: Order): Held[] {
    const [first] = order;
    const idsAscend = first !== undefined && (first.by === 'id' ? !first.descending : first.descending);
    return found.toSorted((a, b) => {
      for (const key of order) {
        const [left, right] = [valueOf(a, key), valueOf(b, key)];
        if (left === right) continue;
        if (left === undefined) return 1;
        if (right === undefined) return -1;
        return (left < right ? -1 : 1) * (key.descending ? -1 : 1);
      }
      const byId = a.resource.id < b.resource.id ? -1 : a.resource.id > b.resource.id ? 1 : 0;
      return byId * (idsAscend ? 1 : -1) || resourceTypeCode(a.resource.resourceType) - resourceTypeCode(b.resource.resourceType);
    });
  }
}

export const nameOf = ({ resource }: Pick<Held, 'resource'>): string => `${resource.resourceType}/${resource.id}`;

function valueOf({ resource, row, changed }: Held, key: SortKey): string | number | undefined {
  const best = <T extends string | number>(values: readonly T[]): T | undefined => values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).at(key.descending ? -1 : 0);
  switch (key.by) {
    case 'id': return resource.id;
    case 'changed': return changed.getTime();
    case 'principal-date': return row.date && instantOf(row.date.low);
    case 'date': return best(row.dates.filter(({ scope }) => scope === key.scope).map(({ low }) => instantOf(low)));
    case 'string': return best(row.strings.filter(({ scope }) => scope === key.scope).map(({ value }) => Array.from(value).slice(0, 128).join('')));
    case 'number': return best(row.numbers.filter(({ scope }) => scope === key.scope).map(({ low }) => low));
    case 'content': {
      for (const path of key.paths) {
        let node: unknown = resource;
        for (const step of path.replaceAll('[*]', '').split('.').slice(1)) node = [node].flat().flatMap((one) => (one as Record<string, unknown> | undefined)?.[step]).find((one) => one !== undefined);
        if (typeof node === 'string' || typeof node === 'boolean') return `${node}`;
      }
      return undefined;
    }
  }
}

function refersTo(from: Held, parameter: string, to: Held): boolean {
  const { resourceType: type, id } = to.resource;
  return from.row.targets.includes(`${parameter} ${type}/${id}`) || (type === 'Patient' && from.row.patient === id && from.row.targets.includes(`${parameter} =`));
}

const instantOf = (text: string): number => text === 'infinity' ? Infinity : text === '-infinity' ? -Infinity : Date.parse(text);

function isLike(text: string, match: TextMatch, value: string): boolean {
  return match === 'starts' ? text.startsWith(value) : match === 'ends' ? text.endsWith(value) : match === 'contains' ? text.includes(value) : text === value;
}

/** https://hl7.org/fhir/R4/search.html#prefix, word for word, over half-open ranges. */
function dateIs(low: number, high: number, { comparison, low: searchLow, high: searchHigh }: Pick<DateCondition, 'comparison' | 'low' | 'high'>): boolean {
  const [from, to] = [searchLow.getTime(), searchHigh.getTime()];
  const contained = from <= low && high <= to;
  const overlaps = (start: number, end: number): boolean => low < end && high > start;
  switch (comparison) {
    case 'eq': return contained;
    case 'ne': return !contained;
    case 'gt': return overlaps(to, Infinity);
    case 'lt': return overlaps(-Infinity, from);
    case 'ge': return overlaps(to, Infinity) || contained;
    case 'le': return overlaps(-Infinity, from) || contained;
    case 'sa': return low >= to;
    case 'eb': return high <= from;
    case 'ap': return overlaps(from, to);
  }
}

function numberIs(low: number, high: number, test: NumberRangeTest): boolean {
  const contained = low >= test.low && high < test.high;
  switch (test.comparison) {
    case 'eq': return contained;
    case 'ne': return !contained;
    case 'gt': return high > test.value;
    case 'lt': return low < test.value;
    case 'ge': return high >= test.value;
    case 'le': return low <= test.value;
    case 'sa': return low > test.value;
    case 'eb': return high < test.value;
    case 'ap': return low <= test.high && high >= test.low;
  }
}

/** By vectors, so that it is not the formula of the store. */
function kilometres(latitude: number, longitude: number, otherLatitude: number, otherLongitude: number): number {
  const vector = (phi: number, lambda: number): [number, number, number] => {
    const [p, l] = [phi * Math.PI / 180, lambda * Math.PI / 180];
    return [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
  };
  const [a, b] = [vector(latitude, longitude), vector(otherLatitude, otherLongitude)];
  return 6371.0088 * Math.acos(Math.max(-1, Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])));
}
