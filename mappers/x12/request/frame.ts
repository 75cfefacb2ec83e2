/** What every mapped 278 has around its Claim, whether it asks for a review or for the outcome of one: the Bundle, the parties, the ledger and the context of the answer. */
import type { Bundle, Claim, Communication, Extension, Identifier } from '@medplum/fhirtypes';
import type { LedgerEntry, Unmapped } from '../../ledger.ts';
import type { InterchangeControl } from '../envelope.ts';
import { isTime, toFhirDate } from '../grammar/dates.ts';
import type { X12Issue } from '../issue.ts';
import { EXTENSION, profile } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { stringExtension } from '../shapes.ts';
import { echoOf, type RequestContext } from './context.ts';
import { Draft, urnOf } from './draft.ts';
import type { Levels } from './levels.ts';
import { mapMembers } from './members.ts';
import { mapParty } from './parties.ts';
import type { SegmentReader } from './recorder.ts';

export interface MappedRequest {
  /** A request for review (005010X217), an inquiry about earlier ones (005010X215), or a notification (005010X216). */
  kind: 'request' | 'inquiry' | 'notification';
  /** PAS request or inquiry Bundle (`collection`), the Claim first; of a notification its Communication. */
  bundle: Bundle;
  issues: X12Issue[];
  ledger: LedgerEntry[];
  /** Everything that was sent and has no place in the Bundle. */
  unmapped: Unmapped[];
  context: RequestContext;
}

/** Control values around the transaction set. */
export interface Origin {
  interchange: InterchangeControl;
  group: { senderCode: string; receiverCode: string; controlNumber: string };
  transactionControlNumber: string;
  guide: string;
}

export interface MappingOptions {
  /** Offset of the sender's clock, such as `-05:00`; X12 times have none. UTC is assumed, and told, unless given. */
  utcOffset?: string;
  /** System for member numbers; a name-based URN of the payer unless given. */
  memberIdentifierSystem?: string;
}

/** A mapping under way. */
export interface Frame {
  draft: Draft;
  bht: Segment;
  header: SegmentReader;
  /** fullUrl of the first resource: the Claim, or the Communication of a notification. */
  claim: string;
  /** BHT03. */
  referenceIdentification: string;
  /** BHT02. */
  purpose: string;
  /** Instant of BHT04 and BHT05. */
  timestamp: string;
  origin: Origin;
  options: MappingOptions;
}

/** Begins with the BHT; the trace number tells the Claim from others under the same BHT03. */
export function openFrame(bht: Segment, key: string, trace: Segment | undefined, origin: Origin, options: MappingOptions): Frame {
  const draft = new Draft();
  const { sender } = origin.interchange;
  const referenceIdentification = valueAt(bht, 3).trim();
  const header = draft.recorder.reader('HEADER', bht, 'bundle');
  const timestamp = mapTimestamp(draft, header.take('timestamp', 4) ?? '', header.take('timestamp', 5) ?? '', options);
  const claim = urnOf(key, sender.qualifier, sender.id, referenceIdentification, valueAt(trace, 3), valueAt(trace, 2));
  return { draft, bht, header, claim, referenceIdentification, purpose: purposeOf(draft, header), timestamp, origin, options };
}

/** BHT02 36 takes what was reserved before (BHT06 RU) from what a member has left, which PAS cannot say; every other purpose decides the mapping. */
function purposeOf(draft: Draft, header: SegmentReader): string {
  const purpose = valueAt(header.segment, 2).trim();
  if (purpose !== '36') return header.consult(2);
  draft.warn('reservation-not-carried', 'A deduction from a service reservation has no place in PAS; it is taken for a request for review.', 'HEADER', header.segment);
  return purpose;
}

/** What is made: a PAS Bundle has its profile, and what PAS has no place for is told in its words unless others are given. */
interface Made {
  kind: MappedRequest['kind'];
  profile?: string;
  reasons?: (loop: string, segmentId: string, element: number) => string;
}

