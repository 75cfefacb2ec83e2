/**
 * The notice that more time is taken: the law wants the member and whoever asked to be told, with the reason. For the
 * member it is prepared here (`Communication.status` preparation); whoever sends the letter sets it to completed. To the
 * requester it goes by subscription, or by a later answer, and is completed when that was taken (exchange/notices.ts); it is a
 * note in every answer besides.
 * Source: 42 CFR 422.568(b), 438.210(d), 440.230(e); 29 CFR 2560.503-1(f)(2)(iii).
 */
import type { Communication } from '@medplum/fhirtypes';
import type { AuthorizationEvent, ItemEvent } from '../events.ts';
import type { Addresses } from './addresses.ts';

export interface NoticeInput {
  readonly claim: string;
  readonly claimResponse: string;
  readonly addresses: Addresses;
}

const categorySystem = 'http://terminology.hl7.org/CodeSystem/communication-category';

/** For each recipient one for each text: items whose time is extended together are told of together. */
export function noticesOf(events: readonly (ItemEvent & AuthorizationEvent)[], { claim, claimResponse, addresses }: NoticeInput): Communication[] {
  const texts = new Map(events.flatMap((event) => event.kind === 'extended' || event.kind === 'downgraded' ? [[`${event.kind} ${event.notice}`, event] as const] : []));
  const { patient, requester } = addresses;
  const recipients = [{ reference: patient, status: 'preparation' as const }, ...(requester === undefined ? [] : [{ reference: requester, status: 'in-progress' as const }])];
  return [...texts.values()].flatMap(({ kind, notice, reason }) => recipients.map(({ reference, status }): Communication => ({
    resourceType: 'Communication',
    basedOn: [{ reference: claim }],
    status,
    category: [{ coding: [{ system: categorySystem, code: 'notification' }] }],
    subject: { reference: patient },
    topic: { text: kind === 'extended' ? 'More time to decide on a prior authorization' : 'A prior authorization request is decided in standard time' },
    about: [{ reference: claimResponse }, { reference: claim }],
    recipient: [{ reference }],
    ...(addresses.insurer !== undefined && { sender: { reference: addresses.insurer } }),
    reasonCode: [{ coding: [{ system: reason.system, code: reason.code }], text: reason.text }],
    payload: [{ contentString: notice }],
  })));
}
