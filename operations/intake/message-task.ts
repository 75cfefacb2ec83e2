/**
 * A message that waits for somebody, as FHIR shows it: a Task to take the message in, that failed (quarantined) or is on
 * hold (nobody but a person can say whose it is), with what is wrong as its output. When the message is taken in after
 * all, the Task is completed.
 */
import type { DocumentReference, OperationOutcome, Task } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { InboxRow } from '../../store/write/changes.ts';
import { outcomeOfMessage } from './issues.ts';
import type { MessageIssue } from './message.ts';

export const taskCodeSystem = 'https://priora.health/fhir/CodeSystem/inbox-task';
const statuses = { accepted: 'completed', review: 'on-hold', quarantined: 'failed', duplicate: 'rejected' } as const;

/** The URN of what arrived, as it is told in `meta.source` of what was made of it. */
export function landingUrn({ id }: { readonly id: string }): string {
  return `urn:uuid:${id}`;
}

/** Where the bytes are read that arrived. */
export function landingUrl({ id }: { readonly id: string }, { base }: Pick<Context, 'base'>): string {
  return `${base.replace(/\/fhir$/, '')}/landing/${id}/raw`;
}

export interface MessageTaskParts {
  readonly message: Pick<InboxRow, 'id' | 'channel' | 'kind' | 'landing' | 'receivedAt' | 'state' | 'author'>;
  readonly mediaType: string;
  readonly issues: readonly MessageIssue[];
  /** Records that the message may be about. */
  readonly candidates: readonly string[];
}

export function messageTask({ message, mediaType, issues, candidates }: MessageTaskParts, context: Context): Task & { id: string } {
  const outcome: OperationOutcome = { ...outcomeOfMessage(issues), id: 'outcome' };
  return {
    resourceType: 'Task',
    id: message.id,
    meta: { source: landingUrn(message.landing) },
    contained: [receivedDocument(message, mediaType, context), outcome],
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${message.id}` }],
    status: statuses[message.state],
    businessStatus: { coding: [{ system: taskCodeSystem, code: message.state }] },
    intent: 'order',
    code: { coding: [{ system: taskCodeSystem, code: 'take-in-message' }], text: `${message.channel} ${message.kind}` },
    focus: { reference: '#received' },
    authoredOn: message.receivedAt.toISOString(),
    lastModified: context.now().toISOString(),
    ...(message.author !== undefined && { requester: { display: message.author } }),
    ...(candidates.length > 0 && { input: candidates.map((id) => ({ type: { coding: [{ system: taskCodeSystem, code: 'candidate' }] }, valueReference: { reference: `Patient/${id}` } })) }),
    output: [{ type: { coding: [{ system: taskCodeSystem, code: 'outcome' }] }, valueReference: { reference: '#outcome' } }],
  };
}

/** What arrived, by address: the bytes stay where they landed. */
function receivedDocument({ landing, kind }: MessageTaskParts['message'], mediaType: string, context: Context): DocumentReference {
  return {
    resourceType: 'DocumentReference',
    id: 'received',
    masterIdentifier: { system: 'urn:ietf:rfc:3986', value: landingUrn(landing) },
    status: 'current',
    type: { text: kind },
    content: [{ attachment: { contentType: mediaType, url: landingUrl(landing, context) } }],
  };
}
