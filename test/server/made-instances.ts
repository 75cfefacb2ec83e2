/**
 * The smallest well-formed resource of each type that can be searched by identifier, patient and status, made from the
 * tables of element types.
 */
import { elementTypes } from '../../fhir/element-types.ts';
import repeating from '../../fhir/r4/repeating-elements.json' with { type: 'json' };
import { searchParameter } from '../../fhir/search-parameters.ts';

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
    resource['status'] = 'draft';
    found['status'] = 'draft';
  }
  const owner = searchParameter(type, 'patient');
  const element = owner?.type === 'reference' ? ['subject', 'patient', 'beneficiary', 'for', 'individual'].find((name) => has(type, name, 'Reference') && owner.expression.includes(`${type}.${name}`)) : undefined;
  if (element !== undefined) {
    const property = elementTypes(type, element).find((choice) => choice.type === 'Reference')!.property;
    resource[property] = repeats(type, element) ? [{ reference: patient }] : { reference: patient };
    found['patient'] = patient;
  }
  return { resource, found };
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
