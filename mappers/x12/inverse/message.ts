/** A PAS Bundle as a 278 that a provider sends: envelope, BHT and the levels of the parties, whatever is asked below them. */
import type { Bundle, Claim } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { toX12Date, toX12Time } from '../grammar/dates.ts';
import { LEVEL } from '../grammar/levels-278.ts';
import { type OutgoingEnvelope, writeInterchange } from '../interchange.ts';
import type { X12Issue } from '../issue.ts';
import { levelSegments, type OutgoingLevel } from '../levels.ts';
import { buildSegment, type Segment } from '../segment.ts';
import { isType, list } from '../shapes.ts';
import { transactionSet } from '../writer.ts';
import { memberSegments } from './members.ts';
import { entityCode, partySegments } from './parties.ts';
import { Source } from './source.ts';

/** The envelope of an outgoing request or inquiry: all that the Bundle does not say. */
export interface RequestEnvelope extends OutgoingEnvelope {
  /** GS02 and GS03. */
  applicationSender: string;
  applicationReceiver: string;
  groupControlNumber: number;
  /** ST02, four to nine characters. */
  transactionControlNumber: string;
  /** TRN03 where the Claim's identifier names no organization: ten characters, `1` and the tax number, or `9` and a number agreed on. */
  traceOrganization: string;
}

export interface WrittenRequest {
  bytes: Uint8Array;
  issues: X12Issue[];
}

/** Segments of 2000E, and of each 2000F. */
export interface EventLevels {
  event: Segment[];
  services: Segment[][];
}

/** What tells one kind of message from another. */
export interface MessageForm {
  guide: string;
  /** BHT02. */
  purpose: string;
  levels: (source: Source, entry: IndexedEntry, claim: Claim) => EventLevels;
}

/** Writes the message; what X12 cannot carry is told in the issues, an `error` meaning that it should not be sent. */
export function writeMessage(bundle: Bundle, envelope: RequestEnvelope, form: MessageForm): WrittenRequest {
  const source = new Source(bundle);
  const entry = source.first('Claim');
  const body = entry !== undefined && isType(entry.resource, 'Claim') ? messageBody(source, bundle, entry, entry.resource, envelope, form) : [];
  if (body.length === 0) source.error('no-claim', 'The Bundle holds no Claim.');
  const transactions = [transactionSet('278', envelope.transactionControlNumber, form.guide, body)];
  const written = writeInterchange(envelope, [
    { functionalIdentifier: 'HI', senderCode: envelope.applicationSender, receiverCode: envelope.applicationReceiver, controlNumber: envelope.groupControlNumber, version: form.guide, transactions },
  ]);
  return { bytes: written.bytes, issues: [...source.issues, ...written.issues] };
}

function messageBody(source: Source, bundle: Bundle, entry: IndexedEntry, claim: Claim, envelope: RequestEnvelope, form: MessageForm): Segment[] {
  const insurer = source.resolve(claim.insurer, entry, 'insurer');
  const provider = source.resolve(claim.provider, entry, 'requesting provider');
  const members = memberSegments(source, entry, claim);
  const levels: OutgoingLevel[] = [
    { code: LEVEL.umo, segments: partySegments(source, insurer, { entity: entityOr(insurer, ['X3', 'PR', '36', '1P', 'FA', '2B'], 'X3'), fallbackQualifier: 'PI' }) },
    { code: LEVEL.requester, parent: 0, segments: partySegments(source, provider, { entity: entityOr(provider, ['1P', 'FA', '2B', '36', 'PR'], '1P'), fallbackQualifier: '46' }) },
    { code: LEVEL.subscriber, parent: 1, segments: members.subscriber },
  ];
  if (members.dependent !== undefined) levels.push({ code: LEVEL.dependent, parent: 2, segments: members.dependent });
  const eventAt = levels.length;
  const { event, services } = form.levels(source, entry, claim);
  levels.push({ code: LEVEL.event, parent: eventAt - 1, segments: event });
  for (const segments of services) levels.push({ code: LEVEL.service, parent: eventAt, segments });
  const timestamp = bundle.timestamp ?? claim.created;
  const bht = buildSegment('BHT', '0007', form.purpose, bundle.identifier?.value ?? list(claim.identifier)[0]?.value, toX12Date(timestamp) ?? envelope.date, toX12Time(timestamp) ?? envelope.time);
  return [bht, ...levelSegments(levels)];
}

/** IG examples type a requester X3, which X12 has no place for at that level. */
function entityOr(entry: IndexedEntry | undefined, allowed: readonly string[], otherwise: string): string {
  const code = entityCode(entry);
  return code !== undefined && allowed.includes(code) ? code : otherwise;
}
