/**
 * The smallest well-formed resource of each type that can be searched by identifier, patient and status, made from the
 * tables of element types.
 */
import { elementsOf, elementTypes, isPrimitive } from '../../fhir/element-types.ts';
import repeating from '../../fhir/r4/repeating-elements.json' with { type: 'json' };
import { searchParameter } from '../../fhir/search-parameters.ts';
import { isMandatory } from '../../fhir/summary/marked-elements.ts';

export const identifierSystem = 'urn:example:record';

export interface MadeInstance {
  readonly resource: { resourceType: string; [element: string]: unknown };
  /** Search that finds it by a parameter, by the parameter's name. */
  readonly found: Readonly<Record<string, string>>;
}

export function madeInstance(type: string, number: string, patient: string): MadeInstance {
  const resource: MadeInstance['resource'] = { resourceType: type };
  const found: Record<string, string> = {};
  // A decision on a prior authorization is nobody's to create.
  if (type === 'ClaimResponse') resource['use'] = 'claim';
  if (has(type, 'identifier', 'Identifier') && searchParameter(type, 'identifier')?.type === 'token') {
    put(resource, type, 'identifier', { system: identifierSystem, value: number });
    found['identifier'] = `${identifierSystem}|${number}`;
  }
  if (has(type, 'status', 'code') && searchParameter(type, 'status')?.expression.split(' | ').includes(`${type}.status`)) {
    // A Subscription that is to be kept has to be one that can be.
    const status = type === 'Subscription' ? 'off' : 'draft';
    resource['status'] = status;
    found['status'] = status;
  }
  const owner = searchParameter(type, 'patient');
  const element = owner?.type === 'reference' ? ['subject', 'patient', 'beneficiary', 'for', 'individual'].find((name) => has(type, name, 'Reference') && owner.expression.includes(`${type}.${name}`)) : undefined;
  if (element !== undefined) {
    const property = elementTypes(type, element).find((choice) => choice.type === 'Reference')!.property;
    resource[property] = repeats(type, element) ? [{ reference: patient }] : { reference: patient };
    found['patient'] = patient;
  }
  fill(resource, type);
  return { resource, found };
}

// oxlint-disable-next-line typescript/no-explicit-any -- values of whatever type an element has
const samples: Readonly<Record<string, any>> = {
  boolean: true, decimal: 1, integer: 1, unsignedInt: 1, positiveInt: 1, date: '2026-03-02', dateTime: '2026-03-02', instant: '2026-03-02T09:00:00Z', time: '09:00:00',
  uri: 'urn:example:x', url: 'urn:example:x', canonical: 'urn:example:x', oid: 'urn:oid:1.2.3', uuid: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a', base64Binary: 'eA==', xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
};

/** A copy with what is mandatory and was not there. */
export function whole<T extends { readonly resourceType: string }>(resource: T): T {
  const copy: { [element: string]: unknown } = { ...resource };
  fill(copy, resource.resourceType);
  return copy as T;
}

/** Adds what is mandatory and not there yet, however deep. */
function fill(object: { [element: string]: unknown }, type: string): void {
  for (const element of elementsOf(type)) {
    if (!isMandatory(type, element.name) || element.types.some(({ property }) => object[property] !== undefined)) continue;
    const { property, type: valueType } = element.types[0]!;
    const value = sampleOf(valueType);
    object[property] = element.repeats ? [value] : value;
  }
}

function sampleOf(type: string): unknown {
  if (isPrimitive(type)) return samples[type] ?? 'x';
  if (type === 'Resource') return { resourceType: 'Basic', code: { text: 'x' } };
  const object: { [element: string]: unknown } = {};
  fill(object, type);
  // Nothing is mandatory in it, and an object is never empty: the first text that it has.
  const text = elementsOf(type).find((element) => !element.repeats && element.name !== 'id' && element.types.every((choice) => isPrimitive(choice.type)));
  if (Object.keys(object).length === 0 && text) object[text.types[0]!.property] = samples[text.types[0]!.type] ?? 'x';
  return object;
}

function has(type: string, element: string, wanted: string): boolean {
  return elementTypes(type, element).some((choice) => choice.type === wanted);
}

function repeats(type: string, element: string): boolean {
  return (repeating as Record<string, string[] | undefined>)[type]?.includes(element) ?? false;
}

function put(resource: MadeInstance['resource'], type: string, element: string, value: unknown): void {
  resource[element] = repeats(type, element) ? [value] : value;
}
