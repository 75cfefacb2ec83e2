/** The next version of a resource: its number and stamp, what it is found by, and whether it may be written at all. */
import type { Resource } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { SearchParameter } from '../../fhir/search-parameters.ts';
import type { Context } from '../context.ts';
import { indexRow, mostSearchValuesOf, newIdFor, nothingIndexed } from '../index-row.ts';
import { shardOf } from '../shard.ts';
import type { Committed, CreateResource, DeleteResource, EnsureResource, ExpectedVersion, UpdateResource } from './changes.ts';
import { definitionChange } from './definitions.ts';
import { assertNotHeld, assertNotOfImport, holderOf } from './held.ts';
import type { CurrentRow } from './lock.ts';
import type { ResourceName } from './names.ts';
import type { ResourceRow } from './row.ts';

export type VersionChange = UpdateResource | DeleteResource;

export function resourceNameOf(change: VersionChange | EnsureResource, context: Context): ResourceName {
  const tenant = context.tenant.id;
  return change.kind === 'delete' ? { tenant, type: change.type, id: change.id } : { tenant, type: change.resource.resourceType, id: change.resource.id };
}

/** The first version of a resource that is new, or the next one of a resource that was there. */
export function firstVersion(change: CreateResource | EnsureResource, before: CurrentRow | undefined, authorization: string | undefined, context: Context): ResourceRow {
  const row = defining(rowOf(change.resource, change.kind === 'create' ? change.id : change.resource.id, before, authorization, context), change.defines, context);
  return change.kind === 'create' && change.object ? { ...row, object: change.object } : row;
}

/**
 * What an update or a deletion comes to. No row: there is nothing to write.
 * @throws {Problem} `held-by-authorization`, `held-by-import`, `version-conflict`
 */
export function nextVersion(change: VersionChange, before: CurrentRow | undefined, authorization: string | undefined, context: Context): { readonly row?: ResourceRow; readonly committed: Committed } {
  const name = resourceNameOf(change, context);
  assertNotHeld(name, before?.authorization, authorization);
  assertNotOfImport(name, change);
  assertExpected(name, before, change.ifMatch);
  if (change.kind === 'update') {
    const row = defining(rowOf(change.resource, name.id, before, authorization, context), change.defines, context);
    const object = name.type === 'Binary' ? change.object ?? 'kept' : 'none';
    const written = change.ledger === undefined ? row : { ...row, ledger: change.ledger };
    return { row: object === 'none' ? written : { ...written, object }, committed: committedOf(row, before === undefined || before.deleted) };
  }
  // Deleting what is deleted, or was never there, succeeds and changes nothing (https://hl7.org/fhir/R4/http.html#delete).
  if (!before || before.deleted) {
    const { type, id } = name;
    return { committed: { type, id, version: before?.version ?? 0, lastUpdated: before?.lastUpdated ?? context.now(), deleted: true, created: false, content: '' } };
  }
  const row = defining(tombstoneOf(name, before, context), undefined, context);
  return { row, committed: committedOf(row, false) };
}

function assertExpected({ type, id }: ResourceName, before: CurrentRow | undefined, ifMatch: ExpectedVersion | undefined): void {
  if (ifMatch === undefined) return;
  if (ifMatch === 'absent') {
    if (before && !before.deleted) throw new Problem('version-conflict', { type, id, current: before.version, expected: 'none' });
    return;
  }
  if (ifMatch === '*') {
    if (!before || before.deleted) throw new Problem('nothing-there', { type, id });
    return;
  }
  if (!before || before.deleted) throw new Problem('version-conflict', { type, id, current: 'deleted or unknown', expected: ifMatch });
  if (before.version !== ifMatch) throw new Problem('version-conflict', { type, id, current: before.version, expected: ifMatch });
}

/** Stamps id and meta of the version after `before`, and derives what the resource is found by. */
function rowOf(resource: Resource, id: string | undefined, before: CurrentRow | undefined, authorization: string | undefined, context: Context): ResourceRow {
  const type = resource.resourceType;
  const tenant = context.tenant.id;
  const version = (before?.version ?? 0) + 1;
  const lastUpdated = notBefore(before, context);
  const ownId = id ?? newIdFor(resource, context);
  const { resourceType: _, id: __, meta, ...rest } = resource;
  const stamped = { resourceType: type, id: ownId, meta: { ...meta, versionId: String(version), lastUpdated: lastUpdated.toISOString() }, ...rest };
  const index = indexRow(tenant, stamped as Resource, context.parameters, mostSearchValuesOf(type));
  return {
    tenant, type, typeCode: resourceTypeCode(type), id: ownId, shard: shardOf(tenant, index.patient ?? ownId), version, lastUpdated, deleted: false,
    index, content: stringifyJson(stamped), authorization: holderOf(type, before?.authorization, authorization),
    indexedBy: context.parameters.version ?? 0, interaction: before && !before.deleted ? 'update' : 'create', actor: context.actor, request: context.request,
  };
}

function tombstoneOf({ tenant, type, id }: ResourceName, before: CurrentRow, context: Context): ResourceRow {
  return {
    tenant, type, typeCode: resourceTypeCode(type), id, shard: before.shard, version: before.version + 1, lastUpdated: notBefore(before, context), deleted: true,
    index: nothingIndexed, content: '', authorization: before.authorization,
    indexedBy: context.parameters.version ?? 0, interaction: 'delete', actor: context.actor, request: context.request,
  };
}

/** Of a SearchParameter, with what it changes of the tenant's search parameters. */
function defining(row: ResourceRow, defines: SearchParameter | undefined, context: Context): ResourceRow {
  const definition = row.type === 'SearchParameter' ? definitionChange(row.id, defines, context.parameters) : undefined;
  return definition ? { ...row, definition } : row;
}

/** The clocks of two servers differ; a later version is never older than an earlier one. */
function notBefore(before: CurrentRow | undefined, context: Context): Date {
  const now = context.now();
  return before && before.lastUpdated > now ? before.lastUpdated : now;
}

export function committedOf(row: ResourceRow, created: boolean): Committed {
  return { type: row.type, id: row.id, version: row.version, lastUpdated: row.lastUpdated, deleted: row.deleted, created, content: row.content };
}
