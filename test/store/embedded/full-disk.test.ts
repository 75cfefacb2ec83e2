/** A disk that fills up: a clear error at start, no acknowledged row lost while running, and no restart of Priora needed. */
import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../../store/embedded/index.ts';
import type { EmbeddedConnection } from '../../../store/embedded/connection.ts';
import { answers, cleanUp, endLeftovers, isRoot, query, refusal, temporaryFolder, until } from './harness.ts';

const quiet = (): void => undefined;
const mounts: string[] = [];

/** A small disk of its own in memory. */
async function smallDisk(megabytes: number): Promise<string> {
  const disk = join(await temporaryFolder(), 'disk');
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', disk]);
  mounts.push(disk);
  return disk;
}

const canMount = await (async (): Promise<boolean> => {
  if (!isRoot || process.platform !== 'linux') return false;
  try {
    await smallDisk(1);
    return true;
  } catch {
    return false;
  } finally {
    for (const disk of mounts.splice(0)) execFileSync('umount', [disk]);
    await cleanUp();
  }
})();

const describeWithDisk = canMount ? describe : describe.skip;
const why = canMount ? 'a full disk' : 'a full disk (skipped: needs root on Linux and the right to mount)';

/** Takes all the space there is, but for so many megabytes. */
async function fill(path: string, spare = 0): Promise<void> {
  if (spare > 0) await writeFile(`${path}.spare`, Buffer.alloc(spare * 1_048_576, 1));
  const file = await open(path, 'w');
  const block = Buffer.alloc(65_536, 1);
  try {
    for (let size = block.length; size >= 1; ) {
      const { bytesWritten } = await file.write(block, 0, size).catch(() => ({ bytesWritten: 0 }));
      if (bytesWritten === 0) size = Math.floor(size / 2);
    }
  } finally {
    await file.close();
    await rm(`${path}.spare`, { force: true });
  }
}

/** Writes rows until one is refused. @returns the rows acknowledged */
async function writeUntilRefused(connection: EmbeddedConnection, from: number): Promise<number> {
  const client = new Client({ ...connection });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (let id = from; ; id += 1) {
      await client.query('INSERT INTO kept VALUES ($1, $2)', [id, 'x'.repeat(1500)]).catch((error: unknown) => {
        throw new Refused(id - from, error);
      });
    }
  } catch (error) {
    if (error instanceof Refused) return error.acknowledged;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

class Refused extends Error {
  readonly acknowledged: number;

  constructor(acknowledged: number, cause: unknown) {
    super('refused', { cause });
    this.acknowledged = acknowledged;
  }
}

describeWithDisk(why, () => {
  afterEach(async () => {
    await endLeftovers();
    for (const disk of mounts.splice(0)) execFileSync('umount', ['--lazy', disk]);
    await cleanUp();
  });

  test('at the first start is named, and leaves nothing behind', async () => {
    const directory = join(await smallDisk(12), 'data');
    const { code, message } = await refusal(startEmbeddedPostgres({ directory, log: quiet }));
    expect(code).toBe('initdb-failed');
    expect(message).toMatch(/No space left on device/);
    expect(message).not.toMatch(/\n/);
    expect(await readdir(directory)).toEqual(['run']);
  });

  test('at a later start is named, and the next start after it works', async () => {
    const disk = await smallDisk(96);
    const directory = join(disk, 'data');
    await (await startEmbeddedPostgres({ directory, log: quiet })).stop();
    await fill(join(disk, 'ballast'));
    const { code, message } = await refusal(startEmbeddedPostgres({ directory, log: quiet }));
    expect(code).toBe('did-not-become-ready');
    expect(message).toMatch(/No space left on device/);
    await rm(join(disk, 'ballast'));
    const database = await startEmbeddedPostgres({ directory, log: quiet });
    expect(await answers(database.connection)).toBe(true);
    await database.stop();
  });

  test('while writing rows refuses them, and takes them again once there is space', async () => {
    const disk = await smallDisk(112);
    const database = await startEmbeddedPostgres({ directory: join(disk, 'data'), log: quiet });
    await query(database.connection, 'CREATE TABLE kept (id integer PRIMARY KEY, filler text)');
    await query(database.connection, `INSERT INTO kept SELECT id, 'before' FROM generate_series(1, 100) AS id`);
    await fill(join(disk, 'ballast'), 1);
    const acknowledged = await writeUntilRefused(database.connection, 101);
    expect(acknowledged).toBeGreaterThan(100);
    await rm(join(disk, 'ballast'));
    await until(() => query(database.connection, 'INSERT INTO kept VALUES (0)').then(() => true, () => false), 'a write to work again');
    const [row] = await query<{ count: number }>(database.connection, 'SELECT count(*)::integer AS count FROM kept WHERE id BETWEEN 1 AND $1', [100 + acknowledged]);
    expect(row!.count).toBe(100 + acknowledged);
    await database.stop();
  });

  test('that ends PostgreSQL itself is survived: it is tried again until there is space', async () => {
    const disk = await smallDisk(112);
    const events: string[] = [];
    const database = await startEmbeddedPostgres({ directory: join(disk, 'data'), log: (event) => events.push(event) });
    await query(database.connection, 'CREATE TABLE kept AS SELECT generate_series(1, 100) AS id');
    await fill(join(disk, 'ballast'));
    // Fills the write-ahead log alone, where a refused write is fatal to the server.
    await expect(
      query(database.connection, `SELECT pg_logical_emit_message(true, 'filler', repeat('x', 1000000)) FROM generate_series(1, 200)`),
    ).rejects.toThrow(/terminat|No space left/);
    await until(() => events.filter((event) => event === 'postgres-restart-failed').length >= 2, 'the restarts to fail on the full disk');
    await rm(join(disk, 'ballast'));
    await until(() => answers(database.connection), 'a connection to work again');
    expect(await query(database.connection, 'SELECT count(*)::integer AS count FROM kept')).toEqual([{ count: 100 }]);
    await query(database.connection, 'INSERT INTO kept VALUES (101)');
    await database.stop();
  });
});
