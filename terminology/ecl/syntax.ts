/**
 * The tree of an expression constraint: SNOMED CT Expression Constraint Language 2.2
 * (https://docs.snomed.org/snomed-ct-specifications/snomed-ct-expression-constraint-language). `at` is the place of a
 * part in the text, counted from 0, for errors that are found after parsing.
 */

export type HierarchyOperator =
  | 'descendantOf' | 'descendantOrSelfOf' | 'childOf' | 'childOrSelfOf'
  | 'ancestorOf' | 'ancestorOrSelfOf' | 'parentOf' | 'parentOrSelfOf'
  | 'top' | 'bottom';

export interface ConceptReference {
  readonly kind: 'concept';
  readonly id: string;
  readonly term?: string;
  readonly at: number;
}

/** An expression constraint: a set of concepts. */
export type Constraint =
  | ConceptReference
  /** A code of another scheme that stands for a concept: `LOINC#54486-6`. */
  | { readonly kind: 'alternate'; readonly scheme: string; readonly code: string; readonly at: number }
  | { readonly kind: 'any'; readonly at: number }
  | { readonly kind: 'hierarchy'; readonly operator: HierarchyOperator; readonly of: Constraint; readonly at: number }
  /** What the reference sets `of` refer to; with `fields`, what those fields hold. */
  | { readonly kind: 'members'; readonly fields?: readonly string[] | 'all'; readonly of: Constraint; readonly filters: readonly MemberFilter[]; readonly at: number }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Constraint[] }
  | { readonly kind: 'minus'; readonly from: Constraint; readonly without: Constraint }
  | { readonly kind: 'refined'; readonly focus: Constraint; readonly by: Refinement }
  /** The values that the concepts of `from` have for the attribute. */
  | { readonly kind: 'dotted'; readonly from: Constraint; readonly attribute: Constraint; readonly at: number }
  /** Each list of filters is true of one and the same description. */
  | { readonly kind: 'described'; readonly of: Constraint; readonly filters: readonly DescriptionFilter[]; readonly at: number }
  | { readonly kind: 'filtered'; readonly of: Constraint; readonly filters: readonly ConceptFilter[]; readonly at: number }
  /** With those that became inactive in favour of one of them. */
  | { readonly kind: 'history'; readonly of: Constraint; readonly profile: 'min' | 'mod' | 'max' | Constraint; readonly at: number };

/** Reads a part that is a constraint in itself. */
export type ReadConstraint = () => Constraint;

/** A condition on the attributes of a concept. */
export type Refinement =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Refinement[] }
  /** So many groups of attributes of which `by` is true. */
  | { readonly kind: 'group'; readonly cardinality?: Cardinality; readonly by: Refinement; readonly at: number }
  | AttributeRefinement;

export interface AttributeRefinement {
  readonly kind: 'attribute';
  readonly cardinality?: Cardinality;
  /** `R`: the concept is the value, and what has the attribute is looked for. */
  readonly reverse: boolean;
  readonly name: Constraint;
  readonly value: Comparison;
  readonly at: number;
}

export interface Cardinality {
  readonly min: number;
  readonly max: number | 'many';
}

export type Equality = '=' | '!=';
export type Order = Equality | '<' | '<=' | '>' | '>=';

export type Comparison =
  | { readonly kind: 'concepts'; readonly operator: Equality; readonly value: Constraint }
  | { readonly kind: 'number'; readonly operator: Order; readonly value: string }
  | { readonly kind: 'text'; readonly operator: Equality; readonly anyOf: readonly SearchTerm[] }
  | { readonly kind: 'boolean'; readonly operator: Equality; readonly value: boolean };

/** `match`: every word begins a word of the text. `wild`: the whole text, with `*` for anything. */
export interface SearchTerm {
  readonly kind: 'match' | 'wild';
  readonly text: string;
}

/** The parts of a filter that descriptions, concepts and members have in common. */
export type ComponentFilter =
  | { readonly kind: 'module'; readonly operator: Equality; readonly value: Constraint; readonly at: number }
  /** Eight digits, YYYYMMDD; empty for what has no date yet. */
  | { readonly kind: 'effectiveTime'; readonly operator: Order; readonly anyOf: readonly string[]; readonly at: number }
  | { readonly kind: 'active'; readonly value: boolean; readonly at: number };

export type ConceptFilter = ComponentFilter | { readonly kind: 'definitionStatus'; readonly operator: Equality; readonly value: Constraint; readonly at: number };

export type DescriptionFilter =
  | ComponentFilter
  | { readonly kind: 'term'; readonly operator: Equality; readonly anyOf: readonly SearchTerm[]; readonly at: number }
  /** Two letters, in lower case. */
  | { readonly kind: 'language'; readonly operator: Equality; readonly anyOf: readonly string[]; readonly at: number }
  | { readonly kind: 'type'; readonly operator: Equality; readonly value: Constraint; readonly at: number }
  | { readonly kind: 'dialect'; readonly operator: Equality; readonly anyOf: readonly Dialect[]; readonly at: number }
  | { readonly kind: 'id'; readonly operator: Equality; readonly anyOf: readonly string[]; readonly at: number };

/** A language reference set, and what the description must be in it; without `acceptability` either. */
export interface Dialect {
  readonly refset: Constraint;
  readonly acceptability?: readonly string[];
}

export type MemberFilter = ComponentFilter | { readonly kind: 'field'; readonly name: string; readonly value: Comparison; readonly at: number };
