/** CLM and what belongs to it: type, total, place and frequency, payee, accident, earlier claims, authorizations. */
import { toFhirDate } from '../grammar/dates.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { sizeOf } from '../segment.ts';
import type { Frame } from './frame.ts';
import { mapInformation, type Taken } from './information.ts';
import { ABSENT } from '../reading/parties.ts';
import { type Piece, pieceOf, piecesOf } from '../reading/piece.ts';

const INFORMATION = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType';
const PAYEE = 'http://terminology.hl7.org/CodeSystem/payeetype';
const PURPOSES = x12System('640');
const FREQUENCIES = x12System('1325');
const CAUSES = x12System('1362');

/** Elements of CLM with a code list of their own: assignment, special programs, delay reason. */
const TOLD_OF_THE_CLAIM = [{ element: 7, system: x12System('1359') }, { element: 12, system: x12System('1366') }, { element: 20, system: x12System('1514') }];

/** Segments of 2300 that have a place of their own. */
const TAKEN: Taken = { DTP: ['434', '439', '435', '096'], REF: ['F8', 'G1', '9F', 'EA'] };

export function mapHeader(frame: Frame): void {
  const { draft, claim, loops } = frame;
  const bht = pieceOf(draft, loops.set, 'BHT')!;
  const clm = pieceOf(draft, loops.claim, 'CLM')!;
  claim.set('status', 'active').set('use', 'claim');
  claim.set('type', { coding: [{ system: SYSTEM.claimType, code: frame.kind }] });
  bht.codeAt(claim, 'subType', PURPOSES, 6);
  clm.put(claim.another('identifier').set('system', frame.urns.of('patient-control-number', frame.provider.url)), 'value', 1);
  claim.set('patient', { reference: frame.patient });
  // A date and no time: X12 times have no offset.
  if (!bht.put(claim, 'created', 4, undefined, toFhirDate)) claim.set('_created', ABSENT);
  claim.set('insurer', { reference: frame.insurer }).set('provider', { reference: frame.provider.url });
  claim.set('priority', { coding: [{ system: SYSTEM.processPriority, code: 'normal' }] });
  clm.putMoney(claim, 'total', 2, frame.currency);
  mapPlaceAndFrequency(frame, clm);
  mapPayee(frame, clm);
  mapAccident(frame, clm);
  mapDates(frame);
  mapNumbers(frame);
  for (const { element, system } of TOLD_OF_THE_CLAIM) {
    if (clm.text(element) !== '') frame.information.add({ system, code: 'CLM' }, (info) => clm.codeAt(info, 'category', system, element));
  }
  mapAdmission(frame);
  mapInformation(frame, loops.claim, TAKEN);
}

/** CLM05: a type of bill on institutional claims; else the place is the lines', and the frequency stands for itself. */
function mapPlaceAndFrequency(frame: Frame, clm: Piece): void {
  const [facility, frequency] = [clm.text(5, 1), clm.text(5, 3)];
  if (frame.kind === 'institutional') {
    frame.information.add({ system: INFORMATION, code: 'typeofbill' }, (info) => {
      const coding = info.within('code').another('coding');
      const isMade = clm.put(coding, 'code', 5, 1, (code) => `0${code}${frequency}`);
      if (!isMade) return false;
      coding.set('system', SYSTEM.typeOfBill);
      clm.put(coding, 'code', 5, 3, () => `0${facility}${frequency}`);
      return true;
    });
  } else if (frequency !== '') {
    frame.information.add({ system: FREQUENCIES, code: frequency }, (info) => clm.codeAt(info, 'code', FREQUENCIES, 5, 3));
  }
  clm.consult(5, 2);
  const original = pieceOf(frame.draft, frame.loops.claim, 'REF', 'F8');
  if (original === undefined) return;
  original.consult(1);
  const related = frame.claim.another('related');
  const number = related.within('claim').within('identifier');
  if (original.put(number, 'value', 2)) related.within('relationship').another('coding').set('system', SYSTEM.relatedClaim).set('code', 'prior');
}

