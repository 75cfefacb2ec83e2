/**
 * The body of a create or update of a Binary: what is sent as FHIR and is a Binary is one; everything else is content as
 * it is, whatever its type, and goes into the object store as it comes.
 * Source: FHIR R4, "Serving Binary Resources using the RESTful API" (https://hl7.org/fhir/R4/binary.html#rest).
 */
import type { Binary } from '@medplum/fhirtypes';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { readReference } from '../../../fhir/references.ts';
import { parseXml } from '../../../fhir/xml/read.ts';
import type { Context } from '../../../store/context.ts';
import type { ObjectReference } from '../../../store/write/changes.ts';
import type { House } from '../../house.ts';
import { mediaTypeOf, readJson, unsupported } from '../media-types.ts';
import { makeOwnReferencesRelative } from '../own-references.ts';
import { asResource, assertShape } from '../resource-body.ts';

export interface BinaryBody {
  readonly resource: Binary;
  /** Content that is in the object store already; undefined where the resource came with its data in it, or without any. */
  readonly object?: ObjectReference;
}

const json = /^(application\/(fhir\+)?json|text\/json)$/;
const xml = /^(application\/(fhir\+)?xml|text\/xml)$/;
const fhir = /^application\/fhir\+(json|xml)$/;
const isBinaryJson = /"resourceType"\s*:\s*"Binary"/;
const isBinaryXml = /^\uFEFF?\s*(<\?xml[^>]*\?>)?\s*(<!--[^]*?-->\s*)*<([\w.-]+:)?Binary[\s/>]/;
const longestContentType = 255;

/**
 * @throws {Problem} `empty-body`, `unsupported-media-type`, `too-large`, `incomplete-body`, `store-full`, `store-unavailable`,
 *   and those of a resource that is not well-formed
 */
export async function readBinaryBody(request: FastifyRequest, house: House, context: Context): Promise<BinaryBody> {
  const mediaType = mediaTypeOf(request);
  const contentType = request.headers['content-type'] ?? '';
  if (mediaType === '' || contentType.length > longestContentType) throw unsupported(request, 'the type of the content');
  const { binaryLimit, bodyLimit } = house.configuration;
  if (Number(request.headers['content-length']) > binaryLimit) throw new Problem('too-large', { limit: binaryLimit });
  const securityContext = securityContextOf(request, context);
  const source = bytesOf(request);
  if (!json.test(mediaType) && !xml.test(mediaType)) return content(source, contentType, securityContext, house, context);

  const { start, rest } = await readAhead(source, bodyLimit);
  if (rest !== undefined) {
    // A resource is decoded in memory, and so must fit into the limit of other bodies.
    if ((json.test(mediaType) ? isBinaryJson : isBinaryXml).test(start.toString('latin1'))) throw new Problem('too-large', { limit: bodyLimit });
    return content(joined(start, rest), contentType, securityContext, house, context);
  }
  if (start.length === 0) throw new Problem('empty-body', { expected: 'a Binary or its content' });
  const value = json.test(mediaType) ? jsonOf(start, fhir.test(mediaType)) : xmlOf(start, fhir.test(mediaType));
  if (typeof value !== 'object' || value === null || (value as { resourceType?: unknown }).resourceType !== 'Binary') return content([start], contentType, securityContext, house, context);
  return { resource: withSecurityContext(readBinary(value, context), securityContext) };
}

async function content(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, contentType: string, securityContext: string | undefined, { attachments }: House, context: Context): Promise<BinaryBody> {
  const object = await attachments.objects.put(context.tenant.id, source, attachments.binaryLimit);
  return { object, resource: { resourceType: 'Binary', contentType, ...(securityContext !== undefined && { securityContext: { reference: securityContext } }) } };
}

function readBinary(value: object, context: Context): Binary {
  const resource = asResource(value, 'Binary');
  assertShape(resource);
  makeOwnReferencesRelative(resource, context.base);
  return resource as Binary;
}

/** Where both are there, they must say the same: one of them would be passed over. */
function withSecurityContext(resource: Binary, reference: string | undefined): Binary {
  if (reference === undefined) return resource;
  if (resource.securityContext !== undefined && resource.securityContext.reference !== reference) {
    throw new Problem('invalid-element', { element: 'X-Security-Context', reason: 'it is not the securityContext of the Binary' }, 'Binary.securityContext');
  }
  return { ...resource, securityContext: { reference } };
}

function securityContextOf(request: FastifyRequest, context: Context): string | undefined {
  const header = request.headers['x-security-context'];
  if (header === undefined) return undefined;
  const reference = typeof header === 'string' ? readReference(header.trim()) : undefined;
  if (reference === undefined) throw new Problem('invalid-element', { element: 'X-Security-Context', reason: 'a reference to a resource is expected' });
  const own = { reference: header as string };
  makeOwnReferencesRelative(own, context.base);
  return own.reference.trim();
}

/** @param required what calls itself FHIR must be well-formed; a file of a general type may be anything */
function jsonOf(bytes: Buffer, required: boolean): unknown {
  return tolerant(required, () => readJson(bytes));
}

function xmlOf(bytes: Buffer, required: boolean): unknown {
  const text = bytes.toString('utf8');
  if (!isBinaryXml.test(text) && !required) return undefined;
  return tolerant(required, () => parseXml(text));
}

function tolerant(required: boolean, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (required || !(error instanceof Problem)) throw error;
    return undefined;
  }
}

/** The bytes of the body as they come. @throws {Problem} `incomplete-body` when the client stops in the middle */
async function* bytesOf(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request.raw) yield chunk as Uint8Array;
  } catch (error) {
    throw new Problem('incomplete-body', {}, undefined, { cause: error });
  }
  if (request.raw.complete === false) throw new Problem('incomplete-body');
}

/** The whole source, if it has no more than `limit` bytes; otherwise its start, and the rest still to be read. */
async function readAhead(source: AsyncGenerator<Uint8Array>, limit: number): Promise<{ start: Buffer; rest?: AsyncGenerator<Uint8Array> }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const next = await source.next();
    if (next.done === true) return { start: Buffer.concat(chunks) };
    chunks.push(next.value);
    size += next.value.byteLength;
    if (size > limit) return { start: Buffer.concat(chunks), rest: source };
  }
}

async function* joined(start: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  yield* rest;
}
