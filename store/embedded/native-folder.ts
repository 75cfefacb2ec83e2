/**
 * The `native/` folder of a platform package. npm packages cannot hold symbolic links, so the package lists the ones
 * its libraries need in `pg-symlinks.json` and makes them in an install script; where scripts did not run
 * (`--ignore-scripts`) they are made here.
 */
import { chmod, cp, lstat, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { hasCode } from './errors.ts';

/**
 * Makes the missing links.
 * @returns how many were made
 * @throws the system's error where the folder cannot be written
 */
export async function hydrateSymlinks(native: string): Promise<number> {
  let created = 0;
  for (const { source, target } of await listedLinks(native)) {
    // Paths in the list start at the package's root. Relative links survive a move of the whole folder.
    const link = join(dirname(native), target);
    try {
      await lstat(link);
      continue;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    try {
      await symlink(relative(dirname(target), source), link);
      created += 1;
    } catch (error) {
      // Another process starting at the same time made it first.
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
  return created;
}

async function listedLinks(native: string): Promise<readonly { source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * Copies `native/` to where PostgreSQL's account can use it, once for each version of the package. The copy gets its
 * name when it is complete, so an interrupted one is never used.
 * @returns false when it was there already
 */
export async function copyNative(native: string, destination: string): Promise<boolean> {
  try {
    await lstat(destination);
    return false;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  // A name of its own: data folders may share the destination, and start at the same time.
  const partial = `${destination}.${process.pid}.partial`;
  await removePartials(destination);
  await cp(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  await hydrateSymlinks(join(partial, 'native'));
  await makeReadable(partial);
  try {
    await rename(partial, destination);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(partial, { recursive: true, force: true });
    return false;
  }
  return true;
}

/** Removes what copies left that were killed: this process's number given again, or nobody's. */
async function removePartials(destination: string): Promise<void> {
  for (const name of await readdir(dirname(destination))) {
    const pid = name.startsWith(`${basename(destination)}.`) ? /\.(\d+)\.partial$/.exec(name)?.[1] : undefined;
    if (pid === undefined || (Number(pid) !== process.pid && isRunning(Number(pid)))) continue;
    await rm(join(dirname(destination), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Lets everyone read, and enter or run what the owner may: an install under a strict umask is private to root. */
async function makeReadable(path: string): Promise<void> {
  const { mode } = await lstat(path);
  await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await makeReadable(child);
    else if (entry.isFile()) await chmod(child, ((await lstat(child)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
