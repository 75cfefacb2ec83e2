/**
 * Loading a large code system a piece at a time, for importers: rows are added under a number that nobody reads yet, and
 * what was there before is replaced in the end, in one transaction. An import that ended in the middle goes on under the
 * same number: what is there already is passed over.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import type { NumberedConcept } from '../../terminology/concepts.ts';
import type { Database, Queryable } from '../database.ts';
import { deleteCodeSystems, insertCodeSystem, insertConcepts, type SystemKey } from './code-system-rows.ts';
import { terminologyGeneration } from './generation.ts';
import { makeClosure } from './make-closure.ts';
import { countOn } from './scope.ts';

/** Pairs of ancestor and descendant in what is installed, at most: SNOMED CT has some seven million. */
const mostInstalled = 60_000_000;

export interface LoadHead {
  readonly tenant: number;
  /** The CodeSystem without concepts: url, version, name, properties, filters. */
  readonly codeSystem: CodeSystem;
  /** From which file or package, for people. */
  readonly source: string;
  readonly now: Date;
}

/** Begins a load, or finds the one that was begun for this tenant, url, version and source. */
export async function beginLoad(connection: Queryable, { tenant, codeSystem, source, now }: LoadHead): Promise<SystemKey & { readonly resumed: boolean }> {
  const { concept: _, text: __, ...head } = codeSystem;
  const [url, version] = [head.url ?? '', head.version ?? ''];
  const { rows: [begun] } = await connection.query<{ system: number }>(sql`
    select system from code_system where tenant = ${tenant} and url = ${url} and version = ${version} and source = ${source} and state = 'loading' order by system desc limit 1`);
  if (begun) return { tenant, system: begun.system, resumed: true };
  const system = await insertCodeSystem(connection, {
    tenant, url, version, state: 'loading', source, content: head.content ?? 'complete', ...(head.supplements !== undefined && { supplements: head.supplements }), ...(head.valueSet !== undefined && { valueSet: head.valueSet }),
    caseSensitive: head.caseSensitive !== false, conceptCount: 0, head: JSON.stringify(head), generation: terminologyGeneration, changedAt: now, unclosed: true,
  });
  return { tenant, system, resumed: false };
}

/** Adds concepts; any number of times. Codes and numbers that are there already are passed over. */
export async function addConcepts(connection: Queryable, key: SystemKey & { readonly caseSensitive: boolean }, concepts: readonly NumberedConcept[]): Promise<void> {
  await insertConcepts(connection, key, key.caseSensitive, concepts);
}

export { insertLinks as addLinks } from './code-system-rows.ts';

/**
 * Makes the closure, or goes on with it, and puts the system in the place of the one that has its tenant, url and version.
 * @throws {Problem} `hierarchy-too-large`
 */
export async function finishLoad(database: Database, { tenant, system }: SystemKey, now: Date, onProgress: (share: number) => void = () => {}): Promise<void> {
  const { rows: [count] } = await database.query<{ count: number }>(sql`select count(*)::integer as count from code_system_concept where tenant = ${tenant} and system = ${system}`);
  if (!await makeClosure(database, { tenant, system }, { limit: mostInstalled, onProgress })) return;
  await database.query({ text: 'analyze code_system_concept, code_system_closure, code_system_property, code_system_link' });
  await database.transaction(async (connection) => {
    await countOn(connection, tenant);
    const { rows: [head] } = await connection.query<{ url: string; version: string }>(sql`
      update code_system set state = 'ready', closed_up_to = null, concept_count = ${count!.count}, changed_at = ${now} where tenant = ${tenant} and system = ${system} returning url, version`);
    if (head === undefined) return;
    const { rows: replaced } = await connection.query<{ system: number }>(sql`
      select system from code_system
      where tenant = ${tenant} and url = ${head.url} and version = ${head.version} and state = 'ready' and resource_id is null and system <> ${system}`);
    await deleteCodeSystems(connection, tenant, replaced.map((row) => row.system));
  });
}

/** Gives a load up. */
export async function abandonLoad(database: Database, { tenant, system }: SystemKey): Promise<void> {
  await database.transaction((connection) => deleteCodeSystems(connection, tenant, [system]));
}
