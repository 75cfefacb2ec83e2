/** Started by root in a folder whose parents are closed to PostgreSQL's account: the data stays there. Real processes. */
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../store/embedded/index.ts';
import { readPidFile } from '../../../store/embedded/postmaster.ts';
import { programsFolder } from '../../../store/embedded/programs-folder.ts';
import { chooseReach } from '../../../store/embedded/reach.ts';
import { answers, cleanUp, isRoot, prepareProgram, query, refusal, removeProgram, runProgram, temporaryFolder, until } from './harness.ts';

const quiet = (): void => undefined;
const nobody = { uid: 65_534, gid: 65_534 };
const describeAsRoot = isRoot && process.platform === 'linux' ? describe : describe.skip;

beforeAll(prepareProgram);
afterAll(removeProgram);
afterEach(cleanUp);

/** A data folder below a home that is closed to everybody else; its name has what names of folders have. */
async function privateFolder(): Promise<{ home: string; directory: string }> {
  const home = await temporaryFolder();
  await chmod(home, 0o700);
  return { home, directory: join(home, 'dätä 1', 'postgres') };
}

describeAsRoot('a private home', () => {
  test('keeps the data in the folder asked for, and nothing of the home is opened', async () => {
    const { home, directory } = await privateFolder();
    const first = await startEmbeddedPostgres({ directory, log: quiet });
    await query(first.connection, 'CREATE TABLE kept AS SELECT 7 AS id');
    expect(await refusal(startEmbeddedPostgres({ directory, log: quiet }))).toMatchObject({ code: 'data-folder-in-use' });
    await first.stop();
    expect((await lstat(home)).mode & 0o777).toBe(0o700);
    expect((await lstat(join(directory, 'cluster'))).uid).toBe(nobody.uid);
    expect((await readdir(directory)).toSorted()).toEqual(['cluster', 'run']);
    const second = await startEmbeddedPostgres({ directory, log: quiet });
    expect(await query(second.connection, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
    await second.stop();
  });

  test.each([
    ['private', 0o700, 0o700],
    ['private then and open now', 0o700, 0o711],
    ['open then and private now', 0o711, 0o700],
  ])('after kill -9 PostgreSQL is taken over, the home being %s', async (_name, then, now) => {
    const { home, directory } = await privateFolder();
    await chmod(home, then);
    const killed = runProgram(directory);
    await killed.hear((line) => line.what === 'started');
    killed.tell('write');
    await killed.hear((line) => line.id === 50);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await chmod(home, now);
    const orphan = (await readPidFile(join(directory, 'cluster')))!.pid;
    const events: string[] = [];
    const next = await startEmbeddedPostgres({ directory, log: (event) => events.push(event) });
    expect(next.adopted).toBe(true);
    process.kill(orphan, 'SIGKILL');
    await until(() => events.includes('postgres-restarted'), 'the restart');
    const [row] = await query<{ count: number }>(next.connection, 'SELECT count(*)::integer AS count FROM kept');
    expect(row!.count).toBeGreaterThanOrEqual(50);
    await next.stop();
    expect(await readPidFile(join(directory, 'cluster'))).toBeUndefined();
  });

  test('data made while the home was open serves when it is closed, and the other way round', async () => {
    const { home, directory } = await privateFolder();
    for (const [index, mode] of [0o711, 0o700, 0o755, 0o700].entries()) {
      await chmod(home, mode);
      const database = await startEmbeddedPostgres({ directory, log: quiet });
      if (index === 0) await query(database.connection, 'CREATE TABLE kept AS SELECT 7 AS id');
      expect(await query(database.connection, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
      await database.stop();
      expect(await answers(database.connection)).toBe(false);
    }
  });
});

describeAsRoot('the way of PostgreSQL\'s account', () => {
  test('is the path wherever the path will do', async () => {
    const { home } = await privateFolder();
    await mkdir(join(home, 'data'), { mode: 0o711 });
    expect(await chooseReach(join(home, 'data'), nobody)).toBe('within');
    expect(await chooseReach(join(home, 'data'), undefined)).toBe('path');
    await chmod(home, 0o711);
    expect(await chooseReach(join(home, 'data'), nobody)).toBe('path');
  });

  test('does not open a folder that is closed itself', async () => {
    const { home } = await privateFolder();
    expect(await refusal(chooseReach(home, nobody).then(() => ({ stop: () => Promise.resolve() })))).toMatchObject({ code: 'data-folder-unusable', message: expect.stringMatching(/may not run as root/) as string });
  });
});

describeAsRoot('the folder for copied programs', () => {
  test('is beside the data where a path leads there, and else the first that nobody else can change', async () => {
    const folder = await temporaryFolder();
    expect(await programsFolder('/data', nobody, 'path')).toBe('/data');
    const [open, linked, closed, good] = ['open', 'linked', 'closed', 'good'].map((name) => join(folder, name)) as [string, string, string, string];
    await mkdir(open);
    await chmod(open, 0o777);
    await symlink(await mkdtemp(join(folder, 'of-another-')), linked);
    await mkdir(closed, { mode: 0o700 });
    expect(await programsFolder('/data', nobody, 'within', ['/proc/none', open, linked, closed, good])).toBe(good);
    expect(await programsFolder('/data', nobody, 'within', [open, linked, closed])).toBeUndefined();
    await rm(good, { recursive: true });
  });
});
