/** What the explanation of an authorization is made from. */
import type { RequestReading } from '../../request/read-request.ts';
import type { AuthorizationState } from '../../state.ts';
import type { Addresses } from '../addresses.ts';

export interface ExplanationInput {
  /** Id of the ClaimResponse: that of the explanation follows from it. */
  readonly claimResponse: string;
  /** `Claim/id`. */
  readonly claim: string;
  readonly state: AuthorizationState;
  readonly request: RequestReading;
  /** Of the store's own resources. */
  readonly addresses: Addresses;
  /** What was used of each item, as far as claims for payment tell: units by item. */
  readonly used?: ReadonlyMap<number, number>;
}
