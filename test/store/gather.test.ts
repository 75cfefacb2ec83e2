/** Writes that come at the same moment share transactions, and nobody notices but the disk. */
import pg from 'pg';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { readHistory } from '../../store/history.ts';
import { readResource } from '../../store/read.ts';
import type { Change, Committed } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let sql: pg.Pool;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  database = openDatabase({ connection: { connectionString: url }, size: 8, onIdleError: () => {} });
  sql = new pg.Pool({ connectionString: url, max: 8 });
  dispose = async () => { await Promise.all([database.close(), sql.end()]); await drop(); };
});
afterAll(async () => { await dispose(); });

const context = contextFor(1);
const patient = (id: string, more: Partial<Patient> = {}): Resource & { id: string } => ({ resourceType: 'Patient', id, ...more });
const update = (id: string, more: Partial<Patient> = {}, ifMatch?: number): Change => ({ kind: 'update', resource: patient(id, more), ...(ifMatch !== undefined && { ifMatch }) });
const one = async (change: Change, by: Context = context): Promise<Committed> => (await commit(database, [change], by))[0]!;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** All at once, behind as many others as may be under way at the same time: these are then one group, so long as they are not too many. */
async function together(changes: readonly Change[], by: (index: number) => Context = () => context): Promise<PromiseSettledResult<Committed>[]> {
  const ahead = numbers(2).map(() => one({ kind: 'create', resource: { resourceType: 'Basic', code: {} } }));
  const all = changes.map((change, index) => one(change, by(index)));
  await Promise.all(ahead);
  return Promise.allSettled(all);
}

const told = (results: readonly PromiseSettledResult<Committed>[]): string[] =>
  results.map((result) => result.status === 'fulfilled' ? 'done' : result.reason instanceof Problem ? result.reason.code : String(result.reason));

/** Which transactions wrote the current rows: PostgreSQL keeps it with each (`xmin`). */
async function transactionsOf(prefix: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>('select count(distinct xmin::text)::integer as count from resource where id like $1', [`${prefix}%`]);
  return rows[0]!.count;
}

/** Fails inserts of a resource of that name, and counts (outside of any transaction) how many of the kind were tried. */
async function withTrap<T>(prefix: string, trap: string, work: () => Promise<T>): Promise<{ result: T; tries: number }> {
  await sql.query(`create sequence tries; create function trap() returns trigger language plpgsql as $$
    begin
      if new.id like '${prefix}%' then perform nextval('tries'); ${trap} end if;
      return new;
    end $$; create trigger trap before insert on resource for each row execute function trap()`);
  try {
    const result = await work();
    const { rows } = await sql.query<{ tries: number }>('select last_value::integer as tries from tries');
    return { result, tries: rows[0]!.tries };
  } finally {
    await sql.query('drop function trap cascade; drop sequence tries');
  }
}

