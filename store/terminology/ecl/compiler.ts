/** What the parts of the compiler of expression constraints have in common. */
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Problem } from '../../../fhir/problems.ts';
import type { Constraint } from '../../../terminology/ecl/syntax.ts';
import type { StoredKey } from '../../../terminology/source.ts';

/**
 * A select of one column, numbers of concepts. With `only` it says of that one concept alone whether it is among them,
 * by looking it up: each part is asked for it in turn. Without, it gives all of them.
 */
export type ConceptsOf = (constraint: Constraint, compiler: Compiler, only?: Sql) => Sql;

/** Columns in place of codes, by the names that conditions have for them (terminology/operands.ts). */
export type Operands = ReadonlyMap<string, Sql>;

export class Compiler {
  readonly #key: StoredKey;
  readonly #conceptsOf: ConceptsOf;
  readonly #operands: Operands;
  #names = 0;

  constructor(key: StoredKey, conceptsOf: ConceptsOf, operands: Operands = new Map()) {
    this.#key = key;
    this.#conceptsOf = conceptsOf;
    this.#operands = operands;
  }

  /** The id of a concept; where it is the name of an operand, what that stands for. */
  id(id: string): Sql {
    return this.#operands.get(id) ?? sql`${id}`;
  }

  /** The number of the system, as the words of concepts have it. */
  get system(): number {
    return this.#key.number;
  }

  /** A name for the row of a table: a statement may have the same table many times. */
  name(): Sql {
    return raw(`e${this.#names += 1}`);
  }

  /** What is anywhere above and below is in the closure alone. @throws {Problem} `ecl-not-evaluated` */
  assertClosed(at: number): void {
    if (this.#key.unclosed === true) throw notEvaluated('the hierarchy of the code system is still being made', at);
  }

  /** The row is of the system. */
  here(row: Sql): Sql {
    return sql`${row}.tenant = ${this.#key.tenant}::smallint and ${row}.system = ${this.#key.number}::integer`;
  }

  /** True where `value`, the number of a concept, is among those of the constraint. */
  isIn(value: Sql, constraint: Constraint, looked: boolean): Sql {
    const plain = this.singly(constraint);
    if (plain !== undefined) return sql`${value} = ${plain}`;
    return sql`${value} in (${this.#conceptsOf(constraint, this, looked ? value : undefined)})`;
  }

  concepts(constraint: Constraint, only?: Sql): Sql {
    return this.#conceptsOf(constraint, this, only);
  }

  /** The number of the concept, where the constraint is one by itself. */
  singly(constraint: Constraint): Sql | undefined {
    if (constraint.kind !== 'concept') return undefined;
    const c = this.name();
    return sql`(select ${c}.concept from code_system_concept ${c} where ${this.here(c)} and ${c}.key = ${this.id(constraint.id)})`;
  }

  /** True where `value`, a code as text, is one of the constraint's: those of the metadata need not be concepts of the release. */
  isCodeIn(value: Sql, constraint: Constraint): Sql {
    const ids = idsOf(constraint);
    if (ids !== undefined) return sql`${value} = any (${[...ids]}::text[])`;
    const c = this.name();
    return sql`${value} in (select ${c}.code from code_system_concept ${c} where ${this.here(c)} and ${this.isIn(sql`${c}.concept`, constraint, false)})`;
  }
}

/** The concepts that a constraint lists, where it does nothing else. */
export function idsOf(constraint: Constraint): readonly string[] | undefined {
  if (constraint.kind === 'concept') return [constraint.id];
  if (constraint.kind !== 'or') return undefined;
  const all = constraint.of.map(idsOf);
  return all.every((ids) => ids !== undefined) ? all.flat() : undefined;
}

/** What the tables do not tell. */
export function notEvaluated(what: string, at: number): Problem {
  return new Problem('ecl-not-evaluated', { what, position: at + 1 });
}

export function both(conditions: readonly (Sql | undefined)[]): Sql {
  const all = conditions.filter((one) => one !== undefined);
  return all.length === 0 ? sql`true` : sql`(${join(all, ' and ')})`;
}

export function either(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`false` : sql`(${join(conditions, ' or ')})`;
}

/** A condition on the one row that is looked up. */
export function equals(column: Sql, only: Sql | undefined): Sql | undefined {
  return only && sql`${column} = ${only}`;
}
