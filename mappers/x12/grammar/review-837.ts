/**
 * What the values of a claim have to do with each other: balances (SNIP 3) and situations (SNIP 4). All are told as
 * warnings of the 999: the claim as sent is well formed, and what is to become of it is the payer's decision.
 * Source: public companion guides on balancing of 005010 claims.
 */
import { glanceAt, type Segment, sizeOf, valueAt } from '../segment.ts';
import type { LoopOccurrence, Review, ReviewFault } from './definition.ts';
import { exactAmount } from './money.ts';

type Report = (fault: ReviewFault) => void;

/** Visits every claim of a set with what it stands under. */
function visitClaims(set: LoopOccurrence, visit: (claim: LoopOccurrence, subscriber: LoopOccurrence, patient: LoopOccurrence | undefined) => void): void {
  for (const billing of set.loops) {
    if (billing.id !== '2000A') continue;
    for (const subscriber of billing.loops) {
      if (subscriber.id !== '2000B') continue;
      for (const below of subscriber.loops) {
        if (below.id === '2300') visit(below, subscriber, undefined);
        else if (below.id === '2000C') for (const claim of below.loops) if (claim.id === '2300') visit(claim, subscriber, below);
      }
    }
  }
}

function find(loop: LoopOccurrence | undefined, id: string, code?: string): Segment | undefined {
  if (loop === undefined) return undefined;
  for (const segment of loop.segments) if (segment.id === id && (code === undefined || glanceAt(segment, 1) === code)) return segment;
  return undefined;
}

const inner = (loop: LoopOccurrence, id: string): LoopOccurrence[] => loop.loops.filter((each) => each.id === id);

/** SV102, SV203 or SV302. */
function chargeOf(line: LoopOccurrence): { segment: Segment; element: number } | undefined {
  for (const segment of line.segments) {
    if (segment.id === 'SV1' || segment.id === 'SV3') return { segment, element: 2 };
    if (segment.id === 'SV2') return { segment, element: 3 };
  }
  return undefined;
}

/** The adjustments of CAS segments: amounts stand in every third element from the third. */
function adjustmentsOf(loop: LoopOccurrence): number {
  let sum = 0;
  for (const segment of loop.segments) {
    if (segment.id !== 'CAS') continue;
    for (let element = 3; element <= 18; element += 3) sum += exactAmount(valueAt(segment, element)) ?? 0;
  }
  return sum;
}

function amount(segment: Segment | undefined, element: number): number | undefined {
  return segment === undefined ? undefined : exactAmount(glanceAt(segment, element));
}

const offBalance = (segment: Segment, loop: string, position: number, name: string, text: string): ReviewFault => ({ segment, loop, segmentCode: '8', element: { position, number: '782', code: 'I12' }, name, text });

function balanceClaim(claim: LoopOccurrence, report: Report): void {
  const header = find(claim, 'CLM');
  const total = amount(header, 2);
  const lines = inner(claim, '2400');
  const charges = lines.map(chargeOf);
  const sum = charges.reduce((all, charge) => all + (charge === undefined ? 0 : (amount(charge.segment, charge.element) ?? 0)), 0);
  if (header !== undefined && total !== undefined && lines.length > 0 && sum !== total) report(offBalance(header, '2300', 2, 'claim-balance', 'CLM02 is not the sum of the line charges.'));
  for (const [at, line] of lines.entries()) {
    const charge = charges[at];
    const charged = charge === undefined ? undefined : amount(charge.segment, charge.element);
    for (const adjudication of inner(line, '2430')) {
      const svd = find(adjudication, 'SVD');
      const paid = amount(svd, 2);
      if (svd === undefined || paid === undefined || charged === undefined) continue;
      if (paid + adjustmentsOf(adjudication) !== charged) report(offBalance(svd, '2430', 2, 'line-balance', 'What was paid and adjusted on the line is not its charge.'));
    }
  }
  for (const other of inner(claim, '2320')) balancePayer(other, lines, total, report);
}

/** The other payer's amount is what he paid on the lines less what was adjusted on the claim; without lines, the claim's charge less all adjustments. */
function balancePayer(other: LoopOccurrence, lines: readonly LoopOccurrence[], total: number | undefined, report: Report): void {
  const paid = find(other, 'AMT', 'D');
  const told = amount(paid, 2);
  if (paid === undefined || told === undefined || total === undefined) return;
  const payer = glanceAt(inner(other, '2330B')[0]?.segments[0], 9);
  const adjudications = lines.flatMap((line) => inner(line, '2430')).filter((each) => glanceAt(find(each, 'SVD'), 1) === payer);
  const claimLevel = adjustmentsOf(other);
  const expected = adjudications.length === 0 ? total - claimLevel : adjudications.reduce((sum, each) => sum + (amount(find(each, 'SVD'), 2) ?? 0), 0) - claimLevel;
  if (told !== expected) report(offBalance(paid, '2320', 2, 'payer-balance', 'What the other payer paid does not agree with lines and adjustments.'));
}

