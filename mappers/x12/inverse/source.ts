/** The Bundle a message is written from: resolving references, and telling what X12 could not carry. */
import type { Bundle, Reference, Resource } from '@medplum/fhirtypes';
import { type BundleIndex, type IndexedEntry, indexBundle } from '../../../fhir/references.ts';
import type { X12Issue } from '../issue.ts';
import { isType } from '../shapes.ts';

export class Source {
  readonly issues: X12Issue[] = [];
  readonly #index: BundleIndex;

  constructor(bundle: Bundle) {
    this.#index = indexBundle(bundle);
  }

  get entries(): readonly IndexedEntry[] {
    return this.#index.entries;
  }

  /** The first entry of a type. */
  first(type: Resource['resourceType']): IndexedEntry | undefined {
    return this.#index.entries.find((entry) => entry.resource.resourceType === type);
  }

  /** The entry a reference means; one that is not in the Bundle is reported. */
  resolve(reference: Reference | undefined, from: IndexedEntry, what: string): IndexedEntry | undefined {
    if (reference?.reference === undefined) return undefined;
    const found = this.#index.resolve(reference.reference, from);
    if (found === undefined) this.warn('unresolved-reference', `The ${what} is not in the Bundle.`);
    return found;
  }

  /** The resource a reference means, when it is of the type. */
  resource<K extends Resource['resourceType']>(reference: Reference | undefined, from: IndexedEntry, type: K, what: string): Extract<Resource, { resourceType: K }> | undefined {
    const found = this.resolve(reference, from, what)?.resource;
    return isType(found, type) ? found : undefined;
  }

  warn(code: string, text: string): void {
    this.issues.push({ severity: 'warning', code, text });
  }

  error(code: string, text: string): void {
    this.issues.push({ severity: 'error', code, text });
  }
}
