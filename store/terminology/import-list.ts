/** What is installed of terminology, and its removal. What a tenant has written as a resource is not among it. */
import sql from 'sql-template-tag';
import type { Database, Queryable } from '../database.ts';
import { deleteCodeSystems } from './code-system-rows.ts';
import { abandonImport } from './import.ts';
import { countOn } from './scope.ts';
import { deleteValueSets } from './value-set-rows.ts';

export interface InstalledSystem {
  readonly system: number;
  readonly url: string;
  readonly version: string;
  readonly state: 'loading' | 'ready';
  readonly concepts: number;
  readonly source: string;
}

export async function installedSystems(database: Queryable, tenant: number): Promise<readonly InstalledSystem[]> {
  const { rows } = await database.query<InstalledSystem>(sql`
    select system, url, version, state, concept_count as concepts, source from code_system
    where tenant = ${tenant}::smallint and resource_id is null order by url, version, system`);
  return rows;
}

/** Removes the version, or all of them, with the value sets that came with it. @returns the versions removed */
export async function removeInstalledSystems(database: Database, tenant: number, url: string, version: string | undefined): Promise<readonly string[]> {
  const those = (await installedSystems(database, tenant)).filter((one) => one.url === url && (version === undefined || one.version === version));
  for (const { system, state, source } of those) {
    if (state === 'loading') await abandonImport(database, { tenant, system });
    else {
      await database.transaction(async (connection) => {
        await countOn(connection, tenant);
        await deleteCodeSystems(connection, tenant, [system]);
        const { rows } = await connection.query<{ value_set: number }>(sql`
          select value_set from value_set s
          where tenant = ${tenant}::smallint and resource_id is null and source = ${source} and source <> ''
            and exists (select from value_set_include i where i.tenant = s.tenant and i.value_set = s.value_set and i.system = ${url})`);
        await deleteValueSets(connection, tenant, rows.map((row) => row.value_set));
      });
    }
  }
  return [...new Set(those.map((one) => one.version))];
}
