/**
 * The outbox over HTTP: what was decided on requests after their first answers, for partners who ask for it. An answer is
 * handed out until its receiver says that it has come, by an acknowledgement of its rail or by DELETE.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bytesOf, hl7v2MediaType } from '../../../channels/hl7v2/rail.ts';
import { Problem } from '../../../fhir/problems.ts';
import { takeAnswerAcknowledgement } from '../../../operations/prior-authorization/exchange/acknowledged.ts';
import { handOut } from '../../../store/later-answers.ts';
import type { House } from '../../house.ts';
import { queryOf } from '../media-types.ts';
import { contextOf } from '../request-context.ts';
import { x12MediaType } from './x12.ts';

interface Channel {
  readonly mediaType: string;
  readonly bytesOf: (content: string) => Uint8Array;
  /** How a partner is called. */
  readonly partner: RegExp;
  readonly expected: string;
}

const channels: Readonly<Record<string, Channel>> = {
  x12: { mediaType: x12MediaType, bytesOf: (content) => Buffer.from(content, 'latin1'), partner: /^[\dA-Z]{2}:[^\p{Cc}]{1,15}$/u, expected: 'ISA05 and ISA06 of the requests are expected, as ZZ:CLINIC' },
  hl7v2: { mediaType: hl7v2MediaType, bytesOf, partner: /^[^|\p{Cc}]*\|[^|\p{Cc}]*$/u, expected: 'MSH-3 and MSH-4 of the requests are expected, as EHR|CLINIC' },
};

const most = 100;
const usual = 20;

export function outboxRoutes(server: FastifyInstance, house: House): void {
  for (const [channel, { mediaType, bytesOf: bytes, ...rules }] of Object.entries(channels)) {
    server.get(`/outbox/${channel}`, async (request, reply) => {
      const { partner, limit } = readQuery(request, rules, ['partner', 'limit']);
      const { contents, more } = await handOut(house.database, { channel, partner, limit }, contextOf(request, house));
      if (contents.length === 0) return reply.status(204).send();
      return reply.type(mediaType).headers({ 'priora-answers': String(contents.length), 'priora-more': String(more) }).send(Buffer.concat(contents.map(bytes)));
    });

    server.delete<{ Params: { number: string } }>(`/outbox/${channel}/:number`, async (request, reply) => {
      const { partner } = readQuery(request, rules, ['partner']);
      const { number } = request.params;
      const controlNumber = channel === 'x12' && /^\d{1,9}$/.test(number) ? String(Number(number)) : number;
      if (!/^\w{1,40}$/.test(number) || !await takeAnswerAcknowledgement(house.database, { channel, partner, controlNumber, outcome: 'accepted' }, contextOf(request, house))) throw new Problem('answer-not-found');
      return reply.status(204).send();
    });
  }
}

/** The names that a query may have are few, and a value under another one is not overlooked. */
function readQuery(request: FastifyRequest, rules: Pick<Channel, 'partner' | 'expected'>, names: readonly string[]): { readonly partner: string; readonly limit: number } {
  const given = new Map(queryOf(request));
  for (const name of given.keys()) if (!names.includes(name)) throw new Problem('unknown-operation-parameter', { operation: 'outbox', name: '(not a name)' });
  const partner = given.get('partner');
  if (partner === undefined) throw new Problem('missing-operation-parameter', { operation: 'outbox', name: 'partner' });
  if (partner.length > 500 || !rules.partner.test(partner)) throw new Problem('invalid-operation-parameter', { name: 'partner', reason: rules.expected });
  const limit = Number(given.get('limit') ?? usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw new Problem('invalid-operation-parameter', { name: 'limit', reason: `a number from 1 to ${most} is expected` });
  return { partner, limit };
}
