/**
 * An answer is due in time, a decision in a day or two. What cannot be decided while the sender waits is answered as
 * pended, and the rules decide it by a job, on what is on record then.
 * Source: PAS 2.2.1, "Submit", spec-7: fifteen seconds, with the way there and back.
 */
import type { PolicyPack } from '../../review/policies/pack.ts';
import { recordsOfMember } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { shardOf } from '../../store/shard.ts';
import type { Change } from '../../store/write/changes.ts';
import { recordsAssumed } from './approved-before.ts';
import { answeredIn, stillAsking } from './answered.ts';
import { assertedOf } from './asserted.ts';
import { changeByPerson, type ChangeSettings } from './change-by-person.ts';
import { decisionsOf } from './decide-by-rule.ts';
import type { DecisionEvent } from './events.ts';
import { loadByClaim } from './load.ts';
import { coverageOf, matchMember, planOf } from './member.ts';
import { recommendByUse } from './recommend-by-use.ts';
import { codesOf, servicedDates } from './rows.ts';
import type { ItemState } from './state.ts';

export const lateJob = 'decide_late';

/** Milliseconds within which an answer is to leave, of the fifteen seconds that a sender may wait. */
export const answerBudget = 10_000;

const rule = 'answer-in-time';

/** The answer for now: nothing is said of the service. */
export function notYetDecided(items: readonly number[]): DecisionEvent[] {
  return items.map((item) => ({ kind: 'pended', item, authority: { kind: 'administrative-rule', rule: { rule, title: 'The answer was due' } }, explanation: 'The request has arrived and is being decided; the answer follows.' }));
}

/** @param claim `Claim/id` */
export function lateDecision(claim: string, tenant: number): Change {
  return { kind: 'job', name: lateJob, payload: { tenant, claim: claim.replace('Claim/', '') } };
}

function isNotYetDecided({ status, decision }: ItemState): boolean {
  return status === 'pended' && decision?.kind === 'pended' && decision.authority.kind === 'administrative-rule' && decision.authority.rule.rule === rule;
}

/** What the job does; nothing where somebody has decided meanwhile. @throws {Problem} */
export async function decideLate(database: Database, claim: string, policies: readonly PolicyPack[], settings: ChangeSettings, context: Context): Promise<void> {
  const { request, events, state: { items: states, received }, stored } = await loadByClaim(database, claim, context);
  const items = [...states.values()].filter(isNotYetDecided).map(({ sequence }) => sequence);
  const match = await matchMember(database, request, context);
  if (items.length === 0 || !('patient' in match)) return;
  const { patient } = match;
  const receivedOn = received.receivedAt.slice(0, 10);
  const service = [...new Set(request.items.flatMap(({ element }) => codesOf(element.productOrService)))];
  const [coverage, records, asserted] = await Promise.all([
    coverageOf(database, patient.id, context),
    recordsOfMember(database, { member: patient.id, shard: shardOf(context.tenant.id, patient.id), service, requester: request.requesterIdentifiers }, context),
    // As of an update: guidance that was good when authorization was first asked for.
    assertedOf(database, request, patient.id, events[0]!.at.slice(0, 10), context),
  ]);
  const recommendations = await recommendByUse(database, { request, items, member: { patient, coverage }, plan: planOf(coverage), earlier: records.earlier, own: stored.id, receivedOn, asserted: asserted.byItem }, policies, context);
  const came = answeredIn(events);
  const decisions = decisionsOf(recommendations, {
    receivedOn, certificationNumber: received.certificationNumber, serviced: (item) => servicedDates(request.items.find(({ sequence }) => sequence === item)?.element),
  }).flatMap((decision) => stillAsking(decision, came));
  await changeByPerson(database, { claim, version: received.version }, {
    // Only names who writes; the authority of each decision is the rule's.
    author: { kind: 'person', name: context.actor },
    ...recordsAssumed(decisions, records),
    act: ({ state }) => decisions.filter(({ item }) => isNotYetDecided(state.items.get(item)!)),
  }, settings, context);
}
