/** What belongs to one tenant is out of every other tenant's sight, by every way of reading. */
import { openDatabase } from '../../store/database.ts';
import * as compiled from '../../store/search/compile.ts';
import type { Expression } from '../../store/search/expression.ts';
import { countResources, findPage, readHistory, readMany, readResource, readVersion } from '../../store/read.ts';
import { ensureTenant } from '../../store/tenants.ts';
import { commit } from '../../store/write/commit.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { contextFor } from './contexts.ts';

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
  const where: Expression = { kind: 'any', of: [{ kind: 'all', of: [] }, { kind: 'id', ids: ['a'] }, { kind: 'key', anyOf: [1n], selective: true }, { kind: 'key', anyOf: [1n, 2n], selective: false }, { kind: 'patient', id: 'p', key: 1n }, { kind: 'changed', from: new Date(0) }, { kind: 'any', of: [] }] };
  const calls: Readonly<Record<keyof typeof compiled, () => { text: string; values?: unknown[] }>> = {
    compilePage: () => compiled.compilePage({ of: [{ type: 'Patient', where }], limit: 1, order: [], include: [] }, access),
    compileCount: () => compiled.compileCount({ type: 'Patient', where }, access),
    compileRead: () => compiled.compileRead('Patient', 'a', access),
    compileReadMany: () => compiled.compileReadMany([{ type: 'Patient', id: 'a' }], access),
    compileReadVersion: () => compiled.compileReadVersion('Patient', 'a', 1, access),
    compileHistory: () => compiled.compileHistory('Patient', 'a', 2, 1, access),
    compileLabels: () => compiled.compileLabels('Patient', [1], 1, access),
  };

  test('is known to this test', () => { expect(Object.keys(compiled).toSorted()).toEqual(Object.keys(calls).toSorted()); });

  // A search that a selective key drives reads the table behind a fence, and judges what comes out of it.
  const driven: Expression = { kind: 'all', of: [{ kind: 'key', anyOf: [1n], selective: true }, where] };
  const statements: [string, () => { text: string; values?: unknown[] }][] = [
    ...Object.entries(calls),
    ['compilePage driven by a key', () => compiled.compilePage({ of: [{ type: 'Patient', where: driven }], limit: 1, order: [{ by: 'changed', descending: true }], include: [] }, access)],
    ['compileCount driven by a key', () => compiled.compileCount({ type: 'Patient', where: driven }, access)],
  ];

  test.each(statements)('%s carries the tenant wherever it reads resources, outside of any alternative', async (_name, call) => {
    const { text, values = [] } = call();
    const place = values.indexOf(tenant) + 1;
    expect(place).toBeGreaterThan(0);
    expect(text).not.toContain(String(tenant));
    const fenced = text.replace(/^\s*with matched as materialized \(select r\.\* from resource r where r\.keys @> \$1::bigint\[\]\)\s+select [^()]*(?:count\(\*\)[^()]*)?from matched r\s/, 'select from resource r ');
    expect(fenced).not.toContain('matched');
    const reads = fenced.match(/from resource r\b/g) ?? [];
    expect(reads.length).toBeGreaterThan(0);
    // Each reading of the table is followed by its own condition on the tenant, joined by "and" to the rest.
    expect([...fenced.matchAll(/from resource r\b[^()]*(?:\([^()]*\)[^()]*)*?where r\.tenant = \$(\d+) and /g)].map((match) => values[Number(match[1]) - 1])).toEqual(reads.map(() => tenant));
    // History is reached through a current row that may be seen, never alone.
    expect(text.match(/from resource_history h(?! join current_version c on h\.tenant = c\.tenant and h\.type = c\.type and h\.id = c\.id)/)).toBeNull();
  });

  test('runs as it is written', async () => {
    const database = openDatabase({ connection: { connectionString: house.databaseUrl }, size: 1, onIdleError: () => {} });
    for (const [, call] of statements) expect((await database.query(call())).rows.filter((row) => row['count'] !== 0)).toEqual([]);
    await database.close();
  });
});
