/** What a search finds, parameter by parameter, and what is refused. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse({ startAt: '2026-03-02T09:00:00.123Z' });
  const one = { resourceType: 'Patient', id: 'one', active: true, gender: 'female', identifier: [{ system: 'urn:mrn', value: 'A,1' }, { value: 'bare' }] };
  const two = { resourceType: 'Patient', id: 'two', active: false, gender: 'male', identifier: [{ system: 'urn:mrn', value: 'B|2\\3$4' }, { system: 'urn:other', value: 'bare' }] };
  const about = (id: string, reference: object): object => ({ resourceType: 'Observation', id, status: 'final', subject: reference, code: { coding: [{ system: 'urn:codes', code: `code-${id}` }] } });
  const stored = [
    one, two, about('relative', { reference: 'Patient/one' }), about('absolute', { reference: `${house.fhir}/Patient/one` }), about('elsewhere', { reference: 'http://elsewhere.example/fhir/Patient/one' }),
    about('group', { reference: 'Group/one' }), about('logical', { type: 'Patient', identifier: { system: 'urn:mrn', value: 'A,1' } }), about('versioned', { reference: 'Patient/one/_history/1' }),
  ];
  for (const resource of stored) expect((await send('PUT', `${house.fhir}/${(resource as typeof one).resourceType}/${(resource as typeof one).id}`, resource)).status).toBe(201);
  house.clock.now = new Date('2026-04-05T23:59:59.999Z');
  expect((await send('PUT', `${house.fhir}/Patient/two`, two)).status).toBe(200);
});
afterAll(async () => { await house.close(); });

const find = (path: string, headers: Record<string, string> = {}): Promise<TestAnswer> => send('GET', `${house.fhir}/${path}`, undefined, headers);
const idsIn = (answer: TestAnswer): string[] => (answer.json.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id).toSorted();
const query = (type: string, ...pairs: [string, string][]): string => `${type}?${new URLSearchParams(pairs).toString()}`;

test.each<[parameter: string, value: string, found: string[]]>([
  ['identifier', 'urn:mrn|A\\,1', ['one']],
  ['identifier', 'A\\,1', ['one']],
  ['identifier', 'A,1', []],
  ['identifier', 'urn:mrn|', ['one', 'two']],
  ['identifier', '|bare', ['one']],
  ['identifier', 'bare', ['one', 'two']],
  ['identifier', 'urn:other|bare', ['two']],
  ['identifier', 'urn:mrn|bare', []],
  ['identifier', 'urn:mrn|B\\|2\\\\3\\$4', ['two']],
  ['identifier', 'urn:mrn|a\\,1', []],
  ['identifier', 'urn:mrn|A\\,1,urn:other|bare', ['one', 'two']],
  ['active', 'true', ['one']],
  ['active', 'false', ['two']],
  ['gender', 'female,male', ['one', 'two']],
  ['gender', 'Female', []],
  ['_id', 'one', ['one']],
  ['_id', 'one,two,three', ['one', 'two']],
])('Patient?%s=%s', async (parameter, value, found) => {
  const answer = await find(query('Patient', [parameter, value]));
  expect([answer.status, idsIn(answer), answer.json.total]).toEqual([200, found, found.length]);
});

test('parameters given several times all hold', async () => {
  expect(idsIn(await find('Patient?identifier=bare&active=true'))).toEqual(['one']);
  expect(idsIn(await find('Patient?identifier=bare&identifier=urn:other%7Cbare'))).toEqual(['two']);
  expect(idsIn(await find('Patient?_id=one&_id=two'))).toEqual([]);
});

test.each<[parameter: string, value: string, found: string[]]>([
  ['patient', 'one', ['absolute', 'relative', 'versioned']],
  ['patient', 'Patient/one', ['absolute', 'relative', 'versioned']],
  ['patient', '{own}/Patient/one', ['absolute', 'relative', 'versioned']],
  ['patient', 'http://elsewhere.example/fhir/Patient/one', ['elsewhere']],
  ['patient', 'Patient/two', []],
  ['patient', 'Patient/two,Patient/one', ['absolute', 'relative', 'versioned']],
  ['subject', 'one', ['absolute', 'group', 'relative', 'versioned']],
  ['subject', 'Group/one', ['group']],
  ['subject:Patient', 'one', ['absolute', 'relative', 'versioned']],
  ['subject:Group', 'one', ['group']],
  ['subject:identifier', 'urn:mrn|A\\,1', ['logical']],
  ['subject:identifier', 'A\\,1', ['logical']],
  ['patient:identifier', 'urn:mrn|A\\,1', ['logical']],
])('Observation?%s=%s', async (parameter, value, found) => {
  const answer = await find(query('Observation', [parameter, value.replace('{own}', house.fhir)]));
  expect([answer.status, idsIn(answer)]).toEqual([200, found]);
});

// one was changed at 2026-03-02T09:00:00.123Z, two at 2026-04-05T23:59:59.999Z
test.each<[value: string, found: string[]]>([
  ['2026', ['one', 'two']], ['2026-03', ['one']], ['2026-04-05', ['two']], ['2026-04-06', []], ['eq2026-03-02', ['one']],
  ['2026-03-02T09:00Z', ['one']], ['2026-03-02T09:00:00Z', ['one']], ['2026-03-02T09:00:00.123Z', ['one']], ['2026-03-02T09:00:00.1Z', ['one']], ['2026-03-02T09:00:00.122Z', []],
  ['2026-03-02T10:00:00.123+01:00', ['one']], ['2026-03-02T09:00:00.123+01:00', []],
  ['ne2026-03', ['two']], ['gt2026-03-02', ['two']], ['gt2026-03-02T09:00:00.122Z', ['one', 'two']], ['gt2026-03-02T09:00:00.123Z', ['two']],
  ['ge2026-03-02T09:00:00.123Z', ['one', 'two']], ['ge2026-03-02T09:00:00.124Z', ['two']], ['lt2026-03-02T09:00:00.123Z', []], ['lt2026-03-02T09:00:00.124Z', ['one']],
  ['le2026-03-02', ['one']], ['le2026-03-02T09:00:00.123Z', ['one']], ['sa2026-03', ['two']], ['eb2026-04', ['one']], ['lt2027', ['one', 'two']], ['ge2026-04,lt2026-03', ['two']],
])('_lastUpdated=%s', async (value, found) => {
  const answer = await find(query('Patient', ['_lastUpdated', value]));
  expect([answer.status, idsIn(answer)]).toEqual([200, found]);
});

test('a range of _lastUpdated', async () => {
  expect(idsIn(await find('Patient?_lastUpdated=ge2026-03&_lastUpdated=lt2026-04'))).toEqual(['one']);
});

describe('refused by name', () => {
  test.each<[path: string, code: string]>([
    ['Patient?nickname=x', 'unknown-search-parameter'], ['Patient?=x', 'unknown-search-parameter'], ['Patient?Identifier=x', 'unknown-search-parameter'], ['Patient?patient=x', 'unknown-search-parameter'],
    ['Patient?__proto__=x', 'unknown-search-parameter'], ['Patient?constructor=x', 'unknown-search-parameter'], ['Patient?identifier[]=x', 'unknown-search-parameter'], ['Patient?identifier[$ne]=x', 'unknown-search-parameter'],
    ['Patient?birthdate=x', 'invalid-search-value'], ['Observation?value-quantity=x', 'invalid-search-value'], ['Observation?code-value-quantity=x', 'invalid-search-value'], ['Observation?status.name=x', 'invalid-chain'],
    ['Patient?_sort=nickname', 'unknown-search-parameter'], ['Patient?_sort=_score', 'unsupported-sort'], ['Patient?_include=Patient:name', 'invalid-chain'], ['Patient?_has:Observation:code:status=x', 'invalid-chain'],
    ['Patient?_summary=some', 'invalid-search-value'], ['Patient?_filter=x', 'invalid-filter'], ['Patient?_contained=true', 'invalid-search-value'], ['Patient?_list=$current', 'invalid-search-value'],
    ['Patient?family:not=x', 'unsupported-modifier'], ['Patient?identifier:exact=x', 'unsupported-modifier'], ['Patient?identifier:=x', 'unsupported-modifier'], ['Observation?subject:Nothing=1', 'unsupported-modifier'],
    ['Patient?gender:in=urn:none', 'unknown-value-set'], ['?_type=Nothing', 'invalid-search-value'], ['?_type=Patient,Observation&subject=x', 'unknown-search-parameter'], ['Patient/one/Organization', 'not-in-compartment'],
    ['Patient?identifier=', 'invalid-search-value'], ['Patient?identifier=a,,b', 'invalid-search-value'], ['Patient?identifier=%7C', 'invalid-search-value'], ['Patient?identifier=a%7Cb%7Cc', 'invalid-search-value'],
    ['Patient?_id=a/b', 'invalid-search-value'], ['Patient?_id=%00', 'malformed-address'], ['Observation?patient=a%20b', 'invalid-search-value'], ['Observation?subject:Group=Patient/1', 'invalid-search-value'],
    ['Patient?_lastUpdated=yesterday', 'invalid-search-value'], ['Patient?_lastUpdated=2026-13', 'invalid-search-value'], ['Patient?_lastUpdated=2026-02-30', 'invalid-search-value'], ['Patient?_lastUpdated=ap', 'invalid-search-value'],
    ['Patient?_lastUpdated=2026-01-01T25:00Z', 'invalid-search-value'], ['Patient?_lastUpdated=%3E2026', 'invalid-search-value'],
    ['Patient?_count=-1', 'invalid-search-value'], ['Patient?_count=x', 'invalid-search-value'], ['Patient?_count=1e9', 'invalid-search-value'], ['Patient?_total=some', 'invalid-search-value'],
    ['Patient?_cursor=x', 'invalid-search-value'], ['Patient?_cursor=', 'invalid-search-value'], [`Patient?_cursor=${Buffer.from("1 a' or 1=1").toString('base64url')}`, 'invalid-search-value'],
    [`Patient?_sort=-_lastUpdated&_cursor=${Buffer.from('one').toString('base64url')}`, 'invalid-search-value'],
    [`Patient?_id=${Array.from({ length: 1001 }, () => 'a').join(',')}`, 'invalid-search-value'], [`Patient?${Array.from({ length: 101 }, () => '_id=a').join('&')}`, 'invalid-search-value'],
  ])('%s', async (path, code) => {
    const answer = await find(path);
    expect([answer.status, answer.json.issue?.[0]?.details?.coding?.[0]?.code]).toEqual([400, code]);
  });

  test('lenient handling leaves out what is not known, says so, and keeps what is', async () => {
    const answer = await find('Patient?nickname=x&nickname2=y&_id=one', { prefer: 'handling=lenient' });
    expect(idsIn({ ...answer, json: { entry: answer.json.entry.slice(0, 1) } })).toEqual(['one']);
    expect(answer.json.total).toBe(1);
    expect(answer.json.link[0].url).toBe(`${house.fhir}/Patient?_id=one`);
    expect(answer.json.entry[1]).toMatchObject({ search: { mode: 'outcome' }, resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }, { severity: 'warning' }] } });
    const repeated = await find('Patient?_count=5&_count=6&_id=one', { prefer: 'handling=lenient' });
    expect([repeated.json.link[0].url, repeated.json.entry[1].resource.issue[0].details.coding[0].code]).toEqual([`${house.fhir}/Patient?_count=5&_id=one`, 'repeated-search-parameter']);
    expect((await find('Patient?_pretty=true&_pretty=false')).status).toBe(400);
    expect((await find('Patient?_id:exact=true', { prefer: 'handling=lenient' })).status).toBe(400);
    expect((await find('Patient?identifier=', { prefer: 'handling=lenient' })).status).toBe(400);
  });
});

describe('whatever is written into a value is a value', () => {
  const attempts = ["'", "''", "' or '1'='1", "'; drop table resource; --", '"', '\\', '\\\\', '$1', '{1,2}', '{"a"}', 'one) or (1=1', '%', '_', '*', '\u0000', "\u0000' or 1=1", '\ud83d\ude00', '{$ne:1}', 'x'.repeat(8000), '\u202e', 'null', 'NaN', '-1', '1e999'];
  test.each(attempts)('%j', async (attempt) => {
    for (const name of ['identifier', '_id', 'active', 'general-practitioner', 'organization', 'general-practitioner:identifier', '_lastUpdated', '_count', '_total', '_sort', '_cursor', '_tag', '_security', 'link', attempt.slice(0, 200)]) {
      const answer = await find(query('Patient', [name, attempt]));
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 200) expect([name, answer.json.entry ?? []]).toEqual([name, []]);
    }
  });
  afterAll(async () => { expect(idsIn(await find('Patient'))).toEqual(['one', 'two']); });
});

describe('POST _search', () => {
  const search = (body: string | undefined, path = 'Patient/_search', type = 'application/x-www-form-urlencoded'): Promise<TestAnswer> => send('POST', `${house.fhir}/${path}`, body, { 'content-type': type });

  test('another media type, another format', async () => {
    expect((await search('{}', undefined, 'application/json')).status).toBe(415);
    expect((await search('_format=csv')).status).toBe(406);
  });

  test('finds what GET finds, and takes parameters from the address too', async () => {
    expect(idsIn(await search('identifier=bare&active=true'))).toEqual(['one']);
    expect(idsIn(await search('active=true', 'Patient/_search?identifier=bare'))).toEqual(['one']);
    expect(idsIn(await search('_id=one', undefined, 'application/x-www-form-urlencoded; charset=utf-8'))).toEqual(['one']);
    expect((await search('nickname=x')).status).toBe(400);
  });
});

describe('counts and links', () => {
  test('_count=0 counts alone', async () => {
    const answer = await find('Patient?_count=0');
    expect(answer.json).toEqual({ resourceType: 'Bundle', type: 'searchset', total: 2, link: [{ relation: 'self', url: `${house.fhir}/Patient?_count=0` }] });
  });

  test('_total', async () => {
    expect((await find('Patient?_count=1')).json.total).toBeUndefined();
    for (const kind of ['accurate', 'estimate']) expect((await find(`Patient?_count=1&_total=${kind}`)).json.total).toBe(2);
    const second = (await find('Patient?_count=1&_total=accurate')).json.link[1].url;
    expect((await send('GET', second)).json.total).toBe(2);
  });

  test('the self link says what was understood', async () => {
    expect((await find('Patient?identifier=urn:mrn%7CA%5C,1&_format=json')).json.link).toEqual([{ relation: 'self', url: `${house.fhir}/Patient?${new URLSearchParams({ identifier: 'urn:mrn|A\\,1', _format: 'json' }).toString()}` }]);
  });
});
