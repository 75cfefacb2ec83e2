/**
 * What the constraints and trials of one validation may cost together. Profiles come from anywhere: each of their
 * constraints may be as dear as one may be, and stand on an element that is there ten thousand times.
 */
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import type { Meter } from '../../fhir/fhirpath/native/index.ts';

/** Steps that any resource is given: some tenths of a second. */
const steps = 1_000_000;
/** Beyond that, for each value in the resource; the examples of the guides take fewer than ten. */
const stepsOfValue = 40;
/** Together no more, however large it is. */
const mostSteps = 10_000_000;

export class Budget implements Meter {
  /** What is not evaluated then is neither right nor wrong. */
  isSpent = false;
  #left = steps;
  #subject: unknown;

  /** @param subject what is validated, which a large one is given more for, once */
  constructor(subject: unknown) {
    this.#subject = subject;
  }

  spend(count: number): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    if (this.#subject !== undefined) {
      // Counted only when it matters.
      this.#left += Math.min(valuesIn(this.#subject) * stepsOfValue, mostSteps - steps);
      this.#subject = undefined;
      if (this.#left >= 0) return;
    }
    this.isSpent = true;
    throw new FhirPathError('limit', 'The validation takes too long');
  }

  /** The same, where there is something to do without. */
  affords(count: number): boolean {
    if (this.isSpent) return false;
    try {
      this.spend(count);
      return true;
    } catch (error) {
      if (error instanceof FhirPathError) return false;
      throw error;
    }
  }
}

function valuesIn(subject: unknown): number {
  const open: unknown[] = [subject];
  let count = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    count++;
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) open.push(inner);
  }
  return count;
}
