/**
 * Claim/$inquire: what became of a request? By example: member, requester, and as far as given the service, the
 * numbers and the dates. The Claim's own identifier is the inquiry's trace and never a search key. Each matching
 * authorization is answered with its current state.
 * Source: PAS 2.2.1, "Inquiry"; requirements spec-43 to spec-53.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import { pasProfile } from '../../profiles/pas/names.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { authorizationsOfMember, type StoredAuthorization } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { newId, shardOf } from '../../store/shard.ts';
import { rejectionResponseOf } from './answer/rejection-response.ts';
import { responseBundleOf } from './answer/response-bundle.ts';
import { wireResponse } from './answer/wire-response.ts';
import { relationTo, sensitiveCareOf } from './disclosure.ts';
import { askedNumbers, matchesInquiry, narrowestOf } from './inquiry-criteria.ts';
import { reopen, type LoadedAuthorization } from './load.ts';
import { matchMember } from './member.ts';
import { submittedAddresses } from './record/address-book.ts';
import { hidesClaim } from './showcase.ts';
import { identifiersOfProvider, readInquiry, type RequestReading } from './request/read-request.ts';

/** In one answer; the newest are told. */
const mostAnswers = 50;
/** Read in one step. */
const atOnce = 50;
/** Looked at for one inquiry, after those that cannot be meant by their services and days. */
const mostLooked = 500;

/** What is said, on every rail, where older ones were not looked at. */
export const cutText = 'There are more prior authorizations of this member, and only the newest were looked at. Please ask by a number to find an older one.';

/** An authorization that an inquiry found, or why the inquiry cannot be answered. */
export interface FoundAuthorization {
  /** PAS inquiry response Bundle: its current state, or an error. */
  readonly answer: Bundle;
  /** PAS request Bundle that it was asked for with; absent beside an error. */
  readonly request?: Bundle;
}

export interface InquiryAnswer {
  readonly found: readonly FoundAuthorization[];
  /** Telephone numbers of the plans that withhold something. */
  readonly callInstead: readonly string[];
  /** There are more authorizations, older ones, than were looked at. */
  readonly isCut: boolean;
  /** As it was asked. */
  readonly asked: RequestReading;
}

export interface InquirySettings {
  readonly policies: readonly PolicyPack[];
  readonly baseUrl: string;
  /** Whether the showcase plan is played. */
  readonly hasShowcase: boolean;
}

/** @throws {Problem} when the Bundle is not fit to be processed */
export async function inquire(database: Queryable, body: unknown, { policies, baseUrl, hasShowcase }: InquirySettings, context: Context): Promise<InquiryAnswer> {
  const inquiry = readInquiry(body);
  const match = await matchMember(database, inquiry, context);
  if ('rejection' in match) {
    const id = randomUuid(context.random(16));
    const claimResponse = rejectionResponseOf(id, inquiry, [match.rejection], submittedAddresses(inquiry), context.now(), pasProfile.claimInquiryResponse);
    return { found: [{ answer: responseBundleOf({ id: newId(context), claimResponse, claimResponseUrl: `urn:uuid:${id}`, request: inquiry, timestamp: context.now(), kind: 'inquiry' }) }], callInstead: [], isCut: false, asked: inquiry };
  }
  // Only those who asked for an authorization, or are named on it, hear of it (spec-52, spec-53). Whom an inquiry names
  // on a care team of its own proves nothing.
  const requester = identifiersOfProvider(inquiry.requester, inquiry.index);
  const member = match.patient.id;
  const numbers = askedNumbers(inquiry);
  const today = context.now().toISOString().slice(0, 10);
  const isByNumber = numbers.length > 0;
  const callInstead = new Set<string>();
  const answerOf = (authorization: LoadedAuthorization): FoundAuthorization[] => {
    const relation = relationTo(authorization, requester);
    if (relation === 'none') return [];
    const sensitive = relation === 'third-party' && !isByNumber ? sensitiveCareOf(authorization, policies, today) : undefined;
    if (sensitive) {
      callInstead.add(sensitive.phone);
      return [];
    }
    const { request, state, stored: { claimResponse, rail, plan } } = authorization;
    const claim = rail !== 'fhir' || hidesClaim(hasShowcase ? plan : undefined, request) ? 'absent' : relation === 'third-party' ? 'included' : 'known';
    return [{ answer: wireResponse(request, state, claimResponse, baseUrl, 'inquiry', context, { profile: pasProfile.claimInquiryResponse, claim }), request: request.bundle }];
  };
  const found: FoundAuthorization[] = [];
  const query = { member, shard: shardOf(context.tenant.id, member), requester, numbers, ...narrowestOf(inquiry), limit: atOnce };
  let looked = 0;
  let isMore = true;
  let after: StoredAuthorization | undefined;
  while (isMore && found.length <= mostAnswers && looked < mostLooked) {
    const page = await authorizationsOfMember(database, { ...query, after }, context);
    for (const authorization of page.map(reopen)) if (matchesInquiry(inquiry, authorization)) found.push(...answerOf(authorization));
    looked += page.length;
    after = page.at(-1);
    isMore = page.length === atOnce;
  }
  return { found: found.slice(0, mostAnswers), callInstead: [...callInstead], isCut: isMore || found.length > mostAnswers, asked: inquiry };
}
