/** What the parts of a remittance's mapping share. */
import type { Draft } from '../../draft.ts';
import type { MappingIssue } from '../../ledger.ts';
import type { SetOrigin, Urns } from '../claim/frame.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';

/** What is at hand while a remittance is mapped. */
export interface PaymentFrame {
  draft: Draft;
  urns: Urns;
  origin: SetOrigin;
  set: LoopOccurrence;
  /** fullUrls. */
  payer: string;
  payee: string;
  payeeType: 'Organization';
  currency: string;
  /** The day of the payment, as FHIR writes it; undefined where it cannot be read. */
  day: string | undefined;
  issues: MappingIssue[];
}
