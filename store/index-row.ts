/** What a resource is found by, derived from its content when it is written: keys, patient, date, targets. */
import type { Resource } from '@medplum/fhirtypes';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import { extractSearchValues } from '../fhir/search-values/extract.ts';
import { ownersOf } from '../fhir/search-values/owners.ts';
import type { SearchValue } from '../fhir/search-values/values.ts';
import { principalDate } from '../fhir/principal-date.ts';
import type { Context } from './context.ts';
import { keyMaker, type KeyMaker } from './search-keys.ts';
import { newId, shardOf } from './shard.ts';

export interface IndexRow {
  readonly keys: readonly bigint[];
  /** The patient whose compartment the resource is in; the first where there are several. */
  readonly patient: string | undefined;
  /** The principal date as PostgreSQL takes it, [low, high); the earliest where there are several. */
  readonly date: { readonly low: string; readonly high: string } | undefined;
  /** `parameter Type/id` of each reference to a resource of this server other than the patient. */
  readonly targets: readonly string[];
}

export function indexRow(tenant: number, resource: Resource): IndexRow {
  const keys = new Set<bigint>();
  const targets = new Set<string>();
  const make = keyMaker(tenant, resourceTypeCode(resource.resourceType));
  const patient = ownersOf(resource)[0];
  const dateParameter = principalDate(resource.resourceType);
  let date: { low: number; high: number } | undefined;
  for (const value of extractSearchValues(resource)) {
    addKeys(keys, value, make);
    if (value.type === 'reference' && value.url === undefined && value.targetType !== undefined && value.targetId !== undefined) {
      if (value.targetType !== 'Patient' || value.targetId !== patient) targets.add(`${value.parameter.code} ${value.targetType}/${value.targetId}`);
    }
    if (value.type === 'date' && value.parameter.code === dateParameter && (date === undefined || value.low < date.low)) date = value;
  }
  return { keys: [...keys], patient, date: date && { low: instant(date.low), high: instant(date.high + 1) }, targets: [...targets] };
}

const startOfYear1 = -62_135_596_800_000;
const endOfYear9999 = 253_402_300_799_999;

/** An instant for PostgreSQL, which knows infinity by name; what is outside the years that FHIR writes means that. */
function instant(milliseconds: number): string {
  if (milliseconds < startOfYear1) return '-infinity';
  return milliseconds > endOfYear9999 ? 'infinity' : new Date(milliseconds).toISOString();
}

/** A new id for a resource, carrying the shard of the patient whose compartment it is in. */
export function newIdFor(resource: Resource, context: Pick<Context, 'now' | 'random' | 'tenant'>): string {
  const owner = resource.resourceType === 'Patient' ? undefined : ownersOf(resource)[0];
  return newId(context, owner === undefined ? undefined : shardOf(context.tenant.id, owner));
}

function addKeys(keys: Set<bigint>, value: SearchValue, make: KeyMaker): void {
  const parameter = value.parameter.code;
  // Has a column of its own.
  if (parameter === '_id') return;
  if (value.type === 'token') addToken(keys, parameter, value.system, value.code, make);
  if (value.type !== 'reference') return;
  if (value.url !== undefined) keys.add(make.url(parameter, value.url));
  else if (value.targetType !== undefined && value.targetId !== undefined) keys.add(make.reference(parameter, value.targetType, value.targetId));
  if (value.identifier) addToken(keys, `${parameter}:identifier`, value.identifier.system, value.identifier.code, make);
}

function addToken(keys: Set<bigint>, parameter: string, system: string | undefined, code: string | undefined, make: KeyMaker): void {
  if (system !== undefined) keys.add(make.token(parameter, { form: 'system', system }));
  if (code === undefined) return;
  keys.add(make.token(parameter, { form: 'code', code }));
  keys.add(system === undefined ? make.token(parameter, { form: 'code-without-system', code }) : make.token(parameter, { form: 'system-and-code', system, code }));
}
