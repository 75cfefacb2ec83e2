/**
 * 834 enrollment to FHIR: one Bundle for each member, with the Patient, a Coverage for each benefit (HD), the payer and
 * the sponsor. No official crosswalk exists; member number, group and dates follow CARIN Blue Button's C4BB Coverage.
 *
 * Who is enrolled is who the payer says: the member's own number (NM109) or the payer's number of him (REF) names him;
 * a dependent who has neither is named by the message and his place in it, and it is for matching to find who he is.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { type Cursor, Draft } from '../../draft.ts';
import { Urns } from '../claim/frame.ts';
import { mapAddress, mapContacts, mapName } from '../claim/parties.ts';
import { loopsOf, type Piece, pieceOf, piecesOf, placesOf } from '../claim/piece.ts';
import { genderOf, identifierSystem } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import type { SetMapper, SetUnit } from '../set-unit.ts';
import { mapBenefits } from './benefits.ts';
import type { Enrollment, MemberFrame } from './frame.ts';
import { reasonFor } from './unmapped-reasons.ts';

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
/** REF01 of numbers that name a person, each payer's own: client number, member number, SSN, unique number. */
const PERSONAL = ['17', '23', 'SY', 'ZZ', 'DX', 'F6', '4A', 'Q4'];

/** Maps every member of an 834, one after another. */
export const mapEnrollment: SetMapper = function* (set, origin) {
  const urns = new Urns(origin);
  const members = loopsOf(set, '2000');
  for (const [index, member] of members.entries()) {
    yield { kind: 'member', mapping: mapMember({ set, origin, urns }, member), until: members[index + 1]?.segments[0]?.position ?? Number.POSITIVE_INFINITY };
  }
};

function mapMember(enrollment: Enrollment, member: LoopOccurrence): SetUnit['mapping'] {
  const { set, urns } = enrollment;
  const draft = new Draft();
  const names = nameMember(urns, set, member);
  const ins = pieceOf(draft, member, 'INS');
  const frame: MemberFrame = { ...enrollment, draft, member, ins, isSubscriber: ins?.consult(1) === 'Y', issues: [], ...names };
  mapPerson(frame);
  mapOrganization(frame, loopsOf(set, '1000B')[0], frame.payer);
  const sponsor = loopsOf(set, '1000A')[0];
  if (frame.sponsor !== undefined) mapOrganization(frame, sponsor, frame.sponsor);
  mapBenefits(frame);
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry: draft.entries(frame.patient) };
  return {
    bundle, issues: frame.issues,
    get ledger() { return draft.ledger(); },
    get unmapped() { return draft.unmapped(sentIn(set, member), ({ source }) => reasonFor(source)); },
  };
}

/** N104 with its qualifier. */
const numberOfN1 = (segment: Segment | undefined): string => (valueAt(segment, 4).trim() === '' ? '' : `${valueAt(segment, 3).trim()}|${valueAt(segment, 4).trim()}`);

function nameMember(urns: Urns, set: LoopOccurrence, member: LoopOccurrence): Pick<MemberFrame, 'patient' | 'subscriber' | 'payer' | 'sponsor'> {
  const n1 = (id: string): Segment | undefined => loopsOf(set, id)[0]?.segments[0];
  const urnOfN1 = (segment: Segment | undefined): string | undefined => {
    if (segment === undefined) return undefined;
    return numberOfN1(segment) === '' ? urns.ofPlace('organization', segment) : urns.of('organization', valueAt(segment, 3).trim(), valueAt(segment, 4).trim());
  };
  const payerKey = numberOfN1(n1('1000B'));
  const opener = member.segments[0]!;
  const subscriberNumber = referenceOf(member, '0F');
  const name = loopsOf(member, '2100A')[0]?.segments[0];
  const own = [valueAt(name, 9).trim(), ...PERSONAL.map((code) => referenceOf(member, code))].find((number) => number !== '') ?? '';
  const isSubscriber = valueAt(opener, 1) === 'Y';
  const subscriber = payerKey !== '' && subscriberNumber !== '' ? urns.of('member', payerKey, subscriberNumber) : urns.ofPlace('member', opener);
  const dependent = payerKey !== '' && own !== '' && own !== subscriberNumber ? urns.of('member', payerKey, own) : urns.ofPlace('patient', opener);
  return { subscriber, patient: isSubscriber ? subscriber : dependent, payer: urnOfN1(n1('1000B')) ?? urns.ofPlace('organization', opener), sponsor: urnOfN1(n1('1000A')) };
}

/** REF02 of a qualifier; empty where absent. */
function referenceOf(member: LoopOccurrence, code: string): string {
  return valueAt(member.segments.find((segment) => segment.id === 'REF' && valueAt(segment, 1) === code), 2).trim();
}

