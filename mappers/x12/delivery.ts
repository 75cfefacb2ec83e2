/**
 * A delivery, read: bytes to interchanges, groups and transaction sets, each 278 request, inquiry or notification checked and mapped.
 * Whatever the bytes, a result comes back: faults are data here, never exceptions.
 */
import type { Delimiters } from './delimiters.ts';
import { type GroupEnvelope, type InterchangeControl, readEnvelope, type Rejection, type TransactionEnvelope } from './envelope.ts';
import type { LoopOccurrence } from './grammar/definition.ts';
import { guideOf } from './grammar/guides.ts';
import { INQUIRY_GUIDE } from './grammar/inquiry-278.ts';
import { ACKNOWLEDGED, NOTIFICATION_ACKNOWLEDGMENT, NOTIFICATION_GUIDE } from './grammar/notification-278.ts';
import { REQUEST_GUIDE } from './grammar/request-278.ts';
import { walkGuide } from './grammar/walk.ts';
import { issueOf, type SyntaxError278, type X12Issue } from './issue.ts';
import type { MappedRequest, MappingOptions, Origin } from './request/frame.ts';
import { mapNotification } from './notification/map.ts';
import { mapInquiry } from './request/inquiry.ts';
import { mapRequest } from './request/map.ts';
import { valueAt } from './segment.ts';
import { DEFAULT_LIMITS, type Limits, tokenize, type TokenizedInterchange } from './tokenizer.ts';

export interface Delivery {
  interchanges: ReceivedInterchange[];
  /** What concerns the delivery as a whole, such as that it holds no interchange. */
  issues: X12Issue[];
}

export interface ReceivedInterchange {
  control: InterchangeControl;
  delimiters: Delimiters;
  /** Why the interchange is refused whole; then its groups are empty and the answer is a TA1 only. */
  rejection?: Rejection;
  groups: ReceivedGroup[];
  /** TA1 segments of the partner about interchanges of ours: control number, code (A, E, R) and note code. */
  acknowledgments: { controlNumber: string; code: string; noteCode: string }[];
  issues: X12Issue[];
}

export interface ReceivedGroup {
  /** GS01. */
  functionalIdentifier: string;
  senderCode: string;
  receiverCode: string;
  controlNumber: string;
  /** GS08. */
  version: string;
  /** GE01; the number of transaction sets received where there is no GE. */
  declaredTransactions: number;
  transactions: ReceivedTransaction[];
  /** AK9 codes (element 716) of faults of the group itself. */
  errors: string[];
}

export interface ReceivedTransaction {
  /** ST01. */
  setIdentifier: string;
  /** ST02. */
  controlNumber: string;
  /** ST03, or GS08 where ST03 is missing. */
  guide: string;
  /** BHT03. */
  referenceIdentification: string;
  errors: SyntaxError278[];
  /** Context for the 999's CTX segments: trace and member numbers by segment position. */
  businessUnits: BusinessUnit[];
  issues: X12Issue[];
  /** A request or an inquiry; present when the transaction set was accepted. */
  request?: MappedRequest;
}

/** What a CTX segment names: the business unit from a position on. */
export interface BusinessUnit {
  name: string;
  value: string;
  /** First segment it holds for. */
  from: number;
}

export interface ReadingOptions extends MappingOptions {
  limits?: Partial<Limits>;
}

/** What becomes of a 278 that keeps to its guide, by guide. */
const MAPPINGS: ReadonlyMap<string, (set: LoopOccurrence, origin: Origin, options: MappingOptions) => MappedRequest | undefined> = new Map([
  [REQUEST_GUIDE, mapRequest],
  [INQUIRY_GUIDE, mapInquiry],
  [NOTIFICATION_GUIDE, mapNotification],
]);

/** Reads a delivery. Source: X12.5 and X12.6 control structures, 005010X217; 005010X215 and 005010X216 as far as they are public. */
export function readDelivery(bytes: Uint8Array, options: ReadingOptions = {}): Delivery {
  const { interchanges, issues } = tokenize(bytes, { ...DEFAULT_LIMITS, ...options.limits });
  return { interchanges: interchanges.map((interchange) => readInterchange(interchange, options)), issues };
}

/** True for transaction sets and groups that are answers and get no answer themselves. */
export function isAcknowledgmentGroup(functionalIdentifier: string): boolean {
  return functionalIdentifier === 'FA';
}

function readInterchange(interchange: TokenizedInterchange, options: ReadingOptions): ReceivedInterchange {
  const envelope = readEnvelope(interchange);
  return {
    control: envelope.control,
    delimiters: interchange.delimiters,
    ...(envelope.rejection === undefined ? {} : { rejection: envelope.rejection }),
    groups: envelope.rejection === undefined ? envelope.groups.map((group) => readGroup(group, envelope.control, options)) : [],
    acknowledgments: envelope.acknowledgments.map((ta1) => ({ controlNumber: valueAt(ta1, 1), code: valueAt(ta1, 4), noteCode: valueAt(ta1, 5) })),
    issues: envelope.issues,
  };
}

