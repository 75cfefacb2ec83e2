/**
 * What the concepts of an import have to do with each other, once all of them are there: each kind of fragment in one
 * statement, which can be repeated.
 */
import type { ValueSet } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import { circleIn } from '../../terminology/closure.ts';
import type { Release } from '../../terminology/import/release.ts';
import type { Queryable } from '../database.ts';
import type { SystemKey } from './code-system-rows.ts';
import { terminologyGeneration } from './generation.ts';
import { hierarchyOf } from './make-closure.ts';
import { deleteValueSets, insertValueSet } from './value-set-rows.ts';

/** A fragment whose codes are concepts. What leads to no concept of the release (a description, another system) is left out. */
export async function linkConcepts(connection: Queryable, { tenant, system }: SystemKey, caseSensitive: boolean): Promise<void> {
  const key = caseSensitive ? sql`f.code` : sql`lower(f.code)`;
  const target = caseSensitive ? sql`f.target` : sql`lower(f.target)`;
  const fragments = sql`
    terminology_fragment f
    join code_system_concept c on c.tenant = ${tenant}::smallint and c.system = ${system}::integer and c.key = ${key}`;
  const of = sql`f.tenant = ${tenant}::smallint and f.system = ${system}::integer`;
  const concept = sql`tenant = ${tenant}::smallint and t.system = ${system}::integer`;
  await connection.query({ text: 'analyze code_system_concept, terminology_fragment' });
  await connection.query(sql`
    insert into code_system_link (tenant, system, parent, child)
    select distinct ${tenant}::smallint, ${system}::integer, t.concept, c.concept
    from ${fragments} join code_system_concept t on t.${concept} and t.key = ${target}
    where ${of} and f.kind = 'parent' and t.concept <> c.concept
    on conflict do nothing`);
  await connection.query(sql`
    insert into snomed_attribute (tenant, system, concept, position, role_group, attribute, target, value)
    select ${tenant}::smallint, ${system}::integer, c.concept, row_number() over (partition by c.concept order by f.place), (f.body::json ->> 'group')::integer, a.concept, t.concept,
           case when (f.body::json ->> 'concrete')::boolean then f.target end
    from ${fragments}
    join code_system_concept a on a.tenant = ${tenant}::smallint and a.system = ${system}::integer and a.key = f.body::json ->> 'attribute'
    left join code_system_concept t on t.${concept} and t.key = ${target} and not (f.body::json ->> 'concrete')::boolean
    where ${of} and f.kind = 'attribute'
    on conflict do nothing`);
  await connection.query(sql`
    insert into snomed_member (tenant, system, refset, concept, target)
    select distinct ${tenant}::smallint, ${system}::integer, t.concept, c.concept, coalesce(p.concept, 0)
    from ${fragments}
    join code_system_concept t on t.${concept} and t.key = ${target}
    left join code_system_concept p on p.tenant = ${tenant}::smallint and p.system = ${system}::integer and p.key = f.body::json ->> 'points'
    where ${of} and f.kind = 'member'
    on conflict do nothing`);
}

/** The place of the first fragment that names a parent that is no concept; undefined where there is none. */
export async function orphanPlace(connection: Queryable, { tenant, system }: SystemKey, caseSensitive: boolean): Promise<number | undefined> {
  const { rows: [found] } = await connection.query<{ place: string | null }>(sql`
    select min(f.place) as place from terminology_fragment f
    where f.tenant = ${tenant}::smallint and f.system = ${system}::integer and f.kind = 'parent'
      and not exists (select from code_system_concept c where c.tenant = f.tenant and c.system = f.system and c.key = ${caseSensitive ? sql`f.target` : sql`lower(f.target)`})`);
  return found?.place == null ? undefined : Number(found.place);
}

/** The place of the first concept that is above itself; undefined where there is none. */
export async function circlePlace(connection: Queryable, key: SystemKey): Promise<number | undefined> {
  const concept = circleIn(await hierarchyOf(connection, key));
  if (concept === undefined) return undefined;
  const { rows: [found] } = await connection.query<{ place: string }>(sql`
    select f.place from terminology_fragment f join code_system_concept c on c.tenant = f.tenant and c.system = f.system and c.code = f.code
    where f.tenant = ${key.tenant}::smallint and f.system = ${key.system}::integer and f.kind = 'concept' and c.concept = ${concept}::integer`);
  return Number(found!.place);
}

/** Makes value sets of the lists of a release, in the place of those of the same version. */
export async function linkLists(connection: Queryable, { tenant, system }: SystemKey, { codeSystem, listUrl }: Release, source: string, now: Date): Promise<void> {
  if (listUrl === undefined) return;
  const { rows } = await connection.query<{ code: string; name: string | null; concepts: { code: string; display?: string }[] }>(sql`
    select f.code, min(f.body::json ->> 'name') as name, json_agg(json_build_object('code', f.target, 'display', f.body::json ->> 'display') order by f.place) as concepts
    from terminology_fragment f
    where f.tenant = ${tenant}::smallint and f.system = ${system}::integer and f.kind = 'list'
    group by f.code order by f.code`);
  const { rows: old } = await connection.query<{ value_set: number }>(sql`
    select value_set from value_set
    where tenant = ${tenant}::smallint and resource_id is null and version = ${codeSystem.version} and url = any (${rows.map(({ code }) => listUrl(code))}::text[])`);
  await deleteValueSets(connection, tenant, old.map((row) => row.value_set));
  for (const { code, name, concepts } of rows) {
    const valueSet: ValueSet = {
      resourceType: 'ValueSet', url: listUrl(code), version: codeSystem.version, status: 'active', ...(name !== null && { name, title: name }),
      compose: { include: [{ system: codeSystem.url, version: codeSystem.version, concept: concepts }] },
    };
    await insertValueSet(connection, valueSet, { tenant, source, generation: terminologyGeneration, changedAt: now });
  }
}
