/**
 * Of whom documents speak: the Patients that come along or are contained, the subject that is named by a number or an
 * address alone, and the patient of a FHIR or C-CDA document that stands in an attachment. A number and a member's number
 * can agree by one slip of a hand; what the chart itself says is the last that can tell whose it is.
 */
import type { HumanName, Identifier, Resource } from '@medplum/fhirtypes';
import { indexBundle, type BundleIndex, type IndexedEntry } from '../../../fhir/references.ts';
import { recordTargets } from '../../../mappers/ccda/record-targets.ts';
import { Problem } from '../../../fhir/problems.ts';
import { parseResourceText } from '../../../fhir/resource-text.ts';

/** What a document says of the person it is about; unchecked, but of its form. */
export interface Person {
  readonly name: readonly HumanName[];
  readonly birthDate?: string;
  readonly identifier: readonly Identifier[];
  /** The subject as a reference that leads nowhere in the document. */
  readonly reference?: string;
  /** He is named by numbers alone: they are all there is to tell him by. */
  readonly isByNumber: boolean;
  /** FHIRPath of the resource or attachment that says so. */
  readonly where: string;
}

type Json = Readonly<Record<string, unknown>>;

/** A document in an attachment in a document: more is not unpacked. */
const deepest = 3;
/** Characters of base64. Of a larger document only its Patient beside it is known. */
const largest = 16 * 1024 * 1024;

/** @param where FHIRPath of the resource */
export function peopleIn(resource: Resource, where: string, depth = 0): Person[] {
  if (depth > deepest) return [];
  const content = json(resource);
  return [...isBundle(content) ? ofBundle(content, where, depth) : ofResource(content, where), ...ofContents(content, where, depth)];
}

function ofBundle(bundle: Json, where: string, depth: number): Person[] {
  const index = indexBundle({ resourceType: 'Bundle', type: 'collection', entry: list(bundle['entry']).filter(isObject) });
  const isAside = onlyAside(index);
  return index.entries.flatMap((entry): Person[] => {
    const [content, path] = [json(entry.resource), `${where}.entry[${entry.index}].resource`];
    if (isBundle(content)) return depth < deepest ? ofBundle(content, path, depth + 1) : [];
    return [...entry.resource.resourceType === 'Patient' && !isAside.has(entry.index) ? [personOf(content, path)] : [], ...ofResource(content, path, { index, entry })];
  });
}

/** Subject by number, and contained Patients. A subject that the Bundle holds is an entry of its own. */
function ofResource(resource: Json, where: string, within?: { readonly index: BundleIndex; readonly entry: IndexedEntry }): Person[] {
  const contained = list(resource['contained']).filter(isObject).filter(({ resourceType }) => resourceType === 'Patient').map((patient) => personOf(patient, where));
  const subjects = [resource['subject'], resource['patient'], resource['beneficiary']].flatMap(list).filter(isObject).flatMap((subject): Person[] => {
    const reference = text(subject['reference']);
    const isHere = reference !== undefined && (reference.startsWith('#') || within?.index.resolve(reference, within.entry) !== undefined);
    const identifier = identifiersIn([subject['identifier']]);
    return identifier.length === 0 && (reference === undefined || isHere) ? [] : [{ name: [], identifier, isByNumber: !isHere, where, ...(reference !== undefined && !isHere && { reference }) }];
  });
  const self = resource['resourceType'] === 'Patient' && within === undefined ? [personOf(resource, where)] : [];
  return [...self, ...contained, ...subjects];
}

/** Elements that name people whom a record is not about. */
const aside: ReadonlySet<string> = new Set(['subscriber', 'policyHolder', 'payor', 'other', 'link']);

/** Places of Patients that are referred to, and only as somebody else. */
function onlyAside(index: BundleIndex): ReadonlySet<number> {
  const [named, meant] = [new Set<number>(), new Set<number>()];
  const walk = (value: unknown, name: string, entry: IndexedEntry): void => {
    if (Array.isArray(value)) for (const each of value) walk(each, name, entry);
    else if (isObject(value)) {
      const place = index.resolve(text(value['reference']), entry)?.index;
      if (place !== undefined) (aside.has(name) ? named : meant).add(place);
      for (const [inner, each] of Object.entries(value)) walk(each, inner, entry);
    }
  };
  for (const entry of index.entries) walk(entry.resource, '', entry);
  return new Set([...named].filter((place) => !meant.has(place)));
}

/** FHIR as JSON and C-CDA in attachments and Binaries. */
function ofContents(value: unknown, where: string, depth: number): Person[] {
  if (Array.isArray(value)) return value.flatMap((each) => ofContents(each, where, depth));
  if (!isObject(value)) return [];
  const data = text(value['data']);
  const people = value['contentType'] !== undefined && data !== undefined && data.length <= largest ? ofContent(data, where, depth) : [];
  return [...people, ...Object.values(value).flatMap((each) => isObject(each) || Array.isArray(each) ? ofContents(each, where, depth) : [])];
}

/** Told by how it begins: media types are set by hand. */
const beginnings = { xml: /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*</, json: /^(?:\xef\xbb\xbf)?\s*\{/ } as const;

function ofContent(data: string, where: string, depth: number): Person[] {
  const beginning = Buffer.from(data.slice(0, 400), 'base64').toString('latin1');
  const isXml = beginnings.xml.test(beginning);
  if (!isXml && !beginnings.json.test(beginning)) return [];
  const bytes = Buffer.from(data, 'base64');
  const targets = isXml ? recordTargets(bytes) : [];
  if (targets.length > 0) return targets.map((target) => ({ ...target, identifier: [], isByNumber: false, where }));
  try {
    const held: unknown = parseResourceText(bytes.toString('utf8'));
    return isObject(held) && typeof held['resourceType'] === 'string' ? peopleIn(held as unknown as Resource, where, depth + 1).map((person) => ({ ...person, where })) : [];
  } catch (error) {
    // What cannot be read says of nobody; that it cannot be read is for the reviewer to see.
    if (error instanceof Problem) return [];
    throw error;
  }
}

function personOf(patient: Json, where: string): Person {
  const birthDate = text(patient['birthDate']);
  const name = list(patient['name']).filter(isObject).map((each): HumanName => {
    const [family, whole, given] = [text(each['family']), text(each['text']), list(each['given']).filter((part) => typeof part === 'string')];
    return { ...(family !== undefined && { family }), ...(given.length > 0 && { given }), ...(whole !== undefined && { text: whole }) };
  });
  return { name, ...(birthDate !== undefined && { birthDate }), identifier: identifiersIn(list(patient['identifier'])), isByNumber: false, where };
}

function identifiersIn(values: readonly unknown[]): Identifier[] {
  return values.filter(isObject).flatMap(({ system, value, type }): Identifier[] => {
    const [number, namespace] = [text(value), text(system)];
    const codes = list(isObject(type) ? type['coding'] : undefined).filter(isObject).flatMap(({ code }) => text(code) ?? []);
    return number === undefined ? [] : [{ value: number, ...(namespace !== undefined && { system: namespace }), ...(codes.length > 0 && { type: { coding: codes.map((code) => ({ code })) } }) }];
  });
}

const json = (resource: Resource): Json => ({ ...resource });
const isBundle = ({ resourceType }: Json): boolean => resourceType === 'Bundle';
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
const text = (value: unknown): string | undefined => typeof value === 'string' && value !== '' ? value : undefined;
