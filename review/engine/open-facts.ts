/**
 * What of a patient's record could still settle what the rules say of an item: the facts that nobody has shown either way,
 * of rules that are not settled without them. Whoever can look them up knows by this what to look for, and for nothing else.
 */
import type { ClinicalFact, Condition, CriterionTree, PolicyPack } from '../policies/pack.ts';
import { recommendAdministratively } from './administrative.ts';
import { findCondition } from './conditions.ts';
import { subjectsOf } from './evaluate.ts';
import type { Subject } from './subject.ts';
import type { ReviewRequest } from './types.ts';

export type RecordFact = Extract<ClinicalFact, { fact: 'observation' | 'condition' | 'document' | 'answer' }>;

const ofRecord: ReadonlySet<string> = new Set<RecordFact['fact']>(['observation', 'condition', 'document', 'answer']);

/** Each once, in the order of the rules; none of a pack that is not the plan's. */
export function openFacts(pack: PolicyPack, request: ReviewRequest): readonly RecordFact[] {
  if (request.coverage !== undefined && request.coverage.plan !== pack.plan) return [];
  const found = new Map<string, RecordFact>();
  for (const { sequence, subject } of subjectsOf(request)) {
    if (recommendAdministratively(pack, subject, sequence) !== undefined) continue;
    for (const fact of openOf(pack, subject)) found.set(JSON.stringify(fact), fact);
  }
  return [...found.values()];
}

function openOf({ administrative, clinical }: PolicyPack, subject: Subject): RecordFact[] {
  const open = administrative.flatMap(({ when }) => openIn(when, subject));
  const unsure = clinical.flatMap(({ applies }) => openIn(applies, subject));
  const applying = clinical.filter(({ applies }) => findCondition(applies, subject).truth === 'met').map(({ criteria }) => criteria);
  // One that is not met is for a person, whatever the others come to.
  const isLost = applying.some((criteria) => findCondition(conditionOf(criteria), subject).truth === 'not-met');
  return [...open, ...unsure, ...isLost ? [] : applying.flatMap((criteria) => openIn(conditionOf(criteria), subject))];
}

/** Below a group that is settled nothing is open: an answer there would change nothing. */
function openIn(condition: Condition, subject: Subject): RecordFact[] {
  if (findCondition(condition, subject).truth !== 'insufficient') return [];
  if ('all' in condition) return condition.all.flatMap((part) => openIn(part, subject));
  if ('any' in condition) return condition.any.flatMap((part) => openIn(part, subject));
  if ('not' in condition) return openIn(condition.not, subject);
  return isOfRecord(condition) ? [condition] : [];
}

function isOfRecord(leaf: { readonly fact: string }): leaf is RecordFact {
  return ofRecord.has(leaf.fact);
}

/** Criteria without their texts. */
function conditionOf(tree: CriterionTree): Condition {
  if ('test' in tree) return tree.test;
  if ('all' in tree) return { all: tree.all.map(conditionOf) };
  return 'any' in tree ? { any: tree.any.map(conditionOf) } : { not: conditionOf(tree.not) };
}
