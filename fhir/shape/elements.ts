/**
 * Checks of one element inside its parent: array or single value, and the `_element` sibling that carries the id
 * and the extensions of a primitive.
 * Source: FHIR R4, "JSON Representation" (https://hl7.org/fhir/R4/json.html#primitive, #null).
 */
import type { Findings } from './findings.ts';
import type { PrimitiveRule } from './primitives.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Adds what is wrong with a value, placed relative to it. */
export type Check = (value: unknown, findings: Findings) => void;

/** The same for the value of one property of `owner`. */
export type PropertyCheck = (value: unknown, owner: JsonObject, findings: Findings) => void;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function primitiveCheck({ expected, accepts }: PrimitiveRule): Check {
  const reason = `must be ${expected}`;
  return (value, findings) => {
    if (accepts(value)) return;
    findings.add(value === null ? 'must not be null' : value === '' ? 'must not be empty' : Array.isArray(value) ? 'must not be an array' : reason);
  };
}

/** An element that occurs once. */
export function single(check: Check): PropertyCheck {
  return (value, _owner, findings) => check(value, findings);
}

/** An element that repeats. `sibling` names the property that may stand in for a null, where the element is a primitive. */
export function repeating(check: Check, sibling?: string): PropertyCheck {
  return (value, owner, findings) => {
    if (!isFilledArray(value, findings)) return;
    for (let index = 0; index < value.length; index++) {
      const item = value[index];
      if (item === null && sibling !== undefined && isObject(itemOf(owner, sibling, index))) continue;
      const before = findings.count;
      check(item, findings);
      if (findings.count === before) continue;
      findings.place(before, `[${index}]`);
      if (findings.full) return;
    }
  };
}

/** `_element` of primitives that repeat: as long as `element`, and null exactly where there is nothing to add to a value. */
export function repeatingSibling(check: Check, element: string): PropertyCheck {
  return (value, owner, findings) => {
    if (!isFilledArray(value, findings)) return;
    const values = ownValue(owner, element);
    if (Array.isArray(values) && values.length !== value.length) findings.add(`must be an array as long as that of its extensions`);
    for (let index = 0; index < value.length && !findings.full; index++) {
      const item = value[index];
      // Where both arrays hold null, the check of the values has told it.
      if (item === null && Array.isArray(values) && index < values.length) continue;
      const before = findings.count;
      check(item, findings);
      findings.place(before, `[${index}]`);
    }
  };
}

/** The own property of that name; never one every object inherits. */
export function ownValue(owner: JsonObject, name: string): unknown {
  return Object.hasOwn(owner, name) ? owner[name] : undefined;
}

function itemOf(owner: JsonObject, name: string, index: number): unknown {
  const list = ownValue(owner, name);
  return Array.isArray(list) ? list[index] : undefined;
}

function isFilledArray(value: unknown, findings: Findings): value is readonly unknown[] {
  if (!Array.isArray(value)) {
    findings.add(value === null ? 'must not be null' : 'must be an array');
    return false;
  }
  if (value.length === 0) findings.add('must not be empty');
  return value.length > 0;
}
