/** What no version refers to is taken away, and nothing else: not what history has, not what was put lately, not another tenant's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../store/database.ts';
import { cleanObjects } from '../../store/objects/clean.ts';
import type { ObjectStore } from '../../store/objects/object-store.ts';
import { openObjectStore } from '../../store/objects/open.ts';
import { commit } from '../../store/write/commit.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let objects: ObjectStore;
let dispose: () => Promise<void>;
const clock = { now: new Date('2026-03-02T09:00:00Z') };
const nextDay = new Date('2026-03-03T09:00:00Z');
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'clean-'));
  database = openDatabase({ connection: { connectionString: url }, size: 4, onIdleError: () => {} });
  objects = openObjectStore({ address: `file:${folder}`, spoolFolder: folder, now: () => clock.now });
  dispose = async () => {
    await database.close();
    await drop();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(async () => { await dispose(); });

const context = contextFor(1);
const put = (text: string, tenant = 1) => objects.put(tenant, [Buffer.from(text)], 1000);
const isThere = async (sha256: string, tenant = 1): Promise<boolean> => await objects.head(tenant, sha256) !== undefined;

test('garbage goes, everything else stays', async () => {
  const [first, second, garbage, elsewhere] = [await put('first version'), await put('second version'), await put('never committed'), await put('never committed', 2)];
  const binary = { resourceType: 'Binary', id: 'kept', contentType: 'text/plain' } as const;
  await commit(database, [{ kind: 'update', resource: binary, object: first }], context);
  await commit(database, [{ kind: 'update', resource: binary, object: second }], context);
  await commit(database, [{ kind: 'delete', type: 'Binary', id: 'kept' }], context);
  clock.now = nextDay;
  const lately = await put('put a moment ago');
  expect(await cleanObjects(database, objects, 1, nextDay)).toEqual({ seen: 4, removed: 1 });
  expect([await isThere(first.sha256), await isThere(second.sha256), await isThere(garbage.sha256), await isThere(lately.sha256), await isThere(elsewhere.sha256, 2)]).toEqual([true, true, false, true, true]);
});

test('what is put again while it is being judged stays', async () => {
  clock.now = new Date('2026-03-02T09:00:00Z');
  const { sha256 } = await put('put again');
  clock.now = nextDay;
  const slow: ObjectStore = { ...objects, async* list(tenant) {
    yield* objects.list(tenant);
    await put('put again');
  } };
  await cleanObjects(database, slow, 1, nextDay);
  expect(await isThere(sha256)).toBe(true);
  expect(await cleanObjects(database, objects, 1, new Date('2026-03-04T09:00:00Z'))).toMatchObject({ removed: 2 });
  expect(await isThere(sha256)).toBe(false);
});

test('more than are asked for at once', async () => {
  clock.now = new Date('2026-03-02T09:00:00Z');
  for (let number = 0; number < 40; number += 1) await Promise.all(Array.from({ length: 16 }, (_, index) => put(`garbage ${number} ${index}`)));
  expect(await cleanObjects(database, objects, 1, nextDay)).toMatchObject({ removed: 640 });
});
