/**
 * What a canonical without a version means in a package: the definition that the package itself has, or the nearest of
 * those that it depends on.
 */
import { chooseVersion } from './versions.ts';
import { labelOf, type PackageManifest } from './manifest.ts';

/** A package as pinning sees it. */
export interface PinnedPackage extends PackageManifest {
  /** Canonical of each definition that it has, with its version. */
  readonly versions: ReadonlyMap<string, string>;
}

export const corePackage = 'hl7.fhir.r4.core';

/**
 * @param known packages that are at hand; a dependency that is not among them is passed over
 * @returns a function that pins; what nothing in the closure defines stays as it is and means the newest
 */
export function pinIn(own: PinnedPackage, known: readonly PinnedPackage[]): (canonical: string) => string {
  const closure = closureOf(own, known);
  return (canonical) => {
    if (canonical === '' || canonical.includes('|') || canonical.startsWith('#')) return canonical;
    for (const candidate of closure) {
      const version = candidate.versions.get(canonical);
      if (version === undefined) continue;
      // Core has copies, years old, of what terminology.hl7.org goes on publishing; what depends on more than core means that.
      if (candidate.name === corePackage && own.name !== corePackage && canonical.startsWith('http://terminology.hl7.org/')) return canonical;
      return version === '' ? canonical : `${canonical}|${version}`;
    }
    return canonical;
  };
}

/** The package, what it depends on, what that depends on, …; core last, and for all. */
export function closureOf<P extends PackageManifest>(own: P, known: readonly P[]): readonly P[] {
  const found = new Map<string, P>([[labelOf(own), own]]);
  // The map grows while it is walked: breadth first.
  for (const { dependencies } of found.values()) {
    for (const [name, wanted] of Object.entries(dependencies)) {
      if (name === corePackage) continue;
      const dependency = choosePackage(known, name, wanted);
      if (dependency !== undefined && !found.has(labelOf(dependency))) found.set(labelOf(dependency), dependency);
    }
  }
  const core = choosePackage(known, corePackage, own.dependencies[corePackage]);
  if (core !== undefined) found.set(labelOf(core), core);
  return [...found.values()];
}

function choosePackage<P extends PackageManifest>(known: readonly P[], name: string, wanted: string | undefined): P | undefined {
  const candidates = known.filter((candidate) => candidate.name === name);
  const version = chooseVersion(candidates.map((candidate) => candidate.version), wanted);
  return candidates.find((candidate) => candidate.version === version);
}
