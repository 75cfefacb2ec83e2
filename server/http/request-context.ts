/** The context of a request: tenant, access, actor, time. The only place where these come together. */
import type { FastifyRequest } from 'fastify';
import { standardParameters } from '../../fhir/search-parameters.ts';
import type { Context } from '../../store/context.ts';
import type { House } from '../house.ts';

export function contextOf(request: Pick<FastifyRequest, 'id'>, house: House): Context {
  return {
    tenant: house.tenant,
    base: house.baseUrl(),
    parameters: standardParameters,
    access: { tenant: house.tenant.id },
    // Nobody is known by name before access control exists; the server listens on loopback alone until then.
    actor: 'local',
    request: request.id,
    now: house.clock.now,
    random: house.clock.random,
  };
}
