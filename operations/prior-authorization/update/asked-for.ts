/** What an item asks for, in parts that can be compared: with the version before, and with the other items beside it. */
import type { ClaimItem, CodeableConcept } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../../profiles/pas/names.ts';
import { identifiersOfProvider, type RequestReading } from '../request/read-request.ts';
import { codesOf } from '../rows.ts';

/** What is asked for, each part as one text; what is not said is empty. */
export function askedFor(element: ClaimItem, request: RequestReading): Readonly<Record<string, string>> {
  const codes = (concept: CodeableConcept | undefined): string => sorted(codesOf(concept));
  const { claim, index, claimEntry } = request;
  const providers = (claim.careTeam ?? []).filter(({ sequence }) => element.careTeamSequence?.includes(sequence)).flatMap(({ provider }) => identifiersOfProvider(index.resolve(provider?.reference, claimEntry), index));
  const diagnoses = (claim.diagnosis ?? []).filter(({ sequence }) => element.diagnosisSequence?.includes(sequence)).flatMap(({ diagnosisCodeableConcept }) => codesOf(diagnosisCodeableConcept).map((code) => code.replace('.', '')));
  return {
    service: codes(element.productOrService),
    modifiers: sorted((element.modifier ?? []).flatMap(codesOf)),
    revenue: codes(element.revenue),
    quantity: element.quantity?.value === undefined ? '' : `${amount(element.quantity.value)} ${element.quantity.code ?? element.quantity.unit ?? ''}`,
    price: element.unitPrice?.value === undefined ? '' : `${amount(element.unitPrice.value)} ${element.unitPrice.currency ?? ''}`,
    served: [element.servicedDate ?? element.servicedPeriod?.start ?? '', element.servicedPeriod?.end ?? ''].join(' ').trim(),
    place: element.locationCodeableConcept?.coding?.some(({ system }) => system === systemOf.dataAbsent) === true ? '' : codes(element.locationCodeableConcept),
    providers: sorted(providers),
    diagnoses: sorted(diagnoses),
    details: sorted((element.extension ?? []).filter(({ url }) => details.has(url ?? '')).map((extension) => JSON.stringify(extension))),
  };
}

/** Extensions that are part of what is asked for. */
const details: ReadonlySet<string> = new Set([
  pasExtension.productOrServiceCodeEnd, pasExtension.epsdtIndicator, pasExtension.nursingHomeLevelOfCare, pasExtension.nursingHomeResidentialStatus, pasExtension.revenueUnitRateLimit,
]);

/** 10 and 10.0 are one amount; a decimal keeps its digits otherwise. */
function amount(value: unknown): number {
  return Number(value);
}

function sorted(texts: readonly string[]): string {
  return [...new Set(texts)].toSorted().join(' ');
}
