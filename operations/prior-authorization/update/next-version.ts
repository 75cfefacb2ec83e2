/**
 * The next version of a request, decided. What the requester cancels is cancelled. What is added, changed or appealed is
 * decided anew, an appeal by a person only. What is pended is looked at again with the evidence as it is now, unless a
 * person has it in hand. Everything else stays as it was decided, and the answer says how each item stands (spec-46).
 */
import { recordsAssumed } from '../approved-before.ts';
import { assertedOf, type Asserted } from '../asserted.ts';
import { answeredIn, isAnswered, stillAsking } from '../answered.ts';
import type { ClaimItem } from '@medplum/fhirtypes';
import { recordsOfMember } from '../../../store/authorizations.ts';
import { wireResponse } from '../answer/wire-response.ts';
import type { HeldRequest } from '../attach/held.ts';
import { startClock, withPauses } from '../clock.ts';
import { decisionsOf } from '../decide-by-rule.ts';
import type { AnsweredRequest, ApprovedDetail, Cancelled, DecisionEvent, Pended, Received } from '../events.ts';
import { lateDecision, notYetDecided } from '../late.ts';
import type { LoadedAuthorization } from '../load.ts';
import { coverageOf, planOf, type Member } from '../member.ts';
import type { AuthorizedPlan, Work } from '../plan.ts';
import { recommendByUse } from '../recommend-by-use.ts';
import { storeRequest, type StoredRequest } from '../record/stored-resources.ts';
import { versionChanges } from '../record/version-changes.ts';
import type { RequestReading } from '../request/read-request.ts';
import { codesOf, inOrder, servicedDates } from '../rows.ts';
import { fold, isOpen, type AuthorizationState, type ItemState } from '../state.ts';
import { usedOf } from '../use/bring-up-to-use.ts';
import type { ItemChanges } from './item-changes.ts';

/** What a version brings. */
export interface NextVersion extends HeldRequest, ItemChanges {
  /** Identifiers (`system|value`) of the Claim as its sender wrote it. */
  readonly trace: readonly string[];
  /** `system|value` of who sends it, the requester first, and of whom it names on the care team; nobody for documents. */
  readonly requester: readonly string[];
  /** FullUrls of documents that come with it alone. */
  readonly attached: readonly string[];
  /** What was asked for, and came with it. */
  readonly answered: readonly AnsweredRequest[];
  /** Items about which documents have come, asked for or not. */
  readonly informed: readonly number[];
  /** What was asked for, and will not come. */
  readonly declined?: readonly AnsweredRequest[];
}

export type VersionWork = Pick<Work, 'database' | 'submission' | 'settings' | 'context' | 'patient' | 'shard' | 'payer'>;

export async function nextVersion({ database, submission, settings, context, patient, shard, payer }: VersionWork, before: LoadedAuthorization, version: NextVersion): Promise<Omit<AuthorizedPlan, 'request' | 'sequences'>> {
  const { request, isAsSent } = version;
  const receivedOn = submission.receivedAt.toISOString().slice(0, 10);
  const toDecide = itemsToDecide(version, before.state);
  const elements = new Map(request.items.map((item) => [item.sequence, item.element]));
  const service = [...new Set(toDecide.flatMap((sequence) => codesOf(elements.get(sequence)?.productOrService)))];
  // Guidance that was good when authorization was first asked for stays so.
  const askedOn = (before.events.find(({ kind }) => kind === 'received')?.at ?? submission.receivedAt.toISOString()).slice(0, 10);
  const [coverage, asserted, records] = await Promise.all([
    coverageOf(database, patient.id, context),
    assertedOf(database, request, patient.id, askedOn, context),
    recordsOfMember(database, { member: patient.id, shard, service, requester: request.requesterIdentifiers }, context),
  ]);
  const member: Member = { patient, coverage };
  const plan = planOf(coverage);
  // The request as it stands says how urgent it is: a change need not say it again.
  const clock = startClock(settings.clocks, request.claim, plan, submission.receivedAt);

  // What has come once is not asked for again by a rule; a person may.
  const came = [...answeredIn(before.events), ...version.answered, ...version.declined ?? []];
  const stored = storeRequest(request, member, payer, `urn:uuid:${submission.landing.id}`, context,
    { held: version.held, before: { request: before.request, addresses: before.state.received.stored, made: new Set(before.state.received.made), claim: `Claim/${before.stored.claim}`, version: before.state.received.version } });
  const received = receipt(before, version, { clock, rail: submission.rail, items: request.items.map(({ sequence }) => sequence), plan, payer: payer ?? before.state.received.payer, stored, asserted: asserted.noted });
  const isLate = toDecide.length > 0 && settings.isAnswerDue?.() === true;
  const rules = isLate ? notYetDecided(toDecide) : decisionsOf(await recommendByUse(database, { request, items: toDecide, member, plan, earlier: records.earlier, own: before.stored.id, receivedOn, asserted: asserted.byItem }, settings.policies, context), {
    receivedOn, certificationNumber: received.certificationNumber, serviced: (item) => servicedDates(elements.get(item)),
  }).flatMap((decision) => stillAsking(decision, came));
  const decisions: DecisionEvent[] = [
    ...version.cancelled.map((item) => cancellation(item, version.requester[0])),
    ...forPersons(version, before.state).map(appealed),
    ...rules.filter((decision) => isLate || version.changes.has(decision.item) || saysMore(decision, before.state.items.get(decision.item), rules, came)),
  ];
  const events = inOrder(withPauses(settings.clocks, before.state, [received, ...decisions], context.now()), before.state.lastSequence, context.now());
  const state = fold([...before.events, ...events]);
  const { changes, claimResponse } = versionChanges({
    rail: submission.rail, landing: submission.landing, contentSha256: submission.contentSha256, baseUrl: settings.baseUrl, request, trace: version.trace,
    isAsDelivered: submission.rail === 'fhir' && isAsSent, stored, member, plan, payer: received.payer, shard, events, state, requester: version.requester, before, ...recordsAssumed(rules, records), used: await usedOf(database, before, context),
  }, context);
  const response = wireResponse(request, state, claimResponse, settings.baseUrl, 'submit', context);
  const decided = [...new Set(decisions.map(({ item }) => item))].flatMap((item) => state.items.get(item) ?? []);
  return { kind: 'authorized', response, changes: [...changes, ...version.settled, ...(isLate ? [lateDecision(stored.claim, context.tenant.id)] : [])], state, decided, claim: stored.claim };
}

