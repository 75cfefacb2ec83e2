/**
 * CDS Hooks: what payers tell while an order is written. The services stand beside the FHIR base, /cds-services, and under
 * /tenant/NAME for other tenants. Pages of other origins may call them (CORS): CDS clients are often web applications.
 * Source: CDS Hooks 2.0 (https://cds-hooks.hl7.org/2.0/#http-response, #cors).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import { mediaTypeOf, readJson, unsupported } from '../media-types.ts';
import { contextOf } from '../request-context.ts';

type Address = { Params: { service: string } };

const json = 'application/json; charset=utf-8';

export function cdsServiceRoutes(server: FastifyInstance, house: House): void {
  const { coverageRequirements } = house;
  /** No cookie or other credential of a browser counts here, so whoever may read an answer could have asked for it himself. */
  const shared = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': 'x-request-id' });
  };

  for (const url of ['/cds-services', '/cds-services/:service', '/cds-services/:service/feedback']) {
    server.options(url, { onRequest: shared }, async (_request, reply) => reply.status(204).headers({
      'access-control-allow-methods': url === '/cds-services' ? 'GET' : 'POST', 'access-control-allow-headers': 'authorization, content-type', 'access-control-max-age': '3600',
    }).send());
  }

  server.get('/cds-services', { onRequest: shared }, async (_request, reply) => reply.type(json).send(coverageRequirements.discovery()));

  server.post<Address>('/cds-services/:service', { onRequest: shared }, async (request, reply) => {
    const context = contextOf(request, house);
    const body = bodyOf(request, 'a CDS Hooks request');
    return reply.type(json).send(await coverageRequirements.call(request.params.service, body, context.actor, context));
  });

  server.post<Address>('/cds-services/:service/feedback', { onRequest: shared }, async (request, reply) => {
    const context = contextOf(request, house);
    await coverageRequirements.feedback(request.params.service, bodyOf(request, 'CDS Hooks feedback'), context);
    return reply.status(200).send();
  });
}

function bodyOf(request: FastifyRequest, expected: string): unknown {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected });
  if (mediaTypeOf(request) !== 'application/json') throw unsupported(request, 'application/json');
  return readJson(request.body);
}
