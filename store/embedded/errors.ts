/**
 * What can go wrong with the embedded PostgreSQL, each with a code for programs and one line for the person at the
 * console. Folder names and process numbers may appear in the text; contents of the database never do.
 */

import { types } from 'node:util';

const { isNativeError } = types;

/** Why the embedded PostgreSQL did not start. */
export type EmbeddedPostgresErrorCode =
  /** Another Priora owns the data folder right now; `ownerPid` names it. */
  | 'data-folder-in-use'
  /** The folder cannot be made, read or written, or the account PostgreSQL runs under cannot reach it. */
  | 'data-folder-unusable'
  /** The folder meant for PostgreSQL's socket belongs to somebody else or is open to others. */
  | 'socket-folder-not-trusted'
  /** Neither a platform package nor an installed PostgreSQL runs on this machine. */
  | 'no-postgres-binary'
  /** The data was written by a major version of PostgreSQL that is not here. */
  | 'version-mismatch'
  /** `initdb` ended with an error, a full disk for instance. */
  | 'initdb-failed'
  /** PostgreSQL was started and ended, or did not answer in time. */
  | 'did-not-become-ready';

/** An error of the launcher; `message` is one line for a person, `code` is stable. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;
  /** The process that owns the data folder, with `data-folder-in-use` only. */
  readonly ownerPid?: number;

  constructor(code: EmbeddedPostgresErrorCode, message: string, more: { ownerPid?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    if (more.ownerPid !== undefined) this.ownerPid = more.ownerPid;
  }
}

/** Gives an error of the file system, or of a refused change of account, its place in the catalogue; others pass through. */
export function asEmbeddedPostgresError(error: unknown, directory: string): unknown {
  if (error instanceof EmbeddedPostgresError || !isSystemError(error)) return error;
  return new EmbeddedPostgresError('data-folder-unusable', `The data folder ${directory} cannot be used: ${error.message}`, { cause: error });
}

/** True for errors that carry an operating system's code such as `ENOENT`. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  // By its kind, not its class: an error of another realm (a worker's, a test runner's) has another class.
  return isNativeError(error) && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/** True when the error carries one of these codes, of the operating system or of PostgreSQL. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isNativeError(error) && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
