/** The answer to a request as it goes out: the ClaimResponse of the current state, and what goes with it. */
import type { Bundle, Claim, Identifier, Reference, Resource } from '@medplum/fhirtypes';
import type { Context } from '../../../store/context.ts';
import { newId } from '../../../store/shard.ts';
import { submittedAddresses } from '../record/address-book.ts';
import { claimResponseOf } from '../record/claim-response.ts';
import { communicationRequestsOf, informationTasksOf } from '../record/information-requests.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { AuthorizationState } from '../state.ts';
import { responseBundleOf } from './response-bundle.ts';

export interface WireOptions {
  readonly profile?: string;
  /**
   * The Claim, as whoever is answered has it: he `knows` it; it is `included` for one who never sent it (spec-45); or it
   * is `absent`, for no FHIR Claim was ever sent, and the answer says so (spec-44).
   */
  readonly claim?: 'known' | 'included' | 'absent';
}

/** The answer in the sender's own terms: its fullUrls, our ClaimResponse, and what we ask for. */
export function wireResponse(request: RequestReading, state: AuthorizationState, claimResponseId: string, baseUrl: string, kind: 'submit' | 'inquiry', context: Context, { profile, claim: said = 'known' }: WireOptions = {}): Bundle {
  const addresses = submittedAddresses(request);
  const identifier = request.claim.identifier?.find(({ value }) => value !== undefined);
  // The Claim is not in the Bundle, so nothing in it can point there.
  const claim: Reference<Claim> = { type: 'Claim', ...(identifier ? { identifier } : { display: 'The request that this answers' }) };
  const information = { claimResponse: claimResponseId, request, addresses, claim, baseUrl };
  const wanted = [...communicationRequestsOf(information, state), ...informationTasksOf(information, state)];
  const own = new Map<string, Resource>(wanted.map((resource) => [`${baseUrl}/${resource.resourceType}/${resource.id}`, resource]));
  if (said === 'included') own.set(addresses.claim, disclosed(request.claim));
  const claimResponse = claimResponseOf({
    id: claimResponseId, state, request, addresses, ...(profile !== undefined && { profile }),
    communicationRequests: [...own].flatMap(([url, resource]) => resource.resourceType === 'CommunicationRequest' ? [url] : []),
  });
  return responseBundleOf({
    id: newId(context), claimResponseUrl: `${baseUrl}/ClaimResponse/${claimResponseId}`, request, timestamp: context.now(), kind, own,
    claimResponse: said === 'absent' ? { ...claimResponse, request: absentClaim(identifier) } : claimResponse,
  });
}

/** @param identifier what its sender calls the request */
function absentClaim(identifier: Identifier | undefined): Reference<Claim> {
  return { extension: [{ url: dataAbsentReason, valueCode: 'unsupported' }], type: 'Claim', ...(identifier && { identifier }) };
}

const dataAbsentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** What was asked for, without the evidence: another than who sent it needs no more to read the answer. */
function disclosed({ supportingInfo: _evidence, related: _before, item = [], meta, ...rest }: Claim): Claim {
  return {
    ...rest,
    meta: { ...meta, tag: [...meta?.tag ?? [], { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }] },
    item: item.map(({ informationSequence: _number, ...each }) => each),
  };
}
