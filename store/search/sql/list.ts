/** `_list` in SQL: the entries of a List are what its parameter `item` refers to (https://hl7.org/fhir/R4/search.html#list). */
import sql, { type Sql } from 'sql-template-tag';
import type { Expression } from '../expression.ts';
import { referredTo } from './chain.ts';
import { current, rowsWithin, type Rows } from './rows.ts';

type ListCondition = Extract<Expression, { kind: 'list' }>;

/** Ids of the entries of the type that is searched. */
export function idsOnList({ id }: ListCondition, rows: Rows): Sql {
  const inner = rowsWithin(rows, 'List');
  return sql`select distinct t.id from (select ${inner.row}.* from resource ${inner.row} where ${current(inner)} and ${inner.row}.id = ${id} offset 0) s cross join lateral (${referredTo('item', rows.type, sql`s`)}) t`;
}
