/**
 * Which version of an extension's definition is meant: an extension names its definition without a version, and the
 * profile that a resource claims says which one it was made with. What no profile says is the newest.
 */
import { remembered } from '../codes/remembered.ts';
import type { Definitions } from '../definitions.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import type { ValidationOptions } from '../validation.ts';
import { isObject, own, type JsonObject, type Library } from './check.ts';

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

/** What the profiles say that a resource claims, and behind them those that the caller names; most say nothing. */
export function versionsFor(resource: JsonObject, options: ValidationOptions, library: Library): readonly ReadonlyMap<string, string>[] {
  const meta = own(resource, 'meta');
  const claimed = isObject(meta) ? own(meta, 'profile') : undefined;
  const profiles: readonly unknown[] = Array.isArray(claimed) ? [...claimed, ...options.profiles ?? []] : options.profiles ?? [];
  return profiles.flatMap((profile) => {
    const versions = typeof profile === 'string' ? library.extensionVersions(profile) : undefined;
    return versions === undefined || versions.size === 0 ? [] : [versions];
  });
}
