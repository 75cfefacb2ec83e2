/**
 * HL7v2 for the inbox: how a delivery falls apart into messages, what a message is called, and how its sender is
 * answered. The same for every transport: MLLP, HTTP, a folder.
 */
import type { Mapping, MappingIssue } from '../../mappers/ledger.ts';
import { headerIssues } from '../../mappers/hl7v2/syntax/accept.ts';
import { acknowledge, type AcknowledgementCode, type AcknowledgementStamps, acknowledgeUnreadable } from '../../mappers/hl7v2/syntax/acknowledgement.ts';
import { readFile } from '../../mappers/hl7v2/syntax/batch.ts';
import { isTypeOfStandard } from '../../mappers/hl7v2/structure/message-types.ts';
import { isRejecting, issueFor } from '../../mappers/hl7v2/syntax/issue.ts';
import { type Hl7Message, type Hl7Segment, STANDARD_DELIMITERS, valueAt } from '../../mappers/hl7v2/syntax/message.ts';
import { headerOf, parseMessage, type Parsed } from '../../mappers/hl7v2/syntax/parse.ts';
import { encodeText, plainField, writeSegment, writeText } from '../../mappers/hl7v2/syntax/write.ts';
import type { AcknowledgedMessage, IncomingMessage, MessageOutcome, Rail } from '../../operations/intake/message.ts';
import type { Context } from '../../store/context.ts';
import { newControlId } from './control-id.ts';
import type { Partners, Sender } from './partners.ts';
import { asksForReview, type Hl7Reviewer, reviewRequest } from './review-request.ts';

/** https://hl7.org: the registered type for "pipes and hats" (HL7v2 over HTTP). */
export const hl7v2MediaType = 'x-application/hl7-v2+er7';

export interface IncomingHl7 extends IncomingMessage {
  /** The message, or its header where the rest cannot be read; undefined where not even that. */
  readonly received: Hl7Message | undefined;
  /** It came in a batch (BHS), whose number this is, and is answered in one. */
  readonly batch?: number;
}

/** What makes FHIR of a message that could be read. */
export type Hl7Mapper = (message: Hl7Message, sender: Sender) => Mapping<unknown>;

export interface Hl7Rail extends Rail<IncomingHl7> {
  readonly channel: 'hl7v2';
}

/**
 * @param map pure; see mappers/hl7v2
 * @param reviewer decides on requests for authorization; without one they are stored like any other message
 */
export function hl7v2Rail(partners: Partners, map: Hl7Mapper, reviewer?: Hl7Reviewer): Hl7Rail {
  const messagesIn = function* (body: Uint8Array): Iterable<Hl7Message> {
    for (const { messages } of readFile(body).batches) for (const content of messages) {
      const { message } = parsedBy(partners, content).parsed;
      if (message !== undefined) yield message;
    }
  };
  const incoming = (content: Uint8Array, about: readonly MappingIssue[]): IncomingHl7 => {
    const read = incomingOf(content, about, partners, map);
    const { received } = read;
    if (reviewer === undefined || received === undefined || !asksForReview(received)) return read;
    return { ...read, decide: (mapping, asking, context) => reviewRequest(reviewer, received, mapping, asking, messagesIn, context) };
  };
  return {
    channel: 'hl7v2',
    * read(body) {
      const file = readFile(body);
      const batched = file.header !== undefined || file.batches.some(({ header }) => header);
      // What is wrong with a batch is no fault of its messages: they are taken, and their senders told.
      const about = file.issues.map((issue): MappingIssue => ({ ...issue, severity: 'warning' }));
      for (const [index, { messages }] of file.batches.entries()) {
        for (const content of messages) yield { ...incoming(content, about), ...(batched && { batch: index }) };
      }
      if (file.batches.every(({ messages }) => messages.length === 0)) yield incoming(new Uint8Array(), file.issues);
    },
    acknowledge: ({ received }, outcome, context) => textOf(received, codeOf(outcome), outcome.issues.map(atControlId), context),
    answer(messages, context) {
      const accepted = messages.every(({ outcome: { state } }) => state === 'accepted' || state === 'review');
      return { status: accepted ? 200 : 422, mediaType: hl7v2MediaType, body: messages.some(({ message }) => message.batch !== undefined) ? batchOf(messages, context) : messages.map(({ acknowledgement }) => acknowledgement).join('') };
    },
    refuse: (issues, status, context) => ({ status, mediaType: hl7v2MediaType, body: textOf(undefined, 'AR', issues, context) }),
  };
}

/** An acknowledgement as text; its MSH-18 says in which character set it is to be sent. */
export function textOf(received: Hl7Message | undefined, code: AcknowledgementCode, issues: readonly MappingIssue[], context: Context): string {
  const stamps: AcknowledgementStamps = { controlId: newControlId(context), now: context.now() };
  return writeText(received ? acknowledge(received, code, issues, stamps) : acknowledgeUnreadable(code, issues, stamps));
}

/** The inbox knows that a name was used twice, and not that it stands in MSH-10. */
function atControlId(issue: MappingIssue): MappingIssue {
  return issue.code === 'duplicate-key' ? { ...issue, source: 'MSH-10[1].1', segment: 1 } : issue;
}

