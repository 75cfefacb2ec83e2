/**
 * Where a copy of the PostgreSQL programs goes. Beside the data, unless PostgreSQL's account cannot get there by a
 * path: programs find their libraries by their path, so then the copy goes to the system's folder for such things.
 * Nothing but programs is in it, it may be removed at any time between two starts, and all data folders share it.
 */
import { chmod, lstat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSystemError } from './errors.ts';
import { makeFolder } from './make-folder.ts';
import { mayEnter, type Reach } from './reach.ts';
import type { Account } from './short-process.ts';

/**
 * @param directory the launcher's folder
 * @param shared where the account can go by a path, best first
 * @returns undefined where none of them can be used
 */
export async function programsFolder(
  directory: string,
  account: Account | undefined,
  reach: Reach,
  shared: readonly string[] = ['/var/cache/priora', join(tmpdir(), 'priora-programs')],
): Promise<string | undefined> {
  if (reach === 'path') return directory;
  for (const folder of shared) if (await isUsable(folder, account)) return folder;
  return undefined;
}

/** Nobody else may change what is run from it. */
async function isUsable(folder: string, account: Account | undefined): Promise<boolean> {
  try {
    // Not left to the umask: PostgreSQL's account has to read it.
    if (await makeFolder(folder)) await chmod(folder, 0o755);
    const found = await lstat(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0 && (await mayEnter(folder, account));
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
