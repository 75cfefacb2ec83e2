/**
 * Adding a package with what it depends on: dependencies first, each once, in the version that is asked for. What is
 * installed already, or ships with the server, is not fetched.
 */
import { Problem } from '../../fhir/problems.ts';
import { labelOf, type PackageManifest } from '../../profiles/packages/manifest.ts';
import type { Shipped } from '../../profiles/packages/shipped.ts';
import { chooseVersion } from '../../profiles/packages/versions.ts';
import type { Database } from '../database.ts';
import { readInstalled } from './definitions.ts';
import { installPackage, type Installed } from './install.ts';
import { installedPackages } from './list.ts';
import { manifestOf, type PackageSource } from './package-source.ts';
import type { Registry } from './registry.ts';

/** Packages that one may bring along. */
const mostPackages = 60;

export interface AddOptions {
  readonly database: Database;
  readonly shipped: Shipped;
  /** Where dependencies come from; without one they are told of and left out. */
  readonly registry?: Registry;
  readonly now: () => Date;
  /** Told of each package when it is there. */
  readonly onInstalled: (installed: Installed) => void;
  /** Told of each dependency that is not there and does not come. */
  readonly onMissing: (missing: { readonly name: string; readonly version: string; readonly by: string; readonly reason: string }) => void;
}

/** @throws {Problem} `unusable-package`, `package-too-large` */
export async function addPackage(source: PackageSource, options: AddOptions): Promise<void> {
  await addWith(source, options, new Set());
}

async function addWith(source: PackageSource, options: AddOptions, seen: Set<string>): Promise<void> {
  const manifest = await manifestOf(source);
  seen.add(labelOf(manifest));
  for (const [name, wanted] of Object.entries(manifest.dependencies)) await addDependency(name, wanted, manifest, options, seen);
  const { database, shipped, now, onInstalled } = options;
  onInstalled(await installPackage(database, source, (connection) => readInstalled(connection, shipped), now()));
}

async function addDependency(name: string, wanted: string, by: PackageManifest, options: AddOptions, seen: Set<string>): Promise<void> {
  const { database, shipped, registry, onMissing } = options;
  const there = [...shipped.packages, ...await installedPackages(database)].filter((one) => one.name === name).map(({ version }) => version);
  if (chooseVersion(there, wanted) !== undefined) return;
  const missing = (reason: string): void => onMissing({ name, version: wanted, by: labelOf(by), reason });
  if (registry === undefined) {
    missing('it is not installed');
    return;
  }
  try {
    const version = await registry.resolve(name, wanted);
    // Packages may depend on each other in a circle.
    if (seen.has(labelOf({ name, version }))) return;
    if (seen.size >= mostPackages) {
      missing(`more than ${mostPackages} packages would come along`);
      return;
    }
    seen.add(labelOf({ name, version }));
    await registry.withArchive(name, version, async (source) => {
      if (labelOf(await manifestOf(source)) !== labelOf({ name, version })) throw new Problem('unusable-package', { reason: 'it is another one than the registry says' });
      await addWith(source, options, seen);
    });
  } catch (error) {
    // A guide is of use without one of the many that it names.
    if (!(error instanceof Problem)) throw error;
    missing(error.message);
  }
}
