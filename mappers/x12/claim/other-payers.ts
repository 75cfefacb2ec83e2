/**
 * Coordination of benefits: each other payer (2320) is a further insurance with its Coverage, and how it decided
 * (2320 CAS, AMT; 2430) is the ClaimResponse that the insurance names.
 */
import type { Cursor } from '../reading/target.ts';
import { decimalOf } from '../decimal.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import type { Frame } from './frame.ts';
import { mapCoverage, mapRelationship } from './insured.ts';
import { ABSENT, mapAddress, mapName, mapNumber, mapParty, mapReferences } from '../reading/parties.ts';
import { loopsOf, type Piece, pieceOf, piecesOf } from '../reading/piece.ts';

const ADJUDICATION = 'http://terminology.hl7.org/CodeSystem/adjudication';
const REASONS = 'https://x12.org/codes/claim-adjustment-reason-codes';

/** AMT qualifiers of 2320: what was paid, and what FHIR's own categories have no name for. */
const PAID = 'D';

/** REF of 2330B that are about the claim, not about the payer. */
const OF_CLAIM = new Set(['G1', '9F', 'T4', 'F8']);

export function mapOtherPayers(frame: Frame): void {
  const lines = loopsOf(frame.loops.claim, '2400');
  for (const [index, other] of loopsOf(frame.loops.claim, '2320').entries()) mapOtherPayer(frame, other, index + 2, lines);
}

function mapOtherPayer(frame: Frame, other: LoopOccurrence, sequence: number, lines: readonly LoopOccurrence[]): void {
  const { draft, urns } = frame;
  const payerLoop = loopsOf(other, '2330B')[0];
  const sbr = pieceOf(draft, other, 'SBR');
  const anchor = sbr?.segment ?? other.segments[0]!;
  const about = (segment: Segment): boolean => segment.id === 'REF' && OF_CLAIM.has(valueAt(segment, 1));
  const payer = payerLoop === undefined ? undefined : mapParty(frame, { ...payerLoop, segments: payerLoop.segments.filter((segment) => !about(segment)) }).url;
  pieceOf(draft, payerLoop, 'NM1')?.consult(1);
  const subscriber = mapSubscriber(frame, other, sbr);
  const coverageUrl = urns.ofPlace('other-coverage', anchor);
  const coverage = draft.resource('Coverage', coverageUrl);
  mapCoverage(coverage, sbr, { patient: frame.patient, subscriber, payer: payer ?? frame.patient });
  mapRelationship(coverage, sbr, 2);
  pieceOf(draft, loopsOf(other, '2330A')[0], 'NM1')?.put(coverage, 'subscriberId', 9);
  const insurance = frame.claim.another('insurance').set('sequence', sequence).set('focal', false).set('coverage', { reference: coverageUrl });
  const authorization = pieceOf(draft, payerLoop, 'REF', 'G1');
  if (authorization?.putItem(insurance, 'preAuthRef', 2) === true) authorization.consult(1);
  const decided = lines.map((line) => loopsOf(line, '2430').filter((each) => isOf(each, payerLoop, other, frame)));
  mapDecision(frame, { other, payerLoop, payer, anchor, insurance, decided });
}

/** SVD01 names the payer by the number of 2330B; with one other payer it can be no other. */
function isOf(adjudication: LoopOccurrence, payer: LoopOccurrence | undefined, other: LoopOccurrence, frame: Frame): boolean {
  const others = loopsOf(frame.loops.claim, '2320');
  return valueAt(adjudication.segments[0], 1) === valueAt(payer?.segments[0], 9) || (others.length === 1 && others[0] === other);
}

/** 2330A: the patient himself, or somebody related to him. */
function mapSubscriber(frame: Frame, other: LoopOccurrence, sbr: Piece | undefined): string {
  const loop = loopsOf(other, '2330A')[0];
  const nm1 = pieceOf(frame.draft, loop, 'NM1');
  nm1?.consult(1);
  nm1?.consult(2);
  if (loop === undefined || nm1 === undefined || sbr?.text(2) === '18') return frame.patient;
  const url = frame.urns.ofPlace('other-subscriber', nm1.segment);
  const person = frame.draft.resource('RelatedPerson', url).set('patient', { reference: frame.patient });
  mapNumber(nm1, person);
  mapName(nm1, person);
  mapReferences(frame, loop, person);
  mapAddress(frame, loop, person.another('address'));
  return url;
}

