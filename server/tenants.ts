/** The payers that this server hosts, and the address of each: `default` has the root, every other one `/tenant/NAME`. */
import type { Tenant } from '../store/context.ts';
import type { Database } from '../store/database.ts';
import { ensureTenant } from '../store/tenants.ts';

export const defaultTenant = 'default';

/** All tenants, `default` first. Those that are new are made. */
export async function openTenants(database: Database, names: readonly string[], now: Date): Promise<readonly [Tenant, ...Tenant[]]> {
  const first = await ensureTenant(database, defaultTenant, now);
  const more: Tenant[] = [];
  for (const name of names) more.push(await ensureTenant(database, name, now));
  return [first, ...more];
}

/** What its addresses begin with, after the origin. */
export function pathOf({ name }: Tenant): string {
  return name === defaultTenant ? '' : `/tenant/${name}`;
}

/** Its FHIR base, where that of `default` is `base`: beside it, as the server has them side by side. */
export function baseOf(tenant: Tenant, base: string): string {
  return tenant.name === defaultTenant ? base : `${base.slice(0, base.lastIndexOf('/'))}${pathOf(tenant)}/fhir`;
}
