/**
 * An authorization as members, other providers and other payers read it: the ExplanationOfBenefit of Da Vinci PDex
 * (Patient Access, Provider Access, Payer-to-Payer). Made from the same state as the ClaimResponse and written with it,
 * so the two never say different things.
 * Source: PDex 2.0.0, StructureDefinition-pdex-priorauthorization; 42 CFR 422.119(b)(1)(iv): status, dates, what was
 * approved and how much of it was used, and a specific reason for a denial.
 */
import type { Claim, ExplanationOfBenefit, ExplanationOfBenefitCareTeam, ExplanationOfBenefitInsurance, ExplanationOfBenefitTotal, Period } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../../../fhir/ids.ts';
import { pasExtension } from '../../../../profiles/pas/names.ts';
import { pdexExtension, pdexProfile, pdexSystem } from '../../../../profiles/pas/pdex-names.ts';
import type { RequestReading } from '../../request/read-request.ts';
import { isUndecided, overallStatus, type ItemState } from '../../state.ts';
import type { Addresses } from '../addresses.ts';
import { allowedUnits, explainedItem, unknownAmount } from './explained-item.ts';
import type { ExplanationInput } from './input.ts';

export function explanationIdOf(claimResponse: string): string {
  return nameBasedUuid('https://priora.health/explanation-of-benefit', claimResponse);
}

export function explanationOf(input: ExplanationInput): ExplanationOfBenefit & { id: string } {
  const { state, request, addresses } = input;
  const { claim } = request;
  const items = [...state.items.values()];
  const elements = new Map(request.items.map((item) => [item.sequence, item.element]));
  const level = claim.extension?.find(({ url }) => url === pasExtension.levelOfServiceCode)?.valueCodeableConcept;
  const decisions = items.flatMap(({ decision }) => decision?.kind === 'certified' || decision?.kind === 'modified' ? [decision] : []);
  const periods = distinct(decisions.map(({ period }) => period));
  const numbers = [...new Set(decisions.map(({ number }) => number))];
  const careTeam = careTeamOf(request, addresses);
  const totals = totalsOf(input, items);
  return {
    resourceType: 'ExplanationOfBenefit',
    id: explanationIdOf(input.claimResponse),
    meta: { profile: [pdexProfile.priorAuthorization] },
    ...(level && { extension: [{ url: pdexExtension.levelOfServiceCode, valueCodeableConcept: level }] }),
    identifier: [{ system: authorizationSystem, value: state.received.administrativeReference }],
    status: overallStatus(state) === 'cancelled' ? 'cancelled' : 'active',
    type: claim.type,
    use: 'preauthorization',
    patient: { reference: addresses.patient },
    ...(claim.billablePeriod && { billablePeriod: claim.billablePeriod }),
    created: state.received.receivedAt,
    insurer: addresses.insurer === undefined ? { display: 'Payer' } : { reference: addresses.insurer },
    provider: addresses.requester === undefined ? { display: 'Not said in the request' } : { reference: addresses.requester },
    ...(claim.priority && { priority: claim.priority }),
    claim: { reference: input.claim },
    claimResponse: { reference: `ClaimResponse/${input.claimResponse}` },
    outcome: outcomeOf(items),
    disposition: overallStatus(state),
    ...(numbers.length > 0 && { preAuthRef: numbers }),
    ...(periods.length > 0 && { preAuthRefPeriod: periods }),
    ...(careTeam.length > 0 && { careTeam }),
    ...(claim.diagnosis && { diagnosis: claim.diagnosis.filter(({ diagnosisCodeableConcept }) => diagnosisCodeableConcept !== undefined).map(({ sequence, diagnosisCodeableConcept, type }) => ({ sequence, diagnosisCodeableConcept: diagnosisCodeableConcept!, ...(type && { type }) })) }),
    insurance: insuranceOf(request, addresses),
    item: items.map((item) => explainedItem(item, elements.get(item.sequence), input)),
    ...(totals.length > 0 && { total: totals }),
    ...notesOf(items),
  };
}

/** The plan's own number for the case. */
const authorizationSystem = 'https://priora.health/fhir/administrative-reference';

/** How far processing is: whether the answer is yes is said item by item. */
function outcomeOf(items: readonly ItemState[]): ExplanationOfBenefit['outcome'] {
  const waiting = items.filter(isUndecided).length;
  return waiting === 0 ? 'complete' : waiting === items.length ? 'queued' : 'partial';
}

function distinct(periods: readonly Period[]): Period[] {
  return [...new Map(periods.map((period) => [`${period.start}|${period.end}`, period])).values()];
}

function careTeamOf({ claim, claimEntry, index }: RequestReading, addresses: Addresses): ExplanationOfBenefitCareTeam[] {
  return (claim.careTeam ?? []).flatMap(({ sequence, provider, role, qualification, responsible }) => {
    const fullUrl = index.resolve(provider?.reference, claimEntry)?.fullUrl;
    const reference = fullUrl === undefined ? undefined : addresses.entry(fullUrl);
    return reference === undefined ? [] : [{ sequence, provider: { reference }, ...(responsible !== undefined && { responsible }), ...(role && { role }), ...(qualification && { qualification }) }];
  });
}

function insuranceOf({ claim, claimEntry, index }: RequestReading, addresses: Addresses): ExplanationOfBenefitInsurance[] {
  const insurance = (claim.insurance ?? []).flatMap(({ focal, coverage }: NonNullable<Claim['insurance']>[number]) => {
    const fullUrl = index.resolve(coverage?.reference, claimEntry)?.fullUrl;
    const reference = fullUrl === undefined ? undefined : addresses.entry(fullUrl);
    return reference === undefined ? [] : [{ focal: focal ?? false, coverage: { reference } }];
  });
  return insurance.length > 0 ? insurance : [{ focal: true, coverage: { display: 'Not said in the request' } }];
}

/** What may be used, and what was (PDex: PriorAuthorizationUtilization), over all items whose units can be added up. */
function totalsOf({ used, request }: ExplanationInput, items: readonly ItemState[]): ExplanationOfBenefitTotal[] {
  const total = (code: string, value: number): ExplanationOfBenefitTotal => ({
    extension: [{ url: pdexExtension.utilization, valueQuantity: { value } }],
    category: { coding: [{ system: pdexSystem.amounts, code }] },
    amount: unknownAmount,
  });
  const elements = new Map(request.items.map((item) => [item.sequence, item.element]));
  const allowed = items.flatMap((item) => allowedUnits(item, elements.get(item.sequence)) ?? []);
  const units = [...used ?? []].map(([, value]) => value);
  return [...(allowed.length > 0 ? [total('eligible', sum(allowed))] : []), ...(units.length > 0 ? [total('utilized', sum(units))] : [])];
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Reasons in words, once each: a code alone tells a member nothing. */
function notesOf(items: readonly ItemState[]): Pick<ExplanationOfBenefit, 'processNote'> {
  const texts = [...new Set(items.flatMap(({ decision }) => decision?.kind === 'denied' || decision?.kind === 'modified' ? [decision.reason.text] : []))];
  return texts.length > 0 ? { processNote: texts.map((text, index) => ({ number: index + 1, type: 'display' as const, text })) } : {};
}
