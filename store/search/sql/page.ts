/** One page of a search: of one type, or merged from several, each with a tree and an index of its own. */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { Access } from '../../context.ts';
import type { Expression, ResourceQuery, TypeQuery } from '../expression.ts';
import type { Statistics } from '../statistics.ts';
import { mostCollected } from './compiler.ts';
import { cheapest, compiler, conjuncts, fetched, testOf, type Driver } from './driver.ts';
import { behind, columnsOf, orderBy, sortValue } from './order.ts';
import { current, rowsOf, type Rows } from './rows.ts';
import { isWalkable, walks, type Part } from './walk.ts';

/** A test that looks elsewhere costs about as much as so many that look at the row. */
const elsewhere = 4;

/**
 * The rows of a page in order, and one more when there are more: columns of `resource`, and `s0`, `s1`... with the values
 * they are sorted by.
 */
export function pageRows(query: ResourceQuery, access: Access, statistics: Statistics): Sql {
  const parts = query.of.map((one) => partOf(one, query, rowsOf(one.type, access, statistics)));
  const [only] = parts;
  const all = parts.length === 1 ? only! : join(parts.map((part) => sql`(${part})`), ' union all ');
  return sql`select * from (${all}) page ${orderBy(query.order)} limit ${query.limit + 1}::integer`;
}

/** As many as the page may take of one type. */
function partOf({ where }: TypeQuery, query: ResourceQuery, rows: Rows): Sql {
  const conditions = conjuncts(where);
  const driver = cheapest(conditions, rows);
  if (isWalkable(query.order) && walkIsShorter(driver, conditions, query.limit, rows)) return walked(conditions, query, rows);
  const from = driver ? fetched(driver, conditions, rows) : sql`select ${rows.row}.* from resource ${rows.row} where ${current(rows)} and ${testOf(conditions, rows)}`;
  const sorted = sql`select ${columns(query, rows)} from (${from}) ${rows.row}`;
  // The values of an order by content are made once a row, and compared behind the fence.
  const after = query.after ? sql`where ${behind(query.after, query.order, rows.type)}` : empty;
  return sql`select * from (${sorted} offset 0) sorted ${after} ${orderBy(query.order)} limit ${query.limit + 1}::integer`;
}

/**
 * A walk meets about one row that is as is asked in (rows of the type / matches), a fetch as many as the driver finds
 * (docs/decisions/0002-search-index-layout.md, trap 4).
 */
function walkIsShorter(driver: Driver | undefined, conditions: readonly Expression[], limit: number, rows: Rows): boolean {
  if (driver === undefined) return true;
  const all = rows.statistics.rowsOf(rows.type);
  const matching = compiler.matches({ kind: 'all', of: conditions }, rows);
  const weight = conditions.some(looksElsewhere) ? elsewhere : 1;
  return weight * (limit + 1) * (all / matching) < driver.cost;
}

function looksElsewhere(condition: Expression): boolean {
  switch (condition.kind) {
    case 'all': case 'any': return condition.of.some(looksElsewhere);
    case 'not': return looksElsewhere(condition.of);
    case 'date': return condition.scope !== 'principal';
    case 'string': case 'number': case 'near': case 'words': case 'chain': case 'has': return true;
    case 'id': case 'key': case 'display': case 'patient': case 'changed': case 'present': case 'list': return false;
  }
}

function walked(conditions: readonly Expression[], query: ResourceQuery, rows: Rows): Sql {
  const test = testOf(conditions, rows);
  const limit = sql`limit ${query.limit + 1}::integer`;
  const parts = walks(query.order, conditions, query.after, rows);
  const select = (part: Part, further: Sql): Sql => part.inOrder
    ? sql`(select ${columns(query, rows)} from (${part.rows}) ${rows.row} where ${test} ${further} ${limit})`
    : sql`(select * from (select ${columns(query, rows)} from (${part.rows}) ${rows.row} where ${test} ${further}) sorted ${orderBy(query.order)} ${limit})`;
  const first = parts.filter((part) => !part.last).map((part) => select(part, empty));
  const last = parts.find((part) => part.last);
  if (last === undefined) return join(first, ' union all ');
  if (first.length === 0) return select(last, empty);
  return sql`with walked as materialized (${join(first, ' union all ')})
    select * from walked union all ${select(last, sql`and (select count(*) from walked) <= ${query.limit}::integer`)}`;
}

/** What a page has of a row; what is referred to only where it goes along. */
function columns({ order, include }: ResourceQuery, rows: Rows): Sql {
  const { row } = rows;
  const names = columnsOf(order);
  return join([
    sql`${row}.type, ${row}.id, ${row}.version, ${row}.last_updated, ${row}.content`,
    ...(include.length > 0 ? [sql`${row}.targets, ${row}.patient`] : []),
    ...order.map((key, index) => sql`${sortValue(key, rows)} as ${names[index]!}`),
  ], ', ');
}
