/**
 * What of packages ships with the repository: the whole of some, and of the others only what those refer to. No prose,
 * no displays, no licensed codes.
 */
import { freeCodeSystem, freeValueSet, isFree } from '../distill/licensed.ts';
import { textOf, type JsonObject } from '../distill/json-parts.ts';
import type { CodeSystemTable, ValueSetTable } from '../tables/code-tables.ts';
import type { PackageTables } from '../tables/packed-tables.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import { corePackage } from './closure.ts';
import { definitionsOf } from './in-memory.ts';
import { labelOf } from './manifest.ts';
import type { FhirPackage } from './package-reader.ts';
import { referencesOfStructure, referencesOfValueSet } from './references.ts';
import type { TableIndex } from './table-index.ts';

/**
 * @param whole packages that ship whole, FHIR itself among them
 * @param parts packages of which only that ships which the others refer to
 * @returns the tables of each package, in the order given; always the same for the same packages
 */
export function shipmentOf(whole: readonly FhirPackage[], parts: readonly FhirPackage[]): readonly PackageTables[] {
  const packages = [...whole, ...parts];
  const chosen = choose(whole, definitionsOf(packages, 'left-out'));
  const systems = new Map(packages.flatMap(({ resources }) => resources).filter((resource) => resource['resourceType'] === 'CodeSystem').map((resource) => [String(resource['url']), textOf(resource['copyright'])]));
  const isFreeSystem = (system: string | undefined): boolean => isFree(system, systems.get(system ?? ''));
  return packages.map((content) => {
    const from = labelOf(content);
    const own = <T extends StructureTable | ValueSetTable | CodeSystemTable>(tables: ReadonlySet<T>): T[] => [...tables].filter((table) => table.from === from).toSorted(byCanonical);
    return {
      from,
      structures: own(chosen.structures),
      valueSets: own(chosen.valueSets).map((table) => freeValueSet(table, isFreeSystem)),
      codeSystems: own(chosen.codeSystems).map((table) => freeCodeSystem(table, systems.get(table.url))),
    };
  });
}

interface Chosen {
  readonly structures: Set<StructureTable>;
  readonly valueSets: Set<ValueSetTable>;
  readonly codeSystems: Set<CodeSystemTable>;
}

function choose(whole: readonly FhirPackage[], definitions: TableIndex): Chosen {
  const chosen: Chosen = { structures: new Set(), valueSets: new Set(), codeSystems: new Set() };
  const addValueSet = (canonical: string): void => {
    const table = definitions.valueSet(canonical);
    if (table === undefined || chosen.valueSets.has(table)) return;
    chosen.valueSets.add(table);
    const references = referencesOfValueSet(table);
    references.valueSets.forEach(addValueSet);
    references.codeSystems.forEach(addCodeSystem);
  };
  const addCodeSystem = (url: string): void => {
    const table = definitions.codeSystem(url);
    if (table !== undefined) chosen.codeSystems.add(table);
  };
  const waiting = whole.flatMap(({ resources }) => resources.filter(isShippedStructure).map(canonicalOf));
  for (let canonical = waiting.pop(); canonical !== undefined; canonical = waiting.pop()) {
    const table = definitions.structure(canonical);
    if (table === undefined || chosen.structures.has(table)) continue;
    chosen.structures.add(table);
    const references = referencesOfStructure(table);
    waiting.push(...references.structures);
    references.valueSets.forEach(addValueSet);
  }
  for (const { name, resources } of whole) {
    for (const resource of resources) {
      // Of the terminology of FHIR itself what its structures use; of a guide all.
      if (resource['resourceType'] === 'ValueSet' && name !== corePackage) addValueSet(canonicalOf(resource));
      // Whether a code is one of its system at all is asked of any coding.
      if (resource['resourceType'] === 'CodeSystem' && !isVersionOfTable(resource)) addCodeSystem(canonicalOf(resource));
    }
  }
  return chosen;
}

/** Definitions that validate nothing: logical models, and examples of how one could look. */
function isShippedStructure(resource: JsonObject): boolean {
  return resource['resourceType'] === 'StructureDefinition' && resource['kind'] !== 'logical' && !/\/StructureDefinition\/example-/.test(String(resource['url']));
}

/** Core has some tables of HL7 v2 once more for each version of v2 that changed them. */
function isVersionOfTable(resource: JsonObject): boolean {
  return String(resource['url']).includes('|');
}

function canonicalOf(resource: JsonObject): string {
  const version = textOf(resource['version']);
  return version === undefined ? String(resource['url']) : `${String(resource['url'])}|${version}`;
}

function byCanonical(a: StructureTable | ValueSetTable | CodeSystemTable, b: StructureTable | ValueSetTable | CodeSystemTable): number {
  const [left, right] = [`${a.url}|${a.version ?? ''}`, `${b.url}|${b.version ?? ''}`];
  return left < right ? -1 : Number(left > right);
}
