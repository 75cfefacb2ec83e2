/**
 * What the rules of sections are: a statement rule makes resources of one clinical statement, found by the statement's
 * templates; a section rule says which statements of a section without a known template are read all the same.
 */
import type { Conversion, Placed, Scope } from '../conversion.ts';
import type { Element } from '../xml/element.ts';

/**
 * Makes the resources of a statement, the first being the statement's own.
 * Nested statements that it reads are {@link Element.taken}; the others are dispatched after it.
 */
export type MapStatement = (c: Conversion, statement: Element, scope: Scope) => readonly Placed[];

export interface StatementRule {
  /** Roots of templateIds. Where a statement has several, the rule that is registered first is taken. */
  readonly templates: readonly string[];
  readonly map: MapStatement;
}

export interface SectionRule {
  /** LOINC code of the section. */
  readonly code: string;
  /** Roots of templateIds that stand for it. */
  readonly templates: readonly string[];
  /** By the name of a statement's element: what reads it where it has no known template. */
  readonly fallbacks?: Readonly<Record<string, MapStatement>>;
}

export interface SectionRules {
  readonly statements: readonly StatementRule[];
  readonly sections: readonly SectionRule[];
}
