/**
 * Expression constraints as SQL over the closure, attributes and members of SNOMED CT (ECL 2.2). Only what is active is
 * found, unless a filter or a history supplement asks for more; what the tables cannot tell is refused by its name.
 */
import sql, { join, type Sql } from 'sql-template-tag';
import { historyRefsets } from '../../../terminology/ecl/metadata.ts';
import type { Constraint, MemberFilter } from '../../../terminology/ecl/syntax.ts';
import type { StoredKey } from '../../../terminology/source.ts';
import { both, Compiler, equals, notEvaluated, type Operands } from './compiler.ts';
import { conceptFilterSql, descriptionFilterSql } from './filters.ts';
import { refinementSql } from './refinement.ts';

/**
 * A select of the numbers of the constraint's concepts; with `only`, of that one concept if it is one of them.
 * @throws {Problem} `ecl-not-evaluated`
 */
export function eclConcepts(constraint: Constraint, key: StoredKey, only?: Sql, operands?: Operands): Sql {
  return conceptsOf(constraint, new Compiler(key, conceptsOf, operands), only);
}

function conceptsOf(constraint: Constraint, compiler: Compiler, only?: Sql): Sql {
  switch (constraint.kind) {
    case 'concept': {
      const c = compiler.name();
      return sql`select ${c}.concept from code_system_concept ${c} where ${both([compiler.here(c), sql`${c}.key = ${compiler.id(constraint.id)}`, equals(sql`${c}.concept`, only)])}`;
    }
    case 'alternate': throw notEvaluated('codes of other schemes are not in the release', constraint.at);
    case 'any': return anyConcept(compiler, only, false);
    case 'hierarchy': return hierarchy(constraint, compiler, only);
    case 'members': return members(constraint, compiler, only);
    case 'and': return joined(constraint.of, ' intersect ', compiler, only);
    case 'or': return joined(constraint.of, ' union ', compiler, only);
    case 'minus': return joined([constraint.from, constraint.without], ' except ', compiler, only);
    case 'refined': {
      const c = compiler.name();
      return sql`select ${c}.concept from (${conceptsOf(constraint.focus, compiler, only)}) ${c} (concept) where ${refinementSql(constraint.by, compiler, sql`${c}.concept`, only !== undefined)}`;
    }
    case 'dotted': {
      const a = compiler.name();
      return sql`select ${a}.target from snomed_attribute ${a} where ${both([
        compiler.here(a), sql`${a}.target is not null`, equals(sql`${a}.target`, only), attributeIs(compiler, sql`${a}.attribute`, constraint.attribute),
        compiler.isIn(sql`${a}.concept`, constraint.from, only !== undefined),
      ])}`;
    }
    case 'described': {
      const c = compiler.name();
      return sql`select ${c}.concept from (${conceptsOf(constraint.of, compiler, only)}) ${c} (concept) where ${descriptionFilterSql(constraint.filters, compiler, sql`${c}.concept`, only !== undefined)}`;
    }
    case 'filtered': {
      const c = compiler.name();
      // Whoever asks whether a concept is active means inactive ones, too.
      const of = constraint.of.kind === 'any' && constraint.filters.some(({ kind }) => kind === 'active') ? anyConcept(compiler, only, true) : conceptsOf(constraint.of, compiler, only);
      return sql`select ${c}.concept from (${of}) ${c} (concept) where ${conceptFilterSql(constraint.filters, compiler, sql`${c}.concept`)}`;
    }
    case 'history': return history(constraint, compiler, only);
  }
}

function joined(of: readonly Constraint[], operator: string, compiler: Compiler, only: Sql | undefined): Sql {
  return sql`${join(of.map((one) => sql`(${conceptsOf(one, compiler, only)})`), operator)}`;
}

function anyConcept(compiler: Compiler, only: Sql | undefined, inactiveToo: boolean): Sql {
  const c = compiler.name();
  return sql`select ${c}.concept from code_system_concept ${c} where ${both([compiler.here(c), inactiveToo ? undefined : sql`not ${c}.inactive`, equals(sql`${c}.concept`, only)])}`;
}

/** A wild card as the name of an attribute stands for all. */
function attributeIs(compiler: Compiler, value: Sql, name: Constraint): Sql | undefined {
  return name.kind === 'any' ? undefined : compiler.isIn(value, name, false);
}

type Hierarchy = Extract<Constraint, { kind: 'hierarchy' }>;

