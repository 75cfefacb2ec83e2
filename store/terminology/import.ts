/**
 * Importing a release, in steps that each leave what they did: an import that ends in the middle, by a signal, a broken
 * file or a lost connection, goes on where it was when the same files are imported again. Until its last step nobody
 * sees anything of it, and the version before stays.
 */
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { fingerprint, type ReleaseFiles } from '../../terminology/import/files.ts';
import { ImportLineError, type Assembled, type Release } from '../../terminology/import/release.ts';
import { rowsOf, wrongLine } from '../../terminology/import/rows.ts';
import type { Database, Queryable } from '../database.ts';
import type { SystemKey } from './code-system-rows.ts';
import { abandonLoad, addConcepts, beginLoad, finishLoad } from './load.ts';
import { countConcepts, fragmentsOf, hasFragments, keepFragments, nextConcepts, partOf, placeOf, removeFragments, rowOf, type PlacedFragment } from './import-fragments.ts';
import { circlePlace, linkConcepts, linkLists, orphanPlace } from './import-links.ts';
import { countOn } from './scope.ts';

export type ImportStage = 'reading' | 'assembling' | 'linking' | 'finishing';

export interface ImportProgress {
  readonly stage: ImportStage;
  /** The file that is read. */
  readonly file?: string;
  /** From 0 to 1, of the stage. */
  readonly share: number;
}

export interface ImportOptions {
  /** 0: for all tenants. */
  readonly tenant: number;
  readonly format: string;
  readonly now: () => Date;
  readonly onProgress: (progress: ImportProgress) => void;
  /** Told once, where an import that had begun goes on. */
  readonly onResume?: (at: { readonly stage: ImportStage; readonly file?: string; readonly row: number; readonly concepts: number }) => void;
}

export interface ImportResult {
  readonly url: string;
  readonly version: string;
  readonly system: number;
  readonly concepts: number;
  /** The same files had been imported before, and nothing was done. */
  readonly alreadyThere: boolean;
}

/** Rows and concepts between two notes of how far it is. */
const fragmentsAtOnce = 10_000;
const conceptsAtOnce = 2000;

interface State {
  readonly stage: ImportStage;
  readonly part: number;
  readonly row_count: number;
  readonly concepts: number;
  readonly last_place: string;
}

/** @throws {Problem} `import-line`, `import-refused`, `import-elsewhere`, `hierarchy-too-large` */
export async function importRelease(database: Database, files: ReleaseFiles, release: Release, options: ImportOptions): Promise<ImportResult> {
  const { tenant, format, now } = options;
  const { url, version } = release.codeSystem;
  const source = `${format} ${files.name} ${await fingerprint(release.parts.map(({ file }) => file))}`;
  const result = { url, version };
  const there = await readyOf(database, tenant, url, version, source);
  if (there) return { ...result, ...there, alreadyThere: true };
  const key = await database.transaction(async (connection) => {
    // Of two that begin at the same moment the second one finds what the first has begun.
    await connection.query(sql`select pg_advisory_xact_lock(hashtextextended(${`terminology import ${tenant} ${url} ${version}`}::text, 0))`);
    const begun = await beginLoad(connection, { tenant, codeSystem: release.codeSystem, source, now: now() });
    await connection.query(sql`
      insert into terminology_import (tenant, system, stage, changed_at) values (${tenant}::smallint, ${begun.system}::integer, 'reading', ${now()}) on conflict do nothing`);
    return begun;
  });
  await abandonOthers(database, key, url, version);
  let state = await stateOf(database, key);
  if (state.stage !== 'finishing' && (state.part > 0 || state.row_count > 0)) {
    if (await hasFragments(database, key)) options.onResume?.({ stage: state.stage, ...(release.parts[state.part] && { file: release.parts[state.part]!.file.name }), row: state.row_count, concepts: state.concepts });
    // PostgreSQL itself broke down: what was read is gone, what was made of it is not.
    else state = await moveTo(database, key, state, { stage: 'reading', part: 0, rows: 0, concepts: 0, lastPlace: 0 }, now());
  }
  if (state.stage === 'reading') state = await read(database, key, release, state, options);
  if (state.stage === 'assembling') state = await assemble(database, key, release, state, options);
  if (state.stage === 'linking') {
    options.onProgress({ stage: 'linking', share: 0 });
    await assertParents(database, key, release, (connection) => orphanPlace(connection, key, release.codeSystem.caseSensitive !== false), 'its parent is no code of the file');
    await linkConcepts(database, key, release.codeSystem.caseSensitive !== false);
    await assertParents(database, key, release, (connection) => circlePlace(connection, key), 'it is among those above it');
    await linkListsAside(database, key, release, source, now());
    state = await moveTo(database, key, state, { stage: 'finishing' }, now());
  }
  options.onProgress({ stage: 'finishing', share: 0 });
  await database.transaction((connection) => removeFragments(connection, key));
  await database.query({ text: 'analyze snomed_attribute, snomed_description, snomed_member' });
  await finishLoad(database, key, now(), (share) => options.onProgress({ stage: 'finishing', share }));
  await database.query(sql`delete from terminology_import where tenant = ${tenant}::smallint and system = ${key.system}::integer`);
  options.onProgress({ stage: 'finishing', share: 1 });
  const done = await readyOf(database, tenant, url, version, source);
  return { ...result, system: key.system, concepts: done?.concepts ?? 0, alreadyThere: false };
}

