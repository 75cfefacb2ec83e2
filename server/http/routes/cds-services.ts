/**
 * CDS Hooks: what payers tell while an order is written. The services stand beside the FHIR base, /cds-services, and under
 * /tenant/NAME for other tenants. What services there are may be asked by everybody, pages of any origin among them (CORS).
 * Where the operator lists clients, each call is signed by one of them, wherever the page came from that makes it; without
 * such a list only pages of listed origins may call.
 * Source: CDS Hooks 2.0 (https://cds-hooks.hl7.org/2.0/#http-response, #cors, #trusting-cds-clients).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { TrustedClient } from '../../../operations/coverage-requirements/trusted-clients.ts';
import type { House } from '../../house.ts';
import { mediaTypeOf, readJson, unsupported } from '../media-types.ts';
import { contextOf } from '../request-context.ts';

type Address = { Params: { service: string } };

const json = 'application/json; charset=utf-8';

export function cdsServiceRoutes(server: FastifyInstance, house: House): void {
  const { coverageRequirements } = house;
  const exposed = { 'access-control-expose-headers': 'x-request-id, www-authenticate' };
  const open = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers({ 'access-control-allow-origin': '*', ...exposed });
  };
  /**
   * A signature is no credential that a browser adds by itself, so a page that has one may ask. Without signatures being
   * on this machine is the credential, which every page has that its user opens.
   */
  const shared = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (house.authenticateCdsClient) return open(request, reply);
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (origin !== undefined && house.configuration.cdsOrigins.includes(origin)) reply.headers({ 'access-control-allow-origin': origin, ...exposed });
  };

  /** Who calls, before anything of the body is read. */
  const callers = new WeakMap<FastifyRequest, TrustedClient>();
  const known = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!house.authenticateCdsClient) return;
    const context = contextOf(request, house);
    // What a token is for is the address as clients see it, without a query.
    const endpoint = besideFhir(context.base) + request.url.split('?')[0];
    // Taken away again where the caller is known. RFC 6750, section 3: without credentials nothing is said of what is wrong with them.
    reply.header('www-authenticate', request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"');
    callers.set(request, await house.authenticateCdsClient(request.headers.authorization, endpoint, context));
    reply.removeHeader('www-authenticate');
  };

  for (const url of ['/cds-services', '/cds-services/:service', '/cds-services/:service/feedback']) {
    server.options(url, { onRequest: url === '/cds-services' ? open : shared }, async (_request, reply) => reply.status(204).headers({
      'access-control-allow-methods': url === '/cds-services' ? 'GET' : 'POST', 'access-control-allow-headers': 'authorization, content-type', 'access-control-max-age': '3600',
    }).send());
  }

  server.get('/cds-services', { onRequest: open }, async (_request, reply) => reply.type(json).send(coverageRequirements.discovery()));

  server.post<Address>('/cds-services/:service', { onRequest: [shared, known] }, async (request, reply) => {
    const context = contextOf(request, house);
    const body = bodyOf(request, 'a CDS Hooks request');
    return reply.type(json).send(await coverageRequirements.call(request.params.service, body, callers.get(request), context));
  });

  server.post<Address>('/cds-services/:service/feedback', { onRequest: [shared, known] }, async (request, reply) => {
    const context = contextOf(request, house);
    await coverageRequirements.feedback(request.params.service, bodyOf(request, 'CDS Hooks feedback'), context);
    return reply.status(200).send();
  });
}

/** Where the services of a tenant stand. */
function besideFhir(base: string): string {
  return base.slice(0, base.lastIndexOf('/'));
}

function bodyOf(request: FastifyRequest, expected: string): unknown {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected });
  if (mediaTypeOf(request) !== 'application/json') throw unsupported(request, 'application/json');
  return readJson(request.body);
}
