/** What the parts of a remittance's mapping share. */
import type { MappingIssue } from '../../ledger.ts';
import type { Reading, SetOrigin } from '../reading/frame.ts';
import type { Members } from '../reading/members.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';

/** What is at hand while a remittance is mapped. */
export interface PaymentFrame extends Reading {
  origin: SetOrigin;
  set: LoopOccurrence;
  /** fullUrls. */
  payer: string;
  payee: string;
  members: Members;
  payeeType: 'Organization';
  currency: string;
  /** The day of the payment, as FHIR writes it; undefined where it cannot be read. */
  day: string | undefined;
  issues: MappingIssue[];
}
