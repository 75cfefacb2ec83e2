/** What a table refers to: whoever has it needs these too. */
import type { ValueSetPart, ValueSetTable } from '../tables/code-tables.ts';
import type { ElementRow, StructureTable, TypeRow } from '../tables/structure-table.ts';

export interface TableReferences {
  readonly structures: readonly string[];
  readonly valueSets: readonly string[];
  readonly codeSystems: readonly string[];
}

export function referencesOfStructure(table: StructureTable): TableReferences {
  const structures = new Set(table.base === undefined ? [] : [table.base]);
  const valueSets = new Set<string>();
  for (const row of table.elements) {
    for (const canonical of row.types?.flatMap(ofType) ?? []) structures.add(canonical);
    for (const canonical of ofBinding(row)) valueSets.add(canonical);
  }
  return { structures: [...structures], valueSets: [...valueSets], codeSystems: [] };
}

function ofType({ code, profiles = [], targets = [] }: TypeRow): readonly string[] {
  return [code.includes('/') ? code : `http://hl7.org/fhir/StructureDefinition/${code}`, ...profiles, ...targets];
}

/** The value sets whose codes matter: of an example nobody asks whether a code is in it. */
function ofBinding({ binding }: ElementRow): readonly string[] {
  if (binding === undefined) return [];
  const { strength, valueSet, max, additional = [] } = binding;
  return [...(valueSet === undefined || strength === 'example' ? [] : [valueSet]), ...(max === undefined ? [] : [max]), ...additional.map((further) => further.valueSet)];
}

export function referencesOfValueSet(table: ValueSetTable): TableReferences {
  const parts: readonly ValueSetPart[] = [...table.include, ...(table.exclude ?? [])];
  const systems = parts.flatMap(({ system, version }) => (system === undefined ? [] : [version === undefined ? system : `${system}|${version}`]));
  return { structures: [], valueSets: parts.flatMap(({ valueSets = [] }) => valueSets), codeSystems: [...new Set(systems)] };
}
