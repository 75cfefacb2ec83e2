/** Makes a folder with its parents. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './errors.ts';

/**
 * Node's own recursive `mkdir` never returns where a folder cannot hold another, such as in `/proc`.
 * @returns false when it was there already
 * @throws the system's error
 */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return false;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
  }
  await makeFolder(dirname(path));
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    // Another start at the same instant made it.
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}
