/**
 * A request for prior authorization, from any rail, becomes an authorization: read, member found, rules asked, events
 * logged, resources made. The result is a plan, a list of changes and the answer; the rail commits it together with
 * what it tells its sender, so that no answer exists for what is not stored.
 */
import type { Bundle, Claim, ClaimItem, CodeableConcept, Reference, Resource } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { randomUuid } from '../../fhir/ids.ts';
import { evaluate } from '../../review/engine/evaluate.ts';
import type { ItemRecommendation } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { selectPack } from '../../review/policies/select.ts';
import { recordsOfMember, type EarlierItem, type RecordsOfMember } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { newId, shardOf } from '../../store/shard.ts';
import { canonicalSystem, withCanonicalSystems } from '../../terminology/system-aliases.ts';
import type { AuthorizationEventRow, AuthorizationItemRow, Change, LandingKey } from '../../store/write/changes.ts';
import type { Turn } from '../intake/turns.ts';
import { rejectionResponseOf } from './answer/rejection-response.ts';
import { responseBundleOf } from './answer/response-bundle.ts';
import { startClock } from './clock.ts';
import { decisionsOf } from './decide-by-rule.ts';
import type { AuthorizationEvent, DecisionEvent, EventBody, Received } from './events.ts';
import { checkInsurer, coverageOf, matchMember, payersOf, planOf, type Member } from './member.ts';
import { newReference } from './numbers.ts';
import { claimResponseOf } from './record/claim-response.ts';
import { communicationAddresses, informationChanges } from './record/information-changes.ts';
import { communicationRequestsOf, informationTaskOf } from './record/information-requests.ts';
import { provenanceOf } from './record/provenance.ts';
import { storeRequest } from './record/stored-resources.ts';
import { reviewTaskOf } from './record/task.ts';
import { submittedAddresses, storedAddresses } from './record/address-book.ts';
import type { Rejection } from './rejection.ts';
import { readRequest, type RequestReading } from './request/read-request.ts';
import { fold, isOpen, type AuthorizationState } from './state.ts';

export interface Submission {
  /** The rail it came by: `fhir`, `x12`. */
  readonly rail: string;
  /** The PAS request Bundle, parsed; a mapper's work on rails other than FHIR. */
  readonly body: unknown;
  readonly landing: LandingKey;
  /** Taken before what is on record of the member is read; who commits the plan gives it back. */
  readonly turn?: Turn;
}

export interface SubmissionSettings {
  readonly policies: readonly PolicyPack[];
  readonly baseUrl: string;
}

export type SubmissionPlan =
  | { readonly kind: 'authorized'; readonly response: Bundle; readonly changes: readonly Change[]; readonly state: AuthorizationState; readonly claim: string; readonly request: RequestReading }
  | { readonly kind: 'rejected'; readonly response: Bundle; readonly rejections: readonly Rejection[]; readonly request: RequestReading };

/** @throws {Problem} when the Bundle is not fit to be processed at all */
export async function planSubmission(database: Queryable, submission: Submission, settings: SubmissionSettings, context: Context): Promise<SubmissionPlan> {
  const request = readRequest(submission.body);
  const [match, payers] = await Promise.all([matchMember(database, request, context), payersOf(database, context)]);
  const rejections = [
    checkInsurer(request, payers),
    'rejection' in match ? match.rejection : undefined,
    request.refersToPrior ? updatesNotTaken : undefined,
  ].filter((rejection) => rejection !== undefined);
  if (rejections.length > 0 || !('patient' in match)) {
    const id = randomUuid(context.random(16));
    const claimResponse = rejectionResponseOf(id, request, rejections, submittedAddresses(request), context.now());
    const response = responseBundleOf({ id: newId(context), claimResponse, claimResponseUrl: `urn:uuid:${id}`, request, timestamp: context.now(), kind: 'submit' });
    return { kind: 'rejected', response, rejections, request };
  }
  const payer = payers.find((candidate) => candidate.identifier?.some((identifier) => request.insurer?.resource.identifier?.some((asked) => asked.value === identifier.value))) ?? payers[0];
  return authorize(database, submission, request, match.patient, payer && `Organization/${payer.id}`, settings, context);
}

const updatesNotTaken: Rejection = {
  code: '33', followUp: 'N', element: '2000E-UM02', path: 'Bundle.entry[0].resource', text: 'Updates and cancellations of an earlier request are not taken on this endpoint yet; please call.',
};