/** AR where what is wrong is not in what the message says, AE where it is. */
export function codeOf({ state, issues }: Pick<MessageOutcome, 'state' | 'issues'>): AcknowledgementCode {
  if (state === 'accepted' || state === 'review') return 'AA';
  return state === 'duplicate' || issues.some(({ severity, code }) => severity === 'error' && isRejecting(code)) ? 'AR' : 'AE';
}

/** As its sender writes. */
function parsedBy(partners: Partners, content: Uint8Array): { readonly parsed: Parsed; readonly sender: Sender | undefined } {
  const sender = partners.senderOf(headerOf(content).header?.segments[0]);
  return { sender, parsed: parseMessage(content, sender?.characterSet === undefined ? {} : { characterSet: sender.characterSet }) };
}

function incomingOf(content: Uint8Array, about: readonly MappingIssue[], partners: Partners, map: Hl7Mapper): IncomingHl7 {
  // Read once: for its key, and to be mapped.
  const { parsed, sender } = parsedBy(partners, content);
  const header = parsed.header?.segments[0];
  const received = parsed.message ?? parsed.header;
  const author = header && [valueAt(header, 3), valueAt(header, 4)].filter((value) => value !== undefined).join(' at ');
  return {
    key: keyOf(header), kind: kindOf(header), ...(author && { author }), content, received,
    map: () => mapped(parsed, [...about, ...(header ? headerIssues(header) : [])], sender, map),
  };
}

/** MSH-3, MSH-4 and MSH-10, as they stand in the message. */
function keyOf(header: Hl7Segment | undefined): string | undefined {
  if (header === undefined || valueAt(header, 10) === undefined) return undefined;
  const key = writeSegment({ id: '', position: 1, fields: [[], header.fields[3] ?? [], header.fields[4] ?? [], header.fields[10] ?? []] }, STANDARD_DELIMITERS);
  return key.length > LONGEST_KEY ? undefined : key;
}

/** PostgreSQL's index takes no more than about 2,700 bytes; nobody has such names. */
const LONGEST_KEY = 600;

function kindOf(header: Hl7Segment | undefined): string {
  const parts = header === undefined ? [] : [valueAt(header, 9), valueAt(header, 9, 1, 2)];
  // Anything could stand there: only what has the form of a code is said.
  return parts.map((part) => (part !== undefined && /^[A-Z][A-Z0-9]{2}$/.test(part) ? part : '?')).join('^') || '?';
}

/** Rules for segments of a sender's own say what his own messages are about. */
function typeIssues(message: Hl7Message, sender: Sender | undefined): MappingIssue[] {
  const type = valueAt(message.segments[0], 9);
  return type === undefined || isTypeOfStandard(type) || sender?.mapping.rules !== undefined ? [] : [issueFor('type-unknown', { source: 'MSH-9[1].1', segment: 1 })];
}

function mapped({ message, issues }: Parsed, about: readonly MappingIssue[], sender: Sender | undefined, map: Hl7Mapper): Mapping<unknown> {
  const said = [...about, ...issues, ...(message ? typeIssues(message, sender) : [])];
  if (!message || said.some(({ severity }) => severity === 'error')) return { bundle: { resourceType: 'Bundle', type: 'collection' }, issues: said, acknowledgement: undefined, ledger: [], unmapped: [] };
  const mapping = map(message, sender ?? { mapping: {} });
  return { ...mapping, issues: [...said, ...mapping.issues] };
}

/** Acknowledgements of a batch go back as one (2.10.3): each batch around those of its messages. */
function batchOf(messages: readonly AcknowledgedMessage<IncomingHl7>[], context: Context): string {
  const batches = new Map<number, AcknowledgedMessage<IncomingHl7>[]>();
  for (const acknowledged of messages) {
    const { batch = 0 } = acknowledged.message;
    const those = batches.get(batch);
    if (those) those.push(acknowledged);
    else batches.set(batch, [acknowledged]);
  }
  return [...batches.values()].map((answered) => {
    const body = answered.map(({ acknowledgement }) => acknowledgement).join('');
    const { delimiters, segments } = answered[0]!.message.received ?? { delimiters: STANDARD_DELIMITERS, segments: [] };
    const field = (number: number): Hl7Segment['fields'][number] => segments[0]?.fields[number] ?? [];
    const header: Hl7Segment = { id: 'BHS', position: 1, fields: [[], [], [], field(5), field(6), field(3), field(4), [], [], [], [], plainField(newControlId(context))] };
    const trailer: Hl7Segment = { id: 'BTS', position: 1, fields: [[], plainField(String(answered.length))] };
    return `${writeSegment(header, delimiters)}\r${body}${writeSegment(trailer, delimiters)}\r`;
  }).join('');
}

/** An answer as bytes, in the character set that its first MSH-18 names. */
export function bytesOf(answer: string): Uint8Array {
  const begin = /(?:^|\r)MSH/.exec(answer)?.index ?? 0;
  const header = answer.slice(begin === 0 ? 0 : begin + 1).split('\r', 1)[0]!;
  const name = header.split(header[3] ?? '|')[17];
  return encodeText(answer, name === undefined || name === '' ? undefined : name) ?? Buffer.from(answer, 'utf8');
}
