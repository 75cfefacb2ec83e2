/** A large hierarchy by REST: in force at once, along its links, and its closure is made behind it, in slices. */
import type { CodeSystem } from '@medplum/fhirtypes';
import { makeClosure, makeClosures } from '../../store/terminology/make-closure.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
// No server takes jobs: what is left open stays so until the test makes it.
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_JOBS: '0' } }); });
afterAll(async () => { await house.close(); });

const count = async (where = 'true'): Promise<number> => (await house.sql.query<{ n: number }>(`select count(*)::integer as n from code_system_closure where ${where}`)).rows[0]!.n;

/** A chain of 300, from which a leaf hangs at each place: 300 * 299 / 2 + 300 * 301 / 2 pairs. */
const chain = (extra: Partial<CodeSystem> = {}): CodeSystem => ({
  resourceType: 'CodeSystem', id: 'chain', url: 'urn:chain', version: '1', status: 'active', content: 'complete', ...extra,
  concept: Array.from({ length: 300 }, (_, at) => [
    { code: `c${at}`, display: `Link ${at}`, ...(at > 0 && { property: [{ code: 'parent', valueCode: `c${at - 1}` }] }) },
    { code: `l${at}`, display: `Leaf ${at}`, property: [{ code: 'parent', valueCode: `c${at}` }] },
  ]).flat(),
});
const pairs = 300 * 299 / 2 + 300 * 301 / 2;

const codes = async (filter: object[]): Promise<string[]> => {
  const answer = await send('POST', `${house.fhir}/ValueSet/$expand`, { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: 'urn:chain', filter }] } });
  return ((answer.json.expansion.contains ?? []) as { code: string }[]).map(({ code }) => code).toSorted();
};
const isA = (op: string, value: string): object[] => [{ property: 'concept', op, value }];
const outcome = async (a: string, b: string): Promise<string> => (await send('GET', `${house.fhir}/CodeSystem/$subsumes?system=urn:chain&codeA=${a}&codeB=${b}`)).json.parameter[0].valueCode;
const pending = async (): Promise<string[]> => {
  const systems = (await send('GET', `${house.fhir}/metadata?mode=terminology`)).json.codeSystem as { uri: string; extension?: { url: string; valueString: string }[] }[];
  return (systems.find(({ uri }) => uri === 'urn:chain')!.extension ?? []).filter(({ url }) => url.endsWith('/hierarchy-pending')).map(({ valueString }) => valueString);
};
const answers = async (): Promise<unknown> => ({
  below: await codes(isA('is-a', 'c297')), strictly: await codes(isA('descendent-of', 'c297')), not: (await codes(isA('is-not-a', 'c2'))), above: await codes(isA('generalizes', 'l2')), leaf: await codes(isA('descendent-leaf', 'c298')),
  subsumes: [await outcome('c0', 'l299'), await outcome('l299', 'c0'), await outcome('l1', 'l2'), await outcome('c5', 'c5')],
  closure: await closureTable(),
  search: (await send('GET', `${house.fhir}/Observation?code:below=urn:chain|c298&_summary=count`)).json.total as number,
});
async function closureTable(): Promise<unknown> {
  await send('POST', `${house.fhir}/$closure`, { resourceType: 'Parameters', parameter: [{ name: 'name', valueString: 't' }] });
  const map = await send('POST', `${house.fhir}/$closure`, { resourceType: 'Parameters', parameter: [{ name: 'name', valueString: 't' }, ...['c1', 'c3', 'l2'].map((code) => ({ name: 'concept', valueCoding: { system: 'urn:chain', code } }))] });
  return map.json.group;
}

test('a circle is refused, with the place of a concept in it', async () => {
  const concept = [{ code: 'top' }, { code: 'a', property: [{ code: 'parent', valueCode: 'b' }] }, { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] }];
  const answer = await send('PUT', `${house.fhir}/CodeSystem/circle`, { ...chain(), id: 'circle', concept });
  expect(answer.status).toBe(422);
  expect(answer.json.issue[0].details).toMatchObject({ coding: [{ code: 'hierarchy-circle' }], text: expect.stringContaining('the 2. of its concepts') });
  expect((await send('GET', `${house.fhir}/CodeSystem/circle`)).status).toBe(404);
});

test('a large hierarchy answers the same before its closure is made and after, and says which it is', async () => {
  for (const code of ['l297', 'l298', 'c299']) await send('POST', `${house.fhir}/Observation`, { resourceType: 'Observation', status: 'final', code: { coding: [{ system: 'urn:chain', code }] } });
  expect((await send('PUT', `${house.fhir}/CodeSystem/chain`, chain())).status).toBe(201);
  expect([await count(), await pending()]).toEqual([0, ['1']]);
  const before = await answers();
  expect(before).toMatchObject({
    below: ['c297', 'c298', 'c299', 'l297', 'l298', 'l299'], strictly: ['c298', 'c299', 'l297', 'l298', 'l299'], not: ['c0', 'c1', 'l0', 'l1'], above: ['c0', 'c1', 'c2', 'l2'], leaf: ['l298', 'l299'],
    subsumes: ['subsumes', 'subsumed-by', 'not-subsumed', 'equivalent'], search: 2,
  });
  // Nobody changes what is there in this test but the job.
  expect((await house.sql.query(`select count(*)::integer as n from graphile_worker.jobs where task_identifier = 'terminology_closure'`)).rows).toEqual([{ n: 1 }]);
  expect(await makeClosures(house.server.house.database, 1_000_000, new AbortController().signal)).toBe(1);
  expect([await count(), await pending()]).toEqual([pairs, []]);
  expect(await answers()).toEqual(before);
});

test('the closure goes on where it ended, and what was replaced meanwhile gets nothing more', async () => {
  const { database } = house.server.house;
  await send('PUT', `${house.fhir}/CodeSystem/chain`, chain({ version: '2' }));
  expect(await count()).toBe(0);
  const { rows: [row] } = await house.sql.query<{ tenant: number; system: number }>('select tenant, system from code_system where closed_up_to is not null');
  const stop = new AbortController();
  await expect(makeClosure(database, row!, { limit: 1_000_000, signal: stop.signal, onProgress: () => stop.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  const first = await count();
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(pairs);
  expect(await makeClosure(database, row!, { limit: 1_000_000 })).toBe(true);
  expect(await count()).toBe(pairs);
  await send('PUT', `${house.fhir}/CodeSystem/chain`, chain({ version: '3' }));
  expect(await makeClosure(database, row!, { limit: 1_000_000 })).toBe(false);
  expect(await count(`system = ${row!.system}`)).toBe(0);
});

test('writers of other terminology do not wait for a large one', async () => {
  const other = await house.sql.connect();
  try {
    // The large one has begun, and waits for a row of its own.
    await other.query('begin');
    await other.query(`select from code_system where url = 'urn:chain' for update`);
    const large = send('PUT', `${house.fhir}/CodeSystem/chain`, chain({ version: '4' }));
    while ((await house.sql.query(`select from pg_locks where not granted`)).rowCount === 0);
    expect((await send('PUT', `${house.fhir}/CodeSystem/small`, { ...chain(), id: 'small', url: 'urn:small', concept: [{ code: 'x' }] })).status).toBe(201);
    await other.query('rollback');
    expect((await large).status).toBe(200);
  } finally {
    other.release();
  }
});
