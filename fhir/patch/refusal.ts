/** Why a patch is not done: each refusal names the operation, counted from 0, and holds nothing of what was sent. */
import { Problem } from '../problems.ts';

/** More than any client needs at once; a patch is done operation by operation, each over the whole resource. */
export const operationLimit = 1000;

/** The operation is not formed as its kind demands. */
export function malformed(index: number, reason: string): Problem {
  return new Problem('invalid-patch', { index, reason });
}

/** The operation is well-formed, and the resource is not as it supposes. */
export function notApplicable(index: number, reason: string): Problem {
  return new Problem('patch-not-applicable', { index, reason });
}
