/**
 * How long a Bundle goes on: until its time is up, and as long as its client is there to read the answer. It is asked
 * between entries and between statements; what has begun is not broken off.
 */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import type { Patience } from '../interactions/write.ts';

export interface Deadline {
  /** In milliseconds: what a Bundle has in all. */
  readonly limit: number;
  readonly passed: () => boolean;
  /** In milliseconds, 1 at least. */
  readonly left: () => number;
  /** @throws {Problem} `client-gone` */
  readonly assertClient: () => void;
}

/** From now on. By a clock that nobody sets: one that jumps must not end a Bundle, nor let it go on. */
export function deadlineOf(request: FastifyRequest, { configuration, clock }: Pick<House, 'configuration' | 'clock'>): Deadline {
  const limit = configuration.bundleTimeout;
  const end = clock.monotonic() + limit;
  return {
    limit,
    passed: () => clock.monotonic() >= end,
    left: () => Math.max(1, end - clock.monotonic()),
    assertClient: () => { if (request.raw.socket.destroyed) throw new Problem('client-gone'); },
  };
}

/** What a transaction heeds while it is written, and last before it commits. */
export function patienceOf(deadline: Deadline): Patience {
  return {
    left: deadline.left,
    assertLeft: () => {
      deadline.assertClient();
      if (deadline.passed()) throw tooSlow(deadline);
    },
  };
}

/** @throws {Problem} `transaction-too-slow` also where a statement was ended because the time was up */
export async function beforeDeadline<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Problem && error.code === 'too-costly' && deadline.passed() ? tooSlow(deadline, error) : error;
  }
}

function tooSlow({ limit }: Deadline, cause?: Problem): Problem {
  return new Problem('transaction-too-slow', { limit }, undefined, { cause });
}
