/**
 * An update or a cancellation: the next version of a request that was taken before, on whatever rail it came then.
 *
 * What the requester cancels is cancelled. What is added, changed or appealed is decided anew, an appeal by a person
 * only. What is pended is looked at again with the evidence as it is now, unless a person has it in hand. Everything
 * else stays as it was decided, and the answer says how each item stands (spec-46).
 */
import type { ClaimItem } from '@medplum/fhirtypes';
import { recordsOfMember, type RecordsOfMember } from '../../../store/authorizations.ts';
import { wireResponse } from '../answer/wire-response.ts';
import { startClock } from '../clock.ts';
import { decisionsOf } from '../decide-by-rule.ts';
import type { ApprovedDetail, Cancelled, DecisionEvent, Pended, Received } from '../events.ts';
import type { LoadedAuthorization } from '../load.ts';
import { coverageOf, planOf, type Member } from '../member.ts';
import type { AuthorizedPlan, Work } from '../plan.ts';
import { recommend } from '../recommend.ts';
import { storeRequest } from '../record/stored-resources.ts';
import { versionChanges } from '../record/version-changes.ts';
import type { Rejection } from '../rejection.ts';
import { identifiersOfProvider, tracesOf, type RequestReading } from '../request/read-request.ts';
import { codesOf, inOrder, servicedDates } from '../rows.ts';
import { fold, isUndecided, type AuthorizationState, type ItemState } from '../state.ts';
import { alignItems, sequencesOf, type Alignment } from './align.ts';
import { priorOf } from './find-prior.ts';
import { itemChanges, type ItemChanges } from './item-changes.ts';
import { mergeRequest } from './merge.ts';

/** How items of a rail are known again. */
export function alignmentOf(rail: string): Alignment {
  return rail === 'fhir' ? 'sequence' : 'content';
}

export async function planUpdate(work: Work): Promise<AuthorizedPlan | Rejection> {
  const { database, submission, settings, context, request: update, patient, shard, payer } = work;
  await work.takeTurn();
  const before = await priorOf(work);
  if ('code' in before) return before;
  const by = alignmentOf(submission.rail);
  const aligned = alignItems(by, update, before.request, before.state.items);
  const changed = itemChanges(by, aligned, update, before.request, before.state);
  if ([...before.state.items.values()].every(({ status }) => status === 'denied') && changed.changes.size === 0) return denied;

  const { request, isAsSent } = mergeRequest(by, aligned, update, before.request);
  const clock = startClock(update.claim, context.now());
  const receivedOn = clock.receivedAt.toISOString().slice(0, 10);
  const toDecide = itemsToDecide(changed, before.state);
  const elements = new Map(request.items.map((item) => [item.sequence, item.element]));
  const service = [...new Set(toDecide.flatMap((sequence) => codesOf(elements.get(sequence)?.productOrService)))];
  const [coverage, records] = await Promise.all([
    coverageOf(database, patient.id, context),
    recordsOfMember(database, { member: patient.id, shard, service, requester: request.requesterIdentifiers }, context),
  ]);
  const member: Member = { patient, coverage };
  const plan = planOf(coverage);
  const earlier = othersThan(before, records);

  const stored = storeRequest(request, member, payer, `urn:uuid:${submission.landing.id}`, context,
    { request: before.request, addresses: before.state.received.stored, claim: `Claim/${before.stored.claim}`, version: before.state.received.version });
  const received = receipt(before, changed, { clock, rail: submission.rail, items: request.items.map(({ sequence }) => sequence), plan, payer: payer ?? before.state.received.payer, stored: stored.addresses });
  const rules = decisionsOf(recommend({ request, items: toDecide, member, plan, earlier, receivedOn }, settings.policies), {
    receivedOn, certificationNumber: received.certificationNumber, servicedFrom: (item) => servicedDates(elements.get(item)).from,
  });
  const decisions: DecisionEvent[] = [
    ...changed.cancelled.map((item) => cancellation(item, update)),
    ...appealsOf(changed).map(appealed),
    ...rules.filter((decision) => changed.changes.has(decision.item) || saysMore(decision, before.state.items.get(decision.item), rules)),
  ];
  const events = inOrder([received, ...decisions], before.state.lastSequence, context.now());
  const state = fold([...before.events, ...events]);
  const { changes, claimResponse } = versionChanges({
    rail: submission.rail, landing: submission.landing, baseUrl: settings.baseUrl, request, trace: tracesOf(update.claim),
    isAsDelivered: submission.rail === 'fhir' && isAsSent, stored, member, plan, payer: received.payer, shard, events, state, before,
  }, context);
  const response = wireResponse(request, state, claimResponse, settings.baseUrl, 'submit', context);
  const decided = [...new Set(decisions.map(({ item }) => item))].flatMap((item) => state.items.get(item) ?? []);
  return { kind: 'authorized', response, changes, state, decided, claim: stored.claim, request: update, sequences: sequencesOf(aligned) };
}

