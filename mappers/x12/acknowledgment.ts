/**
 * Acknowledgments: TA1 for the interchange, 999 (005010X231A1) for each functional group.
 * Sources: X12.5 (TA1 note codes, element I18), 005010X231A1 (IK3, CTX, IK4, IK5, AK9).
 */
import type { Rejection } from './envelope.ts';
import { type BusinessUnit, isAcknowledgmentGroup, type ReceivedGroup, type ReceivedInterchange, type ReceivedTransaction } from './delivery.ts';
import { delimitersAround } from './delimiters.ts';
import { type OutgoingGroup, writeInterchange, type WrittenInterchange } from './interchange.ts';
import type { SyntaxError278 } from './issue.ts';
import { buildSegment, type Segment, valueAt } from './segment.ts';
import { transactionSet } from './writer.ts';

export const ACKNOWLEDGMENT_GUIDE = '005010X231A1';

/** TA1: A accepted, E accepted with a note, R rejected. `rejection` is one found outside of the bytes, such as 025, a duplicate. */
export function interchangeAcknowledgment(received: ReceivedInterchange, rejection: Rejection | undefined = received.rejection): Segment {
  const { controlNumber, date, time } = received.control;
  const note = rejection?.noteCode ?? (received.issues.some((issue) => issue.code === 'isa-version') ? '017' : '000');
  const code = rejection !== undefined ? 'R' : note === '000' ? 'A' : 'E';
  return buildSegment('TA1', /^\d{1,9}$/.test(controlNumber) ? controlNumber.padStart(9, '0') : '000000000', /^\d{6}$/.test(date) ? date : '000101', /^\d{4}$/.test(time) ? time : '0000', code, note);
}

/** IK501: A accepted, E accepted with errors noted, R rejected. */
export function acknowledgmentCode(transaction: ReceivedTransaction): 'A' | 'E' | 'R' {
  if (transaction.errors.some((error) => error.severity === 'error')) return 'R';
  return transaction.errors.length > 0 ? 'E' : 'A';
}

/** AK901, with P where only some transaction sets are accepted. */
export function groupAcknowledgmentCode(group: ReceivedGroup): 'A' | 'E' | 'P' | 'R' {
  const codes = group.transactions.map(acknowledgmentCode);
  const accepted = codes.filter((code) => code !== 'R').length;
  if (group.errors.length > 0 || accepted === 0) return 'R';
  if (accepted < codes.length) return 'P';
  return codes.includes('E') ? 'E' : 'A';
}

/** The ST to SE of the 999 for one functional group. */
export function functionalAcknowledgment(group: ReceivedGroup, controlNumber: string): Segment[] {
  const code = groupAcknowledgmentCode(group);
  const accepted = group.errors.length > 0 ? 0 : group.transactions.filter((transaction) => acknowledgmentCode(transaction) !== 'R').length;
  const body = [
    buildSegment('AK1', group.functionalIdentifier.slice(0, 2), group.controlNumber.slice(0, 9), group.version.slice(0, 12)),
    ...group.transactions.flatMap(transactionAcknowledgment),
    buildSegment('AK9', code, String(group.declaredTransactions), String(group.transactions.length), String(accepted), ...group.errors.slice(0, 5)),
  ];
  return transactionSet('999', controlNumber, ACKNOWLEDGMENT_GUIDE, body);
}

/** AK2 to IK5 for one transaction set. */
export function transactionAcknowledgment(transaction: ReceivedTransaction): Segment[] {
  const segments = [buildSegment('AK2', transaction.setIdentifier.slice(0, 3), transaction.controlNumber.slice(0, 9), transaction.guide.slice(0, 35))];
  const placed = new Map<string, SyntaxError278[]>();
  for (const error of transaction.errors) {
    if (error.transactionCode !== undefined) continue;
    const key = `${error.position}|${error.segmentId}|${error.loop ?? ''}|${error.segmentCode}`;
    placed.set(key, [...(placed.get(key) ?? []), error]);
  }
  for (const errors of placed.values()) segments.push(...segmentErrors(errors, transaction.businessUnits));
  const codes = new Set(transaction.errors.map((error) => error.transactionCode ?? '5'));
  segments.push(buildSegment('IK5', acknowledgmentCode(transaction), ...[...codes].slice(0, 5)));
  return segments;
}

