/**
 * What is anywhere above and below a concept, as SQL: from the closure, or, as long as that is not made, along the links.
 */
import sql, { type Sql } from 'sql-template-tag';
import type { StoredKey } from '../../terminology/source.ts';

function here({ tenant, number }: StoredKey, row: Sql): Sql {
  return sql`${row}.tenant = ${tenant}::smallint and ${row}.system = ${number}::integer`;
}

/** A select of the numbers of all below one. */
export function descendantsSql(key: StoredKey, top: Sql): Sql {
  if (key.unclosed !== true) return sql`select h.descendant from code_system_closure h where ${here(key, sql`h`)} and h.ancestor = ${top}`;
  return sql`
    (with recursive walked (concept) as (
      select l.child from code_system_link l where ${here(key, sql`l`)} and l.parent = ${top}
      union
      select l.child from walked w join code_system_link l on ${here(key, sql`l`)} and l.parent = w.concept
    ) select w.concept from walked w)`;
}

/** A select of the numbers of all above one. */
export function ancestorsSql(key: StoredKey, bottom: Sql): Sql {
  if (key.unclosed !== true) return sql`select h.ancestor from code_system_closure h where ${here(key, sql`h`)} and h.descendant = ${bottom}`;
  return sql`
    (with recursive walked (concept) as (
      select l.parent from code_system_link l where ${here(key, sql`l`)} and l.child = ${bottom}
      union
      select l.parent from walked w join code_system_link l on ${here(key, sql`l`)} and l.child = w.concept
    ) select w.concept from walked w)`;
}

/** True where the one is below the other, looked up. */
export function isBelowSql(key: StoredKey, concept: Sql, top: Sql): Sql {
  if (key.unclosed === true) return sql`(${top} in (${ancestorsSql(key, concept)})) is true`;
  return sql`exists (select from code_system_closure h where ${here(key, sql`h`)} and h.ancestor = ${top} and h.descendant = ${concept} offset 0)`;
}
