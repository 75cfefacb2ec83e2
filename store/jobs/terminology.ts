/**
 * Making the rows of terminology anew for resources that have none, or those of an earlier release: after an upgrade,
 * one resource a transaction, until none is left.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { resourceTypeCode, resourceTypeOfCode } from '../../fhir/resource-types.ts';
import { importedIdPattern } from '../../terminology/imported-id.ts';
import type { Database, Queryable } from '../database.ts';
import { terminologyGeneration } from '../terminology/generation.ts';
import { terminologyTypes, writeTerminology } from '../terminology/write.ts';

interface Outdated {
  readonly tenant: number;
  readonly type: number;
  readonly id: string;
}

/** The first resource, in the order of keys, whose rows are not there or older than this release. */
async function nextOutdated(database: Queryable, after: Outdated | undefined): Promise<Outdated | undefined> {
  const [codeSystem, valueSet, conceptMap] = terminologyTypes.map(resourceTypeCode);
  const { rows } = await database.query<Outdated>(sql`
    select r.tenant, r.type, r.id
    from resource r
    where r.type in (${codeSystem}, ${valueSet}, ${conceptMap}) and not r.deleted
      and not (r.type = ${codeSystem} and r.id ~ ${importedIdPattern})
      and (r.tenant, r.type, r.id) > (${after?.tenant ?? 0}::smallint, ${after?.type ?? 0}::smallint, ${after?.id ?? ''})
      and not exists (select from code_system s where r.type = ${codeSystem} and s.tenant = r.tenant and s.resource_id = r.id and s.generation >= ${terminologyGeneration})
      and not exists (select from value_set s where r.type = ${valueSet} and s.tenant = r.tenant and s.resource_id = r.id and s.generation >= ${terminologyGeneration})
      and not exists (select from concept_map s where r.type = ${conceptMap} and s.tenant = r.tenant and s.resource_id = r.id and s.generation >= ${terminologyGeneration})
    order by r.tenant, r.type, r.id limit 1`);
  return rows[0];
}

/** Whether there is anything to do. */
export async function isTerminologyOutdated(database: Queryable): Promise<boolean> {
  return await nextOutdated(database, undefined) !== undefined;
}

/** @throws an `AbortError` when told to stop; what was done is kept */
export async function rebuildTerminology(database: Database, signal: AbortSignal): Promise<number> {
  let done = 0;
  for (let next = await nextOutdated(database, undefined); next !== undefined; next = await nextOutdated(database, next)) {
    signal.throwIfAborted();
    const { tenant, type, id } = next;
    try {
      await rebuild(database, next, (content) => content);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'hierarchy-too-large') throw error;
      // Stored by a release that took it: it is known, and what it has is not.
      await rebuild(database, { tenant, type, id }, withoutConcepts);
    }
    done += 1;
  }
  return done;
}

async function rebuild(database: Database, { tenant, type, id }: Outdated, contentOf: (content: string) => string): Promise<void> {
  await database.transaction(async (connection) => {
    // The row is held: whoever writes the next version makes the rows of that one after us.
    const { rows } = await connection.query<{ content: string; deleted: boolean; last_updated: Date }>(sql`
      select content, deleted, last_updated from resource where tenant = ${tenant} and type = ${type} and id = ${id} for update`);
    const [row] = rows;
    if (row === undefined || row.deleted) return;
    // A circle that an earlier release took stays.
    await writeTerminology(connection, [{ tenant, type: resourceTypeOfCode(type), id, deleted: false, content: contentOf(row.content), lastUpdated: row.last_updated }], 'taken');
  });
}

function withoutConcepts(content: string): string {
  const { concept: _, ...head } = JSON.parse(content) as CodeSystem;
  return JSON.stringify({ ...head, content: 'not-present' });
}
