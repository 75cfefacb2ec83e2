/** The tables of $closure: the concepts that a client has, and which of them subsume which. */
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { latest } from '../../terminology/versions.ts';
import type { CodeSystemHead, TerminologySource } from '../../terminology/source.ts';
import { withShipped } from './shipped.ts';
import { withTerminology } from './stored-source.ts';

export interface Subsumption {
  readonly system: string;
  readonly code: string;
  /** Subsumes `code`. */
  readonly ancestor: string;
}

export interface ClosureNews {
  readonly version: number;
  readonly relations: readonly Subsumption[];
}

/** Concepts in one table, and tables' worth of names. */
const mostConcepts = 10_000;

/** Begins a table, or empties it. */
export async function beginClosure(database: Database, name: string, { access, now }: Context): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query(sql`
      insert into closure_table (tenant, name, version, changed_at) values (${access.tenant}, ${name}, 0, ${now()})
      on conflict (tenant, name) do update set version = 0, changed_at = excluded.changed_at`);
    await connection.query(sql`delete from closure_concept where tenant = ${access.tenant} and name = ${name}`);
    await connection.query(sql`delete from closure_relation where tenant = ${access.tenant} and name = ${name}`);
  });
}

/** What was found after a version of the table. @throws {Problem} `closure-unknown` */
export async function closureSince(database: Queryable, name: string, version: number, { access }: Context): Promise<ClosureNews> {
  const { rows: [table] } = await database.query<{ version: number }>(sql`select version from closure_table where tenant = ${access.tenant} and name = ${name}`);
  if (table === undefined) throw new Problem('closure-unknown');
  const { rows } = await database.query<Subsumption>(sql`
    select system, code, ancestor from closure_relation where tenant = ${access.tenant} and name = ${name} and version > ${version} order by version, system, code, ancestor`);
  return { version: table.version, relations: rows };
}

/**
 * Adds concepts, and gives what follows of them.
 * @throws {Problem} `closure-unknown`, `closure-full`
 * @throws {TerminologyRefusal} `unknown-code-system`, `unknown-concept`: nothing is added
 */
export async function addToClosure(database: Database, name: string, concepts: readonly { readonly system: string; readonly code: string }[], context: Context): Promise<ClosureNews> {
  const { access, now } = context;
  const { rows: [there] } = await database.query(sql`select from closure_table where tenant = ${access.tenant} and name = ${name}`);
  if (there === undefined) throw new Problem('closure-unknown');
  await withTerminology(database, access, (stored) => assertKnown(concepts, withShipped(stored)));
  return database.transaction(async (connection) => {
    // Two that add at once take turns, so that what follows of both is found by the second.
    const { rows: [table] } = await connection.query<{ version: number }>(sql`select version from closure_table where tenant = ${access.tenant} and name = ${name} for update`);
    if (table === undefined) throw new Problem('closure-unknown');
    const { rows: added } = await connection.query<{ system: string }>(sql`
      insert into closure_concept (tenant, name, system, code)
      select ${access.tenant}, ${name}, c.system, c.code from json_to_recordset(${JSON.stringify(concepts)}::json) as c (system text, code text)
      on conflict do nothing returning system`);
    if (added.length === 0) return { version: table.version, relations: [] };
    const version = table.version + 1;
    const systems = [...new Set(added.map(({ system }) => system))];
    const { rows: known } = await connection.query<{ system: string; code: string }>(sql`select system, code from closure_concept where tenant = ${access.tenant} and name = ${name}`);
    if (known.length > mostConcepts) throw new Problem('closure-full', { limit: mostConcepts });
    const found = await withTerminology(database, access, async (stored) => (await Promise.all(systems.map(async (system): Promise<Subsumption[]> => {
      const source = withShipped(stored);
      const head = await meant(system, source);
      if (head === undefined) return [];
      const pairs = await source.subsumptionsAmong(head, known.filter((one) => one.system === system).map(({ code }) => code));
      return pairs.map(([ancestor, code]) => ({ system, code, ancestor }));
    }))).flat());
    const { rows: relations } = await connection.query<Subsumption>(sql`
      insert into closure_relation (tenant, name, version, system, code, ancestor)
      select ${access.tenant}, ${name}, ${version}, f.system, f.code, f.ancestor
      from json_to_recordset(${JSON.stringify(found)}::json) as f (system text, code text, ancestor text)
      where not exists (select from closure_relation k where k.tenant = ${access.tenant} and k.name = ${name} and k.system = f.system and k.code = f.code and k.ancestor = f.ancestor)
      returning system, code, ancestor`);
    await connection.query(sql`update closure_table set version = ${version}, changed_at = ${now()} where tenant = ${access.tenant} and name = ${name}`);
    return { version, relations };
  });
}

async function meant(system: string, source: TerminologySource): Promise<CodeSystemHead | undefined> {
  return latest((await source.codeSystems(system)).filter(({ content }) => content !== 'supplement' && content !== 'not-present'), undefined);
}

async function assertKnown(concepts: readonly { readonly system: string; readonly code: string }[], source: TerminologySource): Promise<void> {
  const heads = new Map<string, CodeSystemHead>();
  for (const system of new Set(concepts.map((one) => one.system))) {
    const head = await meant(system, source);
    if (head === undefined) throw new TerminologyRefusal('unknown-code-system', { system });
    heads.set(system, head);
  }
  const answers = await source.ask(concepts.map(({ system, code }) => ({ system: heads.get(system)!, code, where: [], details: { designations: false, properties: false } })));
  for (const [index, { concept }] of answers.entries()) {
    const { system, code } = concepts[index]!;
    if (concept === undefined) throw new TerminologyRefusal('unknown-concept', { code, system, version: heads.get(system)!.version });
  }
}
