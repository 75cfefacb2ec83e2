/**
 * Which version of what validators go by a tenant has: installed packages, its own StructureDefinitions, and the
 * terminology of both. Whatever is kept in memory names the version that it was read at.
 */
import sql from 'sql-template-tag';
import type { Queryable } from '../database.ts';
import type { Change } from '../write/changes.ts';
import { assertPostable } from './posted-limits.ts';
import { sharedScope } from '../terminology/scope.ts';

/** The channel on which processes are told that a scope's profiles have changed; the payload is its number, 0 for packages. */
export const profilesChannel = 'priora_profiles';

export function isProfileType(type: string): boolean {
  return type === 'StructureDefinition';
}

export function isProfile(change: Change): boolean {
  return 'resource' in change ? isProfileType(change.resource.resourceType) : change.kind === 'delete' && isProfileType(change.type);
}

/** Counts on the version of a scope, and tells every process when the transaction commits. Writers of one scope take turns from here on. */
export async function countProfiles(connection: Queryable, tenant: number): Promise<void> {
  await connection.query(sql`
    with counted as (
      insert into profile_version as known (tenant, version) values (${tenant}::smallint, 1)
      on conflict (tenant) do update set version = known.version + 1
    )
    select pg_notify(${profilesChannel}::text, ${String(tenant)}::text)`);
}

/**
 * To be called with all rows that a transaction writes, inside of it.
 * @throws {Problem} `unusable-definition`: one is larger than a posted one may be
 */
export async function countWrittenProfiles(connection: Queryable, rows: readonly { readonly tenant: number; readonly type: string; readonly deleted: boolean; readonly content: string }[]): Promise<void> {
  const written = rows.filter(({ type }) => isProfileType(type));
  for (const { deleted, content } of written) if (!deleted) assertPostable(content);
  const tenants = new Set(written.map(({ tenant }) => tenant));
  // In one order, because writers of a scope wait for each other.
  for (const tenant of [...tenants].toSorted((a, b) => a - b)) await countProfiles(connection, tenant);
}

export interface ProfileVersion {
  /** Of installed packages. */
  readonly shared: string;
  /** Of what the tenant has posted of profiles and terminology. */
  readonly own: string;
}

export async function profileVersion(database: Queryable, tenant: number): Promise<ProfileVersion> {
  const { rows: [row] } = await database.query<{ shared: string; own: string }>(sql`
    select coalesce((select version from profile_version where tenant = ${sharedScope}), 0)::text as shared,
           coalesce((select version from profile_version where tenant = ${tenant}), 0) || '/' ||
           coalesce((select version from terminology_version where tenant = ${tenant}), 0) as own`);
  return row!;
}
