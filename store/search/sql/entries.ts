/**
 * A page as the text of its Bundle entries. PostgreSQL puts the texts together: what is read row by row, and joined
 * again, cost the server more than everything else about a page of a hundred (docs/decisions/0010-shared-round-trips.md).
 */
import sql, { empty, type Sql } from 'sql-template-tag';
import type { SearchParameterSet } from '../../../fhir/search-parameters.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import type { ResourceQuery } from '../expression.ts';
import type { Statistics } from '../statistics.ts';
import { includedRows, mostIncluded } from './include.ts';
import { columnsOf, orderBy } from './order.ts';
import { pageRows } from './page.ts';

/** Where a page is shown, and how large it may be. */
export interface EntriesFrame {
  /** The FHIR base that full urls begin with. */
  readonly base: string;
  /** Bytes of resources at most; `entries` is null where there are more. */
  readonly mostBytes: number;
}

/**
 * One row: `found` (matches, one more than the limit where there are more), `entries` (the text between the brackets),
 * `included` (how many go along, one more than may), `binaries` (whether a Binary is among those), and the type, id, time and sort
 * values of the last match on the page (`last_*`, `places`).
 */
export function entriesRow(query: ResourceQuery, access: Access, statistics: Statistics, parameters: SearchParameterSet, { base, mostBytes }: EntriesFrame): Sql {
  const limit = sql`${query.limit}::integer`;
  const places = columnsOf(query.order);
  const including = query.include.length > 0;
  const [only] = query.of;
  // A stored text begins with its type and its id (store/write/versions.ts).
  const typeOf = (row: Sql): Sql => sql`split_part(left(${row}.content, 64), '"', 4)`;
  const prefix = JSON.stringify(`${base}/`).slice(0, -1);
  const entry = (row: Sql, type: Sql, mode: string): Sql =>
    sql`concat(${`{"fullUrl":${prefix}`}::text, ${type}, '/', ${row}.id, ${'","resource":'}::text, ${row}.content, ${`,"search":{"mode":"${mode}"}}`}::text)`;
  const matchType = query.of.length === 1 ? sql`${only!.type}::text` : typeOf(sql`m`);
  const along = including ? sql`,
    along as materialized (
      select i.*, row_number() over () as n from (${includedRows(query.include, sql`matches`, sql`matches`, access, parameters)}) i
    )` : empty;
  const bytes = sql`(select coalesce(sum(octet_length(m.content)), 0) from matches m)${including ? sql` + (select coalesce(sum(octet_length(i.content)), 0) from along i)` : empty}`;
  const text = sql`(select string_agg(${entry(sql`m`, matchType, 'match')}, ',' order by m.n) from matches m)`;
  const textAlong = sql`(select string_agg(${entry(sql`i`, typeOf(sql`i`), 'include')}, ',' order by i.n) from along i where i.n <= ${mostIncluded}::integer)`;
  return sql`
    with numbered as materialized (
      select page.*, row_number() over (${orderBy(query.order)}) as n from (${pageRows(query, access, statistics)}) page
    ),
    matches as materialized (select * from numbered where n <= ${limit})${along}
    select (select count(*)::integer from numbered) as found,
      case when ${bytes} <= ${mostBytes}::bigint then ${including ? sql`concat_ws(',', ${text}, ${textAlong})` : text} end as entries,
      ${including ? sql`(select count(*)::integer from along)` : sql`0`} as included,
      ${including ? sql`(select coalesce(bool_or(i.type = ${resourceTypeCode('Binary')}), false) from along i)` : sql`false`} as binaries,
      l.type as last_type, l.id as last_id, l.last_updated as last_changed,
      ${places.length === 0 ? sql`null::text[]` : sql`array[${joined(places)}]`} as places
    from (select 1) one
    left join matches l on l.n = ${limit}`;
}

function joined(columns: readonly Sql[]): Sql {
  return columns.map((column) => sql`l.${column}::text`).reduce((all, column) => sql`${all}, ${column}`);
}
