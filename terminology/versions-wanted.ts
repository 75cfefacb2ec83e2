/** Which versions a request wants of code systems and value sets: the version parameters of $expand and $validate-code. */
import { TerminologyRefusal } from './issues.ts';
import { splitCanonical, type CodeSystemHead, type TerminologySource } from './source.ts';
import { compareDefinitions, latest, matchesVersion } from './versions.ts';

export interface WantedVersions {
  /** By url: what is meant where nothing is said. */
  readonly system: ReadonlyMap<string, string>;
  /** By url: what it must be. */
  readonly check: ReadonlyMap<string, string>;
  /** By url: what it is, whatever is said. */
  readonly force: ReadonlyMap<string, string>;
  /** By url, of value sets: what is meant where nothing is said. */
  readonly valueSet: ReadonlyMap<string, string>;
}

export const anyVersions: WantedVersions = { system: new Map(), check: new Map(), force: new Map(), valueSet: new Map() };

/** Whether anything is said of any version. */
export function areWanted({ system, check, force, valueSet }: WantedVersions): boolean {
  return system.size + check.size + force.size + valueSet.size > 0;
}

/** Of canonicals with versions, by their urls; those without say nothing. */
export function versionsByUrl(canonicals: readonly string[]): ReadonlyMap<string, string> {
  return new Map(canonicals.flatMap((canonical) => {
    const { url, version } = splitCanonical(canonical);
    return version === undefined ? [] : [[url, version] as const];
  }));
}

/** Which version of a code system is asked for; undefined where any will do. */
export function versionMeant(url: string, said: string | undefined, wanted: WantedVersions): string | undefined {
  return wanted.force.get(url) ?? said ?? wanted.system.get(url) ?? wanted.check.get(url);
}

/**
 * The version of a code system that is meant; undefined where it is not there.
 * @throws {TerminologyRefusal} `version-check`
 */
export function systemMeant(systems: readonly CodeSystemHead[], url: string, said: string | undefined, wanted: WantedVersions): CodeSystemHead | undefined {
  const found = latest(systems.filter(({ content }) => content !== 'supplement'), versionMeant(url, said, wanted));
  const check = wanted.check.get(url);
  if (found !== undefined && check !== undefined && !matchesVersion(found.version, check)) throw new TerminologyRefusal('version-check', { system: url, version: found.version, wanted: check });
  return found;
}

/** The versions of a code system whose concepts are here, from the earliest on. */
export async function versionsHere(url: string, source: TerminologySource): Promise<readonly string[]> {
  return (await source.codeSystems(url)).filter(({ content }) => content !== 'supplement' && content !== 'not-present').toSorted(compareDefinitions).map(({ version }) => version);
}
