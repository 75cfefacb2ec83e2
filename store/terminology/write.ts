/**
 * What the tables have of a CodeSystem, ValueSet or ConceptMap: made when the resource is written, in the same transaction
 * (store/write/), and by whoever installs one for all. The rows of the version before go.
 */
import type { CodeSystem, ConceptMap, Resource, ValueSet } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { closureOf, Hierarchy, type ClosureBatch } from '../../terminology/closure.ts';
import { conceptsOf, isCaseSensitive, isNested } from '../../terminology/concepts.ts';
import { isOfImport } from '../../terminology/imported-id.ts';
import type { Database, Queryable } from '../database.ts';
import type { Change } from '../write/changes.ts';
import { assertBounds, isNameable } from './bounds.ts';
import { deleteCodeSystems, insertClosure, insertCodeSystem, insertConcepts, insertLinks, stored, type SystemKey } from './code-system-rows.ts';
import { deleteConceptMaps, insertConceptMap } from './concept-map-rows.ts';
import { terminologyGeneration } from './generation.ts';
import { enqueueClosures, makeClosure } from './make-closure.ts';
import { countOn, sharedScope } from './scope.ts';
import { deleteValueSets, insertValueSet } from './value-set-rows.ts';

export type TerminologyResource = CodeSystem | ValueSet | ConceptMap;

export const terminologyTypes = ['CodeSystem', 'ValueSet', 'ConceptMap'] as const;

export function isTerminologyType(type: string): type is (typeof terminologyTypes)[number] {
  return (terminologyTypes as readonly string[]).includes(type);
}

export function isTerminology(change: Change): boolean {
  return 'resource' in change ? isTerminologyType(change.resource.resourceType) : change.kind === 'delete' && isTerminologyType(change.type);
}

/** Pairs of ancestor and descendant in one CodeSystem resource, at most: whoever removes it waits for them to go. */
export const mostPairs = 1_000_000;

/** What becomes of a hierarchy with a circle: an earlier release took it. */
export type Circles = 'refused' | 'taken';

interface WrittenRow {
  readonly tenant: number;
  readonly type: string;
  readonly id: string;
  readonly deleted: boolean;
  readonly content: string;
  readonly lastUpdated: Date;
}

/** To be called with all rows that a transaction writes, inside of it. @throws {Problem} `hierarchy-too-large`, `hierarchy-circle`, `code-too-long` */
export async function writeTerminology(connection: Queryable, rows: readonly WrittenRow[], circles: Circles = 'refused'): Promise<void> {
  // What tells of an import is in the tables already.
  const written = rows.filter(({ type, id }) => isTerminologyType(type) && !isOfImport(type, id));
  let unclosed = false;
  for (const { tenant, type, id, deleted, content, lastUpdated } of written) {
    await removeResource(connection, tenant, type, id);
    if (deleted) continue;
    const resource = parseJson(content) as TerminologyResource;
    if (!isNameable(resource)) continue;
    assertBounds(resource);
    const open = await insertResource(connection, resource, { tenant, resourceId: id, generation: terminologyGeneration, changedAt: lastUpdated }, circles);
    unclosed ||= open !== undefined;
  }
  if (unclosed) await enqueueClosures(connection);
  // Last, because writers of a scope wait for each other from here on; and in one order.
  for (const tenant of [...new Set(written.map((row) => row.tenant))].toSorted((a, b) => a - b)) await countOn(connection, tenant);
}

/**
 * Installs a definition for all tenants, in the place of the one with its url and version.
 * @param source the package or file, for people
 * @throws {Problem} `hierarchy-too-large`
 */
export async function installTerminology(database: Database, resources: readonly TerminologyResource[], source: string, now: Date): Promise<void> {
  await database.transaction(async (connection) => {
    await countOn(connection, sharedScope);
    for (const resource of resources) {
      await removeInstalled(connection, resource);
      await installResource(connection, resource, source, now);
    }
  });
}

/** Adds a definition for all tenants, with all that belongs to it. */
export async function installResource(connection: Queryable, resource: Resource, source: string, now: Date): Promise<void> {
  const unclosed = await insertResource(connection, resource, { tenant: sharedScope, source, generation: terminologyGeneration, changedAt: now }, 'taken');
  if (unclosed === undefined) return;
  await makeClosure(connection, unclosed, { limit: mostPairs });
  await connection.query(sql`update code_system set closed_up_to = null where tenant = ${unclosed.tenant}::smallint and system = ${unclosed.system}::integer`);
}

