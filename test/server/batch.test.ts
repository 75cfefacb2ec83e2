/** Batches: each entry is a request of its own, with a status and an outcome of its own. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

interface Answered { resource?: { resourceType: string; type?: string; id?: string }; response: { status: string; location?: string; etag?: string; lastModified?: string; outcome?: { issue: { details: { coding: { code: string }[] } }[] } } }
const batch = (entry: unknown[], headers: Record<string, string> = {}): Promise<TestAnswer> => send('POST', house.fhir, { resourceType: 'Bundle', type: 'batch', entry }, headers);
const entriesOf = (answer: TestAnswer): Answered[] => answer.json.entry as Answered[];
const told = ({ response }: Answered): unknown => [response.status, response.outcome?.issue[0]!.details.coding[0]!.code];
const get = (url: string, more: object = {}): object => ({ request: { method: 'GET', url, ...more } });
const put = (id: string, more: object = {}): object => ({ resource: { resourceType: 'Patient', id }, request: { method: 'PUT', url: `Patient/${id}`, ...more } });

test('what is wrong with an entry is told in its place, and the others are done', async () => {
  const answer = await batch([
    put('good'), 'x', {}, { request: { method: 'TRACE', url: 'Patient' } }, get('http://elsewhere.example/Patient/1'), get('../metrics'), get('//elsewhere.example/x'), get('Patient/never-was'), get('Patient?nickname=x'), get('Nothing/1'),
    { resource: { resourceType: 'Observation' }, request: { method: 'POST', url: 'Observation' } }, { resource: { resourceType: 'Patient', id: 'a' }, request: { method: 'PUT', url: 'Patient/b' } },
    put('stale', { ifMatch: 'W/"3"' }), { request: { method: 'DELETE', url: 'Patient' } }, { resource: { resourceType: 'Bundle', type: 'batch' }, request: { method: 'POST', url: '' } }, get('Patient/good/$nothing'), { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient/1' } },
  ]);
  expect([answer.status, answer.json.type]).toEqual([200, 'batch-response']);
  expect(entriesOf(answer).map(told)).toEqual([
    ['201', undefined], ['400', 'bundle-entry'], ['400', 'bundle-entry'], ['400', 'bundle-entry'], ['400', 'bundle-entry'], ['400', 'bundle-entry'], ['400', 'bundle-entry'], ['404', 'not-found'], ['400', 'unknown-search-parameter'], ['404', 'unknown-resource-type'],
    ['400', 'invalid-element'], ['400', 'id-mismatch'], ['412', 'version-conflict'], ['400', 'no-criteria'], ['400', 'bundle-entry'], expect.arrayContaining([expect.stringMatching(/^4/)]), ['405', 'method-not-allowed'],
  ]);
  expect((await send('GET', `${house.fhir}/Patient/good`)).status).toBe(200);
});

test('everything that a request can be: deletes first, reads last', async () => {
  await send('PUT', `${house.fhir}/Patient/here`, { resourceType: 'Patient', id: 'here', identifier: [{ value: 'batched' }] });
  const answer = await batch([
    get('Patient/new'), get('Patient?identifier=batched&_summary=count'), get('Patient/here/_history'), get('metadata'), get('Patient/here/$meta'), get('Patient/here/_history/1'), get('Patient/here', { ifNoneMatch: 'W/"1"' }), get('Patient/here', { ifModifiedSince: '2999-01-01T00:00:00Z' }), { request: { method: 'HEAD', url: 'Patient/here' } },
    put('new'), { resource: { resourceType: 'Patient', identifier: [{ value: 'batched' }] }, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=batched' } },
    { resource: { resourceType: 'Patient', identifier: [{ value: 'upserted' }] }, request: { method: 'PUT', url: 'Patient?identifier=upserted' } }, { request: { method: 'DELETE', url: 'Patient/nobody' } },
  ]);
  const entries = entriesOf(answer);
  expect(entries.map(({ response }) => response.status)).toEqual(['200', '200', '200', '200', '200', '200', '304', '304', '200', '201', '200', '201', '204']);
  expect(entries.map(({ resource }) => resource?.resourceType)).toEqual(['Patient', 'Bundle', 'Bundle', 'CapabilityStatement', 'Parameters', 'Patient', undefined, undefined, undefined, 'Patient', 'Patient', 'Patient', undefined]);
  expect(entries[9]!.response).toMatchObject({ location: `${house.fhir}/Patient/new/_history/1`, etag: 'W/"1"', lastModified: '2026-03-02T09:00:00.000Z' });
  expect(entries[10]!.response.location).toBe(`${house.fhir}/Patient/here/_history/1`);
});

test('Prefer holds for every entry', async () => {
  const minimal = entriesOf(await batch([put('quiet')], { prefer: 'return=minimal' }));
  expect([minimal[0]!.resource, minimal[0]!.response.status]).toEqual([undefined, '201']);
  const outcome = entriesOf(await batch([put('told')], { prefer: 'return=OperationOutcome' }));
  expect([outcome[0]!.resource, outcome[0]!.response.outcome !== undefined]).toEqual([undefined, true]);
});

test('no entries, too many, and no list', async () => {
  expect((await batch(Array.from({ length: 1001 }, () => get('Patient/1')))).status).toBe(413);
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'batch', entry: {} })).status).toBe(400);
});

test('when the answer is full nothing more is read, and what was refused keeps its reason', async () => {
  const large = { resourceType: 'Patient', id: 'large', identifier: [{ value: 'large' }], name: [{ text: 'x'.repeat(12_000_000) }] };
  const stored = await send('PUT', `${house.fhir}/Patient/large`, large, { prefer: 'return=minimal' });
  expect([stored.status, house.log.filter((line) => line.includes('"fault"'))]).toEqual([201, []]);
  // Of whatever status: a read that was not made is in none of them.
  const readsSoFar = async (): Promise<number> => [...(await send('GET', `${house.origin}/metrics`)).text.matchAll(/^priora_http_request_seconds_count\{method="GET",route="[^"]*\/:type\/:id",[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  await send('GET', `${house.fhir}/Patient/none`);
  const before = await readsSoFar();
  expect(before).toBeGreaterThan(0);
  const found = { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=large' } };
  const answer = await batch([...Array.from({ length: 6 }, () => found), put('large', { ifMatch: 'W/"77"' }), ...Array.from({ length: 40 }, () => get('Patient/large'))]);
  expect(answer.json.entry[6].response.status).toBe('412');
  expect(new Set(answer.json.entry.slice(7).map((entry: { response: { status: string } }) => entry.response.status))).toEqual(new Set(['413']));
  expect(await readsSoFar()).toBe(before);
});
