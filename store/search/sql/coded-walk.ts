/**
 * A page of patients in the order of their ids by walking the code of what refers to them (coded-has.ts): it meets
 * patients who have the code and no others, so that its cost is that of the page.
 */
import sql from 'sql-template-tag';
import type { Expression, Order, Place } from '../expression.ts';
import { codedHas, furtherKnown, hasOwnCode, patientIds, patientIdsByFurtherCode, type CodedHas } from './coded-has.ts';
import type { Compiler } from './compiler.ts';
import { afterPlace } from './order.ts';
import { current, type Rows } from './rows.ts';
import type { Part } from './walk.ts';

export interface CodedWalk {
  /** Rows that are met until there are so many that are as is asked, about. */
  readonly cost: number;
  /** What is asked besides. */
  readonly besides: readonly Expression[];
  readonly parts: () => readonly Part[];
}

/** A step is as two rows: one is found by code and patient, the other is the patient. */
const costOfStep = 2;

/** The walks that a page of `limit` could be made of; none in other orders. */
export function codedWalks(conditions: readonly Expression[], order: Order, after: Place | undefined, limit: number, rows: Rows, compiler: Compiler): readonly CodedWalk[] {
  const [first] = order;
  if (order.length > 1 || (first !== undefined && first.by !== 'id')) return [];
  return conditions.flatMap((condition) => {
    const coded = codedHas(condition, rows);
    if (coded === undefined) return [];
    const besides = conditions.filter((one) => one !== condition);
    const passing = compiler.matches({ kind: 'all', of: besides }, rows) / rows.statistics.rowsOf(rows.type);
    const steps = Math.min(compiler.matches(condition, rows), (limit + 1) / passing);
    return [{ cost: costOfStep * steps + 2 * (furtherKnown(coded, rows) ?? 0), besides, parts: () => partsOf(coded, first?.descending ?? true, order, after, rows, compiler) }];
  });
}

function partsOf(coded: CodedHas, descending: boolean, order: Order, after: Place | undefined, rows: Rows, compiler: Compiler): readonly Part[] {
  const { row } = rows;
  const behind = after === undefined ? undefined : afterPlace(after, order, rows.type);
  const patients = sql`cross join lateral (select ${row}.* from resource ${row} where ${current(rows)} and ${row}.id = h.id offset 0) ${row}`;
  return [
    // Nothing but the nested loop that is written here can join them, and that keeps the order.
    { rows: sql`select ${row}.* from (${patientIds(coded, rows, compiler, { descending, ...(behind && { behind }) })}) h ${patients} offset 0`, inOrder: true, last: false },
    { rows: sql`select ${row}.* from (${patientIdsByFurtherCode(coded, rows, compiler)}) h ${patients} where not ${hasOwnCode(coded, rows, compiler)}`, inOrder: false, last: false },
  ];
}
