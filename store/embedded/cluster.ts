/**
 * The cluster: PostgreSQL's data folder. It is made under another name and renamed when complete, so a first start
 * that was interrupted leaves a folder to throw away, never half a cluster.
 */
import { chmod, chown, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { role } from './connection.ts';
import { EmbeddedPostgresError, hasCode, isSystemError } from './errors.ts';
import type { Log } from './log.ts';
import { nameFor, type Reach } from './reach.ts';
import { runToEnd, type Account } from './short-process.ts';

/** The password's place beside the cluster, on Windows only. */
export const passwordFile = (directory: string): string => join(directory, 'password');

/**
 * The major version that wrote the cluster; undefined where there is none yet.
 * @throws {EmbeddedPostgresError} `data-folder-unusable` where the folder holds something else
 */
export async function clusterMajor(cluster: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(cluster, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const found = await readdir(cluster).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  if (found.length === 0) return undefined;
  throw new EmbeddedPostgresError('data-folder-unusable', `${cluster} is not a PostgreSQL data folder: move its contents away`);
}

/**
 * Makes the cluster. Call it under the owner lock.
 *
 * Unlike a throw-away cluster it is synced to disk: PostgreSQL never syncs again what it did not change, so without
 * this a power cut soon after the first start could take the catalogs, and with them every acknowledged row.
 * @throws {EmbeddedPostgresError} `initdb-failed`, with the reason that PostgreSQL gave
 */
export async function createCluster(directory: string, cluster: string, binaries: Binaries, access: { account: Account | undefined; reach: Reach }, log: Log): Promise<void> {
  const { account, reach } = access;
  await removeLeftovers(directory, cluster, log);
  const started = performance.now();
  // A name of its own: the initdb of a killed start may still be running in its folder.
  const draft = `${cluster}.${randomBytes(4).toString('hex')}.init`;
  try {
    await mkdir(draft, { mode: 0o700 });
    await chmod(draft, 0o700);
    if (account !== undefined) await chown(draft, account.uid, account.gid);
    const authentication = process.platform === 'win32' ? await withPassword(directory) : ['--auth-local=trust', '--auth-host=reject'];
    const args = ['-D', nameFor(draft, reach), '-U', role, '-E', 'UTF8', '--locale=C', '--data-checksums', ...authentication];
    const { exitCode, output } = await runToEnd(binaries.initdb, args, account, draft);
    if (exitCode !== 0) throw new EmbeddedPostgresError('initdb-failed', `PostgreSQL could not make its data folder ${cluster}: ${reason(output)}`);
    await rename(draft, cluster);
    await syncDirectory(directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 3 });
    if (isSystemError(error) && hasCode(error, 'ENOSPC', 'EDQUOT')) {
      throw new EmbeddedPostgresError('initdb-failed', `PostgreSQL could not make its data folder ${cluster}: ${error.message}`, { cause: error });
    }
    throw error;
  }
  log('postgres-initialized', { version: binaries.major, milliseconds: Math.round(performance.now() - started) });
}

async function removeLeftovers(directory: string, cluster: string, log: Log): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (!path.startsWith(`${cluster}.`) || !name.endsWith('.init')) continue;
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
      log('postgres-leftover-removed', { name });
    } catch (error) {
      // That initdb is still adding files; the next first start, if there is one, removes them.
      if (!hasCode(error, 'ENOTEMPTY', 'EBUSY', 'EPERM')) throw error;
    }
  }
}

/** The line that says why: initdb prefixes it, and its own narration surrounds it. */
function reason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const telling = lines.find((line) => /PANIC|FATAL/.test(line)) ?? lines.find((line) => /error:|could not/.test(line)) ?? lines.at(-1);
  return telling ?? 'it gave no reason';
}

async function withPassword(directory: string): Promise<readonly string[]> {
  await writeFile(passwordFile(directory), randomBytes(24).toString('base64url'), { mode: 0o600 });
  return ['--auth=scram-sha-256', `--pwfile=${passwordFile(directory)}`];
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a folder for this.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
