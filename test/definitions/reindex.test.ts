/**
 * Indexing again in the background, in its hard cases: a process that has not heard, writes that were under way, writes at
 * the same time, an end in the middle, large contents, data of an earlier release. Checked against what indexing
 * afresh makes of every row.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { resourceTypeOfCode } from '../../fhir/resource-types.ts';
import { startServer } from '../../server/main.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { readDefinitions } from '../../store/definitions.ts';
import { indexRow } from '../../store/index-row.ts';
import { pendingReindexes, reindex } from '../../store/jobs/reindex.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
afterEach(async () => { await house.close(); });

const parameter = { resourceType: 'SearchParameter', id: 'nick', url: 'urn:example:nick', name: 'Nick', status: 'active', description: 'Nickname', code: 'nick', base: ['Patient'], type: 'string', expression: 'Patient.contact.name.text' };
const patient = (id: string, nick = `Nick ${id}`): Record<string, unknown> => ({ resourceType: 'Patient', id, contact: [{ name: { text: nick } }], name: [{ family: 'Family', given: ['Given'] }], birthDate: '1970-01-01' });

const put = async (origin: string, resource: Record<string, unknown>): Promise<void> => {
  const answer = await send('PUT', `${origin}/fhir/${String(resource['resourceType'])}/${String(resource['id'])}`, resource);
  if (answer.status > 201) throw new Error(answer.text);
};

async function untilDone(): Promise<void> {
  while ((await house.sql.query(`select from reindex where state <> 'done'`)).rowCount !== 0) await new Promise((resolve) => { setImmediate(resolve); });
}

/** Rows whose keys, strings or sum are not what indexing them now would make. */
async function wronglyIndexed(): Promise<string[]> {
  const { database, tenant } = house.server.house;
  const { parameters } = await readDefinitions(database, tenant.id);
  const { rows } = await house.sql.query<{ type: number; id: string; content: string; keys: string[]; index_sum: string; strings: string[] | null }>(`
    select r.type, r.id, r.content, r.keys::text[], r.index_sum,
           (select array_agg(s.scope || ' ' || s.value order by s.scope, s.value) from index_string s where s.tenant = r.tenant and s.type = r.type and s.id = r.id) as strings
    from resource r where not r.deleted`);
  return rows.filter((row) => {
    const index = indexRow(tenant.id, parseJson(row.content) as Resource, parameters);
    const strings = index.strings.map(({ scope, value }) => `${scope} ${value}`);
    return BigInt(row.index_sum) !== index.sum || row.keys.toSorted().join() !== index.keys.map(String).toSorted().join() || (row.strings ?? []).toSorted().join() !== strings.toSorted().join();
  }).map((row) => `${resourceTypeOfCode(row.type)}/${row.id}`);
}

const limits = { rows: 2, bytes: 1_000_000 };
const now = (): Date => new Date('2026-03-02T09:00:00Z');

test('writes while it runs are neither lost nor indexed twice, and what is not concerned is not written', async () => {
  house = await openHouse();
  for (let number = 0; number < 120; number += 1) await put(house.origin, patient(`p${number}`));
  await put(house.origin, { resourceType: 'Organization', id: 'o1', name: 'Org' });
  const before = (await house.sql.query<{ xmin: string }>(`select xmin::text from resource where id = 'o1'`)).rows[0]!.xmin;
  await put(house.origin, parameter);
  await Promise.all(Array.from({ length: 4 }, async (_, client) => {
    for (let number = client; number < 120; number += 4) {
      if (number % 3 === 0) await put(house.origin, patient(`p${number}`, `Other ${number}`));
      else if (number % 3 === 1) await send('DELETE', `${house.origin}/fhir/Patient/p${number}`);
      else await put(house.origin, patient(`q${number}`));
    }
  }));
  await untilDone();
  expect(await wronglyIndexed()).toEqual([]);
  const { rows } = await house.sql.query<{ n: number; version: number }>(`select count(*)::integer as n, max(version) as version from resource where type = (select type from resource where id = 'p0')`);
  expect(rows[0]).toEqual({ n: 160, version: 2 });
  expect((await house.sql.query<{ xmin: string }>(`select xmin::text from resource where id = 'o1'`)).rows[0]!.xmin).toBe(before);
});

test('a process that has not heard of a definition cannot write by the old ones: it indexes by the new ones', async () => {
  house = await openHouse();
  const other = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: house.databaseUrl, PRIORA_JOBS: '0', PRIORA_DATABASE_CONNECTIONS: '3', PRIORA_LOG_LEVEL: 'silent' }), {});
  try {
    await put(other.address, patient('before'));
    // Its news do not arrive any more: the connection is dead without anybody being told.
    await other.house.definitions.close();
    await put(house.origin, parameter);
    await untilDone();
    expect(other.house.definitions.parametersOf(1).find('Patient', 'nick')).toBeUndefined();
    await Promise.all([put(other.address, patient('after')), put(other.address, patient('before', 'Changed')), put(other.address, { ...patient('third'), active: true })]);
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient('fourth'), request: { method: 'PUT', url: 'Patient/fourth' } }, { resource: { ...patient('x'), id: undefined }, request: { method: 'POST', url: 'Patient' } }] };
    expect((await send('POST', `${other.address}/fhir`, bundle)).status).toBe(200);
    expect(await wronglyIndexed()).toEqual([]);
  } finally {
    await other.stop();
  }
});

