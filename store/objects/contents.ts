/** Which object is the content of a version. The version itself was read, and access to it granted, before this is asked. */
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import type { ObjectReference } from '../write/changes.ts';

export interface VersionKey {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

const find = `
select o.id, o.version, encode(o.sha256, 'hex') as sha256, o.size
from unnest($3::text[], $4::integer[]) as wanted (id, version)
cross join lateral (
  select o.id, o.version, o.sha256, o.size
  from resource_object o
  where o.tenant = $1 and o.type = $2 and o.id = wanted.id and o.version = wanted.version
  offset 0
) as o`;

/** Contents of versions of one type, by `id/version`; those without content are left out. */
export async function contentsOf(database: Queryable, type: string, versions: readonly { id: string; version: number }[], context: Context): Promise<Map<string, ObjectReference>> {
  if (versions.length === 0) return new Map();
  const { rows } = await database.query<{ id: string; version: number; sha256: string; size: string }>({
    name: 'find-contents', text: find, values: [context.access.tenant, resourceTypeCode(type), versions.map(({ id }) => id), versions.map(({ version }) => version)],
  });
  return new Map(rows.map(({ id, version, sha256, size }) => [`${id}/${version}`, { sha256, size: Number(size) }]));
}

/** Undefined when the version has no content. */
export async function contentOf(database: Queryable, { type, id, version }: VersionKey, context: Context): Promise<ObjectReference | undefined> {
  return (await contentsOf(database, type, [{ id, version }], context)).get(`${id}/${version}`);
}
