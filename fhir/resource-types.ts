/**
 * The resource types of FHIR R4 and their numbers in the database.
 * A type's number is its place in the alphabetical list, counted from 1. Numbers are stored: never renumber.
 * Source: the StructureDefinitions of hl7.fhir.r4.core 4.0.1 (scripts/distill-search-parameters.mjs).
 */
import names from './r4/resource-types.json' with { type: 'json' };

/** All concrete resource types, in alphabetical order. */
export const resourceTypes: readonly string[] = Object.freeze(names);

const codes: ReadonlyMap<string, number> = new Map(resourceTypes.map((name, index) => [name, index + 1]));

export function isResourceType(name: unknown): name is string {
  return typeof name === 'string' && codes.has(name);
}

/**
 * The stored number of a type.
 * @throws {RangeError} for anything that is no R4 resource type
 */
export function resourceTypeCode(name: string): number {
  const code = codes.get(name);
  if (code === undefined) throw new RangeError('Not a FHIR R4 resource type');
  return code;
}

/**
 * The type with a stored number.
 * @throws {RangeError} for a number no type has
 */
export function resourceTypeOfCode(code: number): string {
  const name = resourceTypes[code - 1];
  if (name === undefined) throw new RangeError('Not the number of a FHIR R4 resource type');
  return name;
}