/** A functional group by its GS and GE, before its transaction sets are read. */
export function describeGroup(group: GroupEnvelope): ReceivedGroup {
  const { header } = group;
  return {
    functionalIdentifier: valueAt(header, 1),
    senderCode: valueAt(header, 2),
    receiverCode: valueAt(header, 3),
    controlNumber: valueAt(header, 6),
    version: valueAt(header, 8),
    declaredTransactions: Number.isFinite(group.declaredTransactions) ? group.declaredTransactions! : group.transactions.length,
    transactions: [],
    errors: [...new Set(group.errorCodes)],
  };
}

function readGroup(group: GroupEnvelope, control: InterchangeControl, options: ReadingOptions): ReceivedGroup {
  const received = describeGroup(group);
  if (isAcknowledgmentGroup(received.functionalIdentifier)) {
    received.transactions = group.transactions.map((transaction) => describe(transaction, received));
    return received;
  }
  // HC is the 837's identifier, seen on 278 samples; the envelope has warned of it.
  if (!/^(HI|HC)$/.test(received.functionalIdentifier)) received.errors.push('1');
  const seen = new Set<string>();
  for (const transaction of group.transactions) {
    const read = readTransaction(transaction, received, control, options);
    if (seen.has(read.controlNumber)) read.errors.push(setError('23', 'ST02 is not unique in its group.', 1));
    seen.add(read.controlNumber);
    if (received.errors.length > 0 || read.errors.some((error) => error.severity === 'error')) delete read.request;
    read.issues.push(...read.errors.map(issueOf));
    received.transactions.push(read);
  }
  return received;
}

/** A transaction set by its ST and BHT, before it is checked. */
export function describe({ segments }: TransactionEnvelope, group: ReceivedGroup): ReceivedTransaction {
  const st = segments[0];
  const bht = segments.find((segment) => segment.id === 'BHT');
  return {
    setIdentifier: valueAt(st, 1),
    controlNumber: valueAt(st, 2),
    guide: valueAt(st, 3) || group.version,
    referenceIdentification: valueAt(bht, 3).trim(),
    errors: [],
    businessUnits: [],
    issues: [],
  };
}

/** Checks and maps one 278. */
export function readTransaction(transaction: TransactionEnvelope, group: ReceivedGroup, interchange: InterchangeControl, options: ReadingOptions): ReceivedTransaction {
  const received = describe(transaction, group);
  if (received.setIdentifier !== '278') {
    received.errors.push(setError('1', 'The transaction set is not supported.', 1));
    return received;
  }
  const isAnswer = received.guide === NOTIFICATION_GUIDE && Object.values<string>(ACKNOWLEDGED).includes(purposeOf(transaction));
  const guide = isAnswer ? NOTIFICATION_ACKNOWLEDGMENT : guideOf('278', received.guide);
  if (guide === undefined) {
    received.errors.push(setError('I6', 'The implementation guide is not supported.', 1));
    return received;
  }
  const { errors, root } = walkGuide(transaction.segments, guide);
  received.errors = errors;
  received.businessUnits = businessUnits(transaction);
  // What a partner says of a notification of ours is an answer, and asks for none.
  if (isAnswer || errors.some((error) => error.severity === 'error')) return received;
  const request = MAPPINGS.get(received.guide)?.(root, { interchange, group, transactionControlNumber: received.controlNumber, guide: received.guide }, options);
  if (request !== undefined) received.request = { ...request, context: { ...request.context, group: { senderCode: group.senderCode, receiverCode: group.receiverCode, controlNumber: group.controlNumber } } };
  return received;
}

/** BHT02. */
function purposeOf({ segments }: TransactionEnvelope): string {
  return valueAt(segments.find(({ id }) => id === 'BHT'), 2);
}

/** The member number of the subscriber, and the trace number from its event on. */
function businessUnits({ segments }: TransactionEnvelope): BusinessUnit[] {
  const units: BusinessUnit[] = [];
  let level = { code: '', position: 0 };
  for (const segment of segments) {
    if (segment.id === 'HL') level = { code: valueAt(segment, 3), position: segment.position };
    if (segment.id === 'NM1' && level.code === '22' && valueAt(segment, 9) !== '') units.push({ name: 'SUBSCRIBER NAME NM109', value: valueAt(segment, 9), from: level.position });
    if (segment.id === 'TRN' && valueAt(segment, 2) !== '' && (level.code === 'EV' || level.code === 'SS')) units.push({ name: 'TRN02', value: valueAt(segment, 2), from: level.position });
  }
  return units;
}

/** A fault of the transaction set as a whole (IK502). */
export function setError(transactionCode: string, text: string, position: number): SyntaxError278 {
  return { severity: 'error', segmentId: 'ST', position, segmentCode: '8', transactionCode, text };
}
