/**
 * A page as the text of its Bundle entries. PostgreSQL puts the texts together: what is read row by row, and joined
 * again, cost the server more than everything else about a page of a hundred (docs/decisions/0010-shared-round-trips.md).
 */
import sql, { join, type Sql } from 'sql-template-tag';
import type { SearchParameterSet } from '../../../fhir/search-parameters.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import type { ResourceQuery } from '../expression.ts';
import type { Statistics } from '../statistics.ts';
import { includedRows, mostIncluded } from './include.ts';
import { columnsOf } from './order.ts';
import { pageRows } from './page.ts';

/** Where a page is shown, and how large it may be. */
export interface EntriesFrame {
  /** The FHIR base that full urls begin with. */
  readonly base: string;
  /** Bytes of resources at most; `entries` is null where there are more. */
  readonly mostBytes: number;
}

/**
 * One row: `found` (matches, one more than the limit where there are more), `entries` (the text between the brackets; null
 * where it would be too large), `included` (how many go along, one more than may), `binaries` (whether a Binary is among
 * those), and the type, id, time and sort values of the last match on the page (`last_*`, `places`).
 */
export function entriesRow(query: ResourceQuery, access: Access, statistics: Statistics, parameters: SearchParameterSet, frame: EntriesFrame): Sql {
  return query.include.length === 0 ? matchesRow(query, access, statistics, frame) : matchesAndMoreRow(query, access, statistics, parameters, frame);
}

/** A stored text begins with its type and its id (store/write/versions.ts). */
const typeIn = (row: Sql): Sql => sql`split_part(left(${row}.content, 64), '"', 4)`;

function entryOf(row: Sql, type: Sql, mode: string, { base }: EntriesFrame): Sql {
  const before = `{"fullUrl":${JSON.stringify(`${base}/`).slice(0, -1)}`;
  return sql`concat(${before}::text, ${type}, '/', ${row}.id, ${'","resource":'}::text, ${row}.content, ${`,"search":{"mode":"${mode}"}}`}::text)`;
}

const matchType = ({ of: [only, ...others] }: ResourceQuery, row: Sql): Sql => others.length === 0 ? sql`${only!.type}::text` : typeIn(row);

/** In one pass: rows come in the order of the page, and are numbered and put together as they come. */
function matchesRow(query: ResourceQuery, access: Access, statistics: Statistics, frame: EntriesFrame): Sql {
  const limit = sql`${query.limit}::integer`;
  const ofLast = (value: Sql): Sql => sql`max(case when m.n = ${limit} then ${value} end)`;
  const places = columnsOf(query.order).map((column) => ofLast(sql`m.${column}::text`));
  return sql`
    select count(*)::integer as found,
      case when coalesce(max(m.bytes) filter (where m.n <= ${limit}), 0) <= ${frame.mostBytes}::bigint then
        string_agg(${entryOf(sql`m`, matchType(query, sql`m`), 'match', frame)}, ',') filter (where m.n <= ${limit} and m.bytes <= ${frame.mostBytes}::bigint)
      end as entries,
      0 as included, false as binaries,
      ${ofLast(sql`m.type`)} as last_type, ${ofLast(sql`m.id`)} as last_id, ${ofLast(sql`m.last_updated`)} as last_changed,
      ${places.length === 0 ? sql`null::text[]` : sql`array[${join(places, ', ')}]`} as places
    from (
      select page.*, row_number() over () as n, sum(octet_length(page.content)) over (rows unbounded preceding) as bytes
      from (${pageRows(query, access, statistics)}) page
    ) m`;
}

function matchesAndMoreRow(query: ResourceQuery, access: Access, statistics: Statistics, parameters: SearchParameterSet, frame: EntriesFrame): Sql {
  const limit = sql`${query.limit}::integer`;
  const places = columnsOf(query.order).map((column) => sql`l.${column}::text`);
  return sql`
    with numbered as materialized (
      select page.*, row_number() over () as n from (${pageRows(query, access, statistics)}) page
    ),
    matches as materialized (select * from numbered where n <= ${limit}),
    along as materialized (
      select i.*, row_number() over () as n from (${includedRows(query.include, sql`matches`, sql`matches`, access, parameters)}) i
    )
    select (select count(*)::integer from numbered) as found,
      case when (select coalesce(sum(octet_length(m.content)), 0) from matches m) + (select coalesce(sum(octet_length(i.content)), 0) from along i) <= ${frame.mostBytes}::bigint then
        concat_ws(',', (select string_agg(${entryOf(sql`m`, matchType(query, sql`m`), 'match', frame)}, ',' order by m.n) from matches m),
                       (select string_agg(${entryOf(sql`i`, typeIn(sql`i`), 'include', frame)}, ',' order by i.n) from along i where i.n <= ${mostIncluded}::integer))
      end as entries,
      (select count(*)::integer from along) as included,
      (select coalesce(bool_or(i.type = ${resourceTypeCode('Binary')}), false) from along i) as binaries,
      l.type as last_type, l.id as last_id, l.last_updated as last_changed,
      ${places.length === 0 ? sql`null::text[]` : sql`array[${join(places, ', ')}]`} as places
    from (select 1) one
    left join matches l on l.n = ${limit}`;
}
