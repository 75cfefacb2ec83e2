/** What a snapshot that was made here and the one that a package brings say differently, as tables. */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../../fhir/problems.ts';
import type { JsonObject } from '../../profiles/distill/json-parts.ts';
import type { DistillSource } from '../../profiles/distill/source.ts';
import { distillStructure } from '../../profiles/distill/structure.ts';
import { CanonicalIndex } from '../../profiles/packages/canonical-index.ts';
import { pinIn } from '../../profiles/packages/closure.ts';
import { versionsOf } from '../../profiles/packages/in-memory.ts';
import { labelOf } from '../../profiles/packages/manifest.ts';
import type { FhirPackage } from '../../profiles/packages/package-reader.ts';
import { regenerated } from '../../profiles/snapshot/generate.ts';
import type { ElementRow, StructureTable } from '../../profiles/tables/structure-table.ts';

export interface Comparison {
  /** As `hl7.fhir.us.core#7.0.0 us-core-patient`. */
  readonly profile: string;
  /** What differs: names of fields of rows, `missing row`, `extra row`, `order`, or why none could be made. */
  readonly differences: readonly string[];
}

/** All profiles of packages that bring a snapshot and a differential. */
export function compareSnapshots(packages: readonly FhirPackage[]): readonly Comparison[] {
  const known = packages.map((content) => ({ ...content, versions: versionsOf(content.resources) }));
  const definitions = new CanonicalIndex<JsonObject>();
  for (const { resources } of known) for (const resource of structures(resources)) definitions.add(String(resource['url']), String(resource['version']), resource);
  return known.flatMap((content) => {
    const pin = pinIn(content, known);
    const source: DistillSource = { from: labelOf(content), pin, prose: 'left-out' };
    const profiles = structures(content.resources).filter((resource) => resource['derivation'] === 'constraint' && resource['snapshot'] !== undefined);
    return profiles.map((resource): Comparison => ({ profile: `${labelOf(content)} ${String(resource['id'])}`, differences: differencesOf(resource, (canonical) => definitions.find(pin(canonical)), source) }));
  });
}

function structures(resources: readonly JsonObject[]): readonly JsonObject[] {
  return resources.filter((resource) => resource['resourceType'] === 'StructureDefinition');
}

function differencesOf(definition: JsonObject, find: (canonical: string) => JsonObject | undefined, source: DistillSource): readonly string[] {
  try {
    return [...between(distillStructure(regenerated(definition, find), source), distillStructure(definition, source))];
  } catch (error) {
    if (error instanceof Problem) return [error.issues[0].details['reason'] as string];
    throw error;
  }
}

function between(made: StructureTable, official: StructureTable): Set<string> {
  const differences = new Set<string>();
  const rows = new Map(made.elements.map((row) => [row.id, row]));
  for (const row of official.elements) {
    const ours = rows.get(row.id);
    if (ours === undefined) differences.add('missing row');
    else for (const name of fieldsThatDiffer(ours, row)) differences.add(name);
    rows.delete(row.id);
  }
  if (rows.size > 0) differences.add('extra row');
  if (differences.size === 0 && made.elements.some(({ id }, place) => id !== official.elements[place]!.id)) differences.add('order');
  return differences;
}

function fieldsThatDiffer(ours: ElementRow, official: ElementRow): readonly string[] {
  const names = new Set([...Object.keys(ours), ...Object.keys(official)]) as Set<keyof ElementRow>;
  return [...names].filter((name) => !isDeepStrictEqual(comparable(ours, name), comparable(official, name)));
}

function comparable(row: ElementRow, name: keyof ElementRow): unknown {
  // In which order constraints are listed means nothing.
  if (name === 'constraints') return row.constraints?.map(({ key }) => key).toSorted();
  // Newer publishers pin value sets of terminology.hl7.org and VSAC to versions in packages that are not here.
  if (name === 'binding') return JSON.stringify(row.binding)?.replace(/((?:terminology\.hl7\.org|cts\.nlm\.nih\.gov)[^|"]*)\|[^"]*/g, '$1');
  return row[name];
}
