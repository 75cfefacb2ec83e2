/** Taking an installed package away. */
import sql from 'sql-template-tag';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { labelOf } from '../../profiles/packages/manifest.ts';
import type { Database, Queryable } from '../database.ts';
import { sharedScope } from '../terminology/scope.ts';
import type { TerminologyResource } from '../terminology/write.ts';
import { installedPackages } from './list.ts';
import { installTerminologyOf, removeTerminologyOf } from './package-terminology.ts';
import { countProfiles } from './version.ts';

/** Who installs and removes packages takes turns. Any number that nobody else locks. */
export const installLock = 7_318_201;

/** @throws {Problem} `package-not-found`, `package-in-use` where another one depends on just this version */
export async function removePackage(database: Database, name: string, version: string, now: Date): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query(sql`select pg_advisory_xact_lock(${installLock})`);
    const installed = await installedPackages(connection);
    const found = installed.find((one) => one.name === name && one.version === version);
    if (found === undefined) throw new Problem('package-not-found', { package: labelOf({ name, version }), reason: 'it is not installed' });
    const user = installed.find((one) => one !== found && one.dependencies[name] === version);
    if (user !== undefined) throw new Problem('package-in-use', { package: labelOf(found), by: labelOf(user) });
    await removeDefinitions(connection, found.id, now);
    await countProfiles(connection, sharedScope);
  });
}

interface Gone {
  readonly type: string;
  readonly url: string;
  readonly version: string;
  /** Of another package that has the same. */
  readonly content: string | null;
  readonly label: string | null;
}

/** What another package has of the same url and version of terminology comes back in the place of what goes. */
export async function removeDefinitions(connection: Queryable, id: number, now: Date): Promise<void> {
  const { rows } = await connection.query<Gone>(sql`
    with gone as (
      delete from package where id = ${id} returning id
    ), definitions_gone as (
      delete from package_definition where package = ${id}
    )
    select d.type, d.url, d.version, other.content, other.label
    from gone join package_definition d on d.package = gone.id
    left join lateral (
      select o.content, p.name || '#' || p.version as label
      from package_definition o join package p on p.id = o.package
      where o.url = d.url and o.version = d.version and o.type = d.type and o.package <> gone.id
      order by o.package desc limit 1
    ) other on true
    where d.type in ('CodeSystem', 'ValueSet', 'ConceptMap')`);
  await removeTerminologyOf(connection, rows.filter(({ content }) => content === null));
  for (const { content, label } of rows) if (content !== null) await installTerminologyOf(connection, [parseJson(content) as TerminologyResource], label!, now);
}
