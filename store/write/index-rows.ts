/** Rows of the index tables, written with the versions that they are of. */
import sql, { raw, type Sql } from 'sql-template-tag';
import { bigints, doubles, instants, smallints, texts } from './columns.ts';
import type { Part } from './part.ts';
import type { ResourceRow } from './row.ts';

/** Whose entries they are. */
export type IndexedRow = Pick<ResourceRow, 'tenant' | 'shard' | 'typeCode' | 'id' | 'index'>;

/** The entries of new rows. Nothing where there are none. */
export function indexParts(rows: readonly IndexedRow[]): readonly Part[] {
  return [datesPart(rows), stringsPart(rows), numbersPart(rows), narrativesPart(rows)].filter((part) => part !== undefined);
}

/** The columns that say whose entry it is, one value an entry. */
function owners(entries: readonly { readonly row: IndexedRow }[]): Sql {
  const rows = entries.map(({ row }) => row);
  return sql`${smallints(rows.map((row) => row.tenant))}, ${smallints(rows.map((row) => row.shard))}, ${smallints(rows.map((row) => row.typeCode))}, ${texts(rows.map((row) => row.id))}`;
}

function entriesOf<K extends 'dates' | 'strings' | 'numbers'>(rows: readonly IndexedRow[], kind: K): { row: IndexedRow; entry: IndexedRow['index'][K][number] }[] {
  return rows.flatMap((row) => row.index[kind].map((entry) => ({ row, entry })));
}

function datesPart(rows: readonly IndexedRow[]): Part | undefined {
  const found = entriesOf(rows, 'dates');
  if (found.length === 0) return undefined;
  const entries = found.map(({ entry }) => entry);
  return {
    name: 'dates',
    expressions: [sql`new_dates as (
      insert into index_date (tenant, shard, type, id, scope, token_system, low, high)
      select * from unnest(${owners(found)}, ${bigints(entries.map((entry) => entry.scope))}, ${bigints(entries.map((entry) => entry.tokenSystem))},
                           ${instants(entries.map((entry) => entry.low))}, ${instants(entries.map((entry) => entry.high))}) as entry
    )`],
  };
}

function stringsPart(rows: readonly IndexedRow[]): Part | undefined {
  const found = entriesOf(rows, 'strings');
  if (found.length === 0) return undefined;
  const entries = found.map(({ entry }) => entry);
  return {
    name: 'strings',
    expressions: [sql`new_strings as (
      insert into index_string (tenant, shard, type, id, scope, token_system, value, written)
      select * from unnest(${owners(found)}, ${bigints(entries.map((entry) => entry.scope))}, ${bigints(entries.map((entry) => entry.tokenSystem))},
                           ${texts(entries.map((entry) => entry.value))}, ${texts(entries.map((entry) => entry.written))}) as entry
    )`],
  };
}

function numbersPart(rows: readonly IndexedRow[]): Part | undefined {
  const found = entriesOf(rows, 'numbers');
  if (found.length === 0) return undefined;
  const entries = found.map(({ entry }) => entry);
  return {
    name: 'numbers',
    expressions: [sql`new_numbers as (
      insert into index_number (tenant, shard, type, id, scope, token_system, low, high, second_low, second_high, system, code, unit)
      select * from unnest(${owners(found)}, ${bigints(entries.map((entry) => entry.scope))}, ${bigints(entries.map((entry) => entry.tokenSystem))},
                           ${doubles(entries.map((entry) => entry.low))}, ${doubles(entries.map((entry) => entry.high))},
                           ${doubles(entries.map((entry) => entry.second?.low))}, ${doubles(entries.map((entry) => entry.second?.high))},
                           ${texts(entries.map((entry) => entry.system))}, ${texts(entries.map((entry) => entry.code))}, ${texts(entries.map((entry) => entry.unit))}) as entry
    )`],
  };
}

function narrativesPart(rows: readonly IndexedRow[]): Part | undefined {
  const found = rows.filter((row) => row.index.narrative !== undefined).map((row) => ({ row }));
  if (found.length === 0) return undefined;
  return {
    name: 'narratives',
    expressions: [sql`new_narratives as (
      insert into index_narrative (tenant, shard, type, id, words)
      select tenant, shard, type, id, to_tsvector('simple', words)
      from unnest(${owners(found)}, ${texts(found.map(({ row }) => row.index.narrative))}) as entry (tenant, shard, type, id, words)
    )`],
  };
}

const tables = ['index_date', 'index_string', 'index_number', 'index_narrative'] as const;

/**
 * Removes the entries of versions that are replaced. By address (`ctid`), found by one look into the index for each
 * resource: how a join would be made, with an unknown number of rows on one side, is not left to the planner.
 */
export function removedEntriesPart(rows: readonly IndexedRow[]): Part | undefined {
  if (rows.length === 0) return undefined;
  const [tenants, types, ids] = [rows.map((row) => row.tenant), rows.map((row) => row.typeCode), rows.map((row) => row.id)];
  return {
    name: 'removed',
    expressions: [
      sql`outdated as (select * from unnest(${smallints(tenants)}, ${smallints(types)}, ${texts(ids)}) as outdated (tenant, type, id))`,
      ...tables.map((table) => sql`removed_${raw(table)} as (
      delete from ${raw(table)}
      where ctid = any (array(
        select entry.ctid
        from outdated o
        cross join lateral (select e.ctid from ${raw(table)} e where e.tenant = o.tenant and e.type = o.type and e.id = o.id offset 0) as entry
      ))
    )`),
    ],
  };
}
