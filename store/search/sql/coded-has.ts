/**
 * Patients by the code of what refers to them (`_has:Condition:patient:code`). `resource_by_code_and_patient` has code and
 * patient, so from one patient it is one step to the next, however many resources with the code each of them has.
 * PostgreSQL makes no such steps of itself; a recursive query does. What has the code among its further codings is not in
 * this index: those are few, and found by their keys (docs/decisions/0016-has-by-code.md).
 */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { Expression, HasCondition } from '../expression.ts';
import { eachCode, isCode, ownCode, rowsByFurtherCode, type CodeCondition } from './code.ts';
import type { Compiler } from './compiler.ts';
import { conjuncts } from './conjuncts.ts';
import { allOf, current, rowsWithin, type Rows } from './rows.ts';

export interface CodedHas {
  readonly has: HasCondition;
  /** What refers has one of these codes... */
  readonly code: CodeCondition;
  /** ...and is besides as is asked here. */
  readonly besides: readonly Expression[];
}

/** Undefined for what is no `_has` by the patient of the rows, or has no principal code in it. */
export function codedHas(condition: Expression, rows: Rows): CodedHas | undefined {
  if (condition.kind !== 'has' || !condition.viaPatient || rows.type !== 'Patient') return undefined;
  const conditions = conjuncts(condition.where);
  const code = conditions.find(isCode);
  return code && { has: condition, code, besides: conditions.filter((one) => one !== code) };
}

/** About how many rows have the code among their further codings; undefined where they are too few for the statistics. */
export function furtherKnown({ code }: CodedHas, { statistics }: Rows): number | undefined {
  const known = code.codes.flatMap(({ more }) => statistics.withKey(more) ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
}

/**
 * Ids of patients to whom a resource refers that has the code as its first, each once, in the order of the ids.
 * @param behind the operator and the id behind which to begin: `< 'x'` where the order descends
 */
export function patientIds(coded: CodedHas, rows: Rows, compiler: Compiler, { descending, behind = empty }: { readonly descending: boolean; readonly behind?: Sql }): Sql {
  const next = (place: Sql): Sql => nextPatient(coded, rows, compiler, descending, place);
  return sql`
    with recursive referred (id) as (
      (${next(behind)})
      union all
      select n.id from referred cross join lateral (${next(descending ? sql`< referred.id` : sql`> referred.id`)}) n
    )
    select referred.id from referred`;
}

/** The first patient there is, of each code; of these the first. */
function nextPatient(coded: CodedHas, rows: Rows, compiler: Compiler, descending: boolean, place: Sql): Sql {
  const inner = rowsWithin(rows, coded.has.type);
  const patient = sql`${inner.row}.patient`;
  const order = descending ? sql`desc` : empty;
  const beyond = place === empty ? sql`${patient} is not null` : sql`${patient} ${place}`;
  const firsts = eachCode(coded.code).map((codes) => {
    const along = sql`select ${inner.row}.* from resource ${inner.row} where ${current(inner)} and ${inner.row}.code = ${codes[0]!.code}::bigint and ${beyond} order by ${patient} ${order} offset 0`;
    return sql`select ${patient} as id from (${along}) ${inner.row} where ${refers({ ...coded, code: { ...coded.code, codes } }, inner, compiler)} limit 1`;
  });
  return firsts.length === 1 ? firsts[0]! : sql`select x.id from (${join(firsts.map((first) => sql`(${first})`), ' union all ')}) x order by x.id ${order} limit 1`;
}

/** What a row found by code and patient must be besides. */
function refers(coded: CodedHas, inner: Rows, compiler: Compiler): Sql {
  return allOf([ownCode(coded.code, inner), saysWhose(coded, inner), ...coded.besides.map((one) => compiler.test(one, inner))]);
}

function saysWhose({ has }: CodedHas, { row }: Rows): Sql {
  return sql`${`${has.parameter} =`} = any(${row}.targets)`;
}

/** Ids of patients to whom a resource refers that has the code among its further codings, and another as its first. */
export function patientIdsByFurtherCode(coded: CodedHas, rows: Rows, compiler: Compiler): Sql {
  const inner = rowsWithin(rows, coded.has.type);
  const besides = allOf([saysWhose(coded, inner), ...coded.besides.map((one) => compiler.test(one, inner))]);
  return sql`select distinct ${inner.row}.patient as id from (${rowsByFurtherCode(coded.code, inner)}) ${inner.row} where ${besides}`;
}

/** Whether something with the code as its first refers to the patient of this row. */
export function hasOwnCode(coded: CodedHas, rows: Rows, compiler: Compiler): Sql {
  const inner = rowsWithin(rows, coded.has.type);
  const looks = eachCode(coded.code).map((codes) => {
    const together = sql`select ${inner.row}.* from resource ${inner.row} where ${current(inner)} and ${inner.row}.code = ${codes[0]!.code}::bigint and ${inner.row}.patient = ${rows.row}.id offset 0`;
    return sql`(select true from (${together}) ${inner.row} where ${refers({ ...coded, code: { ...coded.code, codes } }, inner, compiler)} limit 1)`;
  });
  return sql`(coalesce(${join(looks, ', ')}, false))`;
}
