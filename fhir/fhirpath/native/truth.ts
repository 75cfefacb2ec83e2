/** Collections as conditions. Source: FHIRPath 2.0, "Singleton Evaluation of Collections" (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections). */
import { FhirPathError } from '../error.ts';
import type { Items } from './items.ts';

/**
 * Which reading of FHIRPath holds.
 * `published`: that of the constraints in published R4 packages, which were made with a forgiving engine: `as` filters
 * collections, a condition that selects several elements is true, `Boolean` also means FHIR's boolean, an element of
 * a choice may go by its name in JSON, names that a type does not have select nothing.
 * `specification`: to the letter, and checked against the types beforehand.
 */
export type Rules = 'published' | 'specification';

/**
 * Undefined for an empty collection; a single value that is no boolean is true.
 * @throws {FhirPathError} `evaluation` for several values, by the specification
 */
export function truthOf(items: Items, rules: Rules): boolean | undefined {
  const [item] = items;
  if (item === undefined) return undefined;
  if (items.length > 1) {
    if (rules === 'specification') throw new FhirPathError('evaluation', 'Several values are no condition');
    return true;
  }
  if (item.type === 'boolean' || item.type === 'System.Boolean') return typeof item.value === 'boolean' ? item.value : undefined;
  return true;
}

/** A constraint's result: it holds where the result is true, or anything else that is there; an empty result does not do. */
export function holds(items: Items): boolean {
  const [item] = items;
  if (item === undefined) return false;
  return items.length === 1 && (item.type === 'boolean' || item.type === 'System.Boolean') ? item.value === true : true;
}
