/** The statements that write resource rows: one for many rows each, parameters as parallel arrays. */
import { resourceTypeCode, resourceTypeOfCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';

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
  readonly keys: readonly bigint[];
  readonly content: string;
}

/** What a writer must know of the version that is there now. */
export interface CurrentRow {
  readonly shard: number;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
}

const incoming = `
  select * from unnest($2::smallint[], $3::smallint[], $4::text[], $5::integer[], $6::timestamptz[], $7::boolean[], $8::text[], $9::text[], $10::text[], $11::text[])
    as row (shard, type, id, version, last_updated, deleted, patient, keys, content, interaction)`;

const announce = (source: string): string => `
  insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request)
  select $1, shard, last_updated, interaction, type, id, version, $12, $13 from ${source}`;

const insertNew = `
with incoming as (${incoming}
), written as (
  insert into resource (tenant, shard, type, id, version, last_updated, deleted, patient, keys, content)
  select $1, shard, type, id, version, last_updated, deleted, patient, keys::bigint[], content from incoming
)${announce('incoming')}`;

/** Inserts rows whose ids are new. A row that is there already violates the primary key. */
export async function insertRows(connection: Queryable, context: Context, rows: readonly ResourceRow[]): Promise<void> {
  await connection.query({ name: 'insert-new', text: insertNew, values: parametersOf(context, rows, () => 'create') });
}

const findExisting = `
select r.type, r.id, r.shard, r.version, r.last_updated, r.deleted
from resource r
join unnest($2::smallint[], $3::text[]) as wanted (type, id) on r.type = wanted.type and r.id = wanted.id
where r.tenant = $1`;

/** Which of the resources named are there and not deleted, without a lock. By `Type/id`. */
export async function presentRows(connection: Queryable, context: Context, wanted: readonly { type: string; id: string }[]): Promise<Map<string, CurrentRow>> {
  const found = await currentRows(connection, context, wanted, { name: 'find-existing', text: findExisting });
  return new Map([...found].filter(([, row]) => !row.deleted));
}

const lockExisting = `${findExisting}
order by r.type, r.id
for update of r`;

// Two clients that create the same unknown id at once have no row to lock; they queue here instead. No constraint
// would stop them: an id is unique within its shard alone.
const lockUnknown = `
select pg_advisory_xact_lock(key)
from (select distinct hashtextextended($1 || '/' || type || '/' || id, 0) as key from unnest($2::smallint[], $3::text[]) as unknown (type, id) order by key) as keys`;

/** Locks the current rows of the resources named, and the names of those that are not there. By `Type/id`. */
export async function lockCurrent(connection: Queryable, context: Context, wanted: readonly { type: string; id: string }[]): Promise<Map<string, CurrentRow>> {
  const lock = { name: 'lock-existing', text: lockExisting };
  const found = await currentRows(connection, context, wanted, lock);
  const unknown = wanted.filter((key) => !found.has(`${key.type}/${key.id}`));
  if (unknown.length === 0) return found;
  await connection.query({ text: lockUnknown, values: [String(context.tenant.id), unknown.map((key) => resourceTypeCode(key.type)), unknown.map((key) => key.id)] });
  return new Map([...found, ...await currentRows(connection, context, unknown, lock)]);
}

async function currentRows(connection: Queryable, context: Context, wanted: readonly { type: string; id: string }[], statement: { name: string; text: string }): Promise<Map<string, CurrentRow>> {
  const { rows } = await connection.query<{ type: number; id: string; shard: number; version: number; last_updated: Date; deleted: boolean }>({
    ...statement, values: [context.tenant.id, wanted.map((key) => resourceTypeCode(key.type)), wanted.map((key) => key.id)],
  });
  return new Map(rows.map((row) => [`${resourceTypeOfCode(row.type)}/${row.id}`, { shard: row.shard, version: row.version, lastUpdated: row.last_updated, deleted: row.deleted }]));
}

const replace = `
with incoming as (${incoming}
), superseded as (
  insert into resource_history (tenant, shard, type, id, version, last_updated, deleted, content)
  select r.tenant, r.shard, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
  from resource r join incoming i on r.type = i.type and r.id = i.id
  where r.tenant = $1
), moved as (
  -- The resource changed hands (another patient), so its row goes to another shard.
  delete from resource r using incoming i
  where r.tenant = $1 and r.type = i.type and r.id = i.id and r.shard <> i.shard
), written as (
  insert into resource (tenant, shard, type, id, version, last_updated, deleted, patient, keys, content)
  select $1, shard, type, id, version, last_updated, deleted, patient, keys::bigint[], content from incoming
  on conflict (tenant, type, id, shard) do update
  set version = excluded.version, last_updated = excluded.last_updated, deleted = excluded.deleted,
      patient = excluded.patient, keys = excluded.keys, content = excluded.content
)${announce('incoming')}`;

/** Writes new versions over rows that {@link lockCurrent} has locked, keeping the old ones as history. */
export async function replaceRows(connection: Queryable, context: Context, rows: readonly ResourceRow[], before: ReadonlyMap<string, CurrentRow>): Promise<void> {
  const interactionOf = (row: ResourceRow): string => {
    if (row.deleted) return 'delete';
    const previous = before.get(`${row.type}/${row.id}`);
    return previous && !previous.deleted ? 'update' : 'create';
  };
  await connection.query({ name: 'replace', text: replace, values: parametersOf(context, rows, interactionOf) });
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
    // Arrays of different lengths do not fit into one array parameter; each travels as its own array literal.
    rows.map((row) => `{${row.keys.join(',')}}`),
    rows.map((row) => row.content),
    rows.map(interactionOf),
    context.actor,
    context.request,
  ];
}
