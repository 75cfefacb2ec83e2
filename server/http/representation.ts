/**
 * How an answer is written: syntax and media type (Accept, `_format`), layout (`_pretty`) and how much of each resource
 * (`_summary`, `_elements`). Stored JSON that is wanted as it is stored passes through untouched.
 * Source: https://hl7.org/fhir/R4/http.html#parameters, https://hl7.org/fhir/R4/search.html#summary
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { prettyJson } from '../../fhir/pretty-json.ts';
import { Problem } from '../../fhir/problems.ts';
import { readSubset, type Subset } from '../../fhir/summary/request.ts';
import { subsetOf } from '../../fhir/summary/subset.ts';
import { writeXml } from '../../fhir/xml/write.ts';
import { acceptedFormat, type Format, fhirJson, queryOf } from './media-types.ts';

/** The parameters of an address that only say how the answer is written. */
export const representationParameters: readonly string[] = ['_format', '_pretty', '_summary', '_elements'];

export interface Representation {
  /** Only the number of matches is wanted: a search need not fetch any. */
  readonly countOnly: boolean;
  /** Sends a resource, or a Bundle of an interaction, that is at hand as JSON text. Status and other headers are the caller's. */
  send(reply: FastifyReply, jsonText: string): FastifyReply;
}

interface Wanted {
  readonly format: Format;
  readonly pretty: boolean;
  readonly subset: Subset | undefined;
}

const asStored: Representation = { countOnly: false, send: (reply, jsonText) => reply.type(fhirJson).send(jsonText) };

/**
 * What the request asks for. Call it before anything is written: what cannot be answered is refused first.
 * @param parameters those of the address, unless a form brings more
 * @throws {Problem} `not-acceptable`, `invalid-search-value`
 */
export function representationOf(request: FastifyRequest, parameters?: Iterable<readonly [string, string]>): Representation {
  const asked = parameters === undefined && !request.url.includes('?') ? [] : [...parameters ?? queryOf(request)].filter(([name]) => representationParameters.includes(name));
  if (asked.length === 0 && takesJson(request)) return asStored;
  const subset = readSubset(asked);
  if (subset?.kind === 'count' && !answersMatches(request)) throw new Problem('invalid-search-value', { name: '_summary', reason: 'count is for searches and histories' });
  const wanted = { format: acceptedFormat(request, asked), pretty: readPretty(asked), subset };
  return { countOnly: subset?.kind === 'count', send: (reply, jsonText) => reply.type(wanted.format.contentType).send(written(jsonText, wanted)) };
}

/**
 * An outcome of a request that failed, in the form that the request asks for where it can be had, or else in JSON. It is
 * never cut: an outcome is about the request.
 */
export function sendOutcome(reply: FastifyReply, jsonText: string): FastifyReply {
  const { request } = reply;
  if (!request.url.includes('?') && takesJson(request)) return asStored.send(reply, jsonText);
  try {
    const asked = queryOf(request);
    const format = acceptedFormat(request, asked);
    return reply.type(format.contentType).send(written(jsonText, { format, pretty: readPretty(asked), subset: undefined }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return asStored.send(reply, jsonText);
  }
}

function takesJson({ headers: { accept } }: FastifyRequest): boolean {
  return accept === undefined || accept === '*/*' || accept === 'application/fhir+json';
}

/** Interactions whose answer is a Bundle of what was found; what operations answer is not known here. */
function answersMatches(request: FastifyRequest): boolean {
  const interactions = [request.routeOptions.config.interaction ?? 'search-type'].flat();
  return interactions.some((interaction) => /^(?:search|history)-/.test(interaction));
}

function readPretty(asked: readonly (readonly [string, string])[]): boolean {
  const values = asked.flatMap(([name, value]) => (name === '_pretty' && value !== '' ? [value] : []));
  if (new Set(values).size > 1) throw new Problem('repeated-search-parameter', { name: '_pretty' });
  if (values.some((value) => value !== 'true' && value !== 'false')) throw new Problem('invalid-search-value', { name: '_pretty', reason: 'true or false is expected' });
  return values.includes('true');
}

function written(jsonText: string, { format, pretty, subset }: Wanted): string {
  const isXml = format.syntax === 'xml';
  if (!isXml && subset === undefined) return pretty ? prettyJson(jsonText) : jsonText;
  const whole = parseJson(jsonText);
  const part = subset === undefined ? whole : subsetOf(whole, subset);
  if (isXml) return writeXml(part, { pretty });
  return pretty ? prettyJson(stringifyJson(part)) : stringifyJson(part);
}
