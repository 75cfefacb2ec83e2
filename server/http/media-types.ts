/** Media types in and out (https://hl7.org/fhir/R4/http.html#mime-type). */
import type { FastifyRequest } from 'fastify';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { parseXml } from '../../fhir/xml/read.ts';
import { assertStrictJson } from './strict-json.ts';

export const fhirJson = 'application/fhir+json; charset=utf-8';

export const fhirXml = 'application/fhir+xml; charset=utf-8';

const json = /^(application\/(fhir\+json|json)|text\/json)$/;
const xml = /^(application\/(fhir\+xml|xml)|text\/xml)$/;
/** The types in which resources come and go. */
const offered = 'application/fhir+json, application/fhir+xml';

/** Whether a body of that media type is XML; every other resource is JSON. */
export function isFhirXml(mediaType: string): boolean {
  return xml.test(mediaType);
}

/** The media type of a request's body, in lower case without parameters. */
export function mediaTypeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

/** Those that senders confuse with what is expected; any other text in the header may be anything and is not repeated. */
const wellKnown = /^(application\/(fhir\+json|json|json-patch\+json|fhir\+xml|xml|edi-x12|x-www-form-urlencoded|octet-stream|pdf)|text\/(plain|html|xml|csv)|multipart\/form-data)$/;

/** A body of a type that is not taken here. */
export function unsupported(request: FastifyRequest, expected: string): Problem {
  const mediaType = mediaTypeOf(request);
  return new Problem('unsupported-media-type', { mediaType: mediaType === '' ? 'none' : wellKnown.test(mediaType) ? mediaType : 'of that name', expected });
}

/**
 * The resource in the body of a request, in either syntax: as `parseJson` would give it.
 * @throws {Problem} `unsupported-media-type`, `empty-body`, `not-utf8`, `malformed-json`, `malformed-xml`, `too-deep`
 */
export function readResourceBytes(request: FastifyRequest, expected: string): unknown {
  return readResource(resourceBytes(request, expected), mediaTypeOf(request));
}

/** The bytes of a body that is a resource, for those who keep them as they came. @throws {Problem} `unsupported-media-type`, `empty-body` */
export function resourceBytes(request: FastifyRequest, expected: string): Buffer {
  const mediaType = mediaTypeOf(request);
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected });
  if ((!json.test(mediaType) && !xml.test(mediaType)) || isOtherVersion((request.headers['content-type'] ?? '').split(';').slice(1))) throw unsupported(request, offered);
  return request.body;
}

/**
 * The resource in bytes that came as `mediaType`: XML where that says so, JSON otherwise.
 * @throws {Problem} `not-utf8`, `malformed-json`, `malformed-xml`, `too-deep`
 */
export function readResource(bytes: Uint8Array, mediaType: string): unknown {
  return xml.test(mediaType) ? parseXml(textOf(bytes)) : readJson(bytes);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws {Problem} `not-utf8`, `malformed-json`, `too-deep` */
export function readJson(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  const value = parseJson(text);
  assertStrictJson(text, value);
  return value;
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem('not-utf8');
  }
}

/** A form in which a resource can be sent, and the media type to name it by. */
export interface Format {
  readonly syntax: 'json' | 'xml';
  readonly contentType: string;
}

const asJson: Format = { syntax: 'json', contentType: fhirJson };
const asXml: Format = { syntax: 'xml', contentType: fhirXml };

/** What a client may ask for, in a header or in `_format`; a generic type is answered under its own name (http.html#mime-type). */
const formats: ReadonlyMap<string, Format> = new Map([
  ['application/fhir+json', asJson],
  ['application/json', { syntax: 'json', contentType: 'application/json; charset=utf-8' }],
  ['text/json', { syntax: 'json', contentType: 'text/json; charset=utf-8' }],
  ['application/fhir+xml', asXml],
  ['application/xml', { syntax: 'xml', contentType: 'application/xml; charset=utf-8' }],
  ['text/xml', { syntax: 'xml', contentType: 'text/xml; charset=utf-8' }],
]);
/** A browser that asks for a page gets JSON: there are no pages. */
const anything = new Set(['*/*', 'application/*', 'text/*', 'text/html']);

