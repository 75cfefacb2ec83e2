/**
 * The files of a package archive (`.tgz`), one after the other, as it streams in. Nothing is written anywhere by the
 * names in the archive, and names that could lead out of it make the whole archive suspect: it is refused.
 * Source: https://hl7.org/fhir/packages.html ("package format")
 */
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Entry } from 'tar-stream';
import { Problem } from '../../fhir/problems.ts';
import { defaultLimits, type PackageLimits } from './limits.ts';

export interface ArchiveFile {
  /** As `package/StructureDefinition-us-core-patient.json`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Headers beyond this are no names of files: tar may announce gigabytes of them, which would be held in memory. */
const mostHeaderBytes = 1024 * 1024;

/**
 * @param wanted which files are read; the others pass by
 * @throws {Problem} `unusable-package`, `package-too-large`
 */
export async function* archiveFiles(source: AsyncIterable<Uint8Array>, wanted: (path: string) => boolean, limits: PackageLimits = defaultLimits): AsyncGenerator<ArchiveFile> {
  const archive = extract();
  const flow = new Flow(limits);
  const feeding = pipeline(source, (chunks: AsyncIterable<Uint8Array>) => flow.compressed(chunks), createGunzip(), (chunks: AsyncIterable<Uint8Array>) => flow.unpacked(chunks), archive);
  // Its failure destroys the archive, so it is met below; without a reader of its own it would end the process.
  feeding.catch(() => undefined);
  let entries = 0;
  try {
    for await (const entry of archive) {
      if (++entries > limits.entries) throw tooLarge('the number of files', limits.entries);
      refuseSuspicious(entry);
      flow.entry(entry.header.size ?? 0);
      const path = entry.header.name.replace(/^\.\//, '');
      if (isFile(entry) && wanted(path)) yield { path, bytes: await bytesOf(entry, limits) };
      else entry.resume();
    }
    await feeding;
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('unusable-package', { reason: 'it is not a tar archive compressed by gzip, or it is damaged' }, undefined, { cause: error });
  } finally {
    archive.destroy();
    await feeding.catch(() => undefined);
  }
}

/** Counts what flows in, before it is held anywhere. */
class Flow {
  readonly #limits: PackageLimits;
  #compressed = 0;
  #unpacked = 0;
  /** Up to where the entries that were met explain what was read. */
  #explained = 0;

  constructor(limits: PackageLimits) {
    this.#limits = limits;
  }

  async *compressed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#compressed += chunk.byteLength;
      if (this.#compressed > this.#limits.compressed) throw tooLarge('the archive', this.#limits.compressed);
      yield chunk;
    }
  }

  async *unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#unpacked += chunk.byteLength;
      if (this.#unpacked > this.#limits.unpacked) throw tooLarge('what is in the archive', this.#limits.unpacked);
      if (this.#unpacked > this.#explained + mostHeaderBytes) throw new Problem('unusable-package', { reason: 'its headers are larger than names of files can be' });
      yield chunk;
    }
  }

  entry(size: number): void {
    // Read may be less than what is explained, for an entry is met before its content.
    this.#explained = Math.max(this.#explained, this.#unpacked) + size;
  }
}

function isFile({ header }: Entry): boolean {
  return header.type === 'file' || header.type === 'contiguous-file' || header.type === undefined || header.type === null;
}

function refuseSuspicious(entry: Entry): void {
  const { name, type } = entry.header;
  if (!isFile(entry) && type !== 'directory') throw new Problem('unusable-package', { reason: 'it has a link or a device among its files' });
  if (name.startsWith('/') || /^[a-z]:/i.test(name) || /[\\\0]/.test(name) || name.split('/').includes('..')) {
    throw new Problem('unusable-package', { reason: 'it has a file whose name leads out of the package' });
  }
}

async function bytesOf(entry: Entry, limits: PackageLimits): Promise<Uint8Array> {
  if ((entry.header.size ?? 0) > limits.file) throw tooLarge('a file in the archive', limits.file);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function tooLarge(what: string, limit: number): Problem {
  return new Problem('package-too-large', { what, limit });
}
