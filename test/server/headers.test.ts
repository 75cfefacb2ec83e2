/** Headers in and out: what to return, in which format, under which conditions, and what a cache may keep. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let address: string;
beforeAll(async () => {
  house = await openHouse({ startAt: '2026-03-02T09:00:00.123Z' });
  address = `${house.fhir}/Patient/headers`;
  await send('PUT', address, { resourceType: 'Patient', id: 'headers' });
});
afterAll(async () => { await house.close(); });

test.each([['W/"2"'], ['"2"'], ['W/"1x"'], [''], ['W/"11"']])('If-None-Match %j does not name the version that is there', async (value) => {
  expect((await send('GET', address, undefined, { 'if-none-match': value })).status).toBe(200);
});

test.each([['W/"1"'], ['"1"'], ['*'], ['W/"7", W/"1"']])('If-None-Match %j names it', async (value) => {
  const answer = await send('GET', address, undefined, { 'if-none-match': value });
  expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', 'W/"1"']);
});

test.each([
  ['return=minimal', ''], ['return=OperationOutcome', 'OperationOutcome'], ['return=representation', 'Patient'], ['handling=strict; return=minimal', ''], ['return=nothing-known', 'Patient'],
])('Prefer: %s', async (prefer, type) => {
  const answer = await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient' }, { prefer });
  expect([answer.status, answer.text === '' ? '' : answer.json.resourceType]).toEqual([201, type]);
  expect(answer.headers.get('location')).toMatch(/\/fhir\/Patient\/[0-9a-f-]{36}\/_history\/1$/);
  expect(answer.headers.get('etag')).toBe('W/"1"');
  expect(answer.headers.get('last-modified')).toBe('Mon, 02 Mar 2026 09:00:00 GMT');
});

test('the Location of a create, relative to this server, is the version that was made', async () => {
  const created = await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient', id: 'ignored', meta: { versionId: '99', lastUpdated: '2001-01-01T00:00:00Z', tag: [{ code: 'kept' }] } });
  expect(created.json.id).not.toBe('ignored');
  expect(created.json.meta).toEqual({ versionId: '1', lastUpdated: '2026-03-02T09:00:00.123Z', tag: [{ code: 'kept' }] });
  expect((await send('GET', created.headers.get('location')!)).text).toBe(created.text);
});

test.each([['application/fhir+json'], ['application/fhir+json, text/xml;q=0.5'], ['*/*'], ['text/html,application/xhtml+xml,*/*;q=0.8'], ['application/fhir+json; fhirVersion=4.0']])('Accept: %s is answered in JSON', async (accept) => {
  const answer = await send('GET', address, undefined, { accept });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/fhir+json; charset=utf-8']);
});

test('_format goes before Accept', async () => {
  for (const format of ['json', 'application/json', 'application/fhir%2Bjson', 'application/fhir+json', 'text/json']) expect((await send('GET', `${address}?_format=${format}`, undefined, { accept: 'application/xml' })).status).toBe(200);
  expect((await send('GET', `${address}?_format=xml`, undefined, { accept: 'application/json' })).headers.get('content-type')).toBe('application/fhir+xml; charset=utf-8');
  expect((await send('GET', `${address}?_format=turtle`)).status).toBe(406);
});

test('HEAD tells what GET would, without the body', async () => {
  for (const path of ['Patient/headers', 'Patient/headers/_history/1', 'Patient/headers/_history', 'Patient?_id=headers', 'metadata']) {
    const [get, head] = [await send('GET', `${house.fhir}/${path}`), await send('HEAD', `${house.fhir}/${path}`)];
    expect([path, head.status, head.text, head.headers.get('etag'), head.headers.get('content-type')]).toEqual([path, get.status, '', get.headers.get('etag'), get.headers.get('content-type')]);
  }
  expect((await send('HEAD', `${house.fhir}/Patient/unknown`)).status).toBe(404);
});

test('answers are not kept by caches and not guessed at by browsers', async () => {
  for (const path of ['Patient/headers', 'Patient', 'Patient/unknown']) {
    const { headers } = await send('GET', `${house.fhir}/${path}`);
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('server')).toBeNull();
  }
});
