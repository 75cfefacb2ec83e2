/** What searches are planned and bounded by: statistics, names of statements, a limit of time, places that stay right. */
import fc from 'fast-check';
import { openDatabase, type Database } from '../../../store/database.ts';
import { findPage } from '../../../store/find.ts';
import type { Order, Place } from '../../../store/search/expression.ts';
import { compilePage } from '../../../store/search/compile.ts';
import { createStatistics } from '../../../store/search/statistics.ts';
import { createStatementNames } from '../../../store/statement-names.ts';
import { commit } from '../../../store/write/commit.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';

let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const { url, drop: dropDatabase } = await createDatabase();
  drop = dropDatabase;
  database = openDatabase({ connection: { connectionString: url }, size: 2, searchTimeout: 50, onIdleError: () => {} });
});
afterAll(async () => {
  await database.close();
  await drop();
});

describe('a search that takes too long', () => {
  const slow = { text: 'select pg_sleep(30)', limited: true };

  test('is refused, and the next one is answered', async () => {
    await expect(database.query(slow)).rejects.toMatchObject({ code: 'too-costly', status: 403 });
    expect((await database.query({ text: 'select 1 as one', limited: true })).rows).toEqual([{ one: 1 }]);
  });

  test('is refused within a transaction as well, which then changes nothing', async () => {
    await expect(database.transaction(async (connection) => {
      await connection.query({ text: "insert into server_secret values ('x', sha256('x'))" });
      await connection.query(slow);
    })).rejects.toMatchObject({ code: 'too-costly' });
    expect((await database.query({ text: "select from server_secret where name = 'x'" })).rowCount).toBe(0);
  });

  test('is no limit for what is no search', async () => {
    await expect(database.query({ text: 'select pg_sleep(0.2)' })).resolves.toBeDefined();
    await expect(database.transaction((connection) => connection.query({ text: 'select pg_sleep(0.2)' }))).resolves.toBeDefined();
  });
});

describe('names of statements', () => {
  test('come with the second use, and only for what recurs', () => {
    const names = createStatementNames();
    const text = 'select $1';
    expect(names.named({ text }).name).toBeUndefined();
    expect(names.named({ text }).name).toBeUndefined();
    expect(names.named({ text, recurring: true }).name).toBeUndefined();
    const { name } = names.named({ text, recurring: true });
    expect(name).toBeDefined();
    expect(names.named({ text, recurring: true, values: [1] })).toEqual({ text, recurring: true, values: [1], name });
    expect(names.named({ text, recurring: true, name: 'own' }).name).toBe('own');
  });

  test('are different for different texts, and few', () => {
    const names = createStatementNames();
    const given = new Set<string>();
    for (let n = 0; n < 1000; n += 1) {
      names.named({ text: `select ${n}`, recurring: true });
      const { name } = names.named({ text: `select ${n}`, recurring: true });
      if (name !== undefined) given.add(name);
    }
    expect(given.size).toBe(500);
  });
});

test('statistics know the common keys and the rows of types, and say so only after they are read', async () => {
  const { rows: [{ tenant } = { tenant: 0 }] } = await database.query<{ tenant: number }>({ text: 'select 31 as tenant' });
  const resources = Array.from({ length: 3000 }, (_, n) => ({ resourceType: 'Basic' as const, id: `b${n}`, code: { coding: [{ code: n % 2 === 0 ? 'common' : `rare-${n}` }] } }));
  await commit(database, resources.map((resource) => ({ kind: 'update' as const, resource })), contextFor(tenant));
  await database.query({ text: 'analyze resource' });
  const statistics = createStatistics();
  const { rows } = await database.query<{ key: string; count: number }>({ text: 'select key, count(*)::integer as count from resource, unnest(keys) key group by key order by count desc' });
  const [most, least] = [rows[0]!, rows.at(-1)!];
  expect(statistics.withKey(BigInt(most.key))).toBeUndefined();
  await statistics.refresh(database);
  expect(statistics.withKey(BigInt(most.key))).toBeCloseTo(most.count, -2);
  expect(statistics.withKey(BigInt(least.key)) ?? statistics.rare).toBeLessThan(300);
  expect(statistics.rowsOf('Basic')).toBeCloseTo(3000, -2);
  expect(statistics.rowsOf('Patient')).toBeLessThan(300);
});

