/**
 * Search keys in SQL. Whether the index of keys is used must not be left to the planner (traps 1 and 2 of
 * docs/decisions/0002-search-index-layout.md): the form of the condition says it.
 */
import sql, { type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import { referenceKeyPrefix } from '../../search-keys.ts';
import type { KeyCondition } from '../expression.ts';
import { bigints, type Rows } from './rows.ts';

/** More alternatives than this are looked up in a hash table: arrays are compared each with each. */
const mostCompared = 32;

/** Tested on rows that are found otherwise: the GIN index has no such operator, so its lists are not read for nothing. */
export function keyTest({ anyOf }: KeyCondition, { row }: Rows): Sql {
  // As `is true` it is no join, but a table that is made once for the statement.
  if (anyOf.length > mostCompared) return sql`exists (select from unnest(${row}.keys) own (key) where (own.key in (select unnest(${bigints(anyOf)}::bigint[]))) is true)`;
  return anyOf.length === 1 ? sql`${anyOf[0]!}::bigint = any(${row}.keys)` : overlapTest(sql`${bigints(anyOf)}::bigint[]`, row);
}

/** The function of the operator `&&`, which no index answers. */
export function overlapTest(keys: Sql, row: Sql): Sql {
  return sql`arrayoverlap(${row}.keys, ${keys})`;
}

/** Found by the GIN index. "Contains" has good estimates for one key; "overlaps" takes alternatives in one index scan. */
export function keyProbe({ anyOf }: KeyCondition, { row }: Rows): Sql {
  return anyOf.length === 1 ? sql`${row}.keys @> ${bigints(anyOf)}::bigint[]` : sql`${row}.keys && ${bigints(anyOf)}::bigint[]`;
}

/**
 * The key that resources of `type` have when their `parameter` refers to the target with the id that only the database knows:
 * what `KeyMaker.reference` makes. Without a target type `id` is to be `Type/id`.
 */
export function referenceKey(access: Access, type: string, parameter: string, targetType: string | undefined, id: Sql): Sql {
  const prefix = referenceKeyPrefix(access.tenant, resourceTypeCode(type), parameter, targetType);
  return sql`('x' || encode(substr(sha256(convert_to(${prefix} || ${id}, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint`;
}