function segmentErrors(errors: readonly SyntaxError278[], units: readonly BusinessUnit[]): Segment[] {
  const [first] = errors;
  if (first === undefined) return [];
  const segments = [buildSegment('IK3', first.segmentId.slice(0, 3), String(first.position), first.loop, first.segmentCode)];
  if (/^I[69]$/.test(first.segmentCode)) segments.push(buildSegment('CTX', ['SITUATIONAL TRIGGER'], first.segmentId.slice(0, 3), String(first.position), first.loop));
  const unit = units.findLast(({ from }) => from <= first.position);
  if (unit !== undefined) segments.push(buildSegment('CTX', [unit.name, unit.value]));
  for (const { element } of errors) {
    if (element === undefined) continue;
    const position = [String(element.position), element.component === undefined ? undefined : String(element.component), element.repetition === undefined ? undefined : String(element.repetition)];
    segments.push(buildSegment('IK4', position, element.number, element.code, element.value));
  }
  return segments;
}

/** What the caller supplies for an answer: its clock and its control numbers. */
export interface AnswerStamps {
  /** CCYYMMDD. */
  date: string;
  /** HHMM. */
  time: string;
  interchangeControlNumber: number;
  /** GS06 of each group of the answer, in their order: as many as `answerGroupCount` tells. */
  groupControlNumbers: readonly number[];
}

export interface AnswerParts {
  /** A refusal the caller found, such as a duplicate interchange (note code 025). */
  rejection?: Rejection;
  /** Answers beyond the 999 (ST to SE each): 278 and 271 responses, 277CA, 824; by the group they answer. */
  responses?: readonly { group: ReceivedGroup; transactions: readonly (readonly Segment[])[] }[];
}

/** GS01 by ST01 of the answers. */
const FUNCTIONAL_IDENTIFIERS: Readonly<Record<string, OutgoingGroup['functionalIdentifier']>> = { 271: 'HB', 277: 'HN', 278: 'HI', 824: 'AG' };

/** Groups of the answer: one of 999, then the responses, those of one guide to a group (GS08 names it). */
function answerGroups(received: ReceivedInterchange, { rejection, responses = [] }: AnswerParts): Omit<OutgoingGroup, 'controlNumber'>[] {
  if (received.rejection !== undefined || rejection !== undefined) return [];
  const acknowledged = received.groups.filter((group) => !isAcknowledgmentGroup(group.functionalIdentifier));
  const [first] = acknowledged;
  if (first === undefined) return [];
  const acknowledgments = acknowledged.map((group, index) => functionalAcknowledgment(group, String(index + 1).padStart(4, '0')));
  return [
    { functionalIdentifier: 'FA', senderCode: first.receiverCode, receiverCode: first.senderCode, version: ACKNOWLEDGMENT_GUIDE, transactions: acknowledgments },
    ...responses.flatMap(({ group, transactions }) =>
      [...new Set(transactions.map(guideOf))].map((guide) => ({
        functionalIdentifier: FUNCTIONAL_IDENTIFIERS[valueAt(transactions.find((transaction) => guideOf(transaction) === guide)?.[0], 1)] ?? 'HI', senderCode: group.receiverCode, receiverCode: group.senderCode, version: guide, transactions: transactions.filter((transaction) => guideOf(transaction) === guide),
      })),
    ),
  ];
}

function guideOf(transaction: readonly Segment[]): string {
  return valueAt(transaction[0], 3);
}

/** How many functional groups the answer will have: each needs a control number. */
export function answerGroupCount(received: ReceivedInterchange, parts: AnswerParts = {}): number {
  return answerGroups(received, parts).length;
}

/**
 * The one interchange that answers a received one: a TA1 when asked for or when refused, a 999 for each group, and the
 * 278 responses. Undefined when there is nothing to say, as to an interchange of acknowledgments.
 * @throws {RangeError} with fewer group control numbers than groups
 */
export function writeAcknowledgment(received: ReceivedInterchange, stamps: AnswerStamps, parts: AnswerParts = {}): WrittenInterchange | undefined {
  const rejection = received.rejection ?? parts.rejection;
  const tell = rejection !== undefined || received.control.acknowledgmentRequested;
  const groups = answerGroups(received, parts).map((group, index): OutgoingGroup => {
    const controlNumber = stamps.groupControlNumbers[index];
    if (controlNumber === undefined) throw new RangeError('Every functional group needs a control number.');
    return { ...group, controlNumber };
  });
  if (groups.length === 0 && !tell) return undefined;
  const { control } = received;
  return writeInterchange(
    { sender: control.receiver, receiver: control.sender, usage: control.usage === 'T' ? 'T' : 'P', date: stamps.date, time: stamps.time, controlNumber: stamps.interchangeControlNumber, ...(groups.some(hasAddress) && { delimiters: delimitersAround(received.delimiters) }) },
    groups,
    tell ? [interchangeAcknowledgment(received, rejection)] : [],
  );
}

/** Whether a contact is a URL (365: UR). */
function hasAddress({ transactions }: OutgoingGroup): boolean {
  return transactions.some((segments) => segments.some((segment) => segment.id === 'PER' && valueAt(segment, 3) === 'UR'));
}
