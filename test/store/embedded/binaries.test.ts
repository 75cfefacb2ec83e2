/** Which PostgreSQL programs are taken, and the links that an install without scripts lacks. */
import { chmod, cp, lstat, mkdir, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findBinaries, usualPlaces } from '../../../store/embedded/binaries.ts';
import { hydrateSymlinks } from '../../../store/embedded/native-folder.ts';
import { cleanUp, describeOnUnix, isRoot, refusal, temporaryFolder } from './harness.ts';

const account = isRoot ? { uid: 65_534, gid: 65_534 } : undefined;
const { packageFolder } = await usualPlaces();
const withPackage = packageFolder === undefined ? test.skip : test;

afterEach(cleanUp);

/** A copy of the platform package as it is after an install without scripts. */
async function bareCopy(folder: string): Promise<string> {
  const copy = join(folder, 'package');
  await mkdir(copy);
  await cp(join(packageFolder!, 'native'), join(copy, 'native'), { recursive: true, verbatimSymlinks: true });
  await cp(join(packageFolder!, 'package.json'), join(copy, 'package.json'));
  for (const { target } of await links(copy)) await rm(join(copy, target), { force: true });
  return copy;
}

async function links(folder: string): Promise<{ source: string; target: string }[]> {
  return JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
}

/** A stand-in for an installed PostgreSQL of some version. */
async function pretend(folder: string, version: string): Promise<string> {
  const bin = join(folder, version, 'bin');
  await mkdir(bin, { recursive: true });
  for (const name of ['postgres', 'initdb']) {
    await writeFile(join(bin, name), `#!/bin/sh\necho "postgres (PostgreSQL) ${version} (Debian)"\n`);
    await chmod(join(bin, name), 0o755);
  }
  return bin;
}

const log = (): void => undefined;

/** The refusal's code and text. */
const refused = (looking: Promise<unknown>): ReturnType<typeof refusal> => refusal(looking.then(() => ({ stop: () => Promise.resolve() })));

describeOnUnix('where PostgreSQL comes from', () => {
  test('none anywhere is one clear error', async () => {
    const folder = await temporaryFolder();
    const broken = await pretend(folder, '15.2');
    await writeFile(join(broken, 'postgres'), '#!/bin/sh\nexit 1\n');
    const { code, message } = await refused(findBinaries({ packageFolder: undefined, systemFolders: [folder, broken] }, folder, account, undefined, log));
    expect(code).toBe('no-postgres-binary');
    expect(message).toMatch(/DATABASE_URL/);
  });

  test('an installed one is taken where the package is missing or does not run, best place first', async () => {
    const folder = await temporaryFolder();
    const systemFolders = [await pretend(folder, '17.2'), await pretend(folder, '15.9')];
    const found = await findBinaries({ packageFolder: undefined, systemFolders }, folder, account, undefined, log);
    expect(found).toMatchObject({ major: 17, initdb: join(systemFolders[0]!, 'initdb') });
    const withoutPrograms = join(folder, 'empty-package');
    await mkdir(withoutPrograms);
    expect(await findBinaries({ packageFolder: withoutPrograms, systemFolders }, folder, account, undefined, log)).toMatchObject({ major: 17 });
  });

  withPackage('the version that wrote the data wins over the best one; a missing one is named beside those found', async () => {
    const folder = await temporaryFolder();
    const places = { packageFolder, systemFolders: [await pretend(folder, '15.9')] };
    expect(await findBinaries(places, folder, account, undefined, log)).toMatchObject({ major: 18 });
    expect(await findBinaries(places, folder, account, 15, log)).toMatchObject({ major: 15 });
    const { code, message } = await refused(findBinaries(places, folder, account, 14, log));
    expect(code).toBe('version-mismatch');
    expect(message).toMatch(/PostgreSQL 14, but this machine has PostgreSQL 18, 15/);
  });
});

describeOnUnix('an install without scripts', () => {
  withPackage('gets its links, which point where the package says, and runs', async () => {
    const folder = await temporaryFolder();
    const copy = await bareCopy(folder);
    const events: string[] = [];
    const found = await findBinaries({ packageFolder: copy, systemFolders: [] }, folder, account, undefined, (event) => events.push(event));
    expect(found).toMatchObject({ major: 18, postgres: join(copy, 'native', 'bin', 'postgres') });
    expect(events).toEqual(['postgres-links-made']);
    for (const { source, target } of await links(copy)) {
      expect([target, await readlink(join(copy, target))]).toEqual([target, basename(source)]);
      expect(dirname(source)).toBe(dirname(target));
    }
    expect(await hydrateSymlinks(join(copy, 'native'))).toBe(0);
  });

  (isRoot && packageFolder !== undefined ? test : test.skip)('in a private folder is copied to where PostgreSQL can use it, once', async () => {
    const folder = await temporaryFolder();
    const home = join(folder, 'home');
    await mkdir(home, { mode: 0o700 });
    const copy = await bareCopy(home);
    const directory = join(folder, 'data');
    await mkdir(directory);
    const events: string[] = [];
    const look = (): ReturnType<typeof findBinaries> => findBinaries({ packageFolder: copy, systemFolders: [] }, directory, account, undefined, (event) => events.push(event));
    const found = await look();
    expect(found.postgres.startsWith(directory)).toBe(true);
    const [made] = await readdir(directory);
    const { mtimeMs } = await lstat(join(directory, made!));
    expect(await look()).toEqual(found);
    expect((await lstat(join(directory, made!))).mtimeMs).toBe(mtimeMs);
    expect(await readdir(directory)).toEqual([made]);
    expect(events.filter((event) => event === 'postgres-programs-copied')).toHaveLength(1);
  });
});
