/**
 * Numbered plain-SQL migrations, applied at start, all in one transaction, under one lock so that servers
 * started together do not race. A migration that was applied must never change: its hash is kept and compared.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Database, Queryable } from './database.ts';

const folder = new URL('./migrations/', import.meta.url);

/** An arbitrary number that stands for "migrating Priora" among PostgreSQL's advisory locks. */
const lock = 7_746_721_001;

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** The oldest PostgreSQL that the migrations and queries are written for. */
const oldestServer = 150_000;

/** One line for a person: why the schema cannot be brought up to date. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The migrations of this version, in their order. @throws {MigrationError} for a file whose name has no number of its own */
export async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  for (const [index, name] of names.entries()) {
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name) || name.slice(0, 4) === names[index - 1]?.slice(0, 4)) throw new MigrationError(`migration ${name} has no number of its own`);
  }
  return Promise.all(names.map(async (name) => {
    const sql = await readFile(new URL(name, folder), 'utf8');
    return { number: Number(name.slice(0, 4)), name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  }));
}

/**
 * Brings the schema up to date. Returns the names of the migrations that were applied now.
 * @throws {MigrationError} when the database is not one that this version can use; nothing was changed then
 */
export async function migrate(database: Database, now: () => Date): Promise<readonly string[]> {
  const migrations = await readMigrations();
  return database.transaction(async (connection) => {
    const { rows: [server] } = await connection.query<{ number: number }>({ text: `select current_setting('server_version_num')::integer as number` });
    if (server!.number < oldestServer) throw new MigrationError(`the database is PostgreSQL ${Math.floor(server!.number / 10_000)}; 15 or newer is needed`);
    await connection.query({ text: 'select pg_advisory_xact_lock($1)', values: [lock] });
    await connection.query({ text: `
      create table if not exists migration (
        number      integer     primary key,
        name        text        not null,
        sha256      text        not null,
        applied_at  timestamptz not null
      )` });
    const applied = await appliedMigrations(connection);
    const fresh: string[] = [];
    for (const migration of migrations) {
      const hash = applied.get(migration.number);
      if (hash === migration.sha256) continue;
      if (hash !== undefined) throw new MigrationError(`migration ${migration.name} was applied in another form; restore its text and add a new migration`);
      await connection.query({ text: migration.sql });
      await connection.query({
        text: 'insert into migration (number, name, sha256, applied_at) values ($1, $2, $3, $4)',
        values: [migration.number, migration.name, migration.sha256, now()],
      });
      fresh.push(migration.name);
    }
    const known = new Set(migrations.map((migration) => migration.number));
    const unknown = [...applied.keys()].find((number) => !known.has(number));
    if (unknown !== undefined) throw new MigrationError(`the database has migration ${unknown}, which this version of Priora does not know; start a newer version`);
    return fresh;
  });
}

async function appliedMigrations(connection: Queryable): Promise<Map<number, string>> {
  const { rows } = await connection.query<{ number: number; sha256: string }>({ text: 'select number, sha256 from migration' });
  return new Map(rows.map((row) => [row.number, row.sha256]));
}
