/** Locks: what a writer holds on to while it decides on the next version of a resource. */
import { resourceTypeOfCode } from '../../fhir/resource-types.ts';
import type { Queryable } from '../database.ts';
import { nameOf, namesAsParameters, type ResourceName } from './names.ts';

/** What a writer must know of the version that is there now. */
export interface CurrentRow {
  readonly shard: number;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  readonly authorization: string | undefined;
  readonly indexSum: bigint;
}

// One look into the primary key for each name, in the order of names. A plain join leaves the way to the planner, whose
// plan for "any number of names" reads every row of a type once a table has grown; offset 0 keeps it from that.
const findEach = (locking: string): string => `
select r.*
from (
  select tenant, type, id
  from unnest($1::smallint[], $2::smallint[], string_to_array($3, U&'\\001F')) as names (tenant, type, id)
  order by tenant, type, id
  offset 0
) as wanted
cross join lateral (
  select r.tenant, r.type, r.id, r.shard, r.version, r.last_updated, r.deleted, r.authorization_id, r.index_sum
  from resource r
  where r.tenant = wanted.tenant and r.type = wanted.type and r.id = wanted.id
  offset 0 ${locking}
) as r`;

/** Which of the resources named are there and not deleted, without a lock. */
export async function presentRows(connection: Queryable, wanted: readonly ResourceName[]): Promise<Map<string, CurrentRow>> {
  const found = await currentRows(connection, wanted, look);
  return new Map([...found].filter(([, row]) => !row.deleted));
}

const look = { name: 'find-existing', text: findEach('') };
const lock = { name: 'lock-existing', text: findEach('for update') };

// Two clients that create the same unknown id at once have no row to lock; they queue here instead. No constraint
// would stop them: an id is unique within its shard alone.
const lockUnknown = `
select pg_advisory_xact_lock(key)
from (
  select distinct hashtextextended(tenant || '/' || type || '/' || id, 0) as key
  from unnest($1::smallint[], $2::smallint[], string_to_array($3, U&'\\001F')) as unknown (tenant, type, id)
  order by key
) as keys`;

/**
 * Locks the current rows of the resources named, and the names of those that are not there. By {@link nameOf}.
 *
 * A row that changes hands is deleted in one shard and inserted in another, so whoever waited for it finds nothing.
 * Only a look without a lock tells that from a resource that does not exist; the name is locked by then, so that
 * nobody can make it exist meanwhile.
 */
export async function lockCurrent(connection: Queryable, wanted: readonly ResourceName[]): Promise<Map<string, CurrentRow>> {
  const locked = await currentRows(connection, wanted, lock);
  let missing = wanted.filter((name) => !locked.has(nameOf(name)));
  if (missing.length === 0) return locked;
  await connection.query({ name: 'lock-unknown', text: lockUnknown, values: namesAsParameters(missing) });
  for (;;) {
    const there = await currentRows(connection, missing, look);
    missing = missing.filter((name) => there.has(nameOf(name)));
    if (missing.length === 0) return locked;
    for (const [name, row] of await currentRows(connection, missing, lock)) locked.set(name, row);
    missing = missing.filter((name) => !locked.has(nameOf(name)));
    if (missing.length === 0) return locked;
  }
}

async function currentRows(connection: Queryable, wanted: readonly ResourceName[], statement: { name: string; text: string }): Promise<Map<string, CurrentRow>> {
  const { rows } = await connection.query<{ tenant: number; type: number; id: string; shard: number; version: number; last_updated: Date; deleted: boolean; authorization_id: string | null; index_sum: string }>({
    ...statement, values: namesAsParameters(wanted),
  });
  return new Map(rows.map((row) => [
    nameOf({ tenant: row.tenant, type: resourceTypeOfCode(row.type), id: row.id }),
    { shard: row.shard, version: row.version, lastUpdated: row.last_updated, deleted: row.deleted, authorization: row.authorization_id ?? undefined, indexSum: BigInt(row.index_sum) },
  ]));
}

