/**
 * A Binary going out: its content as it is, or the resource with the content in it as base64, streamed either way.
 * Stored content is a stranger's. It is handed out as a file, with a policy that lets nothing in it run, so that a page
 * that somebody has stored here cannot act in this server's name.
 * Source: https://hl7.org/fhir/R4/binary.html#rest; RFC 9110, sections 13 and 14.
 */
import { Readable } from 'node:stream';
import type { Binary } from '@medplum/fhirtypes';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { writeXml } from '../../../fhir/xml/write.ts';
import type { Context } from '../../../store/context.ts';
import { contentOf } from '../../../store/objects/contents.ts';
import type { StoredVersion } from '../../../store/read.ts';
import type { ObjectReference } from '../../../store/write/changes.ts';
import type { House } from '../../house.ts';
import { acceptedFormat, fhirJson, queryOf, type Format } from '../media-types.ts';
import { base64Length, base64Of } from './base64.ts';
import { rangeOf } from './range.ts';

const mediaTypeForm = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;\s*[\w!#$&^.+-]+=([\w!#$&^.+-]+|"[\w !#$&^.+,:;=/()-]*"))*$/;
const fhirRange = /(^|,)\s*application\/fhir\+(json|xml)\s*(;|,|$)/i;
const generalRange = /(^|,)\s*(application\/(json|xml)|text\/(json|xml))\s*(;|,|$)/i;

export interface Answerer {
  readonly house: House;
  readonly context: Context;
}

/** Answers a read. @throws {Problem} `not-acceptable`, `range-not-satisfiable`, `store-unavailable` */
export async function sendBinary(request: FastifyRequest, reply: FastifyReply, stored: StoredVersion, { house, context }: Answerer): Promise<FastifyReply> {
  const resource = JSON.parse(stored.content) as Binary;
  const object = await contentOf(house.database, stored, context);
  reply.header('etag', `W/"${stored.version}"`).header('last-modified', stored.lastUpdated.toUTCString()).header('vary', 'accept');
  const format = formatOf(request, typeof resource.contentType === 'string' ? resource.contentType : '');
  // A Binary without content has nothing to hand out but itself.
  if (format === undefined && object !== undefined) return sendContent(request, reply, resource, object, { house, context });
  return sendResource(request, reply, stored.content, object, format ?? { syntax: 'json', contentType: fhirJson }, { house, context });
}

/** The resource with its content in it. */
export async function sendResource(request: FastifyRequest, reply: FastifyReply, text: string, object: ObjectReference | undefined, format: Format, { house, context }: Answerer): Promise<FastifyReply> {
  reply.type(format.contentType);
  const whole = format.syntax === 'json' ? text : writeXml(JSON.parse(text));
  if (object === undefined || object.size === 0) return reply.send(whole);
  const [before, after] = format.syntax === 'json' ? [`${whole.slice(0, -1)},"data":"`, '"}'] : xmlAround(whole);
  reply.header('content-length', Buffer.byteLength(before) + base64Length(object.size) + Buffer.byteLength(after));
  if (request.method === 'HEAD') return reply.send('');
  const bytes = await house.attachments.objects.get(context.tenant.id, object.sha256);
  return reply.send(Readable.from(around(before, base64Of(bytes), after), { objectMode: false }));
}

/** `data` is the last element of a Binary (https://hl7.org/fhir/R4/binary.html#xml). */
function xmlAround(text: string): [before: string, after: string] {
  const end = text.lastIndexOf('</Binary>');
  return [`${text.slice(0, end)}<data value="`, `"/>${text.slice(end)}`];
}

async function* around(before: string, middle: AsyncIterable<string>, after: string): AsyncGenerator<string> {
  yield before;
  yield* middle;
  yield after;
}

async function sendContent(request: FastifyRequest, reply: FastifyReply, resource: Binary, { sha256, size }: ObjectReference, { house, context }: Answerer): Promise<FastifyReply> {
  const range = rangeIn(request, size);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size}`);
    throw new Problem('range-not-satisfiable', { size });
  }
  reply.status(range ? 206 : 200)
    .type(mediaTypeForm.test(resource.contentType ?? '') ? resource.contentType : 'application/octet-stream')
    .header('content-disposition', 'attachment')
    .header('content-security-policy', `default-src 'none'; sandbox`)
    .header('cross-origin-resource-policy', 'same-origin')
    .header('accept-ranges', 'bytes')
    .header('content-length', range ? range.last - range.first + 1 : size);
  if (range) reply.header('content-range', `bytes ${range.first}-${range.last}/${size}`);
  const reference = resource.securityContext?.reference;
  if (typeof reference === 'string' && /^[\x21-\x7e]+$/.test(reference)) reply.header('x-security-context', reference);
  if (request.method === 'HEAD' || size === 0) return reply.send('');
  return reply.send(await house.attachments.objects.get(context.tenant.id, sha256, range));
}

/** If-Range needs a strong validator, and versions of FHIR are weak ones: whoever sends it gets everything (RFC 9110, section 13.1.5). */
function rangeIn(request: FastifyRequest, size: number): ReturnType<typeof rangeOf> {
  return request.method !== 'GET' || request.headers['if-range'] !== undefined ? undefined : rangeOf(request.headers.range, size);
}

/**
 * The form of FHIR that is asked for; undefined for the content as it is. That goes to everybody who does not name a type
 * of FHIR, be it in Accept or in `_format`; a general type means FHIR only where the content is of another type.
 */
function formatOf(request: FastifyRequest, contentType: string): Format | undefined {
  const query = queryOf(request);
  const accept = request.headers.accept ?? '';
  if (query.some(([name, value]) => name === '_format' && value !== '') || fhirRange.test(accept)) return acceptedFormat(request, query);
  if (accept === '' || takes(accept, contentType.split(';')[0]!.trim().toLowerCase())) return undefined;
  if (generalRange.test(accept)) return acceptedFormat(request, query);
  throw new Problem('not-acceptable', { offered: 'the content as it is, and application/fhir+json' });
}

function takes(accept: string, mediaType: string): boolean {
  const [type] = mediaType.split('/');
  return accept.toLowerCase().split(',').map((range) => range.split(';').map((part) => part.trim()))
    .some(([name, ...parameters]) => (name === '*/*' || name === mediaType || name === `${type}/*`) && !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter)));
}
