/** Failures that come from others who write at the same moment. */
import { Problem } from '../../fhir/problems.ts';
import { failureCode, violatedConstraint } from '../failures.ts';

/** How often a transaction is tried that PostgreSQL chose as the victim of a deadlock. */
const attempts = 4;

/** Runs a transaction again that PostgreSQL gave up because it and another one waited for each other. */
export async function repeated<T>(once: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    try {
      return await once();
    } catch (error) {
      if (!isDeadlock(error)) throw error;
    }
  }
  return once();
}

/** Locks are taken in one order, but for rows that appear while a commit waits for their names; then this happens. */
function isDeadlock(error: unknown): boolean {
  return error instanceof Problem && error.code === 'concurrent-change' && failureCode(error.cause) === '40P01';
}

/** A row that somebody else wrote first. @throws {Problem} `concurrent-change` in place of what PostgreSQL says */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (failureCode(error) === '23505' && /^(resource_pkey|prior_authorization(_event|_request)?_pkey)$/.test(violatedConstraint(error) ?? '')) {
      throw new Problem('concurrent-change', {}, undefined, { cause: error });
    }
    throw error;
  }
}