test('statistics know when resources were changed, so that a search for what is new does not read what is old', async () => {
  const context = (minute: number) => contextFor(32, { now: () => new Date(Date.UTC(2026, 0, 1) + minute * 60_000) });
  for (let minute = 0; minute < 20; minute += 1) await commit(database, Array.from({ length: 150 }, (_, n) => ({ kind: 'update' as const, resource: { resourceType: 'Basic' as const, id: `c${minute}-${n}`, code: {} } })), context(minute));
  // Half of them at twenty instants, the others each at its own.
  await database.query({ text: "update resource set last_updated = last_updated + hashtext(id) % 30000 * interval '1 millisecond' where hashtext(id) % 2 = 0 and tenant = 32" });
  await database.query({ text: 'delete from resource where tenant <> 32' });
  await database.query({ text: 'analyze resource' });
  const statistics = createStatistics();
  const at = (minute: number): Date => context(minute).now();
  expect(statistics.changedShare!(at(0), undefined)).toBeUndefined();
  await statistics.refresh(database);
  expect(statistics.changedShare!(at(10), undefined)).toBeCloseTo(0.5, 1);
  expect(statistics.changedShare!(at(-5), at(5))).toBeCloseTo(0.25, 1);
  expect(statistics.changedShare!(at(60), undefined)).toBeLessThan(0.01);
  const newest = { of: [{ type: 'Basic', where: { kind: 'changed' as const, from: at(60) } }], limit: 20, order: [], include: [] };
  expect(compilePage(newest, { tenant: 32 }, statistics).text).not.toContain('id desc offset 0');
  expect(compilePage({ ...newest, of: [{ type: 'Basic', where: { kind: 'changed', from: at(1) } }] }, { tenant: 32 }, statistics).text).toContain('id desc offset 0');
});

test('pages hold what stays, each once, while resources come, change and go', async () => {
  let tenant = 100;
  const orders: readonly Order[] = [[], [{ by: 'changed', descending: true }], [{ by: 'changed', descending: false }], [{ by: 'principal-date', descending: true }], [{ by: 'principal-date', descending: false }]];
  const step = fc.record({ id: fc.integer({ min: 0, max: 29 }), kind: fc.constantFrom('update', 'delete'), day: fc.option(fc.integer({ min: 1, max: 5 })) });
  await fc.assert(fc.asyncProperty(fc.constantFrom(...orders), fc.integer({ min: 1, max: 7 }), fc.array(fc.array(step, { maxLength: 3 }), { minLength: 1, maxLength: 12 }), async (order, limit, steps) => {
    tenant += 1;
    let second = 0;
    const next = () => contextFor(tenant, { now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, second += 1)) });
    const encounter = (id: number, day: number | null) => ({ resourceType: 'Encounter' as const, id: `e${id}`, status: 'planned' as const, class: {}, ...(day !== null && { period: { start: `2026-01-0${day}`, end: `2026-01-0${day}` } }) });
    for (let id = 0; id < 30; id += 3) await commit(database, [{ kind: 'update', resource: encounter(id, id % 2 === 0 ? id % 5 + 1 : null) }], next());
    const touched = new Set<number>();
    const found: string[] = [];
    let after: Place | undefined;
    for (let round = 0; round === 0 || after !== undefined; round += 1) {
      const page = await findPage(database, { of: [{ type: 'Encounter', where: { kind: 'all', of: [] } }], limit, order, include: [], ...(after && { after }) }, next());
      found.push(...page.resources.map(({ id }) => id));
      after = page.next;
      for (const { id, kind, day } of steps[round] ?? []) {
        touched.add(id);
        if (kind === 'update') await commit(database, [{ kind, resource: encounter(id, day) }], next());
        else await commit(database, [{ kind: 'delete', type: 'Encounter', id: `e${id}` }], next()).catch(() => {});
      }
      // Changed again and again to the end, an order by change has no end.
      if (round > 60) break;
    }
    const untouched = Array.from({ length: 10 }, (_, n) => n * 3).filter((id) => !touched.has(id)).map((id) => `e${id}`);
    for (const id of untouched) expect(found.filter((one) => one === id)).toEqual([id]);
  }), { numRuns: 25 });
}, 120_000);

