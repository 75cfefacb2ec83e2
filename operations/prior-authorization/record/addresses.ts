/**
 * Where resources are. The same ClaimResponse is said twice: in the store it points to the store's resources, on the
 * wire to the fullUrls that the sender gave (spec-33: echoed resources keep their fullUrl).
 */

export interface Addresses {
  readonly claim: string;
  readonly patient: string;
  readonly insurer: string | undefined;
  readonly requester: string | undefined;
  /** Address of the entry that the request sends under this fullUrl. */
  entry(fullUrl: string): string | undefined;
}
