/** What a resource is found by, derived from its content when it is written: its keys and its patient. */
import type { Resource } from '@medplum/fhirtypes';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import { extractSearchValues } from '../fhir/search-values/extract.ts';
import { ownersOf } from '../fhir/search-values/owners.ts';
import type { SearchValue } from '../fhir/search-values/values.ts';
import type { Context } from './context.ts';
import { keyMaker, type KeyMaker } from './search-keys.ts';
import { newId, shardOf } from './shard.ts';

export interface IndexRow {
  readonly keys: readonly bigint[];
  /** The patient whose compartment the resource is in; the first where there are several. */
  readonly patient: string | undefined;
}

export function indexRow(tenant: number, resource: Resource): IndexRow {
  const keys = new Set<bigint>();
  const make = keyMaker(tenant, resourceTypeCode(resource.resourceType));
  for (const value of extractSearchValues(resource)) addKeys(keys, value, make);
  return { keys: [...keys], patient: ownersOf(resource)[0] };
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
