/**
 * What the tables tell of imported code systems: the CodeSystem of each without its concepts, and which of those are
 * resources of a tenant already (operations/terminology/publish-imported.ts).
 */
import type { CodeSystem, CodeSystemProperty } from '@medplum/fhirtypes';
import sql, { type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { importFormats } from '../../terminology/import/formats.ts';
import { importedId, importedIdPattern } from '../../terminology/imported-id.ts';
import type { Access } from '../context.ts';
import type { Queryable } from '../database.ts';
import { accessible } from '../search/sql/access.ts';
import { visible } from './scope.ts';

/** Condition on the row `s` of what is installed: {@link importedId} of it is `id`. */
export function hasImportedId(id: string): Sql {
  return sql`s.resource_id is null and 'imported-' || left(encode(sha256(convert_to(s.url || '|' || s.version, 'UTF8')), 'hex'), 40) = ${id}`;
}

/** What an import notes as its source: the format, the name, and the fingerprint of the files. Packages note their name and version. */
const isImported = (): Sql => sql`s.resource_id is null and split_part(s.source, ' ', 1) = any (${[...importFormats.keys()]}::text[]) and s.source ~ ' [0-9a-f]{16}$'`;

/**
 * A CodeSystem for each version that was imported and that the tenant sees; of its own and a shared one its own. None has
 * concepts: whoever may ask what a code means asks $lookup, and licensed lists are not handed out whole.
 */
export async function importedCodeSystems(database: Queryable, access: Access): Promise<readonly (CodeSystem & { id: string })[]> {
  const { rows } = await database.query<{ tenant: number; system: number; url: string; version: string; count: number; head: string }>(sql`
    select distinct on (s.url, s.version) s.tenant, s.system, s.url, s.version, s.concept_count as count, s.head
    from code_system s
    where ${visible(access, sql`s`)} and s.state = 'ready' and ${isImported()}
    order by s.url, s.version, s.tenant desc, s.changed_at desc, s.system desc`);
  return Promise.all(rows.map(async ({ tenant, system, url, version, count, head }) => {
    const { resourceType, property: stated = [], ...rest } = JSON.parse(head) as CodeSystem;
    const found = await propertiesOf(database, tenant, system);
    const property = [...stated, ...found.filter(({ code }) => !stated.some((one) => one.code === code))];
    return { resourceType, id: importedId(url, version), ...rest, content: 'not-present', count, ...(property.length > 0 && { property }) };
  }));
}

/** The properties that its concepts have, each found by one step in the index: there are millions of rows, and few codes. */
async function propertiesOf(database: Queryable, tenant: number, system: number): Promise<readonly CodeSystemProperty[]> {
  const next = (after: Sql): Sql => sql`
    select p.code, p.type from code_system_property p
    where p.tenant = ${tenant}::smallint and p.system = ${system}::integer ${after} order by p.code limit 1`;
  const { rows } = await database.query<{ code: string; type: NonNullable<CodeSystemProperty['type']> }>(sql`
    with recursive told as (
      (${next(sql``)})
      union all
      select following.code, following.type from told cross join lateral (${next(sql`and p.code > told.code`)}) as following
    )
    select code, type from told order by code`);
  return rows;
}

export interface PublishedCodeSystem {
  readonly id: string;
  readonly version: number;
  readonly content: string;
}

/** Resources of the tenant that tell of imports. */
export async function publishedImports(database: Queryable, access: Access): Promise<readonly PublishedCodeSystem[]> {
  const { rows } = await database.query<PublishedCodeSystem>(sql`
    select r.id, r.version, r.content from resource r
    where ${accessible(access, sql`r`)} and r.type = ${resourceTypeCode('CodeSystem')} and not r.deleted and r.id ~ ${importedIdPattern} order by r.id`);
  return rows;
}
