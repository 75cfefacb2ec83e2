/**
 * What references lead to inside of a Bundle, looked up when the first one is followed.
 * Source: https://hl7.org/fhir/R4/bundle.html#references
 */
import { indexBundle, type BundleIndex, type IndexedEntry } from '../../fhir/references.ts';
import { isObject, type JsonObject } from './check.ts';

export class BundleScope {
  readonly #bundle: JsonObject;
  #index: BundleIndex | undefined;
  #entries: Map<object, IndexedEntry> | undefined;

  constructor(bundle: JsonObject) {
    this.#bundle = bundle;
  }

  /** @param from the resource of an entry that the reference stands in */
  resolve(reference: string, from: object): JsonObject | undefined {
    this.#index ??= indexBundle({ resourceType: 'Bundle', entry: entriesOf(this.#bundle) } as unknown as Parameters<typeof indexBundle>[0]);
    this.#entries ??= new Map(this.#index.entries.map((entry) => [entry.resource, entry]));
    return this.#index.resolve(reference, this.#entries.get(from))?.resource as JsonObject | undefined;
  }
}

function entriesOf(bundle: JsonObject): readonly unknown[] {
  const { entry } = bundle;
  return Array.isArray(entry) ? entry.filter(isObject) : [];
}
