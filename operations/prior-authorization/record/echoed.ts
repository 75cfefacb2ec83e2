/**
 * What an answer says again of the request, because PAS 2.2.1 makes it must-support in profile-claimresponse: whom the
 * exchange is between, the requester's numbers, and for a service authorized in another form whatever of the request
 * still holds. Nothing is added that the request did not say.
 */
import type { Claim, ClaimItem, ClaimResponseAddItem, Extension, Identifier } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../../profiles/pas/names.ts';
import type { ApprovedDetail } from '../events.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { Addresses } from './addresses.ts';

/** Extensions of Claim.item that ClaimResponse.addItem has under the same name. */
const heldByAddItem: ReadonlySet<string> = new Set([
  pasExtension.authorizationNumber, pasExtension.certificationType, pasExtension.epsdtIndicator, pasExtension.nursingHomeLevelOfCare,
  pasExtension.nursingHomeResidentialStatus, pasExtension.productOrServiceCodeEnd, pasExtension.revenueUnitRateLimit, pasExtension.serviceItemRequestType,
]);

/** Sender and receiver of the request in each other's place (X12: ISA06 and ISA08, GS02 and GS03). */
const otherSide: Readonly<Record<string, string>> = {
  applicationSenderCode: 'applicationReceiverCode',
  applicationReceiverCode: 'applicationSenderCode',
  interchangeSenderID: 'interchangeReceiverID',
  interchangeReceiverID: 'interchangeSenderID',
};

/** The requester's numbers for the request, with what PAS hangs on them: the department within an organization, and the state (profile-identifier). */
export function identifiersBack(claim: Claim): { identifier?: Identifier[] } {
  const identifier = (claim.identifier ?? []).flatMap(({ extension, system, value }) => {
    const kept = (extension ?? []).filter(({ url }) => url === pasExtension.identifierSubDepartment || url === pasExtension.identifierJurisdiction);
    return system !== undefined && value !== undefined ? [{ ...(kept.length > 0 && { extension: kept }), system, value }] : [];
  });
  return identifier.length > 0 ? { identifier } : {};
}

export function transmissionBack(claim: Claim): Extension[] {
  const asked = claim.extension?.find(({ url }) => url === pasExtension.transmissionIdentifiers)?.extension ?? [];
  const extension = asked.flatMap(({ url, valueString }) => {
    const other = otherSide[url ?? ''];
    return other === undefined || valueString === undefined ? [] : [{ url: other, valueString }];
  });
  return extension.length > 0 ? [{ url: pasExtension.transmissionIdentifiers, extension }] : [];
}

/** The requester's own numbers for the item. */
export function traceNumbers(element: ClaimItem | undefined): Extension[] {
  return (element?.extension ?? []).flatMap(({ url, valueIdentifier }) => url === pasExtension.itemTraceNumber && valueIdentifier ? [{ url, valueIdentifier }] : []);
}

/** The number of an earlier authorization that the item builds on. */
export function previousAuthorization(element: ClaimItem | undefined): Extension[] {
  return (element?.extension ?? []).flatMap(({ url, valueString }) => url === pasExtension.authorizationNumber && valueString !== undefined ? [{ url, valueString }] : []);
}

const diagnosisSystem = /icd-?(9|10)|icd9cm|DRG|apdrg|aprdrg/i;

/** The diagnoses that an item is for, as far as they are coded as PAS has them (X12: HI). */
export function communicatedDiagnoses(element: ClaimItem | undefined, { claim }: Pick<RequestReading, 'claim'>): Extension[] {
  const wanted = element?.diagnosisSequence ?? [];
  return (claim.diagnosis ?? []).flatMap(({ sequence, diagnosisCodeableConcept }) => {
    const coding = diagnosisCodeableConcept?.coding?.find(({ system, code }) => code !== undefined && diagnosisSystem.test(system ?? ''));
    return wanted.includes(sequence) && coding ? [{ url: pasExtension.communicatedDiagnosis, valueCodeableConcept: { coding: [coding] } }] : [];
  });
}

/** When the member is admitted and discharged: said of the whole request there, of each item here. */
export function stay(claim: Claim): Extension[] {
  const said = (code: string): NonNullable<Claim['supportingInfo']>[number] | undefined =>
    claim.supportingInfo?.find(({ category }) => category?.coding?.some((coding) => coding.system === systemOf.pasTemporary && coding.code === code));
  const admission = said('admissionDates');
  const discharge = said('dischargeDates')?.timingDate;
  return [
    ...(admission?.timingDate === undefined ? [] : [{ url: pasExtension.admissionDates, valueDate: admission.timingDate }]),
    ...(admission?.timingPeriod === undefined ? [] : [{ url: pasExtension.admissionDates, valuePeriod: admission.timingPeriod }]),
    ...(discharge === undefined ? [] : [{ url: pasExtension.dischargeDate, valueDate: discharge }]),
  ];
}

/** The extensions of addItem that come from the item it stands for. What qualified another service or price is not taken over. */
export function heldExtensions(element: ClaimItem | undefined, approved: ApprovedDetail, request: RequestReading, addresses: Addresses): Extension[] {
  const extensions = element?.extension ?? [];
  const orders = extensions.flatMap(({ url, valueReference }) => {
    if (url !== pasExtension.requestedService) return [];
    const entry = request.index.resolve(valueReference?.reference, request.claimEntry);
    const reference = entry?.fullUrl === undefined ? undefined : addresses.entry(entry.fullUrl);
    return reference === undefined ? [] : [{ url, valueReference: { reference } }];
  });
  return [
    ...extensions.filter(({ url }) => heldByAddItem.has(url ?? '')
      && !(approved.productOrService && url === pasExtension.productOrServiceCodeEnd) && !(approved.unitPrice && url === pasExtension.revenueUnitRateLimit)),
    ...(element?.revenue && !approved.productOrService ? [{ url: pasExtension.revenueCode, valueCodeableConcept: element.revenue }] : []),
    ...orders,
  ];
}

/** Where and when: as asked. An address by reference is left out, for the answer would have to hold the place as well. */
export function heldElements(element: ClaimItem | undefined, approved: ApprovedDetail): Pick<ClaimResponseAddItem, 'modifier' | 'servicedDate' | 'servicedPeriod' | 'locationCodeableConcept' | 'locationAddress'> {
  return {
    ...(element?.modifier && !approved.productOrService && { modifier: element.modifier }),
    ...(element?.servicedDate !== undefined && { servicedDate: element.servicedDate }),
    ...(element?.servicedPeriod && { servicedPeriod: element.servicedPeriod }),
    ...(element?.locationCodeableConcept && { locationCodeableConcept: element.locationCodeableConcept }),
    ...(element?.locationAddress && { locationAddress: element.locationAddress }),
  };
}
