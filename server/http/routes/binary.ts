/**
 * Binary (https://hl7.org/fhir/R4/binary.html): contents of any type, streamed into the object store and out of it. What
 * is the same for every type (delete, history, patch, search) stays with the routes of all types.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { Context } from '../../../store/context.ts';
import { readResource, readVersion, type StoredVersion } from '../../../store/read.ts';
import { readCriteria } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { readVersionNumber } from '../address.ts';
import { sendWritten } from '../answers.ts';
import { sendBinary, wholeBinary } from '../binary/answer.ts';
import { readBinaryBody, type BinaryBody } from '../binary/body.ts';
import type { Intent } from '../interactions/intent.ts';
import { write } from '../interactions/write.ts';
import { assertPlainAddress, queryOf } from '../media-types.ts';
import { assertOnly, entityTag, isUnchanged, preconditionsOf } from '../preconditions.ts';
import { preferencesOf } from '../preferences.ts';
import { representationOf, representationParameters, type Representation } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { assertId } from '../resource-body.ts';
import { conditionsOfUpdate } from './update.ts';

type InstanceAddress = { Params: { id: string } };
type VersionAddress = { Params: { id: string; version: string } };

/** What stands in the place of an id and is none (`_history`, `$meta`) is for the routes of all types. */
const anyId = '/Binary/:id(^[A-Za-z0-9.-]+$)';

export function binaryRoutes(server: FastifyInstance, house: House): void {
  server.register(async (binary) => {
    // The body stays a stream, whatever its type; everywhere else it is bytes in memory.
    binary.removeAllContentTypeParsers();
    binary.addContentTypeParser('*', (_request, _payload, done) => { done(null); });

    binary.post('/Binary', { config: { interaction: 'create' } }, async (request, reply) => {
      assertPlainAddress(request, 'create');
      const representation = representationOf(request);
      const context = contextOf(request, house);
      const preconditions = preconditionsOf(request);
      assertOnly(preconditions, ['ifNoneExist'], 'create');
      const unless = preconditions.ifNoneExist === undefined ? undefined : await readCriteria('Binary', preconditions.ifNoneExist, house.database, context);
      const body = await readBody(request, reply, house, context);
      return writeOne(request, reply, { kind: 'create', ...body, ...(unless && { unless }) }, representation, house, context);
    });

    binary.put<InstanceAddress>(anyId, { config: { interaction: 'update' } }, async (request, reply) => {
      const { id } = request.params;
      assertId(id);
      assertPlainAddress(request, 'update');
      const representation = representationOf(request);
      const context = contextOf(request, house);
      const conditions = conditionsOfUpdate(preconditionsOf(request));
      const body = await readBody(request, reply, house, context);
      if (body.object === undefined && body.resource.id === undefined) throw new Problem('id-required', {}, 'Binary.id');
      if (body.object === undefined && body.resource.id !== id) throw new Problem('id-mismatch', {}, 'Binary.id');
      return writeOne(request, reply, { kind: 'update', ...body, target: { id }, ...conditions }, representation, house, context);
    });

    for (const method of ['HEAD', 'GET'] as const) {
      binary.route<InstanceAddress>({ method, url: anyId, config: { interaction: 'read' }, handler: async (request, reply) => {
        const { id } = request.params;
        assertId(id);
        assertReadAddress(request, 'read');
        const context = contextOf(request, house);
        return send(request, reply, await readResource(house.database, 'Binary', id, context), house, context);
      } });

      binary.route<VersionAddress>({ method, url: `${anyId}/_history/:version`, config: { interaction: 'vread' }, handler: async (request, reply) => {
        const { id, version } = request.params;
        assertId(id);
        assertReadAddress(request, 'vread');
        const context = contextOf(request, house);
        return send(request, reply, await readVersion(house.database, 'Binary', id, readVersionNumber('Binary', id, version), context), house, context);
      } });
    }
  });
}

/** A body that is not read to its end must not be taken for the next request: the connection ends with the answer. */
async function readBody(request: FastifyRequest, reply: FastifyReply, house: House, context: Context): Promise<BinaryBody> {
  try {
    return await readBinaryBody(request, house, context);
  } catch (error) {
    // Undefined where a batch has made the request, and its body is whole.
    if (request.raw.complete === false) reply.header('connection', 'close');
    throw error;
  }
}

async function writeOne(request: FastifyRequest, reply: FastifyReply, intent: Intent & BinaryBody, representation: Representation, house: House, context: Context): Promise<FastifyReply> {
  const { outcomes } = await write(house, [intent], context);
  const [outcome] = outcomes;
  if (preferencesOf(request).return !== 'representation') return sendWritten(request, reply, outcome!, representation, context);
  // Content that came as it is goes back only to who asks for that.
  const answer = intent.object !== undefined && request.headers['prefer'] === undefined ? nothing : await wholeBinary(request, outcome!.version!, { house, context });
  return sendWritten(request, reply, outcome!, answer, context);
}

const nothing: Representation = { countOnly: false, send: (reply) => reply.send() };

async function send(request: FastifyRequest, reply: FastifyReply, stored: StoredVersion, house: House, context: Context): Promise<FastifyReply> {
  if (isUnchanged(preconditionsOf(request), stored)) return reply.status(304).header('etag', entityTag(stored.version)).send();
  return sendBinary(request, reply, stored, { house, context });
}

/** Accept may name any type here; it is looked at when the type of the content is known. */
function assertReadAddress(request: FastifyRequest, interaction: string): void {
  for (const [name] of queryOf(request)) {
    if (!representationParameters.includes(name)) throw new Problem('unknown-search-parameter', { name: /^[A-Za-z_][A-Za-z_.:-]{0,79}$/.test(name) ? name : '(not a name)', type: interaction });
  }
}