async function readyOf(database: Queryable, tenant: number, url: string, version: string, source: string): Promise<{ system: number; concepts: number } | undefined> {
  const { rows: [row] } = await database.query<{ system: number; concepts: number }>(sql`
    select system, concept_count as concepts from code_system
    where tenant = ${tenant}::smallint and url = ${url} and version = ${version} and source = ${source} and state = 'ready' limit 1`);
  return row;
}

/** An import of other files for the same version, begun and left, makes room. */
async function abandonOthers(database: Database, key: SystemKey, url: string, version: string): Promise<void> {
  const { rows } = await database.query<{ system: number }>(sql`
    select system from code_system
    where tenant = ${key.tenant}::smallint and url = ${url} and version = ${version} and state = 'loading' and system <> ${key.system}::integer`);
  for (const { system } of rows) await abandonImport(database, { tenant: key.tenant, system });
}

/** Removes what an import that was not finished has left. */
export async function abandonImport(database: Database, key: SystemKey): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query(sql`delete from terminology_fragment where tenant = ${key.tenant}::smallint and system = ${key.system}::integer`);
    await connection.query(sql`delete from terminology_import where tenant = ${key.tenant}::smallint and system = ${key.system}::integer`);
  });
  await abandonLoad(database, key);
}

async function stateOf(database: Queryable, { tenant, system }: SystemKey): Promise<State> {
  const { rows: [state] } = await database.query<State>(sql`
    select stage, part, row_count, concepts, last_place from terminology_import where tenant = ${tenant}::smallint and system = ${system}::integer`);
  return state!;
}

interface Step {
  readonly stage?: ImportStage;
  readonly part?: number;
  readonly rows?: number;
  readonly concepts?: number;
  readonly lastPlace?: number;
}

/** Notes how far it is. @throws {Problem} `import-elsewhere` where another process has noted something since */
async function moveTo(connection: Queryable, { tenant, system }: SystemKey, from: State, to: Step, now: Date): Promise<State> {
  const { rows: [state] } = await connection.query<State>(sql`
    update terminology_import
    set stage = ${to.stage ?? from.stage}, part = ${to.part ?? from.part}, row_count = ${to.rows ?? from.row_count}, concepts = ${to.concepts ?? from.concepts},
        last_place = ${String(to.lastPlace ?? from.last_place)}::bigint, changed_at = ${now}
    where tenant = ${tenant}::smallint and system = ${system}::integer and stage = ${from.stage} and part = ${from.part} and row_count = ${from.row_count} and concepts = ${from.concepts}
    returning stage, part, row_count, concepts, last_place`);
  if (state === undefined) throw new Problem('import-elsewhere');
  return state;
}

