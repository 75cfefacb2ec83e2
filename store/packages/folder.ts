/** A folder of packages (archives, and folders in which one was unpacked), each installed with what it needs of the others. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../fhir/problems.ts';
import type { PackageLimits } from '../../profiles/packages/limits.ts';
import { labelOf, type PackageManifest } from '../../profiles/packages/manifest.ts';
import { chooseVersion } from '../../profiles/packages/versions.ts';
import { addPackage, type AddOptions } from './add.ts';
import { manifestOf, openPackage, type PackageSource } from './package-source.ts';
import type { Registry } from './registry.ts';

interface Found {
  readonly source: PackageSource;
  readonly manifest: PackageManifest;
}

export interface FolderOptions extends Omit<AddOptions, 'registry'> {
  readonly limits: PackageLimits;
  /** Told of what is in the folder and is no package that could be installed. */
  readonly onRefused: (name: string, problem: Problem) => void;
}

/** @throws {Problem} `package-not-found` where there is no such folder */
export async function addFolder(path: string, options: FolderOptions): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => { throw new Problem('package-not-found', { package: 'folder', reason: 'there is no folder of that name that can be read' }, undefined, { cause: error }); });
  const found: Found[] = [];
  for (const name of names.filter((one) => !one.startsWith('.')).toSorted()) {
    await telling(name, options, async () => {
      const source = await openPackage(join(path, name), options.limits);
      found.push({ source, manifest: await manifestOf(source) });
    });
  }
  const registry = registryOf(found);
  const done = new Set<string>();
  const onInstalled: AddOptions['onInstalled'] = (installed) => {
    done.add(labelOf(installed.manifest));
    options.onInstalled(installed);
  };
  for (const { source, manifest } of found) {
    if (!done.has(labelOf(manifest))) await telling(source.name, options, () => addPackage(source, { ...options, registry, onInstalled }));
  }
}

async function telling(name: string, { onRefused }: FolderOptions, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    onRefused(name, error);
  }
}

function registryOf(found: readonly Found[]): Registry {
  return {
    async resolve(name, wanted) {
      const version = chooseVersion(found.filter(({ manifest }) => manifest.name === name).map(({ manifest }) => manifest.version), wanted);
      if (version === undefined) throw new Problem('package-not-found', { package: wanted === undefined ? name : labelOf({ name, version: wanted }), reason: 'it is neither installed nor in the folder' });
      return version;
    },
    withArchive: (name, version, work) => work(found.find(({ manifest }) => manifest.name === name && manifest.version === version)!.source),
  };
}