interface Decision {
  other: LoopOccurrence;
  payerLoop: LoopOccurrence | undefined;
  payer: string | undefined;
  anchor: Segment;
  insurance: Cursor;
  decided: readonly (readonly LoopOccurrence[])[];
}

function mapDecision(frame: Frame, { other, payerLoop, payer, anchor, insurance, decided }: Decision): void {
  const { draft } = frame;
  const amounts = piecesOf(draft, other, 'AMT');
  const adjustments = piecesOf(draft, other, 'CAS');
  if (payer === undefined || (amounts.length === 0 && adjustments.length === 0 && decided.every((each) => each.length === 0))) return;
  const url = frame.urns.ofPlace('other-decision', anchor);
  const response = draft.resource('ClaimResponse', url);
  response.set('status', 'active').set('type', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: frame.kind }] }).set('use', 'claim').set('patient', { reference: frame.patient });
  response.set('insurer', { reference: payer }).set('outcome', 'complete');
  insurance.set('claimResponse', { reference: url });
  const number = pieceOf(draft, payerLoop, 'REF', 'F8');
  if (number?.put(response.another('identifier'), 'value', 2) === true) number.consult(1);
  const date = pieceOf(draft, payerLoop, 'DTP', '573') ?? pieceOf(draft, decided.flat()[0], 'DTP', '573');
  if (date?.put(response, 'created', 3, undefined, toFhirDate) === true) {
    date.consult(1);
    date.consult(2);
  } else response.set('_created', ABSENT);
  for (const amount of amounts) mapTotal(frame, response, amount);
  for (const cas of adjustments) mapAdjustments(frame, response, cas);
  for (const [index, adjudications] of decided.entries()) for (const each of adjudications) mapLineDecision(frame, response, each, index + 1);
}

function mapTotal(frame: Frame, response: Cursor, amt: Piece): void {
  const total = response.another('total');
  const category = total.within('category');
  const isTold = amt.text(1) === PAID ? amt.code(category, ADJUDICATION, 1, undefined, () => 'benefit') : amt.code(category, x12System('522'), 1);
  if (!isTold || !amt.put(total.within('amount'), 'value', 2, undefined, decimalOf)) return;
  total.within('amount').set('currency', frame.currency);
}

/** CAS: up to six reasons of one group, each with amount and quantity. */
function mapAdjustments(frame: Frame, target: Cursor, cas: Piece): void {
  for (let element = 2; element <= 17; element += 3) {
    if (cas.text(element) === '') continue;
    const adjudication = target.another('adjudication');
    cas.code(adjudication.within('category'), x12System('1033'), 1);
    cas.code(adjudication.within('reason'), REASONS, element);
    if (cas.put(adjudication.within('amount'), 'value', element + 1, undefined, decimalOf)) adjudication.within('amount').set('currency', frame.currency);
    cas.put(adjudication, 'value', element + 2, undefined, decimalOf);
  }
}

function mapLineDecision(frame: Frame, response: Cursor, loop: LoopOccurrence, sequence: number): void {
  const svd = pieceOf(frame.draft, loop, 'SVD');
  if (svd === undefined) return;
  const item = response.another('item').set('itemSequence', sequence);
  svd.consult(1);
  const paid = item.another('adjudication');
  if (svd.put(paid.within('amount'), 'value', 2, undefined, decimalOf)) {
    paid.within('amount').set('currency', frame.currency);
    paid.set('category', { coding: [{ system: ADJUDICATION, code: 'benefit' }] });
  }
  svd.put(paid, 'value', 5, undefined, decimalOf);
  for (const cas of piecesOf(frame.draft, loop, 'CAS')) mapAdjustments(frame, item, cas);
  const left = pieceOf(frame.draft, loop, 'AMT');
  if (left !== undefined) {
    const adjudication = item.another('adjudication');
    left.code(adjudication.within('category'), x12System('522'), 1);
    if (left.put(adjudication.within('amount'), 'value', 2, undefined, decimalOf)) adjudication.within('amount').set('currency', frame.currency);
  }
}
