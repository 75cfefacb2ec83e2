/** What a mapper of transaction sets takes and gives: the tree of loops in, units of business out, one after the other. */
import type { Mapping } from '../ledger.ts';
import type { SetOrigin } from './reading/frame.ts';
import type { EligibilityQuestion } from './eligibility/asked.ts';
import type { LoopOccurrence } from './grammar/definition.ts';

export type { SetOrigin } from './reading/frame.ts';

/** What a unit of business is. */
export type UnitKind = 'claim' | 'member' | 'payment' | 'attachment' | 'eligibility';

export interface SetUnit {
  kind: UnitKind;
  mapping: Omit<Mapping<unknown>, 'acknowledgement'>;
  /** Segment position at which the next unit begins: faults before it belong to this one. */
  until: number;
  /** With a 270: what its answer needs. */
  question?: EligibilityQuestion;
}

export interface SetMapperOptions {
  /** Offset of the sender's clock, such as `-05:00`; X12 times have none. UTC is assumed, and told, unless given. */
  utcOffset?: string;
}

export type SetMapper = (tree: LoopOccurrence, origin: SetOrigin, options: SetMapperOptions) => Iterable<SetUnit>;
