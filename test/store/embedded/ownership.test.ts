/** One owner per folder, and what happens when the owner or PostgreSQL is killed. Real processes, real kills. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../store/embedded/index.ts';
import { readPidFile } from '../../../store/embedded/postmaster.ts';
import { answers, cleanUp, isAlive, prepareProgram, query, refusal, removeProgram, runProgram, temporaryFolder, until } from './harness.ts';

const quiet = (): void => undefined;

beforeAll(prepareProgram);
afterAll(removeProgram);
afterEach(cleanUp);

describe('one owner', () => {
  test('a second start is refused with the number of the first, and welcome after it', async () => {
    const directory = await temporaryFolder();
    const first = runProgram(directory);
    const { pid, connection } = await first.hear((line) => line.what === 'started');
    expect(await refusal(startEmbeddedPostgres({ directory, log: quiet }))).toMatchObject({
      code: 'data-folder-in-use',
      ownerPid: pid,
      message: expect.stringContaining(String(pid)) as string,
    });
    expect(await answers(connection!)).toBe(true);
    first.tell('stop');
    await first.ended;
    const second = await startEmbeddedPostgres({ directory, log: quiet });
    expect(second.adopted).toBe(false);
    await second.stop();
  });

  test('a second start is refused while PostgreSQL is down for a restart', async () => {
    const directory = await temporaryFolder();
    const refusals: Promise<{ code?: unknown }>[] = [];
    const first = await startEmbeddedPostgres({
      directory,
      log: quiet,
      onExit: () => refusals.push(refusal(startEmbeddedPostgres({ directory, log: quiet }))),
    });
    process.kill((await readPidFile(join(directory, 'cluster')))!.pid, 'SIGKILL');
    await until(() => refusals.length > 0, 'the exit to be reported');
    expect(await refusals[0]).toMatchObject({ code: 'data-folder-in-use', ownerPid: process.pid });
    await first.stop();
  });

  test.each([1, 2, 3])('of three starts at the same instant exactly one wins (round %i)', async () => {
    const directory = join(await temporaryFolder(), 'data');
    const racers = [runProgram(directory), runProgram(directory), runProgram(directory)];
    const outcomes = await Promise.all(racers.map((racer) => racer.hear((line) => line.what === 'started' || line.what === 'refused')));
    expect(outcomes.map((outcome) => outcome.code ?? outcome.what).toSorted()).toEqual(['data-folder-in-use', 'data-folder-in-use', 'started']);
    const winner = racers[outcomes.findIndex((outcome) => outcome.what === 'started')]!;
    winner.tell('stop');
    await winner.ended;
    expect(await readdir(join(directory, 'run'))).toEqual([]);
  });
});

describe('after kill -9 of the owner', () => {
  test('the next start takes PostgreSQL over with every acknowledged row, supervises it and stops it', async () => {
    const directory = await temporaryFolder();
    const killed = runProgram(directory);
    await killed.hear((line) => line.what === 'started');
    killed.tell('write');
    await killed.hear((line) => line.id === 100);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const acknowledged = killed.said.filter((line) => line.what === 'acknowledged').length;
    const orphan = (await readPidFile(join(directory, 'cluster')))!.pid;

    const events: string[] = [];
    const next = await startEmbeddedPostgres({ directory, log: (event) => events.push(event) });
    expect(next.adopted).toBe(true);
    // What the killed process had asked for last may still be committed, by a backend that has not noticed yet.
    await until(async () => (await query(next.connection, `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)).length === 0, 'the end of what was under way');
    const [{ count, highest } = { count: 0, highest: 0 }] = await query<{ count: number; highest: number }>(next.connection, 'SELECT count(*)::integer AS count, max(id) AS highest FROM kept');
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(highest).toBe(count);

    process.kill(orphan, 'SIGKILL');
    await until(() => events.includes('postgres-restarted'), 'the restart');
    expect(await query(next.connection, 'SELECT count(*)::integer AS count FROM kept')).toEqual([{ count }]);
    const restarted = (await readPidFile(join(directory, 'cluster')))!.pid;
    await next.stop();
    expect(isAlive(restarted)).toBe(false);
  });

  test('one that was taken over is stopped as well', async () => {
    const directory = await temporaryFolder();
    const killed = runProgram(directory);
    await killed.hear((line) => line.what === 'started');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = await startEmbeddedPostgres({ directory, log: quiet });
    const { pid } = (await readPidFile(join(directory, 'cluster')))!;
    await next.stop();
    expect(await answers(next.connection)).toBe(false);
    expect(await readPidFile(join(directory, 'cluster'))).toBeUndefined();
    await until(() => !isAlive(pid), 'the process to end');
  });

  test('of two starts that find the orphan exactly one takes it over', async () => {
    const directory = await temporaryFolder();
    const killed = runProgram(directory);
    await killed.hear((line) => line.what === 'started');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const racers = [runProgram(directory), runProgram(directory)];
    const outcomes = await Promise.all(racers.map((racer) => racer.hear((line) => line.what === 'started' || line.what === 'refused')));
    expect(outcomes.map((outcome) => outcome.code ?? `adopted ${outcome.adopted}`).toSorted()).toEqual(['adopted true', 'data-folder-in-use']);
    const winner = racers[outcomes.findIndex((outcome) => outcome.what === 'started')]!;
    winner.tell('stop');
    await winner.ended;
  });

  test('together with PostgreSQL the next start recovers every acknowledged row', async () => {
    const directory = await temporaryFolder();
    const killed = runProgram(directory);
    await killed.hear((line) => line.what === 'started');
    killed.tell('write');
    await killed.hear((line) => line.id === 100);
    const { pid } = (await readPidFile(join(directory, 'cluster')))!;
    killed.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await killed.ended;
    const acknowledged = killed.said.filter((line) => line.what === 'acknowledged').length;
    const next = await startEmbeddedPostgres({ directory, log: quiet });
    expect(next.adopted).toBe(false);
    const [row] = await query<{ count: number }>(next.connection, 'SELECT count(*)::integer AS count FROM kept');
    expect(row!.count).toBeGreaterThanOrEqual(acknowledged);
    await next.stop();
  });
});

describe('after kill -9 of PostgreSQL', () => {
  test('it is started again under the same connection, time after time, and not after stop', async () => {
    const directory = await temporaryFolder();
    const events: string[] = [];
    const exits: number[] = [];
    const database = await startEmbeddedPostgres({ directory, log: (event) => events.push(event), onExit: ({ pid }) => exits.push(pid) });
    await query(database.connection, 'CREATE TABLE kept AS SELECT 7 AS id');
    const killed: number[] = [];
    for (const round of [1, 2, 3]) {
      const { pid } = (await readPidFile(join(directory, 'cluster')))!;
      killed.push(pid);
      process.kill(pid, 'SIGKILL');
      await until(() => events.filter((event) => event === 'postgres-restarted').length === round, 'the restart');
      expect(await query(database.connection, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    }
    await database.stop();
    expect(exits).toEqual(killed);
    expect(events.at(-1)).toBe('postgres-stopped');
    expect(await readPidFile(join(directory, 'cluster'))).toBeUndefined();
  });

  (process.platform === 'linux' ? test : test.skip)('a session that goes on computing does not hold up the restart', async () => {
    const directory = await temporaryFolder();
    const events: string[] = [];
    const database = await startEmbeddedPostgres({ directory, log: (event) => events.push(event) });
    const computing = query(database.connection, 'SELECT count(*) FROM generate_series(1, 20000) AS a, generate_series(1, 20000) AS b WHERE a + b = 0').catch(() => 'lost');
    await until(
      async () => (await query(database.connection, `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND wait_event IS NULL AND query LIKE 'SELECT count%'`)).length > 0,
      'the statement to compute',
    );
    process.kill((await readPidFile(join(directory, 'cluster')))!.pid, 'SIGKILL');
    await until(() => events.includes('postgres-restarted'), 'the restart');
    expect(events).toContain('postgres-sessions-ended');
    expect(await computing).toBe('lost');
    await database.stop();
  });

  test('a stop in the middle of a restart ends it', async () => {
    const directory = await temporaryFolder();
    let stopped: Promise<void> | undefined;
    const database = await startEmbeddedPostgres({ directory, log: quiet, onExit: () => void (stopped = database.stop()) });
    process.kill((await readPidFile(join(directory, 'cluster')))!.pid, 'SIGKILL');
    await until(() => stopped !== undefined, 'the exit to be reported');
    await stopped;
    expect(await answers(database.connection)).toBe(false);
    const left = await readPidFile(join(directory, 'cluster'));
    expect(left === undefined || !isAlive(left.pid)).toBe(true);
    // Nothing holds the folder any more.
    await (await startEmbeddedPostgres({ directory, log: quiet })).stop();
  });

  test('a crashed session is PostgreSQL\'s own affair: it recovers without a restart', async () => {
    const directory = await temporaryFolder();
    const exits: number[] = [];
    const database = await startEmbeddedPostgres({ directory, log: quiet, onExit: ({ pid }) => exits.push(pid) });
    const before = (await readPidFile(join(directory, 'cluster')))!.pid;
    const [writer] = await query<{ pid: number }>(database.connection, `SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'`);
    process.kill(writer!.pid, 'SIGKILL');
    await until(() => !isAlive(writer!.pid), 'the crash');
    await until(() => answers(database.connection), 'PostgreSQL to recover');
    expect((await readPidFile(join(directory, 'cluster')))!.pid).toBe(before);
    expect(exits).toEqual([]);
    await database.stop();
  });
});
