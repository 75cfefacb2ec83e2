/**
 * What is wrong with the JSON form of a value, whatever the definition says; and what is told of names that were sent.
 * Source: FHIR R4, "JSON Representation" (https://hl7.org/fhir/R4/json.html)
 */
import { isObject, own, type CompiledProfile, type JsonObject, type Session } from './check.ts';
import type { Template } from './findings.ts';

export const wrong = (reason: string): Template => ({ code: 'element-form', details: { reason }, severity: 'error' });

const isNull = wrong('must not be null');
const isArray = wrong('must not be an array');
const isNoArray = wrong('must be an array');
const isNoObject = wrong('must be an object');
export const isEmpty = wrong('must not be empty');
export const sameId = wrong('must be another than those of the contained resources before it');
export const idTwice: Template = { code: 'element-id-twice', details: {}, severity: 'error' };
export const otherLength = wrong('must be an array as long as that of its extensions');
export const severalTypes = wrong('must be of one type only');

export const unknownResourceType = wrong('must be a resource with a resourceType of FHIR R4');
export const unknownProfile: Template = { code: 'profile-unknown', details: {}, severity: 'error' };
export const unknownProfileWarning: Template = { ...unknownProfile, severity: 'warning' };

export function otherType(profile: CompiledProfile): Template {
  return { code: 'profile-type', details: { type: profile.type, profile: profile.canonical }, severity: 'error', profile: profile.canonical };
}

export function notAnObject(value: unknown): Template {
  return value === null ? isNull : Array.isArray(value) ? isArray : isNoObject;
}

/** A primitive that is not as `template` asks. */
export function notThePrimitive(value: unknown, template: Template): Template {
  return value === null ? isNull : value === '' ? isEmpty : Array.isArray(value) ? isArray : template;
}

/** Whether a value that should be a list is one with something in it; told if not. */
export function isFilledList(value: unknown, session: Session): value is readonly unknown[] {
  if (!Array.isArray(value)) session.add(value === null ? isNull : isNoArray);
  else if (value.length === 0) session.add(isEmpty);
  else return true;
  return false;
}

/** What has a name like this may be told; anything else could be a patient's data in the wrong place. */
const tellableName = /^_{0,2}[A-Za-z][A-Za-z0-9_]{0,63}$/;

export function unknownElement(type: string, name: string, profile: string): Template {
  return { code: 'element-unknown', details: { element: tellableName.test(name) ? name : 'A property with another name than elements have', type }, severity: 'error', profile };
}

/** Whether a list holds null where the list of siblings has something for that place. */
export function isFilledBySibling(owner: JsonObject, sibling: string, index: number): boolean {
  const list = own(owner, sibling);
  return Array.isArray(list) && isObject(list[index]);
}