async function authorize(database: Queryable, submission: Submission, request: RequestReading, patient: Member['patient'], payer: string | undefined, settings: SubmissionSettings, context: Context): Promise<SubmissionPlan> {
  const clock = startClock(request.claim, context.now());
  const receivedOn = clock.receivedAt.toISOString().slice(0, 10);
  const shard = shardOf(context.tenant.id, patient.id);
  const service = [...new Set(request.items.flatMap((item) => codesOf(item.element.productOrService)))];
  const records = async (): Promise<RecordsOfMember> => {
    await submission.turn?.take(`${context.tenant.id}/${patient.id}`);
    return recordsOfMember(database, { member: patient.id, shard, service, requester: request.requesterIdentifiers }, context);
  };
  const [coverage, { recorded, earlier }] = await Promise.all([
    coverageOf(database, patient.id, context),
    records(),
  ]);
  const member: Member = { patient, coverage };
  const plan = planOf(coverage);
  const recommendations = recommend(request, member, plan, earlier, receivedOn, settings.policies);

  const stored = storeRequest(request, member, payer, `urn:uuid:${submission.landing.id}`, context);
  const received: Received = {
    kind: 'received', version: 1, rail: submission.rail, receivedAt: clock.receivedAt.toISOString(), expedited: clock.expedited, dueAt: clock.dueAt.toISOString(),
    items: request.items.map((item) => item.sequence), administrativeReference: newReference('R', context), certificationNumber: newReference('A', context),
    ...(plan !== undefined && { plan }), ...(payer !== undefined && { payer }), stored: Object.fromEntries(stored.addresses),
  };
  const decisions = decisionsOf(recommendations, {
    receivedOn, certificationNumber: received.certificationNumber,
    servicedFrom: (item) => servicedDates(request.items.find((candidate) => candidate.sequence === item)?.element).from,
  });
  const events = inOrder([received, ...decisions], 0, context.now());
  const state = fold(events);

  const ids = { claimResponse: newId(context, shard), task: isOpen(state) ? newId(context, shard) : undefined };
  const claimResponseAddress = `ClaimResponse/${ids.claimResponse}`;
  const addresses = storedAddresses(request, stored.addresses, payer);
  const claimResponse = claimResponseOf({ id: ids.claimResponse, state, request, addresses, communicationRequests: communicationAddresses(ids.claimResponse, state) });
  const task = ids.task === undefined ? undefined
    : reviewTaskOf({ id: ids.task, claim: stored.claim, claimResponse: claimResponseAddress, patient: `Patient/${member.patient.id}`, state, changedAt: context.now() });
  const provenance = provenanceOf({
    targets: [claimResponseAddress, stored.claim], recorded: context.now(), activity: 'CREATE', decisions, source: `urn:uuid:${submission.landing.id}`, patient: `Patient/${member.patient.id}`,
  });

  const changes: Change[] = [
    ...stored.changes,
    { kind: 'create', resource: claimResponse, id: ids.claimResponse },
    ...informationChanges({ claimResponse: ids.claimResponse, request, addresses, claim: { reference: stored.claim }, baseUrl: settings.baseUrl }, undefined, state),
    ...(task ? [{ kind: 'create' as const, resource: task, id: task.id }] : []),
    { kind: 'create', resource: provenance, id: newId(context, shard) },
    {
      kind: 'authorization',
      header: {
        id: newId(context, shard), shard, administrativeReference: received.administrativeReference, member: member.patient.id, ...(plan !== undefined && { plan }),
        requester: request.requesterIdentifiers, claim: stored.claim.slice('Claim/'.length), claimResponse: ids.claimResponse, ...(ids.task !== undefined && { task: ids.task }),
        receivedAt: clock.receivedAt, expedited: clock.expedited, dueAt: clock.dueAt, open: isOpen(state), lastSequence: state.lastSequence,
      },
      recordedBefore: recorded,
      // The FHIR rail's Bundle is in landing, verbatim; what a mapper made is kept here.
      request: { version: 1, rail: submission.rail, landing: submission.landing, ...(submission.rail !== 'fhir' && { bundle: stringifyJson(request.bundle) }) },
      items: itemRows(state, request),
      events: events.map(eventRow),
    },
  ];
  const response = wireResponse(request, state, ids.claimResponse, settings.baseUrl, 'submit', context);
  return { kind: 'authorized', response, changes, state, claim: stored.claim, request };
}

/** The answer in the sender's own terms: its fullUrls, our ClaimResponse, and what we ask for. */
export function wireResponse(request: RequestReading, state: AuthorizationState, claimResponseId: string, baseUrl: string, kind: 'submit' | 'inquiry', context: Context, profile?: string): Bundle {
  const addresses = submittedAddresses(request);
  const [identifier] = request.claim.identifier ?? [];
  const claim: Reference<Claim> = identifier ? { type: 'Claim', identifier } : { reference: addresses.claim };
  const information = { claimResponse: claimResponseId, request, addresses, claim, baseUrl };
  const wanted = [...communicationRequestsOf(information, state), informationTaskOf(information, state)].filter((resource) => resource !== undefined);
  const own = new Map<string, Resource>(wanted.map((resource) => [`${baseUrl}/${resource.resourceType}/${resource.id}`, resource]));
  const claimResponse = claimResponseOf({
    id: claimResponseId, state, request, addresses, ...(profile !== undefined && { profile }),
    communicationRequests: [...own].flatMap(([url, resource]) => resource.resourceType === 'CommunicationRequest' ? [url] : []),
  });
  return responseBundleOf({ id: newId(context), claimResponse, claimResponseUrl: `${baseUrl}/ClaimResponse/${claimResponseId}`, request, timestamp: context.now(), kind, own });
}

