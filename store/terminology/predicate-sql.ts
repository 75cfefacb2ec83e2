/**
 * Conditions on concepts as SQL. How the hierarchy is asked depends on what else finds concepts: where nothing does, all
 * below a code are joined; where words do, each concept that they find is looked up in the closure.
 */
import sql, { join, type Sql } from 'sql-template-tag';
import type { Predicate } from '../../terminology/predicate.ts';
import type { StoredKey } from '../../terminology/source.ts';
import type { Operands } from './ecl/compiler.ts';
import { eclConcepts } from './ecl/concepts.ts';
import { ancestorsSql, descendantsSql, isBelowSql } from './hierarchy-sql.ts';

export interface PredicateSql {
  readonly key: StoredKey;
  /** The name of the row of code_system_concept. */
  readonly row: Sql;
  /** Other conditions leave few concepts. */
  readonly fewLeft: boolean;
  /** The part of the condition that finds the concepts: it leaves few by itself. */
  readonly driver?: Predicate | undefined;
  /** What stands for the codes that the condition names, where each row has others. */
  readonly operands?: Operands;
}

/** True of the concepts that meet a condition. @throws {TypeError} for a system in memory */
export function predicateSql(where: Predicate, of: PredicateSql): Sql {
  const { key, row } = of;
  const here = (table: string): Sql => sql`${named(table)}.tenant = ${key.tenant}::smallint and ${named(table)}.system = ${key.number}::integer`;
  switch (where.kind) {
    case 'all': return sql`true`;
    case 'none': return sql`false`;
    case 'and': return sql`(${join(where.of.map((one) => predicateSql(one, of)), ' and ')})`;
    case 'or': return sql`(${join(where.of.map((one) => predicateSql(one, of)), ' or ')})`;
    // A code that is not there makes a condition unknown: then it is not met.
    // To look each concept up is the better way in the closure alone: along the links all below are walked once.
    case 'not': return sql`(${predicateSql(where.of, { ...of, fewLeft: of.fewLeft || key.unclosed !== true })}) is not true`;
    case 'codes': return sql`${row}.key = any (${[...where.keys]}::text[])`;
    case 'below': {
      const top = numberOf(where.key, of);
      if (of.fewLeft && where !== of.driver) {
        const below = isBelowSql(key, sql`${row}.concept`, top);
        return where.self ? sql`(${row}.concept = ${top} or ${below})` : below;
      }
      const found = where.self ? sql`${descendantsSql(key, top)} union all select ${top}` : descendantsSql(key, top);
      // In one walk along the primary key: a join would look each of them up anew.
      return where === of.driver ? sql`${row}.concept = any (array(${found}))` : sql`${row}.concept in (${found})`;
    }
    case 'above': {
      const bottom = numberOf(where.key, of);
      const above = sql`${row}.concept in (${ancestorsSql(key, bottom)})`;
      return where.self ? sql`(${row}.concept = ${bottom} or ${above})` : above;
    }
    case 'child': return sql`${row}.concept in (select l.child from code_system_link l where ${here('l')} and l.parent = ${numberOf(where.key, of)})`;
    case 'parent': return sql`${row}.concept in (select l.parent from code_system_link l where ${here('l')} and l.child = ${numberOf(where.key, of)})`;
    case 'leaf': return sql`not exists (select from code_system_link l where ${here('l')} and l.parent = ${row}.concept)`;
    case 'property': {
      const values = sql`p.code = any (${[...where.names]}::text[]) and left(p.value, 128) = any (${where.values.map((value) => value.slice(0, 128))}::text[]) and p.value = any (${[...where.values]}::text[])`;
      return of.fewLeft
        ? sql`exists (select from code_system_property p where ${here('p')} and p.concept = ${row}.concept and ${values} offset 0)`
        : sql`${row}.concept in (select p.concept from code_system_property p where ${here('p')} and ${values})`;
    }
    case 'has': return sql`exists (select from code_system_property p where ${here('p')} and p.concept = ${row}.concept and p.code = any (${[...where.names]}::text[]))`;
    case 'matches': {
      const whole = `^(?:${where.pattern})$`;
      if (where.of === 'code') return sql`${row}.code ~ ${whole}`;
      if (where.of === 'display') return sql`coalesce(${row}.display ~ ${whole}, false)`;
      return sql`exists (select from code_system_property p where ${here('p')} and p.concept = ${row}.concept and p.code = any (${[...where.of]}::text[]) and p.value ~ ${whole})`;
    }
    case 'display': return sql`coalesce(${row}.display = any (${[...where.values]}::text[]), false)`;
    case 'elsewhere': {
      const { key: other } = where.system;
      if (!('number' in other)) throw new TypeError('A system in memory is no part of a statement');
      const o = sql`o`;
      return sql`exists (select from code_system_concept o where o.tenant = ${other.tenant}::smallint and o.system = ${other.number}::integer and o.key = ${row}.key and ${predicateSql(where.where, { key: other, row: o, fewLeft: true })})`;
    }
    case 'ecl': return sql`${row}.concept in (${eclConcepts(where.constraint, key, of.fewLeft ? sql`${row}.concept` : undefined, of.operands)})`;
    case 'inactive': return sql`${row}.inactive`;
    case 'abstract': return sql`${row}.abstract`;
  }
}

const names: Readonly<Record<string, Sql>> = { l: sql`l`, p: sql`p` };
const named = (table: string): Sql => names[table]!;

function numberOf(code: string, { key, operands }: PredicateSql): Sql {
  return sql`(select a.concept from code_system_concept a where a.tenant = ${key.tenant}::smallint and a.system = ${key.number}::integer and a.key = ${operands?.get(code) ?? sql`${code}`})`;
}
