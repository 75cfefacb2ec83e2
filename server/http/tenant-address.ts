/**
 * Which tenant a request is for: `/tenant/NAME` is taken off the front of its address before it is routed, so that
 * every route is there once, for all tenants, and none can forget to ask.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problems.ts';
import type { Tenant } from '../../store/context.ts';
import type { House } from '../house.ts';
import { defaultTenant } from '../tenants.ts';

const prefix = /^\/tenant\/([^/?]*)(?=\/)/;

/** Names as the addresses have them, whether there is such a tenant or not. */
const named = new WeakMap<IncomingMessage, string>();

/** The address within the tenant. */
export function withoutTenant(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const name = prefix.exec(url)?.[1];
  if (name === undefined) return url;
  named.set(request, name);
  return url.slice('/tenant/'.length + name.length);
}

/** @throws {Problem} `no-such-route` where there is no tenant of that name; `default` has no second address */
export function tenantOf(request: Pick<FastifyRequest, 'raw'>, { tenants }: Pick<House, 'tenants'>): Tenant {
  const name = named.get(request.raw);
  const tenant = name === undefined ? tenants[0] : tenants.find((one) => one.name === name);
  if (tenant === undefined || name === defaultTenant) throw new Problem('no-such-route');
  return tenant;
}

/** Whether the tenant is there, and the route is one of a tenant's: health and metrics are the whole server's. */
export function isTenantAddress(request: FastifyRequest, { tenants }: Pick<House, 'tenants'>): boolean {
  const name = named.get(request.raw);
  return name === undefined || (name !== defaultTenant && request.routeOptions.config.always !== true && tenants.some((tenant) => tenant.name === name));
}
