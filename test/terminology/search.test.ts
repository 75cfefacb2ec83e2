/** Searches by more codes than are listed: the database makes their keys of the concepts. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
const system = 'urn:wide';
const size = 5200;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const concept = [{ code: 'top' }, { code: 'other' }, ...Array.from({ length: size }, (_, at) => ({ code: `w${at}`, property: [{ code: 'parent', valueCode: 'top' }, { code: 'half', valueString: at % 2 === 0 ? 'even' : 'odd' }] }))];
  const resources = [
    { resourceType: 'CodeSystem', id: 'wide', url: system, status: 'active', content: 'complete', property: [{ code: 'half', type: 'string' }], concept },
    { resourceType: 'ValueSet', id: 'wide', url: 'urn:wide-set', status: 'active', compose: { include: [{ system, filter: [{ property: 'concept', op: 'descendent-of', value: 'top' }] }, { system: 'urn:else', concept: [{ code: 'x' }] }], exclude: [{ system, concept: [{ code: 'w7' }] }] } },
    { resourceType: 'ValueSet', id: 'listed', url: 'urn:listed', status: 'active', compose: { include: [{ system, concept: Array.from({ length: 20_001 }, (_, at) => ({ code: `w${at}` })) }] } },
    ...[['a', 'w0'], ['b', `w${size - 1}`], ['c', 'w7'], ['d', 'other'], ['e', 'top']].map(([id, code]) => ({ resourceType: 'Observation', id, status: 'final', subject: { reference: 'Patient/p' }, code: { coding: [{ system, code }] } })),
    { resourceType: 'Observation', id: 'f', status: 'final', code: { coding: [{ system: 'urn:else', code: 'w0' }, { system: 'urn:else', code: 'x' }] } },
    { resourceType: 'Observation', id: 'g', status: 'final', code: { coding: [{ system: 'urn:else', code: 'w0' }] } },
    { resourceType: 'Patient', id: 'p' },
  ];
  for (const resource of resources) expect((await send('PUT', `${house.fhir}/${resource.resourceType}/${resource.id}`, resource)).status).toBe(201);
});
afterAll(async () => { await house.close(); });

const found = async (query: string, type = 'Observation'): Promise<string> => {
  const answer = await send('GET', `${house.fhir}/${type}?${query}`);
  if (answer.status !== 200) return (answer.json as { issue: { details: { coding: { code: string }[] } }[] }).issue[0]!.details.coding[0]!.code;
  return ((answer.json.entry ?? []) as { resource: { id: string } }[]).map(({ resource }) => resource.id).toSorted().join('');
};

test('a list that is too long is refused', async () => {
  expect(await found('code:in=urn:listed')).toBe('value-set-too-large');
});

test.each([
  ['code:below=urn:wide|top', 'abce'], ['code:below=urn:wide|top&_id=a,d', 'a'], ['_id=a,d&code:not-in=urn:wide-set', 'd'], ['code:in=urn:wide-set', 'abf'], ['code:not-in=urn:wide-set', 'cdeg'],
  ['code:in=urn:wide-set,urn:wide-set', 'abf'], ['code:in=urn:wide-set&_sort=-_lastUpdated&_count=50', 'abf'], ['code:in=urn:wide-set&subject=Patient/p', 'ab'], ['code:below=urn:wide|top,urn:wide|other', 'abcde'], ['_filter=code in urn:wide-set', 'abf'],
])('%s finds %s', async (query, ids) => { expect(await found(query)).toBe(ids); });

test('a ValueSet is named by its address here, whole or from the base on', async () => {
  for (const address of ['ValueSet/wide', `${house.fhir}/ValueSet/wide`]) expect(await found(`code:in=${encodeURIComponent(address)}`)).toBe('abf');
  expect(await found('code:in=http://elsewhere.example/fhir/ValueSet/wide')).toBe('unknown-value-set');
});

test('behind a reference, too', async () => {
  expect(await found('_has:Observation:subject:code:in=urn:wide-set', 'Patient')).toBe('p');
});

test('inside of a Bundle that writes what may be meant', async () => {
  const entry = [
    { request: { method: 'PUT', url: 'Observation/h' }, resource: { resourceType: 'Observation', id: 'h', status: 'final', code: { coding: [{ system, code: 'w5' }] } } },
    { request: { method: 'POST', url: 'Observation', ifNoneExist: 'code:in=urn:wide-set&_id=a' }, resource: { resourceType: 'Observation', status: 'final', code: { coding: [{ system, code: 'w1' }] } } },
  ];
  const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry });
  expect([answer.status, answer.json.entry?.[1]?.response.status]).toEqual([200, expect.stringMatching(/^200/)]);
});
