/** Which definitions a resource names: profiles that it and the resources inside of it claim. */
import { isObject } from '../inputs.ts';

/** Resources within resources, as Bundles in Bundles. */
const deepest = 20;
/** More than any resource claims; a Bundle of thousands repeats the same. */
const most = 500;

/** Canonicals as they are written; of a Bundle, a Parameters and contained resources, those inside too. */
export function claimedProfiles(resource: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  collect(resource, found, 0);
  return found;
}

function collect(resource: unknown, found: Set<string>, depth: number): void {
  if (!isObject(resource) || depth > deepest || found.size >= most) return;
  const { meta, contained, entry, parameter } = resource;
  const claimed = isObject(meta) ? meta['profile'] : undefined;
  if (Array.isArray(claimed)) for (const canonical of claimed) if (typeof canonical === 'string') found.add(canonical);
  if (Array.isArray(contained)) for (const one of contained) collect(one, found, depth + 1);
  for (const list of [entry, parameter]) {
    if (!Array.isArray(list)) continue;
    for (const one of list) if (isObject(one)) collect(one['resource'], found, depth + 1);
  }
}
