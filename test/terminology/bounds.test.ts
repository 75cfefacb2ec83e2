/** Names that are too long to be looked up by: a resource that is found by none of them is stored, codes are refused. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const long = 'x'.repeat(20_000);
const url = 'http://example.org/long';

test.each<[string, object]>([
  ['a code', { resourceType: 'CodeSystem', url, status: 'active', content: 'complete', concept: [{ code: 'a', concept: [{ code: long }] }] }],
  ['the code of a property', { resourceType: 'CodeSystem', url, status: 'active', content: 'complete', concept: [{ code: 'a', property: [{ code: 'parent', valueCode: long }] }] }],
  ['what is supplemented', { resourceType: 'CodeSystem', url, status: 'active', content: 'supplement', supplements: `http://example.org/${long}` }],
  ['a listed code', { resourceType: 'ValueSet', url, status: 'active', compose: { include: [{ system: 'urn:x', concept: [{ code: long }] }] } }],
  ['a system', { resourceType: 'ValueSet', url, status: 'active', compose: { include: [{ system: `http://example.org/${long}` }] } }],
  ['a mapped code', { resourceType: 'ConceptMap', url, status: 'active', group: [{ source: 'urn:a', target: 'urn:b', element: [{ code: 'a', target: [{ code: long, equivalence: 'equal' }] }] }] }],
])('refused: %s', async (_, resource) => {
  const { status, json } = await send('POST', `${house.fhir}/${(resource as { resourceType: string }).resourceType}`, resource);
  expect([status, json.issue[0].details.coding[0].code]).toEqual([422, 'code-too-long']);
});

test.each(['CodeSystem', 'ValueSet', 'ConceptMap'])('stored: a %s with an address that nobody can name', async (resourceType) => {
  const resource = { resourceType, url: `http://example.org/${long}`, status: 'draft', ...(resourceType === 'CodeSystem' && { content: 'complete', concept: [{ code: 'a', display: long, definition: long }] }) };
  expect((await send('POST', `${house.fhir}/${resourceType}`, resource)).status).toBe(201);
});
