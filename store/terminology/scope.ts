/**
 * Whose terminology a tenant sees: its own, and what is installed for all. Every read of the terminology tables says so
 * through {@link visible}; which of two with the same url and version is meant, {@link isOwn} tells.
 */
import sql, { type Sql } from 'sql-template-tag';
import { sharedScope } from '../../terminology/heads.ts';
import type { Access } from '../context.ts';
import type { Queryable } from '../database.ts';

export { sharedScope };

/** True of the rows under the name `row` that may be read. */
export function visible(access: Access, row: Sql): Sql {
  return sql`${row}.tenant in (${sharedScope}::smallint, ${access.tenant}::smallint)`;
}

/** True of a row that is the tenant's own: it hides a shared one of the same name. */
export function isOwn(tenant: number): boolean {
  return tenant !== sharedScope;
}

/** The versions of what is visible, as one text: it changes whenever something of it does. */
export function visibleVersion(access: Access): Sql {
  return sql`(select coalesce(string_agg(v.tenant || ':' || v.version, ' ' order by v.tenant), '') from terminology_version v where ${visible(access, sql`v`)})`;
}

/** The channel on which processes tell each other that a scope's terminology has changed; the payload is its number. */
export const terminologyChannel = 'priora_terminology';

/** Counts on the version of a scope, and tells every process when the transaction commits. Writers of one scope take turns from here on. */
export async function countOn(connection: Queryable, tenant: number): Promise<void> {
  await connection.query(sql`
    with counted as (
      insert into terminology_version as known (tenant, version) values (${tenant}::smallint, 1)
      on conflict (tenant) do update set version = known.version + 1
    )
    select pg_notify(${terminologyChannel}::text, ${String(tenant)}::text)`);
}