/** Added and changed items, and pended ones that no person has in hand; appeals are for a person. */
function itemsToDecide({ changes, cancelled }: ItemChanges, state: AuthorizationState): number[] {
  const waiting = [...state.items.values()].filter((item) => item.status === 'pended' && item.decision?.authority.kind !== 'person' && !item.appealed).map(({ sequence }) => sequence);
  const asked = [...changes.keys()].filter((sequence) => !isForPerson(sequence, changes, state));
  return [...new Set([...asked, ...waiting])].filter((sequence) => !cancelled.includes(sequence)).toSorted((a, b) => a - b);
}

/** Appealed, or once denied and not certified by a person since: no rule may undo or repeat what a person decides. */
function isForPerson(sequence: number, changes: ItemChanges['changes'], state: AuthorizationState): boolean {
  const item = state.items.get(sequence);
  return changes.get(sequence) === 'appealed' || item?.appealed !== undefined || item?.status === 'denied';
}

function forPersons({ changes, cancelled }: ItemChanges, state: AuthorizationState): number[] {
  return [...changes.keys()].filter((sequence) => isForPerson(sequence, changes, state) && !cancelled.includes(sequence));
}

interface Receipt extends Pick<Received, 'rail' | 'items'> {
  readonly plan: string | undefined;
  readonly payer: string | undefined;
  readonly clock: ReturnType<typeof startClock>;
  readonly stored: StoredRequest;
  readonly asserted: Asserted['noted'];
}

function receipt({ state, request }: LoadedAuthorization, { changes, refused, misflagged, answered, attached, informed, declined = [] }: NextVersion, { clock, rail, items, plan, payer, stored, asserted }: Receipt): Received {
  const { received } = state;
  // What waits from before keeps its own time, unless it becomes urgent; a version that asks for nothing new starts no clock.
  const asks = changes.size > 0 || (clock.expedited && !received.expedited && isOpen(state));
  const certifiedFor = [...changes.keys()].flatMap((sequence) => {
    const detail = certifiedDetail(state.items.get(sequence), request);
    return detail ? [[String(sequence), detail] as const] : [];
  });
  return {
    kind: 'received', version: received.version + 1, rail, receivedAt: clock.receivedAt.toISOString(),
    expedited: asks ? clock.expedited : received.expedited, dueAt: asks ? clock.dueAt.toISOString() : received.dueAt, clocksLast: true, timeLasts: true,
    ...(asks ? { clock: clock.basis } : received.clock && { clock: received.clock }),
    items: [...new Set([...received.items, ...items])].toSorted((a, b) => a - b),
    administrativeReference: received.administrativeReference, certificationNumber: received.certificationNumber,
    ...(changes.size > 0 && { changes: Object.fromEntries([...changes].map(([sequence, change]) => [String(sequence), change])) }),
    ...(answered.length > 0 && { answered }), ...(declined.length > 0 && { declined }), ...(informed.length > 0 && { informed }), ...(refused.length > 0 && { refused }), ...(misflagged.length > 0 && { misflagged }), ...(certifiedFor.length > 0 && { certifiedFor: Object.fromEntries(certifiedFor) }),
    ...(plan !== undefined && { plan }), ...(payer !== undefined && { payer }), ...(asserted.length > 0 && { asserted }), stored: { ...received.stored, ...Object.fromEntries(stored.addresses) },
    made: [...new Set([...received.made ?? [], ...stored.made])], attached: [...new Set([...received.attached ?? [], ...attached])],
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

function cancellation(item: number, identifier: string | undefined): Cancelled {
  return { kind: 'cancelled', item, authority: { kind: 'requester', ...(identifier !== undefined && { identifier }) } };
}

const appealRule = { title: 'Appeals are decided by a person' };

function appealed(item: number): Pended {
  return { kind: 'pended', item, authority: { kind: 'administrative-rule', rule: { pack: 'priora', packVersion: '1', rule: 'appeal', ...appealRule } }, explanation: 'It was denied before and is asked for again; a person who did not deny it looks at it.' };
}

/** Rules that pend an item as it was pended before have nothing to add to the log. */
function saysMore(decision: DecisionEvent, before: ItemState | undefined, all: readonly DecisionEvent[], answered: readonly AnsweredRequest[]): boolean {
  const about = all.filter(({ item }) => item === decision.item);
  if (about.some(({ kind }) => kind !== 'pended' && kind !== 'information-requested')) return true;
  const pended = about.find((each) => each.kind === 'pended');
  const wanted = about.find((each) => each.kind === 'information-requested')?.wanted ?? [];
  const was = before?.decision?.kind === 'pended' ? before.decision : undefined;
  const open = (before?.wanted ?? []).filter((each) => !isAnswered(decision.item, each, answered));
  return was?.explanation !== pended?.explanation || JSON.stringify(wanted) !== JSON.stringify(open);
}
