/**
 * Where documents are signed, and over what. A Bundle is signed without its `id`, `meta` and the signature; a
 * QuestionnaireResponse, or one item of it, without `id`, `meta` and the extensions that hold signatures. Documents inside of
 * documents (entries of a Bundle, FHIR in an attachment) have signatures of their own.
 * Source: CDex 2.1.0, "Signatures", CONF-034 to CONF-036.
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { parseResourceText } from '../../fhir/resource-text.ts';

type Json = Readonly<Record<string, unknown>>;

/** As it came: nothing of it is sure. */
export interface FoundSignature {
  readonly signature: unknown;
  /** What it has to be over, before canonicalization. */
  readonly content: Json;
  /** FHIRPath from the resource. */
  readonly where: string;
}

const extensionUrl = 'http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature';
/** A document in an attachment in a document: more is not unpacked. */
const deepest = 3;
/** More than any document has. Each costs its verification, and a canonical form of what it is over. */
const most = 20;

/** @throws {Problem} `signature-invalid` where there are more than anybody sends */
export function signaturesIn(resource: Resource, where: string): FoundSignature[] {
  const found = ofResource({ ...resource }, where, 0);
  if (found.length > most) throw new Problem('signature-invalid', { step: `there are more than ${most}` }, where);
  return found;
}

function ofResource(resource: Json, where: string, depth: number): FoundSignature[] {
  if (depth > deepest) return [];
  if (resource['resourceType'] === 'QuestionnaireResponse') return ofResponse(resource, where);
  return resource['resourceType'] === 'Bundle' ? ofBundle(resource, where, depth) : ofContents(resource, where, depth);
}

/** Of the Bundle as a whole; undefined where it has none. */
export function signatureOf(bundle: Json, where: string): FoundSignature | undefined {
  const { id: _id, meta: _meta, signature, ...content } = bundle;
  return signature === undefined ? undefined : { signature, content, where: `${where}.signature` };
}

function ofBundle(bundle: Json, where: string, depth: number): FoundSignature[] {
  const own = signatureOf(bundle, where);
  return [...own ? [own] : [], ...list(bundle['entry']).flatMap((entry, index) => isObject(entry) && isObject(entry['resource']) ? ofResource(entry['resource'], `${where}.entry[${index}].resource`, depth + 1) : [])];
}

function ofResponse(response: Json, where: string): FoundSignature[] {
  const { id: _id, meta: _meta, ...rest } = response;
  return [...ofExtensions(rest, where), ...ofItems(response['item'], where)];
}

function ofItems(items: unknown, where: string): FoundSignature[] {
  return list(items).flatMap((item, index): FoundSignature[] => {
    if (!isObject(item)) return [];
    const path = `${where}.item[${index}]`;
    const { id: _id, ...rest } = item;
    return [...ofExtensions(rest, path), ...ofItems(item['item'], path), ...list(item['answer']).flatMap((answer, place) => isObject(answer) ? ofItems(answer['item'], `${path}.answer[${place}]`) : [])];
  });
}

function ofExtensions(element: Json, where: string): FoundSignature[] {
  const all = list(element['extension']);
  const isSignature = (each: unknown): each is Json => isObject(each) && each['url'] === extensionUrl;
  const others = all.filter((each) => !isSignature(each));
  const { extension: _all, ...rest } = element;
  const content = others.length > 0 ? { ...rest, extension: others } : rest;
  return all.flatMap((each, index) => isSignature(each) ? [{ signature: each['valueSignature'], content, where: `${where}.extension[${index}]` }] : []);
}

/** FHIR in attachments and Binaries; what cannot be read is for the reviewer to see. */
function ofContents(value: unknown, where: string, depth: number): FoundSignature[] {
  if (Array.isArray(value)) return value.flatMap((each) => ofContents(each, where, depth));
  if (!isObject(value)) return [];
  const { contentType, data } = value;
  const inside = contentType !== undefined && typeof data === 'string' ? ofText(data, where, depth) : [];
  return [...inside, ...Object.values(value).flatMap((each) => ofContents(each, where, depth))];
}

const beginning = /^(?:\xef\xbb\xbf)?\s*[{<]/;

function ofText(data: string, where: string, depth: number): FoundSignature[] {
  if (!beginning.test(Buffer.from(data.slice(0, 400), 'base64').toString('latin1'))) return [];
  try {
    const held: unknown = parseResourceText(Buffer.from(data, 'base64').toString('utf8'));
    return isObject(held) && typeof held['resourceType'] === 'string' ? ofResource(held, where, depth + 1) : [];
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];
