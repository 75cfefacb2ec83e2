/**
 * Everything that is written when a request comes in, for the first time or as an update: what the Bundle brings, the
 * ClaimResponse, what is asked for, the reviewers' Task, the Provenance, and the authorization with its log.
 */
import { stringifyJson } from '../../../fhir/json.ts';
import type { Context } from '../../../store/context.ts';
import { newId } from '../../../store/shard.ts';
import type { Change, LandingKey } from '../../../store/write/changes.ts';
import type { AuthorizationEvent, ItemEvent } from '../events.ts';
import type { LoadedAuthorization } from '../load.ts';
import type { Member } from '../member.ts';
import type { RequestReading } from '../request/read-request.ts';
import { eventRow, itemRows } from '../rows.ts';
import { isOpen, type AuthorizationState } from '../state.ts';
import { storedAddresses } from './address-book.ts';
import { claimResponseOf } from './claim-response.ts';
import { explanationOf } from './explanation/explanation-of-benefit.ts';
import { headerOf } from './header.ts';
import { communicationAddresses, informationChanges } from './information-changes.ts';
import { outcomeRows } from './outcome-rows.ts';
import { provenanceOf } from './provenance.ts';
import type { StoredRequest } from './stored-resources.ts';
import { reviewTaskOf } from './task.ts';

export interface Version {
  readonly rail: string;
  readonly landing: LandingKey;
  /** Which request of the delivery it is (`Submission`). */
  readonly contentSha256: string | undefined;
  readonly baseUrl: string;
  /** The request as it stands with this version. */
  readonly request: RequestReading;
  /** True where that is the delivery itself, word for word, which landing keeps. */
  readonly isAsDelivered: boolean;
  /** Identifiers (`system|value`) of the Claim as its sender wrote it. */
  readonly trace: readonly string[];
  readonly stored: StoredRequest;
  /** Whom the sender names as requester and on the care team; what others send names nobody. */
  readonly requester: readonly string[];
  readonly member: Member;
  readonly plan: string | undefined;
  readonly payer: string | undefined;
  readonly shard: number;
  /** What this version adds to the log, and the state that it leads to. */
  readonly events: readonly AuthorizationEvent[];
  readonly state: AuthorizationState;
  /** Units that claims for payment have used of what was certified before, by item. */
  readonly used?: ReadonlyMap<number, number>;
  /** The authorization that it updates. */
  readonly before?: LoadedAuthorization;
  /** Of a new one, and of one that takes a part of what another was approved for: `RecordsOfMember.recorded` as it was read. */
  readonly recordedBefore?: number;
}

export interface WrittenVersion {
  readonly changes: readonly Change[];
  /** Id of the ClaimResponse. */
  readonly claimResponse: string;
}

export function versionChanges(version: Version, context: Context): WrittenVersion {
  const { request, state, stored, member, shard, before, payer, plan } = version;
  const now = context.now();
  const patient = `Patient/${member.patient.id}`;
  const source = `urn:uuid:${version.landing.id}`;
  const id = before?.stored.claimResponse ?? newId(context, shard);
  const addresses = storedAddresses(request, stored.addresses, payer);
  const claimResponse = { ...claimResponseOf({ id, state, request, addresses, communicationRequests: communicationAddresses(id, state) }), id };
  const taskId = before?.stored.task ?? (isOpen(state) ? newId(context, shard) : undefined);
  const task = taskId === undefined ? undefined : reviewTaskOf({ id: taskId, claim: stored.claim, claimResponse: `ClaimResponse/${id}`, patient, state, changedAt: now });
  const decisions = version.events.filter((event): event is ItemEvent & AuthorizationEvent => event.kind !== 'received');
  const provenance = provenanceOf({ targets: [`ClaimResponse/${id}`, stored.claim], recorded: now, activity: before ? 'UPDATE' : 'CREATE', decisions, source, patient });
  const explanation = explanationOf({ claimResponse: id, claim: stored.claim, state, request, addresses, ...(version.used && { used: version.used }) });
  const { received } = state;
  return {
    claimResponse: id,
    changes: [
      ...stored.changes,
      before ? { kind: 'update', resource: claimResponse } : { kind: 'create', resource: claimResponse, id },
      ...informationChanges({ claimResponse: id, request, addresses, claim: { reference: stored.claim }, baseUrl: version.baseUrl }, before?.state, state),
      // Its id follows from that of the ClaimResponse, so where that is new nobody has it: nothing to look up and lock.
      before ? { kind: 'update', resource: explanation } : { kind: 'create', resource: explanation, id: explanation.id },
      ...(task ? [before?.stored.task === undefined ? { kind: 'create' as const, resource: task, id: task.id } : { kind: 'update' as const, resource: task }] : []),
      { kind: 'create', resource: provenance, id: newId(context, shard) },
      {
        kind: 'authorization',
        header: headerOf(state, {
          id: before?.stored.id ?? newId(context, shard), shard, member: member.patient.id, ...(plan !== undefined && { plan }),
          // Whoever asked for a version, or is named on one, may ask what became of the whole.
          requester: [...new Set([...before?.stored.requester ?? [], ...version.requester])],
          claim: stored.claim.slice('Claim/'.length), claimResponse: id, ...(taskId !== undefined && { task: taskId }),
          receivedAt: before?.stored.receivedAt ?? new Date(received.receivedAt),
        }),
        ...(version.recordedBefore !== undefined && { recordedBefore: version.recordedBefore }),
        request: { version: received.version, rail: version.rail, landing: version.landing, trace: version.trace, ...(version.contentSha256 !== undefined && { contentSha256: version.contentSha256 }), ...(!version.isAsDelivered && { bundle: stringifyJson(request.bundle) }) },
        items: itemRows(state, request),
        events: version.events.map(eventRow),
        outcomes: outcomeRows(before?.state, version.events),
      },
    ],
  };
}
