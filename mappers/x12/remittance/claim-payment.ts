/** CLP and SVC: a claim as it was decided, and its lines, as an ExplanationOfBenefit. */
import type { Cursor } from '../reading/target.ts';
import { modifierCoding, procedureCoding } from '../codes.ts';
import { decimalOf } from '../decimal.ts';
import { toFhirDate } from '../grammar/dates.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { numberOf } from '../reading/frame.ts';
import { ABSENT, mapName, mapParty, repeatName } from '../reading/parties.ts';
import { loopsOf, type Piece, pieceOf, piecesOf } from '../reading/piece.ts';
import { valueAt } from '../segment.ts';
import type { PaymentFrame } from './frame.ts';

const ADJUDICATION = 'http://terminology.hl7.org/CodeSystem/adjudication';
const REASONS = 'https://x12.org/codes/claim-adjustment-reason-codes';
const REMARKS = 'https://x12.org/codes/remittance-advice-remark-codes';
const UNKNOWN_TYPE = ABSENT;

/** CLP02 of a claim that was paid back. */
const REVERSAL = '22';

/** Maps a claim; gives the fullUrl of its ExplanationOfBenefit. */
export function mapClaimPayment(frame: PaymentFrame, claim: LoopOccurrence): string {
  const { draft, urns, payer, payee } = frame;
  const clp = pieceOf(draft, claim, 'CLP')!;
  const patient = mapPatient(frame, claim);
  const number = clp.text(7);
  // A claim may be told of in several remittances: as it was decided, taken back, and decided again.
  const url = urns.ofPlace('explanation', clp.segment);
  const explanation = draft.resource('ExplanationOfBenefit', url);
  if (number !== '') clp.put(explanation.another('identifier').set('type', { text: 'Payer claim control number' }), 'value', 7);
  clp.put(explanation.within('claim').set('type', 'Claim').within('identifier'), 'value', 1);
  clp.put(explanation, 'status', 2, undefined, (status) => (status === REVERSAL ? 'cancelled' : 'active'));
  if (explanation.peek('status') === undefined) explanation.set('status', 'active');
  explanation.set('type', UNKNOWN_TYPE).set('use', 'claim').set('patient', { reference: patient }).set('insurer', { reference: payer }).set('provider', { reference: payee }).set('outcome', 'complete');
  mapDates(frame, claim, explanation);
  mapInsurance(frame, claim, clp, explanation, patient);
  mapRenderingProvider(frame, claim, explanation);
  for (const [index, line] of loopsOf(claim, '2110').entries()) mapLine(frame, explanation, line, index + 1);
  mapAmount(frame, explanation.another('total'), clp, 3, 'submitted');
  mapAmount(frame, explanation.another('total'), clp, 4, 'benefit');
  if (clp.text(5) !== '') {
    const total = explanation.another('total');
    total.within('category').another('coding').set('system', 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication').set('code', 'memberliability');
    if (clp.put(total.within('amount'), 'value', 5, undefined, decimalOf)) total.within('amount').set('currency', frame.currency);
  }
  for (const cas of piecesOf(draft, claim, 'CAS')) mapAdjustments(frame, explanation, cas);
  for (const ref of piecesOf(draft, claim, 'REF', ['G1', '9F'])) if (ref.putItem(explanation, 'preAuthRef', 2)) ref.consult(1);
  return url;
}

/** NM1*QC. Where the insured is another (NM1*IL) and the number is his, the name tells the patient from him. */
function mapPatient({ draft, urns, members }: PaymentFrame, claim: LoopOccurrence): string {
  const nm1 = pieceOf(draft, claim, 'NM1', 'QC');
  const insured = pieceOf(draft, claim, 'NM1', 'IL');
  const number = nm1?.text(9) ?? '';
  const isDependent = number !== '' && insured?.text(9) === number;
  const anchor = (nm1?.segment ?? claim.segments[0])!;
  const url = isDependent ? members.dependent(number, anchor) : (members.named(numberOf(nm1?.segment)) ?? urns.ofPlace('patient', anchor));
  const isKnown = draft.has(url);
  const patient = draft.resource('Patient', url);
  if (nm1 === undefined) return url;
  nm1.consult(1);
  nm1.consult(2);
  if (isKnown) {
    nm1.consult(8);
    nm1.consult(9);
    repeatName(nm1, patient);
  } else {
    members.mapNumber(nm1, patient);
    mapName(nm1, patient);
  }
  return url;
}

function mapDates(frame: PaymentFrame, claim: LoopOccurrence, explanation: Cursor): void {
  const { draft, set, day } = frame;
  const received = pieceOf(draft, claim, 'DTM', '050');
  const bpr = pieceOf(draft, set, 'BPR');
  const produced = pieceOf(draft, set, 'DTM', '405');
  if (day === undefined) explanation.set('_created', ABSENT);
  else if (toFhirDate(bpr?.text(16) ?? '') !== undefined) bpr!.put(explanation, 'created', 16, undefined, toFhirDate);
  else produced?.put(explanation, 'created', 2, undefined, toFhirDate);
  for (const [code, end] of [['232', 'start'], ['233', 'end']] as const) {
    const dtm = pieceOf(draft, claim, 'DTM', code);
    if (dtm?.put(explanation.within('billablePeriod'), end, 2, undefined, toFhirDate) === true) dtm.consult(1);
  }
  if (received === undefined || toFhirDate(received.text(2)) === undefined) return;
  const info = explanation.another('supportingInfo').set('sequence', 1).set('category', { coding: [{ system: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType', code: 'clmrecvddate' }] });
  if (received.put(info, 'timingDate', 2, undefined, toFhirDate)) received.consult(1);
}

/** The Coverage is known by its member alone; CLP06 says what kind of plan it is. */
function mapInsurance({ draft, urns, payer }: PaymentFrame, claim: LoopOccurrence, clp: Piece, explanation: Cursor, patient: string): void {
  const url = urns.of('coverage', payer, patient);
  const isKnown = draft.has(url);
  const coverage = draft.resource('Coverage', url);
  coverage.set('status', 'active').set('beneficiary', { reference: patient }).set('payor', [{ reference: payer }]);
  if (isKnown) clp.consult(6);
  else clp.code(coverage.within('type'), x12System('1032'), 6);
  const insured = pieceOf(draft, claim, 'NM1', 'IL');
  if (insured !== undefined && coverage.peek('subscriberId') === undefined) insured.put(coverage, 'subscriberId', 9);
  const group = pieceOf(draft, claim, 'REF', '1L');
  if (group !== undefined && group.text(2) !== '' && coverage.peek('class') === undefined) {
    group.consult(1);
    group.put(coverage.another('class').set('type', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'group' }] }), 'value', 2);
  }
  explanation.set('insurance', [{ focal: true, coverage: { reference: url } }]);
}

/** NM1*82: who rendered the service. */
function mapRenderingProvider(frame: PaymentFrame, claim: LoopOccurrence, explanation: Cursor): void {
  const nm1 = pieceOf(frame.draft, claim, 'NM1', '82');
  if (nm1 === undefined) return;
  // The loop's other segments are the claim's.
  const { url } = mapParty(frame, { id: claim.id, segments: [nm1.segment], loops: [] });
  const member = explanation.another('careTeam').set('sequence', 1).set('provider', { reference: url });
  nm1.code(member.within('role'), 'http://terminology.hl7.org/CodeSystem/claimcareteamrole', 1, undefined, () => 'primary');
}

function mapLine(frame: PaymentFrame, explanation: Cursor, line: LoopOccurrence, sequence: number): void {
  const { draft } = frame;
  const item = explanation.another('item').set('sequence', sequence);
  const svc = pieceOf(draft, line, 'SVC')!;
  const qualifier = svc.qualifier(1, 1);
  const product = item.within('productOrService');
  const told = procedureCoding(qualifier, svc.text(1, 2));
  if (!svc.code(product, told.coding.system, 1, 2)) product.set('coding', [{ system: SYSTEM.dataAbsent, code: 'unknown' }]);
  svc.put(product, 'text', 1, 7);
  for (const component of [3, 4, 5, 6]) {
    if (svc.text(1, component) !== '') svc.code(item.another('modifier'), modifierCoding(svc.text(1, component)).system, 1, component);
  }
  svc.code(item.within('revenue'), SYSTEM.revenue, 4);
  svc.put(item.within('quantity'), 'value', svc.text(7) === '' ? 5 : 7, undefined, decimalOf);
  mapServiced(draft, line, item);
  const number = pieceOf(draft, line, 'REF', '6R');
  if (number?.put(item.another('extension').set('url', 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-itemTraceNumber').within('valueIdentifier'), 'value', 2) === true) number.consult(1);
  mapAmount(frame, item.another('adjudication'), svc, 2, 'submitted');
  mapAmount(frame, item.another('adjudication'), svc, 3, 'benefit');
  for (const cas of piecesOf(draft, line, 'CAS')) mapAdjustments(frame, item, cas);
  for (const lq of piecesOf(draft, line, 'LQ', 'HE')) {
    const adjudication = item.another('adjudication');
    lq.code(adjudication.within('reason'), REMARKS, 2);
    lq.consult(1);
    adjudication.set('category', { coding: [{ system: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator', code: 'denialreason' }] });
  }
}

/** DTM*472 is the day; 150 and 151 its first and last. */
function mapServiced(draft: PaymentFrame['draft'], line: LoopOccurrence, item: Cursor): void {
  const day = pieceOf(draft, line, 'DTM', '472');
  if (day?.put(item, 'servicedDate', 2, undefined, toFhirDate) === true) {
    day.consult(1);
    return;
  }
  for (const [code, end] of [['150', 'start'], ['151', 'end']] as const) {
    const dtm = pieceOf(draft, line, 'DTM', code);
    if (dtm?.put(item.within('servicedPeriod'), end, 2, undefined, toFhirDate) === true) dtm.consult(1);
  }
}

function mapAmount({ currency }: PaymentFrame, target: Cursor, piece: Piece, element: number, category: string): void {
  if (!piece.put(target.within('amount'), 'value', element, undefined, decimalOf)) return;
  target.within('amount').set('currency', currency);
  target.set('category', { coding: [{ system: ADJUDICATION, code: category }] });
}

/** CAS: up to six reasons of one group, each with amount and quantity. */
function mapAdjustments({ currency }: PaymentFrame, target: Cursor, cas: Piece): void {
  for (let element = 2; element <= 17; element += 3) {
    if (valueAt(cas.segment, element).trim() === '') continue;
    const adjudication = target.another('adjudication');
    cas.code(adjudication.within('category'), x12System('1033'), 1);
    cas.code(adjudication.within('reason'), REASONS, element);
    if (cas.put(adjudication.within('amount'), 'value', element + 1, undefined, decimalOf)) adjudication.within('amount').set('currency', currency);
    cas.put(adjudication, 'value', element + 2, undefined, decimalOf);
  }
}
