/** Every resource type of R4 is created, read, updated, found, deleted and remembered. */
import { resourceTypes } from '../../fhir/resource-types.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { madeInstance } from './made-instances.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

test('a type that R4 does not have is refused', async () => {
  for (const type of ['Nothing', 'patient', 'Element', 'DomainResource', 'Resource', 'constructor', '__proto__']) {
    expect((await send('GET', `${house.fhir}/${type}/1`)).status).toBe(404);
    expect((await send('POST', `${house.fhir}/${type}`, { resourceType: type })).status).toBe(404);
  }
});

test('all 146 types are tried, most of them with an identifier, a status or a patient to be searched by', () => {
  const made = resourceTypes.map((type) => madeInstance(type, '1', 'Patient/p').found);
  const count = (name: string): number => made.filter((found) => found[name] !== undefined).length;
  expect(resourceTypes).toHaveLength(146);
  expect(count('identifier')).toBeGreaterThan(90);
  expect(count('status')).toBeGreaterThan(70);
  expect(count('patient')).toBeGreaterThan(40);
});

test.each(resourceTypes)('%s', async (type) => {
  const { resource, found } = madeInstance(type, `number-of-${type}`, 'Patient/the-patient');
  const created = await send('POST', `${house.fhir}/${type}`, resource);
  expect([created.status, created.text.length > 0 && created.json]).toEqual([201, expect.objectContaining(resource)]);
  const { id } = created.json as { id: string };
  expect(created.json.meta).toEqual({ versionId: '1', lastUpdated: house.clock.now.toISOString() });
  expect(created.headers.get('location')).toBe(`${house.fhir}/${type}/${id}/_history/1`);
  expect(created.headers.get('etag')).toBe('W/"1"');

  const read = await send('GET', `${house.fhir}/${type}/${id}`);
  expect([read.status, read.text, read.headers.get('etag')]).toEqual([200, created.text, 'W/"1"']);
  expect((await send('HEAD', `${house.fhir}/${type}/${id}`)).status).toBe(200);

  const updated = await send('PUT', `${house.fhir}/${type}/${id}`, { ...resource, id, language: 'de' }, { 'if-match': 'W/"1"' });
  expect([updated.status, updated.headers.get('etag'), updated.json.language]).toEqual([200, 'W/"2"', 'de']);
  expect((await send('GET', `${house.fhir}/${type}/${id}/_history/1`)).text).toBe(created.text);
  expect((await send('GET', `${house.fhir}/${type}/${id}/_history/2`)).text).toBe(updated.text);

  for (const [name, value] of Object.entries({ ...found, _id: id })) {
    const answer = await send('GET', `${house.fhir}/${type}?${name}=${encodeURIComponent(value)}&_lastUpdated=ge2026-03-02&_count=1000`);
    expect([name, answer.status, answer.json.total, answer.json.entry?.[0]?.resource?.id]).toEqual([name, 200, 1, id]);
    expect(answer.json.entry[0]).toEqual({ fullUrl: `${house.fhir}/${type}/${id}`, search: { mode: 'match' }, resource: updated.json });
    const none = await send('GET', `${house.fhir}/${type}?${name}=${name === 'patient' ? 'Patient/other' : 'other'}`);
    expect([name, none.status, none.json.total]).toEqual([name, 200, 0]);
  }

  const deleted = await send('DELETE', `${house.fhir}/${type}/${id}`);
  expect([deleted.status, deleted.text, deleted.headers.get('etag')]).toEqual([204, '', 'W/"3"']);
  expect((await send('GET', `${house.fhir}/${type}/${id}`)).status).toBe(410);
  expect((await send('GET', `${house.fhir}/${type}/${id}/_history/3`)).status).toBe(410);
  expect((await send('GET', `${house.fhir}/${type}/${id}/_history/4`)).status).toBe(404);
  expect((await send('GET', `${house.fhir}/${type}/${id}/_history/1`)).text).toBe(created.text);
  expect((await send('GET', `${house.fhir}/${type}?_id=${id}`)).json.total).toBe(0);

  const history = (await send('GET', `${house.fhir}/${type}/${id}/_history`)).json;
  expect([history.type, history.total]).toEqual(['history', 3]);
  expect(history.entry.map((entry: { request: { method: string } }) => entry.request.method)).toEqual(['DELETE', 'PUT', 'POST']);
  expect(history.entry.map((entry: { resource?: unknown }) => entry.resource)).toEqual([undefined, updated.json, created.json]);
});
