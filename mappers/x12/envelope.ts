/**
 * The envelope: ISA/IEA around GS/GE around ST/SE. What is wrong with the interchange itself becomes a TA1 note code
 * (element I18), what is wrong with a group an AK9 code (element 716). Published sample files carry header slips that
 * every reader must live with; those are accepted and reported.
 */
import { ISA_LENGTHS } from './delimiters.ts';
import type { X12Issue } from './issue.ts';
import { type Segment, valueAt } from './segment.ts';
import type { TokenizedInterchange } from './tokenizer.ts';

export interface InterchangeParty {
  /** ISA05 or ISA07. */
  qualifier: string;
  /** ISA06 or ISA08 without its padding. */
  id: string;
}

/** The interchange control header, padding removed. */
export interface InterchangeControl {
  sender: InterchangeParty;
  receiver: InterchangeParty;
  /** ISA13, nine digits. */
  controlNumber: string;
  /** ISA09, YYMMDD. */
  date: string;
  /** ISA10, HHMM. */
  time: string;
  /** ISA15: P production, T test. */
  usage: string;
  /** ISA14: the sender asks for a TA1. */
  acknowledgmentRequested: boolean;
  /** ISA12. */
  version: string;
}

/** Why an interchange is refused whole: TA105. */
export interface Rejection {
  noteCode: string;
  message: string;
}

export interface GroupEnvelope {
  header: Segment;
  transactions: TransactionEnvelope[];
  /** GE01, NaN where it cannot be read; undefined without a GE. */
  declaredTransactions?: number;
  /** AK905 to AK909, element 716. */
  errorCodes: string[];
}

export interface TransactionEnvelope {
  /** ST to SE, the SE possibly missing. */
  segments: Segment[];
}

export interface InterchangeEnvelope {
  control: InterchangeControl;
  rejection?: Rejection;
  groups: GroupEnvelope[];
  /** TA1 segments of an interchange that answers one of ours. */
  acknowledgments: Segment[];
  issues: X12Issue[];
}

/** Reads and checks the control segments of one interchange. */
export function readEnvelope(interchange: TokenizedInterchange): InterchangeEnvelope {
  const isa = interchange.segments[0]!;
  const control = readControl(isa);
  const envelope: InterchangeEnvelope = { control, groups: [], acknowledgments: [], issues: [...interchange.issues] };
  const iea = collect(interchange.segments, envelope);
  const rejection = refusal(interchange, isa, iea, envelope);
  if (rejection !== undefined) {
    envelope.rejection = rejection;
    envelope.issues.push({ severity: 'error', code: `ta1-${rejection.noteCode}`, text: rejection.message, location: { segment: 'ISA' } });
  }
  reportSlips(isa, envelope);
  return envelope;
}

/** What ISA says, padding removed. */
export function readControl(isa: Segment): InterchangeControl {
  return {
    sender: { qualifier: valueAt(isa, 5).trim(), id: valueAt(isa, 6).trim() },
    receiver: { qualifier: valueAt(isa, 7).trim(), id: valueAt(isa, 8).trim() },
    controlNumber: valueAt(isa, 13).trim(),
    date: valueAt(isa, 9),
    time: valueAt(isa, 10),
    usage: valueAt(isa, 15),
    acknowledgmentRequested: valueAt(isa, 14) === '1',
    version: valueAt(isa, 12),
  };
}

/** Sorts segments into groups and transaction sets; gives the IEA. */
function collect(segments: readonly Segment[], envelope: InterchangeEnvelope): Segment | undefined {
  let group: GroupEnvelope | undefined;
  let transaction: TransactionEnvelope | undefined;
  for (const segment of segments.slice(1)) {
    switch (segment.id) {
      case 'IEA':
        if (group !== undefined) group.errorCodes.push('3');
        return segment;
      case 'TA1':
        envelope.acknowledgments.push(segment);
        break;
      case 'GS':
        if (group !== undefined) group.errorCodes.push('3');
        group = { header: segment, transactions: [], errorCodes: groupHeaderFaults(segment) };
        envelope.groups.push(group);
        transaction = undefined;
        break;
      case 'GE':
        if (group === undefined) reportStray(segment, envelope);
        else closeGroup(group, segment);
        group = undefined;
        transaction = undefined;
        break;
      case 'ST':
        transaction = { segments: [segment] };
        if (group === undefined) reportStray(segment, envelope);
        else group.transactions.push(transaction);
        break;
      default:
        if (transaction === undefined) reportStray(segment, envelope);
        else transaction.segments.push(segment);
        if (segment.id === 'SE') transaction = undefined;
    }
  }
  if (group !== undefined) group.errorCodes.push('3');
  return undefined;
}

