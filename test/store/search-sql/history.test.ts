/** The history of a type and of everything: each change once, newest first, whatever comes in meanwhile. */
import { openDatabase, type Database } from '../../../store/database.ts';
import { readChanges } from '../../../store/history.ts';
import type { HistoryPlace, HistoryQuery } from '../../../store/search/sql/history.ts';
import { commit } from '../../../store/write/commit.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';

const tenant = 5;
let database: Database;
let drop: () => Promise<void>;
const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1) + n * 60_000);
const at = (n: number) => contextFor(tenant, { now: () => minute(n) });

beforeEach(async () => {
  const { url, drop: dropDatabase } = await createDatabase();
  drop = dropDatabase;
  database = openDatabase({ connection: { connectionString: url }, size: 2, onIdleError: () => {} });
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'a' } }, { kind: 'update', resource: { resourceType: 'Basic', id: 'b', code: {} } }], at(1));
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'a', active: true } }], at(2));
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'c' } }], at(3));
  await commit(database, [{ kind: 'delete', type: 'Patient', id: 'a' }], at(4));
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'a', gender: 'other' } }], contextFor(tenant + 1, { now: () => minute(5) }));
});
afterEach(async () => {
  await database.close();
  await drop();
});

async function told(query: Omit<HistoryQuery, 'limit'>, limit = 100): Promise<string[]> {
  const found: string[] = [];
  let after: HistoryPlace | undefined;
  do {
    const page = await readChanges(database, { ...query, limit, ...(after && { after }) }, at(9));
    for (const { type, id, version, interaction, deleted, content } of page.changes) {
      expect(deleted).toBe(interaction === 'delete');
      if (deleted) expect(content).toBe('');
      else expect(JSON.parse(content)).toMatchObject({ resourceType: type, id, meta: { versionId: String(version) } });
      found.push(`${interaction} ${type}/${id}/${version}`);
    }
    after = page.next && JSON.parse(JSON.stringify(page.next)) as HistoryPlace;
  } while (after);
  return found;
}

test('another tenant has a history of its own', async () => {
  expect((await readChanges(database, { limit: 9 }, contextFor(tenant + 1))).changes.map(({ id }) => id)).toEqual(['a']);
  expect((await readChanges(database, { limit: 9 }, contextFor(tenant + 2))).changes).toEqual([]);
});

test('of a type, in pages of any size', async () => {
  const wanted = ['delete Patient/a/3', 'create Patient/c/1', 'update Patient/a/2', 'create Patient/a/1'];
  for (const limit of [1, 2, 3, 4, 100]) expect(await told({ type: 'Patient' }, limit)).toEqual(wanted);
  expect(await told({ type: 'Observation' })).toEqual([]);
});

test('of everything: changes of one moment, too, come each once', async () => {
  for (const limit of [1, 2, 100]) {
    const all = await told({}, limit);
    expect(all.slice(0, 3)).toEqual(['delete Patient/a/3', 'create Patient/c/1', 'update Patient/a/2']);
    expect(all.slice(3).toSorted()).toEqual(['create Basic/b/1', 'create Patient/a/1']);
  }
});

test('since an instant', async () => {
  expect(await told({ type: 'Patient', since: minute(3) })).toEqual(['delete Patient/a/3', 'create Patient/c/1']);
});

test('at a time: what was current then, changed in it or long before', async () => {
  const during = (from: number, to: number): Promise<string[]> => told({ type: 'Patient', at: { low: minute(from), high: minute(to) } });
  expect(await during(0, 1)).toEqual([]);
  expect(await during(1, 2)).toEqual(['create Patient/a/1']);
  expect(await during(2, 3)).toEqual(['update Patient/a/2']);
  expect(await during(1.5, 3.5)).toEqual(['create Patient/c/1', 'update Patient/a/2', 'create Patient/a/1']);
  expect(await during(8, 9)).toEqual(['delete Patient/a/3', 'create Patient/c/1']);
});

test('what comes in while pages are read changes nothing behind them', async () => {
  const first = await readChanges(database, { type: 'Patient', limit: 2 }, at(9));
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'c', active: false } }], at(6));
  const second = await readChanges(database, { type: 'Patient', limit: 9, after: first.next! }, at(9));
  expect([...first.changes, ...second.changes].map(({ id, version }) => `${id}/${version}`)).toEqual(['a/3', 'c/1', 'a/2', 'a/1']);
});
