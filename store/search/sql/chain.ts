/**
 * Chains in SQL: resources that refer to what a tree of its own finds (https://hl7.org/fhir/R4/search.html#chaining).
 *
 * What is referred to is found first, and what refers to it by the patient of its row or by search keys that are made of the
 * ids; nothing is joined, so there is no order of joins to be wrong about (trap 6 of
 * docs/decisions/0002-search-index-layout.md).
 */
import sql, { join, type Sql } from 'sql-template-tag';
import type { ChainCondition } from '../expression.ts';
import { isCollected, type Compiler } from './compiler.ts';
import { overlapTest, referenceKey } from './keys.ts';
import { anyOf, current, rowsWithin, type Rows } from './rows.ts';

type Target = ChainCondition['targets'][number];

function isPatient({ viaPatient }: ChainCondition, { type }: Target): boolean {
  return viaPatient && type === 'Patient';
}

/** Ids of what the chain leads to. */
function targetIds({ type, where }: Target, rows: Rows, compiler: Compiler): Sql {
  const inner = rowsWithin(rows, type);
  return sql`select t.id from (${compiler.found(where, inner)}) t`;
}

/** Keys of references to what the chain leads to, made while the query runs. */
function targetKeys({ parameter }: ChainCondition, targets: readonly Target[], rows: Rows, compiler: Compiler): Sql {
  return sql`array(${join(targets.map((target) => sql`select ${referenceKey(rows.access, rows.type, parameter, target.type, sql`t.id`)} from (${targetIds(target, rows, compiler)}) t`), ' union all ')})`;
}

/** Conditions on a row that an index answers, each for some of the targets. */
export function chainProbes(condition: ChainCondition, rows: Rows, compiler: Compiler): readonly Sql[] {
  const patients = condition.targets.filter((target) => isPatient(condition, target));
  const others = condition.targets.filter((target) => !isPatient(condition, target));
  return [
    ...patients.map((target) => sql`${current(rows)} and ${rows.row}.patient = any(array(${targetIds(target, rows, compiler)})) and ${saysPatient(condition, rows)}`),
    ...(others.length > 0 ? [sql`${rows.row}.keys && ${targetKeys(condition, others, rows, compiler)}`] : []),
  ];
}

/** The row may be the patient's for another reason than this parameter. */
function saysPatient({ parameter }: ChainCondition, { row }: Rows): Sql {
  return sql`${`${parameter} =`} = any(${row}.targets)`;
}

export function chainTest(condition: ChainCondition, rows: Rows, compiler: Compiler): Sql {
  return anyOf(condition.targets.map((target) => {
    if (!isCollected(compiler.matches(target.where, rowsWithin(rows, target.type)), rows, 4)) return lookEach(condition, target, rows, compiler);
    // In parentheses that hold more than the sub-select, so that the planner makes no join of it.
    if (isPatient(condition, target)) return sql`((${rows.row}.patient in (${targetIds(target, rows, compiler)})) is true and ${saysPatient(condition, rows)})`;
    return overlapTest(targetKeys(condition, [target], rows, compiler), rows.row);
  }));
}

function lookEach(condition: ChainCondition, target: Target, rows: Rows, compiler: Compiler): Sql {
  const inner = rowsWithin(rows, target.type);
  const isMeant = (id: Sql): Sql => sql`select true from resource ${inner.row} where ${current(inner)} and ${inner.row}.id = ${id} and ${compiler.test(target.where, inner)}`;
  if (isPatient(condition, target)) return sql`(${saysPatient(condition, rows)} and (${isMeant(sql`${rows.row}.patient`)} limit 1))`;
  return sql`(select true from (${referredTo(condition.parameter, target.type, rows.row)}) x cross join lateral (${isMeant(sql`x.id`)} offset 0) y limit 1)`;
}

/** Ids of the resources of a type to which a row refers by a parameter. */
export function referredTo(parameter: string, type: string, row: Sql): Sql {
  const prefix = `${parameter} ${type}/`;
  const id = sql`substr(x.target, ${Array.from(prefix).length + 1}::integer)`;
  const elsewhere = sql`select ${id} as id from unnest(${row}.targets) x (target) where starts_with(x.target, ${prefix})`;
  return type === 'Patient' ? sql`${elsewhere} union all select ${row}.patient where ${`${parameter} =`} = any(${row}.targets)` : elsewhere;
}
