/**
 * The one place through which values of a request reach FHIR. Each reading notes where the value came from and where
 * it goes; what nobody read is the unmapped report.
 */
import type { LedgerEntry, Unmapped } from '../../ledger.ts';
import { elementName, isBlank, type Segment, valueAt } from '../segment.ts';
import { reasonFor } from './unmapped-reasons.ts';

/** Reads one segment into one resource. */
export interface SegmentReader {
  readonly segment: Segment;
  /** The value, trimmed, noted as the source of `path`; undefined where blank. */
  take(path: string, element: number, component?: number): string | undefined;
  /** The value of a qualifier: it decides the mapping and stands nowhere itself. */
  consult(element: number, component?: number): string;
}

export class Recorder {
  readonly #read = new Set<string>();
  #notes: { fullUrl: string; path: string; source: string; segment: number }[] = [];

  /** A reader of `segment`, which stands in `loop`, into the resource at `fullUrl`. */
  reader(loop: string, segment: Segment, fullUrl: string): SegmentReader {
    const key = (element: number, component: number): string => `${segment.position}|${element}|${component}`;
    return {
      segment,
      take: (path, element, component) => {
        const value = valueAt(segment, element, component).trim();
        if (value === '') return undefined;
        this.#read.add(key(element, component ?? 1));
        this.#notes.push({ fullUrl, path, source: `${loop}.${elementName(segment.id, element, component)}`, segment: segment.position });
        return value;
      },
      consult: (element, component) => {
        this.#read.add(key(element, component ?? 1));
        return valueAt(segment, element, component).trim();
      },
    };
  }

  /** What was noted of a resource that became another: by its new paths; what has no path stays read, and is told by what else was made of it. */
  repath(fullUrl: string, pathOf: (path: string) => string | undefined): void {
    this.#notes = this.#notes.flatMap((note) => {
      const path = note.fullUrl === fullUrl ? pathOf(note.path) : note.path;
      return path === undefined ? [] : [{ ...note, path }];
    });
  }

  /** The ledger, with each resource named by its place in the Bundle. */
  ledger(fullUrls: readonly string[]): LedgerEntry[] {
    const index = new Map(fullUrls.map((fullUrl, at) => [fullUrl, at]));
    return this.#notes.map(({ fullUrl, path, source, segment }) => {
      const at = index.get(fullUrl);
      // The rule is the element and what it becomes: `NM103/family`, `UM04-1/locationCodeableConcept`.
      const rule = `${source.slice(source.indexOf('.') + 1)}/${path.replace(/[.[(].*$/s, '')}`;
      return { path: at === undefined ? `Bundle.${path}` : `Bundle.entry[${at}].resource.${path}`, rule, source, segment };
    });
  }

  /** Every element of the segments that nobody has read. */
  unmapped(loop: string, segments: readonly Segment[], reasons: (loop: string, segmentId: string, element: number) => string = reasonFor): Unmapped[] {
    const found: Unmapped[] = [];
    for (const segment of segments) {
      for (const [index, element] of segment.elements.entries()) {
        if (isBlank(element)) continue;
        const components = element[0] ?? [];
        for (const [at, component] of components.entries()) {
          if (component.trim() === '' || this.#read.has(`${segment.position}|${index + 1}|${at + 1}`)) continue;
          const name = elementName(segment.id, index + 1, components.length > 1 ? at + 1 : undefined);
          found.push({ source: `${loop}.${name}`, segment: segment.position, reason: reasons(loop, segment.id, index + 1) });
        }
      }
    }
    return found;
  }
}
