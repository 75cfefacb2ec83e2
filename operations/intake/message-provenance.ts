/**
 * Who said it: the Provenance of what one message made. It names the versions, the bytes that arrived and who sent them;
 * which value came from which place of the message is in the ledger, and told by $source (operations/source).
 * Source: https://hl7.org/fhir/R4/provenance.html
 */
import type { Extension, Provenance } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../fhir/ids.ts';
import type { Context } from '../../store/context.ts';
import type { InboxRow } from '../../store/write/changes.ts';
import { landingUrn } from './message-task.ts';

const participantSystem = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
/** R4 has no code for who passed something on. */
const usCoreParticipantSystem = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type';

export interface VersionName {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

/** The same for a message however often it is taken in: replayed, its Provenance has a further version. */
export function provenanceIdOf(message: { readonly id: string }): string {
  return nameBasedUuid('https://priora.health/inbox/provenance', message.id);
}

export type ProvenanceSource = Pick<InboxRow, 'id' | 'channel' | 'kind' | 'landing' | 'receivedAt' | 'author'>;

/** @param extension of the Provenance itself, such as where single values came from */
export function messageProvenance(message: ProvenanceSource, targets: readonly VersionName[], sender: string, context: Pick<Context, 'now'>, extension: readonly Extension[] = []): Provenance & { id: string } {
  return {
    resourceType: 'Provenance',
    id: provenanceIdOf(message),
    meta: { source: landingUrn(message.landing) },
    ...(extension.length > 0 && { extension: [...extension] }),
    target: targets.map(({ type, id, version }) => ({ reference: `${type}/${id}/_history/${version}` })),
    occurredDateTime: message.receivedAt.toISOString(),
    recorded: context.now().toISOString(),
    agent: [
      { type: { coding: [{ system: participantSystem, code: 'author' }] }, who: { display: message.author ?? sender } },
      { type: { coding: [{ system: usCoreParticipantSystem, code: 'transmitter' }] }, who: { display: sender } },
    ],
    entity: [{
      role: 'source',
      what: { type: 'DocumentReference', identifier: { system: 'urn:ietf:rfc:3986', value: landingUrn(message.landing) }, display: `${message.channel} ${message.kind} as it was received` },
    }],
  };
}
