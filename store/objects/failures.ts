/** What goes wrong in an object store, in the words of the catalogue. */
import { Problem } from '../../fhir/problems.ts';
import { failureCode } from '../failures.ts';

const outOfSpace = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Of an error of the file system. None of them is the client's doing. */
export function fileProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(outOfSpace.has(failureCode(error) ?? '') ? 'store-full' : 'store-unavailable', {}, undefined, { cause: error });
}

/** Of an answer of a store behind HTTP that is not the one that was hoped for. 507 is what S3-compatible stores say when their disk is full. */
export function statusProblem(status: number): Problem {
  return new Problem(status === 507 ? 'store-full' : 'store-unavailable', {}, undefined, { cause: new RemoteStatusError(status) });
}

/** The status alone: the text of such an answer may name buckets, keys and accounts. */
class RemoteStatusError extends Error {
  override readonly name = 'RemoteStatusError';
  readonly code: string;

  constructor(status: number) {
    super(`The object store answered ${status}`);
    this.code = `HTTP_${status}`;
  }
}
