/** The statements that write resource rows: one for many rows each, parameters as parallel arrays. */
import { resourceTypeCode, resourceTypeOfCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import sql from 'sql-template-tag';
import { textArray } from './array-literal.ts';
import type { ObjectReference } from './changes.ts';
import type { Part } from './part.ts';

/** A version of a resource, ready to be written. */
export interface ResourceRow {
  readonly type: string;
  readonly typeCode: number;
  readonly id: string;
  readonly shard: number;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  readonly patient: string | undefined;
  readonly date: { readonly low: string; readonly high: string } | undefined;
  readonly keys: readonly bigint[];
  readonly targets: readonly string[];
  readonly content: string;
  /** The prior authorization that holds it (`held.ts`). */
  readonly authorization: string | undefined;
  /** The content of a Binary, or that it is the one of the version before. */
  readonly object?: ObjectReference | 'kept';
}

/** What a writer must know of the version that is there now. */
export interface CurrentRow {
  readonly shard: number;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  readonly authorization: string | undefined;
}

const incoming = `
  select * from unnest($2::smallint[], $3::smallint[], $4::text[], $5::integer[], $6::timestamptz[], $7::boolean[], $8::text[], $9::timestamptz[], $10::timestamptz[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[])
    as row (shard, type, id, version, last_updated, deleted, patient, date_low, date_high, keys, targets, content, interaction, authorization_id)`;

const announce = (source: string): string => `
  insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request)
  select $1, shard, last_updated, interaction, type, id, version, $16, $17 from ${source}`;

/** Rows whose ids are new. A row that is there already violates the primary key. */
export function newRowsPart(context: Context, rows: readonly ResourceRow[]): Part {
  const [, shards, types, ids, versions, changed, deleted, patients, low, high, keys, targets, contents, interactions, authorizations] = parametersOf(context, rows, () => 'create');
  const tenant = sql`${context.tenant.id}::smallint`;
  return {
    name: 'new',
    expressions: [
      sql`new_rows as (
        select * from unnest(${shards}::smallint[], ${types}::smallint[], ${ids}::text[], ${versions}::integer[], ${changed}::timestamptz[], ${deleted}::boolean[],
                             ${patients}::text[], ${low}::timestamptz[], ${high}::timestamptz[], ${keys}::text[], ${targets}::text[], ${contents}::text[], ${interactions}::text[],
                             ${authorizations}::uuid[])
          as row (shard, type, id, version, last_updated, deleted, patient, date_low, date_high, keys, targets, content, interaction, authorization_id)
      )`,
      sql`new_resources as (
        insert into resource (tenant, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, keys, targets, content, authorization_id)
        select ${tenant}, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, keys::bigint[], targets::text[], content, authorization_id from new_rows
      )`,
      sql`new_announced as (
        insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request)
        select ${tenant}, shard, last_updated, interaction, type, id, version, ${context.actor}::text, ${context.request}::text from new_rows
      )`,
    ],
  };
}

// One look into the primary key for each name, in the order of names. A plain join leaves the way to the planner, whose
// plan for "any number of names" reads every row of a type once a table has grown; offset 0 keeps it from that.
const findEach = (locking: string): string => `
select r.*
from (select type, id from unnest($2::smallint[], $3::text[]) as names (type, id) order by type, id offset 0) as wanted
cross join lateral (
  select r.type, r.id, r.shard, r.version, r.last_updated, r.deleted, r.authorization_id
  from resource r
  where r.tenant = $1 and r.type = wanted.type and r.id = wanted.id
  offset 0 ${locking}
) as r`;

/** Which of the resources named are there and not deleted, without a lock. By `Type/id`. */
export async function presentRows(connection: Queryable, context: Context, wanted: readonly { type: string; id: string }[]): Promise<Map<string, CurrentRow>> {
  const found = await currentRows(connection, context, wanted, look);
  return new Map([...found].filter(([, row]) => !row.deleted));
}

const look = { name: 'find-existing', text: findEach('') };
const lock = { name: 'lock-existing', text: findEach('for update') };

// Two clients that create the same unknown id at once have no row to lock; they queue here instead. No constraint
// would stop them: an id is unique within its shard alone.
const lockUnknown = `
select pg_advisory_xact_lock(key)
from (select distinct hashtextextended($1 || '/' || type || '/' || id, 0) as key from unnest($2::smallint[], $3::text[]) as unknown (type, id) order by key) as keys`;

/**
 * Locks the current rows of the resources named, and the names of those that are not there. By `Type/id`.
 *
 * A row that changes hands is deleted in one shard and inserted in another, so whoever waited for it finds nothing.
 * Only a look without a lock tells that from a resource that does not exist; the name is locked by then, so that
 * nobody can make it exist meanwhile.
 */
export async function lockCurrent(connection: Queryable, context: Context, wanted: readonly { type: string; id: string }[]): Promise<Map<string, CurrentRow>> {
  const locked = await currentRows(connection, context, wanted, lock);
  let missing = wanted.filter((key) => !locked.has(`${key.type}/${key.id}`));
  if (missing.length === 0) return locked;
  await connection.query({ text: lockUnknown, values: [String(context.tenant.id), missing.map((key) => resourceTypeCode(key.type)), missing.map((key) => key.id)] });
  for (;;) {
    const there = await currentRows(connection, context, missing, look);
    missing = missing.filter((key) => there.has(`${key.type}/${key.id}`));
    if (missing.length === 0) return locked;
    for (const [name, row] of await currentRows(connection, context, missing, lock)) locked.set(name, row);
    missing = missing.filter((key) => !locked.has(`${key.type}/${key.id}`));
    if (missing.length === 0) return locked;
  }
}

async function currentRows(connection: Queryable, context: Context, wanted: readonly { type: string; id: string }[], statement: { name: string; text: string }): Promise<Map<string, CurrentRow>> {
  const { rows } = await connection.query<{ type: number; id: string; shard: number; version: number; last_updated: Date; deleted: boolean; authorization_id: string | null }>({
    ...statement, values: [context.tenant.id, wanted.map((key) => resourceTypeCode(key.type)), wanted.map((key) => key.id)],
  });
  return new Map(rows.map((row) => [
    `${resourceTypeOfCode(row.type)}/${row.id}`,
    { shard: row.shard, version: row.version, lastUpdated: row.last_updated, deleted: row.deleted, authorization: row.authorization_id ?? undefined },
  ]));
}

const replaceWith = (between: string): string => `
with incoming as (${incoming}
), superseded as (
  insert into resource_history (tenant, shard, type, id, version, last_updated, deleted, content)
  select r.*
  from incoming i
  cross join lateral (
    select r.tenant, r.shard, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
    from resource r
    where r.tenant = $1 and r.type = i.type and r.id = i.id
    offset 0
  ) as r
), ${between}written as (
  insert into resource (tenant, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, keys, targets, content, authorization_id)
  select $1, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, keys::bigint[], targets::text[], content, authorization_id from incoming
  on conflict (tenant, type, id, shard) do update
  set version = excluded.version, last_updated = excluded.last_updated, deleted = excluded.deleted,
      patient = excluded.patient, date_low = excluded.date_low, date_high = excluded.date_high,
      keys = excluded.keys, targets = excluded.targets, content = excluded.content, authorization_id = excluded.authorization_id
)${announce('incoming')}`;

const replaceInPlace = { name: 'replace', text: replaceWith('') };

// A resource that changes hands (another patient) goes to another shard, so its row there is deleted. Rare, and a plan of
// its own: looking for such rows in every write would be a join for nothing.
const replaceAndMove = {
  name: 'replace-and-move',
  text: replaceWith(`moved as (
  delete from resource r using incoming i
  where r.tenant = $1 and r.type = i.type and r.id = i.id and r.shard <> i.shard
), `),
};

/** Writes new versions over rows that {@link lockCurrent} has locked, keeping the old ones as history. */
export async function replaceRows(connection: Queryable, context: Context, rows: readonly ResourceRow[], before: ReadonlyMap<string, CurrentRow>): Promise<void> {
  const interactionOf = (row: ResourceRow): string => {
    if (row.deleted) return 'delete';
    const previous = before.get(`${row.type}/${row.id}`);
    return previous && !previous.deleted ? 'update' : 'create';
  };
  const moves = rows.some((row) => (before.get(`${row.type}/${row.id}`)?.shard ?? row.shard) !== row.shard);
  await connection.query({ ...(moves ? replaceAndMove : replaceInPlace), values: parametersOf(context, rows, interactionOf) });
}

function parametersOf(context: Context, rows: readonly ResourceRow[], interactionOf: (row: ResourceRow) => string): unknown[] {
  return [
    context.tenant.id,
    rows.map((row) => row.shard),
    rows.map((row) => row.typeCode),
    rows.map((row) => row.id),
    rows.map((row) => row.version),
    rows.map((row) => row.lastUpdated),
    rows.map((row) => row.deleted),
    rows.map((row) => row.patient ?? null),
    rows.map((row) => row.date?.low ?? null),
    rows.map((row) => row.date?.high ?? null),
    // Arrays of different lengths do not fit into one array parameter; each travels as its own array literal.
    rows.map((row) => `{${row.keys.join(',')}}`),
    rows.map((row) => textArray(row.targets)),
    rows.map((row) => row.content),
    rows.map(interactionOf),
    rows.map((row) => row.authorization ?? null),
    context.actor,
    context.request,
  ];
}