/** CLM08: whom the payer pays. */
function mapPayee(frame: Frame, clm: Piece): void {
  clm.codeAt(frame.claim.within('payee'), 'type', PAYEE, 8, undefined, payeeOf);
}

const payeeOf = (code: string): string | undefined => (code === 'Y' ? 'provider' : code === 'N' ? 'subscriber' : undefined);

/** CLM11: causes, state and country; DTP 439 is the date. */
function mapAccident(frame: Frame, clm: Piece): void {
  const date = pieceOf(frame.draft, frame.loops.claim, 'DTP', '439');
  if (date === undefined && sizeOf(clm.segment) < 11) return;
  const accident = frame.claim.within('accident');
  for (let component = 1; component <= 3; component += 1) clm.code(accident.within('type'), CAUSES, 11, component);
  if (date?.put(accident, 'date', 3, undefined, (value) => toFhirDate(value.slice(0, 8))) === true) {
    date.consult(1);
    date.consult(2);
  }
  clm.put(accident.within('locationAddress'), 'state', 11, 4);
  clm.put(accident.within('locationAddress'), 'country', 11, 5);
  if (accident.exists && accident.peek('date') === undefined) accident.set('_date', ABSENT);
}

/** Statement dates are the claim's period; admission and discharge are told together. */
function mapDates(frame: Frame): void {
  const { draft, claim, loops, information } = frame;
  const statement = pieceOf(draft, loops.claim, 'DTP', '434');
  if (statement !== undefined) {
    statement.consult(1);
    const [start = '', end = start] = statement.text(3).split('-');
    const period = claim.within('billablePeriod');
    if (toFhirDate(start) !== undefined) {
      statement.consult(2);
      statement.put(period, 'start', 3, undefined, () => toFhirDate(start));
      statement.put(period, 'end', 3, undefined, () => toFhirDate(end));
    }
  }
  const admission = pieceOf(draft, loops.claim, 'DTP', '435');
  const discharge = pieceOf(draft, loops.claim, 'DTP', '096');
  if (admission === undefined && discharge === undefined) return;
  information.add({ system: INFORMATION, code: 'admissionperiod' }, (info) => {
    const period = info.within('timingPeriod');
    for (const [piece, end] of [[admission, 'start'], [discharge, 'end']] as const) {
      // The discharge of an institutional claim is an hour: it has no day of its own and stays unmapped.
      if (piece?.put(period, end, 3, undefined, (value) => toFhirDate(value.slice(0, 8))) !== true) continue;
      piece.consult(1);
      piece.consult(2);
    }
    return period.exists;
  });
}

/** Authorizations and referrals of the claim. */
function mapNumbers(frame: Frame): void {
  const { draft, loops, claim } = frame;
  for (const ref of piecesOf(draft, loops.claim, 'REF', 'G1')) {
    ref.consult(1);
    ref.putItem(frame.insurance, 'preAuthRef', 2);
  }
  for (const ref of piecesOf(draft, loops.claim, 'REF', '9F')) {
    ref.consult(1);
    ref.put(claim.within('referral').within('identifier'), 'value', 2);
  }
  const record = pieceOf(draft, loops.claim, 'REF', 'EA');
  if (record === undefined) return;
  const patient = draft.resource('Patient', frame.patient);
  const identifier = patient.another('identifier').set('type', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }).set('system', frame.urns.of('medical-records', frame.provider.url));
  record.consult(1);
  record.put(identifier, 'value', 2);
}

/** CL1: kind and source of the admission, patient status. */
function mapAdmission(frame: Frame): void {
  const cl1 = pieceOf(frame.draft, frame.loops.claim, 'CL1');
  if (cl1 === undefined) return;
  for (const [element, code, system] of [[1, 'admtype', SYSTEM.admitPriority], [2, 'pointoforigin', SYSTEM.pointOfOrigin], [3, 'discharge-status', SYSTEM.dischargeStatus]] as const) {
    frame.information.add({ system: INFORMATION, code }, (info) => cl1.codeAt(info, 'code', system, element));
  }
}
