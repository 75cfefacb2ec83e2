/**
 * Values that a definition fixes, and patterns: what is in a pattern has to be in the value, each item of a list of the
 * pattern in some item of the value's.
 * Source: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
 */
import { Decimal } from '../../fhir/json.ts';
import { jsonEqual } from '../../fhir/patch/equal.ts';
import { own, isObject } from './check.ts';

export type Matches = (value: unknown) => boolean;

export function isExactly(fixed: unknown): Matches {
  return (value) => value !== undefined && jsonEqual(value, fixed);
}

/** @param pattern of a definition, in which JSON is nested as far as `parseJson` lets it be */
export function hasPattern(pattern: unknown): Matches {
  if (Array.isArray(pattern)) {
    const items = pattern.map(hasPattern);
    return (value) => Array.isArray(value) && items.every((matches) => value.some(matches));
  }
  if (!isObject(pattern) || pattern instanceof Decimal) return typeof pattern === 'string' ? (value) => value === pattern : isExactly(pattern);
  const members = Object.entries(pattern).map(([name, part]) => [name, hasPattern(part)] as const);
  return (value) => isObject(value) && members.every(([name, matches]) => matches(own(value, name)));
}
