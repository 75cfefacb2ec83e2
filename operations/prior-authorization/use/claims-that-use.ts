/**
 * Claims for payment that name an authorization, and what of them uses it. A Claim (X12 837) and its
 * ExplanationOfBenefit (X12 835) tell of the same service twice; it is counted once, as what was paid tells it. A claim
 * that another one replaces is no use any more.
 */
import type { Claim, CodeableConcept, ExplanationOfBenefit, Identifier, Reference, Resource } from '@medplum/fhirtypes';
import { canonicalSystem } from '../../../terminology/system-aliases.ts';
import type { Change, EnqueueJob } from '../../../store/write/changes.ts';

export type PaymentClaim = Claim | ExplanationOfBenefit;

/** Name of the job that brings an authorization up to what was used of it. */
export const useJob = 'authorization_use';

export function isPaymentClaim(resource: Resource): resource is PaymentClaim {
  return (resource.resourceType === 'Claim' || resource.resourceType === 'ExplanationOfBenefit') && resource.use === 'claim';
}

/** A claim for payment that names an authorization. */
export function usesAuthorization(resource: Resource): resource is PaymentClaim {
  return isPaymentClaim(resource) && numbersNamedBy(resource).length > 0;
}

export function numbersNamedBy(claim: PaymentClaim): string[] {
  return [...(claim.resourceType === 'ExplanationOfBenefit' ? claim.preAuthRef ?? [] : []), ...(claim.insurance ?? []).flatMap((insurance) => insurance.preAuthRef ?? [])];
}

/**
 * Jobs for the members of whom `changes` bring such claims, or change or remove claims that may have been such, one
 * each. Whose a removed one was the job finds out.
 */
export function useJobs(changes: readonly Change[], tenant: number): EnqueueJob[] {
  const members = new Set<string>();
  const removed = new Set<string>();
  for (const change of changes) {
    if (change.kind === 'delete' && (change.type === 'Claim' || change.type === 'ExplanationOfBenefit')) removed.add(`${change.type}/${change.id}`);
    if (change.kind !== 'create' && change.kind !== 'update') continue;
    const { resource } = change;
    // An update may take the number away: what was before is not looked at here.
    if (!isPaymentClaim(resource) || (change.kind === 'create' && !usesAuthorization(resource))) continue;
    const member = memberOf(resource);
    if (member !== undefined) members.add(member);
  }
  return [
    ...[...members].map((member): EnqueueJob => ({ kind: 'job', name: useJob, payload: { tenant, member }, key: `${useJob} ${tenant} ${member}` })),
    ...[...removed].map((address): EnqueueJob => ({ kind: 'job', name: useJob, payload: { tenant, removed: address }, key: `${useJob} ${tenant} ${address}` })),
  ];
}

/** Id of the Patient. */
export function memberOf({ patient }: PaymentClaim): string | undefined {
  return /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(patient?.reference ?? '')?.[1];
}

/** Units of a service (any of its codings) under an authorization's numbers; undefined where no claim names them. */
export function unitsUsed(claims: readonly PaymentClaim[], numbers: ReadonlySet<string>, service: CodeableConcept | undefined): number | undefined {
  const codes = codesOf(service);
  const naming = claims.filter((claim) => claim.status === 'active' && numbersNamedBy(claim).some((number) => numbers.has(number)));
  const replaced = new Set(naming.flatMap(namesOfPrior));
  const standing = naming.filter((claim) => !namesOf(claim).some((name) => replaced.has(name)));
  if (naming.length === 0) return undefined;
  const paid = standing.filter((claim) => claim.resourceType === 'ExplanationOfBenefit');
  const told = new Set(paid.flatMap((explanation) => [...namesOf(explanation), ...(explanation.claim ? [nameOfReference(explanation.claim)] : [])]));
  // Whatever the payment says of a claim counts in the claim's place.
  const counted = [...paid, ...standing.filter((claim) => claim.resourceType === 'Claim' && !namesOf(claim).some((name) => told.has(name)))];
  return counted.reduce((sum, claim) => sum + unitsOf(claim, codes), 0);
}

function unitsOf({ item = [] }: PaymentClaim, codes: ReadonlySet<string>): number {
  return item.filter((line) => [...codesOf(line.productOrService)].some((code) => codes.has(code)) && !isUnpaid(line))
    .reduce((sum, { quantity }) => sum + (quantity?.value ?? 1), 0);
}

/** A line of which the payer says that it pays nothing. */
function isUnpaid(line: NonNullable<PaymentClaim['item']>[number]): boolean {
  const benefit = 'adjudication' in line ? line.adjudication?.find(({ category }) => category.coding?.some(({ code }) => code === 'benefit')) : undefined;
  return benefit?.amount?.value !== undefined && benefit.amount.value <= 0;
}

/** By which others name it: its address and its identifiers. */
function namesOf({ resourceType, id, identifier = [] }: PaymentClaim): string[] {
  return [...(id === undefined ? [] : [`${resourceType}/${id}`]), ...identifier.flatMap(nameOfIdentifier)];
}

/** Those that it replaces (X12 CLM05-3 of 7 or 8). */
function namesOfPrior({ related = [] }: PaymentClaim): string[] {
  return related.filter(({ relationship }) => relationship?.coding?.some(({ code }) => code === 'prior')).flatMap(({ claim, reference }) => [...(claim ? [nameOfReference(claim)] : []), ...(reference ? nameOfIdentifier(reference) : [])]);
}

function nameOfReference({ reference, identifier }: Reference): string {
  return reference ?? (identifier ? nameOfIdentifier(identifier)[0] : undefined) ?? '';
}

function nameOfIdentifier({ system, value }: Identifier): string[] {
  return value === undefined ? [] : [`${system ?? ''}|${value}`];
}

function codesOf(concept: CodeableConcept | undefined): ReadonlySet<string> {
  return new Set((concept?.coding ?? []).flatMap(({ system, code }) => code === undefined ? [] : [`${canonicalSystem(system ?? '')}|${code}`]));
}