function reportStray(segment: Segment, envelope: InterchangeEnvelope): void {
  // One is enough to refuse the interchange.
  if (envelope.issues.some((issue) => issue.code === 'stray-segment')) return;
  envelope.issues.push({ severity: 'error', code: 'stray-segment', text: `A segment stands outside of every transaction set (byte ${segment.offset}).` });
}

function groupHeaderFaults(header: Segment): string[] {
  return /^\d{1,9}$/.test(valueAt(header, 6)) ? [] : ['6'];
}

function closeGroup(group: GroupEnvelope, trailer: Segment): void {
  group.declaredTransactions = Number.parseInt(valueAt(trailer, 1), 10);
  if (group.declaredTransactions !== group.transactions.length) group.errorCodes.push('5');
  if (valueAt(trailer, 2) !== valueAt(group.header, 6)) group.errorCodes.push('4');
}

function refusal(interchange: TokenizedInterchange, isa: Segment, iea: Segment | undefined, envelope: InterchangeEnvelope): Rejection | undefined {
  if (!interchange.fixedWidth) return { noteCode: '022', message: 'The ISA segment is not of its fixed width.' };
  if (!/^\d{9}$/.test(valueAt(isa, 13))) return { noteCode: '018', message: 'ISA13 is not a nine-digit control number.' };
  if (envelope.control.sender.id === '') return { noteCode: '006', message: 'ISA06 names no sender.' };
  if (envelope.control.receiver.id === '') return { noteCode: '008', message: 'ISA08 names no receiver.' };
  if (!/^\d{6}$/.test(valueAt(isa, 9))) return { noteCode: '014', message: 'ISA09 is not a date.' };
  if (!/^([01]\d|2[0-3])[0-5]\d$/.test(valueAt(isa, 10))) return { noteCode: '015', message: 'ISA10 is not a time.' };
  if (!/^005\d\d$|^004\d\d$/.test(valueAt(isa, 12))) return { noteCode: '017', message: 'ISA12 names a control version that is not supported.' };
  if (!/^[PT]$/.test(valueAt(isa, 15))) return { noteCode: '020', message: 'ISA15 is neither P nor T.' };
  if (iea === undefined) return { noteCode: '023', message: 'The interchange ends before its IEA segment.' };
  if (!/^\d{9}$/.test(valueAt(iea, 2)) || valueAt(iea, 2) !== valueAt(isa, 13)) return { noteCode: '001', message: 'ISA13 and IEA02 differ.' };
  if (!/^\d{1,5}$/.test(valueAt(iea, 1)) || Number(valueAt(iea, 1)) !== envelope.groups.length) return { noteCode: '021', message: 'IEA01 does not count the functional groups.' };
  if (envelope.groups.length === 0 && envelope.acknowledgments.length === 0) return { noteCode: '024', message: 'The interchange holds neither a functional group nor a TA1.' };
  if (envelope.issues.some((issue) => issue.code === 'stray-segment')) return { noteCode: '022', message: 'Segments stand outside of every transaction set.' };
  return undefined;
}

/** Header slips that are lived with. */
function reportSlips(isa: Segment, envelope: InterchangeEnvelope): void {
  const warn = (code: string, text: string, element: number, segment = 'ISA'): void => {
    envelope.issues.push({ severity: 'warning', code, text, location: { segment, element } });
  };
  if (valueAt(isa, 12) !== '00501') warn('isa-version', 'ISA12 is not 00501, the control version of 005010 guides.', 12);
  if (/^[A-Za-z0-9 ]$/.test(valueAt(isa, 11))) warn('isa-repetition', 'ISA11 holds no repetition separator; elements are read as not repeating.', 11);
  if (ISA_LENGTHS.some((length, index) => valueAt(isa, index + 1).length !== length)) warn('isa-width', 'An ISA element is not of its fixed width.', 0);
  for (const { header } of envelope.groups) {
    const guide = valueAt(header, 8);
    if (valueAt(header, 1) === 'HC') warn('gs-functional-identifier', 'GS01 is HC where a 278 has HI.', 1, 'GS');
    if (guide === '005010X279') warn('gs-guide', 'GS08 names 005010X279; the guide is taken from ST03.', 8, 'GS');
  }
}

