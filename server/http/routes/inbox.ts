/**
 * The inbox over HTTP: messages come in by POST /inbox/CHANNEL, and those who look after it see what became of them, read
 * the bytes, and replay. What is told of a message has codes and places; its bytes are given to who asks for them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { acknowledgementIn, takeAcknowledgement } from '../../../channels/hl7v2/take-acknowledgement.ts';
import { Problem } from '../../../fhir/problems.ts';
import type { MessageIssue } from '../../../operations/intake/message.ts';
import { mostReplayed, replayMessage, replaySome } from '../../../operations/intake/replay.ts';
import { takeMessages } from '../../../operations/intake/take-messages.ts';
import { listMessages, readMessage, type InboxQuery, type StoredMessage } from '../../../store/inbox.ts';
import { readLanded } from '../../../store/landing.ts';
import { shardInId } from '../../../store/shard.ts';
import type { LandingKey } from '../../../store/write/changes.ts';
import type { House } from '../../house.ts';
import { mediaTypeOf, queryOf, readResourceBytes, unsupported } from '../media-types.ts';
import { contextOf } from '../request-context.ts';
import { idShape } from '../../../store/search/language/reference.ts';
import { isObject } from '../resource-body.ts';

type Address = { Params: { id: string } };

/** Channels that have an address, and what a body may be called there, the usual name first. Not text/plain: a page on the web may send that to another server without asking. */
const channels: Readonly<Record<string, readonly [string, ...string[]]>> = {
  hl7v2: ['x-application/hl7-v2+er7', 'application/hl7-v2+er7', 'application/hl7-v2', 'application/octet-stream'],
  ccda: ['application/cda+xml', 'application/hl7-cda+xml', 'application/xml', 'text/xml', 'application/octet-stream'],
};

const states: ReadonlySet<string> = new Set(['received', 'accepted', 'review', 'quarantined', 'duplicate']);

export function inboxRoutes(server: FastifyInstance, house: House): void {
  for (const [channel, accepted] of Object.entries(channels)) {
    server.post(`/inbox/${channel}`, async (request, reply) => {
      const rail = house.rails.get(channel);
      if (!rail) throw new Problem('no-such-route');
      const mediaType = mediaTypeOf(request);
      if (!accepted.includes(mediaType)) throw unsupported(request, accepted[0]);
      if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected: `a message of ${channel}` });
      const context = contextOf(request, house);
      const acknowledgement = channel === 'hl7v2' ? acknowledgementIn(request.body) : undefined;
      if (acknowledgement) {
        // It is not acknowledged itself (HL7 v2.5.1, 2.9.2).
        await takeAcknowledgement(house.database, acknowledgement, context);
        return reply.status(204).send();
      }
      const { answer, landed, outcome } = await takeMessages(house.intake, rail, { sender: context.actor, mediaType: request.headers['content-type'] ?? mediaType, body: request.body }, context);
      return reply.status(answer.status).type(answer.mediaType).headers({ 'priora-delivery': landed.id, 'priora-delivery-outcome': outcome }).send(answer.body);
    });
  }

  server.get('/inbox', async (request, reply) => {
    const { query, limit } = readQuery(request);
    const found = await listMessages(house.database, { ...query, limit: limit + 1 }, contextOf(request, house));
    return json(reply, { messages: found.slice(0, limit).map(summaryOf), more: found.length > limit });
  });

  server.get<Address>('/inbox/:id', async (request, reply) => {
    const message = await messageOf(request, house);
    return json(reply, { ...summaryOf(message), key: message.key, sha256: message.sha256, attempts: message.attempts, decidedAt: message.decidedAt, acknowledgement: message.acknowledgement, issues: JSON.parse(message.issues) as unknown, unmapped: JSON.parse(message.unmapped) as unknown });
  });

  server.get<Address>('/inbox/:id/raw', async (request, reply) => {
    const message = await messageOf(request, house);
    const landed = await readLanded(house.database, message.landing, contextOf(request, house));
    const rail = house.rails.get(message.channel);
    if (!landed || !rail) throw new Problem('channel-closed');
    let position = 0;
    for (const { content } of rail.read(landed.body, landed.mediaType)) {
      // A stranger's bytes are handed out as a file and never shown as a page.
      if (position === message.position) return reply.header('content-disposition', 'attachment').type('application/octet-stream').send(Buffer.from(content));
      position += 1;
    }
    throw new Problem('message-not-found');
  });

  server.post<Address>('/inbox/:id/replay', async (request, reply) => {
    const { key, context } = addressOf(request, house);
    return json(reply, { messages: await replayMessage(house, key, readChoice(request), context) });
  });

  server.post('/inbox/replay', async (request, reply) => {
    const { query } = readQuery(request);
    // Everything that was ever accepted is replayed by who says so, and not by who says nothing.
    if (query.states === undefined) throw new Problem('missing-operation-parameter', { operation: 'replay', name: 'state' });
    return json(reply, await replaySome(house, query, contextOf(request, house)));
  });
}