const absent = (segment: Segment, loop: string, segmentId: string, name: string, text: string): ReviewFault => ({ segment, loop, segmentId, segmentCode: 'I9', name, text });

/** How many diagnoses a line can point to. */
function diagnosesOf(claim: LoopOccurrence): number {
  let count = 0;
  for (const segment of claim.segments) {
    if (segment.id !== 'HI') continue;
    const size = sizeOf(segment);
    for (let element = 1; element <= size; element += 1) if (POINTED.has(glanceAt(segment, element, 1))) count += 1;
  }
  return count;
}

/** C004 points to as many diagnoses. */
const POINTERS = 4;

const POINTED = new Set(['ABK', 'ABF', 'BK', 'BF']);

/** Causes of CLM11 that are accidents. */
const ACCIDENTS = new Set(['AA', 'OA']);

function checkSituation(claim: LoopOccurrence, report: Report): void {
  const header = find(claim, 'CLM');
  if (header === undefined) return;
  const causes = [glanceAt(header, 11, 1), glanceAt(header, 11, 2), glanceAt(header, 11, 3)];
  if (causes.some((code) => ACCIDENTS.has(code)) && find(claim, 'DTP', '439') === undefined) report(absent(header, '2300', 'DTP', 'accident-date', 'An accident needs its date (DTP 439).'));
  if (causes.includes('AA') && valueAt(header, 11, 4) === '' && valueAt(header, 11, 5) === '') {
    report({ segment: header, loop: '2300', segmentCode: '8', element: { position: 11, component: 4, number: '156', code: 'I9' }, name: 'accident-state', text: 'An automobile accident needs its state.' });
  }
  const frequency = glanceAt(header, 5, 3);
  if ((frequency === '7' || frequency === '8') && find(claim, 'REF', 'F8') === undefined) report(absent(header, '2300', 'REF', 'original-claim', 'A replacement or void needs the number of the claim it replaces (REF F8).'));
  const diagnoses = diagnosesOf(claim);
  for (const line of inner(claim, '2400')) {
    const service = find(line, 'SV1');
    if (service === undefined) continue;
    for (let at = 1; at <= POINTERS; at += 1) {
      const pointer = glanceAt(service, 7, at);
      if (pointer === '' || Number(pointer) <= diagnoses) continue;
      report({ segment: service, loop: '2400', segmentCode: '8', element: { position: 7, component: at, number: '1328', code: '7' }, name: 'diagnosis-pointer', text: 'A diagnosis pointer names no diagnosis of the claim.' });
    }
  }
}

/** Whether subscriber and patient agree on who the patient is. */
function checkPatient(set: LoopOccurrence, report: Report): void {
  let told: LoopOccurrence | undefined;
  visitClaims(set, (_, subscriber, patient) => {
    // The claims of a subscriber follow each other.
    if (told === subscriber) return;
    told = subscriber;
    const sbr = find(subscriber, 'SBR');
    if (sbr === undefined) return;
    const isSelf = glanceAt(sbr, 2) === '18';
    if (patient === undefined && !isSelf) report({ segment: sbr, loop: '2000B', segmentCode: '8', element: { position: 2, number: '1069', code: 'I9' }, name: 'subscriber-is-patient', text: 'SBR02 is 18 where no patient level follows.' });
    if (patient !== undefined && isSelf) report({ segment: sbr, loop: '2000B', segmentCode: '8', element: { position: 2, number: '1069', code: 'I13' }, name: 'subscriber-is-not-patient', text: 'SBR02 is empty where a patient level follows.' });
    const name = inner(subscriber, '2010BA')[0];
    const opener = name?.segments[0];
    if (isSelf && opener !== undefined && glanceAt(opener, 2) === '1' && find(name, 'DMG') === undefined) report(absent(opener, '2010BA', 'DMG', 'subscriber-demographics', 'A subscriber who is the patient needs birth date and gender.'));
  });
}

export const CLAIM_REVIEWS: readonly Review[] = [
  (set, report) => {
    visitClaims(set, (claim) => {
      balanceClaim(claim, report);
      checkSituation(claim, report);
    });
  },
  checkPatient,
];
