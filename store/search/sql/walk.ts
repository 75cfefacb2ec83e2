/**
 * Pages by walking an index in the order that is asked for, testing each row until the page is full: the way for conditions
 * that many rows meet. The walk stands behind a fence, so that the planner takes it for what it is, however few rows it
 * believes to pass.
 */
import sql, { type Sql } from 'sql-template-tag';
import type { Expression, Order, Place } from '../expression.ts';
import { beginningOf, lastsLong } from './dates.ts';
import { idBehind, idsAscend, placeValue } from './order.ts';
import { allOf, current, type Rows } from './rows.ts';

/** Rows among which the page is, disjoint from those of other parts. */
export interface Part {
  readonly rows: Sql;
  /** Whether `rows` come in the order that is asked for. */
  readonly inOrder: boolean;
  /** Only looked at when the parts before have not filled the page. */
  readonly last: boolean;
}

/** Whether an index has the order. */
export function isWalkable(order: Order): boolean {
  const [first] = order;
  return first === undefined || (order.length === 1 && (first.by === 'id' || first.by === 'changed' || first.by === 'principal-date'));
}

/** The walks that give all rows of the type in order, as far as what is asked of dates allows. */
export function walks(order: Order, conditions: readonly Expression[], after: Place | undefined, rows: Rows): readonly Part[] {
  const [key] = order;
  if (key === undefined || key.by === 'id') {
    const descending = key?.descending ?? true;
    const place = after && sql`${rows.row}.${idBehind(after, order, rows.type)}`;
    return [{ rows: inOrder(place ? [place] : [], descending ? sql`${rows.row}.id desc` : sql`${rows.row}.id`, rows), inOrder: true, last: false }];
  }
  if (key.by === 'changed') {
    const bounds = conditions.filter((condition) => condition.kind === 'changed').flatMap(({ from, to }) => [
      ...(from ? [sql`${rows.row}.last_updated >= ${from}`] : []), ...(to ? [sql`${rows.row}.last_updated < ${to}`] : []),
    ]);
    return [{ rows: inOrder([...bounds, ...behindIn(sql`${rows.row}.last_updated`, order, after, rows)], by(sql`${rows.row}.last_updated`, order, rows), rows), inOrder: true, last: false }];
  }
  return walksByDate(order, conditions, after, rows);
}

/** By principal date: of all rows, or of those with a code, which have an index by it. */
export function walksByDate(order: Order, conditions: readonly Expression[], after: Place | undefined, rows: Rows, code: Sql = sql`true`): readonly Part[] {
  const { row } = rows;
  const low = sql`${row}.date_low`;
  const high = sql`${row}.date_high`;
  const beginnings = conditions.flatMap((condition) => condition.kind === 'date' && condition.scope === 'principal' ? [beginningOf(condition)] : []);
  const strict = latest(beginnings.filter(({ longUntil }) => longUntil === undefined).map(({ from }) => from));
  const soft = beginnings.filter(({ longUntil }) => longUntil !== undefined).toSorted((a, b) => b.from!.getTime() - a.from!.getTime())[0];
  const before = beginnings.flatMap((beginning) => beginning.before ? [sql`${low} < ${beginning.before}`] : []);
  const from = latest([strict, soft?.from]);
  const undatedPlace = after !== undefined && (after.values[0] ?? null) === null;
  const parts: Part[] = [];
  if (!undatedPlace) {
    const place = behindIn(low, order, after, rows);
    const bounds = [code, sql`${low} is not null`, ...(from ? [sql`${low} >= ${from}`] : []), ...before];
    parts.push({ rows: inOrder([...bounds, ...place], by(low, order, rows), rows), inOrder: true, last: false });
    if (soft && from === soft.from && from !== strict) {
      const long = [lastsLong(low, high), sql`${high} > ${soft.longUntil!}`, sql`${low} < ${from}`, ...(strict ? [sql`${low} >= ${strict}`] : []), ...before];
      parts.push({ rows: sql`select ${row}.* from (select ${row}.* from resource ${row} where ${current(rows)} and ${allOf(long)} offset 0) ${row} where ${code}`, inOrder: false, last: false });
    }
  }
  if (beginnings.length === 0) {
    const place = undatedPlace ? [sql`${row}.${idBehind(after, order, rows.type)}`] : [];
    parts.push({ rows: inOrder([code, sql`${low} is null`, ...place], idsAscend(order) ? sql`${row}.id` : sql`${row}.id desc`, rows), inOrder: true, last: true });
  }
  return parts;
}

function latest(dates: readonly (Date | undefined)[]): Date | undefined {
  return dates.reduce((best, date) => date !== undefined && (best === undefined || date > best) ? date : best, undefined);
}

function by(column: Sql, order: Order, { row }: Rows): Sql {
  return order[0]!.descending ? sql`${column} desc, ${row}.id` : sql`${column}, ${row}.id desc`;
}

/** Behind the place, in such words that the index begins there. */
function behindIn(column: Sql, order: Order, after: Place | undefined, rows: Rows): readonly Sql[] {
  const value = after?.values[0] ?? null;
  if (after === undefined || value === null) return [];
  const at = placeValue(order[0]!, value);
  const further = order[0]!.descending ? sql`<` : sql`>`;
  return [sql`${column} ${further}= ${at} and (${column} ${further} ${at} or ${rows.row}.${idBehind(after, order, rows.type)})`];
}

function inOrder(conditions: readonly Sql[], order: Sql, rows: Rows): Sql {
  return sql`select ${rows.row}.* from resource ${rows.row} where ${current(rows)} and ${allOf(conditions)} order by ${order} offset 0`;
}