function json(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json').send(JSON.stringify(body));
}

function addressOf(request: FastifyRequest<Address>, house: House): { readonly key: LandingKey; readonly context: ReturnType<typeof contextOf> } {
  const { id } = request.params;
  const shard = shardInId(id);
  if (shard === undefined) throw new Problem('message-not-found');
  return { key: { id, shard }, context: contextOf(request, house) };
}

async function messageOf(request: FastifyRequest<Address>, house: House): Promise<StoredMessage> {
  const { key, context } = addressOf(request, house);
  const message = await readMessage(house.database, key, context);
  if (!message) throw new Problem('message-not-found');
  return message;
}

/** Whom a person has chosen: `{"patient": "ID"}`, or `new`. */
function readChoice(request: FastifyRequest): string | undefined {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return undefined;
  const body = readResourceBytes(request, 'an object with the patient');
  const patient = isObject(body) ? body['patient'] : undefined;
  if (typeof patient !== 'string' || !idShape.test(patient)) throw new Problem('invalid-element', { element: 'patient', reason: 'the id of a Patient is expected, or new' });
  return patient;
}

function readQuery(request: FastifyRequest): { readonly query: Omit<InboxQuery, 'limit'>; readonly limit: number } {
  const given = new Map(queryOf(request));
  for (const name of given.keys()) if (!['state', 'channel', 'since', 'limit', 'patient', 'landing'].includes(name)) throw new Problem('unknown-operation-parameter', { operation: 'inbox', name: '(not a name)' });
  const state = given.get('state')?.split(',');
  if (state?.some((name) => !states.has(name)) === true) throw invalid('state', `any of ${[...states].join(', ')} is expected`);
  const channel = given.get('channel');
  const since = given.get('since');
  const sinceAt = since === undefined ? undefined : new Date(since);
  if (sinceAt !== undefined && Number.isNaN(sinceAt.getTime())) throw invalid('since', 'a date or an instant is expected');
  const limit = Number(given.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostReplayed) throw invalid('limit', `a number from 1 to ${mostReplayed} is expected`);
  const landing = given.get('landing');
  if (landing !== undefined && shardInId(landing) === undefined) throw invalid('landing', 'the id of a delivery is expected');
  const patient = given.get('patient');
  return { query: { ...(state && { states: state }), ...(channel !== undefined && { channel }), ...(sinceAt && { since: sinceAt }), ...(landing !== undefined && { landing }), ...(patient !== undefined && { patient }) }, limit };
}

function invalid(name: string, reason: string): Problem {
  return new Problem('invalid-operation-parameter', { name, reason });
}

function summaryOf({ id, channel, kind, state, author, receivedAt, landing, position, patient, share, issues }: StoredMessage): object {
  const told = JSON.parse(issues) as MessageIssue[];
  return { id, channel, kind, state, author, receivedAt, delivery: landing.id, position, patient, share, problems: [...new Set(told.flatMap(({ severity, code }) => severity === 'information' ? [] : [code]))] };
}
