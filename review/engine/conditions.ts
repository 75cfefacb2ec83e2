/**
 * Conditions: trees over facts, read in three-valued logic. Evidence of every leaf is kept, whichever way it came out.
 */
import type { AdministrativeFact, ClinicalFact, Condition, Tree } from '../policies/pack.ts';
import { findAdministrative, isAdministrative } from './administrative-facts.ts';
import { findClinical } from './clinical-facts.ts';
import type { Finding, Subject } from './subject.ts';
import { all, any, not } from './truth.ts';

/** Reads a tree, leaf by leaf. */
export function findTree<Leaf extends object>(tree: Tree<Leaf>, find: (leaf: Leaf) => Finding): Finding {
  if ('all' in tree) return combine(tree.all.map((part) => findTree(part, find)), all);
  if ('any' in tree) return combine(tree.any.map((part) => findTree(part, find)), any);
  if ('not' in tree) {
    const { truth, evidence } = findTree(tree.not, find);
    return { truth: not(truth), evidence };
  }
  return find(tree);
}

/** Reads a condition that may look at every kind of fact. */
export function findCondition(condition: Condition, subject: Subject): Finding {
  const find = (leaf: AdministrativeFact | ClinicalFact): Finding => (isAdministrative(leaf) ? findAdministrative(leaf, subject) : findClinical(leaf, subject));
  return findTree(condition, find);
}

function combine(parts: readonly Finding[], by: typeof all): Finding {
  return { truth: by(parts.map(({ truth }) => truth)), evidence: parts.flatMap(({ evidence }) => evidence) };
}
