/** History of one resource, of a type, of everything: in order, of a time, page by page. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
/** When each version was written, by `Type/id/version`. */
const written = new Map<string, Date>();

beforeAll(async () => {
  house = await openHouse();
  const write = async (method: string, id: string, version: number, type = 'Basic'): Promise<void> => {
    house.clock.advance(60_000);
    await send(method, `${house.fhir}/${type}/${id}`, method === 'PUT' ? { resourceType: type, id, ...(type === 'Basic' && { code: { text: 'x' } }), language: `x-${version}` } : undefined);
    written.set(`${type}/${id}/${version}`, house.clock.now);
  };
  await write('PUT', 'a', 1);
  await write('PUT', 'b', 1);
  await write('PUT', 'p', 1, 'Patient');
  await write('PUT', 'a', 2);
  await write('DELETE', 'b', 2);
  await write('PUT', 'b', 3);
  await write('PUT', 'a', 3);
});
afterAll(async () => { await house.close(); });

interface Entry { fullUrl: string; resource?: { language: string; meta: { versionId: string } }; request: { method: string; url: string }; response: { status: string; etag: string; lastModified: string } }
const versionsIn = (answer: TestAnswer): string[] => ((answer.json.entry ?? []) as Entry[]).map(({ fullUrl, response }) => `${fullUrl.slice(house.fhir.length + 1)}/${response.etag.slice(3, -1)}`);
const history = (address: string): Promise<TestAnswer> => send('GET', `${house.fhir}/${address}`);
const at = (name: string): string => encodeURIComponent(written.get(name)!.toISOString());

describe('refused', () => {
  test.each([
    ['Basic/_history?_since=yesterday', 400, 'invalid-search-value'], ['Basic/_history?_since=2026-03-02', 400, 'invalid-search-value'], ['_history?_at=13:00', 400, 'invalid-search-value'],
    ['_history?_count=0', 400, 'invalid-search-value'], ['_history?_count=-1', 400, 'invalid-search-value'], ['_history?_count=x', 400, 'invalid-search-value'],
    ['_history?_count=1&_count=2', 400, 'invalid-search-value'], ['_history?_sort=_id', 400, 'unknown-search-parameter'], ['Basic/_history?code=x', 400, 'unknown-search-parameter'],
    ['Basic/a/_history?_list=x', 400, 'unknown-search-parameter'], ['Nothing/_history', 404, 'unknown-resource-type'], ['Basic/a_b/_history', 400, 'invalid-id'], ['Basic/never-was/_history', 404, 'not-found'],
    ['Basic/never-was/_history?_since=2020-01-01T00:00:00Z', 404, 'not-found'], ['_history?_cursor=x', 400, 'invalid-search-value'], ['_history?_summary=count', 501, 'not-supported'],
  ])('%s', async (address, status, code) => {
    const answer = await history(address);
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([status, code]);
  });

  test('a cursor of another history, of another time, or one that was altered', async () => {
    const next = (await history('Basic/_history?_count=1')).json.link[1].url as string;
    const cursor = new URL(next).searchParams.get('_cursor')!;
    for (const address of [`_history?_cursor=${cursor}`, `Patient/_history?_cursor=${cursor}`, `Basic/a/_history?_cursor=${cursor}`, `Basic/_history?_since=2020-01-01T00:00:00Z&_cursor=${cursor}`, `Basic/_history?_cursor=A${cursor.slice(1)}`, `Basic?_cursor=${cursor}`]) {
      expect([address.slice(0, 20), (await history(address)).status]).toEqual([address.slice(0, 20), 400]);
    }
    // Another size of the page is the same history.
    expect((await history(`Basic/_history?_count=2&_cursor=${cursor}`)).status).toBe(200);
  });
});

