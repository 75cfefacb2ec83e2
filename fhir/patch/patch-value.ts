/**
 * The values that a FHIRPath Patch brings: a `value[x]` of some type, a resource, or nested parts for a structure that
 * has no type of its own (`Patient.contact`). Each must fit the element it is for.
 * Source: https://hl7.org/fhir/R4/fhirpatch.html ("Servers SHALL return an error if the type is wrong").
 */
import { type ElementOfType, type ElementType, elementTypes, isKindOf, isPrimitive } from '../element-types.ts';
import { Decimal } from '../json.ts';
import { type Content, elementNamed, heldAs, insertAt, type JsonObject, lengthOf, type Owner } from './place.ts';
import { malformed, notApplicable } from './refusal.ts';

export type PatchValue =
  | { readonly kind: 'typed'; readonly type: string; readonly value: unknown; readonly sibling: unknown }
  | { readonly kind: 'resource'; readonly resource: unknown }
  | { readonly kind: 'parts'; readonly parts: readonly unknown[] };

const valueTypes = elementTypes('Parameters.parameter', 'value');
const integers = new Set(['integer', 'positiveInt', 'unsignedInt']);

/** @throws {Problem} `invalid-patch` when a part holds no value */
export function readPatchValue(part: JsonObject, index: number): PatchValue {
  for (const { property, type } of valueTypes) {
    const value = part[property];
    const sibling = isPrimitive(type) ? part[`_${property}`] : undefined;
    if (value !== undefined || sibling !== undefined) return { kind: 'typed', type, value, sibling };
  }
  if (part['resource'] !== undefined) return { kind: 'resource', resource: part['resource'] };
  if (Array.isArray(part['part']) && part['part'].length > 0) return { kind: 'parts', parts: part['part'] };
  throw malformed(index, 'a part has no value');
}

/**
 * The value as content of an element.
 * @throws {Problem} `patch-not-applicable` when it does not fit, `invalid-patch` for parts that are none
 */
export function contentFor(element: ElementOfType, value: PatchValue, index: number): Content {
  const held = heldFor(element, value);
  if (held === undefined) throw notApplicable(index, `its value has not the type of ${element.name}`);
  switch (value.kind) {
    case 'typed': return { held, value: structuredCopy(value.value), sibling: structuredCopy(value.sibling) };
    case 'resource': return { held, value: structuredCopy(value.resource), sibling: undefined };
    case 'parts': return { held, value: build(held.type, value.parts, index), sibling: undefined };
  }
}

/**
 * Adds an element to an object: at the end of what repeats, or where none is yet.
 * @throws {Problem} `patch-not-applicable`, `invalid-patch`
 */
export function addTo(owner: Owner, name: string, value: PatchValue, index: number): void {
  const element = elementNamed(owner.type, name);
  if (element === undefined) throw notApplicable(index, `its name is that of no element of ${owner.type}`);
  const content = contentFor(element, value, index);
  const whole = elementNamed(owner.type, element.name) ?? element;
  if (!element.repeats && heldAs(owner, whole) !== undefined) throw notApplicable(index, `${element.name} is there already and does not repeat`);
  insertAt(owner, element, lengthOf(owner, content.held.property), content);
}

function build(type: string, parts: readonly unknown[], index: number): JsonObject {
  const object: JsonObject = {};
  for (const part of parts) {
    if (!isObject(part) || typeof part['name'] !== 'string') throw malformed(index, 'a part has no name');
    addTo({ object, type }, part['name'], readPatchValue(part, index), index);
  }
  return object;
}

/** Which of the element's types the value is of: the same, else one it specializes or that specializes it, else a primitive written alike. */
function heldFor({ types }: ElementOfType, value: PatchValue): ElementType | undefined {
  if (value.kind === 'resource') return types.find(({ type }) => type === 'Resource');
  if (value.kind === 'parts') return types.length === 1 && !isPrimitive(types[0]!.type) && types[0]!.type !== 'Resource' ? types[0] : undefined;
  const same = types.find(({ type }) => type === value.type) ?? types.find(({ type }) => isKindOf(value.type, type));
  if (same !== undefined || types.length > 1) return same;
  const [only] = types;
  return only !== undefined && (isKindOf(only.type, value.type) || writtenAlike(only.type, value.type)) ? only : undefined;
}

/** Primitives that are the same in JSON; whether the text is right for the type is told by the shape. */
function writtenAlike(wanted: string, given: string): boolean {
  return isPrimitive(wanted) && isPrimitive(given) && familyOf(wanted) === familyOf(given);
}

function familyOf(type: string): string {
  return integers.has(type) ? 'integer' : type === 'boolean' || type === 'decimal' ? type : 'text';
}

/** The same value may be added twice, and be changed in one place afterwards. */
function structuredCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
  if (Array.isArray(value)) return value.map(structuredCopy);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, structuredCopy(item)]));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