describe('a refusal', () => {
  test('is for the one that it is meant for: the others of its group are written, in the same transaction', async () => {
    await Promise.all(['refusal-1', 'refusal-3', 'refusal-5'].map((id) => one(update(id))));
    const tooMuch: Resource = { resourceType: 'Patient', id: 'refusal-too-much', name: numbers(30_000).map((index) => ({ family: `f${index}`, given: [`g${index}`] })) };
    const results = await together([
      update('refusal-0'), update('refusal-1', { active: true }, 7), update('refusal-2'), update('refusal-3', { active: true }, 1), { kind: 'create', resource: tooMuch },
      update('refusal-4', {}, 1), { kind: 'delete', type: 'Patient', id: 'refusal-5', ifMatch: 2 }, { kind: 'delete', type: 'Patient', id: 'refusal-6' }, update('refusal-7'),
    ]);
    expect(told(results)).toEqual(['done', 'version-conflict', 'done', 'done', 'too-many-values', 'version-conflict', 'version-conflict', 'done', 'done']);
    const { rows } = await sql.query(`select id, version, deleted from resource where id like 'refusal-%' order by id`);
    expect(rows.map(({ id, version, deleted }) => `${id} ${version} ${deleted}`)).toEqual(['refusal-0 1 false', 'refusal-1 1 false', 'refusal-2 1 false', 'refusal-3 2 false', 'refusal-5 1 false', 'refusal-7 1 false']);
    const { rows: [written] } = await sql.query(`select count(distinct xmin::text)::integer as count from resource where id in ('refusal-0', 'refusal-2', 'refusal-3', 'refusal-7')`);
    expect(written).toEqual({ count: 1 });
  });

  test('by the database of all of them: each is tried alone, once, and only the one that cannot be written is not', async () => {
    const { result, tries } = await withTrap('fallback-', `if new.id = 'fallback-z' then raise exception 'broken'; end if;`, () => together([...numbers(9).map((index) => update(`fallback-${index}`)), update('fallback-z')]));
    expect(told(result)).toEqual([...numbers(9).map(() => 'done'), 'error: broken']);
    // Ten in the group, and ten alone.
    expect(tries).toBe(20);
    const { rows } = await sql.query(`select id, version from resource where id like 'fallback-%' order by id`);
    expect(rows).toEqual(numbers(9).map((index) => ({ id: `fallback-${index}`, version: 1 })));
    expect((await sql.query(`select count(*)::integer as count from outbox where id like 'fallback-%'`)).rows).toEqual([{ count: 9 }]);
  });

  test('of new resources alike', async () => {
    const { result } = await withTrap('', `if new.content like '%poison%' then raise exception 'broken'; end if;`, () => (
      together(numbers(6).map((index): Change => ({ kind: 'create', resource: { resourceType: 'Patient', name: [{ text: index === 3 ? 'poison' : 'fine' }] } })))));
    expect(told(result)).toEqual(['done', 'done', 'done', 'error: broken', 'done', 'done']);
  });

  test('that nobody knows the outcome of is not followed by another try, which could write twice', async () => {
    await sql.query(`create sequence deaths; create function die_once() returns trigger language plpgsql as $$
      begin
        if new.id like 'unknown-%' and nextval('deaths') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
        return null;
      end $$; create constraint trigger die_once after insert on outbox deferrable initially deferred for each row execute function die_once()`);
    try {
      expect(new Set(told(await together(numbers(5).map((index) => update(`unknown-${index}`)))))).toEqual(new Set(['outcome-unknown']));
    } finally {
      await sql.query('drop function die_once cascade; drop sequence deaths');
    }
    expect((await one(update('unknown-0'))).version).toBe(1);
  });
});

test('versions of one resource follow each other as they came, each answered with its own, whatever else is written', async () => {
  const changes = numbers(40).map((index) => index % 2 === 0 ? update('ordered', { multipleBirthInteger: index / 2 }) : update(`ordered-beside-${index}`));
  const results = (await Promise.all(changes.map((change) => one(change)))).filter((_, index) => index % 2 === 0);
  expect(results.map(({ version }) => version)).toEqual(numbers(20).map((index) => index + 1));
  // Nor do they keep the others from being one group.
  expect(await transactionsOf('ordered-beside-')).toBe(2);
  const { versions, total } = await readHistory(database, 'Patient', 'ordered', { limit: 50 }, context);
  expect(total).toBe(20);
  expect(versions.map(({ version, content }) => [version, (JSON.parse(content) as Patient).multipleBirthInteger])).toEqual(numbers(20).map((index) => [20 - index, 19 - index]));
  expect((await sql.query(`select version, interaction from outbox where id = 'ordered' order by position`)).rows).toEqual(numbers(20).map((index) => ({ version: index + 1, interaction: index === 0 ? 'create' : 'update' })));
});

test('a resource that comes and goes at the same moment: every step is the next version', async () => {
  const results = await together([update('flicker'), { kind: 'delete', type: 'Patient', id: 'flicker' }, update('flicker', {}, 2), update('flicker', { active: true }), { kind: 'delete', type: 'Patient', id: 'flicker', ifMatch: 3 }]);
  // A deleted resource has no version that could be meant; the update after it makes the third.
  expect(told(results)).toEqual(['done', 'done', 'version-conflict', 'done', 'done']);
  expect(results.map((result) => result.status === 'fulfilled' ? [result.value.version, result.value.deleted, result.value.created] : [])).toEqual([[1, false, true], [2, true, false], [], [3, false, true], [4, true, false]]);
});

