/**
 * Binary (https://hl7.org/fhir/R4/binary.html): contents of any type, streamed into the object store and out of it. What
 * is the same for every type (delete, history, patch, search) stays with the routes of all types.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { moveOutAttachments } from '../../../operations/attachments/move-out.ts';
import type { Context } from '../../../store/context.ts';
import { contentOf } from '../../../store/objects/contents.ts';
import { readResource, readVersion } from '../../../store/read.ts';
import type { Change, Committed } from '../../../store/write/changes.ts';
import { commit } from '../../../store/write/commit.ts';
import type { House } from '../../house.ts';
import { sendBinary, sendResource } from '../binary/answer.ts';
import { readBinaryBody, type BinaryBody } from '../binary/body.ts';
import { assertPlainAddress, fhirJson } from '../media-types.ts';
import { entityTag } from '../preconditions.ts';
import { preferencesOf } from '../preferences.ts';
import { contextOf } from '../request-context.ts';
import { assertId } from '../resource-body.ts';

type InstanceAddress = { Params: { id: string } };
type VersionAddress = { Params: { id: string; version: string } };

export function binaryRoutes(server: FastifyInstance, house: House): void {
  server.register(async (binary) => {
    // The body stays a stream, whatever its type; everywhere else it is bytes in memory.
    binary.removeAllContentTypeParsers();
    binary.addContentTypeParser('*', (_request, _payload, done) => { done(null); });

    binary.post('/Binary', { config: { interaction: 'create' } }, async (request, reply) => {
      assertPlainAddress(request, 'create');
      refuseHeaders(request, ['if-none-exist']);
      const context = contextOf(request, house);
      const { resource, object } = await readBody(request, reply, house, context);
      return write(request, reply, [{ kind: 'create', resource, ...(object && { object }) }], object !== undefined, house, context);
    });

    binary.put<InstanceAddress>('/Binary/:id', { config: { interaction: 'update' } }, async (request, reply) => {
      const { id } = request.params;
      assertId(id);
      assertPlainAddress(request, 'update');
      refuseHeaders(request, ['if-none-match']);
      const ifMatch = readIfMatch(request);
      const context = contextOf(request, house);
      const { resource, object } = await readBody(request, reply, house, context);
      if (object === undefined && resource.id === undefined) throw new Problem('id-required', {}, 'Binary.id');
      if (object === undefined && resource.id !== id) throw new Problem('id-mismatch', {}, 'Binary.id');
      return write(request, reply, [{ kind: 'update', resource: { ...resource, id }, ...(object && { object }), ...(ifMatch !== undefined && { ifMatch }) }], object !== undefined, house, context);
    });

    for (const method of ['HEAD', 'GET'] as const) {
      binary.route<InstanceAddress>({ method, url: '/Binary/:id', config: { interaction: 'read' }, handler: async (request, reply) => {
        const { id } = request.params;
        assertId(id);
        assertReadAddress(request, 'read');
        const context = contextOf(request, house);
        const stored = await readResource(house.database, 'Binary', id, context);
        if (isKnown(request, stored.version)) return reply.status(304).header('etag', entityTag(stored.version)).send();
        return sendBinary(request, reply, stored, { house, context });
      } });

      binary.route<VersionAddress>({ method, url: '/Binary/:id/_history/:version', config: { interaction: 'vread' }, handler: async (request, reply) => {
        const { id, version } = request.params;
        assertId(id);
        assertReadAddress(request, 'vread');
        if (!/^[1-9]\d{0,8}$/.test(version)) throw new Problem('version-not-found', { type: 'Binary', id, version: 'of that name' });
        const context = contextOf(request, house);
        const stored = await readVersion(house.database, 'Binary', id, Number(version), context);
        if (isKnown(request, stored.version)) return reply.status(304).header('etag', entityTag(stored.version)).send();
        return sendBinary(request, reply, stored, { house, context });
      } });
    }
  });
}

/** A body that is not read to its end must not be taken for the next request: the connection ends with the answer. */
async function readBody(request: FastifyRequest, reply: FastifyReply, house: House, context: Context): Promise<BinaryBody> {
  try {
    return await readBinaryBody(request, house, context);
  } catch (error) {
    if (!request.raw.complete) reply.header('connection', 'close');
    throw error;
  }
}

/** @param raw the content came as it is: it is sent back only to who asks for that */
async function write(request: FastifyRequest, reply: FastifyReply, changes: readonly Change[], raw: boolean, house: House, context: Context): Promise<FastifyReply> {
  const [written] = await commit(house.database, await moveOutAttachments(changes, house.attachments, context), context);
  const { id, version, lastUpdated, created, content } = written as Committed;
  reply.status(created ? 201 : 200)
    .header('etag', entityTag(version))
    .header('last-modified', lastUpdated.toUTCString())
    .header('location', `${house.baseUrl()}/Binary/${id}/_history/${version}`);
  const wanted = raw && request.headers['prefer'] === undefined ? 'minimal' : preferencesOf(request).return;
  if (wanted === 'minimal') return reply.send();
  if (wanted === 'representation') return sendResource(request, reply, content, await contentOf(house.database, { type: 'Binary', id, version }, context), { syntax: 'json', contentType: fhirJson }, { house, context });
  return reply.type(fhirJson).send(JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational', diagnostics: `Binary/${id} is at version ${version}.` }] }));
}

/** Accept may name any type here; it is looked at when the type of the content is known. */
function assertReadAddress(request: FastifyRequest, interaction: string): void {
  for (const name of new URLSearchParams(request.url.split('?').slice(1).join('?')).keys()) {
    if (name !== '_format') throw new Problem('unknown-search-parameter', { name: /^[A-Za-z_][A-Za-z_.:-]{0,79}$/.test(name) ? name : '(not a name)', type: interaction });
  }
}

function refuseHeaders(request: FastifyRequest, names: readonly string[]): void {
  for (const name of names) if (request.headers[name] !== undefined) throw new Problem('not-supported', { what: `The header ${name} on a Binary` });
}

function isKnown(request: FastifyRequest, version: number): boolean {
  const header = request.headers['if-none-match'];
  return header !== undefined && header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${version}"`);
}

function readIfMatch(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) return undefined;
  const version = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(header)?.[1];
  if (version === undefined) throw new Problem('bad-if-match');
  return Number(version);
}
