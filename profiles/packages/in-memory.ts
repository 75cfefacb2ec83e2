/**
 * Definitions of packages that are in memory, distilled when they are first asked for. For tools, tests and the script
 * that makes the shipped tables; a server's definitions come from its store.
 */
import type { Definitions } from '../definitions.ts';
import { distillCodeSystem, distillValueSet } from '../distill/codes.ts';
import { textOf, type JsonObject } from '../distill/json-parts.ts';
import type { DistillSource } from '../distill/source.ts';
import { distillStructure } from '../distill/structure.ts';
import { withSnapshot } from '../snapshot/generate.ts';
import type { CodeSystemTable, ValueSetTable } from '../tables/code-tables.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import { CanonicalIndex } from './canonical-index.ts';
import { pinIn } from './closure.ts';
import { labelOf } from './manifest.ts';
import type { FhirPackage } from './package-reader.ts';

type Later<T> = () => T;

/**
 * @param packages several versions of one may be there side by side
 * @param prose whether texts of constraints are kept
 */
export function definitionsOf(packages: readonly FhirPackage[], prose: DistillSource['prose'] = 'kept'): Definitions {
  const structures = new CanonicalIndex<Later<StructureTable>>();
  const types = new Map<string, Later<StructureTable>>();
  const valueSets = new CanonicalIndex<Later<ValueSetTable>>();
  const codeSystems = new CanonicalIndex<Later<CodeSystemTable>>();
  const resources = new CanonicalIndex<JsonObject>();
  const pinned = packages.map((content) => ({ ...content, versions: versionsOf(content.resources) }));
  for (const content of pinned) {
    let pin: ((canonical: string) => string) | undefined;
    const source: DistillSource = { from: labelOf(content), prose, pin: (canonical) => (pin ??= pinIn(content, pinned))(canonical) };
    for (const resource of content.resources) {
      const url = textOf(resource['url']);
      if (url === undefined) continue;
      const version = textOf(resource['version']) ?? '';
      if (resource['resourceType'] === 'ValueSet') valueSets.add(url, version, once(() => distillValueSet(resource, source)));
      else if (resource['resourceType'] === 'CodeSystem') codeSystems.add(url, version, once(() => distillCodeSystem(resource, source)));
      else if (resource['resourceType'] === 'StructureDefinition') {
        resources.add(url, version, resource);
        const table = once(() => distillStructure(withSnapshot(resource, (canonical) => resources.find(source.pin(canonical))), source));
        structures.add(url, version, table);
        if (definesType(resource)) types.set(String(resource['type']), table);
      }
    }
  }
  return {
    structure: (canonical) => structures.find(canonical)?.(),
    type: (name) => types.get(name)?.(),
    valueSet: (canonical) => valueSets.find(canonical)?.(),
    codeSystem: (url) => codeSystems.find(url)?.(),
  };
}

/** Canonical to version, of all that a package defines. */
export function versionsOf(resources: readonly JsonObject[]): ReadonlyMap<string, string> {
  return new Map(resources.flatMap((resource) => {
    const url = textOf(resource['url']);
    return url === undefined ? [] : [[url, textOf(resource['version']) ?? ''] as const];
  }));
}

function definesType(resource: JsonObject): boolean {
  return resource['derivation'] !== 'constraint' && resource['kind'] !== 'logical' && resource['url'] === `http://hl7.org/fhir/StructureDefinition/${String(resource['type'])}`;
}

function once<T>(make: () => T): Later<T> {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
