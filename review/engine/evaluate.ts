/**
 * The engine: a plan's rules applied to the items of a request. Same input, same answer; it reads no clock and keeps
 * no state.
 */
import { readDays } from '../facts/dates.ts';
import { itemFacts } from '../facts/item.ts';
import { patientFacts } from '../facts/patient.ts';
import { readSubmission } from '../facts/submission.ts';
import type { CardRule, PolicyPack } from '../policies/pack.ts';
import { recommendAdministratively } from './administrative.ts';
import { findCondition } from './conditions.ts';
import { pendUncovered, recommendClinically } from './clinical.ts';
import { afterTaking } from './duplicates.ts';
import type { Subject } from './subject.ts';
import type { ItemRecommendation, ReviewRequest } from './types.ts';

/**
 * One recommendation for each item asked about, in that order. Administrative denials come first, then administrative
 * certifications, then clinical rules; an item none of them speaks of pends. `pack` is the plan's pack in force
 * (policies/select.ts); without one, or with one of another plan than the coverage's, every item pends.
 *
 * The Bundle may hold anything: what cannot be read is no fact, and nothing throws.
 */
export function evaluate(pack: PolicyPack | undefined, request: ReviewRequest): ItemRecommendation[] {
  const { coverage, itemSequences } = request;
  if (pack === undefined) return itemSequences.map((sequence) => pendUncovered(undefined, sequence, 'No rules are in force for the plan'));
  if (coverage !== undefined && coverage.plan !== pack.plan) return itemSequences.map((sequence) => pendUncovered(pack, sequence, "The rules at hand are not those of the member's plan"));
  let { existing } = request;
  return subjectsOf(request).map(({ sequence, subject: asked }) => {
    const subject = { ...asked, existing };
    const recommendation = recommendAdministratively(pack, subject, sequence) ?? recommendClinically(pack, subject, sequence) ?? pendUncovered(pack, sequence, 'No criterion covers this service');
    existing = afterTaking(existing, recommendation);
    return recommendation;
  });
}

/** The cards whose condition an item meets, in the order of the pack; of another plan's pack none. They decide nothing. */
export function cardsFor(pack: PolicyPack, request: ReviewRequest): { readonly itemSequence: number; readonly card: CardRule }[] {
  const { cards = [] } = pack;
  if (cards.length === 0 || request.coverage?.plan !== pack.plan) return [];
  return subjectsOf(request).flatMap(({ sequence, subject }) => cards.filter(({ when }) => findCondition(when, subject).truth === 'met').map((card) => ({ itemSequence: sequence, card })));
}

/** What is known of each item that is asked about. */
export function subjectsOf({ claimBundle, member, coverage, existing, receivedOn, itemSequences }: ReviewRequest): { readonly sequence: number; readonly subject: Subject }[] {
  const submission = readSubmission(claimBundle);
  const common: Omit<Subject, 'item' | 'sequence'> = { patient: patientFacts(submission, member), coverage, existing, receivedOn: readDays(receivedOn)?.from };
  return itemSequences.map((sequence) => ({ sequence, subject: { ...common, sequence, item: itemFacts(submission, sequence) } }));
}