/** What `_format` may say: a plus that was not escaped has become a space on the way. */
const namedFormats: ReadonlyMap<string, Format> = new Map([
  ['json', asJson], ['application/fhir+json', asJson], ['application/fhir json', asJson], ['application/json', asJson], ['text/json', asJson],
  ['xml', asXml], ['application/fhir+xml', asXml], ['application/fhir xml', asXml], ['application/xml', asXml], ['text/xml', asXml],
]);

/**
 * The form of the answer: `_format` goes before Accept, and of several acceptable types the most wanted is taken, the
 * first where they are equal (https://hl7.org/fhir/R4/http.html#parameters; RFC 9110, section 12.5.1).
 * @throws {Problem} `not-acceptable` when the client takes nothing of the kind
 */
export function acceptedFormat(request: FastifyRequest, parameters: Iterable<readonly [string, string]>): Format {
  const named = [...parameters].flatMap(([name, value]) => (name === '_format' && value !== '' ? [formatNamed(value)] : []));
  const accept = request.headers.accept ?? '';
  const [format, ...others] = named.length > 0 ? named : [accept === '' ? asJson : mostWanted(accept)];
  if (format === undefined || others.some((other) => other?.syntax !== format.syntax)) throw new Problem('not-acceptable', { offered });
  return format;
}

function formatNamed(value: string): Format | undefined {
  const [name, ...parameters] = value.split(';');
  return isOtherVersion(parameters) ? undefined : namedFormats.get(name!.trim().toLowerCase());
}

function mostWanted(accept: string): Format | undefined {
  let best: Format | undefined;
  let bestWeight = 0;
  for (const range of accept.split(',')) {
    const [type, ...parameters] = range.split(';');
    const name = type!.trim().toLowerCase();
    const format = anything.has(name) ? asJson : formats.get(name);
    const weight = weightOf(parameters);
    if (format === undefined || weight <= bestWeight || isOtherVersion(parameters)) continue;
    best = format;
    bestWeight = weight;
  }
  return best;
}

function weightOf(parameters: readonly string[]): number {
  const written = parameters.map((one) => /^\s*q\s*=\s*(\S+)\s*$/i.exec(one)?.[1]).find((one) => one !== undefined);
  const weight = Number(written ?? 1);
  return weight >= 0 && weight <= 1 ? weight : 0;
}

/** A release of FHIR that is not spoken here (https://hl7.org/fhir/R4/http.html#version-parameter). */
function isOtherVersion(parameters: readonly string[]): boolean {
  return parameters.some((one) => /^\s*fhirVersion\s*=/i.test(one) && !/^\s*fhirVersion\s*=\s*"?4\.0(?:\.1)?"?\s*$/i.test(one));
}

/** @throws {Problem} `not-acceptable` when the client takes nothing that this server answers */
export function assertAcceptable(request: FastifyRequest, parameters: Iterable<readonly [string, string]> = queryOf(request)): void {
  acceptedFormat(request, parameters);
}

/** The parameters of the address, in their order. */
export function queryOf(request: FastifyRequest): [string, string][] {
  const start = request.url.indexOf('?');
  return start < 0 ? [] : [...new URLSearchParams(request.url.slice(start + 1))];
}

/**
 * For interactions that take no parameters of their own. One that is passed over would change what the client believes
 * it was told (`_elements`, `_summary`) or what it asked for.
 * @throws {Problem} `not-acceptable`, `unknown-search-parameter`
 */
export function assertPlainAddress(request: FastifyRequest, interaction: string, more: readonly string[] = []): void {
  const query = queryOf(request);
  assertAcceptable(request, query);
  for (const [name] of query) {
    if (name !== '_format' && name !== '_pretty' && !more.includes(name)) {
      throw new Problem('unknown-search-parameter', { name: /^[A-Za-z_][A-Za-z_.:-]{0,79}$/.test(name) ? name : '(not a name)', type: interaction });
    }
  }
}
