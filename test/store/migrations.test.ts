/** Migrations: applied once, in order, by whoever comes first; never changed; never run backwards. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { openDatabase, type Database } from '../../store/database.ts';
import { migrate, MigrationError, readMigrations } from '../../store/migrate.ts';
import { ensureTenant } from '../../store/tenants.ts';
import { createDatabase } from '../support/house.ts';

let database: Database;
let second: Database;
let dispose: () => Promise<void>;
const now = (): Date => new Date('2026-03-02T09:00:00Z');
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  const open = (): Database => openDatabase({ connection: { connectionString: url }, size: 2, onIdleError: () => {} });
  [database, second] = [open(), open()];
  dispose = async () => { await Promise.all([database.close(), second.close()]); await drop(); };
});
afterAll(async () => { await dispose(); });

const empty = (): Promise<unknown> => database.query({ text: 'drop schema public cascade; create schema public' });
const tables = async (): Promise<string[]> => (await database.query<{ name: string }>({ text: `select tablename as name from pg_tables where schemaname = 'public' order by 1` })).rows.map(({ name }) => name);

test('a migration that was applied in another form stops the start and changes nothing', async () => {
  await database.query({ text: `update migration set sha256 = 'other' where number = 1` });
  await expect(migrate(database, now)).rejects.toThrow(new MigrationError('migration 0001_resources.sql was applied in another form; restore its text and add a new migration'));
});

test('a database of a newer version stops the start, and what was applied on the way is undone', async () => {
  await empty();
  await migrate(database, now);
  await database.query({ text: `delete from migration; insert into migration values (9000, '9000_future.sql', 'x', now())` });
  const { rows: [table] } = await database.query<{ definition: string }>({ text: `select string_agg(attname || ' ' || atttypid::regtype, ', ') as definition from pg_attribute where attrelid = 'migration'::regclass and attnum > 0` });
  await empty();
  await database.query({ text: `create table migration (${table!.definition}); insert into migration values (9000, '9000_future.sql', 'x', now())` });
  await expect(migrate(database, now)).rejects.toThrow(new MigrationError('the database has migration 9000, which this version of Priora does not know; start a newer version'));
  expect(await tables()).toEqual(['migration']);
});

test('servers that start together: one migrates, the others find it done', async () => {
  await empty();
  const names = (await readMigrations()).map((migration) => migration.name);
  const applied = await Promise.all([migrate(database, now), migrate(second, now), migrate(database, now), migrate(second, now)]);
  expect(applied.toSorted((a, b) => b.length - a.length)).toEqual([names, [], [], []]);
  expect(await migrate(second, now)).toEqual([]);
  expect(await tables()).toEqual(expect.arrayContaining(['migration', 'outbox', 'resource', 'resource_history', 'tenant']));
  const tenants = await Promise.all([database, second, database, second].flatMap((door) => ['one', 'two', 'three'].map((name) => ensureTenant(door, name, now()))));
  expect(new Set(tenants.map((tenant) => `${tenant.id} ${tenant.name}`)).size).toBe(3);
});

test('numbers follow each other without a gap', async () => {
  expect((await readMigrations()).map((migration) => migration.number)).toEqual((await readMigrations()).map((_, index) => index + 1));
});

const fifteen = '/usr/lib/postgresql/15/bin';
const testOnFifteen = existsSync(fifteen) ? test : test.skip;
testOnFifteen(`all migrations run on PostgreSQL 15 (skipped where ${fifteen} is not there)`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fifteen-'));
  const root = process.getuid?.() === 0;
  // PostgreSQL refuses to run as root; the user "nobody" is on every Unix.
  const uid = root ? Number(spawnSync('id', ['-u', 'nobody']).stdout.toString()) : undefined;
  if (uid !== undefined) { chownSync(folder, uid, uid); chmodSync(folder, 0o700); }
  const run = (program: string, ...words: string[]): void => {
    const { status, stderr } = spawnSync(join(fifteen, program), words, { cwd: folder, ...(uid !== undefined && { uid, gid: uid }), env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] });
    if (status !== 0) throw new Error(`${program}: ${String(stderr)}`);
  };
  const data = join(folder, 'data');
  run('initdb', '-D', data, '-U', 'priora', '-A', 'trust', '-E', 'UTF8', '-N');
  try {
    run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', `-c listen_addresses='' -c unix_socket_directories='${folder}' -c fsync=off`, 'start');
    const old = openDatabase({ connection: { host: folder, user: 'priora', database: 'postgres' } satisfies pg.PoolConfig, size: 1, onIdleError: () => {} });
    try {
      expect((await old.query<{ server_version: string }>({ text: 'show server_version' })).rows[0]!.server_version).toMatch(/^15\./);
      expect(await migrate(old, now)).toEqual((await readMigrations()).map((migration) => migration.name));
    } finally {
      await old.close();
    }
  } finally {
    run('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop');
    rmSync(folder, { recursive: true, force: true });
  }
});
