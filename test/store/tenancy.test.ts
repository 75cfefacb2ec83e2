/** What belongs to one tenant is out of every other tenant's sight, by every way of reading. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../store/database.ts';
import * as compiled from '../../store/search/compile.ts';
import type { Expression, Inclusion, Order } from '../../store/search/expression.ts';
import type { Statistics } from '../../store/search/statistics.ts';
import { countResources } from '../../store/count.ts';
import { definitionsStatement } from '../../store/definitions.ts';
import { findPage } from '../../store/find.ts';
import { readHistory } from '../../store/history.ts';
import { readMany, readResource, readVersion } from '../../store/read.ts';
import { ensureTenant } from '../../store/tenants.ts';
import { commit } from '../../store/write/commit.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { contextFor } from './contexts.ts';

type Compiled = { text: string; values?: unknown[] };

let house: TestHouse;
let other: number;
const secret = { resourceType: 'Patient' as const, id: 'only-theirs', identifier: [{ system: 'urn:mrn', value: 'secret-number' }] };
beforeAll(async () => {
  house = await openHouse();
  const database = house.server.house.database;
  other = (await ensureTenant(database, 'the other plan', house.clock.now)).id;
  expect(other).not.toBe(house.server.house.tenant.id);
  await commit(database, [{ kind: 'update', resource: secret }], contextFor(other));
  await commit(database, [{ kind: 'update', resource: { ...secret, active: true } }], contextFor(other));
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Observation', id: 'theirs-too', status: 'final', code: {}, subject: { reference: 'Patient/only-theirs' } } }], contextFor(other));
});
afterAll(async () => { await house.close(); });

test('every way of reading over HTTP', async () => {
  for (const path of ['Patient/only-theirs', 'Patient/only-theirs/_history', 'Patient/only-theirs/_history/1', 'Patient/only-theirs/_history/2']) expect((await send('GET', `${house.fhir}/${path}`)).status).toBe(404);
  for (const query of ['Patient', 'Patient?_id=only-theirs', 'Patient?identifier=secret-number', 'Patient?identifier=urn:mrn|secret-number', 'Patient?_lastUpdated=gt2000', 'Patient?_sort=-_lastUpdated', 'Patient?_count=0', 'Patient?_total=accurate', 'Observation?patient=only-theirs', 'Observation']) {
    expect([query, (await send('GET', `${house.fhir}/${query}`)).json.total]).toEqual([query, 0]);
  }
  const get = (url: string): Promise<{ status: number }> => send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'GET', url } }] });
  expect((await get('Patient/only-theirs')).status).toBe(404);
  expect(JSON.stringify(await get('Patient?identifier=secret-number'))).not.toContain('only-theirs');
});

test('writes under the same id are other resources', async () => {
  expect((await send('DELETE', `${house.fhir}/Patient/only-theirs`)).status).toBe(204);
  expect((await send('PUT', `${house.fhir}/Patient/only-theirs`, { resourceType: 'Patient', id: 'only-theirs' }, { 'if-match': 'W/"2"' })).status).toBe(412);
  expect((await send('PUT', `${house.fhir}/Patient/only-theirs`, { resourceType: 'Patient', id: 'only-theirs' })).status).toBe(201);
  expect((await send('GET', `${house.fhir}/Patient/only-theirs/_history`)).json.total).toBe(1);
  const theirs = await readResource(house.server.house.database, 'Patient', 'only-theirs', contextFor(other));
  expect(theirs.version).toBe(2);
  expect((await readHistory(house.server.house.database, 'Patient', 'only-theirs', { limit: 9 }, contextFor(other))).total).toBe(2);
});

test('functions of the read path, with the other\'s keys in hand', async () => {
  const database = house.server.house.database;
  const keys = (await house.sql.query('select keys::text[] as keys from resource where tenant = $1 and type = (select type from resource where id = $2 limit 1)', [other, 'only-theirs'])).rows.flatMap((row) => (row.keys as string[]).map(BigInt));
  const mine = contextFor(9);
  for (const where of [{ kind: 'key', anyOf: keys, selective: true }, { kind: 'key', anyOf: keys, selective: false }, { kind: 'any', of: [{ kind: 'all', of: [] }, { kind: 'key', anyOf: keys, selective: true }] }, { kind: 'id', ids: ['only-theirs'] }, { kind: 'patient', id: 'only-theirs', key: 1n }] satisfies Expression[]) {
    expect((await findPage(database, { of: [{ type: 'Patient', where }], limit: 10, order: [], include: [] }, mine)).resources).toEqual([]);
    expect(await countResources(database, { type: 'Patient', where }, mine)).toBe(0);
    expect((await findPage(database, { of: [{ type: 'Patient', where }], limit: 10, order: [], include: [] }, contextFor(other))).resources).toHaveLength(1);
  }
  expect((await readMany(database, [{ type: 'Patient', id: 'only-theirs' }], mine)).size).toBe(0);
  await expect(readVersion(database, 'Patient', 'only-theirs', 1, mine)).rejects.toMatchObject({ code: 'version-not-found' });
});

describe('every statement that is compiled', () => {
  const tenant = 23_571;
  const access = { tenant };
  const common: Statistics = { rowsOf: () => 10, withKey: () => 1e6, rare: 1e6 };
  const rare: Statistics = { rowsOf: () => 1e6, withKey: () => 1, rare: 1 };
  const kinds: readonly Expression[] = [
    { kind: 'all', of: [] }, { kind: 'any', of: [] }, { kind: 'id', ids: ['a'] }, { kind: 'key', anyOf: [1n], selective: true }, { kind: 'key', anyOf: [1n, 2n], selective: false },
    { kind: 'key', anyOf: [1n], selective: true, patient: 'p' }, { kind: 'patient', id: 'p', key: 1n }, { kind: 'changed', from: new Date(0) }, { kind: 'present', parameter: 1 },
    { kind: 'display', scope: 1n, match: 'starts', value: 'a' }, { kind: 'list', id: 'a', type: 'Patient' },
    { kind: 'date', scope: 'principal', comparison: 'eq', low: new Date(0), high: new Date(1) }, { kind: 'date', scope: 1n, comparison: 'ge', low: new Date(0), high: new Date(1) },
    { kind: 'string', scope: 1n, match: 'starts', value: 'a', exact: false }, { kind: 'number', scope: 1n, test: { comparison: 'eq', value: 1, low: 0, high: 2 } },
    { kind: 'near', scope: 1n, latitude: 0, longitude: 0, kilometres: 1 }, { kind: 'words', of: 'narrative', query: 'a' }, { kind: 'words', of: 'content', query: 'a' },
  ];
  const nested: readonly Expression[] = kinds.flatMap((where) => [
    { kind: 'chain' as const, parameter: 'subject', viaPatient: true, targets: [{ type: 'Patient', where }] },
    { kind: 'chain' as const, parameter: 'subject', viaPatient: true, targets: [{ type: 'Patient', where }, { type: 'Group', where }] },
    { kind: 'chain' as const, parameter: 'encounter', viaPatient: false, targets: [{ type: 'Encounter', where }] },
    { kind: 'has' as const, type: 'Observation', parameter: 'patient', viaPatient: true, where },
    { kind: 'has' as const, type: 'Observation', parameter: 'performer', viaPatient: false, where: { kind: 'chain' as const, parameter: 'encounter', viaPatient: false, targets: [{ type: 'Encounter', where }] } },
    { kind: 'not' as const, of: where }, { kind: 'any' as const, of: [where, { kind: 'id' as const, ids: ['b'] }] },
  ]);
  const orders: readonly Order[] = [[{ by: 'changed', descending: true }], [{ by: 'principal-date', descending: false }], [{ by: 'string', scope: 1n, descending: true }, { by: 'content', paths: ['$.a'], descending: false }]];
  const include: readonly Inclusion[] = [
    { direction: 'include', source: 'Patient', parameter: '*', iterate: false }, { direction: 'include', source: 'Observation', parameter: 'subject', target: 'Patient', iterate: false },
    { direction: 'revinclude', source: 'Observation', parameter: '*', iterate: false }, { direction: 'revinclude', source: 'Claim', parameter: 'patient', iterate: false },
  ];
  const types = ['Patient', 'Observation'];
  const pages = [...kinds, ...nested].flatMap((where) => [rare, common].flatMap((statistics) => orders.map((order) => (): Compiled =>
    compiled.compilePage({ of: types.map((type) => ({ type, where })), limit: 1, order, include, after: { values: order.map(() => null), type: 'Patient', id: 'x' } }, access, statistics))));
  const calls: Readonly<Record<keyof typeof compiled, readonly (() => Compiled)[]>> = {
    compilePage: pages,
    compileEntries: [...kinds, ...nested].flatMap((where) => orders.map((order) => (): Compiled => (
      compiled.compileEntries({ of: types.map((type) => ({ type, where })), limit: 1, order, include, after: { values: order.map(() => null), type: 'Patient', id: 'x' } }, { base: 'http://x/fhir', mostBytes: 1 }, access, rare)))),
    compileInclusion: [() => compiled.compileInclusion(include, [{ type: 'Patient', id: 'a' }], [{ type: 'Patient', id: 'b' }], access)],
    compileCount: [...kinds, ...nested].flatMap((where) => [() => compiled.compileCount({ type: 'Patient', where }, access, rare), () => compiled.compileCount({ type: 'Patient', where }, access, common, 10)]),
    compileRead: [() => compiled.compileRead('Patient', 'a', access)],
    compileReadMany: [() => compiled.compileReadMany([{ type: 'Patient', id: 'a' }], access)],
    compileReadVersion: [() => compiled.compileReadVersion('Patient', 'a', 1, access)],
    compileHistory: [() => compiled.compileHistory('Patient', 'a', 2, 1, access)],
    compileRecord: ['p', undefined].flatMap((patient) => [
      () => compiled.compileRecord({ types: ['Observation', 'Condition'], patient, keys: [1n], since: undefined, care: undefined, after: undefined, limit: 1, bytes: 1 }, access),
      () => compiled.compileRecord({ types: ['Observation', 'Condition'], patient, keys: [1n, 2n], since: new Date(0), care: { from: new Date(0), until: new Date(1), undated: ['Person'] }, after: { type: 'Condition', id: 'x' }, limit: 1, bytes: 1 }, access),
    ]),
    compileLabels: [() => compiled.compileLabels('Patient', [1], 1, access), () => compiled.compileLabels(undefined, [1], 1, access)],
    compileChanges: [() => compiled.compileChanges({ type: 'Patient', limit: 1 }, access), () => compiled.compileChanges({ limit: 1, since: new Date(0), at: { low: new Date(0), high: new Date(1) }, after: { at: '2026-01-01T00:00:00Z', position: '1' } }, access)],
  };

  test('is known to this test', () => { expect(Object.keys(compiled).toSorted()).toEqual(Object.keys(calls).toSorted()); });

  test.each(Object.entries(calls))('%s carries the tenant wherever it reads resources, outside of any alternative', (_name, statements) => {
    for (const call of statements) expect(guardedReads(tenant, call())).toBeGreaterThan(0);
  });

  test('as does the one that the server reads its definitions with, for itself', () => { expect(guardedReads(tenant, definitionsStatement(access))).toBe(1); });

  test('runs as it is written', async () => {
    const database = openDatabase({ connection: { connectionString: house.databaseUrl }, size: 1, onIdleError: () => {} });
    for (const call of Object.values(calls).flatMap((list) => list.filter((_, index) => index % 7 === 0))) expect((await database.query(call())).rows.filter((row) => row['count'] !== 0 && row['found'] !== 0)).toEqual([]);
    await database.close();
  });
});

/** Where the sub-select ends in whose condition `text` begins: at its own `offset 0`. */
function endOfFence(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    else if (text[index] === ')') depth -= 1;
    else if (depth === 0 && text.startsWith('offset 0)', index)) return index;
  }
  return text.length;
}

