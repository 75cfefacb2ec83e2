/** Who is insured and by whom: subscriber, patient, payer and Coverage of the claim (2000B to 2010CA). */
import type { Cursor } from '../reading/target.ts';
import { subscriberRelationship } from '../codes.ts';
import { decimalOf } from '../decimal.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { numberOf, type Urns } from '../reading/frame.ts';
import { Members } from '../reading/members.ts';
import { ABSENT, mapParty, mapPerson } from '../reading/parties.ts';
import { loopOf, type Piece, pieceOf } from '../reading/piece.ts';
import { type Segment, sizeOf, valueAt } from '../segment.ts';
import type { Frame } from './frame.ts';

/** SBR01 to the order in which payers pay. */
const ORDERS: ReadonlyMap<string, number> = new Map(Object.entries({ P: 1, S: 2, T: 3, A: 4, B: 5, C: 6, D: 7, E: 8, F: 9, G: 10, H: 11 }));

const FILING_INDICATORS = x12System('1032');
const INSURANCE_TYPES = x12System('1336');
const RELATIONSHIPS = x12System('1069');
const COVERAGE_CLASS = 'http://terminology.hl7.org/CodeSystem/coverage-class';

/** fullUrls of those a claim is about, known before anything is mapped. */
export interface Insured {
  patient: string;
  subscriber: string;
  coverage: string;
  payer: string;
  members: Members;
}

/** Names patient, subscriber and Coverage by payer and member number, or by their places. */
export function nameInsured(urns: Urns, subscriber: LoopOccurrence, patient: LoopOccurrence | undefined): Insured {
  const person = loopOf(subscriber, '2010BA')?.segments[0];
  const payer = loopOf(subscriber, '2010BB')?.segments[0];
  const dependent = patient === undefined ? undefined : (loopOf(patient, '2010CA')?.segments[0] ?? patient.segments[0]);
  const anchor = person ?? subscriber.segments[0]!;
  const members = new Members(urns, numberOf(payer), anchor);
  const own = numberOf(person);
  const subscriberUrl = members.named(own) ?? urns.ofPlace('member', anchor);
  const patientUrl = dependent === undefined ? subscriberUrl : urns.ofPlace('patient', dependent);
  return {
    patient: patientUrl,
    subscriber: subscriberUrl,
    coverage: dependent === undefined && own !== undefined ? members.coverage(own) : urns.ofPlace('coverage', dependent ?? anchor),
    payer: payer === undefined ? urns.ofPlace('organization', anchor) : urns.ofParty('organization', payer),
    members,
  };
}

/** Maps subscriber, patient, payer and Coverage; the Claim's insurance is numbered 1. */
export function mapInsured(frame: Frame, insured: Insured): void {
  const { draft, loops } = frame;
  const { subscriber, patient } = loops;
  const person = loopOf(subscriber, '2010BA');
  const payer = loopOf(subscriber, '2010BB');
  if (person !== undefined) mapPerson(frame, person, draft.resource('Patient', insured.subscriber), insured.members);
  if (patient !== undefined) {
    const dependent = loopOf(patient, '2010CA');
    const cursor = draft.resource('Patient', insured.patient);
    if (dependent !== undefined) mapPerson(frame, dependent, cursor, insured.members);
  }
  if (payer !== undefined) mapPayer(frame, payer);
  mapPatientInformation(frame, pieceOf(draft, patient ?? subscriber, 'PAT'), insured.patient);
  const sbr = pieceOf(draft, subscriber, 'SBR');
  const coverage = draft.resource('Coverage', insured.coverage);
  mapCoverage(coverage, sbr, insured);
  const pat = pieceOf(draft, patient, 'PAT');
  const relation = patient === undefined ? sbr : pat;
  mapRelationship(coverage, relation, patient === undefined ? 2 : 1);
  if (patient === undefined && sbr?.text(2) === '') coverage.within('relationship').setItem('coding', { system: SYSTEM.subscriberRelationship, code: 'self' });
  const name = person === undefined ? undefined : pieceOf(draft, person, 'NM1');
  name?.put(coverage, 'subscriberId', 9);
  frame.insurance.set('sequence', 1).set('focal', true).set('coverage', { reference: insured.coverage });
}

