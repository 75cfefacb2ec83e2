/**
 * StructureTable back to StructureDefinition, without prose: what a snapshot is made on where the definition itself is
 * not at hand, for distilled tables are what ships.
 */
import type { Binding, ElementRow, StructureTable, TypedValue } from '../tables/structure-table.ts';
import type { JsonObject } from './json-parts.ts';

const structureDefinition = 'http://hl7.org/fhir/StructureDefinition/';

export function definitionOfTable(table: StructureTable): JsonObject {
  const { url, version, kind, type, derivation, base, elements } = table;
  return {
    resourceType: 'StructureDefinition', url, version, kind, type, derivation, ...(base !== undefined && { baseDefinition: base }),
    snapshot: { element: elements.map(elementOf) },
  };
}

function elementOf(row: ElementRow): JsonObject {
  const { id, path, slice, min, max, baseMax, types, contentReference, slicing, binding, constraints, maxLength, regex, modifier, mustSupport } = row;
  return {
    id, path, ...(slice !== undefined && { sliceName: slice }), min, max, base: { path, min: 0, max: baseMax ?? max },
    ...(types !== undefined && { type: types.map(({ code, profiles, targets, aggregation, versioning }) => ({ code, ...(profiles && { profile: profiles }), ...(targets && { targetProfile: targets }), ...(aggregation && { aggregation }), ...(versioning && { versioning }) })) }),
    ...(contentReference !== undefined && { contentReference: `#${contentReference}` }),
    ...(slicing !== undefined && { slicing: { discriminator: slicing.discriminators, rules: slicing.rules, ...(slicing.ordered && { ordered: true }) } }),
    ...valueOf('fixed', row.fixed), ...valueOf('pattern', row.pattern), ...valueOf('minValue', row.minValue), ...valueOf('maxValue', row.maxValue),
    ...(binding !== undefined && { binding: bindingOf(binding) }),
    ...(constraints !== undefined && { constraint: constraints.map(({ bestPractice, ...constraint }) => ({ ...constraint, ...(bestPractice && { extension: [{ url: `${structureDefinition}elementdefinition-bestpractice`, valueBoolean: true }] }) })) }),
    ...(maxLength !== undefined && { maxLength }),
    ...(regex !== undefined && { extension: [{ url: `${structureDefinition}regex`, valueString: regex }] }),
    ...(modifier && { isModifier: true }), ...(mustSupport && { mustSupport: true }),
  };
}

function valueOf(name: string, typed: TypedValue | undefined): JsonObject {
  if (typed === undefined) return {};
  const key = name + typed.type.charAt(0).toUpperCase() + typed.type.slice(1);
  return { ...(typed.value !== undefined && { [key]: typed.value }), ...(typed.sibling !== undefined && { [`_${key}`]: typed.sibling }) };
}

function bindingOf({ strength, valueSet, max, additional }: Binding): JsonObject {
  return {
    strength, ...(valueSet !== undefined && { valueSet }),
    ...(max !== undefined && { extension: [{ url: `${structureDefinition}elementdefinition-maxValueSet`, valueCanonical: max }] }),
    ...(additional !== undefined && { additional: additional.map(({ usage, ...further }) => ({ ...further, ...(usage && { usage: [{}] }) })) }),
  };
}
