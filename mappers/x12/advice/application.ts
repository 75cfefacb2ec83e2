/**
 * 824 (005010X186A1): what the application made of a transaction set whose syntax was right (an enrollment, a
 * remittance, an attachment): taken (TA), taken in part (TP), or refused (TR), each refused unit with the reason.
 * Source: public companion guides to 005010X186A1; error codes are this project's own stable names, told as free text.
 */
import { buildSegment, type Segment } from '../segment.ts';
import { transactionSet } from '../writer.ts';
import type { AdviceStamps } from './claims.ts';
import type { UnitOutcome } from './outcome.ts';

/** The set that is answered. */
export interface ApplicationAnswer {
  submitter: { name: string; number: string };
  receiver: { name: string; number: string };
  /** GS06, ST01, ST02 and ST03 of the set. */
  group: string;
  set: { identifier: string; controlNumber: string; guide: string };
  units: readonly (UnitOutcome & { ordinal: number })[];
}

/** Most units and reasons that are told: a sender learns nothing more from the thousandth. */
const MOST_TOLD = 100;

export function applicationAdvice({ submitter, receiver, group, set, units }: ApplicationAnswer, stamps: AdviceStamps): Segment[] {
  const refused = units.filter(({ state }) => state === 'rejected');
  const code = refused.length === 0 ? 'TA' : refused.length === units.length ? 'TR' : 'TP';
  const body = [
    buildSegment('BGN', '11', stamps.controlNumber, stamps.date, stamps.time),
    buildSegment('N1', '41', submitter.name.slice(0, 60), ...(submitter.number === '' ? [] : ['46', submitter.number])),
    buildSegment('N1', '40', receiver.name.slice(0, 60), ...(receiver.number === '' ? [] : ['46', receiver.number])),
    buildSegment('OTI', code, 'TN', set.controlNumber, '', '', '', '', group.slice(0, 9), set.controlNumber, set.identifier, set.guide.slice(0, 12)),
    // 024 names "other unlisted reason": what it is, the text says.
    ...refused.slice(0, MOST_TOLD).flatMap(({ ordinal, codes }) => [buildSegment('TED', '024', `Unit ${ordinal}, ${codes.length === 0 ? 'not taken' : codes.slice(0, 3).join(', ')}`.slice(0, 60))]),
  ];
  return transactionSet('824', stamps.controlNumber, '005010X186A1', body);
}
