/**
 * What references lead to inside of a Bundle, looked up when the first one is followed, each once for each base that
 * relative ones are read from.
 * Source: https://hl7.org/fhir/R4/bundle.html#references
 */
import { indexBundle, readReference, type BundleIndex, type IndexedEntry } from '../../fhir/references.ts';
import { isObject, type JsonObject } from './check.ts';

interface Origin {
  readonly entry: IndexedEntry | undefined;
  /** What was looked up from entries with the same base. */
  readonly known: Map<string, JsonObject | undefined>;
}

export class BundleScope {
  readonly #bundle: JsonObject;
  #index: BundleIndex | undefined;
  readonly #origins = new Map<object, Origin>();
  readonly #elsewhere: Origin = { entry: undefined, known: new Map() };

  constructor(bundle: JsonObject) {
    this.#bundle = bundle;
  }

  /** @param from the resource of an entry that the reference stands in */
  resolve(reference: string, from: object): JsonObject | undefined {
    const index = this.#index ??= this.#read();
    const { entry, known } = this.#origins.get(from) ?? this.#elsewhere;
    let target = known.get(reference);
    if (target === undefined && !known.has(reference)) {
      target = index.resolve(reference, entry)?.resource as JsonObject | undefined;
      known.set(reference, target);
    }
    return target;
  }

  #read(): BundleIndex {
    const { entry } = this.#bundle;
    const entries = Array.isArray(entry) ? entry.filter(isObject) : [];
    const index = indexBundle({ resourceType: 'Bundle', entry: entries } as unknown as Parameters<typeof indexBundle>[0]);
    const byBase = new Map<string, Origin['known']>();
    for (const indexed of index.entries) {
      const base = readReference(indexed.fullUrl ?? '')?.base ?? '';
      let known = byBase.get(base);
      if (known === undefined) byBase.set(base, known = new Map());
      this.#origins.set(indexed.resource, { entry: indexed, known });
    }
    return index;
  }
}
