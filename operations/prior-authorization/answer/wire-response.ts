/** The answer to a request as it goes out: the ClaimResponse of the current state, and what goes with it. */
import type { Bundle, Claim, Reference, Resource } from '@medplum/fhirtypes';
import type { Context } from '../../../store/context.ts';
import { newId } from '../../../store/shard.ts';
import { submittedAddresses } from '../record/address-book.ts';
import { claimResponseOf } from '../record/claim-response.ts';
import { communicationRequestsOf, informationTaskOf } from '../record/information-requests.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { AuthorizationState } from '../state.ts';
import { responseBundleOf } from './response-bundle.ts';

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
