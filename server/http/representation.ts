/**
 * How an answer is written: syntax and media type (Accept, `_format`), layout (`_pretty`) and how much of each resource
 * (`_summary`, `_elements`). Stored JSON that is wanted as it is stored passes through untouched.
 * Source: https://hl7.org/fhir/R4/http.html#parameters, https://hl7.org/fhir/R4/search.html#summary
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problems.ts';
import { acceptedFormat, type Format, fhirJson, queryOf } from './media-types.ts';

/** The parameters of an address that only say how the answer is written. */
export const representationParameters: readonly string[] = ['_format', '_pretty', '_summary', '_elements'];

export interface Representation {
  /** Only the number of matches is wanted: a search need not fetch any. */
  readonly countOnly: boolean;
  /** Sends a resource, or a Bundle of an interaction, that is at hand as JSON text. Status and other headers are the caller's. */
  send(reply: FastifyReply, jsonText: string): FastifyReply;
}

const asStored: Representation = { countOnly: false, send: (reply, jsonText) => reply.type(fhirJson).send(jsonText) };

/**
 * What the request asks for. Call it before anything is written: what cannot be answered is refused first.
 * @param parameters those of the address, unless a form brings more
 * @throws {Problem} `not-acceptable`, `invalid-search-value`
 */
export function representationOf(request: FastifyRequest, parameters?: Iterable<readonly [string, string]>): Representation {
  if (parameters === undefined && isPlain(request)) return asStored;
  const asked = [...parameters ?? queryOf(request)];
  const format = acceptedFormat(request, asked);
  if (asked.some(([name, value]) => (name === '_summary' && value !== 'false') || name === '_elements')) throw new Problem('not-supported', { what: 'An answer with only some elements' });
  return { countOnly: false, send: (reply, jsonText) => reply.type(format.contentType).send(written(jsonText, format)) };
}

function isPlain(request: FastifyRequest): boolean {
  const { accept } = request.headers;
  return (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') && !request.url.includes('?');
}

function written(jsonText: string, _format: Format): string {
  return jsonText;
}
