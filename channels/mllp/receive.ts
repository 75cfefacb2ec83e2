/**
 * A frame, received: its bytes are durable before anything is said about it, then it goes the way of every message
 * (operations/intake). In original mode one answer says what became of it; in enhanced mode one says that it is safe,
 * and a second what became of it, each where the sender wants it (HL7 v2.5.1, 2.9).
 */
import { headerIssues } from '../../mappers/hl7v2/syntax/accept.ts';
import { type AcknowledgementCode, type AcknowledgementMode, acknowledgementMode, isAcknowledgement, isWanted } from '../../mappers/hl7v2/syntax/acknowledgement.ts';
import { readFile } from '../../mappers/hl7v2/syntax/batch.ts';
import { issueFor, type SyntaxCode } from '../../mappers/hl7v2/syntax/issue.ts';
import type { Hl7Message } from '../../mappers/hl7v2/syntax/message.ts';
import { headerOf, parseMessage } from '../../mappers/hl7v2/syntax/parse.ts';
import type { MappingIssue } from '../../mappers/ledger.ts';
import { takeLanded, type Intake } from '../../operations/intake/take-messages.ts';
import type { Context } from '../../store/context.ts';
import { land, type DeliveryAnswer, type Landed } from '../../store/landing.ts';
import type { Partners } from '../hl7v2/partners.ts';
import { bytesOf, hl7v2MediaType, textOf, type Hl7Rail } from '../hl7v2/rail.ts';
import { takeAcknowledgement } from '../hl7v2/take-acknowledgement.ts';
import type { Frame } from './frames.ts';
import type { Peer } from './listener.ts';

export interface ReceiverParts {
  readonly intake: Intake;
  readonly rail: Hl7Rail;
  readonly partners: Partners;
  /** What a delivery of a tenant is done in. Of no tenant in particular: only to answer. */
  readonly contextOf: (tenant: string | undefined, actor: string) => Context;
  /** Told the code of every answer, such as AA, and how long it took from the frame on. */
  readonly onAnswer: (code: string, startedAt: number) => void;
  /** Milliseconds from some moment on. */
  readonly monotonic: () => number;
}

/** The answers to a frame, in order; none to an acknowledgement, or where none is wanted. */
export async function* receive(parts: ReceiverParts, frame: Frame, peer: Peer): AsyncGenerator<Uint8Array> {
  for await (const { code, text } of answersTo(parts, frame, peer, parts.monotonic())) {
    yield bytesOf(text);
    parts.onAnswer(code.code, code.startedAt);
  }
}

interface Answer {
  readonly text: string;
  readonly code: { readonly code: string; readonly startedAt: number };
}

