/**
 * An expression tree judged on one resource that is not in the store yet, by what it will be found by there: what an
 * entry of a Bundle writes may be what another entry means by criteria.
 *
 * It says what the SQL of `sql/condition.ts` says of the same resource once it is stored, or that it cannot tell. It
 * cannot where other resources have a say (chains, `_has`, `_list`), where only PostgreSQL knows (words), and of the
 * time at which the resource will have been written.
 */
import type { Resource } from '@medplum/fhirtypes';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import { indexRow, type IndexRow } from '../index-row.ts';
import { keyMaker, type KeyMaker } from '../search-keys.ts';
import type { DateCondition, Expression, NearCondition, NumberCondition, NumberRangeTest, StringCondition, TextMatch, TokenSystemTest } from './expression.ts';

export interface Judged {
  readonly index: IndexRow;
  readonly keys: ReadonlySet<bigint>;
  /** Undefined where it gets an id that nobody can know. */
  readonly id: string | undefined;
  readonly make: KeyMaker;
}

/** @throws {Problem} those of `indexRow` */
export function judgedOf(resource: Resource, id: string | undefined, { tenant, parameters }: Pick<Context, 'tenant' | 'parameters'>): Judged {
  const index = indexRow(tenant.id, resource, parameters);
  return { index, keys: new Set(index.keys), id, make: keyMaker(tenant.id, resourceTypeCode(resource.resourceType)) };
}

/** Whether it is as is asked; undefined where that cannot be told. */
export function isMet(asked: Expression, one: Judged): boolean | undefined {
  const { index } = one;
  switch (asked.kind) {
    case 'all': return together(asked.of, one, false);
    case 'any': return together(asked.of, one, true);
    case 'not': {
      const part = isMet(asked.of, one);
      return part === undefined ? undefined : !part;
    }
    case 'id': return one.id !== undefined && asked.ids.includes(one.id);
    // What concepts the database has, it alone knows.
    case 'key': return asked.anyOf.some((key) => one.keys.has(key)) || (asked.concepts === undefined ? false : undefined);
    case 'display': return index.displays.some(({ scope, value }) => scope === asked.scope && isText(value, asked.match, asked.value));
    case 'patient': return index.patient === asked.id || one.keys.has(asked.key);
    case 'date': return datesOf(asked, index).some(({ low, high }) => isDate(asked, instantOf(low), instantOf(high)));
    case 'string': return index.strings.some((entry) => isEntryOf(asked, entry) && isText(asked.exact ? entry.written : entry.value, asked.match, asked.value));
    case 'number': return index.numbers.some((entry) => isEntryOf(asked, entry) && isNumberAsked(asked, entry));
    case 'near': return index.numbers.some(({ scope, low, second }) => scope === asked.scope && second !== undefined && isNear(asked, low, second.low));
    case 'present': return index.present.includes(asked.parameter);
    // What refers to nothing leads nowhere.
    case 'chain': return index.present.includes(one.make.present(asked.parameter)) ? undefined : false;
    case 'changed': case 'words': case 'has': case 'list': return undefined;
  }
}

/** Parts joined by "and" or "or": one that is `decisive` decides, whatever the others are. */
function together(parts: readonly Expression[], one: Judged, decisive: boolean): boolean | undefined {
  let known = true;
  for (const part of parts) {
    const met = isMet(part, one);
    if (met === decisive) return decisive;
    if (met === undefined) known = false;
  }
  return known ? !decisive : undefined;
}

interface Entry {
  readonly scope: bigint;
  readonly tokenSystem: bigint | undefined;
}

function isEntryOf(asked: { readonly scope: bigint; readonly tokenSystem?: TokenSystemTest }, { scope, tokenSystem }: Entry): boolean {
  if (scope !== asked.scope) return false;
  return asked.tokenSystem === undefined || tokenSystem === (asked.tokenSystem === 'none' ? undefined : asked.tokenSystem.is);
}

function isText(text: string, match: TextMatch, wanted: StringCondition['value']): boolean {
  switch (match) {
    case 'starts': return text.startsWith(wanted);
    case 'contains': return text.includes(wanted);
    case 'ends': return text.endsWith(wanted);
    case 'equals': return text === wanted;
  }
}

function datesOf(asked: DateCondition, { date, dates }: IndexRow): readonly { readonly low: string; readonly high: string }[] {
  const { scope, tokenSystem } = asked;
  if (scope === 'principal') return date === undefined ? [] : [date];
  return dates.filter((entry) => isEntryOf({ scope, ...(tokenSystem && { tokenSystem }) }, entry));
}

/** What PostgreSQL makes of an instant, infinity by name included, in milliseconds. */
function instantOf(text: string): number {
  return text === 'infinity' ? Infinity : text === '-infinity' ? -Infinity : Date.parse(text);
}

/** As `dateComparison` of sql/dates.ts. */
function isDate({ comparison, low: from, high: to }: DateCondition, low: number, high: number): boolean {
  const [askedLow, askedHigh] = [from.getTime(), to.getTime()];
  switch (comparison) {
    case 'eq': return low >= askedLow && high <= askedHigh;
    case 'ne': return low < askedLow || high > askedHigh;
    case 'gt': return high > askedHigh;
    case 'lt': return low < askedLow;
    case 'ge': return high > askedHigh || low >= askedLow;
    case 'le': return low < askedLow || high <= askedHigh;
    case 'sa': return low >= askedHigh;
    case 'eb': return high <= askedLow;
    case 'ap': return low < askedHigh && high > askedLow;
  }
}

function isNumberAsked({ test, second, unit }: NumberCondition, entry: IndexRow['numbers'][number]): boolean {
  if (!isNumber(test, entry.low, entry.high)) return false;
  if (second !== undefined && (entry.second === undefined || !isNumber(second, entry.second.low, entry.second.high))) return false;
  if (unit?.system !== undefined && entry.system !== unit.system) return false;
  return unit?.code === undefined || entry.code === unit.code || (unit.system === undefined && entry.unit === unit.code);
}

/** As `numberComparison` of sql/numbers.ts. */
function isNumber({ comparison, value, low: askedLow, high: askedHigh }: NumberRangeTest, low: number, high: number): boolean {
  switch (comparison) {
    case 'eq': return low >= askedLow && high < askedHigh;
    case 'ne': return low < askedLow || high >= askedHigh;
    case 'gt': return high > value;
    case 'lt': return low < value;
    case 'ge': return high >= value;
    case 'le': return low <= value;
    case 'sa': return low > value;
    case 'eb': return high < value;
    case 'ap': return low <= askedHigh && high >= askedLow;
  }
}

/** Mean radius of the Earth in kilometres (IUGG), as in sql/numbers.ts. */
const radius = 6371.0088;

function isNear({ latitude, longitude, kilometres }: NearCondition, otherLatitude: number, otherLongitude: number): boolean {
  const radians = (degrees: number): number => degrees * Math.PI / 180;
  const half = (from: number, to: number): number => Math.sin(radians(from - to) / 2) ** 2;
  const chord = half(otherLatitude, latitude) + Math.cos(radians(latitude)) * Math.cos(radians(otherLatitude)) * half(otherLongitude, longitude);
  return 2 * radius * Math.asin(Math.min(1, Math.sqrt(chord))) <= kilometres;
}
