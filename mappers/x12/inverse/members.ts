/** Subscriber and dependent as 2010C and 2010D: who is whom follows from the Coverage. */
import type { Claim, Coverage, Patient } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { genderCode, relationshipCode } from '../codes.ts';
import { toX12Date } from '../grammar/dates.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { buildSegment, type Segment } from '../segment.ts';
import { codeIn, findExtension, identifierOfType, isType, list } from '../shapes.ts';
import { addressSegments, nameElements, referenceSegments } from './parties.ts';
import type { Source } from './source.ts';

export interface MemberSegments {
  subscriber: Segment[];
  /** Absent when the patient is the subscriber. */
  dependent?: Segment[];
}

/** 2010C and 2010D of a Claim. */
export function memberSegments(source: Source, claimEntry: IndexedEntry, claim: Claim): MemberSegments {
  const insurance = list(claim.insurance).find((each) => each.focal) ?? list(claim.insurance)[0];
  const coverageEntry = source.resolve(insurance?.coverage, claimEntry, 'coverage');
  const coverage = isType(coverageEntry?.resource, 'Coverage') ? coverageEntry.resource : undefined;
  const patient = source.resource(claim.patient, claimEntry, 'Patient', 'patient');
  const relationship = relationshipCode(coverage?.relationship) ?? '18';
  const subscriber = coverage === undefined || coverageEntry === undefined ? undefined : source.resource(coverage.subscriber, coverageEntry, 'Patient', 'subscriber');
  const memberId = memberNumber(coverage, subscriber ?? patient);
  if (memberId === undefined) source.error('no-member-number', 'Neither the coverage nor the subscriber has a member number.');
  if (relationship === '18') return { subscriber: subscriberSegments(patient ?? subscriber, coverage, memberId) };
  if (subscriber === undefined) source.error('no-subscriber', 'The patient is not the subscriber, and the Bundle has no subscriber.');
  return { subscriber: subscriberSegments(subscriber, coverage, memberId), dependent: dependentSegments(patient, relationship) };
}

function memberNumber(coverage: Coverage | undefined, subscriber: Patient | undefined): string | undefined {
  const byType = identifierOfType(coverage?.identifier, SYSTEM.identifierType, 'MB')?.value;
  return byType ?? coverage?.subscriberId ?? identifierOfType(subscriber?.identifier, SYSTEM.identifierType, 'MB')?.value;
}

function subscriberSegments(patient: Patient | undefined, coverage: Coverage | undefined, memberId: string | undefined): Segment[] {
  const military = codeIn(findExtension(patient, EXTENSION.militaryStatus)?.valueCodeableConcept, x12System('584'));
  const groups = list(coverage?.class).filter((each) => codeIn(each.type, SYSTEM.coverageClass) === 'group');
  return [
    buildSegment('NM1', 'IL', '1', ...nameElements(list(patient?.name)[0]), 'MI', memberId),
    ...groups.map((group) => buildSegment('REF', '6P', group.value, group.name)),
    ...personSegments(patient),
    ...(military === undefined ? [] : [buildSegment('INS', 'Y', '18', '', '', '', '', '', military)]),
  ];
}

function dependentSegments(patient: Patient | undefined, relationship: string): Segment[] {
  const birthOrder = patient?.multipleBirthInteger;
  const ins = [...Array.from({ length: 14 }, () => ''), birthOrder === undefined ? '' : String(birthOrder)];
  return [buildSegment('NM1', 'QC', '1', ...nameElements(list(patient?.name)[0])), ...personSegments(patient), buildSegment('INS', 'N', relationship, ...ins)];
}

function personSegments(patient: Patient | undefined): Segment[] {
  const birthDate = toX12Date(patient?.birthDate);
  const gender = genderCode(patient?.gender);
  // A gender nobody stated is `unknown` in FHIR and nothing in X12.
  const says = birthDate !== undefined || (gender !== undefined && gender !== 'U');
  return [
    ...referenceSegments(list(patient?.identifier)),
    ...addressSegments(list(patient?.address)[0]),
    ...(says ? [buildSegment('DMG', birthDate === undefined ? '' : 'D8', birthDate, gender)] : []),
  ];
}
