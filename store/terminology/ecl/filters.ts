/** Filters of concepts and descriptions as SQL (ECL 2.2, 6.8 and 6.9). */
import sql, { type Sql } from 'sql-template-tag';
import { acceptabilities, definitionStatuses } from '../../../terminology/ecl/metadata.ts';
import type { ComponentFilter, ConceptFilter, DescriptionFilter, Dialect } from '../../../terminology/ecl/syntax.ts';
import { wordsOf } from '../../../terminology/words.ts';
import { lexeme } from '../code-system-rows.ts';
import { both, type Compiler, either, idsOf, notEvaluated } from './compiler.ts';
import { operators } from './refinement.ts';
import { searchTermSql } from './terms.ts';

export function conceptFilterSql(filters: readonly ConceptFilter[], compiler: Compiler, concept: Sql): Sql {
  return both(filters.map((filter) => {
    switch (filter.kind) {
      case 'active': {
        const c = compiler.name();
        return sql`exists (select from code_system_concept ${c} where ${compiler.here(c)} and ${c}.concept = ${concept} and ${c}.inactive = ${!filter.value}::boolean)`;
      }
      case 'definitionStatus': {
        const ids = idsOf(filter.value);
        if (ids === undefined) throw notEvaluated('definition statuses are told by their concepts alone', filter.at);
        const wanted = [...ids.includes(definitionStatuses.defined) ? ['true'] : [], ...ids.includes(definitionStatuses.primitive) ? ['false'] : []];
        return property(compiler, concept, 'sufficientlyDefined', (value) => sql`(${value} = any (${wanted}::text[])) = ${filter.operator === '='}::boolean`);
      }
      case 'module': return property(compiler, concept, 'moduleId', (value) => sameOrNot(filter, compiler.isCodeIn(value, filter.value)));
      case 'effectiveTime': return property(compiler, concept, 'effectiveTime', (value) => timeSql(filter, value));
    }
  }));
}

function property(compiler: Compiler, concept: Sql, name: string, meets: (value: Sql) => Sql): Sql {
  const p = compiler.name();
  return sql`exists (select from code_system_property ${p} where ${compiler.here(p)} and ${p}.concept = ${concept} and ${p}.code = ${name} and ${meets(sql`${p}.value`)})`;
}

type TimeFilter = Extract<ComponentFilter, { kind: 'effectiveTime' }>;

function timeSql({ operator, anyOf }: TimeFilter, value: Sql): Sql {
  // Digits in this order compare as days do.
  const tests = anyOf.map((time) => sql`${value} ${operators[operator]} ${time}::text`);
  return operator === '!=' ? both(tests) : either(tests);
}

function sameOrNot({ operator }: { readonly operator: '=' | '!=' }, meets: Sql): Sql {
  return operator === '=' ? meets : sql`not ${meets}`;
}

/** One description of the concept meets all of the filters. @param near the concept is one that is looked up */
export function descriptionFilterSql(filters: readonly DescriptionFilter[], compiler: Compiler, concept: Sql, near: boolean): Sql {
  const [d, s] = [compiler.name(), compiler.name()];
  const one = sql`exists (
    select from code_system_designation ${d}
    left join snomed_description ${s} on ${s}.tenant = ${d}.tenant and ${s}.system = ${d}.system and ${s}.concept = ${d}.concept and ${s}.position = ${d}.position
    where ${compiler.here(d)} and ${d}.concept = ${concept} and ${both(filters.map((filter) => descriptionSql(filter, compiler, d, s)))})`;
  const words = near ? undefined : wordsWanted(filters, compiler);
  if (words === undefined) return one;
  const c = compiler.name();
  return sql`(${concept} in (select ${c}.concept from code_system_concept ${c} where ${compiler.here(c)} and ${c}.words @@ ${words}::tsquery) and ${one})`;
}

/** What the index of words can find beforehand: concepts that have all words of one of the terms. */
function wordsWanted(filters: readonly DescriptionFilter[], compiler: Compiler): string | undefined {
  const term = filters.find((filter) => filter.kind === 'term' && filter.operator === '=' && filter.anyOf.every(({ kind, text }) => kind === 'match' && wordsOf([text]).length > 0));
  if (term?.kind !== 'term') return undefined;
  return term.anyOf.map(({ text }) => `(${wordsOf([text]).map((word) => `'${lexeme(compiler.system, word)}':*`).join(' & ')})`).join(' | ');
}

function descriptionSql(filter: DescriptionFilter, compiler: Compiler, d: Sql, s: Sql): Sql {
  switch (filter.kind) {
    case 'term': return sameOrNot(filter, either(filter.anyOf.map((term) => searchTermSql(term, sql`${d}.value`))));
    case 'language': return sameOrNot(filter, sql`left(${d}.language, 2) = any (${[...filter.anyOf]}::text[])`);
    case 'type': return sameOrNot(filter, compiler.isCodeIn(sql`${d}.use_code`, filter.value));
    case 'dialect': return sameOrNot(filter, either(filter.anyOf.map((dialect) => dialectSql(dialect, filter.at, s))));
    case 'id': return sameOrNot(filter, sql`${s}.id = any (${[...filter.anyOf]}::text[])`);
    case 'module': return sameOrNot(filter, compiler.isCodeIn(sql`${s}.module`, filter.value));
    case 'effectiveTime': return timeSql(filter, sql`${s}.effective_time`);
    case 'active':
      if (filter.value) return sql`true`;
      throw notEvaluated('inactive descriptions are not kept', filter.at);
  }
}

function dialectSql({ refset, acceptability }: Dialect, at: number, s: Sql): Sql {
  const ids = idsOf(refset);
  if (ids === undefined) throw notEvaluated('dialects are told by their reference sets alone', at);
  const uses: Sql[] = [];
  if (acceptability === undefined || acceptability.includes(acceptabilities.prefer)) uses.push(sql`${s}.preferred && ${[...ids]}::text[]`);
  if (acceptability === undefined || acceptability.includes(acceptabilities.accept)) uses.push(sql`${s}.acceptable && ${[...ids]}::text[]`);
  return sql`coalesce(${either(uses)}, false)`;
}
