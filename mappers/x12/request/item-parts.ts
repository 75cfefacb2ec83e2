/** What one Claim.item is made from. */
import type { Level } from './levels.ts';

export interface ItemParts {
  /** Sequence of the item, from 1. */
  sequence: number;
  /** The 2000F loop, or the 2000E loop where the service is on the event. */
  level: Level;
  event: Level;
  claim: string;
  patient: string;
  careTeamSequence: number[];
  informationSequence: number[];
  /** True where the event's HSD tells of this item. */
  takesEventQuantity: boolean;
  /** Certification type that holds whatever UM02 says: 3 for a BHT02 of 01. */
  certificationType?: string;
  /** True when the request changes an earlier one. */
  isUpdate: boolean;
}
