/**
 * What a person does to an authorization, written: on what was read, to the log, the ClaimResponse, the Task, what is
 * asked for, and the Provenance. Whoever was overtaken reads again and does it on the newer state, where that is
 * possible or is not.
 */
import { Problem } from '../../fhir/problems.ts';
import type { ClockBook } from '../../review/clock/rules.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { newId } from '../../store/shard.ts';
import { commit } from '../../store/write/commit.ts';
import type { Change } from '../../store/write/changes.ts';
import { withPauses } from './clock.ts';
import type { AuthorizationEvent, ItemEvent, Person } from './events.ts';
import { loadByClaim, type LoadedAuthorization } from './load.ts';
import { storedAddresses } from './record/address-book.ts';
import { claimResponseOf } from './record/claim-response.ts';
import { explanationOf } from './record/explanation/explanation-of-benefit.ts';
import { headerOf } from './record/header.ts';
import { communicationAddresses, informationChanges } from './record/information-changes.ts';
import { noticesOf } from './record/notice.ts';
import { outcomeRows } from './record/outcome-rows.ts';
import { provenanceOf } from './record/provenance.ts';
import { reviewTaskOf } from './record/task.ts';
import { eventRow, inOrder, itemRows } from './rows.ts';
import { apply, type AuthorizationState } from './state.ts';
import { usedOf } from './use/bring-up-to-use.ts';

/** Two people who decide different items at once both get through; more rounds than this mean that something else is wrong. */
const mostRounds = 5;

/** What a person works on: the Claim, and which version of it was read, where that is told. */
export interface Reviewed {
  readonly claim: string;
  readonly version: number | undefined;
}

export interface ChangedAuthorization {
  readonly loaded: LoadedAuthorization;
  readonly state: AuthorizationState;
  readonly events: readonly (ItemEvent & AuthorizationEvent)[];
}

export interface ByPerson {
  readonly author: Person;
  /** What happens; @throws {Problem} where it cannot. */
  readonly act: (loaded: LoadedAuthorization, now: Date) => readonly ItemEvent[];
  /** Where it was decided on the records of the member: `RecordsOfMember.recorded` as it was read. */
  readonly recordedBefore?: number;
}

export interface ChangeSettings {
  readonly clocks: ClockBook;
  readonly baseUrl: string;
}

/** @throws {Problem} `version-conflict`, `authorization-not-found`, `decision-invalid`, `decision-not-allowed`, `clock-not-allowed`, `concurrent-change` */
export async function changeByPerson(database: Database, { claim: claimId, version }: Reviewed, { author, act, recordedBefore }: ByPerson, settings: ChangeSettings, context: Context): Promise<ChangedAuthorization> {
  let seen = version;
  for (let round = 1; ; round++) {
    const loaded = await loadByClaim(database, claimId, context);
    const current = loaded.state.received.version;
    // What is decided is what was read: a request that its sender has changed meanwhile is to be read again.
    if (seen !== undefined && seen !== current) throw version === undefined ? new Problem('concurrent-change') : new Problem('version-conflict', { type: 'Claim', id: claimId, current, expected: seen });
    seen = current;
    const changed = changedBy(loaded, act, settings, context);
    try {
      const used = await usedOf(database, loaded, context);
      await commit(database, changesOf(changed, used, recordedBefore, settings.baseUrl, context), { ...context, actor: author.name });
      return changed;
    } catch (error) {
      // Somebody else wrote to the log in between. On the newer state the decision is possible or it is not.
      if (!(error instanceof Problem) || error.code !== 'concurrent-change' || round === mostRounds) throw error;
    }
  }
}

function changedBy(loaded: LoadedAuthorization, act: ByPerson['act'], { clocks }: ChangeSettings, context: Context): ChangedAuthorization {
  const now = context.now();
  const bodies = withPauses(clocks, loaded.state, act(loaded, now), now);
  const events = inOrder(bodies, loaded.state.lastSequence, now).filter((event): event is ItemEvent & AuthorizationEvent => event.kind !== 'received');
  let { state } = loaded;
  for (const event of events) state = apply(state, event);
  return { loaded, state, events };
}

function changesOf({ loaded, state, events }: ChangedAuthorization, used: ReadonlyMap<number, number>, recordedBefore: number | undefined, baseUrl: string, context: Context): Change[] {
  const { stored, request } = loaded;
  const now = context.now();
  const patient = `Patient/${stored.member}`;
  const claim = `Claim/${stored.claim}`;
  const addresses = storedAddresses(request, new Map(Object.entries(state.received.stored)), state.received.payer);
  const information = { claimResponse: stored.claimResponse, request, addresses, claim: { reference: claim }, baseUrl };
  const claimResponse = claimResponseOf({ id: stored.claimResponse, state, request, addresses, communicationRequests: communicationAddresses(stored.claimResponse, state) });
  return [
    { kind: 'update', resource: { ...claimResponse, id: stored.claimResponse } },
    ...informationChanges(information, loaded.state, state),
    { kind: 'update', resource: explanationOf({ claimResponse: stored.claimResponse, claim, state, request, addresses, used }) },
    ...(stored.task === undefined ? [] : [{
      kind: 'update' as const,
      resource: reviewTaskOf({ id: stored.task, claim, claimResponse: `ClaimResponse/${stored.claimResponse}`, patient, state, changedAt: now }),
    }]),
    ...noticesOf(events, { claim, claimResponse: `ClaimResponse/${stored.claimResponse}`, addresses }).map((resource): Change => ({ kind: 'create', resource, id: newId(context, stored.shard) })),
    { kind: 'create', resource: provenanceOf({ targets: [`ClaimResponse/${stored.claimResponse}`, claim], recorded: now, activity: 'UPDATE', decisions: events, patient }), id: newId(context, stored.shard) },
    {
      kind: 'authorization',
      header: headerOf(state, {
        id: stored.id, shard: stored.shard, member: stored.member, requester: stored.requester, claim: stored.claim, claimResponse: stored.claimResponse,
        receivedAt: stored.receivedAt, ...(stored.plan !== undefined && { plan: stored.plan }), ...(stored.task !== undefined && { task: stored.task }),
      }),
      ...(recordedBefore !== undefined && { recordedBefore }),
      items: itemRows(state, request),
      events: events.map(eventRow),
      outcomes: outcomeRows(loaded.state, events),
    },
  ];
}
