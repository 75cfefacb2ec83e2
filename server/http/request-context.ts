/** The context of a request: tenant, access, actor, time. The only place where these come together. */
import type { FastifyRequest } from 'fastify';
import type { Context } from '../../store/context.ts';
import type { House } from '../house.ts';
import { pasBaseOf, pasVersionOf } from './pas-address.ts';
import { tenantOf } from './tenant-address.ts';

export function contextOf(request: Pick<FastifyRequest, 'id' | 'raw'>, house: House): Context {
  const tenant = tenantOf(request, house);
  const currentBase = house.baseUrlOf(tenant);
  const version = pasVersionOf(request);
  return {
    tenant,
    base: version === undefined ? currentBase : pasBaseOf(version, currentBase),
    ...(version !== undefined && { pas: { version: version.name, currentBase } }),
    get parameters() { return house.definitions.parametersOf(tenant.id); },
    refreshParameters: () => house.definitions.refresh(tenant.id),
    access: { tenant: tenant.id },
    // Nobody is known by name before access control exists; the server listens on loopback alone until then.
    actor: 'local',
    request: request.id,
    now: house.clock.now,
    random: house.clock.random,
  };
}
