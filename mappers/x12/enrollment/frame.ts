/** What the parts of an enrollment's mapping share. */
import type { Draft } from '../reading/target.ts';
import type { MappingIssue } from '../../ledger.ts';
import type { SetOrigin, Urns } from '../reading/frame.ts';
import type { Members } from '../reading/members.ts';
import type { Piece } from '../reading/piece.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';

/** What every member of a transaction set shares. */
export interface Enrollment {
  set: LoopOccurrence;
  origin: SetOrigin;
  urns: Urns;
}

/** What is at hand while a member is mapped. */
export interface MemberFrame extends Enrollment {
  draft: Draft;
  member: LoopOccurrence;
  ins: Piece | undefined;
  /** fullUrls. */
  patient: string;
  subscriber: string;
  isSubscriber: boolean;
  members: Members;
  payer: string;
  sponsor: string | undefined;
  issues: MappingIssue[];
}
