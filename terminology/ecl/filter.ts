/** Filters of value sets that are expression constraints (https://hl7.org/fhir/R4/snomedct.html, "SNOMED CT filters"). */
import { parseEcl } from './parse.ts';
import type { Constraint } from './syntax.ts';

/**
 * The constraint that a filter on SNOMED CT is; undefined for a filter of another kind, and for other systems.
 * @throws {Problem} `invalid-ecl`
 */
export function filterConstraint(system: string, property: string | undefined, op: string, value: string): Constraint | undefined {
  if (system !== 'http://snomed.info/sct') return undefined;
  if ((property === 'constraint' || property === 'expression') && op === '=') return parseEcl(value);
  // "in" of a concept means the members of a reference set.
  return property === 'concept' && op === 'in' ? parseEcl(`^ (${value.split(',').join(' OR ')})`) : undefined;
}