async function* answersTo(parts: ReceiverParts, frame: Frame, peer: Peer, startedAt: number): AsyncGenerator<Answer> {
  const answer = (text: string): Answer => ({ text, code: { code: acknowledgementCodeOf(text), startedAt } });
  const headers = frame.kind === 'oversized' ? [headerOf(frame.head).header] : headersOf(frame.bytes);
  const received = headers[0];
  if (received && isAcknowledgement(received.segments[0]!)) {
    await acknowledged(parts, frame, headers, peer);
    return;
  }
  const mode: AcknowledgementMode = received ? acknowledgementMode(received.segments[0]!) : { kind: 'original' };
  const refusal = frame.kind === 'oversized' ? 'too-large' : refusalOf(parts.partners, headers, peer);
  const tenant = parts.partners.tenantOf(received?.segments[0]);
  const actor = actorOf(peer);
  const context = parts.contextOf(refusal === undefined ? tenant : undefined, actor);
  const say = (code: 'A' | 'E' | 'R', issues: readonly MappingIssue[]): Answer | undefined => {
    if (mode.kind === 'original') return answer(textOf(received, `A${code}` as AcknowledgementCode, issues, context));
    const accept = `C${code}` as AcknowledgementCode;
    return isWanted(mode.accept, accept) ? answer(textOf(received, accept, issues, context)) : undefined;
  };
  const refuse = (code: SyntaxCode): Answer | undefined => say('R', [issueFor(code)]);
  if (frame.kind === 'oversized' || refusal !== undefined) {
    yield* some(refuse(refusal ?? 'too-large'));
    return;
  }
  let landed: Landed;
  const delivery = { channel: parts.rail.channel, sender: actor, mediaType: hl7v2MediaType, body: frame.bytes };
  try {
    landed = await land(parts.intake.database, delivery, context);
  } catch (error) {
    parts.intake.observer.fault(error, context);
    yield* some(refuse('not-stored'));
    return;
  }
  const faults = received ? headerIssues(received.segments[0]!) : [issueFor('no-header')];
  if (mode.kind === 'enhanced') yield* some(faults.length === 0 ? say('A', []) : say('R', faults));
  try {
    const { body } = landed.answered ?? await processed(parts, landed, delivery, context);
    // What was rejected when it came is not answered by the application as well.
    const code = acknowledgementCodeOf(body) as AcknowledgementCode;
    if (mode.kind === 'original' || (faults.length === 0 && isWanted(mode.application, code))) yield answer(body);
  } catch (error) {
    // It has landed and was not taken: the store failed, or lost to others too often.
    parts.intake.observer.fault(error, context);
    if (mode.kind === 'original') yield* some(refuse('not-stored'));
  }
}

/** An acknowledgement gets no answer. One of a partner who may speak here ends an answer that waits for it. */
async function acknowledged(parts: ReceiverParts, frame: Frame, headers: readonly (Hl7Message | undefined)[], peer: Peer): Promise<void> {
  if (frame.kind === 'oversized' || refusalOf(parts.partners, headers, peer) !== undefined) return;
  const context = parts.contextOf(parts.partners.tenantOf(headers[0]?.segments[0]), actorOf(peer));
  const { message } = parseMessage(frame.bytes);
  try {
    if (message) await takeAcknowledgement(parts.intake.database, message, context);
  } catch (error) {
    // The answer stays, and is handed out once more.
    parts.intake.observer.fault(error, context);
  }
}

function actorOf({ certificate }: Peer): string {
  return certificate === undefined ? 'mllp' : `mllp ${certificate}`;
}

async function processed(parts: ReceiverParts, landed: Landed, { sender, mediaType, body }: { readonly sender: string; readonly mediaType: string; readonly body: Uint8Array }, context: Context): Promise<DeliveryAnswer> {
  const arrival = { landing: landed, sender, mediaType, receivedAt: context.now() };
  return (await takeLanded(parts.intake, parts.rail, body, arrival, () => ({}), context)).answer;
}

/**
 * The header of every message of a frame, as the rail will find them: one message may stand behind another, with a batch
 * around them or without. Undefined where there is none.
 */
function headersOf(bytes: Buffer): readonly (Hl7Message | undefined)[] {
  return readFile(bytes).batches.flatMap(({ messages }) => messages.map((message) => headerOf(message).header));
}

/** Why nothing of a frame is even stored: it is for nobody here, or from somebody who must not send it. */
function refusalOf(partners: Partners, headers: readonly (Hl7Message | undefined)[], { certificate }: Peer): SyntaxCode | undefined {
  const segments = headers.length === 0 ? [undefined] : headers.map((header) => header?.segments[0]);
  const tenants = new Set(segments.map((header) => partners.tenantOf(header)));
  if (tenants.has(undefined) || tenants.size > 1) return 'receiver-unknown';
  return segments.every((header) => partners.mayComeBy(header, certificate)) ? undefined : 'sender-unknown';
}

function acknowledgementCodeOf(text: string): string {
  return /\rMSA.([A-Z]{2})/.exec(text)?.[1] ?? 'AE';
}

function* some(answer: Answer | undefined): Generator<Answer> {
  if (answer) yield answer;
}
