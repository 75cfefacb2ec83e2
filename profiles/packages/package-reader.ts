/**
 * A FHIR package as its manifest and its definitions, one at a time. Only JSON files right in the folder `package` are
 * read: `.index.json` says nothing that the files do not say themselves, and examples are no definitions.
 * Source: https://hl7.org/fhir/packages.html
 */
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { objectOf, textOf, type JsonObject } from '../distill/json-parts.ts';
import { archiveFiles, type ArchiveFile } from './archive.ts';
import { defaultLimits, type PackageLimits } from './limits.ts';
import { readManifest, type PackageManifest } from './manifest.ts';

/** A package in memory, whole. */
export interface FhirPackage extends PackageManifest {
  readonly resources: readonly JsonObject[];
}

export type PackagePart = { readonly kind: 'manifest'; readonly manifest: PackageManifest } | { readonly kind: 'resource'; readonly resource: JsonObject; readonly text: string; readonly path: string };

const definitionFile = /^package\/(?!\.)[^/]+\.json$/;
const exampleFile = /^package\/example\/(?!\.)[^/]+\.json$/;

/** @throws {Problem} `unusable-package`, `package-too-large` */
export function packageParts(archive: AsyncIterable<Uint8Array>, limits: PackageLimits = defaultLimits): AsyncGenerator<PackagePart> {
  return folderParts(archiveFiles(archive, (name) => definitionFile.test(name), limits));
}

/**
 * The same of files that stand on their own.
 * @param files by their paths in a package
 * @throws {Problem} `unusable-package`
 */
export async function* folderParts(files: AsyncIterable<ArchiveFile>): AsyncGenerator<PackagePart> {
  let manifests = 0;
  for await (const { path, bytes } of files) {
    const { content, text } = parse(bytes);
    if (path === 'package/package.json') {
      if (++manifests > 1) throw new Problem('unusable-package', { reason: 'it has two package.json' });
      yield { kind: 'manifest', manifest: readManifest(content) };
      continue;
    }
    const resource = objectOf(content);
    if (resource !== undefined && textOf(resource['resourceType']) !== undefined) yield { kind: 'resource', resource, text, path };
  }
  if (manifests === 0) throw new Problem('unusable-package', { reason: 'it has no package/package.json' });
}

/** All of a package at once: for tools and tests. What is installed is read part by part. */
export async function readPackage(archive: AsyncIterable<Uint8Array>, limits: PackageLimits = defaultLimits): Promise<FhirPackage> {
  const resources: JsonObject[] = [];
  let manifest: PackageManifest | undefined;
  for await (const part of packageParts(archive, limits)) {
    if (part.kind === 'manifest') manifest = part.manifest;
    else resources.push(part.resource);
  }
  return { ...manifest!, resources };
}

/** The examples that a package brings, by file name. */
export async function readExamples(archive: AsyncIterable<Uint8Array>, limits: PackageLimits = defaultLimits): Promise<ReadonlyMap<string, JsonObject>> {
  const examples = new Map<string, JsonObject>();
  for await (const { path, bytes } of archiveFiles(archive, (name) => exampleFile.test(name), limits)) {
    const resource = objectOf(parse(bytes).content);
    if (resource !== undefined) examples.set(path.slice(path.lastIndexOf('/') + 1), resource);
  }
  return examples;
}

function parse(bytes: Uint8Array): { readonly content: unknown; readonly text: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { content: parseJson(text), text };
  } catch (error) {
    const reason = error instanceof Problem && error.code === 'too-deep' ? 'a file in it is nested too deep' : 'a file in it is not well-formed JSON in UTF-8';
    throw new Problem('unusable-package', { reason }, undefined, { cause: error });
  }
}
