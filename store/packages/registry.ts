/**
 * A FHIR package registry: which versions there are of a package, and its archive.
 * Source: https://hl7.org/fhir/packages.html, https://registry.fhir.org/learn (the npm protocol, reduced)
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Problem } from '../../fhir/problems.ts';
import { objectOf } from '../../profiles/distill/json-parts.ts';
import { defaultLimits, type PackageLimits } from '../../profiles/packages/limits.ts';
import { isPackageName, isPackageVersion } from '../../profiles/packages/manifest.ts';
import { chooseVersion } from '../../profiles/packages/versions.ts';
import { openPackage, type PackageSource } from './package-source.ts';

/** Of a list of versions. */
const mostListBytes = 8 * 1024 * 1024;
/** Until a registry answers, and until an archive is there, in milliseconds. */
const patience = { answer: 30_000, archive: 600_000 };

export interface Registry {
  /** @throws {Problem} `package-not-found`: no such package or version, or no answer */
  resolve(name: string, wanted: string | undefined): Promise<string>;
  /** The archive, fetched to a file that is removed in the end. @throws {Problem} `package-not-found`, `package-too-large`, and what `work` throws */
  withArchive<T>(name: string, version: string, work: (source: PackageSource) => Promise<T>): Promise<T>;
}

/** @param base address of the registry, as `https://packages.fhir.org` */
export function openRegistry(base: string, limits: PackageLimits = defaultLimits): Registry {
  const address = (...steps: readonly string[]): URL => new URL([base.replace(/\/+$/, ''), ...steps.map(encodeURIComponent)].join('/'));
  return {
    async resolve(name, wanted) {
      const label = wanted === undefined ? name : `${name}#${wanted}`;
      if (!isPackageName(name) || (wanted !== undefined && !isPackageVersion(wanted))) throw new Problem('package-not-found', { package: 'of this name', reason: 'a name and a version have letters, digits, dots and dashes' });
      const response = await ask(address(name), label, patience.answer);
      const versions = Object.keys(objectOf(objectOf(await readList(response, label))?.['versions']) ?? {}).filter(isPackageVersion);
      const chosen = chooseVersion(versions, wanted);
      if (chosen === undefined) throw new Problem('package-not-found', { package: label, reason: 'the registry has no such version' });
      return chosen;
    },
    withArchive: (name, version, work) => withDownload(address(name, version), `${name}#${version}`, limits, work),
  };
}

/**
 * An archive at an address, fetched to a file that is removed in the end.
 * @throws {Problem} `package-not-found`, `package-too-large`, and what `work` throws
 */
export async function withDownload<T>(address: URL, label: string, limits: PackageLimits, work: (source: PackageSource) => Promise<T>): Promise<T> {
  const response = await ask(address, label, patience.archive);
  const folder = await mkdtemp(join(tmpdir(), 'priora-package-'));
  try {
    const file = join(folder, 'package.tgz');
    await pipeline(bodyOf(response), (chunks: AsyncIterable<Uint8Array>) => bounded(chunks, limits.compressed), createWriteStream(file, { mode: 0o600 })).catch((error: unknown) => { throw error instanceof Problem ? error : silent(label, error); });
    const source = await openPackage(file, limits);
    return await work({ ...source, name: label });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(address: URL, label: string, milliseconds: number): Promise<Response> {
  if (address.protocol !== 'https:' && address.protocol !== 'http:') throw new Problem('package-not-found', { package: label, reason: 'only http and https addresses are fetched' });
  const response = await fetch(address, { signal: AbortSignal.timeout(milliseconds) }).catch((error: unknown) => { throw silent(label, error); });
  if (response.ok) return response;
  await response.body?.cancel();
  throw new Problem('package-not-found', { package: label, reason: response.status === 404 ? 'the registry does not have it' : `the registry answers ${response.status}` });
}

async function readList(response: Response, label: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of bounded(bodyOf(response), mostListBytes)) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new Problem('package-not-found', { package: label, reason: 'the registry gives no list of versions' }, undefined, { cause: error });
  }
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
}

async function* bounded(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of chunks) {
    sum += chunk.byteLength;
    if (sum > limit) throw new Problem('package-too-large', { what: 'the archive', limit });
    yield chunk;
  }
}

function silent(label: string, cause: unknown): Problem {
  return new Problem('package-not-found', { package: label, reason: 'the registry does not answer' }, undefined, { cause });
}