/** @returns the code system whose closure is still to be made, where there is much of it */
async function insertResource(connection: Queryable, resource: Resource, row: { tenant: number; resourceId?: string; source?: string; generation: number; changedAt: Date }, circles: Circles): Promise<SystemKey | undefined> {
  switch (resource.resourceType) {
    case 'CodeSystem': {
      const { concept: _, text: __, ...head } = resource;
      const caseSensitive = isCaseSensitive(resource);
      const { concepts, links } = conceptsOf(resource);
      // All of it before anything is written: one that is too large, or in a circle, is refused at once.
      const closure = [...checkedClosure(closureOf(concepts.length, new Hierarchy(links), mostPairs), circles)];
      const unclosed = closure.length > 1;
      const system = await insertCodeSystem(connection, {
        ...row, url: stored(resource.url ?? ''), version: stored(resource.version ?? ''), state: 'ready', content: resource.content ?? 'complete',
        ...(resource.supplements !== undefined && { supplements: stored(resource.supplements) }), ...(resource.valueSet !== undefined && { valueSet: stored(resource.valueSet) }), caseSensitive, conceptCount: concepts.length, nested: isNested(resource), head: stored(JSON.stringify(head)), unclosed,
      });
      const key = { tenant: row.tenant, system };
      await insertConcepts(connection, key, caseSensitive, concepts);
      await insertLinks(connection, key, links);
      if (unclosed) return key;
      await insertClosure(connection, key, closure);
      return undefined;
    }
    case 'ValueSet':
      await insertValueSet(connection, resource, row);
      return undefined;
    case 'ConceptMap':
      await insertConceptMap(connection, resource, row);
      return undefined;
    default:
      throw new TypeError('Not a resource of terminology');
  }
}

/** The first batch, and that there are others: those are made anew where they are written. @throws {Problem} `hierarchy-circle` */
function* checkedClosure(batches: Iterable<ClosureBatch>, circles: Circles): Generator<ClosureBatch> {
  let told = 0;
  for (const batch of batches) {
    const inCircle = circles === 'refused' ? batch.ancestors.findIndex((ancestor, index) => ancestor === batch.descendants[index]) : -1;
    if (inCircle !== -1) throw new Problem('hierarchy-circle', { place: batch.ancestors[inCircle]! });
    told += 1;
    if (told <= 2) yield batch;
  }
}

async function removeResource(connection: Queryable, tenant: number, type: string, id: string): Promise<void> {
  const { rows } = await connection.query<{ type: string; number: number }>(sql`
    select 'CodeSystem' as type, system as number from code_system where ${type} = 'CodeSystem' and tenant = ${tenant} and resource_id = ${id}
    union all select 'ValueSet', value_set from value_set where ${type} = 'ValueSet' and tenant = ${tenant} and resource_id = ${id}
    union all select 'ConceptMap', map from concept_map where ${type} = 'ConceptMap' and tenant = ${tenant} and resource_id = ${id}`);
  await removeNumbers(connection, tenant, type, rows.map(({ number }) => number));
}

export async function removeInstalled(connection: Queryable, { resourceType: type, url = '', version = '' }: TerminologyResource): Promise<void> {
  const { rows } = await connection.query<{ number: number }>(sql`
    select system as number from code_system where ${type} = 'CodeSystem' and tenant = ${sharedScope} and url = ${url} and version = ${version} and state = 'ready'
    union all select value_set from value_set where ${type} = 'ValueSet' and tenant = ${sharedScope} and url = ${url} and version = ${version}
    union all select map from concept_map where ${type} = 'ConceptMap' and tenant = ${sharedScope} and url = ${url} and version = ${version}`);
  await removeNumbers(connection, sharedScope, type, rows.map(({ number }) => number));
}

async function removeNumbers(connection: Queryable, tenant: number, type: string, numbers: readonly number[]): Promise<void> {
  if (type === 'CodeSystem') await deleteCodeSystems(connection, tenant, numbers);
  else if (type === 'ValueSet') await deleteValueSets(connection, tenant, numbers);
  else await deleteConceptMaps(connection, tenant, numbers);
}
