/** A table with its canonicals pinned: for tables that were distilled before it was known what stands beside them. */
import type { ValueSetPart, ValueSetTable } from '../tables/code-tables.ts';
import type { Binding, ElementRow, StructureTable, TypeRow } from '../tables/structure-table.ts';

type Pin = (canonical: string) => string;

export function pinStructure(table: StructureTable, pin: Pin): StructureTable {
  return { ...table, ...(table.base !== undefined && { base: pin(table.base) }), elements: table.elements.map((row) => pinRow(row, pin)) };
}

function pinRow(row: ElementRow, pin: Pin): ElementRow {
  return { ...row, ...(row.types && { types: row.types.map((type) => pinType(type, pin)) }), ...(row.binding && { binding: pinBinding(row.binding, pin) }) };
}

function pinType(type: TypeRow, pin: Pin): TypeRow {
  return { ...type, ...(type.profiles && { profiles: type.profiles.map(pin) }), ...(type.targets && { targets: type.targets.map(pin) }) };
}

function pinBinding(binding: Binding, pin: Pin): Binding {
  const { valueSet, max, additional } = binding;
  return {
    ...binding, ...(valueSet !== undefined && { valueSet: pin(valueSet) }), ...(max !== undefined && { max: pin(max) }),
    ...(additional && { additional: additional.map((further) => ({ ...further, valueSet: pin(further.valueSet) })) }),
  };
}

export function pinValueSet(table: ValueSetTable, pin: Pin): ValueSetTable {
  const parts = (list: readonly ValueSetPart[]): ValueSetPart[] => list.map((part) => ({ ...part, ...(part.valueSets && { valueSets: part.valueSets.map(pin) }) }));
  return { ...table, include: parts(table.include), ...(table.exclude && { exclude: parts(table.exclude) }) };
}
