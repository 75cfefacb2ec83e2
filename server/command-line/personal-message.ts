/** Errors that a person at the command line can do something about: one line each. Everything else keeps its stack. */
import { PolicyPackError } from '../../review/policies/load.ts';
import { EmbeddedPostgresError } from '../../store/embedded/errors.ts';
import { MigrationError } from '../../store/migrate.ts';
import { ConfigurationError } from '../configuration.ts';
import { Problem } from '../../fhir/problems.ts';

const texts: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken by another program; choose another with PORT',
  EACCES: 'the port or the data folder may not be used by this user',
  ECONNREFUSED: 'DATABASE_URL: no PostgreSQL answers there',
  ENOTFOUND: 'DATABASE_URL: there is no such host',
  '28P01': 'DATABASE_URL: PostgreSQL refuses the user or the password',
  '28000': 'DATABASE_URL: PostgreSQL refuses the user',
  EAI_AGAIN: 'DATABASE_URL: the name of the host cannot be looked up',
  '42501': 'DATABASE_URL: the user may not create tables there',
  '3D000': 'DATABASE_URL: there is no such database',
};

export function personalMessage(error: unknown): string | undefined {
  if (error instanceof ConfigurationError || error instanceof PolicyPackError || error instanceof MigrationError || error instanceof EmbeddedPostgresError) return error.message;
  if (error instanceof Problem) return personalMessage(error.cause) ?? error.message;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return texts[code];
}
