/** An interchange of our own: ISA, optional TA1, groups, IEA. Control numbers and times are the caller's. */
import { foldSegment } from './character-set.ts';
import { type Delimiters, STANDARD_DELIMITERS } from './delimiters.ts';
import type { InterchangeParty } from './envelope.ts';
import type { X12Issue } from './issue.ts';
import { buildSegment, type Segment, valueAt } from './segment.ts';
import { isaSegment, writeSegment } from './writer.ts';

export interface OutgoingEnvelope {
  sender: InterchangeParty;
  receiver: InterchangeParty;
  /** ISA15: P production, T test. */
  usage: 'P' | 'T';
  /** CCYYMMDD. */
  date: string;
  /** HHMM. */
  time: string;
  /** ISA13, 1 to 999999999. */
  controlNumber: number;
  /** ISA14; no TA1 is asked for unless told. */
  acknowledgmentRequested?: boolean;
  delimiters?: Required<Delimiters>;
}

export interface OutgoingGroup {
  /** GS01: FA for 999, HI for 278. */
  functionalIdentifier: 'FA' | 'HI' | 'HB' | 'HN' | 'AG';
  senderCode: string;
  receiverCode: string;
  controlNumber: number;
  /** GS08. */
  version: string;
  /** ST to SE of each transaction set. */
  transactions: readonly (readonly Segment[])[];
}

export interface WrittenInterchange {
  bytes: Uint8Array;
  /** Folded characters and delimiters. */
  issues: X12Issue[];
}

/** An answer to an interchange that names no sender has to be addressed all the same. */
function addressOf({ qualifier, id }: InterchangeParty, delimiters: Delimiters, issues: X12Issue[]): [string, string] {
  const folded = foldSegment(buildSegment('ISA', qualifier, id), delimiters, issues);
  return [valueAt(folded, 1) || 'ZZ', valueAt(folded, 2).trim() || 'UNKNOWN'];
}

/** Writes one interchange. Every value is folded into the X12 character sets. */
export function writeInterchange(envelope: OutgoingEnvelope, groups: readonly OutgoingGroup[], interchangeAcknowledgments: readonly Segment[] = []): WrittenInterchange {
  const delimiters = envelope.delimiters ?? STANDARD_DELIMITERS;
  const issues: X12Issue[] = [];
  const isa = isaSegment([
    '00', '', '00', '',
    ...addressOf(envelope.sender, delimiters, issues), ...addressOf(envelope.receiver, delimiters, issues),
    envelope.date.slice(2), envelope.time.slice(0, 4), delimiters.repetition, '00501', String(envelope.controlNumber),
    envelope.acknowledgmentRequested === true ? '1' : '0', envelope.usage, delimiters.component,
  ]);
  const segments: Segment[] = [...interchangeAcknowledgments];
  for (const group of groups) {
    const controlNumber = String(group.controlNumber);
    segments.push(buildSegment('GS', group.functionalIdentifier, group.senderCode, group.receiverCode, envelope.date, envelope.time, controlNumber, 'X', group.version));
    segments.push(...group.transactions.flat());
    segments.push(buildSegment('GE', String(group.transactions.length), controlNumber));
  }
  segments.push(buildSegment('IEA', String(groups.length), String(envelope.controlNumber).padStart(9, '0')));
  const body = segments.map((segment) => writeSegment(foldSegment(segment, delimiters, issues), delimiters));
  // One line a segment: people read these, and blanks after a terminator are no data.
  return { bytes: Buffer.from(`${[writeSegment(isa, delimiters), ...body].join('\n')}\n`, 'latin1'), issues };
}
