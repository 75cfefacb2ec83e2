/**
 * A Binary going out: its content as it is, or the resource with the content in it as base64, streamed either way.
 * Stored content is a stranger's. It is handed out as a file, with a policy that lets nothing in it run, so that a page
 * that somebody has stored here cannot act in this server's name.
 * Source: https://hl7.org/fhir/R4/binary.html#rest; RFC 9110, sections 13 and 14.
 */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Binary } from '@medplum/fhirtypes';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseJson } from '../../../fhir/json.ts';
import { Problem } from '../../../fhir/problems.ts';
import { writeXml } from '../../../fhir/xml/write.ts';
import type { Context } from '../../../store/context.ts';
import { contentOf } from '../../../store/objects/contents.ts';
import type { StoredVersion } from '../../../store/read.ts';
import type { ObjectReference } from '../../../store/write/changes.ts';
import type { House } from '../../house.ts';
import { acceptedFormat, queryOf } from '../media-types.ts';
import { entityTag } from '../preconditions.ts';
import { representationOf, representationParameters, type Representation } from '../representation.ts';
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
export async function sendBinary(request: FastifyRequest, reply: FastifyReply, stored: StoredVersion, answerer: Answerer): Promise<FastifyReply> {
  const resource = parseJson(stored.content) as Binary;
  const object = await contentOf(answerer.house.database, stored, answerer.context);
  reply.header('etag', entityTag(stored.version)).header('last-modified', stored.lastUpdated.toUTCString()).header('vary', 'accept');
  // A Binary without content has nothing to hand out but itself.
  if (object === undefined || wantsFhir(request, typeof resource.contentType === 'string' ? resource.contentType : '')) return (await wholeBinary(request, stored, answerer)).send(reply, stored.content);
  return sendContent(request, reply, resource, object, answerer);
}

/**
 * The resource with its content in it, in the form that the request asks for. Streamed, unless layout or parts are asked
 * for: that is done in memory, where the limit of bodies holds.
 * @throws {Problem} `not-acceptable`, `too-costly-representation`, `store-unavailable`
 */
export async function wholeBinary(request: FastifyRequest, stored: StoredVersion, answerer: Answerer): Promise<Representation> {
  const { house, context } = answerer;
  const object = await contentOf(house.database, stored, context);
  if (object === undefined || object.size === 0) return representationOf(request);
  const query = queryOf(request);
  if (query.some(([name]) => name !== '_format' && representationParameters.includes(name))) return inMemory(request, stored.content, object, answerer);
  const format = acceptedFormat(request, query);
  const [before, after] = format.syntax === 'json' ? [`${stored.content.slice(0, -1)},"data":"`, '"}'] : xmlAround(writeXml(parseJson(stored.content)));
  const length = Buffer.byteLength(before) + base64Length(object.size) + Buffer.byteLength(after);
  const bytes = request.method === 'HEAD' ? undefined : await house.attachments.objects.get(context.tenant.id, object.sha256);
  const payload = bytes && Readable.from(around(before, base64Of(bytes), after), { objectMode: false });
  return { countOnly: false, send: (reply) => reply.type(format.contentType).header('content-length', length).send(payload ?? '') };
}

async function inMemory(request: FastifyRequest, text: string, { sha256, size }: ObjectReference, { house, context }: Answerer): Promise<Representation> {
  const representation = representationOf(request);
  const { bodyLimit } = house.configuration;
  if (base64Length(size) > bodyLimit) throw new Problem('too-costly-representation', { limit: bodyLimit });
  const data = (await buffer(await house.attachments.objects.get(context.tenant.id, sha256))).toString('base64');
  return { countOnly: false, send: (reply) => representation.send(reply, `${text.slice(0, -1)},"data":"${data}"}`) };
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
 * Content goes out as it is to everybody who does not name a type of FHIR, be it in Accept or in `_format`; a general type
 * means FHIR only where the content is of another type.
 * @throws {Problem} `not-acceptable`
 */
export function wantsFhir(request: FastifyRequest, contentType: string): boolean {
  const accept = request.headers.accept ?? '';
  if (queryOf(request).some(([name, value]) => name === '_format' && value !== '') || fhirRange.test(accept)) return true;
  if (accept === '' || takes(accept, contentType.split(';')[0]!.trim().toLowerCase())) return false;
  if (generalRange.test(accept)) return true;
  throw new Problem('not-acceptable', { offered: 'the content as it is, and application/fhir+json' });
}

function takes(accept: string, mediaType: string): boolean {
  const [type] = mediaType.split('/');
  return accept.toLowerCase().split(',').map((range) => range.split(';').map((part) => part.trim()))
    .some(([name, ...parameters]) => (name === '*/*' || name === mediaType || name === `${type}/*`) && !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter)));
}
