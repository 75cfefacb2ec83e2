/**
 * The principal code in SQL: the first coding of a resource's code stands in its row, and one index has it with the
 * principal date. Further codings have keys of their own; those are few, and found behind a fence.
 */
import sql, { type Sql } from 'sql-template-tag';
import type { Expression, KeyCondition } from '../expression.ts';
import { anyOf, bigints, current, type Rows } from './rows.ts';

/** Each alternative is a walk of its own. */
const mostAlternatives = 8;

export type CodeCondition = KeyCondition & { readonly codes: NonNullable<KeyCondition['codes']> };

export function isCode(expression: Expression): expression is CodeCondition {
  return expression.kind === 'key' && expression.codes !== undefined && expression.codes.length > 0 && expression.codes.length <= mostAlternatives;
}

/** The row's own code is one of these. */
export function ownCode({ codes }: CodeCondition, { row }: Rows): Sql {
  return anyOf(codes.map(({ code, system }) => {
    const same = sql`${row}.code = ${code}::bigint`;
    return system === undefined ? same : system === 'none' ? sql`(${same} and ${row}.code_system is null)` : sql`(${same} and ${row}.code_system = ${system}::bigint)`;
  }));
}

/** The different codes, whatever their systems: the rows of one are none of another. */
export function eachCode({ codes }: CodeCondition): readonly CodeCondition['codes'][] {
  const groups = new Map<bigint, CodeCondition['codes'][number][]>();
  for (const one of codes) groups.set(one.code, [...groups.get(one.code) ?? [], one]);
  return [...groups.values()];
}

/** Rows that have one of the codes among their further codings, and another as their own. */
export function rowsByFurtherCode(condition: CodeCondition, rows: Rows): Sql {
  const { row } = rows;
  return sql`
    select ${row}.* from (select ${row}.* from resource ${row} where ${row}.keys && ${bigints(condition.codes.map(({ more }) => more))}::bigint[] offset 0) ${row}
    where ${current(rows)} and (${ownCode(condition, rows)}) is not true`;
}