/** A denial is final for the request that it was given to; PAS has the provider send a new one. */
const denied: Rejection = {
  code: '33', followUp: 'N', element: '2000E-UM02', path: 'Bundle.entry[0].resource', text: 'The authorization is denied as a whole and cannot be updated; please send a new request or an appeal.',
};

/** Added and changed items, and pended ones that no person has in hand; appeals are for a person. */
function itemsToDecide({ changes, cancelled }: ItemChanges, state: AuthorizationState): number[] {
  const waiting = [...state.items.values()].filter((item) => item.status === 'pended' && item.decision?.authority.kind !== 'person' && !item.appealed).map(({ sequence }) => sequence);
  const asked = [...changes].filter(([, change]) => change !== 'appealed').map(([sequence]) => sequence);
  return [...new Set([...asked, ...waiting])].filter((sequence) => !cancelled.includes(sequence)).toSorted((a, b) => a - b);
}

function appealsOf({ changes }: ItemChanges): number[] {
  return [...changes].filter(([, change]) => change === 'appealed').map(([sequence]) => sequence);
}

function othersThan({ stored }: LoadedAuthorization, { earlier }: RecordsOfMember): RecordsOfMember['earlier'] {
  return earlier.filter(({ authorizationId }) => authorizationId !== stored.id);
}

interface Receipt extends Pick<Received, 'rail' | 'items'> {
  readonly plan: string | undefined;
  readonly payer: string | undefined;
  readonly clock: ReturnType<typeof startClock>;
  readonly stored: ReadonlyMap<string, string>;
}

function receipt({ state, request }: LoadedAuthorization, { changes, refused }: ItemChanges, { clock, rail, items, plan, payer, stored }: Receipt): Received {
  const { received } = state;
  // What waits from before keeps its own time; a version that asks for nothing new starts no clock.
  const asks = changes.size > 0;
  const waitsExpedited = received.expedited && [...state.items.values()].some((item) => isUndecided(item) && !changes.has(item.sequence));
  const certifiedFor = [...changes.keys()].flatMap((sequence) => {
    const detail = certifiedDetail(state.items.get(sequence), request);
    return detail ? [[String(sequence), detail] as const] : [];
  });
  return {
    kind: 'received', version: received.version + 1, rail, receivedAt: clock.receivedAt.toISOString(),
    expedited: asks ? clock.expedited || waitsExpedited : received.expedited, dueAt: asks ? clock.dueAt.toISOString() : received.dueAt,
    items: [...new Set([...received.items, ...items])].toSorted((a, b) => a - b),
    administrativeReference: received.administrativeReference, certificationNumber: received.certificationNumber,
    ...(asks && { changes: Object.fromEntries([...changes].map(([sequence, change]) => [String(sequence), change])) }),
    ...(refused.length > 0 && { refused }), ...(certifiedFor.length > 0 && { certifiedFor: Object.fromEntries(certifiedFor) }),
    ...(plan !== undefined && { plan }), ...(payer !== undefined && { payer }), stored: { ...received.stored, ...Object.fromEntries(stored) },
  };
}

/** What a certification that is about to be replaced was given for. */
function certifiedDetail(item: ItemState | undefined, request: RequestReading): ApprovedDetail | undefined {
  if (item?.status !== 'certified' && item?.status !== 'modified') return undefined;
  const element: ClaimItem | undefined = request.items.find(({ sequence }) => sequence === item.sequence)?.element;
  const asked: ApprovedDetail = {
    ...(element?.productOrService && { productOrService: element.productOrService }), ...(element?.quantity && { quantity: element.quantity }), ...(element?.unitPrice && { unitPrice: element.unitPrice }),
  };
  return item.decision?.kind === 'modified' ? { ...asked, ...item.decision.approved } : asked;
}

function cancellation(item: number, update: RequestReading): Cancelled {
  const [identifier] = identifiersOfProvider(update.requester, update.index);
  return { kind: 'cancelled', item, authority: { kind: 'requester', ...(identifier !== undefined && { identifier }) } };
}

const appealRule = { title: 'Appeals are decided by a person' };

function appealed(item: number): Pended {
  return { kind: 'pended', item, authority: { kind: 'administrative-rule', rule: { pack: 'priora', packVersion: '1', rule: 'appeal', ...appealRule } }, explanation: 'The denial was appealed; a person who did not decide it looks at it.' };
}

/** Rules that pend an item as it was pended before have nothing to add to the log. */
function saysMore(decision: DecisionEvent, before: ItemState | undefined, all: readonly DecisionEvent[]): boolean {
  const about = all.filter(({ item }) => item === decision.item);
  if (about.some(({ kind }) => kind !== 'pended' && kind !== 'information-requested')) return true;
  const pended = about.find((each) => each.kind === 'pended');
  const wanted = about.find((each) => each.kind === 'information-requested')?.wanted ?? [];
  const was = before?.decision?.kind === 'pended' ? before.decision : undefined;
  return was?.explanation !== pended?.explanation || JSON.stringify(wanted) !== JSON.stringify(before?.wanted ?? []);
}
