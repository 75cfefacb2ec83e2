/**
 * References: reading them, and resolving them inside a Bundle.
 * Source: FHIR R4, "Resolving references in Bundles" (https://hl7.org/fhir/R4/bundle.html#references).
 */
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';

/** `Type/id[/_history/version]`, as most references are written. */
const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
/** The same behind a base. Only one place in a text can match, so no base has to be tried and taken back. */
const tail = /\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const lineEnd = /[\n\r\u2028\u2029]/;

export interface LiteralReference {
  readonly base: string | undefined;
  readonly type: string;
  readonly id: string;
  readonly version: string | undefined;
}

/** Takes `Type/id` or an absolute form of it apart; undefined for anything else (urn:, `#contained`, canonical). */
export function readReference(reference: string): LiteralReference | undefined {
  const parts = relative.exec(reference);
  if (parts !== null) return { base: undefined, type: parts[1]!, id: parts[2]!, version: parts[3] };
  const behindBase = reference.includes('/') ? tail.exec(reference) : null;
  if (behindBase === null) return undefined;
  const base = reference.slice(0, behindBase.index);
  return lineEnd.test(base) ? undefined : { base, type: behindBase[1]!, id: behindBase[2]!, version: behindBase[3] };
}

export interface IndexedEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: Resource;
}

/** A Bundle with its entries findable by reference. */
export interface BundleIndex {
  readonly entries: readonly IndexedEntry[];
  /**
   * The entry that `reference`, written in the resource of `from`, means. Relative references follow the
   * base of `from`'s fullUrl, as the specification says; where that finds nothing, the only entry of that type
   * and id is taken, because older PAS dialects send fullUrls that are bare ids.
   */
  resolve(reference: string | undefined, from?: IndexedEntry): IndexedEntry | undefined;
}

export function indexBundle(bundle: Bundle): BundleIndex {
  const entries: IndexedEntry[] = [];
  const byFullUrl = new Map<string, IndexedEntry>();
  const byTypeAndId = new Map<string, IndexedEntry | null>();
  for (const [index, entry] of (bundle.entry ?? []).entries()) {
    if (!hasResource(entry)) continue;
    const indexed: IndexedEntry = { index, fullUrl: typeof entry.fullUrl === 'string' ? entry.fullUrl : undefined, resource: entry.resource };
    entries.push(indexed);
    if (indexed.fullUrl !== undefined && !byFullUrl.has(indexed.fullUrl)) byFullUrl.set(indexed.fullUrl, indexed);
    const id = entry.resource.id;
    if (typeof id === 'string') {
      const key = `${entry.resource.resourceType}/${id}`;
      byTypeAndId.set(key, byTypeAndId.has(key) ? null : indexed);
    }
  }

  const resolve = (reference: string | undefined, from?: IndexedEntry): IndexedEntry | undefined => {
    if (typeof reference !== 'string' || reference === '' || reference.startsWith('#')) return undefined;
    const exact = byFullUrl.get(reference);
    if (exact) return exact;
    const parts = readReference(reference);
    if (!parts) return undefined;
    const base = parts.base ?? readReference(from?.fullUrl ?? '')?.base;
    const absolute = base === undefined ? undefined : byFullUrl.get(`${base}/${parts.type}/${parts.id}`);
    if (absolute || parts.base !== undefined) return absolute;
    return byTypeAndId.get(`${parts.type}/${parts.id}`) ?? undefined;
  };
  return { entries, resolve };
}

function hasResource(entry: BundleEntry | null | undefined): entry is BundleEntry & { resource: Resource } {
  const resource: unknown = entry?.resource;
  return typeof resource === 'object' && resource !== null && 'resourceType' in resource && typeof resource.resourceType === 'string';
}

/** One `Reference.reference` met on a walk through a resource; `set` rewrites it in place. */
export interface FoundReference {
  readonly value: string;
  readonly expression: string;
  set(value: string): void;
}

/** Every literal reference in a resource, contained resources included, in document order. */
export function* referencesIn(resource: object, expression: string): Generator<FoundReference> {
  for (const [name, value] of Object.entries(resource)) {
    if (value === null || typeof value !== 'object') {
      if (name === 'reference' && typeof value === 'string') {
        yield { value, expression: `${expression}.reference`, set: (changed) => { (resource as Record<string, unknown>)['reference'] = changed; } };
      }
    } else if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) {
        if (element !== null && typeof element === 'object') yield* referencesIn(element as object, `${expression}.${name}[${index}]`);
      }
    } else {
      yield* referencesIn(value as object, `${expression}.${name}`);
    }
  }
}
