/** Several payers on one server: each has addresses of its own, and nothing of the others. */
import { readConfiguration } from '../../server/configuration.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let acme: string;
beforeAll(async () => {
  house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'acme,umbrella' } });
  acme = `${house.origin}/tenant/acme/fhir`;
});
afterAll(async () => { await house.close(); });

test.each([['Acme'], ['a_b'], ['default'], ['acme,acme'], ['acme,'], ['x'.repeat(41)], ['acme;umbrella']])('a setting that names no tenants is refused: %s', (names) => {
  expect(() => readConfiguration({ PRIORA_TENANTS: names })).toThrow(/^PRIORA_TENANTS: /);
});

test.each([
  ['an unknown tenant', '/tenant/unknown/fhir/Patient'], ['no tenant', '/tenant//fhir/Patient'], ['a tenant alone', '/tenant/acme'], ['default has no second address', '/tenant/default/fhir/Patient'],
  ['a tenant in a tenant', '/tenant/acme/tenant/umbrella/fhir/Patient'], ['an encoded name', '/tenant/ac%6De/fhir/Patient'], ['another case', '/tenant/ACME/fhir/Patient'],
  ['an unknown one with a query', '/tenant/unknown/fhir?_type=Patient'], ['health is the whole server\'s', '/tenant/acme/healthz'], ['and so are metrics', '/tenant/acme/metrics'],
])('not there: %s', async (_name, path) => {
  const answer = await send('GET', `${house.origin}${path}`);
  expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([404, 'no-such-route']);
  expect((await send('POST', `${house.origin}${path}`, { resourceType: 'Patient' })).status).toBeGreaterThanOrEqual(404);
});

test('addresses in answers are the tenant\'s own', async () => {
  const created = await send('POST', `${acme}/Patient`, { resourceType: 'Patient', link: [{ other: { reference: `${acme}/Patient/own` }, type: 'seealso' }, { other: { reference: `${house.fhir}/Patient/others` }, type: 'seealso' }] });
  expect(created.headers.get('location')).toBe(`${acme}/Patient/${String(created.json.id)}/_history/1`);
  // What is under another tenant's base is somewhere else.
  expect(created.json.link.map((link: { other: { reference: string } }) => link.other.reference)).toEqual(['Patient/own', `${house.fhir}/Patient/others`]);
  expect((await send('GET', created.headers.get('location')!)).text).toBe(created.text);
  const found = (await send('GET', `${acme}/Patient?_id=${String(created.json.id)}&_count=1`)).json;
  expect([found.link[0].url, found.entry[0].fullUrl]).toEqual([`${acme}/Patient?_id=${String(created.json.id)}&_count=1`, `${acme}/Patient/${String(created.json.id)}`]);
  const history = (await send('GET', `${acme}/Patient/${String(created.json.id)}/_history`)).json;
  expect([history.link[0].url.startsWith(acme), history.entry[0].fullUrl]).toEqual([true, `${acme}/Patient/${String(created.json.id)}`]);
  const transaction = await send('POST', acme, { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } }] });
  expect(transaction.json.entry[0].response.location.startsWith(`${acme}/Patient/`)).toBe(true);
  const batch = await send('POST', acme, { resourceType: 'Bundle', type: 'batch', entry: [{ resource: { resourceType: 'Patient' }, request: { method: 'POST', url: `${acme}/Patient` } }, { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: `${house.fhir}/Patient` } }] });
  expect(batch.json.entry.map((entry: { response: { status: string } }) => entry.response.status)).toEqual(['201', '400']);
  expect(batch.json.entry[0].response.location.startsWith(`${acme}/Patient/`)).toBe(true);
  expect((await send('GET', `${acme}/metadata`)).json.implementation.url).toBe(acme);
});

test('each tenant has the definitions of our operations, and none has the other\'s demo', async () => {
  for (const base of [house.fhir, acme]) expect((await send('GET', `${base}/OperationDefinition?_count=0`)).json.total).toBeGreaterThan(0);
  expect((await send('GET', `${house.fhir}/Coverage?_count=0`)).json.total).toBeGreaterThan(0);
  expect((await send('GET', `${acme}/Coverage?_count=0`)).json.total).toBe(0);
});

test('the same id is another resource in each', async () => {
  for (const [index, base] of [house.fhir, acme, `${house.origin}/tenant/umbrella/fhir`].entries()) {
    const written = await send('PUT', `${base}/Patient/same`, { resourceType: 'Patient', id: 'same', name: [{ family: `Family${index}` }] });
    expect([written.status, written.headers.get('etag')]).toEqual([201, 'W/"1"']);
  }
  expect((await send('DELETE', `${acme}/Patient/same`)).status).toBe(204);
  expect((await send('GET', `${acme}/Patient/same`)).status).toBe(410);
  expect((await send('GET', `${house.fhir}/Patient/same`)).json.name[0].family).toBe('Family0');
});
