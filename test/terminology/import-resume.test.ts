/** An import that is killed goes on where it was, and ends as one that was not. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { writeRelease } from '../../bench/terminology/release.ts';
import { createDatabase } from '../support/house.ts';
import { csv, Workshop } from './releases.ts';

const workshop = new Workshop();
let url: string;
let drop: () => Promise<void>;
let client: pg.Client;
let release: string;
const count = 12_000;

beforeAll(async () => {
  ({ url, drop } = await createDatabase());
  client = new pg.Client({ connectionString: url });
  await client.connect();
  release = await workshop.folder('SnomedCT_Invention', {});
  await writeRelease(release, count, 42);
});
afterAll(async () => {
  await client.end();
  await drop();
  await workshop.clean();
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Runs the command; kills it without warning as soon as it says what is waited for. */
function priora(words: readonly string[], killAt?: RegExp): Promise<Ended> {
  const child = spawn(process.execPath, [join(process.cwd(), 'bin', 'priora.mjs'), 'terminology', ...words], { env: { ...process.env, DATABASE_URL: url }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const hear = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
    if (killAt?.test(output)) child.kill('SIGKILL');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal, output })); });
}

/**
 * Kills the command at a point that it cannot go past: its next note of how far it is waits, where `beyond` is true of the
 * last one. How fast anybody is makes no difference.
 */
async function killed(words: readonly string[], beyond: string, says: RegExp): Promise<Ended> {
  await client.query(`
    create function wait_here() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(1); return new; end';
    create trigger wait_here before update on terminology_import for each row when (${beyond}) execute function wait_here();
    select pg_advisory_lock(1)`);
  const ended = await priora(words, says);
  // What waits is undone: nobody is there to commit it. The table is free when it has gone.
  await client.query('select pg_advisory_unlock(1)');
  await client.query('drop function wait_here cascade');
  return ended;
}

async function one<R>(text: string): Promise<R> {
  return (await client.query(text)).rows[0] as R;
}

/** What the tables hold, as one sum that depends on every row. */
async function contents(system: number): Promise<unknown> {
  return one(`
    select (select count(*) from code_system_concept where system = ${system}) as concepts,
           (select md5(string_agg(concept || code || display || words::text, ',' order by concept)) from (select concept, code, display, regexp_replace(words::text, '\\d+:', '', 'g') as words from code_system_concept where system = ${system}) c) as texts,
           (select md5(string_agg(concept || value || coalesce(use_code, ''), ',' order by concept, position)) from code_system_designation where system = ${system}) as designations,
           (select md5(string_agg(concept || code || value, ',' order by concept, position)) from code_system_property where system = ${system}) as properties,
           (select md5(string_agg(ancestor || ' ' || descendant, ',' order by ancestor, descendant)) from code_system_closure where system = ${system}) as closure,
           (select md5(string_agg(concept || ' ' || role_group || ' ' || attribute || ' ' || target, ',' order by concept, position)) from snomed_attribute where system = ${system}) as attributes,
           (select md5(string_agg(concept || id || preferred::text, ',' order by concept, position)) from snomed_description where system = ${system}) as descriptions,
           (select count(*) from snomed_member where system = ${system}) as members`);
}

test('killed while reading, killed while making concepts, and done at the third time', async () => {
  const first = await killed(['import', 'snomed', release], `old.stage = 'reading' and old.part = 1 and old.row_count > 0`, /reading sct2_Description/);
  expect(first.signal).toBe('SIGKILL');
  const left = await one<{ stage: string; part: number; row_count: number }>('select stage, part, row_count from terminology_import');
  expect(left).toMatchObject({ stage: 'reading', part: 1 });
  expect(left.row_count).toBeGreaterThan(0);
  expect(await one('select count(*)::integer as count from code_system where state = \'ready\'')).toEqual({ count: 0 });

  const second = await killed(['import', 'snomed', release], `old.stage = 'assembling' and old.concepts > 0`, /making concepts/);
  expect(second.signal).toBe('SIGKILL');
  expect(second.output).toMatch(new RegExp(`goes on at row ${left.row_count + 1} of Snapshot/Terminology/sct2_Description`));
  const made = await one<{ concepts: number }>('select stage, concepts from terminology_import');
  expect(made).toMatchObject({ stage: 'assembling' });
  expect(made.concepts).toBeGreaterThan(0);

  const third = await priora(['import', 'snomed', release]);
  expect(third).toMatchObject({ code: 0 });
  expect(third.output).toContain(`goes on with assembling, ${made.concepts} concepts are there`);
  expect(third.output).not.toContain('reading');
  expect(third.output).toContain(`http://snomed.info/sct|http://snomed.info/sct/900000000000207008/version/20260131: ${count} concepts\n`);
  expect(await one('select count(*)::integer as count from terminology_import')).toEqual({ count: 0 });

  // The same release without any interruption, for a tenant.
  expect((await priora(['import', 'snomed', release, '--tenant', 'default'])).code).toBe(0);
  const systems = (await client.query('select system from code_system order by tenant')).rows as { system: number }[];
  expect(systems).toHaveLength(2);
  expect(await contents(systems[0]!.system)).toEqual(await contents(systems[1]!.system));
}, 240_000);

test('after a crash of PostgreSQL, which empties what was read, files are read again', async () => {
  const table = await workshop.file('list.csv', csv([['code', 'display'], ...Array.from({ length: 30_000 }, (_, number) => [`c${number}`, `Code ${number}`])]));
  const words = ['import', 'csv', table, '--system', 'urn:crash', '--version', '1'];
  expect((await killed(words, `old.stage = 'assembling' and old.concepts > 0`, /making concepts/)).signal).toBe('SIGKILL');
  await client.query('truncate terminology_fragment');
  const again = await priora(words);
  expect(again).toMatchObject({ code: 0 });
  expect(again.output).toContain('urn:crash|1: 30000 concepts');
}, 120_000);

test('what is refused is said in a line, and the list tells what is there', async () => {
  expect(await priora(['import', 'snomed', '/nowhere'])).toMatchObject({ code: 1, output: 'priora: nowhere cannot be imported: there is no such file or folder.\n' });
  expect(await priora(['import', 'snomed'])).toMatchObject({ code: 2 });
  expect(await priora(['list', '--colour', 'red'])).toMatchObject({ code: 2 });
  expect(await priora(['list', '--tenant', 'nobody'])).toMatchObject({ code: 1, output: 'priora: there is no tenant of that name; PRIORA_TENANTS names them\n' });
  expect((await priora(['list'])).output).toMatch(/^http:\/\/snomed\.info\/sct\|http:\/\/snomed\.info\/sct\/900000000000207008\/version\/20260131\t12000 concepts\tsnomed SnomedCT_Invention [0-9a-f]{16}\nurn:crash\|1\t30000 concepts\t/);
  expect(await priora(['remove', 'urn:crash', '--version', '1'])).toMatchObject({ code: 0, output: 'removed urn:crash|1\n' });
  expect(await priora(['remove', 'urn:crash'])).toMatchObject({ code: 1 });
}, 120_000);
