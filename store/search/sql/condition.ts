/** Every kind of condition as a test on a row that something else has found. */
import sql, { type Sql } from 'sql-template-tag';
import type { Expression } from '../expression.ts';
import { chainTest } from './chain.ts';
import type { Compiler } from './compiler.ts';
import { dateTest } from './dates.ts';
import { displayKeys } from './display.ts';
import { hasTest } from './has.ts';
import { keyTest, overlapTest } from './keys.ts';
import { idsOnList } from './list.ts';
import { nearTest, numberTest } from './numbers.ts';
import { allOf, anyOf, type Rows } from './rows.ts';
import { stringTest } from './strings.ts';
import { contentTest, narrativeTest } from './words.ts';

export function conditionTest(expression: Expression, rows: Rows, compiler: Compiler): Sql {
  const { row } = rows;
  switch (expression.kind) {
    case 'all': return sql`(${allOf(inOrderOfCost(expression.of).map((part) => compiler.test(part, rows)))})`;
    case 'any': return anyOf(inOrderOfCost(expression.of).map((part) => compiler.test(part, rows)));
    // What is unknown is not so.
    case 'not': return sql`(${compiler.test(expression.of, rows)}) is not true`;
    case 'id': return sql`${row}.id = any(${[...expression.ids]}::text[])`;
    case 'key': return keyTest(expression, rows);
    case 'display': return overlapTest(displayKeys(expression, rows), row);
    case 'patient': return sql`(${row}.patient = ${expression.id} or ${expression.key}::bigint = any(${row}.keys))`;
    case 'changed': return allOf(changedWithin(expression, row));
    case 'date': return dateTest(expression, rows);
    case 'string': return stringTest(expression, rows);
    case 'number': return numberTest(expression, rows);
    case 'near': return nearTest(expression, rows);
    case 'present': return sql`${expression.parameter}::integer = any(${row}.present)`;
    case 'words': return expression.of === 'narrative' ? narrativeTest(expression.query, rows) : contentTest(expression.query, rows);
    case 'chain': return chainTest(expression, rows, compiler);
    case 'has': return hasTest(expression, rows, compiler);
    case 'list': return sql`((${row}.id in (${idsOnList(expression, rows)})) is true)`;
  }
}

export function changedWithin({ from, to }: Extract<Expression, { kind: 'changed' }>, row: Sql): readonly Sql[] {
  return [...(from ? [sql`${row}.last_updated >= ${from}`] : []), ...(to ? [sql`${row}.last_updated < ${to}`] : [])];
}

/** PostgreSQL tests conditions of one cost as they stand: first what is in the row, last what looks elsewhere or reads the content. */
export function inOrderOfCost(conditions: readonly Expression[]): readonly Expression[] {
  return conditions.toSorted((a, b) => costOf(a) - costOf(b));
}

function costOf(expression: Expression): number {
  switch (expression.kind) {
    case 'all': case 'any': return Math.max(0, ...expression.of.map(costOf));
    case 'not': return costOf(expression.of);
    case 'id': case 'key': case 'patient': case 'changed': case 'present': return 0;
    case 'date': return expression.scope === 'principal' ? 0 : 2;
    case 'display': case 'list': return 1;
    case 'string': case 'number': case 'near': return 2;
    case 'chain': case 'has': return 3;
    case 'words': return expression.of === 'narrative' ? 2 : 4;
  }
}
