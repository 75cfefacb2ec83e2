/** The two ways to address what a request speaks of: as its sender wrote it, and as the store keeps it. */
import type { RequestReading } from '../request/read-request.ts';
import type { Addresses } from './addresses.ts';

/** The sender's fullUrls. */
export function submittedAddresses(request: RequestReading): Addresses {
  return {
    claim: request.claimEntry.fullUrl!,
    patient: request.patient.fullUrl!,
    insurer: request.insurer?.fullUrl,
    requester: request.requester?.fullUrl,
    entry: (fullUrl) => fullUrl,
  };
}

/** The store's own resources. What was left out of the record has no address there. */
export function storedAddresses(request: RequestReading, stored: ReadonlyMap<string, string>, payer: string | undefined): Addresses {
  const addressOf = (entry: { readonly fullUrl: string | undefined } | undefined): string | undefined => entry && stored.get(entry.fullUrl!);
  return {
    claim: addressOf(request.claimEntry)!,
    patient: addressOf(request.patient)!,
    insurer: payer ?? addressOf(request.insurer),
    requester: addressOf(request.requester),
    entry: (fullUrl) => stored.get(fullUrl),
  };
}
