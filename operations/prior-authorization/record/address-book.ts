/** The two ways to address what a request speaks of: as its sender wrote it, and as the store keeps it. */
import type { RequestReading } from '../request/read-request.ts';
import type { Addresses } from './addresses.ts';
import { keyOf } from './stored-resources.ts';

/** The sender's fullUrls; a reference as it was written where an entry has none. */
export function submittedAddresses(request: RequestReading): Addresses {
  return {
    claim: request.claimEntry.fullUrl ?? `Claim/${request.claim.id ?? 'unknown'}`,
    patient: request.patient.fullUrl ?? request.claim.patient.reference!,
    insurer: request.insurer?.fullUrl,
    requester: request.requester?.fullUrl,
    provider: (fullUrl) => fullUrl,
  };
}

/** The store's own resources. */
export function storedAddresses(request: RequestReading, stored: ReadonlyMap<string, string>, payer: string | undefined): Addresses {
  return {
    claim: stored.get(keyOf(request.claimEntry))!,
    patient: stored.get(keyOf(request.patient))!,
    insurer: payer ?? (request.insurer && stored.get(keyOf(request.insurer))),
    requester: request.requester && stored.get(keyOf(request.requester)),
    provider: (fullUrl) => stored.get(fullUrl),
  };
}