function mapPerson(frame: MemberFrame): void {
  const { draft, member, urns, payer } = frame;
  const patient = draft.resource('Patient', frame.patient);
  const members = urns.of('members', payer);
  if (frame.isSubscriber) {
    const number = pieceOf(draft, member, 'REF', '0F');
    number?.put(patient.another('identifier').set('type', { coding: [{ system: IDENTIFIER_TYPES, code: 'MB' }] }).set('system', members), 'value', 2);
  }
  for (const ref of piecesOf(draft, member, 'REF', ...PERSONAL)) {
    ref.put(patient.another('identifier').set('system', identifierSystem('128', ref.consult(1))), 'value', 2);
  }
  const name = loopsOf(member, '2100A')[0];
  if (name === undefined) return;
  const nm1 = pieceOf(draft, name, 'NM1')!;
  nm1.consult(1);
  nm1.consult(2);
  mapOwnNumber(nm1, patient, members);
  mapName(nm1, patient);
  mapAddress(frame, name, patient.another('address'));
  mapContacts(frame, name, patient, undefined);
  mapDemographics(frame, name, patient);
  const mailing = loopsOf(member, '2100C')[0];
  if (mailing === undefined) return;
  const opener = pieceOf(draft, mailing, 'NM1')!;
  opener.consult(1);
  opener.consult(2);
  mapAddress(frame, mailing, patient.another('address').set('type', 'postal'));
}

/** NM108 and NM109: a social security number (34), a number of another kind (ZZ), or, from some senders, the member number (MI). */
function mapOwnNumber(nm1: Piece, patient: Cursor, members: string): void {
  if (nm1.text(9) === '') return;
  const qualifier = nm1.consult(8);
  const there = (patient.peek('identifier') as { value?: string }[] | undefined) ?? [];
  if (qualifier === 'MI' && there.some(({ value }) => value === nm1.text(9))) {
    nm1.consult(9);
    return;
  }
  const identifier = patient.another('identifier');
  if (qualifier === 'MI') identifier.set('type', { coding: [{ system: IDENTIFIER_TYPES, code: 'MB' }] });
  identifier.set('system', qualifier === 'MI' ? members : identifierSystem('66', qualifier));
  nm1.put(identifier, 'value', 9);
}

const MARITAL = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';
/** DMG04 (element 1067) as FHIR has it; what differs stays unmapped. */
const MARITAL_STATUS: Readonly<Record<string, string>> = { D: 'D', I: 'S', M: 'M', S: 'L', U: 'U', W: 'W', B: 'T' };

function mapDemographics({ draft, ins }: MemberFrame, name: LoopOccurrence, patient: Cursor): void {
  const dmg = pieceOf(draft, name, 'DMG');
  if (dmg?.put(patient, 'birthDate', 2, undefined, toFhirDate) === true) dmg.consult(1);
  dmg?.put(patient, 'gender', 3, undefined, genderOf);
  dmg?.code(patient.within('maritalStatus'), MARITAL, 4, undefined, (code) => MARITAL_STATUS[code]);
  if (ins?.put(patient, 'deceasedDateTime', 12, undefined, toFhirDate) === true) ins.consult(11);
  ins?.put(patient, 'multipleBirthInteger', 17, undefined, (order) => (/^[1-9]\d?$/.test(order) ? Number(order) : undefined));
  for (const lui of piecesOf(draft, name, 'LUI')) {
    // LE is ISO 639-1, which is what a BCP 47 tag begins with; LD is another list.
    if (lui.text(1) !== 'LE') continue;
    lui.consult(1);
    lui.code(patient.another('communication').within('language'), 'urn:ietf:bcp:47', 2, undefined, (code) => code.toLowerCase());
  }
}

function mapOrganization({ draft }: MemberFrame, loop: LoopOccurrence | undefined, url: string): void {
  const organization = draft.resource('Organization', url);
  const n1 = pieceOf(draft, loop, 'N1');
  if (n1 === undefined) {
    organization.set('_name', { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] });
    return;
  }
  n1.consult(1);
  n1.put(organization, 'name', 2);
  if (n1.text(4) !== '') n1.put(organization.another('identifier').set('system', identifierOfN1(n1.consult(3))), 'value', 4);
}

/** FI is a federal taxpayer's number; others are told by their code list. */
function identifierOfN1(qualifier: string): string {
  return qualifier === 'FI' ? SYSTEM.ein : identifierSystem('66', qualifier);
}

/** Every value a member was made of: what stands over all members is told with each. */
function* sentIn(set: LoopOccurrence, member: LoopOccurrence): Generator<{ source: string; segment?: number }> {
  yield* placesOf(set.id, set.segments);
  for (const loop of set.loops) if (loop.id.startsWith('1000')) yield* placesOf(loop.id, loop.segments);
  yield* below(member);
}

function* below(loop: LoopOccurrence): Generator<{ source: string; segment?: number }> {
  yield* placesOf(loop.id, loop.segments);
  for (const each of loop.loops) yield* below(each);
}