test('tenants share a group, and nothing else', async () => {
  const contexts = [3, 4, 5].map((tenant) => contextFor(tenant, { actor: `actor-${tenant}`, request: `request-${tenant}` }));
  const of = (index: number): Context => contexts[index % 3]!;
  const mark = (index: number): string => `tenant${of(index).tenant.id}`;
  const results = await together(numbers(30).map((index): Change => {
    const more = { name: [{ family: mark(index) }], communication: [{ language: { coding: [{ system: 'urn:x', code: 'same', display: mark(index) }] } }] };
    // The same id in each tenant, ten times; five of the ten are new resources.
    return index < 15 ? update(`shared-${Math.floor(index / 3)}`, more) : { kind: 'create', resource: { resourceType: 'Patient', ...more } };
  }), of);
  expect(new Set(told(results))).toEqual(new Set(['done']));
  expect(await transactionsOf('shared-')).toBe(1);
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') continue;
    expect(result.value.version).toBe(1);
    const stored = await readResource(database, 'Patient', result.value.id, of(index));
    expect((JSON.parse(stored.content) as Patient).name![0]!.family).toBe(mark(index));
  }
  const { rows } = await sql.query<{ tenant: number; count: number; ours: boolean }>(`
    select r.tenant, count(*)::integer as count, bool_and(r.content like '%tenant' || r.tenant || '%' and s.value = 'tenant' || r.tenant and o.actor = 'actor-' || r.tenant and o.request = 'request-' || r.tenant) as ours
    from resource r
    join index_string s on s.tenant = r.tenant and s.type = r.type and s.id = r.id and s.shard = r.shard
    join outbox o on o.tenant = r.tenant and o.type = r.type and o.id = r.id
    where r.tenant in (3, 4, 5) and s.value like 'tenant%' and s.scope = (select min(scope) from index_string x where x.tenant = r.tenant and x.value like 'tenant%')
    group by r.tenant order by r.tenant`);
  expect(rows).toEqual([3, 4, 5].map((tenant) => ({ tenant, count: 10, ours: true })));
  const displays = await sql.query(`select tenant, min(value) as value, count(distinct value)::integer as count from display where tenant in (3, 4, 5) group by tenant order by tenant`);
  expect(displays.rows).toEqual([3, 4, 5].map((tenant) => ({ tenant, value: `tenant${tenant}`, count: 1 })));
});

describe('transactions', () => {
  test('a hundred new resources at once take four: two that wait for nobody, and then all that came meanwhile, 64 at most', async () => {
    const results = await Promise.all(numbers(100).map(() => one({ kind: 'create', resource: { resourceType: 'Basic', code: {} } })));
    const { rows } = await sql.query('select xmin::text as transaction, count(*)::integer as count from resource where id = any ($1) group by 1', [results.map(({ id }) => id)]);
    expect(rows.map(({ count }) => count as number).toSorted((a, b) => b - a)).toEqual([64, 34, 1, 1]);
  });

  test('and so with updates', async () => {
    await Promise.all(numbers(50).map((index) => one(update(`many-${index}`))));
    expect(await transactionsOf('many-')).toBe(3);
    await Promise.all(numbers(50).map((index) => one(update(`many-${index}`, { active: true }))));
    expect(await transactionsOf('many-')).toBe(3);
    expect((await sql.query(`select distinct version from resource where id like 'many-%'`)).rows).toEqual([{ version: 2 }]);
  });

  test('who is answered can be sure: others see it', async () => {
    const seen = await Promise.all(numbers(30).map(async (index) => {
      const { id } = await one(index % 2 === 0 ? update(`seen-${index}`) : { kind: 'create', resource: { resourceType: 'Basic', code: {} } });
      return (await sql.query('select version from resource where id = $1', [id])).rows.length;
    }));
    expect(seen).toEqual(numbers(30).map(() => 1));
  });
});