/** The Bundle around the first resource, with what is needed to answer it. */
export function closeFrame(frame: Frame, resource: Claim | Communication, levels: Levels, made: Made): MappedRequest {
  const { draft, bht, header, claim, referenceIdentification, origin } = frame;
  draft.add(claim, resource);
  const entry = draft.entries(claim);
  const bundle: Bundle = {
    resourceType: 'Bundle',
    ...(made.profile !== undefined && { meta: { profile: [profile(made.profile)] } }),
    identifier: { ...submitterIdentifier(frame), value: header.take('identifier.value', 3) ?? referenceIdentification },
    type: 'collection',
    timestamp: frame.timestamp,
    entry,
  };
  const { dependent, event, services } = levels;
  return {
    kind: made.kind,
    bundle,
    issues: draft.issues,
    ledger: draft.recorder.ledger(entry.map(({ fullUrl }) => fullUrl ?? '')),
    unmapped: reportUnmapped(draft, bht, levels, made.reasons),
    context: {
      guide: origin.guide,
      interchange: origin.interchange,
      group: origin.group,
      transactionControlNumber: origin.transactionControlNumber,
      referenceIdentification,
      purpose: frame.purpose,
      claim,
      answerAt: services.length === 0 ? 'event' : 'service',
      umo: echoOf(levels.umo),
      requester: echoOf(levels.requester),
      subscriber: echoOf(levels.subscriber),
      ...(dependent === undefined ? {} : { dependent: echoOf(dependent) }),
      event: event === undefined ? { segments: [], names: [] } : echoOf(event),
      services: services.map((service, index) => ({ ...echoOf(service), sequence: index + 1 })),
    },
  };
}

/** The sender's own number for the transaction. */
export function submitterIdentifier({ origin, referenceIdentification }: Frame): Identifier {
  const { sender } = origin.interchange;
  return { system: urnOf('submitter', sender.qualifier, sender.id), value: referenceIdentification };
}

/** fullUrls of those the Claim is between and about. */
export interface MappedParties {
  insurer: string;
  provider: string;
  patient: string;
  coverage: string;
}

/** 2010A to 2010D. */
export function mapParties({ draft, options }: Frame, { umo, requester, subscriber, dependent }: Levels): MappedParties {
  const insurer = mapParty(draft, umo.names[0]!, 'insurer').reference;
  const provider = mapParty(draft, requester.names[0]!, 'requestor').reference;
  const umoName = umo.names[0]!.segments[0];
  const { patient, coverage } = mapMembers(draft, subscriber, dependent, {
    insurer,
    payerKey: `${valueAt(umoName, 8)}|${valueAt(umoName, 9)}`,
    ...(options.memberIdentifierSystem === undefined ? {} : { memberIdentifierSystem: options.memberIdentifierSystem }),
  });
  return { insurer, provider, patient, coverage };
}

/** ISA06, ISA08, GS02 and GS03 as a Claim extension. */
export function transmissionIdentifiers({ interchange, group }: Origin): Extension {
  return {
    url: EXTENSION.transmissionIdentifiers,
    extension: [
      ...stringExtension('applicationSenderCode', group.senderCode),
      ...stringExtension('applicationReceiverCode', group.receiverCode),
      ...stringExtension('interchangeSenderID', interchange.sender.id),
      ...stringExtension('interchangeReceiverID', interchange.receiver.id),
    ],
  };
}

function mapTimestamp(draft: Draft, date: string, time: string, options: MappingOptions): string {
  const day = toFhirDate(date) ?? '1970-01-01';
  const clock = isTime(time) ? time : '0000';
  if (options.utcOffset === undefined) {
    draft.issues.push({ severity: 'information', code: 'assumed-utc', text: 'BHT05 has no offset; UTC is assumed.', location: { segment: 'BHT', element: 5 } });
  }
  return `${day}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4, 6) || '00'}.000${options.utcOffset ?? 'Z'}`;
}

function reportUnmapped(draft: Draft, bht: Segment, { umo, requester, subscriber, dependent, event, services }: Levels, reasons: Made['reasons']): Unmapped[] {
  const all = [umo, requester, subscriber, ...(dependent === undefined ? [] : [dependent]), ...(event === undefined ? [] : [event]), ...services];
  return [
    ...draft.recorder.unmapped('HEADER', [bht], reasons),
    ...all.flatMap((level) => [...draft.recorder.unmapped(level.id, level.segments, reasons), ...level.names.flatMap((loop) => draft.recorder.unmapped(loop.id, loop.segments, reasons))]),
  ];
}
