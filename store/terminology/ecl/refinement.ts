/**
 * Refinements as SQL: conditions on the attributes of a concept (ECL 2.2, 6.2 and 6.3). An attribute outside of role
 * groups is a group of its own. What is counted are different pairs of attribute and value.
 */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { AttributeRefinement, Cardinality, Comparison, Refinement } from '../../../terminology/ecl/syntax.ts';
import { both, type Compiler, either, equals, notEvaluated } from './compiler.ts';
import { searchTermSql } from './terms.ts';

/** @param near the concept is one that is looked up, so that its attributes are */
export function refinementSql(refinement: Refinement, compiler: Compiler, concept: Sql, near: boolean): Sql {
  switch (refinement.kind) {
    case 'and': return both(refinement.of.map((one) => refinementSql(one, compiler, concept, near)));
    case 'or': return either(refinement.of.map((one) => refinementSql(one, compiler, concept, near)));
    case 'attribute': return within(refinement.cardinality, concept, (having) => {
      const a = compiler.name();
      // In reverse the concept is the value, and what has it as such is counted.
      const [own, counted] = refinement.reverse ? [sql`${a}.target`, sql`${a}.concept`] : [sql`${a}.concept`, pairOf(a)];
      const which = sql`from snomed_attribute ${a} where ${both([compiler.here(a), near ? equals(own, concept) : undefined, attributeSql(refinement, compiler, a)])}`;
      return having === undefined ? sql`select ${own} ${which}` : sql`select ${own} ${which} group by ${own} having ${having(sql`count(distinct ${counted})`)}`;
    });
    case 'group': return within(refinement.cardinality, concept, (having) => {
      const g = compiler.name();
      const groups = sql`from (${groupsSql(refinement.by, compiler, near ? concept : undefined)}) ${g} (concept, role_group)`;
      return having === undefined ? sql`select ${g}.concept ${groups}` : sql`select ${g}.concept ${groups} group by ${g}.concept having ${having(sql`count(distinct ${g}.role_group)`)}`;
    });
  }
}

/** What a count must be. */
type Having = (count: Sql) => Sql;

/** True where the concept is in a select of those with so many: for none at all, where it is not in one of those with more. */
function within(cardinality: Cardinality | undefined, concept: Sql, select: (having: Having | undefined) => Sql): Sql {
  const { min, max } = cardinality ?? { min: 1, max: 'many' };
  if (min === 0) return max === 'many' ? sql`true` : sql`${concept} not in (${select(max === 0 ? undefined : (count) => sql`${count} > ${max}::bigint`)})`;
  if (min === 1 && max === 'many') return sql`${concept} in (${select(undefined)})`;
  return sql`${concept} in (${select((count) => sql`${count} >= ${min}::bigint${max === 'many' ? empty : sql` and ${count} <= ${max}::bigint`}`)})`;
}

function pairOf(a: Sql): Sql {
  return sql`(${a}.attribute, ${a}.target, ${a}.value)`;
}

/** Groups are told apart by their number; attributes without one by their place, below 0. */
function groupOf(a: Sql): Sql {
  return sql`case when ${a}.role_group = 0 then - ${a}.position else ${a}.role_group end`;
}

/** A select of concepts and groups in which the refinement is true. */
function groupsSql(refinement: Refinement, compiler: Compiler, only: Sql | undefined): Sql {
  switch (refinement.kind) {
    case 'and': case 'or': return sql`${join(refinement.of.map((one) => sql`(${groupsSql(one, compiler, only)})`), refinement.kind === 'and' ? ' intersect ' : ' union ')}`;
    case 'group': throw notEvaluated('a group within a group has no meaning', refinement.at);
    case 'attribute': {
      if (refinement.reverse) throw notEvaluated('an attribute in reverse has no meaning in a group', refinement.at);
      const groups = (having: Having | undefined, condition: (a: Sql) => Sql | undefined): Sql => {
        const a = compiler.name();
        const which = sql`select ${a}.concept, ${groupOf(a)} from snomed_attribute ${a} where ${both([compiler.here(a), equals(sql`${a}.concept`, only), condition(a)])}`;
        return having === undefined ? which : sql`${which} group by 1, 2 having ${having(sql`count(distinct ${pairOf(a)})`)}`;
      };
      const fitting = (a: Sql): Sql => attributeSql(refinement, compiler, a);
      const { min, max } = refinement.cardinality ?? { min: 1, max: 'many' };
      if (min === 0) {
        const every = groups(undefined, () => undefined);
        return max === 'many' ? every : sql`(${every}) except (${groups(max === 0 ? undefined : (count) => sql`${count} > ${max}::bigint`, fitting)})`;
      }
      if (min === 1 && max === 'many') return groups(undefined, fitting);
      return groups((count) => sql`${count} >= ${min}::bigint${max === 'many' ? empty : sql` and ${count} <= ${max}::bigint`}`, fitting);
    }
  }
}

/** True of a row of snomed_attribute that has the name and the value. */
function attributeSql({ name, value, reverse, at }: AttributeRefinement, compiler: Compiler, a: Sql): Sql {
  if (reverse && value.kind !== 'concepts') throw notEvaluated('an attribute in reverse leads to concepts', at);
  const named = name.kind === 'any' ? undefined : compiler.isIn(sql`${a}.attribute`, name, false);
  return both([named, valueSql(value, compiler, a, reverse ? sql`${a}.concept` : sql`${a}.target`), reverse ? sql`${a}.target is not null` : undefined]);
}

function valueSql(value: Comparison, compiler: Compiler, a: Sql, concept: Sql): Sql | undefined {
  switch (value.kind) {
    case 'concepts': {
      if (value.value.kind === 'any') return value.operator === '=' ? undefined : sql`false`;
      const meets = compiler.isIn(concept, value.value, false);
      // A concept that is not in the release is none that a value could be.
      return value.operator === '=' ? meets : sql`(${concept} is not null and not coalesce(${meets}, false))`;
    }
    case 'number': return sql`case when ${a}.value ~ '^-?[0-9]+([.][0-9]+)?$' then ${a}.value::numeric ${operators[value.operator]} ${value.value}::numeric else false end`;
    case 'boolean': return sql`(${a}.value in ('true', 'false') and ${a}.value ${operators[value.operator]} ${String(value.value)}::text)`;
    case 'text': {
      const meets = either(value.anyOf.map((term) => searchTermSql(term, sql`trim(both '"' from ${a}.value)`)));
      return sql`(left(${a}.value, 1) = '"' and ${value.operator === '=' ? meets : sql`not ${meets}`})`;
    }
  }
}

export const operators = { '=': sql`=`, '!=': sql`<>`, '<': sql`<`, '<=': sql`<=`, '>': sql`>`, '>=': sql`>=` } as const;
