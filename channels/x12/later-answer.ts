/**
 * The 278 response that comes later: what was decided on a request after its first answer, in an interchange of its own
 * from the receiver of the request to its sender. A TA1 is asked for, and a 999 expected.
 */
import { responseFor, withItemSequences, writeInterchange, type MappedRequest } from '../../mappers/x12/index.ts';
import type { PlannedAnswer } from '../../operations/prior-authorization/plan.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { nextControlNumbers } from '../../store/interchanges.ts';
import type { LandedDelivery } from '../../store/landing.ts';
import { contentSha256, requestsIn } from './resubmission.ts';
import { stampsOf } from './stamps.ts';

export interface AskedByX12 {
  readonly partner: string;
  readonly bundle: MappedRequest['bundle'];
  write(answer: PlannedAnswer, connection: Queryable, context: Context): Promise<{ readonly controlNumber: string; readonly content: string }>;
}

/** Who sends an interchange, as answers to him are kept: ISA05 and ISA06. */
export function partnerOf({ qualifier, id }: { readonly qualifier: string; readonly id: string }): string {
  // PostgreSQL has no text with this character, and no partner is called so.
  return `${qualifier}:${id}`.replaceAll('\0', ' ');
}

/** Undefined where the delivery holds no such request: documents that came by a 275, an inquiry. */
export function askedByX12({ body, sender }: LandedDelivery, sha256: string | undefined): AskedByX12 | undefined {
  const requests = requestsIn(body).filter(({ kind }) => kind === 'request');
  // Versions of older releases do not say which request of their delivery made them.
  const request = sha256 === undefined ? (requests.length === 1 ? requests[0] : undefined) : requests.find((each) => contentSha256(each, sender) === sha256);
  return request && { partner: partnerOf(request.context.interchange.sender), bundle: request.bundle, write: (answer, connection, context) => writeLater(request, answer, connection, context) };
}

async function writeLater({ context: asked }: MappedRequest, { response, sequences }: PlannedAnswer, connection: Queryable, context: Context): Promise<{ readonly controlNumber: string; readonly content: string }> {
  const [controlNumber] = await nextControlNumbers(connection, 1);
  const { interchange, group, guide } = asked;
  const stamps = stampsOf(context);
  const { segments } = responseFor(withItemSequences(asked, sequences), response, { ...stamps, controlNumber: '0001' });
  const { bytes } = writeInterchange(
    { sender: interchange.receiver, receiver: interchange.sender, usage: interchange.usage === 'T' ? 'T' : 'P', ...stamps, controlNumber: controlNumber!, acknowledgmentRequested: true },
    [{ functionalIdentifier: 'HI', senderCode: group.receiverCode, receiverCode: group.senderCode, controlNumber: controlNumber!, version: guide, transactions: [segments] }],
  );
  return { controlNumber: String(controlNumber), content: Buffer.from(bytes).toString('latin1') };
}
