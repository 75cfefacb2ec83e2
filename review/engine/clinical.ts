/**
 * What the clinical rules say of an item: certify where every rule that applies is met, pend otherwise. There is no
 * third way out of this file.
 */
import type { ClinicalRule, CriterionTree, PolicyPack } from '../policies/pack.ts';
import { findCondition } from './conditions.ts';
import type { Subject } from './subject.ts';
import { all, any, not, type Truth } from './truth.ts';
import type { ClinicalRecommendation, CriterionResult, InformationRequest } from './types.ts';

/** How a rule came out. `open` are the criteria nobody has shown either way and whose answer could still settle it. */
interface Outcome {
  readonly rule: ClinicalRule;
  readonly truth: Truth;
  readonly trace: readonly CriterionResult[];
  readonly open: ReadonlySet<string>;
}

/** Undefined where no clinical rule is shown to apply to the item. */
export function recommendClinically(pack: PolicyPack, subject: Subject, itemSequence: number): ClinicalRecommendation | undefined {
  const applying = pack.clinical.filter((rule) => findCondition(rule.applies, subject).truth === 'met');
  const outcomes = applying.map((rule) => outcomeOf(rule, subject));
  const deciding = outcomes.find(({ truth }) => truth !== 'met') ?? outcomes[0];
  if (deciding === undefined) return undefined;
  const { rule, truth } = deciding;
  const head = {
    kind: 'clinical' as const,
    itemSequence,
    truth,
    basis: { pack: pack.pack, packVersion: pack.version, rule: rule.id, title: rule.title },
    explanation: explain(deciding),
    trace: outcomes.flatMap((outcome) => outcome.trace),
  };
  if (truth === 'met') return { ...head, effect: 'certify', requests: [], validDays: Math.min(...applying.map(({ met }) => met.validDays)) };
  return { ...head, effect: 'pend', requests: outcomes.flatMap(requestsOf) };
}

/** A pend for an item no rule speaks of. */
export function pendUncovered(pack: PolicyPack | undefined, itemSequence: number, title: string): ClinicalRecommendation {
  return {
    kind: 'clinical',
    itemSequence,
    effect: 'pend',
    truth: 'insufficient',
    basis: { ...(pack === undefined ? {} : { pack: pack.pack, packVersion: pack.version }), title },
    explanation: `${title}: a reviewer decides.`,
    trace: [],
    requests: [],
  };
}

function outcomeOf(rule: ClinicalRule, subject: Subject): Outcome {
  const trace: CriterionResult[] = [];
  const { truth, open } = walk(rule.criteria, subject, trace);
  return { rule, truth, trace, open: new Set(open) };
}

// Below a group that is settled, nothing is open: an answer there would change nothing.
function walk(tree: CriterionTree, subject: Subject, trace: CriterionResult[]): { truth: Truth; open: readonly string[] } {
  if ('test' in tree) {
    const { truth, evidence } = findCondition(tree.test, subject);
    trace.push({ id: tree.id, text: tree.text, truth, evidence });
    return { truth, open: truth === 'insufficient' ? [tree.id] : [] };
  }
  if ('not' in tree) {
    const part = walk(tree.not, subject, trace);
    return { truth: not(part.truth), open: part.open };
  }
  const isAll = 'all' in tree;
  const parts = (isAll ? tree.all : tree.any).map((part) => walk(part, subject, trace));
  const truth = (isAll ? all : any)(parts.map((part) => part.truth));
  return { truth, open: truth === 'insufficient' ? parts.flatMap((part) => part.open) : [] };
}

function requestsOf({ rule, truth, trace, open }: Outcome): InformationRequest[] {
  return (rule.requests ?? []).flatMap((request): InformationRequest[] => {
    if (request.when !== truth) return [];
    const { criterion, when: _, ...wanted } = request;
    if (criterion === undefined) return [wanted];
    const asked = truth === 'insufficient' ? open.has(criterion) : trace.some((result) => result.id === criterion && result.truth === truth);
    return asked ? [{ ...wanted, criterion }] : [];
  });
}

function explain({ rule, truth, trace, open }: Outcome): string {
  if (truth === 'met') return `The record shows that the criteria of "${rule.title}" are met.`;
  if (truth === 'insufficient') return `The record does not show yet whether the criteria of "${rule.title}" are met; open: ${[...open].join(', ')}.`;
  const failed = trace.filter((result) => result.truth === 'not-met').map(({ id }) => id);
  return `The record does not meet the criteria of "${rule.title}" (${failed.join(', ')}): a reviewer decides.`;
}
