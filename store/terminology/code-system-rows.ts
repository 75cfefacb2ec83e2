/**
 * Rows of code systems. Rows go in as one JSON text for each table, a few thousand at a time: a text that a code system
 * has may hold any character, so none can separate values.
 */
import sql from 'sql-template-tag';
import type { NumberedConcept } from '../../terminology/concepts.ts';
import { codeKey } from '../../terminology/concepts.ts';
import type { ClosureBatch } from '../../terminology/closure.ts';
import { wordsOf } from '../../terminology/words.ts';
import type { Queryable } from '../database.ts';

/** By what the tables know a version of a code system. */
export interface SystemKey {
  readonly tenant: number;
  readonly system: number;
}

/** Rows in one statement. */
const batchSize = 5000;

export interface CodeSystemRow {
  readonly tenant: number;
  readonly url: string;
  readonly version: string;
  readonly state: 'loading' | 'ready';
  readonly resourceId?: string;
  readonly source?: string;
  readonly content: string;
  readonly supplements?: string;
  /** Canonical of the value set of all its codes. */
  readonly valueSet?: string;
  readonly caseSensitive: boolean;
  readonly conceptCount: number;
  readonly nested?: boolean;
  /** The CodeSystem as JSON, without concepts. */
  readonly head: string;
  readonly generation: number;
  readonly changedAt: Date;
  /** Its closure is made later (make-closure.ts). */
  readonly unclosed: boolean;
}

/** Adds the row of a code system and gives its number. */
export async function insertCodeSystem(connection: Queryable, row: CodeSystemRow): Promise<number> {
  const { rows: [added] } = await connection.query<{ system: number }>(sql`
    insert into code_system (tenant, url, version, state, resource_id, source, content, supplements, value_set, case_sensitive, concept_count, nested, head, generation, changed_at, closed_up_to)
    values (${row.tenant}, ${row.url}, ${row.version}, ${row.state}, ${row.resourceId ?? null}, ${row.source ?? ''}, ${row.content}, ${row.supplements ?? null}, ${row.valueSet ?? null}, ${row.caseSensitive},
            ${row.conceptCount}, ${row.nested ?? false}, ${row.head}, ${row.generation}, ${row.changedAt}, ${row.unclosed ? 0 : null}::integer)
    returning system`);
  return added!.system;
}

/** Adds concepts with their designations and properties. What is there already, from an attempt before, stays as it is. */
export async function insertConcepts(connection: Queryable, key: SystemKey, caseSensitive: boolean, concepts: readonly NumberedConcept[]): Promise<void> {
  for (let start = 0; start < concepts.length; start += batchSize) await insertBatch(connection, key, caseSensitive, concepts.slice(start, start + batchSize));
}

async function insertBatch(connection: Queryable, { tenant, system }: SystemKey, caseSensitive: boolean, concepts: readonly NumberedConcept[]): Promise<void> {
  const rows = concepts.map((concept) => ({
    concept: concept.number, code: stored(concept.code), key: stored(codeKey(concept.code, caseSensitive)), display: stored(concept.display), definition: stored(concept.definition),
    inactive: concept.inactive, abstract: concept.abstract, words: lexemes(system, concept), extra: stored(concept.extra && JSON.stringify(concept.extra)),
  }));
  const designations = concepts.flatMap(({ number, designations: list }) => list.map(({ language, use, value, extension }, position) => ({
    concept: number, position, language: stored(language ?? ''), use_system: stored(use?.system), use_code: stored(use?.code), use_display: stored(use?.display), value: stored(value),
    extra: stored(extension && JSON.stringify({ extension })),
  })));
  const properties = concepts.flatMap(({ number, properties: list }) => list.map(({ code, type, value, system: valueSystem, display }, position) => ({
    concept: number, position, code: stored(code), type, value: stored(value), value_system: stored(valueSystem), value_display: stored(display),
  })));
  await connection.query(sql`
    insert into code_system_concept (tenant, system, concept, code, key, display, definition, inactive, abstract, words, extra)
    select ${tenant}, ${system}, concept, code, key, display, definition, inactive, abstract, array_to_tsvector(words), extra
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (concept integer, code text, key text, display text, definition text, inactive boolean, abstract boolean, words text[], extra text)
    on conflict do nothing`);
  if (designations.length > 0) {
    await connection.query(sql`
      insert into code_system_designation (tenant, system, concept, position, language, use_system, use_code, use_display, value, extra)
      select ${tenant}, ${system}, row.*
      from json_to_recordset(${JSON.stringify(designations)}::json) as row (concept integer, position integer, language text, use_system text, use_code text, use_display text, value text, extra text)
      on conflict do nothing`);
  }
  if (properties.length > 0) {
    await connection.query(sql`
      insert into code_system_property (tenant, system, concept, position, code, type, value, value_system, value_display)
      select ${tenant}, ${system}, row.*
      from json_to_recordset(${JSON.stringify(properties)}::json) as row (concept integer, position integer, code text, type text, value text, value_system text, value_display text)
      on conflict do nothing`);
  }
}

/** PostgreSQL has no NUL in texts. */
export function stored<T extends string | undefined>(text: T): T {
  return (text?.includes('\u0000') ? text.replaceAll('\u0000', '\uFFFD') : text) as T;
}

function lexemes(system: number, { code, display, designations }: NumberedConcept): string[] {
  return wordsOf([code, display ?? '', ...designations.map(({ value }) => value)]).map((word) => lexeme(system, word));
}

/** A word as it stands in the index: within its system. */
export function lexeme(system: number, word: string): string {
  return `${system}:${word}`;
}

/** Adds pairs of parent and child. */
export async function insertLinks(connection: Queryable, { tenant, system }: SystemKey, links: readonly (readonly [parent: number, child: number])[]): Promise<void> {
  for (let start = 0; start < links.length; start += 4 * batchSize) {
    const some = links.slice(start, start + 4 * batchSize);
    await connection.query(sql`
      insert into code_system_link (tenant, system, parent, child)
      select ${tenant}, ${system}, * from unnest(${integers(some.map(([parent]) => parent))}::integer[], ${integers(some.map(([, child]) => child))}::integer[])
      on conflict do nothing`);
  }
}

/** Adds pairs of ancestor and descendant. */
export async function insertClosure(connection: Queryable, { tenant, system }: SystemKey, closure: Iterable<ClosureBatch>): Promise<void> {
  for (const { ancestors, descendants } of closure) {
    await connection.query(sql`
      insert into code_system_closure (tenant, system, ancestor, descendant)
      select ${tenant}, ${system}, * from unnest(${integers(ancestors)}::integer[], ${integers(descendants)}::integer[])
      on conflict do nothing`);
  }
}

/** As a literal of an array. */
export function integers(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

/** Removes code systems with all that belongs to them. */
export async function deleteCodeSystems(connection: Queryable, tenant: number, systems: readonly number[]): Promise<void> {
  if (systems.length === 0) return;
  const those = sql`tenant = ${tenant} and system = any (${[...systems]}::integer[])`;
  // Whoever is adding to the closure is waited for: what it adds would be left.
  await connection.query(sql`select from code_system where ${those} for update`);
  await connection.query(sql`
    with concepts as (delete from code_system_concept where ${those}),
         designations as (delete from code_system_designation where ${those}),
         properties as (delete from code_system_property where ${those}),
         links as (delete from code_system_link where ${those}),
         closure as (delete from code_system_closure where ${those}),
         attributes as (delete from snomed_attribute where ${those}),
         descriptions as (delete from snomed_description where ${those}),
         members as (delete from snomed_member where ${those})
    delete from code_system where ${those}`);
}
