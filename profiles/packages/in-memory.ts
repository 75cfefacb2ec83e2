/**
 * Definitions of packages that are in memory, distilled when they are first asked for. For tools, tests and the script
 * that makes the shipped tables; a server's definitions come from its store.
 */
import { distillCodeSystem, distillValueSet } from '../distill/codes.ts';
import { textOf, type JsonObject } from '../distill/json-parts.ts';
import type { DistillSource } from '../distill/source.ts';
import { distillStructure } from '../distill/structure.ts';
import { withSnapshot } from '../snapshot/generate.ts';
import { CanonicalIndex } from './canonical-index.ts';
import { pinIn } from './closure.ts';
import { labelOf } from './manifest.ts';
import type { FhirPackage } from './package-reader.ts';
import { once, TableIndex, typeDefined } from './table-index.ts';

/**
 * @param packages several versions of one may be there side by side
 * @param prose whether texts of constraints are kept
 */
export function definitionsOf(packages: readonly FhirPackage[], prose: DistillSource['prose'] = 'kept'): TableIndex {
  const index = new TableIndex();
  const structures = new CanonicalIndex<JsonObject>();
  const known = packages.map((content) => ({ ...content, versions: versionsOf(content.resources) }));
  for (const content of known) {
    let pin: ((canonical: string) => string) | undefined;
    const source: DistillSource = { from: labelOf(content), prose, pin: (canonical) => (pin ??= pinIn(content, known))(canonical) };
    const find = (canonical: string): JsonObject | undefined => structures.find(source.pin(canonical));
    for (const resource of content.resources) {
      const url = textOf(resource['url']);
      if (url === undefined) continue;
      const version = textOf(resource['version']) ?? '';
      if (resource['resourceType'] === 'ValueSet') index.addValueSet(url, version, once(() => distillValueSet(resource, source)));
      else if (resource['resourceType'] === 'CodeSystem') index.addCodeSystem(url, version, once(() => distillCodeSystem(resource, source)));
      else if (resource['resourceType'] === 'StructureDefinition') {
        structures.add(url, version, resource);
        index.addStructure(url, version, once(() => distillStructure(withSnapshot(resource, find), source)), typeDefined(resource));
      }
    }
  }
  return index;
}

/** Canonical to version, of all that a package defines. */
export function versionsOf(resources: readonly JsonObject[]): ReadonlyMap<string, string> {
  return new Map(resources.flatMap((resource) => {
    const url = textOf(resource['url']);
    return url === undefined ? [] : [[url, textOf(resource['version']) ?? ''] as const];
  }));
}
