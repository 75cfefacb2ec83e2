/** One page of a search: of one type, or merged from several, each with a tree and an index of its own. */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { Access } from '../../context.ts';
import type { Expression, ResourceQuery, TypeQuery } from '../expression.ts';
import type { Statistics } from '../statistics.ts';
import { eachCode, isCode, ownCode, rowsByFurtherCode, type CodeCondition } from './code.ts';
import { codedWalks } from './coded-walk.ts';
import { conjuncts } from './conjuncts.ts';
import { cheapest, compiler, fetched, testOf } from './driver.ts';
import { behind, columnsOf, orderBy, sortValue } from './order.ts';
import { current, rowsOf, type Rows } from './rows.ts';
import { isWalkable, walks, walksByDate, type Part } from './walk.ts';

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

/** A way to the rows of a page, and about how many are met on it. */
interface Way {
  readonly cost: number;
  readonly part: () => Sql;
}

/** As many as the page may take of one type, by the way on which the fewest rows are met. */
function partOf({ where }: TypeQuery, query: ResourceQuery, rows: Rows): Sql {
  const conditions = conjuncts(where);
  const driver = cheapest(conditions, rows);
  const code = query.order.length === 1 && query.order[0]!.by === 'principal-date' ? conditions.find(isCode) : undefined;
  const weightOf = (tests: readonly Expression[]): number => tests.some(looksElsewhere) ? elsewhere : 1;
  const way = (tested: number, parts: () => readonly Part[]): Way => ({ cost: weightOf(conditions) * tested, part: () => walked(parts(), conditions, query, { ...rows, tested }) });
  const ways: Way[] = [
    // Of ways that seem alike the first: this one costs no more than the page also where it is a common code that seems rare.
    ...codedWalks(conditions, query.order, query.after, query.limit, rows, compiler).map(({ cost, besides, parts }) => (
      { cost: weightOf(besides) * cost, part: () => walked(parts(), besides, query, { ...rows, tested: cost }) })),
    ...(driver ? [{ cost: driver.cost, part: () => sorted(fetched(driver, conditions, rows), query, rows) }] : []),
    ...(isWalkable(query.order) ? [way(rowsWalked(undefined, conditions, query.limit, rows), () => walks(query.order, conditions, query.after, rows))] : []),
    ...(code ? [way(rowsWalked(code, conditions, query.limit, rows), () => walksOfCode(code, conditions, query, rows))] : []),
  ];
  if (ways.length === 0) return sorted(sql`select ${rows.row}.* from resource ${rows.row} where ${current(rows)} and ${testOf(conditions, rows)}`, query, rows);
  return ways.reduce((best, other) => other.cost < best.cost ? other : best).part();
}

function sorted(from: Sql, query: ResourceQuery, rows: Rows): Sql {
  return inOrderBehind(sql`select ${columns(query, rows)} from (${from}) ${rows.row}`, query, rows);
}

/** Values of an order by content are made once a row, and compared behind a fence. */
function inOrderBehind(selected: Sql, query: ResourceQuery, rows: Rows): Sql {
  const after = query.after ? sql`where ${behind(query.after, query.order, rows.type)}` : empty;
  return sql`select * from (${selected} offset 0) sorted ${after} ${orderBy(query.order)} limit ${query.limit + 1}::integer`;
}

/**
 * A walk meets about one row that is as is asked in (rows walked over / matches), a fetch as many as the driver finds
 * (docs/decisions/0002-search-index-layout.md, trap 4).
 */
function rowsWalked(code: CodeCondition | undefined, conditions: readonly Expression[], limit: number, rows: Rows): number {
  const over = compiler.matches(code ?? { kind: 'all', of: [] }, rows);
  const matching = Math.min(over, compiler.matches({ kind: 'all', of: conditions }, rows));
  return Math.min(over, (limit + 1) * (over / matching));
}

function walksOfCode(code: CodeCondition, conditions: readonly Expression[], query: ResourceQuery, rows: Rows): readonly Part[] {
  return [
    ...eachCode(code).flatMap((codes) => walksByDate(query.order, conditions, query.after, rows, ownCode({ ...code, codes }, rows))),
    { rows: rowsByFurtherCode(code, rows), inOrder: false, last: false },
  ];
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

function walked(parts: readonly Part[], conditions: readonly Expression[], query: ResourceQuery, rows: Rows): Sql {
  const test = testOf(conditions, rows);
  const select = (part: Part, further: Sql): Sql => {
    const selected = sql`select ${columns(query, rows)} from (${part.rows}) ${rows.row} where ${test} ${further}`;
    return part.inOrder ? sql`(${selected} limit ${query.limit + 1}::integer)` : sql`(${inOrderBehind(selected, query, rows)})`;
  };
  const first = parts.filter((part) => !part.last).map((part) => select(part, empty));
  const last = parts.filter((part) => part.last);
  if (last.length === 0) return join(first, ' union all ');
  if (first.length === 0) return join(last.map((part) => select(part, empty)), ' union all ');
  return sql`with walked as materialized (${join(first, ' union all ')})
    select * from walked union all ${join(last.map((part) => select(part, sql`and (select count(*) from walked) <= ${query.limit}::integer`)), ' union all ')}`;
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
