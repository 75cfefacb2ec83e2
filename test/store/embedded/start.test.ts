/** The embedded PostgreSQL's life: first start, later starts, what it refuses, what it heals. Real processes. */
import { chmod, chown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../store/embedded/index.ts';
import { readPidFile } from '../../../store/embedded/postmaster.ts';
import { answers, cleanUp, daemon, describeOnUnix, isAlive, isRoot, prepareProgram, query, refusal, removeProgram, runProgram, temporaryFolder, until } from './harness.ts';

const quiet = (): void => undefined;

beforeAll(prepareProgram);
afterAll(removeProgram);
afterEach(cleanUp);

describe('what is refused', () => {
  test('data of a major version that is not here, naming both', async () => {
    const directory = await temporaryFolder();
    await (await startEmbeddedPostgres({ directory, log: quiet })).stop();
    await writeFile(join(directory, 'cluster', 'PG_VERSION'), '9\n');
    const { code, message } = await refusal(startEmbeddedPostgres({ directory, log: quiet }));
    expect(code).toBe('version-mismatch');
    expect(message).toMatch(/written by PostgreSQL 9, but this machine has PostgreSQL 18/);
    // The refused start let go of the folder.
    await writeFile(join(directory, 'cluster', 'PG_VERSION'), '18\n');
    await (await startEmbeddedPostgres({ directory, log: quiet })).stop();
  });

  test('a cluster folder with something else in it, which stays as it is', async () => {
    const directory = await temporaryFolder();
    await mkdir(join(directory, 'cluster'));
    await writeFile(join(directory, 'cluster', 'letter.txt'), 'mine');
    expect(await refusal(startEmbeddedPostgres({ directory, log: quiet }))).toMatchObject({ code: 'data-folder-unusable' });
    expect(await readdir(join(directory, 'cluster'))).toEqual(['letter.txt']);
  });

  test('a folder that is a file', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'data'), '');
    expect(await refusal(startEmbeddedPostgres({ directory: join(folder, 'data'), log: quiet }))).toMatchObject({ code: 'data-folder-unusable' });
  });

  test('a damaged cluster, with the reason PostgreSQL gives', async () => {
    const directory = await temporaryFolder();
    await (await startEmbeddedPostgres({ directory, log: quiet })).stop();
    await rename(join(directory, 'cluster', 'global', 'pg_control'), join(directory, 'pg_control'));
    const { code, message } = await refusal(startEmbeddedPostgres({ directory, log: quiet }));
    expect(code).toBe('did-not-become-ready');
    expect(message).toMatch(/pg_control/);
  });

  test('a folder where none can be made, at once', async () => {
    expect(await refusal(startEmbeddedPostgres({ directory: '/proc/priora-data/postgres', log: quiet }))).toMatchObject({ code: 'data-folder-unusable' });
  });
});