/** NM1*PR; the numbers the payer gave the provider are the provider's. */
function mapPayer(frame: Frame, payer: LoopOccurrence): void {
  const isOfProvider = (segment: Segment): boolean => segment.id === 'REF' && /^(G2|LU)$/.test(valueAt(segment, 1));
  mapParty(frame, { ...payer, segments: payer.segments.filter((segment) => !isOfProvider(segment)) });
  pieceOf(frame.draft, payer, 'NM1')?.consult(1);
  for (const segment of payer.segments.filter(isOfProvider)) {
    const ref = pieceOf(frame.draft, { ...payer, segments: [segment] }, 'REF')!;
    ref.consult(1);
    const provider = frame.draft.resource(frame.provider.type, frame.provider.url);
    ref.put(provider.another('identifier').set('system', x12System('128')).set('assigner', { reference: frame.insurer }), 'value', 2);
  }
}

/** SBR of a Coverage, the claim's own or another payer's. */
export function mapCoverage(coverage: Cursor, sbr: Piece | undefined, { patient, subscriber, payer }: Pick<Insured, 'patient' | 'subscriber' | 'payer'>): void {
  coverage.set('status', 'active').set('beneficiary', { reference: patient }).set('subscriber', { reference: subscriber }).set('payor', [{ reference: payer }]);
  if (sbr === undefined) return;
  sbr.put(coverage, 'order', 1, undefined, (code) => ORDERS.get(code));
  sbr.codeAt(coverage, 'type', FILING_INDICATORS, 9);
  sbr.codeAt(coverage, 'type', INSURANCE_TYPES, 5);
  const group = coverage.another('class');
  const hasNumber = sbr.put(group, 'value', 3);
  if (sbr.put(group, 'name', 4) || hasNumber) {
    group.set('type', { coding: [{ system: COVERAGE_CLASS, code: 'group' }] });
    // The group's name without its number: FHIR asks for the number.
    if (!hasNumber) group.set('_value', ABSENT);
  }
}

/** Element 1069, with FHIR's own code beside it. */
export function mapRelationship(coverage: Cursor, piece: Piece | undefined, element: number): void {
  const code = piece?.text(element) ?? '';
  if (piece === undefined || code === '') return;
  piece.codeAt(coverage, 'relationship', SYSTEM.subscriberRelationship, element, undefined, subscriberRelationship);
  piece.codeAt(coverage, 'relationship', RELATIONSHIPS, element);
}

/** PAT05 to PAT09: death, weight and pregnancy. */
function mapPatientInformation(frame: Frame, pat: Piece | undefined, patient: string): void {
  if (pat === undefined) return;
  if (pat.put(frame.draft.resource('Patient', patient), 'deceasedDateTime', 6, undefined, (value) => toFhirDate(value.slice(0, 8)))) pat.consult(5);
  if (sizeOf(pat.segment) < 8) return;
  frame.information.add({ system: x12System('355'), code: 'weight' }, (info) => {
    const quantity = info.within('valueQuantity');
    if (!pat.put(quantity, 'value', 8, undefined, decimalOf)) return false;
    info.within('category').set('text', 'Patient weight').another('coding').set('system', 'http://loinc.org').set('code', '29463-7');
    quantity.set('system', x12System('355'));
    pat.put(quantity, 'code', 7);
    return true;
  });
  frame.information.add({ system: 'http://loinc.org', code: '82810-3' }, (info) => pat.put(info, 'valueBoolean', 9, undefined, (value) => (value === 'Y' ? true : value === 'N' ? false : undefined)));
}