test('a write that began before the definition and ends after it is waited for', async () => {
  house = await openHouse();
  await put(house.origin, patient('p0'));
  const writer = await house.sql.connect();
  try {
    // As a commit of a process that knew nothing yet: its transaction is open when the definition is committed.
    await writer.query('begin');
    await writer.query(`insert into resource select tenant, shard, type, 'late', version, last_updated, deleted, patient, date_low, date_high, keys, targets, replace(content, 'p0', 'late'), authorization_id, index_sum from resource where id = 'p0'`);
    await put(house.origin, parameter);
    for (let look = 0; look < 50; look += 1) {
      const { rows } = await house.sql.query<{ state: string }>(`select state from reindex where subject = 'nick'`);
      expect(rows[0]!.state).toBe('waiting');
      await send('GET', `${house.fhir}/Patient/p0`);
    }
    await writer.query('commit');
  } finally {
    writer.release();
  }
  await untilDone();
  expect((await wronglyIndexed())).toEqual([]);
});

test('ended in the middle it goes on from there, and a definition that changes meanwhile begins anew', async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const { database, tenant } = house.server.house;
  for (let number = 0; number < 9; number += 1) await put(house.origin, patient(`p${number}`));
  await put(house.origin, parameter);
  const key = { tenant: tenant.id, subject: 'nick' };
  const parameters = async () => (await readDefinitions(database, tenant.id)).parameters;
  const run = async (stopAfter: number): Promise<number> => {
    const ending = new AbortController();
    let seen = 0;
    const onBatch = (rows: number): void => {
      seen += rows;
      if (seen >= stopAfter) ending.abort();
    };
    await reindex(database, key, parameters, { limits, share: 1, now, signal: ending.signal, onBatch }).catch((error: unknown) => { if (!ending.signal.aborted) throw error; });
    return seen;
  };
  expect(await run(4)).toBe(4);
  const { rows } = await house.sql.query<{ state: string; done: string }>(`select state, done from reindex where subject = 'nick'`);
  expect(rows).toEqual([{ state: 'running', done: '4' }]);
  expect((await send('GET', `${house.fhir}/Patient?nick=n`)).json.issue[0].details.text).toContain('44 %');
  expect((await wronglyIndexed()).length).toBe(5);
  // Another expression: what was done is to be done again.
  await put(house.origin, { ...parameter, expression: 'Patient.name.family' });
  expect(await run(4)).toBe(4);
  expect(await run(100)).toBe(5);
  expect(await wronglyIndexed()).toEqual([]);
  expect(await pendingReindexes(database, now())).toEqual([]);
});

test('a batch holds no more than it may, whatever the size of what is stored', async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const { database, tenant } = house.server.house;
  for (let number = 0; number < 6; number += 1) await put(house.origin, { ...patient(`p${number}`), text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${'word '.repeat(60_000)}</div>` } });
  await put(house.origin, parameter);
  const batches: number[] = [];
  await reindex(database, { tenant: tenant.id, subject: 'nick' }, async () => (await readDefinitions(database, tenant.id)).parameters, {
    limits: { rows: 300, bytes: 700_000 }, share: 1, now, signal: new AbortController().signal, onBatch: (seen) => { batches.push(seen); },
  });
  expect(batches.filter((seen) => seen > 0)).toEqual([2, 2, 2]);
  expect(await wronglyIndexed()).toEqual([]);
});

test('data of an earlier release is indexed again at start, and until then no search is answered that would miss some of it', async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  for (let number = 0; number < 5; number += 1) await put(house.origin, patient(`p${number}`));
  await house.sql.query(`update resource set index_generation = 0, keys = '{}', present = '{}', index_sum = 0`);
  await house.sql.query('delete from index_string');
  await house.sql.query('delete from reindex');
  const blocker = await house.sql.connect();
  await blocker.query('begin');
  await blocker.query('select 1');
  const next = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: house.databaseUrl, PRIORA_DATABASE_CONNECTIONS: '3', PRIORA_LOG_LEVEL: 'silent' }), {});
  try {
    expect((await send('GET', `${next.address}/fhir/Patient?family=Family`)).status).toBe(503);
    expect((await send('GET', `${next.address}/fhir/Patient?_id=p1`)).json.entry).toHaveLength(1);
    expect((await send('GET', `${next.address}/fhir/$reindex-status`)).json.parameter[0].part[0]).toEqual({ name: 'what', valueString: 'release' });
    await blocker.query('rollback');
    await untilDone();
    let found = await send('GET', `${next.address}/fhir/Patient?family=Family`);
    while (found.status === 503) found = await send('GET', `${next.address}/fhir/Patient?family=Family`);
    expect(found.json.entry).toHaveLength(5);
    expect(await wronglyIndexed()).toEqual([]);
  } finally {
    blocker.release();
    await next.stop();
  }
});
