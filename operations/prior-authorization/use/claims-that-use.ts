/**
 * Claims for payment that name an authorization, and what of them uses it. A Claim (X12 837) and its
 * ExplanationOfBenefit (X12 835) tell of the same service twice; it is counted once, by the larger of the two.
 */
import type { Claim, CodeableConcept, ExplanationOfBenefit, Resource } from '@medplum/fhirtypes';
import { canonicalSystem } from '../../../terminology/system-aliases.ts';
import type { Change, EnqueueJob } from '../../../store/write/changes.ts';

export type PaymentClaim = Claim | ExplanationOfBenefit;

/** Name of the job that brings an authorization up to what was used of it. */
export const useJob = 'authorization_use';

/** A claim for payment that is in force and names an authorization. */
export function usesAuthorization(resource: Resource): resource is PaymentClaim {
  return (resource.resourceType === 'Claim' || resource.resourceType === 'ExplanationOfBenefit') && resource.use === 'claim' && numbersNamedBy(resource).length > 0;
}

export function numbersNamedBy(claim: PaymentClaim): string[] {
  return [...(claim.resourceType === 'ExplanationOfBenefit' ? claim.preAuthRef ?? [] : []), ...(claim.insurance ?? []).flatMap((insurance) => insurance.preAuthRef ?? [])];
}

/** Jobs for the members of whom `changes` bring such claims, one each. Deletions are not seen; the next claim puts them right. */
export function useJobs(changes: readonly Change[], tenant: number): EnqueueJob[] {
  const members = new Set(changes.flatMap((change) => {
    if ((change.kind !== 'create' && change.kind !== 'update') || !usesAuthorization(change.resource)) return [];
    const [, id] = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(change.resource.patient?.reference ?? '') ?? [];
    return id === undefined ? [] : [id];
  }));
  return [...members].map((member) => ({ kind: 'job', name: useJob, payload: { tenant, member }, key: `${useJob} ${tenant} ${member}` }));
}

/** Units of a service (`system|code` of any of its codings) under an authorization's numbers. */
export function unitsUsed(claims: readonly PaymentClaim[], numbers: ReadonlySet<string>, service: CodeableConcept | undefined): number | undefined {
  const codes = codesOf(service);
  const told = new Map<string, number>();
  for (const claim of claims) {
    if (claim.status !== 'active' || !numbersNamedBy(claim).some((number) => numbers.has(number))) continue;
    const units = (claim.item ?? []).filter(({ productOrService }) => [...codesOf(productOrService)].some((code) => codes.has(code)))
      .reduce((sum, { quantity }) => sum + (quantity?.value ?? 1), 0);
    const key = claim.identifier?.find(({ value }) => value !== undefined)?.value ?? claim.id ?? '';
    told.set(key, Math.max(told.get(key) ?? 0, units));
  }
  return told.size === 0 ? undefined : [...told.values()].reduce((sum, units) => sum + units, 0);
}

function codesOf(concept: CodeableConcept | undefined): ReadonlySet<string> {
  return new Set((concept?.coding ?? []).flatMap(({ system, code }) => code === undefined ? [] : [`${canonicalSystem(system ?? '')}|${code}`]));
}
