/** The context of a request: tenant, access, actor, time. The only place where these come together. */
import type { FastifyRequest } from 'fastify';
import type { Context } from '../../store/context.ts';
import type { House } from '../house.ts';

export function contextOf(request: Pick<FastifyRequest, 'id'>, house: House): Context {
  return {
    tenant: house.tenant,
    base: house.baseUrl(),
    get parameters() { return house.definitions.parametersOf(house.tenant.id); },
    refreshParameters: () => house.definitions.refresh(house.tenant.id),
    access: { tenant: house.tenant.id },
    // Nobody is known by name before access control exists; the server listens on loopback alone until then.
    actor: 'local',
    request: request.id,
    now: house.clock.now,
    random: house.clock.random,
  };
}
