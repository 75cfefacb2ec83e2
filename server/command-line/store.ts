/**
 * Commands that work on the store itself, without a server: on DATABASE_URL, or on the PostgreSQL of the data folder,
 * which is started for the command where no server has it running.
 */
import { join, resolve } from 'node:path';
import { openDatabase, type Database } from '../../store/database.ts';
import { startEmbeddedPostgres } from '../../store/embedded/index.ts';
import { migrate } from '../../store/migrate.ts';
import { readConfiguration, type Configuration } from '../configuration.ts';
import { personalMessage } from './personal-message.ts';

/** @returns the exit code: that of `work`, or 1 when there is no store, or what was asked for was refused */
export async function withStore(work: (database: Database, configuration: Configuration) => Promise<number>): Promise<number> {
  let configuration: Configuration | undefined;
  try {
    configuration = readConfiguration(process.env);
    const embedded = configuration.databaseUrl === undefined ? await startEmbeddedPostgres({ directory: join(resolve(configuration.dataDirectory), 'postgres'), log: () => {} }) : undefined;
    try {
      const connection = embedded ? { ...embedded.connection } : { connectionString: configuration.databaseUrl };
      const database = openDatabase({ connection, size: 4, onIdleError: () => {} });
      try {
        await migrate(database, () => new Date());
        return await work(database, configuration);
      } finally {
        await database.close();
      }
    } finally {
      await embedded?.stop();
    }
  } catch (error) {
    const message = personalMessage(error, configuration);
    if (message === undefined) throw error;
    process.stderr.write(`priora: ${message}\n`);
    return 1;
  }
}
