/** The tables of $closure: the concepts that a client has, and which of them subsume which. */
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { latest } from '../../terminology/versions.ts';
import { splitCanonical, type CodeSystemHead, type TerminologySource } from '../../terminology/source.ts';
import { withShipped } from './shipped.ts';
import { withTerminology } from './stored-source.ts';

export interface ClosureConcept {
  readonly system: string;
  /** Undefined: the latest that is here. */
  readonly version?: string;
  readonly code: string;
}

export interface Subsumption {
  /** With `|version` where it was said to be of another than the latest. */
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
 * @throws {TerminologyRefusal} `unknown-code-system`, `unknown-code-system-version`, `unknown-concept`: nothing is added
 */
export async function addToClosure(database: Database, name: string, concepts: readonly ClosureConcept[], context: Context): Promise<ClosureNews> {
  const { access, now } = context;
  const { rows: [there] } = await database.query(sql`select from closure_table where tenant = ${access.tenant} and name = ${name}`);
  if (there === undefined) throw new Problem('closure-unknown');
  const placed = await withTerminology(database, access, (stored) => placedIn(concepts, withShipped(stored)));
  return database.transaction(async (connection) => {
    // Two that add at once take turns, so that what follows of both is found by the second.
    const { rows: [table] } = await connection.query<{ version: number }>(sql`select version from closure_table where tenant = ${access.tenant} and name = ${name} for update`);
    if (table === undefined) throw new Problem('closure-unknown');
    const { rows: added } = await connection.query<{ system: string }>(sql`
      insert into closure_concept (tenant, name, system, code)
      select ${access.tenant}, ${name}, c.system, c.code from json_to_recordset(${JSON.stringify(placed)}::json) as c (system text, code text)
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

/** @param canonical a system, with `|version` where one is meant */
async function meant(canonical: string, source: TerminologySource): Promise<CodeSystemHead | undefined> {
  const { url, version } = splitCanonical(canonical);
  return latest(await versionsOf(url, source), version);
}

async function versionsOf(url: string, source: TerminologySource): Promise<readonly CodeSystemHead[]> {
  return (await source.codeSystems(url)).filter(({ content }) => content !== 'supplement' && content !== 'not-present');
}

/** The concepts as the tables have them, each in a version that has it. */
async function placedIn(concepts: readonly ClosureConcept[], source: TerminologySource): Promise<readonly { readonly system: string; readonly code: string }[]> {
  const heads = new Map<string, CodeSystemHead>();
  const placed: { readonly system: string; readonly code: string }[] = [];
  for (const { system: url, version, code } of concepts) {
    const asked = version === undefined ? url : `${url}|${version}`;
    let head = heads.get(asked);
    if (head === undefined) heads.set(asked, head = await headOf(url, version, source));
    const newest = heads.get(url) ?? await headOf(url, undefined, source);
    heads.set(url, newest);
    // Concepts of the latest version are of one kind, said or not.
    placed.push({ system: head === newest || head.version === '' ? url : `${url}|${head.version}`, code });
  }
  const answers = await source.ask(concepts.map(({ system, version, code }) => ({ system: heads.get(version === undefined ? system : `${system}|${version}`)!, code, where: [], details: { designations: false, properties: false } })));
  for (const [index, { concept }] of answers.entries()) {
    const { system, version, code } = concepts[index]!;
    if (concept === undefined) throw new TerminologyRefusal('unknown-concept', { code, system, version: heads.get(version === undefined ? system : `${system}|${version}`)!.version });
  }
  return placed;
}

/** @throws {TerminologyRefusal} `unknown-code-system`, `unknown-code-system-version` */
async function headOf(url: string, version: string | undefined, source: TerminologySource): Promise<CodeSystemHead> {
  const here = await versionsOf(url, source);
  const head = latest(here, version);
  if (head !== undefined) return head;
  throw version === undefined || here.length === 0 ? new TerminologyRefusal('unknown-code-system', { system: url }) : new TerminologyRefusal('unknown-code-system-version', { system: url, version, versions: here.map((one) => one.version).join(', ') });
}