test('of a type: every change, newest first, with what was done', async () => {
  const answer = await history('Basic/_history');
  expect([answer.json.type, versionsIn(answer)]).toEqual(['history', ['Basic/a/3', 'Basic/b/3', 'Basic/b/2', 'Basic/a/2', 'Basic/b/1', 'Basic/a/1']]);
  const entries = answer.json.entry as Entry[];
  expect(entries.map(({ request, response }) => [request.method, response.status])).toEqual([['PUT', '200'], ['PUT', '201'], ['DELETE', '204'], ['PUT', '200'], ['PUT', '201'], ['PUT', '201']]);
  expect(entries.map(({ resource }) => resource?.language)).toEqual(['x-3', 'x-3', undefined, 'x-2', 'x-1', 'x-1']);
  expect(entries.map(({ response }) => response.lastModified)).toEqual(['a/3', 'b/3', 'b/2', 'a/2', 'b/1', 'a/1'].map((name) => written.get(`Basic/${name}`)!.toISOString()));
});

test('of everything: all types in one order', async () => {
  const all = versionsIn(await history('_history?_count=1000'));
  expect(all.filter((name) => /^(Basic|Patient)\//.test(name))).toEqual(['Basic/a/3', 'Basic/b/3', 'Basic/b/2', 'Basic/a/2', 'Patient/p/1', 'Basic/b/1', 'Basic/a/1']);
});

test.each(['Basic/_history', '_history', 'Basic/a/_history'])('%s, page by page', async (address) => {
  const pages: string[] = [];
  for (let next: string | undefined = `${house.fhir}/${address}?_count=2`; next !== undefined;) {
    const page = await send('GET', next);
    expect(versionsIn(page).length).toBeLessThanOrEqual(2);
    pages.push(...versionsIn(page));
    next = (page.json.link as { relation: string; url: string }[]).find(({ relation }) => relation === 'next')?.url;
  }
  expect(pages).toEqual(versionsIn(await history(`${address}?_count=1000`)));
  expect(pages.length).toBeGreaterThan(2);
});

test('_since: what was done at that instant or later', async () => {
  expect(versionsIn(await history(`Basic/_history?_since=${at('Basic/b/2')}`))).toEqual(['Basic/a/3', 'Basic/b/3', 'Basic/b/2']);
  expect(versionsIn(await history(`Basic/a/_history?_since=${at('Basic/a/2')}`))).toEqual(['Basic/a/3', 'Basic/a/2']);
  const one = await history(`Basic/a/_history?_since=${at('Basic/a/3')}`);
  expect([one.json.total, versionsIn(one)]).toEqual([1, ['Basic/a/3']]);
  const none = await history('Basic/a/_history?_since=2999-01-01T00:00:00Z');
  expect([none.status, none.json.total, none.json.entry]).toEqual([200, 0, undefined]);
});

test('_at: what was current at that time', async () => {
  expect(versionsIn(await history(`Basic/a/_history?_at=${at('Basic/b/2')}`))).toEqual(['Basic/a/2']);
  expect(versionsIn(await history(`Basic/_history?_at=${at('Patient/p/1')}`))).toEqual(['Basic/b/1', 'Basic/a/1']);
  expect(versionsIn(await history('Basic/a/_history?_at=2026'))).toEqual(['Basic/a/3', 'Basic/a/2', 'Basic/a/1']);
  expect(versionsIn(await history('Basic/a/_history?_at=2025'))).toEqual([]);
});

test('in a transaction it has what the transaction wrote, in a batch what is there', async () => {
  const get = (url: string): object => ({ request: { method: 'GET', url } });
  const transaction = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [get('Account/_history'), get('Account/in-transaction/_history'), { resource: { resourceType: 'Account', id: 'in-transaction', status: 'active' }, request: { method: 'PUT', url: 'Account/in-transaction' } }] });
  expect(transaction.json.entry.map(({ resource }: { resource: { type?: string; entry?: unknown[] } }) => resource.entry?.length)).toEqual([1, 1, undefined]);
  const batch = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'batch', entry: [get('Account/_history?_count=1'), get('_history?_count=1')] });
  expect(batch.json.entry.map(({ resource }: { resource: { type: string } }) => resource.type)).toEqual(['history', 'history']);
});
