/**
 * The files of a release: a folder, a zip archive as it was distributed, or one file. An archive is read by its
 * directory, so a file of it is inflated only when it is asked for.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { pipeline, Transform, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import * as yauzl from 'yauzl';
import { Problem } from '../../fhir/problems.ts';

export interface ReleaseFile {
  /** Path in the folder or archive, with slashes. */
  readonly name: string;
  /** Size, of what is in an archive when inflated. */
  readonly bytes: number;
  open(): Promise<Readable>;
}

export interface ReleaseFiles {
  /** Name of the folder, archive or file. */
  readonly name: string;
  readonly files: readonly ReleaseFile[];
  close(): void;
}

/** Files in a folder or archive. A release of SNOMED CT has some hundred. */
const mostFiles = 20_000;

/** @throws {Problem} `import-refused` where there is nothing to read */
export async function openFiles(path: string): Promise<ReleaseFiles> {
  const found = await stat(path).catch(() => undefined);
  const name = basename(path);
  if (found === undefined) throw refusedRelease(name, 'there is no such file or folder');
  if (found.isDirectory()) return { name, files: await folderFiles(path), close: () => {} };
  if (/\.zip$/i.test(path)) return archiveFiles(path, name);
  return { name, files: [{ name, bytes: found.size, open: async () => createReadStream(path) }], close: () => {} };
}

export function refusedRelease(name: string, reason: string): Problem {
  return new Problem('import-refused', { name, reason });
}

/** The one file whose name fits. @throws {Problem} `import-refused` where none or several do */
export function theFile({ name, files }: ReleaseFiles, pattern: RegExp, what: string): ReleaseFile {
  const fitting = files.filter((file) => pattern.test(file.name));
  if (fitting.length === 1) return fitting[0]!;
  throw refusedRelease(name, fitting.length === 0 ? `${what} is missing` : `${what} is there ${fitting.length} times`);
}

/** Tells a release from another of the same name: names, sizes and the beginning of each file. */
export async function fingerprint(files: readonly ReleaseFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(JSON.stringify([file.name, file.bytes]));
    const stream = await file.open();
    let left = 65_536;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) break;
    }
    stream.destroy();
  }
  return hash.digest('hex').slice(0, 16);
}

async function folderFiles(folder: string): Promise<ReleaseFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  // What a symbolic link leads to is no part of the release.
  const regular = entries.filter((entry) => entry.isFile());
  if (regular.length > mostFiles) throw refusedRelease(basename(folder), `it has more than ${mostFiles} files`);
  return Promise.all(regular.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const { size } = await stat(path);
    return { name: relative(folder, path).split(sep).join('/'), bytes: size, open: async () => createReadStream(path) };
  }));
}

async function archiveFiles(path: string, name: string): Promise<ReleaseFiles> {
  const unreadable = (cause: unknown): Problem => new Problem('import-refused', { name, reason: 'it is no zip archive, or is damaged' }, undefined, { cause });
  const archive = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, opened) => { if (error) reject(unreadable(error)); else resolve(opened); });
  });
  const files: ReleaseFile[] = [];
  await new Promise<void>((resolve, reject) => {
    archive.on('error', (error) => { reject(unreadable(error)); });
    archive.on('end', resolve);
    archive.on('entry', (entry: yauzl.Entry) => {
      if (files.length >= mostFiles) {
        reject(refusedRelease(name, `it has more than ${mostFiles} files`));
        return;
      }
      if (!entry.fileName.endsWith('/')) files.push({ name: entry.fileName, bytes: entry.uncompressedSize, open: () => openEntry(archive, entry, unreadable) });
      archive.readEntry();
    });
    archive.readEntry();
  }).catch((error: unknown) => {
    archive.close();
    throw error;
  });
  return { name, files, close: () => { archive.close(); } };
}

function openEntry(archive: yauzl.ZipFile, entry: yauzl.Entry, unreadable: (cause: unknown) => Problem): Promise<Readable> {
  if (!entry.canDecodeFileData()) throw unreadable(undefined);
  return new Promise((resolve, reject) => {
    archive.openReadStream(entry, (error, stream) => {
      if (error) reject(unreadable(error));
      // A failure is heard from the last of the two, which whoever reads has.
      else resolve(pipeline(stream, checked(entry.crc32, unreadable), () => {}));
    });
  });
}

/** Passes everything on, and fails in the end where its sum is not the one that the archive has. */
function checked(wanted: number, unreadable: (cause: unknown) => Problem): Transform {
  let sum = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      done(sum === wanted ? null : unreadable(undefined));
    },
  });
}
