/** Media types in and out (https://hl7.org/fhir/R4/http.html#mime-type). */
import type { FastifyRequest } from 'fastify';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { assertStrictJson } from './strict-json.ts';

export const fhirJson = 'application/fhir+json; charset=utf-8';

const json = /^(application\/(fhir\+json|json)|text\/json)$/;

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

/** The bytes of a FHIR JSON body. @throws {Problem} `unsupported-media-type`, `empty-body` */
export function jsonBytes(request: FastifyRequest, expected: string): Buffer {
  const mediaType = mediaTypeOf(request);
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected });
  if (!json.test(mediaType)) throw unsupported(request, 'application/fhir+json');
  return request.body;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws {Problem} `not-utf8`, `malformed-json`, `too-deep` */
export function readJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new Problem('not-utf8');
  }
  const value = parseJson(text);
  assertStrictJson(text, value);
  return value;
}

const offered = /^(json|application\/(fhir[ +]json|json)|text\/json)\s*(;|$)/i;
const acceptable = /^\s*(\*\/\*|application\/\*|application\/(fhir\+json|json)|text\/(json|html|\*))\s*(;|$)/i;

/**
 * This server answers JSON. `_format` goes before Accept (https://hl7.org/fhir/R4/http.html#parameters).
 * @throws {Problem} `not-acceptable` when the client takes nothing of the kind
 */
export function assertAcceptable(request: FastifyRequest, parameters: Iterable<readonly [string, string]> = queryOf(request)): void {
  const formats = [...parameters].flatMap(([name, value]) => name === '_format' && value !== '' ? [value] : []);
  const accept = request.headers.accept ?? '';
  const fits = formats.length > 0 ? formats.every((format) => offered.test(format)) : accept === '' || accept.split(',').some((range) => acceptable.test(range));
  if (!fits) throw new Problem('not-acceptable', { offered: 'application/fhir+json' });
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
