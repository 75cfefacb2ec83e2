/** Active content in a narrative is refused on every way in, with the path to it, and nothing is stored (https://hl7.org/fhir/R4/security.html#narrative). */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="alert(1)">x</p></div>';
const narrated = { resourceType: 'Patient', id: 'narrated', text: { status: 'generated', div } };
const inXml = `<Patient xmlns="http://hl7.org/fhir"><id value="narrated"/><text><status value="generated"/>${div}</text></Patient>`;
const told = ({ status, json }: TestAnswer): unknown[] => [status, json.issue[0].details.coding[0].code, json.issue[0].expression[0]];

test('as JSON, as XML, by a patch, in Bundles', async () => {
  const address = `${house.fhir}/Patient/narrated`;
  expect(told(await send('PUT', address, narrated))).toEqual([400, 'invalid-element', 'Patient.text.div']);
  const xml = await send('PUT', `${address}?_format=json`, inXml, { 'content-type': 'application/fhir+xml' });
  expect([...told(xml), xml.json.issue[0].diagnostics]).toEqual([400, 'invalid-element', 'Patient.text.div', expect.stringContaining('must not have an event handler')]);
  const entry = [{ resource: narrated, request: { method: 'PUT', url: 'Patient/narrated' } }];
  expect(told(await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry }))).toEqual([400, 'invalid-element', 'Bundle.entry[0].resource.text.div']);
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'batch', entry })).json.entry[0].response.status).toBe('400');
  expect(told(await send('POST', `${house.fhir}/Bundle`, { resourceType: 'Bundle', type: 'collection', entry: [{ resource: narrated }] }))).toEqual([400, 'invalid-element', 'Bundle.entry[0].resource.text.div']);
  expect((await send('GET', address)).status).toBe(404);

  await send('PUT', address, { resourceType: 'Patient', id: 'narrated' });
  const patch = [{ op: 'add', path: '/text', value: narrated.text }];
  expect(told(await send('PATCH', address, patch, { 'content-type': 'application/json-patch+json' }))).toEqual([400, 'invalid-element', 'Patient.text.div']);
  expect((await send('GET', address)).headers.get('etag')).toBe('W/"1"');
});

test('what is only a text is stored as it is', async () => {
  const harmless = '<div xmlns="http://www.w3.org/1999/xhtml"><p>&lt;script&gt; &nbsp;</p><!-- a note --><u>x</u></div>';
  await send('PUT', `${house.fhir}/Patient/harmless`, { resourceType: 'Patient', id: 'harmless', text: { status: 'generated', div: harmless } });
  expect((await send('GET', `${house.fhir}/Patient/harmless`)).json.text.div).toBe(harmless);
});