function hierarchy({ operator, of, at }: Hierarchy, compiler: Compiler, only: Sql | undefined): Sql {
  if (operator === 'top' || operator === 'bottom') return outermost(operator, of, at, compiler, only);
  const self = operator.endsWith('OrSelfOf');
  if (self && of.kind === 'any') return anyConcept(compiler, only, false);
  const down = operator.startsWith('descendant') || operator.startsWith('child');
  const near = operator.startsWith('child') || operator.startsWith('parent');
  if (!near && of.kind !== 'any') compiler.assertClosed(at);
  const r = compiler.name();
  const [table, above, below] = near || of.kind === 'any'
    ? [sql`code_system_link`, sql`${r}.parent`, sql`${r}.child`]
    : [sql`code_system_closure`, sql`${r}.ancestor`, sql`${r}.descendant`];
  const [found, given] = down ? [below, above] : [above, below];
  const related = sql`select ${found} from ${table} ${r} where ${both([compiler.here(r), equals(found, only), of.kind === 'any' ? undefined : compiler.isIn(given, of, only !== undefined)])}`;
  return self ? sql`(${conceptsOf(of, compiler, only)}) union (${related})` : related;
}

/** Those of a set above (below) which there is no other of it. */
function outermost(operator: 'top' | 'bottom', of: Constraint, at: number, compiler: Compiler, only: Sql | undefined): Sql {
  compiler.assertClosed(at);
  const [c, h] = [compiler.name(), compiler.name()];
  const [own, other] = operator === 'top' ? [sql`${h}.descendant`, sql`${h}.ancestor`] : [sql`${h}.ancestor`, sql`${h}.descendant`];
  return sql`select ${c}.concept from (${conceptsOf(of, compiler, only)}) ${c} (concept)
    where not exists (select from code_system_closure ${h} where ${compiler.here(h)} and ${own} = ${c}.concept and ${compiler.isIn(other, of, only !== undefined)})`;
}

type Members = Extract<Constraint, { kind: 'members' }>;

/** Names of the fields that are kept of reference sets. */
const fieldNames = ['referencedComponentId', 'targetComponentId'];

function members({ fields, of, filters, at }: Members, compiler: Compiler, only: Sql | undefined): Sql {
  const m = compiler.name();
  const [field, ...more] = fields === undefined ? ['referencedComponentId'] : fields === 'all' ? [undefined] : fields;
  if (field === undefined || more.length > 0 || !fieldNames.includes(field)) throw notEvaluated(`of the fields of reference sets one of ${fieldNames.join(' and ')} can be asked for`, at);
  const found = field === 'targetComponentId' ? sql`${m}.target` : sql`${m}.concept`;
  return sql`select ${found} from snomed_member ${m} where ${both([
    compiler.here(m), equals(found, only), field === 'targetComponentId' ? sql`${m}.target <> 0` : undefined,
    of.kind === 'any' ? undefined : compiler.isIn(sql`${m}.refset`, of, only !== undefined), ...filters.map((filter) => memberFilter(filter, compiler, m)),
  ])}`;
}

function memberFilter(filter: MemberFilter, compiler: Compiler, m: Sql): Sql | undefined {
  if (filter.kind === 'active' && filter.value) return undefined;
  if (filter.kind !== 'field') throw notEvaluated(`${filter.kind === 'active' ? 'inactive members' : `${filter.kind} of members`} are not kept`, filter.at);
  const { name, value } = filter;
  if (!fieldNames.includes(name) || value.kind !== 'concepts') throw notEvaluated(`of the fields of reference sets only ${fieldNames.join(' and ')} are kept`, filter.at);
  const field = name === 'targetComponentId' ? sql`${m}.target` : sql`${m}.concept`;
  const meets = compiler.isIn(field, value.value, false);
  return value.operator === '=' ? meets : sql`(${field} <> 0 and not coalesce(${meets}, false))`;
}

type History = Extract<Constraint, { kind: 'history' }>;

/** With what was replaced by one of them, according to the reference sets of the profile. */
function history({ of, profile, at }: History, compiler: Compiler, only: Sql | undefined): Sql {
  const m = compiler.name();
  const refsets: Constraint = typeof profile === 'object' ? profile
    : profile === 'max' ? { kind: 'hierarchy', operator: 'descendantOf', of: { kind: 'concept', id: historyRefsets.max, at }, at }
      : { kind: 'or', of: historyRefsets[profile].map((id) => ({ kind: 'concept', id, at })) };
  const replaced = sql`select ${m}.concept from snomed_member ${m} where ${both([
    compiler.here(m), sql`${m}.target <> 0`, equals(sql`${m}.concept`, only), compiler.isIn(sql`${m}.refset`, refsets, false), compiler.isIn(sql`${m}.target`, of, only !== undefined),
  ])}`;
  return sql`(${conceptsOf(of, compiler, only)}) union (${replaced})`;
}
