/**
 * Claim/$inquire: what became of a request? By example: member, requester, and as far as given the service, the
 * numbers and the dates. The Claim's own identifier is the inquiry's trace and never a search key. Each matching
 * authorization is answered with its current state.
 * Source: PAS 2.2.1, "Inquiry"; requirements spec-43 to spec-53.
 */
import type { Bundle, Claim, ClaimItem, CodeableConcept } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import { pasExtension, pasProfile } from '../../profiles/pas/names.ts';
import { authorizationsOfMember } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { newId, shardOf } from '../../store/shard.ts';
import { rejectionResponseOf } from './answer/rejection-response.ts';
import { responseBundleOf } from './answer/response-bundle.ts';
import { reopen, type LoadedAuthorization } from './load.ts';
import { newUrn } from './numbers.ts';
import { matchMember } from './member.ts';
import { submittedAddresses } from './record/address-book.ts';
import { identifiersOfProvider, readInquiry, type RequestReading } from './request/read-request.ts';
import { actionCodeOf } from './record/claim-response.ts';
import { wireResponse } from './submit.ts';

/** More authorizations than one member has with one provider in years; the newest are answered. */
const mostAnswers = 50;

/** @throws {Problem} when the Bundle is not fit to be processed */
export async function inquire(database: Queryable, body: unknown, baseUrl: string, context: Context): Promise<readonly Bundle[]> {
  const inquiry = readInquiry(body);
  const match = await matchMember(database, inquiry, context);
  if ('rejection' in match) {
    const id = randomUuid(context.random(16));
    const claimResponse = rejectionResponseOf(id, inquiry, [match.rejection], submittedAddresses(inquiry), context.now(), pasProfile.claimInquiryResponse);
    return [responseBundleOf({ id: newId(context), claimResponse, claimResponseUrl: newUrn(context), request: inquiry, timestamp: context.now(), kind: 'inquiry' })];
  }
  // Only those who asked for an authorization, or are named on it, hear of it (spec-52, spec-53). Whom an inquiry names
  // on a care team of its own proves nothing.
  const requester = identifiersOfProvider(inquiry.requester, inquiry.index);
  const member = match.member.patient.id;
  const found = await authorizationsOfMember(database, { member, shard: shardOf(context.tenant.id, member), requester, limit: mostAnswers }, context);
  return found.map(reopen)
    .filter((authorization) => matches(inquiry, authorization))
    .map((authorization) => wireResponse(authorization.request, authorization.state, authorization.stored.claimResponse, baseUrl, 'inquiry', context, pasProfile.claimInquiryResponse));
}

function matches(inquiry: RequestReading, authorization: LoadedAuthorization): boolean {
  return numbersMatch(inquiry, authorization) && diagnosesMatch(inquiry, authorization) && itemsMatch(inquiry, authorization);
}

/** Any of the diagnoses asked about is one of the request's; several ask for either. */
function diagnosesMatch(inquiry: RequestReading, { request }: LoadedAuthorization): boolean {
  const codesOf = (claim: Claim): (string | undefined)[] => (claim.diagnosis ?? []).flatMap(({ diagnosisCodeableConcept }) => diagnosisCodeableConcept?.coding?.map(({ code }) => code?.replace('.', '')) ?? []);
  const asked = codesOf(inquiry.claim);
  const known = new Set(codesOf(request.claim));
  return asked.length === 0 || asked.some((code) => known.has(code));
}

/** Certification and administrative reference numbers, on the Claim or an item: any given must be one of the authorization's. */
function numbersMatch(inquiry: RequestReading, { state }: LoadedAuthorization): boolean {
  const asked = [inquiry.claim, ...inquiry.items.map((item) => item.element)].flatMap((holder: Claim | ClaimItem) => holder.extension ?? [])
    .filter((extension) => extension.url === pasExtension.authorizationNumber || extension.url === pasExtension.administrationReferenceNumber)
    .map((extension) => extension.valueString);
  if (asked.length === 0) return true;
  const known = new Set([state.received.administrativeReference, ...[...state.items.values()].flatMap((item) => item.decision && 'number' in item.decision ? [item.decision.number] : [])]);
  return asked.some((number) => number !== undefined && known.has(number));
}

/** Any item asked about must be like an item of the authorization: service, dates, action; what is not given matches all. */
function itemsMatch(inquiry: RequestReading, { request, state }: LoadedAuthorization): boolean {
  if (inquiry.items.length === 0) return true;
  return inquiry.items.some((asked) => request.items.some((item) => {
    const itemState = state.items.get(item.sequence);
    const action = asked.element.extension?.find((extension) => extension.url === pasExtension.reviewActionCode)?.valueCodeableConcept?.coding?.[0]?.code;
    return serviceMatches(asked.element.productOrService, item.element.productOrService)
      && datesOverlap(asked.element, item.element)
      && (action === undefined || (itemState !== undefined && actionCodeOf(itemState) === action));
  }));
}

/** `data-absent-reason#not-applicable` asks for any service (spec-43). */
function serviceMatches(asked: CodeableConcept | undefined, known: CodeableConcept | undefined): boolean {
  const codings = asked?.coding ?? [];
  if (codings.length === 0 || codings.some((coding) => coding.code === 'not-applicable')) return true;
  return codings.some((coding) => known?.coding?.some((candidate) => candidate.code === coding.code));
}

function datesOverlap(asked: ClaimItem, known: ClaimItem): boolean {
  const [from, to] = rangeOf(asked);
  const [knownFrom, knownTo] = rangeOf(known);
  return from <= knownTo && knownFrom <= to;
}

function rangeOf(item: ClaimItem): [string, string] {
  const from = item.servicedDate ?? item.servicedPeriod?.start ?? '0000';
  const to = item.servicedDate ?? item.servicedPeriod?.end ?? '9999';
  return [from.slice(0, 10), to.slice(0, 10)];
}
