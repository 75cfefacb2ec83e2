/**
 * Which questionnaires an order needs: those that the rules of the plan ask for, as they would if the order were a
 * request for prior authorization with nothing beside it.
 */
import type { Patient, Reference } from '@medplum/fhirtypes';
import { evaluate } from '../../review/engine/evaluate.ts';
import type { ItemRecommendation } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { selectPack } from '../../review/policies/select.ts';
import { withCanonicalSystems } from '../../terminology/system-aliases.ts';
import type { KnownCoverage } from './coverage.ts';
import { claimBundleOf, type OrderFacts } from './order-claim.ts';

/** What the rules say of an order, with the evidence at hand. Pure. @param receivedOn YYYY-MM-DD */
export function recommendOrder(order: OrderFacts, { members, coverage, plan }: Pick<KnownCoverage, 'members' | 'coverage' | 'plan'>, policies: readonly PolicyPack[], receivedOn: string, evidence: Parameters<typeof claimBundleOf>[3] = []): ItemRecommendation {
  const [member, ...others] = members;
  const [recommendation] = evaluate(plan === undefined ? undefined : selectPack(policies, plan, receivedOn), {
    receivedOn,
    claimBundle: withCanonicalSystems(claimBundleOf(order, subject, coverage, evidence.map((response) => ({ ...response, subject })), receivedOn)),
    // Of several with one number it is not known which one is meant.
    member: member !== undefined && others.length === 0 ? knownOf(member) : {},
    coverage: coverage === undefined || plan === undefined ? undefined : {
      plan, status: coverage.status === 'active' || coverage.status === 'cancelled' ? coverage.status : 'unknown',
      ...(coverage.period?.start !== undefined && { periodStart: coverage.period.start.slice(0, 10) }), ...(coverage.period?.end !== undefined && { periodEnd: coverage.period.end.slice(0, 10) }),
    },
    itemSequences: [1],
    existing: [],
  });
  return recommendation!;
}

const subject: Reference<Patient> = { reference: 'urn:priora:member' };

function knownOf({ birthDate, gender }: Patient): { birthDate?: string; gender?: string } {
  return { ...(birthDate !== undefined && { birthDate }), ...(gender !== undefined && { gender }) };
}

/** Canonicals of the questionnaires that a recommendation asks for, each once. */
export function questionnairesOf(recommendation: ItemRecommendation): readonly string[] {
  if (recommendation.kind !== 'clinical') return [];
  return [...new Set(recommendation.requests.flatMap(({ questionnaire }) => (questionnaire === undefined ? [] : [questionnaire])))];
}
