/**
 * X12 for the inbox: units of transaction sets that ask nothing. A 278 that asks and a 270 are answered from what is on
 * record instead. A unit is a claim of an 837, a member of an 834, the payment of an 835, the documents of a 275, a 278
 * notification; each is taken or quarantined for itself. What its sender is told (999, 277CA, 824, 278 acknowledgment) is
 * put together by the delivery.
 */
import type { MappedUnit } from '../../mappers/x12/index.ts';
import { mapInterchange } from '../../mappers/x12/index.ts';
import type { IncomingMessage, MessageOutcome, Rail } from '../../operations/intake/message.ts';
import type { PriorAuthorizationService } from '../../operations/prior-authorization/service.ts';
import type { SpeaksForPlan } from './enrollment.ts';
import { attachDocuments, awaitsReview } from './attach-documents.ts';

export const x12MediaType = 'application/edi-x12';

export interface X12Message extends IncomingMessage {
  readonly unit: MappedUnit;
}

/** Kinds of units that the inbox takes. */
const taken: ReadonlySet<MappedUnit['kind']> = new Set(['claim', 'member', 'payment', 'attachment', 'notification']);

/** Whether a unit is the inbox's to take. */
export function isForInbox({ kind }: MappedUnit): boolean {
  return taken.has(kind);
}

export interface X12Rail extends Rail<X12Message> {
  /** A unit as the inbox sees it: named by the control numbers around it and its place in the set. */
  readonly messageOf: (unit: MappedUnit, body: Uint8Array) => X12Message;
}

function messageOf(unit: MappedUnit, body: Uint8Array, { priorAuthorization, speaksForPlan }: X12Parts): X12Message {
  const { interchange, group, set, ordinal, extent } = unit;
  const { sender, receiver } = interchange;
  return {
    unit,
    key: JSON.stringify([sender.qualifier, sender.id, receiver.qualifier, receiver.id, interchange.controlNumber, group.controlNumber, set.controlNumber, ordinal]).slice(0, 600),
    kind: `${/^\d{3}$/.test(set.identifier) ? set.identifier : '?'} ${/^\d{6}X\d{3}(A\d)?$/.test(set.guide) ? set.guide : '?'}`,
    author: `${sender.qualifier} ${sender.id}`.trim(),
    content: Buffer.concat([Buffer.from(`${ordinal}\n`), body.subarray(extent.start, extent.end)]),
    ...(unit.kind === 'member' && speaksForPlan(sender) && { speaksForPlan: true as const }),
    map: () => unit,
    ...(awaitsReview(unit) && { decide: (_, asking, context) => attachDocuments(priorAuthorization, unit, asking, context) }),
  };
}

export interface X12Parts {
  /** Takes documents that a review waits for. */
  readonly priorAuthorization: PriorAuthorizationService;
  readonly speaksForPlan: SpeaksForPlan;
}

/** What is kept of an outcome, for the 277CA and 824 of a delivery that is answered again. */
export function x12Rail(parts: X12Parts): X12Rail {
  return {
    channel: 'x12',
    messageOf: (unit, body) => messageOf(unit, body, parts),
    * read(body) {
      for (const unit of mapInterchange(body)) if (isForInbox(unit)) yield messageOf(unit, body, parts);
    },
    acknowledge: (_, { state, issues }: MessageOutcome) => JSON.stringify({ state, codes: codesOf(issues) }),
    // The delivery answers for itself (`take-interchange.ts`); single messages are only ever replayed.
    answer: (messages) => ({ status: 200, mediaType: 'application/json', body: JSON.stringify(messages.map(({ outcome: { state } }) => state)) }),
    refuse: (issues, status) => ({ status, mediaType: 'application/json', body: JSON.stringify(codesOf(issues)) }),
  };
}

/** Stable codes of what was wrong. */
export function codesOf(issues: MessageOutcome['issues']): string[] {
  return [...new Set(issues.filter(({ severity }) => severity === 'error').map(({ code }) => code))].slice(0, 5);
}
