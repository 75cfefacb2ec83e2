/**
 * 834 enrollment to FHIR: one Bundle for each member, with the Patient, a Coverage for each benefit (HD), the payer and
 * the sponsor. No official crosswalk exists; member number, group and dates follow CARIN Blue Button's C4BB Coverage.
 *
 * Who is enrolled is who the payer says: the member's own number (NM109) or the payer's number of him (REF) names him;
 * a dependent who has neither is named by the message and his place in it, and it is for matching to find who he is.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { Draft } from '../../draft.ts';
import type { Cursor } from '../reading/target.ts';
import { genderOf, identifierSystem } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { numberOf, Urns } from '../reading/frame.ts';
import { MEMBER_NUMBER, Members } from '../reading/members.ts';
import { mapOrganization } from '../reading/organizations.ts';
import { mapAddress, mapContacts, mapName } from '../reading/parties.ts';
import { loopsOf, type Piece, pieceOf, piecesOf, placesBelow, placesOf } from '../reading/piece.ts';
import { valueAt } from '../segment.ts';
import type { SetMapper, SetUnit } from '../set-unit.ts';
import { mapBenefits } from './benefits.ts';
import type { Enrollment, MemberFrame } from './frame.ts';
import { reasonFor } from './unmapped-reasons.ts';

/** REF01 of numbers that name a person, each payer's own: client number, member number, SSN, unique number. */
const PERSONAL = ['17', '23', 'SY', 'ZZ', 'DX', 'F6', '4A', 'Q4'];
/** Element 66; REF calls it SY. */
const SOCIAL_SECURITY = '34';

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
  const frame: MemberFrame = { ...enrollment, draft, member, ins, isSubscriber: ins?.qualifier(1) === 'Y', issues: [], ...names };
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

function nameMember(urns: Urns, set: LoopOccurrence, member: LoopOccurrence): Pick<MemberFrame, 'patient' | 'subscriber' | 'members' | 'payer' | 'sponsor'> {
  const [sponsor, payer] = [loopsOf(set, '1000A')[0]?.segments[0], loopsOf(set, '1000B')[0]?.segments[0]];
  const opener = member.segments[0]!;
  const members = new Members(urns, numberOf(payer), payer ?? set.segments[0]!);
  const subscriberNumber = referenceOf(member, '0F');
  const subscriber = (subscriberNumber === '' ? undefined : members.named({ qualifier: MEMBER_NUMBER, number: subscriberNumber })) ?? urns.ofPlace('member', opener);
  return {
    members, subscriber,
    patient: valueAt(opener, 1) === 'Y' ? subscriber : (ownName(members, member, subscriberNumber) ?? urns.ofPlace('patient', opener)),
    payer: urns.ofParty('organization', payer ?? opener, numberOf(payer)), sponsor: sponsor === undefined ? undefined : urns.ofParty('organization', sponsor),
  };
}

/** A dependent by a number of his own: NM109, else one of the payer's numbers of him. */
function ownName(members: Members, member: LoopOccurrence, subscriberNumber: string): string | undefined {
  const own = numberOf(loopsOf(member, '2100A')[0]?.segments[0]);
  const numbers = [...(own === undefined ? [] : [own]), ...PERSONAL.map((code) => ({ qualifier: code === 'SY' ? SOCIAL_SECURITY : code, number: referenceOf(member, code) }))];
  return members.named(numbers.find(({ number }) => number !== '' && number !== subscriberNumber));
}

/** REF02 of a qualifier; empty where absent. */
function referenceOf(member: LoopOccurrence, code: string): string {
  return valueAt(member.segments.find((segment) => segment.id === 'REF' && valueAt(segment, 1) === code), 2).trim();
}

function mapPerson(frame: MemberFrame): void {
  const { draft, member, members } = frame;
  const patient = draft.resource('Patient', frame.patient);
  if (frame.isSubscriber) {
    const number = pieceOf(draft, member, 'REF', '0F');
    number?.put(members.identifier(patient), 'value', 2);
  }
  for (const ref of piecesOf(draft, member, 'REF', PERSONAL)) {
    ref.put(patient.another('identifier').set('system', identifierSystem('128', ref.qualifier(1))), 'value', 2);
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
function mapOwnNumber(nm1: Piece, patient: Cursor, members: Members): void {
  const there = (patient.peek('identifier') as { value?: string }[] | undefined) ?? [];
  if (nm1.text(8) === 'MI' && there.some(({ value }) => value === nm1.text(9))) {
    nm1.consult(8);
    nm1.consult(9);
    return;
  }
  members.mapNumber(nm1, patient);
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

/** Every value a member was made of: what stands over all members is told with each. */
function* sentIn(set: LoopOccurrence, member: LoopOccurrence): Generator<{ source: string; segment?: number }> {
  yield* placesOf(set.id, set.segments);
  for (const loop of set.loops) if (loop.id.startsWith('1000')) yield* placesOf(loop.id, loop.segments);
  yield* placesBelow(member);
}
