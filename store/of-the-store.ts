/** Faults of the store itself, which nothing that was to be written is the reason of. */
import { Problem } from '../fhir/problems.ts';

/**
 * To write again would be to wait again for a store that is not there; and where nobody knows whether it was written
 * (`outcome-unknown`), it could be written twice.
 */
export function isOfTheStore(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'outcome-unknown' || error.code === 'store-unavailable' || error.code === 'store-full');
}
