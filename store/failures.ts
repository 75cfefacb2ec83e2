/** What a failure of the database or of the system says of itself. */
import { types } from 'node:util';

/** SQLSTATE of a database error, or the system's code (ECONNREFUSED and the like). */
export function failureCode(error: unknown): string | undefined {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Which constraint refused a row, where one did. */
export function violatedConstraint(error: unknown): string | undefined {
  return isError(error) && 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
}

/** Errors of Node's own modules come from another realm where tests run, and are no `instanceof Error` there. */
export function isError(error: unknown): error is Error {
  return types.isNativeError(error);
}