async function read(database: Database, key: SystemKey, release: Release, begun: State, { now, onProgress }: ImportOptions): Promise<State> {
  let state = begun;
  const total = release.parts.reduce((sum, { file }) => sum + file.bytes, 0) || 1;
  let before = 0;
  for (const [number, part] of release.parts.entries()) {
    if (number >= state.part) {
      const tell = part.begin();
      let fragments: PlacedFragment[] = [];
      let row = 0;
      const keep = async (step: Step): Promise<void> => {
        const from = state;
        const kept = fragments;
        fragments = [];
        state = await database.transaction(async (connection) => {
          // First, for whoever comes second has to hear that, and not that codes are there already.
          const moved = await moveTo(connection, key, from, step, now());
          const repeated = await keepFragments(connection, key, kept);
          if (repeated !== undefined && release.unique) throw wrongLine(part.file, await lineOf(release, number, rowOf(repeated)), 'its code was there before');
          return moved;
        });
      };
      const skip = state.part === number ? state.row_count : 0;
      for await (const { rows, bytes } of rowsOf(part.file, part.form)) {
        for (const one of rows) {
          row += 1;
          if (part.header && row === 1) continue;
          try {
            // Rows that were read before are told again: what follows may depend on them.
            const told = tell(one);
            if (row > skip) for (const [index, fragment] of told.entries()) fragments.push({ place: placeOf(number, row, index), fragment });
          } catch (error) {
            if (error instanceof ImportLineError) throw wrongLine(part.file, one.line, error.message);
            throw error;
          }
        }
        if (fragments.length < fragmentsAtOnce) continue;
        await keep({ part: number, rows: row });
        onProgress({ stage: 'reading', file: part.file.name, share: Math.min(1, (before + bytes) / total) });
      }
      await keep({ part: number + 1, rows: 0 });
    }
    before += part.file.bytes;
    onProgress({ stage: 'reading', file: part.file.name, share: Math.min(1, before / total) });
  }
  return moveTo(database, key, state, { stage: 'assembling' }, now());
}

/** Rows are counted, lines told: one of CSV may go over several. */
async function lineOf(release: Release, number: number, wanted: number): Promise<number> {
  const { file, form } = release.parts[number]!;
  let row = 0;
  for await (const { rows } of rowsOf(file, form)) {
    if (row + rows.length >= wanted) return rows[wanted - row - 1]!.line;
    row += rows.length;
  }
  return wanted;
}

async function assemble(database: Database, key: SystemKey, release: Release, begun: State, { now, onProgress }: ImportOptions): Promise<State> {
  let state = begun;
  const total = await countConcepts(database, key) || 1;
  for (;;) {
    const { concepts: told, lastPlace } = await nextConcepts(database, key, Number(state.last_place), conceptsAtOnce);
    if (told.length === 0) return moveTo(database, key, state, { stage: 'linking' }, now());
    const ids = told.flatMap((fragments) => fragments.flatMap((fragment) => (fragment.kind === 'designation' && fragment.description ? [fragment.description.id] : [])));
    const acceptabilities = await fragmentsOf(database, key, ids);
    const assembled = told.map((fragments, index) => ({ ...release.assemble(fragments, acceptabilities), number: state.concepts + index + 1 }));
    const from = state;
    state = await database.transaction(async (connection) => {
      const moved = await moveTo(connection, key, from, { concepts: from.concepts + told.length, lastPlace }, now());
      await addConcepts(connection, { ...key, caseSensitive: release.codeSystem.caseSensitive !== false }, assembled.map(({ concept, number }) => ({ ...concept, number })));
      await addDescriptions(connection, key, assembled);
      return moved;
    });
    onProgress({ stage: 'assembling', share: Math.min(1, state.concepts / total) });
  }
}

async function addDescriptions(connection: Queryable, { tenant, system }: SystemKey, assembled: readonly (Assembled & { readonly number: number })[]): Promise<void> {
  const rows = assembled.flatMap(({ number, descriptions = [] }) => descriptions.map(({ time, ...one }) => ({ concept: number, effective_time: time, ...one })));
  if (rows.length === 0) return;
  await connection.query(sql`
    insert into snomed_description (tenant, system, concept, position, id, module, effective_time, preferred, acceptable)
    select ${tenant}::smallint, ${system}::integer, concept, position, id, module, effective_time, preferred, acceptable
    from json_to_recordset(${JSON.stringify(rows)}::json) as row (concept integer, position integer, id text, module text, effective_time text, preferred text[], acceptable text[])
    on conflict do nothing`);
}

/** Of a file that names parents: those are in it, and in no circle. @throws {Problem} `import-line` */
async function assertParents(database: Database, key: SystemKey, release: Release, wrongPlace: (connection: Queryable) => Promise<number | undefined>, reason: string): Promise<void> {
  if (release.ownParents !== true) return;
  const place = await wrongPlace(database);
  if (place === undefined) return;
  // With another file it begins anew, and with the same one it could not go on.
  await abandonImport(database, key);
  const number = partOf(place);
  throw wrongLine(release.parts[number]!.file, await lineOf(release, number, rowOf(place)), reason);
}

async function linkListsAside(database: Database, key: SystemKey, release: Release, source: string, now: Date): Promise<void> {
  if (release.listUrl === undefined) return;
  await database.transaction(async (connection) => {
    await countOn(connection, key.tenant);
    await linkLists(connection, key, release, source, now);
  });
}
