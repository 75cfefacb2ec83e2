/** What the rules of the member's plan say of a request. */
import { afterTaking } from '../../review/engine/duplicates.ts';
import { cardsFor, evaluate } from '../../review/engine/evaluate.ts';
import { openFacts, type RecordFact } from '../../review/engine/open-facts.ts';
import type { ItemRecommendation, ReviewRequest } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { selectPack } from '../../review/policies/select.ts';
import type { StoredAssertion } from '../../store/coverage-assertions.ts';
import type { EarlierItem } from '../../store/authorizations.ts';
import { withCanonicalSystems } from '../../terminology/system-aliases.ts';
import { approvedOf } from './approved-before.ts';
import type { Member } from './member.ts';
import type { RequestReading } from './request/read-request.ts';

export interface Question {
  readonly request: RequestReading;
  /** Items to decide, by sequence. */
  readonly items: readonly number[];
  readonly member: Member;
  readonly plan: string | undefined;
  /** What the plan holds for the same services already. */
  readonly earlier: readonly EarlierItem[];
  /** Id of the authorization that is decided, where it is on record already: it is no earlier one. */
  readonly own?: string;
  /** Day of receipt, YYYY-MM-DD. */
  readonly receivedOn: string;
  /** What the provider was told of an item beforehand, by its sequence. */
  readonly asserted?: ReadonlyMap<number, StoredAssertion>;
}

/**
 * In the order of the items. An item that guidance was given on is decided by the version of the rules that it was given
 * by, on the facts of the request: guidance outlives a change of the rules, and is no leave for another place, day or
 * quantity than was asked about.
 */
export function recommend(question: Question, policies: readonly PolicyPack[]): ItemRecommendation[] {
  const { items, plan, receivedOn, asserted } = question;
  const current = plan === undefined ? undefined : selectPack(policies, plan, receivedOn);
  const byPack = new Map<PolicyPack | undefined, number[]>();
  for (const item of items) {
    const pack = packAsserted(asserted?.get(item), question, policies) ?? current;
    byPack.set(pack, [...byPack.get(pack) ?? [], item]);
  }
  const found = new Map<number, ItemRecommendation>();
  let review = reviewRequestOf(question);
  for (const [pack, itemSequences] of byPack) {
    for (const recommendation of evaluate(pack, { ...review, itemSequences })) {
      found.set(recommendation.itemSequence, recommendation);
      review = { ...review, existing: afterTaking(review.existing, recommendation) };
    }
  }
  return items.map((item) => found.get(item)!);
}

/** What whoever writes an order can be shown beside a decision. */
export function cardsOf(question: Question, policies: readonly PolicyPack[]): ReturnType<typeof cardsFor> {
  const pack = question.plan === undefined ? undefined : selectPack(policies, question.plan, question.receivedOn);
  return pack ? cardsFor(pack, reviewRequestOf(question)) : [];
}

/** What of the patient's record could still settle what the rules say, as far as the request does not show it. */
export function openFactsOf(question: Question, policies: readonly PolicyPack[]): readonly RecordFact[] {
  const pack = question.plan === undefined ? undefined : selectPack(policies, question.plan, question.receivedOn);
  return pack ? openFacts(pack, reviewRequestOf(question)) : [];
}

function packAsserted(assertion: StoredAssertion | undefined, { plan }: Question, policies: readonly PolicyPack[]): PolicyPack | undefined {
  return assertion && policies.find(({ plan: of, pack, version }) => of === plan && pack === assertion.pack && version === assertion.packVersion);
}

function reviewRequestOf({ request, items, member, plan, earlier, own, receivedOn }: Question): ReviewRequest {
  const { coverage, patient } = member;
  return {
    receivedOn,
    // Rules are written with canonical names; senders write aliases.
    claimBundle: withCanonicalSystems(request.bundle),
    member: { ...(patient.birthDate !== undefined && { birthDate: patient.birthDate }), ...(patient.gender !== undefined && { gender: patient.gender }) },
    coverage: coverage === undefined || plan === undefined ? undefined : {
      plan, status: coverage.status === 'active' || coverage.status === 'cancelled' ? coverage.status : 'unknown',
      ...(coverage.period?.start !== undefined && { periodStart: coverage.period.start.slice(0, 10) }),
      ...(coverage.period?.end !== undefined && { periodEnd: coverage.period.end.slice(0, 10) }),
    },
    itemSequences: items,
    existing: earlier.filter(({ authorizationId }) => authorizationId !== own).map((item) => ({
      authorizationNumber: item.number ?? '', itemSequence: item.item, ...approvedOf(item, own),
      ...(request.requesterIdentifiers[0] !== undefined && { requester: request.requesterIdentifiers[0] }),
      status: item.status === 'requested' ? 'pended' : item.status as 'certified' | 'modified' | 'pended' | 'denied' | 'cancelled',
    })),
  };
}
