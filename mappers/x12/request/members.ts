/** The insured: subscriber (2000C), dependent (2000D) and the Coverage that ties them to the insurer. */
import type { Coverage, Identifier, Patient } from '@medplum/fhirtypes';
import { genderOf, subscriberRelationship } from '../codes.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { Level, NameLoop } from './levels.ts';
import { EXTENSION, profile, SYSTEM, x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { compact, concept, conceptExtension } from '../shapes.ts';
import { unknownName, uriIdentifier } from './absent.ts';
import { type Draft, segmentsOf, urnOf } from './draft.ts';
import { mapAddress, mapIdentifiers, mapName, mapReferences } from './parties.ts';

export interface MappedMembers {
  /** fullUrl of the patient the request is about. */
  patient: string;
  coverage: string;
}

export interface MemberOptions {
  /** fullUrl of the insurer. */
  insurer: string;
  /** What tells this payer's member numbers from another's: qualifier and id of 2010A. */
  payerKey: string;
  /** System for member numbers; a name-based URN of the payer unless given. */
  memberIdentifierSystem?: string;
}

/** REF qualifiers that name a group rather than a person: 6P, 1L. */
const GROUP_REFERENCES = ['6P', '1L'];

/** Maps 2000C and, where present, 2000D. */
export function mapMembers(draft: Draft, subscriberLevel: Level, dependentLevel: Level | undefined, options: MemberOptions): MappedMembers {
  const subscriberLoop = subscriberLevel.names[0]!;
  const dependentLoop = dependentLevel?.names[0];
  const memberId = valueAt(subscriberLoop.segments[0], 9).trim();
  const system = options.memberIdentifierSystem ?? urnOf('member-number', options.payerKey);
  const subscriber = urnOf('patient', options.payerKey, memberId, ...personKey(subscriberLoop));
  draft.add(subscriber, mapSubscriber(draft, subscriberLoop, subscriber, system));
  let patient = subscriber;
  if (dependentLoop !== undefined) {
    patient = urnOf('patient', options.payerKey, memberId, 'dependent', ...personKey(dependentLoop));
    draft.add(patient, mapDependent(draft, dependentLoop, patient));
  }
  const coverage = urnOf('coverage', options.payerKey, memberId, patient);
  draft.add(coverage, mapCoverage(draft, { subscriberLoop, dependentLoop, coverage, subscriber, patient, system, insurer: options.insurer }));
  return { patient, coverage };
}

function personKey(loop: NameLoop): string[] {
  const nm1 = loop.segments[0];
  const dmg = segmentsOf(loop.segments, 'DMG')[0];
  return [valueAt(nm1, 3), valueAt(nm1, 4), valueAt(nm1, 5), valueAt(dmg, 2)];
}

function mapSubscriber(draft: Draft, loop: NameLoop, fullUrl: string, system: string): Patient {
  const nm1 = draft.readers(loop, 'NM1', fullUrl)[0]!;
  nm1.consult(8);
  const memberId = nm1.take('identifier[0].value', 9);
  const others = mapReferences(draft, loop, fullUrl, memberId === undefined ? 0 : 1, GROUP_REFERENCES);
  const ins = draft.readers(loop, 'INS', fullUrl)[0];
  return compact<Patient>({
    resourceType: 'Patient',
    meta: { profile: [profile('subscriber')] },
    extension: conceptExtension(EXTENSION.militaryStatus, concept(x12System('584'), ins?.take('extension[0].valueCodeableConcept.coding[0].code', 8))),
    identifier: [...(memberId === undefined ? [] : [memberIdentifier(system, memberId)]), ...others],
    ...mapPerson(draft, loop, fullUrl),
  });
}

function mapDependent(draft: Draft, loop: NameLoop, fullUrl: string): Patient {
  const birthOrder = draft.readers(loop, 'INS', fullUrl)[0]?.take('multipleBirthInteger', 17);
  const identifiers = mapIdentifiers(draft, loop, fullUrl);
  return compact<Patient>({
    resourceType: 'Patient',
    meta: { profile: [profile('beneficiary')] },
    // The subscriber's number names the subscriber: without a number of its own the person is named by its URN.
    identifier: identifiers.length > 0 ? identifiers : [uriIdentifier(fullUrl)],
    ...mapPerson(draft, loop, fullUrl),
    multipleBirthInteger: birthOrder === undefined ? undefined : Number(birthOrder),
  });
}

function mapPerson(draft: Draft, loop: NameLoop, fullUrl: string): Pick<Patient, 'name' | 'gender' | 'birthDate' | 'address'> {
  const nm1 = draft.readers(loop, 'NM1', fullUrl)[0]!;
  nm1.consult(1);
  nm1.consult(2);
  const dmg = draft.readers(loop, 'DMG', fullUrl)[0];
  dmg?.consult(1);
  const birthDate = toFhirDate(dmg?.take('birthDate', 2) ?? '');
  const name = mapName(nm1)[0];
  const gender = genderOf(dmg?.take('gender', 3) ?? '');
  return compact<Pick<Patient, 'name' | 'gender' | 'birthDate' | 'address'>>({
    name: name === undefined ? [unknownName()] : [name],
    // US Core wants a gender; what was not said is unknown.
    gender: gender ?? 'unknown',
    birthDate,
    address: mapAddress(draft, loop, fullUrl),
  });
}

function memberIdentifier(system: string, value: string): Identifier {
  return { type: { coding: [{ system: SYSTEM.identifierType, code: 'MB' }] }, system, value };
}

interface CoverageParts {
  subscriberLoop: NameLoop;
  dependentLoop: NameLoop | undefined;
  coverage: string;
  subscriber: string;
  patient: string;
  system: string;
  insurer: string;
}

function mapCoverage(draft: Draft, parts: CoverageParts): Coverage {
  const { subscriberLoop, dependentLoop, coverage } = parts;
  const nm1 = draft.readers(subscriberLoop, 'NM1', coverage)[0]!;
  const memberId = nm1.take('subscriberId', 9);
  const relationship = takeRelationship(draft, dependentLoop ?? subscriberLoop, coverage) ?? (dependentLoop === undefined ? '18' : 'G8');
  const groups = draft.readers(subscriberLoop, 'REF', coverage).filter((ref) => GROUP_REFERENCES.includes(valueAt(ref.segment, 1)));
  return compact<Coverage>({
    resourceType: 'Coverage',
    meta: { profile: [profile('coverage')] },
    identifier: memberId === undefined ? [] : [memberIdentifier(parts.system, memberId)],
    status: 'active',
    subscriber: { reference: parts.subscriber },
    subscriberId: memberId,
    beneficiary: { reference: parts.patient },
    relationship: {
      coding: [
        { system: SYSTEM.subscriberRelationship, code: subscriberRelationship(relationship) },
        { system: x12System('1069'), code: relationship },
      ],
    },
    payor: [{ reference: parts.insurer }],
    class: groups.flatMap((ref, index) => {
      ref.consult(1);
      const value = ref.take(`class[${index}].value`, 2);
      const name = ref.take(`class[${index}].name`, 3);
      return value === undefined ? [] : [compact<NonNullable<Coverage['class']>[number]>({ type: { coding: [{ system: SYSTEM.coverageClass, code: 'group' }] }, value, name })];
    }),
  });
}

function takeRelationship(draft: Draft, loop: NameLoop, coverage: string): string | undefined {
  const ins: Segment | undefined = segmentsOf(loop.segments, 'INS')[0];
  if (ins === undefined) return undefined;
  const reader = draft.recorder.reader(loop.id, ins, coverage);
  reader.consult(1);
  return reader.take('relationship.coding[1].code', 2);
}
