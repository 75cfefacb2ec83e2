/**
 * A request for prior authorization, from any rail, becomes an authorization: read, member found, rules asked, events
 * logged, resources made. One that refers to an earlier request becomes a version of it (`update/`). The result is a
 * plan, a list of changes and the answer; the rail commits it together with what it tells its sender, so that no answer
 * exists for what is not stored.
 */
import { randomUuid } from '../../fhir/ids.ts';
import { recordsOfMember, type RecordsOfMember } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { newId, shardOf } from '../../store/shard.ts';
import { rejectionResponseOf } from './answer/rejection-response.ts';
import { responseBundleOf } from './answer/response-bundle.ts';
import { wireResponse } from './answer/wire-response.ts';
import { assertedOf } from './asserted.ts';
import { withHeld } from './attach/held.ts';
import { startClock, withPauses } from './clock.ts';
import { decisionsOf } from './decide-by-rule.ts';
import type { Received } from './events.ts';
import { lateDecision, notYetDecided } from './late.ts';
import { checkInsurer, checkRequester, coverageOf, matchMember, payersOf, planOf, type Member } from './member.ts';
import { newReference } from './numbers.ts';
import type { Submission, SubmissionPlan, SubmissionSettings, Work } from './plan.ts';
import { recommendByUse } from './recommend-by-use.ts';
import { checkQuantities } from './quantities.ts';
import { submittedAddresses } from './record/address-book.ts';
import { storeRequest } from './record/stored-resources.ts';
import { versionChanges } from './record/version-changes.ts';
import type { Rejection } from './rejection.ts';
import { certificationTypeOf, namesOf, readRequest, type RequestReading } from './request/read-request.ts';
import { codesOf, inOrder, servicedDates } from './rows.ts';
import { decidedAtOnce, decidedLater, hidesClaim } from './showcase.ts';
import { fold } from './state.ts';
import { alignmentOf, planUpdate } from './update/plan-update.ts';

/** @throws {Problem} when the Bundle is not fit to be processed at all */
export async function planSubmission(database: Queryable, submission: Submission, settings: SubmissionSettings, context: Context): Promise<SubmissionPlan> {
  const request = readRequest(submission.body);
  const [match, payers] = await Promise.all([matchMember(database, request, context), payersOf(database, context)]);
  const rejections = [checkInsurer(request, payers), checkRequester(request), 'rejection' in match ? match.rejection : undefined, ...checkQuantities(request)].filter((rejection) => rejection !== undefined);
  if (rejections.length > 0 || !('patient' in match)) return reject(request, rejections, context);
  const { patient } = match;
  const payer = payers.find((candidate) => candidate.identifier?.some((identifier) => request.insurer?.resource.identifier?.some((asked) => asked.value === identifier.value))) ?? payers[0];
  const work: Work = {
    database, submission, settings, context, request, patient, shard: shardOf(context.tenant.id, patient.id), payer: payer && `Organization/${payer.id}`,
    takeTurn: async () => { await submission.turn?.take(`${context.tenant.id}/${patient.id}`); },
  };
  const isRenewal = mayRenew(request, submission.rail);
  if (!request.refersToPrior && !isRenewal) return authorize(work);
  const updated = await planUpdate(work);
  if (isRenewal && 'code' in updated && updated.code === 'AA') return authorize(work);
  return 'code' in updated ? reject(request, [updated], context) : updated;
}

/** A 278 that renews (UM02 R) is of the authorization that has its trace number; where none has, it stands for itself. */
function mayRenew(request: RequestReading, rail: string): boolean {
  return alignmentOf(rail) === 'content' && !request.refersToPrior && request.items.some(({ element }) => certificationTypeOf(element) === 'R');
}

function reject(request: RequestReading, rejections: readonly Rejection[], context: Context): SubmissionPlan {
  const id = randomUuid(context.random(16));
  const claimResponse = rejectionResponseOf(id, request, rejections, submittedAddresses(request), context.now());
  const response = responseBundleOf({ id: newId(context), claimResponse, claimResponseUrl: `urn:uuid:${id}`, request, timestamp: context.now(), kind: 'submit' });
  return { kind: 'rejected', response, rejections, request };
}

async function authorize(work: Work): Promise<SubmissionPlan> {
  const { database, submission, settings, context, patient, shard, payer } = work;
  const { request, isAsSent, held, settled } = await withHeld({ request: work.request, isAsSent: true }, work);
  const receivedOn = submission.receivedAt.toISOString().slice(0, 10);
  const service = [...new Set(request.items.flatMap((item) => codesOf(item.element.productOrService)))];
  const records = async (): Promise<RecordsOfMember> => {
    await work.takeTurn();
    return recordsOfMember(database, { member: patient.id, shard, service, requester: request.requesterIdentifiers }, context);
  };
  const [coverage, { recorded, earlier }, asserted] = await Promise.all([
    coverageOf(database, patient.id, context),
    records(),
    assertedOf(database, request, patient.id, receivedOn, context),
  ]);
  const member: Member = { patient, coverage };
  const plan = planOf(coverage);
  const clock = startClock(settings.clocks, request.claim, plan, submission.receivedAt);
  const items = request.items.map((item) => item.sequence);
  const isLate = settings.isAnswerDue?.() === true;
  const recommendations = isLate ? [] : await recommendByUse(database, { request, items, member, plan, earlier, receivedOn, asserted: asserted.byItem }, settings.policies, context);

  const stored = storeRequest(request, member, payer, `urn:uuid:${submission.landing.id}`, context, { held });
  const received: Received = {
    kind: 'received', version: 1, rail: submission.rail, receivedAt: clock.receivedAt.toISOString(), expedited: clock.expedited, dueAt: clock.dueAt.toISOString(), clocksLast: true, timeLasts: true, clock: clock.basis,
    items, administrativeReference: newReference('R', context), certificationNumber: newReference('A', context),
    ...(plan !== undefined && { plan }), ...(payer !== undefined && { payer }), ...(asserted.noted.length > 0 && { asserted: asserted.noted }), stored: Object.fromEntries(stored.addresses), made: stored.made,
  };
  const decisions = isLate ? notYetDecided(items) : decisionsOf(recommendations, {
    receivedOn, certificationNumber: received.certificationNumber,
    serviced: (item) => servicedDates(request.items.find((candidate) => candidate.sequence === item)?.element),
  });
  const shown = settings.hasShowcase ? plan : undefined;
  const played = decidedAtOnce(shown, request, received, receivedOn);
  const events = inOrder(withPauses(settings.clocks, undefined, [received, ...decisions, ...played], context.now()), 0, context.now());
  const state = fold(events);
  const { changes, claimResponse } = versionChanges({
    rail: submission.rail, landing: submission.landing, contentSha256: submission.contentSha256, baseUrl: settings.baseUrl, request, trace: namesOf(request.claim),
    // The FHIR rail's Bundle is in landing, verbatim; what a mapper made is kept with the version.
    isAsDelivered: submission.rail === 'fhir' && isAsSent, stored, member, plan, payer, shard, events, state, requester: request.requesterIdentifiers, recordedBefore: recorded,
  }, context);
  const response = wireResponse(request, state, claimResponse, settings.baseUrl, 'submit', context, hidesClaim(shown, request) ? { claim: 'absent' } : {});
  return { kind: 'authorized', response, changes: [...changes, ...settled, ...(isLate ? [lateDecision(stored.claim, context.tenant.id)] : []), ...decidedLater(shown, request, stored.claim, context.tenant.id)], state, decided: [...state.items.values()], claim: stored.claim, request: work.request, sequences: new Map(items.map((sequence) => [sequence, sequence])) };
}
