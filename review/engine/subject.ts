/**
 * Everything known about one item when its rules are read.
 */
import type { ItemFacts, PatientFacts } from '../facts/types.ts';
import type { Truth } from './truth.ts';
import type { Evidence, ReviewRequest } from './types.ts';

export interface Subject {
  /** Of the item in the Claim. */
  readonly sequence: number;
  readonly item: ItemFacts;
  readonly patient: PatientFacts;
  readonly coverage: ReviewRequest['coverage'];
  readonly existing: ReviewRequest['existing'];
  /** Undefined where the day of receipt cannot be read. */
  readonly receivedOn: string | undefined;
}

/** How a condition came out, and what was looked at. */
export interface Finding {
  readonly truth: Truth;
  readonly evidence: readonly Evidence[];
}

export const SILENCE: Finding = { truth: 'insufficient', evidence: [] };

/**
 * The first day the service is asked for. A request that names no day asks from the day it was received; one that names
 * a day nobody can read gives none.
 */
export function firstServiceDay({ item, receivedOn }: Subject): string | undefined {
  if (item.serviceDays.kind === 'stated') return item.serviceDays.value.from;
  return item.serviceDays.kind === 'none' ? receivedOn : undefined;
}