describe('starting and stopping', () => {
  test('a second start keeps the data; stop may be called twice and ends the process', async () => {
    const directory = await temporaryFolder();
    const first = await startEmbeddedPostgres({ directory, log: quiet });
    expect(first.adopted).toBe(false);
    await query(first.connection, 'CREATE TABLE kept AS SELECT 7 AS id');
    const { pid } = (await readPidFile(join(directory, 'cluster')))!;
    await Promise.all([first.stop(), first.stop()]);
    expect(isAlive(pid)).toBe(false);
    const second = await startEmbeddedPostgres({ directory, log: quiet });
    expect(second.adopted).toBe(false);
    expect(await query(second.connection, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await second.stop();
    await second.stop();
  });

  test('keeps the defaults of durability, takes settings, and quotes no row in its messages', async () => {
    const lines: string[] = [];
    const log = (event: string, detail: Record<string, unknown>): void => void (event === 'postgres-output' && lines.push(String(detail.line)));
    const database = await startEmbeddedPostgres({ directory: await temporaryFolder(), log, settings: { work_mem: '7MB' } });
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding', 'listen_addresses', 'work_mem'];
    const rows = await query<{ setting: string }>(database.connection, 'SELECT current_setting(name) AS setting FROM unnest($1::text[]) AS name', [names]);
    expect(rows.map((row) => row.setting)).toEqual(['on', 'on', 'on', 'on', 'UTF8', '', '7MB']);
    await query(database.connection, 'CREATE TABLE person (name text PRIMARY KEY)');
    await query(database.connection, `INSERT INTO person VALUES ('Erika Musterfrau')`);
    await expect(query(database.connection, `INSERT INTO person VALUES ('Erika Musterfrau')`)).rejects.toThrow(/duplicate key/);
    await expect(query(database.connection, `SELECT 'Erika Musterfrau'::integer`)).rejects.toThrow(/invalid input/);
    // PostgreSQL tells of a crashed session with the statement it was running.
    const crashed = query(database.connection, `SELECT pg_sleep(600), 'Erika Musterfrau'`).catch(() => 'crashed');
    const session = await until(async () => (await query<{ pid: number }>(database.connection, `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'`))[0], 'the session');
    process.kill(session.pid, 'SIGKILL');
    expect(await crashed).toBe('crashed');
    await until(() => answers(database.connection), 'PostgreSQL to recover');
    await database.stop();
    expect(lines.join('\n')).toMatch(/ready to accept connections/);
    expect(lines.join('\n')).toMatch(/was terminated by signal 9/);
    expect(lines.join('\n')).not.toMatch(/Erika/);
  });

  test('a leftover of an interrupted first start is removed', async () => {
    const directory = await temporaryFolder();
    const leftover = join(directory, 'cluster.0123abcd.init');
    await mkdir(join(leftover, 'base'), { recursive: true });
    await writeFile(join(leftover, 'PG_VERSION'), '18\n');
    const database = await startEmbeddedPostgres({ directory, log: quiet });
    expect((await readdir(directory)).filter((name) => name.endsWith('.init'))).toEqual([]);
    await database.stop();
  });

  test('a first start killed at any file of initdb heals', async () => {
    for (const file of ['PG_VERSION', 'global/pg_control', 'pg_hba.conf']) {
      const directory = join(await temporaryFolder(), 'data');
      const killed = runProgram(directory);
      await until(async () => {
        const draft = (await readdir(directory).catch(() => [])).find((name) => name.endsWith('.init'));
        return draft !== undefined && (await stat(join(directory, draft, file)).catch(() => undefined)) !== undefined;
      }, `initdb to write ${file}`);
      killed.child.kill('SIGKILL');
      await killed.ended;
      const database = await startEmbeddedPostgres({ directory, log: quiet });
      expect(await answers(database.connection)).toBe(true);
      await database.stop();
    }
  });

  (isRoot ? test : test.skip)('runs as an ordinary user, and later as root under that user', async () => {
    const directory = await temporaryFolder();
    await chown(directory, daemon, daemon);
    const running = runProgram(directory, { uid: daemon, gid: daemon });
    expect(await running.hear((line) => line.what === 'started' || line.what === 'refused')).toMatchObject({ what: 'started' });
    running.tell('stop');
    await running.ended;
    const database = await startEmbeddedPostgres({ directory, log: quiet });
    expect((await stat(join(directory, 'cluster'))).uid).toBe(daemon);
    expect(await answers(database.connection)).toBe(true);
    await database.stop();
  });

  test('a postmaster.pid left by a reboot, its number now given to another process', async () => {
    const directory = await temporaryFolder();
    await (await startEmbeddedPostgres({ directory, log: quiet })).stop();
    // A living process of the account that runs PostgreSQL is what misleads PostgreSQL's own check.
    const bystander = runProgram(join(await temporaryFolder(), 'data'));
    await bystander.hear((line) => line.what === 'started');
    const other = (await readPidFile(join(bystander.said.find((line) => line.connection)!.connection!.host, '..', 'cluster')))!.pid;
    const cluster = join(directory, 'cluster');
    const text = `${other}\n${cluster}\n1700000000\n5432\n${join(directory, 'run')}\n\n  1234567         7\nready   \n`;
    await writeFile(join(cluster, 'postmaster.pid'), text);
    await writeFile(join(directory, 'run', '.s.PGSQL.5432.lock'), text);
    const database = await startEmbeddedPostgres({ directory, log: quiet });
    expect(database.adopted).toBe(false);
    expect(isAlive(other)).toBe(true);
    await database.stop();
    bystander.tell('stop');
    await bystander.ended;
  });
});

describeOnUnix('the socket folder', () => {
  test('is private', async () => {
    const directory = await temporaryFolder();
    const database = await startEmbeddedPostgres({ directory, log: quiet });
    expect((await stat(database.connection.host)).mode & 0o777).toBe(0o700);
    await database.stop();
  });

  test('moves to the temporary folder when the data lies too deep, and stays there when TMPDIR changes', async () => {
    const directory = join(await temporaryFolder(), 'd'.repeat(60), 'ü'.repeat(30));
    const first = await startEmbeddedPostgres({ directory, log: quiet });
    expect(first.connection.host).toBe((await readFile(join(directory, 'socket-directory'), 'utf8')).trimEnd());
    expect((await stat(first.connection.host)).mode & 0o777).toBe(0o700);
    expect(await answers(first.connection)).toBe(true);
    await first.stop();
    try {
      const second = runProgram(directory, { env: { ...process.env, TMPDIR: await temporaryFolder() } });
      expect((await second.hear((line) => line.what === 'started')).connection).toEqual(first.connection);
      second.tell('stop');
      await second.ended;
      await chmod(first.connection.host, 0o755);
      expect(await refusal(startEmbeddedPostgres({ directory, log: quiet }))).toMatchObject({ code: 'socket-folder-not-trusted' });
      if (isRoot) {
        await chmod(first.connection.host, 0o700);
        await chown(first.connection.host, daemon, daemon);
        expect(await refusal(startEmbeddedPostgres({ directory, log: quiet }))).toMatchObject({ code: 'socket-folder-not-trusted' });
      }
    } finally {
      await rm(first.connection.host, { recursive: true });
    }
  });
});
