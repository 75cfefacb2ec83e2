/**
 * What the amounts of a remittance have to do with each other (005010X221A1, "Balancing"): a line's charge less its
 * adjustments is what is paid on it, a claim's likewise, and the payment is the claims' less the provider's adjustments.
 * Source: public companion guides on balancing of the 835. Told as warnings: the payment stands, whatever its account says.
 */
import { type Segment, valueAt } from '../segment.ts';
import type { LoopOccurrence, Review, ReviewFault } from './definition.ts';
import { exactAmount } from './money.ts';

type Report = (fault: ReviewFault) => void;

const find = (loop: LoopOccurrence, id: string): Segment | undefined => loop.segments.find((segment) => segment.id === id);
const inner = (loop: LoopOccurrence, id: string): LoopOccurrence[] => loop.loops.filter((each) => each.id === id);
const amount = (segment: Segment | undefined, element: number): number => exactAmount(valueAt(segment, element)) ?? 0;

/** CAS03, 06, 09 and so on. */
function adjustments(loop: LoopOccurrence): number {
  let sum = 0;
  for (const segment of loop.segments) if (segment.id === 'CAS') for (let element = 3; element <= 18; element += 3) sum += amount(segment, element);
  return sum;
}

const fault = (segment: Segment, loop: string, position: number, name: string, text: string): ReviewFault => ({ segment, loop, segmentCode: '8', element: { position, number: '782', code: 'I12' }, name, text });

function balanceClaim(claim: LoopOccurrence, report: Report): void {
  const clp = find(claim, 'CLP');
  if (clp === undefined) return;
  const lines = inner(claim, '2110');
  let adjusted = adjustments(claim);
  for (const line of lines) {
    const svc = find(line, 'SVC');
    const ofLine = adjustments(line);
    adjusted += ofLine;
    if (svc !== undefined && amount(svc, 2) - ofLine !== amount(svc, 3)) report(fault(svc, '2110', 3, 'line-balance', 'The charge of the line less its adjustments is not what is paid on it.'));
  }
  if (amount(clp, 3) - adjusted !== amount(clp, 4)) report(fault(clp, '2100', 4, 'claim-balance', 'The charge of the claim less all adjustments is not what is paid on it.'));
}

function balancePayment(set: LoopOccurrence, report: Report): void {
  const bpr = find(set, 'BPR');
  const claims = inner(set, '2000').flatMap((header) => inner(header, '2100'));
  for (const claim of claims) balanceClaim(claim, report);
  if (bpr === undefined) return;
  const paid = claims.reduce((sum, claim) => sum + amount(find(claim, 'CLP'), 4), 0);
  const provider = set.segments.filter(({ id }) => id === 'PLB').reduce((sum, plb) => sum + [4, 6, 8, 10, 12, 14].reduce((all, element) => all + amount(plb, element), 0), 0);
  if (paid - provider !== amount(bpr, 2)) report(fault(bpr, 'ST', 2, 'payment-balance', 'The payment is not that of the claims less the provider adjustments.'));
}

export const REMITTANCE_REVIEWS: readonly Review[] = [balancePayment];
