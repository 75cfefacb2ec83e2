/**
 * What becomes of a transaction set that keeps to its guide: a mapper for each ST01 (the 278, whose answers need more,
 * has its own way in `sets.ts`). A mapper takes the tree of loops and gives the units it holds, one after the other, so
 * that no more than one Bundle is held.
 */
import type { Mapping } from '../ledger.ts';
import type { SetOrigin } from './claim/frame.ts';
import { mapClaims } from './claim/map.ts';
import type { LoopOccurrence } from './grammar/definition.ts';

export type { SetOrigin } from './claim/frame.ts';

/** What a unit of business is. */
export type UnitKind = 'claim' | 'member' | 'payment' | 'attachment' | 'eligibility';

export interface SetUnit {
  kind: UnitKind;
  mapping: Omit<Mapping<unknown>, 'acknowledgement'>;
  /** Segment position at which the next unit begins: faults before it belong to this one. */
  until: number;
}

export interface SetMapperOptions {
  /** Offset of the sender's clock, such as `-05:00`; X12 times have none. UTC is assumed, and told, unless given. */
  utcOffset?: string;
}

export type SetMapper = (tree: LoopOccurrence, origin: SetOrigin, options: SetMapperOptions) => Iterable<SetUnit>;

/** By ST01. */
export const MAPPERS: ReadonlyMap<string, SetMapper> = new Map([['837', mapClaims]]);
