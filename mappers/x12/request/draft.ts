/** The Bundle while it is built: entries in order, each found by a name-based fullUrl, and the recorder of sources. */
import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../../fhir/ids.ts';
import type { X12Issue } from '../issue.ts';
import type { NameLoop } from './levels.ts';
import type { Segment } from '../segment.ts';
import { Recorder, type SegmentReader } from './recorder.ts';

/** Separates this room's names from those of others. */
const NAMESPACE = 'priora:x12:278';

/** The UUID URN of business keys: same keys, same URN. */
export function urnOf(...keys: readonly string[]): string {
  return `urn:uuid:${nameBasedUuid(NAMESPACE, JSON.stringify(keys))}`;
}

export class Draft {
  readonly recorder = new Recorder();
  readonly issues: X12Issue[] = [];
  readonly #entries = new Map<string, Resource>();

  /** Adds a resource once; a second one with the same fullUrl is the same resource. */
  add<R extends Resource>(fullUrl: string, resource: R): R {
    if (!this.#entries.has(fullUrl)) this.#entries.set(fullUrl, resource);
    return resource;
  }

  has(fullUrl: string): boolean {
    return this.#entries.has(fullUrl);
  }

  isOrganization(fullUrl: string): boolean {
    return this.#entries.get(fullUrl)?.resourceType === 'Organization';
  }

  /** Entries with the given one first, the others as they were added. */
  entries(first: string): BundleEntry[] {
    const others = [...this.#entries].filter(([fullUrl]) => fullUrl !== first);
    return [[first, this.#entries.get(first)!] as const, ...others].map(([fullUrl, resource]) => ({ fullUrl, resource }));
  }

  /** Readers of the segments with an identifier in a nested loop. */
  readers(loop: NameLoop, id: string, fullUrl: string): SegmentReader[] {
    return segmentsOf(loop.segments, id).map((segment) => this.recorder.reader(loop.id, segment, fullUrl));
  }

  warn(code: string, text: string, loop: string, segment?: Segment): void {
    this.issues.push({ severity: 'warning', code, text, location: { loop, ...(segment === undefined ? {} : { segment: segment.id, position: segment.position }) } });
  }
}

/** The segments with an identifier. */
export function segmentsOf(segments: readonly Segment[], id: string): Segment[] {
  return segments.filter((segment) => segment.id === id);
}
