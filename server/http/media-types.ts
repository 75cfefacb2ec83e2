/** Media types in and out (https://hl7.org/fhir/R4/http.html#mime-type). */
import type { FastifyRequest } from 'fastify';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';

export const fhirJson = 'application/fhir+json; charset=utf-8';

const json = /^(application\/(fhir\+json|json)|text\/json)$/;

/** The media type of a request's body, in lower case without parameters. */
export function mediaTypeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

/** The bytes of a FHIR JSON body. @throws {Problem} `unsupported-media-type`, `empty-body` */
export function jsonBytes(request: FastifyRequest, expected: string): Buffer {
  const mediaType = mediaTypeOf(request);
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected });
  if (!json.test(mediaType)) throw new Problem('unsupported-media-type', { mediaType: mediaType || 'none', expected: 'application/fhir+json' });
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
  return parseJson(text);
}

/** This server answers JSON. @throws {Problem} `not-acceptable` when the client takes nothing of the kind */
export function assertAcceptable(request: FastifyRequest): void {
  const format = (request.query as Record<string, unknown>)['_format'];
  if (typeof format === 'string' && format !== '' && !/^(json|application\/(fhir[ +]json|json)|text\/json)/.test(format)) {
    throw new Problem('not-acceptable', { offered: 'application/fhir+json' });
  }
  const accept = request.headers.accept;
  if (format !== undefined || accept === undefined || accept === '') return;
  if (!accept.split(',').some((range) => /^\s*(\*\/\*|application\/\*|application\/(fhir\+json|json)|text\/(json|html|\*))\s*(;|$)/i.test(range))) {
    throw new Problem('not-acceptable', { offered: 'application/fhir+json' });
  }
}
