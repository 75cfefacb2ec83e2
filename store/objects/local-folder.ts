/**
 * Objects in a folder of this machine. An object appears under its name whole or not at all: it is written to a temporary
 * file, synced, renamed, and the folder synced (a rename alone may be lost with the power).
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { failureCode } from '../failures.ts';
import { fileProblem } from './failures.ts';
import { hashInName, nameOfObject, type KeptObject, type ObjectStore } from './object-store.ts';
import { spool } from './spool.ts';

/** @param now what cleaning goes by: the time an object was last put is noted in its file */
export function localFolder(folder: string, now: () => Date): ObjectStore {
  const pathOf = (tenant: number, sha256: string): string => join(folder, nameOfObject(tenant, sha256));

  async function kept(path: string, sha256: string): Promise<KeptObject | undefined> {
    try {
      const { size, mtime } = await stat(path);
      return { sha256, size, putAt: mtime };
    } catch (error) {
      if (failureCode(error) === 'ENOENT') return undefined;
      throw fileProblem(error);
    }
  }

  return {
    async put(tenant, source, limit) {
      const spooled = await spool(source, join(folder, 'incoming'), limit);
      try {
        const path = pathOf(tenant, spooled.sha256);
        await utimes(spooled.path, now(), now());
        await makeFolder(dirname(path), folder);
        // Over the same bytes, where they are there already: that also says that they were put again.
        await rename(spooled.path, path);
        await syncFolder(dirname(path));
        return { sha256: spooled.sha256, size: spooled.size };
      } catch (error) {
        throw fileProblem(error);
      } finally {
        await spooled.dispose();
      }
    },

    async get(tenant, sha256, range) {
      const stream = createReadStream(pathOf(tenant, sha256), range && { start: range.first, end: range.last });
      await opened(stream);
      return stream;
    },

    head: (tenant, sha256) => kept(pathOf(tenant, sha256), sha256),

    async delete(tenant, sha256) {
      try {
        await rm(pathOf(tenant, sha256), { force: true });
      } catch (error) {
        throw fileProblem(error);
      }
    },

    async* list(tenant) {
      const root = join(folder, String(tenant));
      for (const shard of await namesIn(root)) {
        for (const name of await namesIn(join(root, shard))) {
          const sha256 = hashInName(name);
          const found = sha256 === undefined ? undefined : await kept(join(root, shard, name), sha256);
          if (found) yield found;
        }
      }
    },
  };
}

/** Every folder on the way is made durable in the one above it. */
async function makeFolder(path: string, root: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= root.length && made !== dirname(made); made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Windows cannot sync a folder, and needs not to.
    if (process.platform !== 'win32') throw error;
  } finally {
    await folder.close();
  }
}

/** A missing object is told before anything is answered, not in the middle of it. */
async function opened(stream: Readable): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error) => reject(fileProblem(error)));
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (failureCode(error) === 'ENOENT') return [];
    throw fileProblem(error);
  }
}
