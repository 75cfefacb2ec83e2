/** Tenants: the payers that a server hosts. */
import type { Tenant } from './context.ts';
import type { Database } from './database.ts';

/** All that are in the store, whichever a server hosts. */
export async function knownTenants(database: Database): Promise<readonly Tenant[]> {
  const { rows } = await database.query<Tenant>({ text: 'select id, name from tenant order by id' });
  return rows;
}

/** The tenant of that name, made when it is not there. */
export async function ensureTenant(database: Database, name: string, now: Date): Promise<Tenant> {
  const { rows } = await database.query<{ id: number }>({
    text: `
      with known as (
        select id from tenant where name = $1
      ), added as (
        insert into tenant (id, name, created_at)
        select coalesce(max(id), 0) + 1, $1, $2 from tenant
        where not exists (select from known)
        on conflict do nothing
        returning id
      )
      select id from known union all select id from added`,
    values: [name, now],
  });
  const row = rows[0];
  // Another server added a tenant, perhaps this one, between the two looks.
  if (!row) return ensureTenant(database, name, now);
  return { id: row.id, name };
}
