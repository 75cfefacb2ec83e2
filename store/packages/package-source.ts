/**
 * Where a package is read from: an archive file, or a folder in which one was unpacked. It can be read more than once, and
 * has a hash, so that the same is not installed twice.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Problem } from '../../fhir/problems.ts';
import { defaultLimits, type PackageLimits } from '../../profiles/packages/limits.ts';
import type { PackageManifest } from '../../profiles/packages/manifest.ts';
import { folderParts, packageParts, type PackagePart } from '../../profiles/packages/package-reader.ts';

export interface PackageSource {
  /** For people. */
  readonly name: string;
  /** @throws {Problem} `unusable-package`, `package-too-large` */
  parts(): AsyncIterable<PackagePart>;
  sha256(): Promise<Buffer>;
}

/** @throws {Problem} `package-not-found` where there is neither file nor folder */
export async function openPackage(path: string, limits: PackageLimits = defaultLimits): Promise<PackageSource> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() === true) return archive(path, limits);
  if (found?.isDirectory() === true) return folder(path, limits);
  throw new Problem('package-not-found', { package: basename(path), reason: 'there is no file or folder of that name' });
}

function archive(path: string, limits: PackageLimits): PackageSource {
  return {
    name: basename(path),
    parts: () => packageParts(createReadStream(path), limits),
    async sha256() {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
      return hash.digest();
    },
  };
}

function folder(path: string, limits: PackageLimits): PackageSource {
  return {
    name: basename(path),
    parts: () => folderParts(filesOf(path, limits)),
    async sha256() {
      const hash = createHash('sha256');
      for await (const { path: name, bytes } of filesOf(path, limits)) hash.update(`${name}\0${bytes.byteLength}\0`).update(bytes);
      return hash.digest();
    },
  };
}

/** JSON files of the folder `package` in it, or of the folder itself. Links are not followed. */
async function* filesOf(path: string, limits: PackageLimits): AsyncGenerator<{ path: string; bytes: Uint8Array }> {
  const inner = join(path, 'package');
  const home = (await lstat(inner).catch(() => undefined))?.isDirectory() === true ? inner : path;
  const names = (await readdir(home)).filter((name) => name.endsWith('.json') && !name.startsWith('.')).toSorted();
  if (names.length > limits.entries) throw new Problem('package-too-large', { what: 'the number of files', limit: limits.entries });
  let sum = 0;
  // The manifest first, as archives have it.
  for (const name of names.toSorted((a, b) => Number(b === 'package.json') - Number(a === 'package.json'))) {
    const found = await lstat(join(home, name));
    if (!found.isFile()) continue;
    sum += found.size;
    if (found.size > limits.file) throw new Problem('package-too-large', { what: 'a file in the folder', limit: limits.file });
    if (sum > limits.unpacked) throw new Problem('package-too-large', { what: 'what is in the folder', limit: limits.unpacked });
    yield { path: `package/${name}`, bytes: await readFile(join(home, name)) };
  }
}

/** @throws {Problem} `unusable-package` where there is none */
export async function manifestOf(source: PackageSource): Promise<PackageManifest> {
  for await (const part of source.parts()) if (part.kind === 'manifest') return part.manifest;
  throw new Problem('unusable-package', { reason: 'it has no package/package.json' });
}
