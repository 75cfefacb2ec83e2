/**
 * What becomes of a transaction set that keeps to its guide: a mapper for each ST01 (the 278, whose answers need more,
 * has its own way in `sets.ts`). A mapper takes the tree of loops and gives the units it holds, one after the other, so
 * that no more than one Bundle is held.
 */
import { mapAttachment } from './attachment/map.ts';
import { mapClaims } from './claim/map.ts';
import { mapEligibility } from './eligibility/question.ts';
import { mapEnrollment } from './enrollment/map.ts';
import { mapRemittance } from './remittance/map.ts';
import type { SetMapper } from './set-unit.ts';

/** By ST01. */
export const MAPPERS: ReadonlyMap<string, SetMapper> = new Map([['837', mapClaims], ['270', mapEligibility], ['275', mapAttachment], ['834', mapEnrollment], ['835', mapRemittance]]);
