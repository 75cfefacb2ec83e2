/**
 * The RPA that comes later: what was decided on an RQA after its first answer, under a control id of its own. It is a
 * deferred answer (HL7 v2.5.1, 2.9.2 and 2.9.3): MSA names the request, and whoever takes it acknowledges it.
 */
import { answerRequest } from '../../mappers/hl7v2/inverse/authorization.ts';
import { acknowledgementMode } from '../../mappers/hl7v2/syntax/acknowledgement.ts';
import { type Hl7Message, type Hl7Segment, valueAt } from '../../mappers/hl7v2/syntax/message.ts';
import { plainField, writeText } from '../../mappers/hl7v2/syntax/write.ts';
import type { Mapping } from '../../mappers/ledger.ts';
import type { PlannedAnswer } from '../../operations/prior-authorization/plan.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import type { LandedDelivery } from '../../store/landing.ts';
import { newControlId } from './control-id.ts';
import type { Hl7Rail } from './rail.ts';
import { asksForReview, contentSha256 } from './review-request.ts';

export interface AskedByHl7v2 {
  readonly partner: string;
  readonly bundle: Mapping<unknown>['bundle'];
  write(answer: PlannedAnswer, connection: Queryable, context: Context): Promise<{ readonly controlNumber: string; readonly content: string }>;
}

/** Who sends a message, as answers to him are kept: MSH-3.1 and MSH-4.1. */
export function partnerOf(header: Hl7Segment): string {
  // PostgreSQL has no text with this character, and no partner is called so.
  return `${valueAt(header, 3) ?? ''}|${valueAt(header, 4) ?? ''}`.replaceAll('\0', ' ');
}

/** Undefined where the delivery holds no such request. */
export function askedByHl7v2(rail: Hl7Rail, { body, mediaType, sender }: LandedDelivery, sha256: string | undefined): AskedByHl7v2 | undefined {
  const requests = [...rail.read(body, mediaType)].flatMap((message) => (message.received !== undefined && asksForReview(message.received) ? [{ received: message.received, message }] : []));
  // Versions of older releases do not say which request of their delivery made them.
  const request = sha256 === undefined ? (requests.length === 1 ? requests[0] : undefined) : requests.find(({ received }) => contentSha256(received, sender) === sha256);
  if (!request) return undefined;
  const { received, message } = request;
  return { partner: partnerOf(received.segments[0]!), bundle: message.map().bundle, write: (answer, _connection, context) => Promise.resolve(writeLater(received, answer, context)) };
}

function writeLater(asked: Hl7Message, { response, sequences }: PlannedAnswer, context: Context): { readonly controlNumber: string; readonly content: string } {
  const controlNumber = newControlId(context);
  const { message } = answerRequest(asked, response, { code: 'AA', issues: [] }, { controlId: controlNumber, now: context.now() }, sequences);
  const [header, ...others] = message.segments;
  // An answer by itself is a message of its own: that it has come is to be said, by who says so of messages in enhanced mode.
  const fields = acknowledgementMode(asked.segments[0]!).kind === 'enhanced' ? header!.fields.with(15, plainField('AL')).with(16, plainField('NE')) : header!.fields;
  return { controlNumber, content: writeText({ ...message, segments: [{ ...header!, fields }, ...others] }) };
}
