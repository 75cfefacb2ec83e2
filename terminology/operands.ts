/**
 * Conditions that are the same but for the codes that they name: asked together, each question brings its own codes.
 */
import type { AttributeRefinement, Constraint, Refinement } from './ecl/syntax.ts';
import type { Predicate } from './predicate.ts';

export interface Abstracted {
  /** With a name in place of each code: `$1`, `$2` and so on. */
  readonly where: readonly Predicate[];
  /** The codes, in the order of their names. */
  readonly operands: readonly string[];
  /** What conditions must have in common to be asked together. */
  readonly shape: string;
}

/** Longer than this a list of codes is no pattern that comes again. */
const mostOperands = 20;

/** Of conditions that come again with every code that is asked about. */
const known = new WeakMap<Predicate, Abstracted>();

/** With no names at all where there would be too many codes to tell apart. */
export function abstracted(where: readonly Predicate[]): Abstracted {
  const [only, ...more] = where;
  if (only === undefined || more.length > 0) return abstractedAnew(where);
  let found = known.get(only);
  if (found === undefined) known.set(only, found = abstractedAnew(where));
  return found;
}

function abstractedAnew(where: readonly Predicate[]): Abstracted {
  const operands: string[] = [];
  const operand = (code: string): string => `$${operands.push(code)}`;
  const general = where.map((one) => ofPredicate(one, operand));
  return operands.length > mostOperands ? { where, operands: [], shape: shapeOf(where) } : { where: general, operands, shape: shapeOf(general) };
}

/** Where a constraint stands in its text is no part of it. */
function shapeOf(where: readonly Predicate[]): string {
  return JSON.stringify(where, (name, value: unknown) => (name === 'at' ? undefined : value instanceof Set ? [...value] : value));
}

type Name = (code: string) => string;

function ofPredicate(where: Predicate, name: Name): Predicate {
  switch (where.kind) {
    case 'below': case 'above': case 'child': case 'parent': return { ...where, key: name(where.key) };
    case 'and': case 'or': return { ...where, of: where.of.map((one) => ofPredicate(one, name)) };
    case 'not': return { ...where, of: ofPredicate(where.of, name) };
    case 'ecl': return { ...where, constraint: ofConstraint(where.constraint, name) };
    default: return where;
  }
}

/** Concepts that the hierarchy and attributes are asked for; what filters name decides of the statement, and stays. */
function ofConstraint(constraint: Constraint, name: Name): Constraint {
  switch (constraint.kind) {
    case 'concept': return { kind: 'concept', id: name(constraint.id), at: constraint.at };
    case 'hierarchy': return { ...constraint, of: ofConstraint(constraint.of, name) };
    case 'and': case 'or': return { ...constraint, of: constraint.of.map((one) => ofConstraint(one, name)) };
    case 'minus': return { ...constraint, from: ofConstraint(constraint.from, name), without: ofConstraint(constraint.without, name) };
    case 'refined': return { ...constraint, focus: ofConstraint(constraint.focus, name), by: ofRefinement(constraint.by, name) };
    default: return constraint;
  }
}

function ofRefinement(refinement: Refinement, name: Name): Refinement {
  switch (refinement.kind) {
    case 'and': case 'or': return { ...refinement, of: refinement.of.map((one) => ofRefinement(one, name)) };
    case 'group': return { ...refinement, by: ofRefinement(refinement.by, name) };
    case 'attribute': return ofAttribute(refinement, name);
  }
}

function ofAttribute({ value, ...attribute }: AttributeRefinement, name: Name): AttributeRefinement {
  return { ...attribute, name: ofConstraint(attribute.name, name), value: value.kind === 'concepts' ? { ...value, value: ofConstraint(value.value, name) } : value };
}
