/**
 * Errors that a person at the command line can do something about: one line each, beginning with the variable that is
 * to be changed where one is. Errors of the system that nobody foresaw say what was tried; everything else keeps its
 * stack.
 */
import { types } from 'node:util';
import { Problem } from '../../fhir/problems.ts';
import { PolicyFolderError, PolicyPackError } from '../../review/policies/load.ts';
import { EmbeddedPostgresError } from '../../store/embedded/errors.ts';
import { MigrationError } from '../../store/migrate.ts';
import { WorkersEndedError } from '../cluster/primary.ts';
import { ConfigurationError, type Configuration } from '../configuration.ts';

/** Node's own, by what was tried. The database is reached by `connect`, the server's address by `listen`. */
const listening: Readonly<Record<string, string>> = {
  EADDRINUSE: 'PORT: the port is taken by another program; choose another',
  EACCES: 'PORT: this user may not listen on that port; choose one above 1023',
  EADDRNOTAVAIL: 'HOST: this machine has no such address',
};

const connecting: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no PostgreSQL answers there',
  ECONNRESET: 'what answers there closes the connection',
  ETIMEDOUT: 'no PostgreSQL answers there',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not use that socket',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up',
};

/** PostgreSQL's. Source: PostgreSQL documentation, appendix A. */
const refusing: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL refuses the user or the password',
  '28000': 'PostgreSQL refuses the user',
  '42501': 'the user may not create tables there',
  '3D000': 'there is no such database',
  '53300': 'PostgreSQL has no connection left',
};

/** @param configuration what the server was started with, where it got as far as that */
export function personalMessage(error: unknown, configuration: Configuration | undefined): string | undefined {
  if (error instanceof Problem) return personalMessage(error.cause, configuration) ?? error.message;
  if (error instanceof PolicyFolderError || error instanceof PolicyPackError) return `PRIORA_POLICIES_DIR: ${error.message}`;
  if (error instanceof EmbeddedPostgresError) return error.code === 'data-folder-unusable' || error.code === 'data-folder-in-use' ? `PRIORA_DATA_DIR: ${error.message}` : error.message;
  if (error instanceof ConfigurationError || error instanceof MigrationError || error instanceof WorkersEndedError) return error.message;
  if (!types.isNativeError(error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { code } = error;
  const { syscall, hostname } = withDetail(error);
  if (syscall === 'listen' || syscall === 'bind') return listening[code] ?? `HOST, PORT: ${error.message}`;
  if (syscall === 'getaddrinfo' && hostname === configuration?.host && configuration?.databaseUrl === undefined) return `HOST: ${connecting[code] ?? code}`;
  if (configuration?.databaseUrl !== undefined) {
    const reason = syscall === 'connect' || syscall === 'getaddrinfo' ? (connecting[code] ?? code) : syscall === undefined ? refusing[code] : undefined;
    if (reason !== undefined) return `DATABASE_URL: ${reason}`;
  }
  return syscall === undefined ? undefined : error.message;
}

/** A host of several addresses fails with the errors of all. */
function withDetail(error: Error): { syscall?: unknown; hostname?: unknown } {
  const all: unknown = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined;
  const telling: object = types.isNativeError(all) ? all : error;
  return telling;
}