/** How often the statement reads resources. Fails where it reads one, or what is kept of one, without asking first for this tenant's. */
function guardedReads(tenant: number, { text: written, values = [] }: Compiled): number {
  const text = written.replace(/\s+/g, ' ');
  expect(text).not.toContain(String(tenant));
  const isOurs = (number: string | undefined): boolean => values[Number(number) - 1] === tenant;
  let reads = 0;
  for (const { index, 1: row, 2: rest } of text.matchAll(/\bresource (\w+) where ([^]*?)(?= |\n)/g)) {
    reads += 1;
    expect(row).toBeDefined();
    const behind = text.slice(index + `resource ${row} where `.length);
    // The condition on the tenant comes first, joined by "and" to all others...
    if (isOurs(new RegExp(`^${row}\\.tenant = \\$(\\d+) and `).exec(behind)?.[1])) continue;
    // ...or the keys of an index stand alone behind a fence, and what comes out of it is judged so.
    expect(rest).toMatch(new RegExp(`^${row}\\.keys$`));
    const fence = behind.slice(endOfFence(behind));
    expect(fence).toMatch(new RegExp(`^offset 0\\) ${row}\\s+where ${row}\\.tenant = \\$\\d+ and `));
    expect(isOurs(/\$(\d+)/.exec(fence)?.[1])).toBe(true);
  }
  expect(text.match(/\bresource\b(?! \w+ where )/g)).toBeNull();
  // History is reached through a current row that may be seen, never alone; the log of changes by its tenant.
  expect(text.match(/\bresource_history\b(?! h (?:join current_version c on|where) h\.tenant = [rc]\.tenant and h\.type = [rc]\.type and h\.id = [rc]\.id)/g)).toBeNull();
  for (const match of text.matchAll(/\b(?:outbox|display) (\w+)\s+where \1\.tenant = \$(\d+) and /g)) expect(isOurs(match[2])).toBe(true);
  expect(text.match(/\b(?:outbox|display)\b(?! (\w+)\s+where \1\.tenant = \$\d+ and )/g)).toBeNull();
  // Index entries are reached through a row, or by a scope, which is a hash of the tenant.
  expect(text.match(/\bindex_\w+\b(?! x\s+where (?:x\.tenant = r\d*\.tenant|x\.scope = \$\d+|x\.words @@ websearch_to_tsquery\('simple', \$\d+\) and x\.tenant = \$\d+))/g)).toBeNull();
  return reads;
}

test('no other file reads resources, but for those that write them and those that index them again', async () => {
  const root = join(import.meta.dirname, '..', '..');
  // Nothing is in delivery yet, and git keeps no empty folder.
  const rooms = ['server', 'channels', 'delivery', 'operations', 'review', 'store', 'mappers', 'profiles', 'terminology', 'fhir'].filter((room) => existsSync(join(root, room)));
  const files = (await Promise.all(rooms.map(async (room) => (await readdir(join(root, room), { recursive: true })).map((file) => `${room}/${file}`)))).flat();
  const sources = await Promise.all(files.filter((file) => file.endsWith('.ts')).map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })));
  const readers = sources.filter(({ file, text }) => !file.startsWith('store/search/sql/') && /\b(?:from|join|update|using) resource(?:_history)?\b/.test(text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, ''))).map(({ file }) => file);
  expect(readers.toSorted()).toEqual(['store/authorizations.ts', 'store/definitions.ts', 'store/jobs/reindex-batch.ts', 'store/jobs/reindex.ts', 'store/jobs/terminology.ts', 'store/packages/posted.ts', 'store/terminology/imported.ts', 'store/told-by-messages.ts', 'store/write/lock.ts', 'store/write/resource-rows.ts']);
});