function recommend(request: RequestReading, member: Member, plan: string | undefined, earlier: readonly EarlierItem[], receivedOn: string, policies: readonly PolicyPack[]): ItemRecommendation[] {
  const { coverage, patient } = member;
  return evaluate(plan === undefined ? undefined : selectPack(policies, plan, receivedOn), {
    receivedOn,
    // Rules are written with canonical names; senders write aliases.
    claimBundle: withCanonicalSystems(request.bundle),
    member: { ...(patient.birthDate !== undefined && { birthDate: patient.birthDate }), ...(patient.gender !== undefined && { gender: patient.gender }) },
    coverage: coverage === undefined || plan === undefined ? undefined : {
      plan, status: coverage.status === 'active' || coverage.status === 'cancelled' ? coverage.status : 'unknown',
      ...(coverage.period?.start !== undefined && { periodStart: coverage.period.start.slice(0, 10) }),
      ...(coverage.period?.end !== undefined && { periodEnd: coverage.period.end.slice(0, 10) }),
    },
    itemSequences: request.items.map((item) => item.sequence),
    existing: earlier.map((item) => ({
      authorizationNumber: item.number ?? '', itemSequence: item.item, services: item.service.map(codeOf),
      ...(item.servicedFrom !== undefined && { servicedFrom: item.servicedFrom }), ...(item.servicedTo !== undefined && { servicedTo: item.servicedTo }),
      ...(request.requesterIdentifiers[0] !== undefined && { requester: request.requesterIdentifiers[0] }),
      status: item.status === 'requested' ? 'pended' : item.status as 'certified' | 'modified' | 'pended' | 'denied',
    })),
  });
}

/** Places events in the log after `last`. */
export function inOrder(bodies: readonly EventBody[], last: number, at: Date): AuthorizationEvent[] {
  return bodies.map((body, index) => ({ ...body, sequence: last + index + 1, at: at.toISOString() }));
}

export function eventRow(event: AuthorizationEvent): AuthorizationEventRow {
  const decision: DecisionEvent | undefined = event.kind === 'received' ? undefined : event;
  const authority = decision?.authority;
  const reason = decision && 'reason' in decision ? decision.reason : undefined;
  return {
    sequence: event.sequence, at: new Date(event.at), kind: event.kind, authority: authority?.kind ?? 'intake', detail: JSON.stringify(event),
    ...(decision && { item: decision.item }),
    ...(authority?.kind === 'person' && { author: authority.name }),
    ...(authority && authority.kind !== 'person' && { rule: `${authority.rule.pack ?? 'no-pack'}@${authority.rule.packVersion ?? '0'}#${authority.rule.rule ?? 'no-rule'}` }),
    ...(reason && { reason }),
  };
}

export function itemRows(state: AuthorizationState, request: RequestReading): AuthorizationItemRow[] {
  return request.items.flatMap(({ sequence, element }) => {
    const item = state.items.get(sequence);
    if (!item) return [];
    const { from, to } = servicedDates(element);
    const number = item.decision && 'number' in item.decision ? item.decision.number : undefined;
    return [{
      item: sequence, service: codesOf(element.productOrService), status: item.status,
      ...(from !== undefined && { servicedFrom: from }), ...(to !== undefined && { servicedTo: to }), ...(number !== undefined && { number }),
    }];
  });
}

function codesOf(concept: CodeableConcept | undefined): string[] {
  return (Array.isArray(concept?.coding) ? concept.coding : []).filter((coding) => typeof coding?.code === 'string').map((coding) => `${canonicalSystem(coding.system ?? '')}|${coding.code}`);
}

function codeOf(text: string): { system: string; code: string } {
  const at = text.lastIndexOf('|');
  return { system: text.slice(0, at), code: text.slice(at + 1) };
}

const fullDate = /^\d{4}-\d\d-\d\d/;

function servicedDates(element: ClaimItem | undefined): { from: string | undefined; to: string | undefined } {
  const day = (text: unknown): string | undefined => typeof text === 'string' && fullDate.test(text) && !Number.isNaN(Date.parse(text.slice(0, 10))) ? text.slice(0, 10) : undefined;
  return { from: day(element?.servicedDate ?? element?.servicedPeriod?.start), to: day(element?.servicedDate ?? element?.servicedPeriod?.end) };
}

