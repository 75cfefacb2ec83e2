/**
 * Claim/[id]/$decide: a named person decides, item by item. This is the only way in which a request is denied or
 * reduced on clinical grounds, and it needs a name, a reason and a text.
 */
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { newId } from '../../store/shard.ts';
import { commit } from '../../store/write/commit.ts';
import type { Change } from '../../store/write/changes.ts';
import type { DecisionEvent, Person } from './events.ts';
import { loadByClaim, type LoadedAuthorization } from './load.ts';
import { moreThanAsked } from './more-than-asked.ts';
import type { ItemDecision, PersonDecision } from './read-decision.ts';
import { claimResponseOf } from './record/claim-response.ts';
import { explanationOf } from './record/explanation/explanation-of-benefit.ts';
import { communicationAddresses, informationChanges } from './record/information-changes.ts';
import { provenanceOf } from './record/provenance.ts';
import { storedAddresses } from './record/address-book.ts';
import { reviewTaskOf } from './record/task.ts';
import { eventRow, inOrder, itemRows } from './rows.ts';
import { usedOf } from './use/bring-up-to-use.ts';
import { apply, dueAtOf, isOpen, type AuthorizationState } from './state.ts';

/** What a person certifies without saying until when is good for this many days. */
const defaultValidDays = 90;

/** Two people who decide different items at once both get through; more rounds than this mean that something else is wrong. */
const mostRounds = 5;

export interface DecidedAuthorization {
  readonly loaded: LoadedAuthorization;
  readonly state: AuthorizationState;
  readonly decisions: readonly DecisionEvent[];
}

/** What a person decides on: the Claim, and which version of it was read, where that is told. */
export interface Decided {
  readonly claim: string;
  readonly version: number | undefined;
}

/** @throws {Problem} `version-conflict`, `authorization-not-found`, `decision-invalid`, `decision-not-allowed`, `concurrent-change` */
export async function decideByPerson(database: Database, { claim: claimId, version }: Decided, decision: PersonDecision, baseUrl: string, context: Context): Promise<DecidedAuthorization> {
  let seen = version;
  for (let round = 1; ; round++) {
    const loaded = await loadByClaim(database, claimId, context);
    const current = loaded.state.received.version;
    // What is decided is what was read: a request that its sender has changed meanwhile is to be read again.
    if (seen !== undefined && seen !== current) throw version === undefined ? new Problem('concurrent-change') : new Problem('version-conflict', { type: 'Claim', id: claimId, current, expected: seen });
    seen = current;
    const decided = decide(loaded, decision, context);
    try {
      const used = await usedOf(database, loaded, context);
      await commit(database, changesOf(decided, used, baseUrl, context), { ...context, actor: decision.author.name });
      return decided;
    } catch (error) {
      // Somebody else wrote to the log in between. On the newer state the decision is possible or it is not.
      if (!(error instanceof Problem) || error.code !== 'concurrent-change' || round === mostRounds) throw error;
    }
  }
}

function decide(loaded: LoadedAuthorization, decision: PersonDecision, context: Context): DecidedAuthorization {
  const [first, ...more] = decision.items.flatMap((item) => faultsOf(item, decision.author, loaded))
    .map((rule): ProblemIssue => ({ code: 'decision-invalid', details: { rule }, expression: 'Parameters.parameter' }));
  if (first) throw Problem.of([first, ...more]);
  const now = context.now();
  const decisions = eventsOf(decision, loaded.state, now.toISOString().slice(0, 10));
  let { state } = loaded;
  for (const event of inOrder(decisions, state.lastSequence, now)) state = apply(state, event);
  return { loaded, state, decisions };
}

function isSame(one: Person, other: Person): boolean {
  return one.name.trim().toLowerCase() === other.name.trim().toLowerCase() || (one.identifier?.value !== undefined && one.identifier.value === other.identifier?.value);
}

function faultsOf(item: ItemDecision, author: Person, { state, request }: LoadedAuthorization): string[] {
  const known = state.items.get(item.sequence);
  if (!known) return [`There is no item ${item.sequence} in this authorization.`];
  if (item.action !== 'pend' && known.appealed?.authority.kind === 'person' && isSame(known.appealed.authority, author)) return [`Item ${item.sequence} was denied by the same person; somebody else decides it now.`];
  if (item.action !== 'modify') return [];
  const asked = request.items.find(({ sequence }) => sequence === item.sequence)?.element;
  return moreThanAsked(item.approved, asked).map((name) => `${name} of item ${item.sequence} must not be more than was asked for.`);
}

function eventsOf(decision: PersonDecision, state: AuthorizationState, today: string): DecisionEvent[] {
  const { author } = decision;
  const number = state.received.certificationNumber;
  const usual = { start: today, end: new Date(Date.parse(`${today}T00:00:00Z`) + defaultValidDays * 86_400_000).toISOString().slice(0, 10) };
  return decision.items.flatMap((item): DecisionEvent[] => {
    const head = { item: item.sequence, authority: author };
    switch (item.action) {
      case 'certify': return [{ kind: 'certified', ...head, number, period: item.period ?? usual, explanation: item.text ?? '' }];
      case 'deny': return [{ kind: 'denied', ...head, reason: item.reason }];
      case 'modify': return [{ kind: 'modified', ...head, number, period: item.period ?? usual, approved: item.approved, reason: item.reason }];
      case 'pend': return [
        { kind: 'pended', ...head, explanation: item.text ?? 'A reviewer needs more information.' },
        ...(item.wanted.length > 0 ? [{ kind: 'information-requested' as const, ...head, wanted: item.wanted }] : []),
      ];
    }
  });
}

function changesOf({ loaded, state, decisions }: DecidedAuthorization, used: ReadonlyMap<number, number>, baseUrl: string, context: Context): Change[] {
  const { stored, request } = loaded;
  const now = context.now();
  const patient = `Patient/${stored.member}`;
  const claim = `Claim/${stored.claim}`;
  const addresses = storedAddresses(request, new Map(Object.entries(state.received.stored)), state.received.payer);
  const events = inOrder(decisions, loaded.state.lastSequence, now);
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
    { kind: 'create', resource: provenanceOf({ targets: [`ClaimResponse/${stored.claimResponse}`, claim], recorded: now, activity: 'UPDATE', decisions, patient }), id: newId(context, stored.shard) },
    {
      kind: 'authorization',
      header: {
        id: stored.id, shard: stored.shard, administrativeReference: stored.administrativeReference, member: stored.member, requester: stored.requester,
        claim: stored.claim, claimResponse: stored.claimResponse, receivedAt: stored.receivedAt, expedited: stored.expedited, dueAt: new Date(dueAtOf(state)),
        open: isOpen(state), lastSequence: state.lastSequence, ...(stored.plan !== undefined && { plan: stored.plan }), ...(stored.task !== undefined && { task: stored.task }),
      },
      items: itemRows(state, request),
      events: events.map(eventRow),
    },
  ];
}
