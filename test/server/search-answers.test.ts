/** The answers to searches over HTTP: of one type and several, in compartments, with what goes along, counts and links. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse({ startAt: '2026-03-02T09:00:00.000Z' });
  const stored: { readonly resourceType: string; readonly id: string; readonly [element: string]: unknown }[] = [
    { resourceType: 'Organization', id: 'all', name: 'All' }, { resourceType: 'Organization', id: 'north', name: 'North', partOf: { reference: 'Organization/all' } },
    { resourceType: 'Patient', id: 'anna', gender: 'female', name: [{ family: 'Müller' }], managingOrganization: { reference: 'Organization/north' } }, { resourceType: 'Patient', id: 'ben', gender: 'male' },
    { resourceType: 'Encounter', id: 'visit', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/anna' } },
    ...['one', 'two', 'three', 'four', 'five'].map((id, at) => ({ resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: 'urn:codes', code: `c${at}` }] }, subject: { reference: 'Patient/anna' }, encounter: { reference: 'Encounter/visit' }, effectiveDateTime: `2026-01-0${at + 1}` })),
    { resourceType: 'CodeSystem', id: 'codes', status: 'active', content: 'complete', url: 'urn:codes', concept: [{ code: 'c0', concept: [{ code: 'c1' }, { code: 'c2' }] }, { code: 'c3' }] },
    { resourceType: 'ValueSet', id: 'few', status: 'active', url: 'urn:few', version: '2', compose: { include: [{ system: 'urn:codes', filter: [{ property: 'concept', op: 'is-a', value: 'c0' }] }] } },
    { resourceType: 'ValueSet', id: 'self', status: 'active', url: 'urn:self', compose: { include: [{ valueSet: ['urn:self'] }] } },
    { resourceType: 'ValueSet', id: 'many', status: 'active', url: 'urn:many', expansion: { timestamp: '2026-01-01', contains: Array.from({ length: 20_001 }, (_, at) => ({ system: 'urn:x', code: String(at) })) } },
    { resourceType: 'ValueSet', id: 'pattern', status: 'active', url: 'urn:pattern', compose: { include: [{ system: 'urn:codes', filter: [{ property: 'code', op: 'regex', value: '(a+)+$' }] }] } },
  ];
  const entry = stored.map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } }));
  const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry });
  expect(answer.status).toBe(200);
});
afterAll(async () => { await house.close(); });

interface Entry { readonly fullUrl?: string; readonly resource: { readonly resourceType: string; readonly id: string; readonly issue?: { details: { coding: { code: string }[] } }[] }; readonly search: { readonly mode: string } }
const find = (path: string, headers: Record<string, string> = {}): Promise<TestAnswer> => send('GET', `${house.fhir}/${path}`.replace(/\/$/, ''), undefined, headers);
const entries = (answer: TestAnswer): readonly Entry[] => (answer.json as { entry?: Entry[] }).entry ?? [];
const named = (answer: TestAnswer, mode = 'match'): string[] => entries(answer).filter(({ search }) => search.mode === mode).map(({ resource }) => `${resource.resourceType}/${resource.id}`).toSorted();
const linkOf = (answer: TestAnswer, relation: string): string | undefined => (answer.json as { link: { relation: string; url: string }[] }).link.find((link) => link.relation === relation)?.url;
const codeOf = (answer: TestAnswer): unknown => [answer.status, (answer.json as { issue?: { details: { coding: { code: string }[] } }[] }).issue?.[0]?.details.coding[0]?.code];
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('refused', () => {
  test.each<[path: string, status: number, code: string]>([
    ['Nothing?_id=1', 404, 'unknown-resource-type'], ['Patient/anna/Nothing', 404, 'unknown-resource-type'], ['Patient/anna/Organization', 400, 'not-in-compartment'], ['Patient/a%20b/Observation', 400, 'invalid-id'], ['Organization/all/Patient', 404, 'no-such-route'],
    ['Observation?code:in=urn:nowhere', 400, 'unknown-value-set'], ['Observation?code:in=urn:few%7C3', 400, 'unknown-value-set'], ['Observation?code:in=ValueSet/none', 400, 'unknown-value-set'], ['Observation?code:below=urn:nowhere%7Cc0', 400, 'unknown-code-system'], ['Observation?code:below=urn:codes%7Cc9', 400, 'unknown-code-system'],
    ['Observation?code:in=urn:self', 400, 'value-set-not-expandable'], ['Observation?code:in=urn:many', 400, 'value-set-too-large'],
    ['Observation?_summary=count&_cursor=x', 400, 'invalid-search-value'],
  ])('%s', async (path, status, code) => expect(codeOf(await find(path))).toEqual([status, code]));

  test('a form that is none', async () => {
    expect((await send('POST', `${house.fhir}/_search`, '{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await send('POST', `${house.fhir}/Patient/anna/Observation/_search`, '{}', { 'content-type': 'application/json' })).status).toBe(415);
  });

  test('a cursor of another search, and one that somebody made', async () => {
    const next = linkOf(await find('Observation?status=final&_sort=date&_count=2'), 'next')!;
    const cursor = new URL(next).searchParams.get('_cursor')!;
    for (const path of [`Observation?status=amended&_sort=date&_count=2&_cursor=${cursor}`, `Observation?status=final&_sort=-date&_cursor=${cursor}`, `Encounter?status=final&_sort=date&_cursor=${cursor}`, `Patient/anna/Observation?status=final&_sort=date&_cursor=${cursor}`, `Observation?status=final&_sort=date&_cursor=${cursor.slice(0, -2)}xx`]) {
      expect(codeOf(await find(path))).toEqual([400, 'invalid-search-value']);
    }
    const [content] = cursor.split('.');
    const forged = Buffer.from(Buffer.from(content!, 'base64url').toString().replace('two', 'one')).toString('base64url');
    expect(codeOf(await find(`Observation?status=final&_sort=date&_cursor=${forged}.${cursor.split('.')[1]!}`))).toEqual([400, 'invalid-search-value']);
  });
});

test('of several types, by GET and by POST', async () => {
  expect(named(await find('?_type=Encounter,Observation&patient=anna&_count=3'))).toHaveLength(3);
  expect(named(await find('?_id=anna,visit,one'))).toEqual(['Encounter/visit', 'Observation/one', 'Patient/anna']);
  expect(named(await send('POST', `${house.fhir}/_search`, '_type=Patient,Encounter&_id=anna,visit', form))).toEqual(['Encounter/visit', 'Patient/anna']);
  const seen: string[] = [];
  for (let next: string | undefined = `${house.fhir}?_type=Encounter,Observation,Patient&_sort=-_lastUpdated&_count=3`; next !== undefined;) {
    const page = await send('GET', next);
    seen.push(...named(page));
    next = linkOf(page, 'next');
  }
  expect(seen).toHaveLength(8);
  expect(new Set(seen).size).toBe(8);
});

test('in compartments, by GET and by POST', async () => {
  expect(named(await find('Patient/anna/Observation?code=c1'))).toEqual(['Observation/two']);
  expect(named(await find('Patient/ben/Observation'))).toEqual([]);
  expect(named(await find('Patient/anna/*?_type=Patient,Encounter'))).toEqual(['Encounter/visit', 'Patient/anna']);
  expect(named(await find('Encounter/visit/Observation'))).toHaveLength(5);
  expect(named(await send('POST', `${house.fhir}/Patient/anna/Observation/_search`, 'code=c1', form))).toEqual(['Observation/two']);
  expect(named(await send('POST', `${house.fhir}/Patient/anna/_search`, '_type=Encounter', form))).toEqual(['Encounter/visit']);
  const page = await find('Patient/anna/Observation?_count=3');
  expect(linkOf(page, 'self')).toBe(`${house.fhir}/Patient/anna/Observation?_count=3`);
  expect(named(await send('GET', linkOf(page, 'next')!))).toHaveLength(2);
});

test('what goes along is marked so, once, with its own type in its address', async () => {
  const answer = await find('Observation?code=c0,c1&_include=Observation:patient&_include=Observation:encounter&_include:iterate=Patient:organization&_include:iterate=Organization:partof');
  expect(named(answer)).toEqual(['Observation/one', 'Observation/two']);
  expect(named(answer, 'include')).toEqual(['Encounter/visit', 'Organization/all', 'Organization/north', 'Patient/anna']);
  expect(answer.json.total).toBe(2);
  expect(entries(answer).map(({ fullUrl }) => fullUrl)).toContain(`${house.fhir}/Organization/all`);
  expect(named(await find('Patient?_id=anna&_revinclude=Observation:patient&_revinclude=Encounter:subject'), 'include')).toHaveLength(6);
  expect(named(await find('Patient?_id=anna&_revinclude=*'), 'include')).toHaveLength(6);
  expect(named(await find('Encounter?_include=*'), 'include')).toEqual(['Patient/anna']);
  expect(named(await find('Observation?code=c0&_include=Observation:subject:Group'), 'include')).toEqual([]);
});

test('counts: whole answers, exact, estimated, nothing else', async () => {
  expect((await find('Observation')).json.total).toBe(5);
  expect((await find('Observation?_count=2')).json.total).toBeUndefined();
  expect((await find('Observation?_count=2&_total=accurate')).json.total).toBe(5);
  expect((await find('Observation?_count=2&_total=estimate')).json.total).toBe(5);
  for (const path of ['Observation?_count=0', 'Observation?_summary=count', '?_type=Observation&_summary=count']) {
    const answer = await find(path);
    expect([answer.json.total, entries(answer)]).toEqual([5, []]);
  }
  expect((await find('?_type=Observation,Encounter&_count=1&_total=accurate')).json.total).toBe(6);
});

test('links keep how the answer is written, and begin where the page ended', async () => {
  const first = await find('Observation?_sort=-date&_count=2&_elements=status&_format=json');
  expect(linkOf(first, 'self')).toBe(`${house.fhir}/Observation?_sort=-date&_count=2&_elements=status&_format=json`);
  expect(named(first)).toEqual(['Observation/five', 'Observation/four']);
  const second = await send('GET', linkOf(first, 'next')!);
  expect(named(second)).toEqual(['Observation/three', 'Observation/two']);
  expect(new URL(linkOf(first, 'next')!).searchParams.get('_elements')).toBe('status');
});

test('codes by what is stored of terminology', async () => {
  expect(named(await find('Observation?code:in=urn:few'))).toEqual(['Observation/one', 'Observation/three', 'Observation/two']);
  expect(named(await find('Observation?code:in=urn:few%7C2'))).toHaveLength(3);
  // An expression that backtracking never ends with; it matches nothing.
  expect(named(await find('Observation?code:in=urn:pattern'))).toEqual([]);
  expect(named(await find('Observation?code:in=ValueSet/few'))).toHaveLength(3);
  expect(named(await find('Observation?code:not-in=urn:few'))).toEqual(['Observation/five', 'Observation/four']);
  expect(named(await find('Observation?code:below=urn:codes%7Cc0'))).toHaveLength(3);
  expect(named(await find('Observation?code:above=urn:codes%7Cc2'))).toEqual(['Observation/one', 'Observation/three']);
  // Codes that are above each other: everything is, and it ends.
});

test('words of the content, and an expression', async () => {
  expect(named(await find('Patient?_content=Müller'))).toEqual(['Patient/anna']);
  expect(named(await find(`Observation?${new URLSearchParams({ _filter: 'date ge 2026-01-03 and (code eq c2 or code eq "urn:codes|c4") and patient.family sw mul' }).toString()}`))).toEqual(['Observation/five', 'Observation/three']);
});
