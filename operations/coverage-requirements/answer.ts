/**
 * What the plan's rules say of a service, in the terms of coverage information. The rules are those that decide a request
 * for authorization; guidance says beforehand what they will do. Pure.
 * Source: http://hl7.org/fhir/us/davinci-crd/2.2.1/StructureDefinition-ext-coverage-information.html, and its invariants.
 */
import type { Coding } from '@medplum/fhirtypes';
import type { ItemRecommendation } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';

export type Covered = 'covered' | 'not-covered' | 'conditional' | 'indeterminate';
export type PaNeeded = 'no-auth' | 'auth-needed' | 'satisfied' | 'performpa' | 'conditional' | 'indeterminate';

export interface Reason {
  /** Of the codes that CRD has for reasons. */
  readonly code?: 'no-member-found' | 'no-active-coverage' | 'coverage-not-found' | 'technical';
  readonly text: string;
}

export interface Answer {
  readonly covered: Covered;
  /** Undefined where the service is not covered (crd-ci-q2). */
  readonly paNeeded?: PaNeeded;
  readonly docNeeded: readonly ('clinical' | 'admin' | 'patient')[];
  readonly docPurpose: readonly 'withpa'[];
  readonly infoNeeded: readonly ('detail-code' | 'OTH')[];
  readonly reasons: readonly Reason[];
  readonly questionnaires: readonly string[];
  readonly satisfiedPaId?: string;
  /** What the answer is about, where the order has billing codes. */
  readonly billingCodes: readonly Coding[];
  /** The rule that it rests on. */
  readonly basis: { readonly pack?: string; readonly packVersion?: string; readonly rule?: string };
}

const nothing = { docNeeded: [], docPurpose: [], infoNeeded: [], questionnaires: [], billingCodes: [], basis: {} } as const;

/** The patient is not known to the plan (resp-44). */
export const noMember: Answer = { ...nothing, covered: 'not-covered', reasons: [{ code: 'no-member-found', text: 'No member of the plan matches the patient and the coverage.' }] };

/** Something stood in the way of an answer (resp-43). */
export const technical: Answer = { ...nothing, covered: 'indeterminate', paNeeded: 'indeterminate', reasons: [{ code: 'technical', text: 'Technical trouble stood in the way of an answer; ask again later.' }] };

/** The order says nothing that a rule could be read by. */
export const noService: Answer = {
  ...nothing, covered: 'conditional', paNeeded: 'conditional', infoNeeded: ['detail-code'],
  reasons: [{ text: 'The order has no code of the service; coverage depends on it.' }],
};

/** @param packs the ones in force, to find the rule that a recommendation names */
export function answerOf(recommendation: ItemRecommendation, packs: readonly PolicyPack[]): Answer {
  const { basis } = recommendation;
  const common = { ...nothing, basis };
  if (recommendation.kind === 'administrative') {
    const reason: Reason = { text: recommendation.reason.text };
    // An authorization that stands is one, whether the plan answers a second request with it or refuses that.
    if (recommendation.existingNumber !== undefined && recommendation.existingNumber !== '') return { ...common, covered: 'covered', paNeeded: 'satisfied', satisfiedPaId: recommendation.existingNumber, reasons: [reason] };
    if (recommendation.effect === 'certify') return { ...common, covered: 'covered', paNeeded: 'no-auth', reasons: [reason] };
    return { ...common, covered: 'not-covered', reasons: [{ ...reason, ...reasonCode(categoryOf(recommendation, packs)) }] };
  }
  const rule = recommendation.basis.title;
  if (recommendation.effect === 'certify') {
    return { ...common, covered: 'covered', paNeeded: 'auth-needed', docNeeded: ['clinical'], docPurpose: ['withpa'], reasons: [{ text: `The record meets the plan's criteria "${rule}"; please send what shows it with the request.` }] };
  }
  // No rule speaks of the service, or the plan has none: what will come of a request is a person's to say.
  if (basis.rule === undefined) return { ...common, covered: 'conditional', paNeeded: basis.pack === undefined ? 'conditional' : 'auth-needed', infoNeeded: ['OTH'], reasons: [{ text: `${rule}: a reviewer of the plan decides.` }] };
  const { requests } = recommendation;
  const questionnaires = [...new Set(requests.flatMap(({ questionnaire }) => questionnaire === undefined ? [] : [questionnaire]))];
  return {
    ...common, covered: 'covered', paNeeded: 'auth-needed', docNeeded: ['clinical'], docPurpose: ['withpa'], questionnaires,
    reasons: requests.length > 0 ? requests.map(({ text }) => ({ text })) : [{ text: `A reviewer of the plan decides by "${rule}".` }],
  };
}

function categoryOf({ basis }: ItemRecommendation, packs: readonly PolicyPack[]): string | undefined {
  return packs.find(({ pack, version }) => pack === basis.pack && version === basis.packVersion)?.administrative.find(({ id }) => id === basis.rule)?.category;
}

function reasonCode(category: string | undefined): Pick<Reason, 'code'> {
  if (category === 'eligibility') return { code: 'coverage-not-found' };
  return category === 'coverage-dates' ? { code: 'no-active-coverage' } : {};
}

/** As a hook tells it that comes before anybody could send documents (hook-19). */
export function withoutDocumentation(answer: Answer): Answer {
  return { ...answer, docNeeded: [], docPurpose: [], questionnaires: [] };
}

/** What makes two answers the same to whoever reads them. */
export function sameAnswer(answer: Answer): string {
  return JSON.stringify({ ...answer, billingCodes: undefined });
}
