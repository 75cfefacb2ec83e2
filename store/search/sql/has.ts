/** `_has` in SQL: what resources that a tree of its own finds refer to (https://hl7.org/fhir/R4/search.html#has). */
import sql, { type Sql } from 'sql-template-tag';
import type { HasCondition } from '../expression.ts';
import { referredTo } from './chain.ts';
import { codedHas, furtherKnown, hasOwnCode, patientIds, patientIdsByFurtherCode } from './coded-has.ts';
import { isCollected, type Compiler } from './compiler.ts';
import { referenceKey } from './keys.ts';
import { current, rowsWithin, type Rows } from './rows.ts';

/** From one patient to the next costs as much as fetching so many rows. */
const costOfStep = 4;

/** Rows to be fetched for the ids of what is referred to, about. */
export function costOfReferredTo(condition: HasCondition, rows: Rows, compiler: Compiler): number {
  const fetched = 2 * compiler.matches(condition.where, rowsWithin(rows, condition.type));
  return codedHas(condition, rows) ? Math.min(fetched, costOfStep * rows.statistics.rowsOf(rows.type)) : fetched;
}

/** Ids of what is referred to. */
export function idsReferredTo(condition: HasCondition, rows: Rows, compiler: Compiler): Sql {
  const inner = rowsWithin(rows, condition.type);
  const coded = codedHas(condition, rows);
  // Each patient has many of them.
  if (coded && compiler.matches(condition.where, inner) > costOfStep * rows.statistics.rowsOf(rows.type)) {
    return sql`select id from (${patientIds(coded, rows, compiler, { descending: false })}) own union ${patientIdsByFurtherCode(coded, rows, compiler)}`;
  }
  const found = sql`(${compiler.found(condition.where, inner)}) s`;
  if (isPatient(condition, rows)) return sql`select distinct s.patient as id from ${found} where ${`${condition.parameter} =`} = any(s.targets)`;
  return sql`select distinct t.id from ${found} cross join lateral (${referredTo(condition.parameter, rows.type, sql`s`)}) t`;
}

export function hasTest(condition: HasCondition, rows: Rows, compiler: Compiler): Sql {
  const inner = rowsWithin(rows, condition.type);
  const own = isPatient(condition, rows);
  // A look by a key makes its hash first, and GIN is slower for one row than the index by patient.
  if (isCollected(compiler.matches(condition.where, inner), rows, own ? 4 : 2)) return sql`((${rows.row}.id in (${idsReferredTo(condition, rows, compiler)})) is true)`;
  const coded = codedHas(condition, rows);
  if (coded && isCollected(furtherKnown(coded, rows) ?? 0, rows, 4)) {
    return sql`(${hasOwnCode(coded, rows, compiler)} or (${rows.row}.id in (${patientIdsByFurtherCode(coded, rows, compiler)})) is true)`;
  }
  const refers = own
    ? sql`${current(inner)} and ${inner.row}.patient = ${rows.row}.id and ${`${condition.parameter} =`} = any(${inner.row}.targets)`
    : sql`${inner.row}.keys @> array[${referenceKey(rows.access, condition.type, condition.parameter, rows.type, sql`${rows.row}.id`)}]`;
  const referring = sql`(select ${inner.row}.* from resource ${inner.row} where ${refers} offset 0) ${inner.row}`;
  return sql`(select true from ${referring} where ${current(inner)} and ${compiler.test(condition.where, inner)} limit 1)`;
}

function isPatient({ viaPatient }: HasCondition, { type }: Rows): boolean {
  return viaPatient && type === 'Patient';
}
