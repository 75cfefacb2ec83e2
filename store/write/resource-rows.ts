/** The statements that write resource rows: one for many rows each, of any tenants. */
import sql, { raw, type Sql } from 'sql-template-tag';
import { indexGeneration } from '../index-row.ts';
import { arraysOf, bigints, booleans, instants, integers, lists, smallints, texts, uuids } from './columns.ts';
import { definitionsPart } from './definitions.ts';
import { indexParts, removedEntriesPart } from './index-rows.ts';
import type { CurrentRow } from './lock.ts';
import { nameOf } from './names.ts';
import type { Part } from './part.ts';
import type { ResourceRow } from './row.ts';

/** The rows as a table expression; everything else in the statement reads from it. */
function incoming(name: Sql, rows: readonly ResourceRow[]): Sql {
  return sql`${name} as (
      select tenant, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, code, code_system, coalesce(keys, '{}')::bigint[] as keys,
             coalesce(string_to_array(targets, U&'\\001D'), '{}') as targets, coalesce(present, '{}')::integer[] as present, index_sum,
             coalesce(content, '') as content, authorization_id, interaction, actor, request
      from unnest(${smallints(rows.map((row) => row.tenant))}, ${smallints(rows.map((row) => row.shard))}, ${smallints(rows.map((row) => row.typeCode))},
                  ${texts(rows.map((row) => row.id))}, ${integers(rows.map((row) => row.version))}, ${instants(rows.map((row) => row.lastUpdated))},
                  ${booleans(rows.map((row) => row.deleted))}, ${texts(rows.map((row) => row.index.patient))},
                  ${instants(rows.map((row) => row.index.date?.low))}, ${instants(rows.map((row) => row.index.date?.high))},
                  ${bigints(rows.map((row) => row.index.code?.code))}, ${bigints(rows.map((row) => row.index.code?.system))},
                  ${arraysOf(rows.map((row) => row.index.keys))}, ${lists(rows.map((row) => row.index.targets))}, ${arraysOf(rows.map((row) => row.index.present))},
                  ${bigints(rows.map((row) => row.index.sum))}, ${texts(rows.map((row) => row.content))}, ${uuids(rows.map((row) => row.authorization))},
                  ${texts(rows.map((row) => row.interaction))}, ${texts(rows.map((row) => row.actor))}, ${texts(rows.map((row) => row.request))})
        as row (tenant, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, code, code_system, keys, targets, present, index_sum, content,
                authorization_id, interaction, actor, request)
    )`;
}

const columns = raw('tenant, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, code, code_system, keys, targets, present, index_sum, index_generation, content, authorization_id');
const generation = raw(`${indexGeneration}::smallint`);
const values = sql`tenant, shard, type, id, version, last_updated, deleted, patient, date_low, date_high, code, code_system, keys, targets, present, index_sum, ${generation}, content, authorization_id`;

const announced = (name: Sql, source: Sql): Sql => sql`${name} as (
      insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request)
      select tenant, shard, last_updated, interaction, type, id, version, actor, request from ${source}
    )`;

/**
 * What is written of resources: `fresh`, whose ids are new (one that is there already violates the primary key), and
 * `later`, new versions over rows that {@link lockCurrent} has locked and found as `before`.
 */
export function resourceParts(fresh: readonly ResourceRow[], later: readonly ResourceRow[], before: ReadonlyMap<string, CurrentRow>): readonly Part[] {
  // Under a name that is locked and has no row nobody else makes one: there is nothing to look for, and no conflict to be ready for.
  const added = [...fresh, ...later.filter((row) => !before.has(nameOf(row)))];
  const replacing = later.filter((row) => before.has(nameOf(row)));
  const reindexed = replacing.filter((row) => isIndexedAnew(row, before.get(nameOf(row))));
  const definitions = definitionsPart([...fresh, ...later]);
  const removed = removedEntriesPart(reindexed);
  return [
    ...(definitions ? [definitions] : []),
    ...(added.length > 0 ? [newRowsPart(added)] : []),
    ...(replacing.length > 0 ? [replacedRowsPart(replacing, before)] : []),
    ...(removed ? [removed] : []),
    ...indexParts([...added, ...reindexed]),
  ];
}

/** Index entries stay as they are where the next version has the same. */
function isIndexedAnew(row: ResourceRow, before: CurrentRow | undefined): boolean {
  return before === undefined || before.indexSum !== row.index.sum || before.shard !== row.shard;
}

function newRowsPart(rows: readonly ResourceRow[]): Part {
  return {
    name: 'new',
    expressions: [
      incoming(sql`new_rows`, rows),
      sql`new_resources as (insert into resource (${columns}) select ${values} from new_rows)`,
      announced(sql`new_announced`, sql`new_rows`),
    ],
  };
}

/** The versions before are kept as history. */
function replacedRowsPart(rows: readonly ResourceRow[], before: ReadonlyMap<string, CurrentRow>): Part {
  // A resource that changes hands (another patient) goes to another shard, so its row there is deleted. Rare, and a plan
  // of its own: looking for such rows in every write would be a join for nothing.
  const moves = rows.some((row) => (before.get(nameOf(row))?.shard ?? row.shard) !== row.shard);
  const moved = sql`moved as (
      delete from resource r using replacing i
      where r.tenant = i.tenant and r.type = i.type and r.id = i.id and r.shard <> i.shard
    )`;
  return {
    name: moves ? 'moved' : 'replaced',
    expressions: [
      incoming(sql`replacing`, rows),
      sql`superseded as (
      insert into resource_history (tenant, shard, type, id, version, last_updated, deleted, content)
      select r.*
      from replacing i
      cross join lateral (
        select r.tenant, r.shard, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
        from resource r
        where r.tenant = i.tenant and r.type = i.type and r.id = i.id
        offset 0
      ) as r
    )`,
      ...(moves ? [moved] : []),
      sql`replaced as (
      insert into resource (${columns}) select ${values} from replacing
      on conflict (tenant, type, id, shard) do update
      set version = excluded.version, last_updated = excluded.last_updated, deleted = excluded.deleted,
          patient = excluded.patient, date_low = excluded.date_low, date_high = excluded.date_high,
          code = excluded.code, code_system = excluded.code_system, keys = excluded.keys, targets = excluded.targets, present = excluded.present, index_sum = excluded.index_sum,
          index_generation = excluded.index_generation, content = excluded.content, authorization_id = excluded.authorization_id
    )`,
      announced(sql`replaced_announced`, sql`replacing`),
    ],
  };
}
