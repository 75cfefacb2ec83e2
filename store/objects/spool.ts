/**
 * Spooling: bytes of unknown length into a temporary file, hashed on the way, so that name and length are known before
 * the object is put in its place or sent away.
 */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../fhir/problems.ts';
import { fileProblem } from './failures.ts';
import type { ObjectReference } from '../write/changes.ts';

export interface Spooled extends ObjectReference {
  readonly path: string;
  /** MD5 in base64: what Google Cloud Storage says of an object it has received. No protection, a check of transport. */
  readonly md5: string;
  /** Removes the temporary file, where it has not been moved away. */
  dispose(): Promise<void>;
}

/**
 * Writes `source` to a new file in `folder`, on the disk when this returns.
 * @throws {Problem} `too-large`, `store-full`, `store-unavailable`
 * @throws whatever `source` throws
 */
export async function spool(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, folder: string, limit: number): Promise<Spooled> {
  const own = await inFolder(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return mkdtemp(join(folder, 'put-'));
  });
  const dispose = (): Promise<void> => rm(own, { recursive: true, force: true });
  try {
    const path = join(own, 'object');
    const file = await inFolder(() => open(path, 'wx', 0o600));
    try {
      const written = await copy(source, file, limit);
      await inFolder(() => file.sync());
      return { path, dispose, ...written };
    } finally {
      await file.close();
    }
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function copy(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, file: FileHandle, limit: number): Promise<ObjectReference & { md5: string }> {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > limit) throw new Problem('too-large', { limit });
    sha256.update(chunk);
    md5.update(chunk);
    await inFolder(() => writeAll(file, chunk));
  }
  return { sha256: sha256.digest('hex'), md5: md5.digest('base64'), size };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.byteLength;) written += (await file.write(chunk, written)).bytesWritten;
}

async function inFolder<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileProblem(error);
  }
}
