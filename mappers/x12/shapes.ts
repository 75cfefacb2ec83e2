/** Small FHIR shapes the mapping builds again and again, and the reading of extensions. */
import type { CodeableConcept, Extension, Identifier, Resource } from '@medplum/fhirtypes';
import { SYSTEM } from './pas.ts';

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** The object without members that are undefined or empty lists: FHIR has neither. */
export function compact<T extends object>(fields: Loose<T>): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  // The filter removes exactly what Loose added.
  return Object.fromEntries(entries) as T;
}

/** A concept of one coding; undefined without a code. */
export function concept(system: string, code: string | undefined): CodeableConcept | undefined {
  return code === undefined ? undefined : { coding: [{ system, code }] };
}

/** An extension with a CodeableConcept; an empty list without one, to be spread. */
export function conceptExtension(url: string, value: CodeableConcept | undefined): Extension[] {
  return value === undefined ? [] : [{ url, valueCodeableConcept: value }];
}

/** An extension with a string; an empty list without one, to be spread. */
export function stringExtension(url: string, value: string | undefined): Extension[] {
  return value === undefined ? [] : [{ url, valueString: value }];
}

interface Extensible {
  extension?: Extension[];
}

/** The first extension with the URL. */
export function findExtension(holder: Extensible | undefined, url: string): Extension | undefined {
  return list(holder?.extension).find((extension) => extension.url === url);
}

/** The codes of a concept that are in the system; Bundles from elsewhere spell `http` for `https` or name the value set. */
export function codeIn(value: CodeableConcept | undefined, system: string): string | undefined {
  const codings = list(value?.coding);
  const tail = system.replace(/^https?:\/\/[^/]+/, '');
  const exact = codings.find((coding) => coding.system === system) ?? codings.find((coding) => coding.system !== undefined && tail.length > 1 && coding.system.endsWith(tail));
  const dataElement = /\/005010(\/\w+)$/.exec(system)?.[1];
  const byValueSet = dataElement === undefined ? undefined : codings.find((coding) => coding.system?.includes('valueset.x12.org/') === true && coding.system.endsWith(dataElement));
  return (exact ?? byValueSet)?.code;
}

/** The first code of a concept, whatever its system; one that says the value is absent is none. */
export function firstCode(value: CodeableConcept | undefined): string | undefined {
  return list(value?.coding).find((coding) => coding.code !== undefined && coding.system !== SYSTEM.dataAbsent)?.code;
}

/** The value of the first identifier of a v2-0203 type. */
export function identifierOfType(identifiers: Identifier[] | undefined, system: string, code: string): Identifier | undefined {
  return list(identifiers).find((identifier) => codeIn(identifier.type, system) === code);
}

/** A list that comes from outside: whatever is not a list of objects is left out. */
export function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value.filter((each): each is T => typeof each === 'object' ? each !== null : each !== undefined) : [];
}

/** Narrows a resource by its type. */
export function isType<K extends Resource['resourceType']>(resource: Resource | undefined, type: K): resource is Extract<Resource, { resourceType: K }> {
  return resource?.resourceType === type;
}
