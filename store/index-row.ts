/** What a resource is found by, derived from its content when it is written: its row's columns and its index entries. */
import type { Resource } from '@medplum/fhirtypes';
import { principalCode } from '../fhir/principal-code.ts';
import { Problem } from '../fhir/problems.ts';
import { principalDate } from '../fhir/principal-date.ts';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import type { SearchParameterSet } from '../fhir/search-parameters.ts';
import { extractSearchValues } from '../fhir/search-values/extract.ts';
import { ownersOf } from '../fhir/search-values/owners.ts';
import { unionOf } from '../fhir/search-unions.ts';
import type { SearchValue } from '../fhir/search-values/values.ts';
import { narrativeWords } from './index/narrative.ts';
import { addKeys, furtherCodeKeys } from './index/keys.ts';
import { addEntries, instant, type DateEntry, type NumberEntry, type StringEntry } from './index/entries.ts';
import { indexSum } from './index/sum.ts';
import type { Context } from './context.ts';
import { compartmentKey, keyMaker, systemKey } from './search-keys.ts';
import { newId, shardOf } from './shard.ts';

/** Goes up when what is stored here changes its meaning; rows of an earlier generation are indexed again in the background. */
export const indexGeneration = 1;

export interface IndexRow {
  readonly keys: readonly bigint[];
  /** The patient whose compartment the resource is in; the one it is about where there are several. */
  readonly patient: string | undefined;
  /** The principal date as PostgreSQL takes it, [low, high). */
  readonly date: { readonly low: string; readonly high: string } | undefined;
  /** The first coding of the principal code: hashes of code and system. */
  readonly code: { readonly code: bigint; readonly system: bigint | undefined } | undefined;
  /** `parameter Type/id` of each reference to a resource of this server; `parameter =` where it is the patient's own. */
  readonly targets: readonly string[];
  /** Which parameters have a value (`KeyMaker.present`). */
  readonly present: readonly number[];
  readonly dates: readonly DateEntry[];
  readonly strings: readonly StringEntry[];
  readonly numbers: readonly NumberEntry[];
  /** Texts of codes, each with its key. */
  readonly displays: readonly { readonly scope: bigint; readonly key: bigint; readonly value: string }[];
  /** Words of the narrative; undefined where there is none. */
  readonly narrative: string | undefined;
  /** A hash of the entries that are rows of their own: the same sum, the same rows. */
  readonly sum: bigint;
}

/** A resource says no more than this that it could be found by, unless it was made to keep the index busy. */
const mostSearchValues = 100_000;
/** But for what defines codes: it is found by each of them. */
const mostCodes = 1_000_000;

export function mostSearchValuesOf(type: string): number {
  return type === 'CodeSystem' || type === 'ValueSet' || type === 'ConceptMap' ? mostCodes : mostSearchValues;
}

/** @throws {Problem} `too-many-values` where there are more than `most` */
export function indexRow(tenant: number, resource: Resource, parameters: SearchParameterSet, most = Number.POSITIVE_INFINITY): IndexRow {
  const type = resource.resourceType;
  const make = keyMaker(tenant, resourceTypeCode(type));
  const [patient, ...others] = ownersOf(resource);
  const dateParameter = principalDate(type);
  const codeParameter = principalCode(type);
  const keys = new Set<bigint>(others.map((owner) => compartmentKey(tenant, owner)));
  const targets = new Set<string>();
  const present = new Set<number>();
  const entries = { dates: [] as DateEntry[], strings: [] as StringEntry[], numbers: [] as NumberEntry[], displays: new Map<bigint, { scope: bigint; key: bigint; value: string }>() };
  let date: IndexRow['date'];
  let principal: IndexRow['code'];
  const values = extractSearchValues(resource, parameters);
  if (values.length > most) throw new Problem('too-many-values', { type, limit: most });
  for (const value of values) {
    const { code } = value.parameter;
    // The one has a column, the other is what its parts are.
    if (code === '_id' || code === '_lastUpdated' || unionOf(type, code) !== undefined) continue;
    present.add(make.present(code));
    if (value.type === 'date' && code === dateParameter) date = { low: instant(value.low), high: instant(value.high + 1) };
    else addEntries(entries, value, make);
    addKeys(keys, value, make);
    if (value.type === 'token' && code === codeParameter && value.code !== undefined) {
      if (principal === undefined) principal = { code: make.principalCode(code, value.code), system: value.system === undefined ? undefined : systemKey(value.system) };
      else for (const key of furtherCodeKeys(value, make)) keys.add(key);
    }
    addTarget(targets, value, patient);
  }
  const narrative = narrativeWords(resource);
  const { displays } = entries;
  const [dates, strings, numbers] = [eachOnce(entries.dates), eachOnce(entries.strings), eachOnce(entries.numbers)];
  return { keys: [...keys], patient, date, code: principal, targets: [...targets], present: [...present], dates, strings, numbers, displays: [...displays.values()], narrative, sum: indexSum({ dates, strings, numbers }, narrative) };
}

/** What a deleted version is found by. */
export const nothingIndexed: IndexRow = {
  keys: [], patient: undefined, date: undefined, code: undefined, targets: [], present: [], dates: [], strings: [], numbers: [], displays: [], narrative: undefined, sum: 0n,
};

/** A resource may say the same twice; an index is a set. */
function eachOnce<T extends object>(entries: readonly T[]): readonly T[] {
  if (entries.length < 2) return entries;
  const seen = new Map<string, T>();
  for (const entry of entries) seen.set(Object.values(entry).map((value) => typeof value === 'object' ? JSON.stringify(value) : String(value)).join('\u001f'), entry);
  return [...seen.values()];
}

function addTarget(targets: Set<string>, value: SearchValue, patient: string | undefined): void {
  if (value.type !== 'reference' || value.url !== undefined || value.targetType === undefined || value.targetId === undefined) return;
  const own = value.targetType === 'Patient' && value.targetId === patient;
  targets.add(`${value.parameter.code} ${own ? '=' : `${value.targetType}/${value.targetId}`}`);
}

/** A new id for a resource, carrying the shard of the patient whose compartment it is in. */
export function newIdFor(resource: Resource, context: Pick<Context, 'now' | 'random' | 'tenant'>): string {
  const owner = resource.resourceType === 'Patient' ? undefined : ownersOf(resource)[0];
  return newId(context, owner === undefined ? undefined : shardOf(context.tenant.id, owner));
}
