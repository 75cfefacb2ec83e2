/** Before all tests: a PostgreSQL, and in it one migrated database from which every test file copies its own. */
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '../../store/database.ts';
import { startEmbeddedPostgres } from '../../store/embedded/index.ts';
import { migrateQueue } from '../../store/jobs/queue.ts';
import { migrate } from '../../store/migrate.ts';

export const templateName = 'priora_test_template';

/**
 * What is here does not outlive the tests: nothing has to be on a disk before it is answered, and a database that is dropped
 * waits for no checkpoint of all the others. Processes that are killed lose nothing by it, only a machine without power
 * does; what is promised there (`store/embedded`) is tested on clusters of those tests' own.
 */
const forgetful = { fsync: 'off', full_page_writes: 'off' };

export interface Prepared {
  /** Address of the template database. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function prepareDatabases(options: { folder: string; url: string | undefined }): Promise<Prepared> {
  const embedded = options.url === undefined
    ? await startEmbeddedPostgres({ directory: join(options.folder, 'postgres'), log: () => {}, settings: { max_connections: '200', ...forgetful } })
    : undefined;
  const server = embedded
    ? `postgres://${embedded.connection.user}@localhost:${embedded.connection.port}/${embedded.connection.database}?host=${encodeURIComponent(embedded.connection.host)}`
    : options.url!;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`drop database if exists ${templateName}`);
  await client.query(`create database ${templateName} template template0 encoding 'UTF8'`);
  await client.end();
  const url = withDatabase(server, templateName);
  const database = openDatabase({ connection: { connectionString: url }, size: 1, onIdleError: () => {} });
  await migrate(database, () => new Date('2026-01-01T00:00:00Z'));
  await database.close();
  await migrateQueue({ connectionString: url });
  return { url, stop: async () => { await embedded?.stop(); } };
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}
