/**
 * Search keys in SQL. Whether the index of keys is used must not be left to the planner (traps 1 and 2 of
 * docs/decisions/0002-search-index-layout.md): the form of the condition says it.
 */
import sql, { join, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Predicate } from '../../../terminology/predicate.ts';
import type { Access } from '../../context.ts';
import { referenceKeyPrefix } from '../../search-keys.ts';
import { predicateSql } from '../../terminology/predicate-sql.ts';
import type { KeyCondition } from '../expression.ts';
import { bigints, type Rows } from './rows.ts';

/** More alternatives than this are looked up in a hash table: arrays are compared each with each. */
const mostCompared = 32;

/** Tested on rows that are found otherwise: the GIN index has no such operator, so its lists are not read for nothing. */
export function keyTest(condition: KeyCondition, { row }: Rows): Sql {
  const { anyOf, concepts } = condition;
  // As `is true` it is no join, but a table that is made once for the statement.
  if (anyOf.length > mostCompared || concepts !== undefined) return sql`exists (select from unnest(${row}.keys) own (key) where (own.key in (${keysSql(condition)})) is true)`;
  return anyOf.length === 1 ? sql`${anyOf[0]!}::bigint = any(${row}.keys)` : overlapTest(sql`${bigints(anyOf)}::bigint[]`, row);
}

/** A select of the keys: those that are at hand, and those that concepts have. */
function keysSql({ anyOf, concepts = [] }: KeyCondition): Sql {
  const c = sql`c`;
  const made = concepts.map(({ key, where, prefix, anyCase }) => {
    const chosen = sql`code_system_concept c where c.tenant = ${key.tenant}::smallint and c.system = ${key.number}::integer and ${predicateSql(where, { key, row: c, fewLeft: false, driver: belowIn(where) })}`;
    return sql`select ${hashSql(prefix, sql`w.code`)} from (${codesSql(chosen, anyCase)}) w`;
  });
  return join([sql`select unnest(${bigints(anyOf)}::bigint[])`, ...made], ' union all ');
}

/**
 * The codes of concepts, as resources may have written them. Where the system does not tell capitals from small letters these
 * are all spellings of a code of six letters at most, as the codes of ICD-10, LOINC and HCPCS have; of others: as it is,
 * small, capitals, with a capital first (terminology/spellings.ts). One recursion for all codes: one for each is ten times as slow.
 * @param concepts what follows `from`: concepts as `c`
 */
function codesSql(concepts: Sql, anyCase: boolean): Sql {
  if (!anyCase) return sql`select c.code from ${concepts}`;
  return sql`
    with recursive begun (rest, code) as (
      select b.rest, b.code from (select c.code, regexp_count(c.code, '[A-Za-z]') letters from ${concepts}) c cross join lateral (
        select c.code, '' where c.letters <= 6
        union select '', unnest(array[c.code, lower(c.code), upper(c.code), upper(left(c.code, 1)) || lower(substr(c.code, 2))]) where c.letters > 6) b (rest, code)
      union all
      select substr(b.rest, 2), b.code || f.form from begun b
      cross join lateral (select lower(left(b.rest, 1)) union all select upper(left(b.rest, 1)) where lower(left(b.rest, 1)) <> upper(left(b.rest, 1))) f (form)
      where b.rest <> '')
    select code from begun where rest = ''`;
}

/** The part of the condition by which concepts are found in one walk, whatever the planner knows of the tables. */
function belowIn(where: Predicate): Predicate | undefined {
  return where.kind === 'below' ? where : where.kind === 'and' ? where.of.find(({ kind }) => kind === 'below') : undefined;
}

/** The function of the operator `&&`, which no index answers. */
export function overlapTest(keys: Sql, row: Sql): Sql {
  return sql`arrayoverlap(${row}.keys, ${keys})`;
}

/** Found by the GIN index. "Contains" has good estimates for one key; "overlaps" takes alternatives in one index scan. */
export function keyProbe(condition: KeyCondition, { row }: Rows): Sql {
  const { anyOf, concepts } = condition;
  if (concepts !== undefined) return sql`${row}.keys && array(${keysSql(condition)})`;
  return anyOf.length === 1 ? sql`${row}.keys @> ${bigints(anyOf)}::bigint[]` : sql`${row}.keys && ${bigints(anyOf)}::bigint[]`;
}

/**
 * The key that resources of `type` have when their `parameter` refers to the target with the id that only the database knows:
 * what `KeyMaker.reference` makes. Without a target type `id` is to be `Type/id`.
 */
export function referenceKey(access: Access, type: string, parameter: string, targetType: string | undefined, id: Sql): Sql {
  return hashSql(referenceKeyPrefix(access.tenant, resourceTypeCode(type), parameter, targetType), id);
}

/** The hash of a text that begins so (store/search-keys.ts). */
function hashSql(prefix: string, rest: Sql): Sql {
  return sql`('x' || encode(substr(sha256(convert_to(${prefix} || ${rest}, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint`;
}
