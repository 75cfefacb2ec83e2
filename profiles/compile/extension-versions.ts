/**
 * Which version of an extension's definition is meant: an extension names its definition without a version, and the
 * profile that a resource claims says which one it was made with. What no profile says is the newest.
 */
import { remembered } from '../codes/remembered.ts';
import type { Definitions } from '../definitions.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import { isObject, own, type Library, type Session } from './check.ts';

/** Made once for each profile. */
export function extensionVersionsIn(definitions: Definitions): Library['extensionVersions'] {
  const known = new WeakMap<StructureTable, ReadonlyMap<string, string>>();
  return remembered((profile) => {
    const table = definitions.structure(profile);
    if (table === undefined) return undefined;
    let versions = known.get(table);
    if (versions === undefined) known.set(table, versions = versionsIn(table));
    return versions;
  });
}

function versionsIn({ elements }: StructureTable): ReadonlyMap<string, string> {
  return new Map(elements.flatMap(({ types = [] }) => types.flatMap(({ code, profiles = [] }) => code !== 'Extension' ? [] : profiles.flatMap((canonical) => {
    const bar = canonical.indexOf('|');
    return bar === -1 ? [] : [[canonical.slice(0, bar), canonical] as const];
  }))));
}

/** The definition that is meant by the url of an extension, in the resource that the session is at. */
export function meantByUrl(url: string, session: Session): string {
  const meta = own(session.resource, 'meta');
  const claimed = isObject(meta) ? own(meta, 'profile') : undefined;
  return versionBy(Array.isArray(claimed) ? claimed : [], url, session) ?? versionBy(session.options.profiles ?? [], url, session) ?? url;
}

function versionBy(profiles: readonly unknown[], url: string, { library }: Session): string | undefined {
  for (const profile of profiles) {
    const version = typeof profile === 'string' ? library.extensionVersions(profile)?.get(url) : undefined;
    if (version !== undefined) return version;
  }
  return undefined;
}
