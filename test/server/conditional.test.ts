/** Conditional interactions: by what a resource must match, and on what the client has seen. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let several: TestHouse;
beforeAll(async () => {
  house = await openHouse({ startAt: '2026-03-02T09:00:00.400Z' });
  several = await openHouse({ environment: { PRIORA_CONDITIONAL_DELETE: 'multiple' } });
});
afterAll(async () => { await Promise.all([house.close(), several.close()]); });

const system = 'urn:example:mrn';
const patient = (value: string, more: object = {}): object => ({ resourceType: 'Patient', identifier: [{ system, value }], ...more });
const criteria = (value: string): string => `identifier=${encodeURIComponent(`${system}|${value}`)}`;
const at = (value: string): string => `${house.fhir}/Patient?${criteria(value)}`;
const codeOf = (answer: TestAnswer): unknown => [answer.status, answer.json.issue?.[0].details.coding[0].code];
const count = async (value: string, where = house): Promise<number> => (await send('GET', `${where.fhir}/Patient?${criteria(value)}`)).json.total as number;
async function twins(value: string): Promise<void> {
  for (const id of ['one', 'two']) await send('PUT', `${house.fhir}/Patient/${value}-${id}`, patient(value, { id: `${value}-${id}` }));
}

describe('refused, and nothing is changed', () => {
  const json = { 'content-type': 'application/json-patch+json' };
  test.each<[name: string, method: string, address: string, headers: Record<string, string>, status: number, code: string]>([
    ['If-None-Exist without criteria', 'POST', 'Patient', { 'if-none-exist': '' }, 400, 'no-criteria'],
    ['If-None-Exist of a question mark', 'POST', 'Patient', { 'if-none-exist': '?' }, 400, 'no-criteria'],
    ['an unknown parameter, however lenient the client is', 'POST', 'Patient', { 'if-none-exist': 'nickname=x', prefer: 'handling=lenient' }, 400, 'unknown-search-parameter'],
    ['one known and one unknown', 'POST', 'Patient', { 'if-none-exist': 'identifier=x&nickname=x' }, 400, 'unknown-search-parameter'],
    ['an unknown modifier', 'POST', 'Patient', { 'if-none-exist': 'identifier:near=x' }, 400, 'unsupported-modifier'],
    ['a parameter without a value', 'POST', 'Patient', { 'if-none-exist': 'identifier=' }, 400, 'invalid-search-value'],
    ['what is no condition', 'POST', 'Patient', { 'if-none-exist': '_count=1' }, 400, 'invalid-search-value'],
    ['what is no condition, beside one', 'PUT', 'Patient?identifier=x&_sort=_id', {}, 400, 'invalid-search-value'],
    ['If-Match on a create', 'POST', 'Patient', { 'if-match': 'W/"1"' }, 400, 'bad-precondition'],
    ['If-None-Match on a create', 'POST', 'Patient', { 'if-none-match': '*' }, 400, 'bad-precondition'],
    ['If-None-Exist on an update', 'PUT', 'Patient/x', { 'if-none-exist': 'identifier=x' }, 400, 'bad-precondition'],
    ['If-None-Match with a version on an update', 'PUT', 'Patient/x', { 'if-none-match': 'W/"1"' }, 400, 'bad-precondition'],
    ['a version and none at once', 'PUT', 'Patient/x', { 'if-none-match': '*', 'if-match': 'W/"1"' }, 400, 'bad-precondition'],
    ['If-Match of any version, where none is', 'PUT', 'Patient/x', { 'if-match': '*' }, 412, 'nothing-there'],
    ['the same for a delete', 'DELETE', 'Patient/x', { 'if-match': '*' }, 412, 'nothing-there'],
    ['the same for a patch', 'PATCH', 'Patient/x', { 'if-match': '*', 'content-type': 'application/json-patch+json' }, 404, 'not-found'],
    ['the same for an update by criteria', 'PUT', 'Patient?identifier=of-nobody', { 'if-match': '*' }, 412, 'nothing-there'],
    ['the same among others', 'PUT', 'Patient/x', { 'if-match': '*, W/"1"' }, 400, 'bad-if-match'],
    ['If-Unmodified-Since on an update', 'PUT', 'Patient/x', { 'if-unmodified-since': 'Mon, 02 Mar 2026 09:00:00 GMT' }, 400, 'bad-precondition'],
    ['If-None-Match on a delete', 'DELETE', 'Patient/x', { 'if-none-match': '*' }, 400, 'bad-precondition'],
    ['an update by no criteria', 'PUT', 'Patient', {}, 400, 'no-criteria'],
    ['an update by the form of the answer', 'PUT', 'Patient?_format=json', {}, 400, 'no-criteria'],
    ['a delete by no criteria', 'DELETE', 'Patient', {}, 400, 'no-criteria'],
    ['a delete by an unknown parameter', 'DELETE', 'Patient?nickname=x', {}, 400, 'unknown-search-parameter'],
    ['a patch by no criteria', 'PATCH', 'Patient', json, 400, 'no-criteria'],
    ['a patch of none', 'PATCH', 'Patient?identifier=none', json, 404, 'no-match'],
    ['an update of what is not there, by version', 'PUT', 'Patient?identifier=none', { 'if-match': 'W/"1"' }, 412, 'version-conflict'],
    ['criteria of an unknown type', 'PUT', 'Nothing?identifier=x', {}, 404, 'unknown-resource-type'],
  ])('%s', async (_name, method, address, headers, status, code) => {
    const rows = async (): Promise<unknown> => (await house.sql.query('select count(*) from resource')).rows;
    const before = await rows();
    const body = method === 'DELETE' ? undefined : method === 'PATCH' ? [] : { resourceType: 'Patient', ...(address.includes('/') && { id: 'x' }) };
    const answer = await send(method, `${house.fhir}/${address}`, body, { ...(body !== undefined && { 'content-type': 'application/fhir+json' }), ...headers });
    expect(codeOf(answer)).toEqual([status, code]);
    expect(await rows()).toEqual(before);
  });

  test('what several match', async () => {
    await twins('twins');
    expect(codeOf(await send('POST', `${house.fhir}/Patient`, patient('twins'), { 'if-none-exist': criteria('twins') }))).toEqual([412, 'several-matches']);
    expect(codeOf(await send('PUT', at('twins'), patient('twins')))).toEqual([412, 'several-matches']);
    expect(codeOf(await send('PATCH', at('twins'), [], { 'content-type': 'application/json-patch+json' }))).toEqual([412, 'several-matches']);
    expect(codeOf(await send('DELETE', at('twins')))).toEqual([412, 'several-matches']);
    expect(await count('twins')).toBe(2);
  });

  test('another id than that of the match', async () => {
    await send('PUT', `${house.fhir}/Patient/the-one`, patient('the-one', { id: 'the-one' }));
    expect(codeOf(await send('PUT', at('the-one'), patient('the-one', { id: 'another' })))).toEqual([400, 'id-mismatch']);
  });

  test('an id that something else has', async () => {
    await send('PUT', `${house.fhir}/Patient/taken`, patient('somebody', { id: 'taken' }));
    expect(codeOf(await send('PUT', at('nobody'), patient('nobody', { id: 'taken' })))).toEqual([409, 'id-taken']);
    expect((await send('GET', `${house.fhir}/Patient/taken`)).json.identifier[0].value).toBe('somebody');
  });
});

describe('create', () => {
  test('makes what is not there, and finds it the next time', async () => {
    const headers = { 'if-none-exist': criteria('created') };
    const made = await send('POST', `${house.fhir}/Patient`, patient('created'), headers);
    const found = await send('POST', `${house.fhir}/Patient`, patient('created', { active: true }), headers);
    expect([made.status, found.status]).toEqual([201, 200]);
    expect([found.text, found.headers.get('location'), found.headers.get('etag')]).toEqual([made.text, made.headers.get('location'), 'W/"1"']);
    expect((await send('POST', `${house.fhir}/Patient`, patient('created'), { ...headers, prefer: 'return=minimal' })).text).toBe('');
    await send('DELETE', `${house.fhir}/Patient/${String(made.json.id)}`);
    expect((await send('POST', `${house.fhir}/Patient`, patient('created'), headers)).status).toBe(201);
  });

  test.each([['the same criteria', [criteria('race')]], ['the same in another order', [`${criteria('race2')}&active=true`, `active=true&${criteria('race2')}`]]])('by many clients at once, one is made: %s', async (_name, written) => {
    const value = written[0]!.includes('race2') ? 'race2' : 'race';
    const answers = await Promise.all(Array.from({ length: 24 }, (_, index) => send('POST', `${house.fhir}/Patient`, patient(value, { active: true }), { 'if-none-exist': written[index % written.length]! })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 23 }, () => 200), 201]);
    expect(new Set(answers.map(({ json }) => json.id as string)).size).toBe(1);
    expect(await count(value)).toBe(1);
  });
});

describe('update', () => {
  test('creates what is not there, under an id of the server or of the client', async () => {
    const made = await send('PUT', at('updated'), patient('updated'));
    expect([made.status, made.headers.get('location')]).toEqual([201, `${house.fhir}/Patient/${String(made.json.id)}/_history/1`]);
    const chosen = await send('PUT', at('chosen'), patient('chosen', { id: 'i-chose-this' }));
    expect([chosen.status, chosen.json.id]).toEqual([201, 'i-chose-this']);
  });

  test('writes the next version of the one that matches, with its id in the body or without', async () => {
    const made = await send('PUT', at('versions'), patient('versions'));
    const second = await send('PUT', at('versions'), patient('versions', { active: true }));
    const third = await send('PUT', `${at('versions')}&_format=json`, patient('versions', { id: made.json.id as string }), { 'if-match': 'W/"2"' });
    expect([second.status, second.json.id, second.json.meta.versionId, third.status, third.json.meta.versionId]).toEqual([200, made.json.id, '2', 200, '3']);
    expect(codeOf(await send('PUT', at('versions'), patient('versions'), { 'if-match': 'W/"2"' }))).toEqual([412, 'version-conflict']);
  });

  test('If-None-Match: * creates and never replaces', async () => {
    const headers = { 'if-none-match': '*' };
    const address = `${house.fhir}/Patient/brand-new`;
    expect((await send('PUT', address, { resourceType: 'Patient', id: 'brand-new' }, headers)).status).toBe(201);
    expect(codeOf(await send('PUT', address, { resourceType: 'Patient', id: 'brand-new' }, headers))).toEqual([412, 'already-there']);
    await send('DELETE', address);
    expect((await send('PUT', address, { resourceType: 'Patient', id: 'brand-new' }, headers)).status).toBe(201);
    expect((await send('PUT', at('only-new'), patient('only-new'), headers)).status).toBe(201);
    expect(codeOf(await send('PUT', at('only-new'), patient('only-new'), headers))).toEqual([412, 'already-there']);
  });

  test('If-None-Match: * by many clients at once: one creates', async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, () => send('PUT', `${house.fhir}/Patient/contested`, { resourceType: 'Patient', id: 'contested' }, { 'if-none-match': '*' })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, ...Array.from({ length: 15 }, () => 412)]);
    expect((await send('GET', `${house.fhir}/Patient/contested/_history`)).json.total).toBe(1);
  });

  test('by many clients at once: one resource, and every version counted', async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, () => send('PUT', at('crowd'), patient('crowd'))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 15 }, () => 200), 201]);
    expect(answers.map(({ json }) => Number(json.meta.versionId)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  });
});

describe('delete', () => {
  test('of the one that matches; of none it succeeds as well', async () => {
    await send('PUT', at('deleted'), patient('deleted'));
    expect((await send('DELETE', at('deleted'), undefined, { 'if-match': 'W/"7"' })).status).toBe(412);
    const deleted = await send('DELETE', at('deleted'));
    expect([deleted.status, deleted.headers.get('etag'), await count('deleted')]).toEqual([204, 'W/"2"', 0]);
    expect((await send('DELETE', at('deleted'))).status).toBe(204);
    const told = await send('DELETE', at('deleted'), undefined, { prefer: 'return=OperationOutcome' });
    expect([told.status, told.json.resourceType]).toEqual([200, 'OperationOutcome']);
  });

  test('of all that match, where the server is set so', async () => {
    for (const id of ['a', 'b', 'c']) await send('PUT', `${several.fhir}/Patient/${id}`, patient('many', { id }));
    await send('PUT', `${several.fhir}/Patient/d`, patient('few', { id: 'd' }));
    expect((await send('DELETE', `${several.fhir}/Patient?${criteria('many')}`)).status).toBe(204);
    expect([await count('many', several), await count('few', several)]).toEqual([0, 1]);
    expect((await send('GET', `${several.fhir}/metadata`)).json.rest[0].resource[0].conditionalDelete).toBe('multiple');
  });

  test('of more than a thousand is refused, and none is deleted', async () => {
    const entry = Array.from({ length: 1000 }, () => ({ resource: patient('too-many'), request: { method: 'POST', url: 'Patient' } }));
    for (const entries of [entry, entry.slice(0, 1)]) expect((await send('POST', several.fhir, { resourceType: 'Bundle', type: 'transaction', entry: entries })).status).toBe(200);
    expect(codeOf(await send('DELETE', `${several.fhir}/Patient?${criteria('too-many')}`))).toEqual([412, 'several-matches']);
    expect((await send('GET', `${several.fhir}/Patient?${criteria('too-many')}&_count=0`)).json.total).toBe(1001);
  });
});

describe('read', () => {
  const read = (headers: Record<string, string>, version = ''): Promise<TestAnswer> => send('GET', `${house.fhir}/Patient/read${version}`, undefined, headers);
  beforeAll(async () => {
    const moment = house.clock.now;
    await send('PUT', `${house.fhir}/Patient/read`, { resourceType: 'Patient', id: 'read' });
    house.clock.now = moment;
  });

  test.each<[name: string, headers: Record<string, string>, status: number]>([
    ['modified in the same second as the client says', { 'if-modified-since': 'Mon, 02 Mar 2026 09:00:00 GMT' }, 304],
    ['not modified since', { 'if-modified-since': 'Mon, 02 Mar 2026 10:00:00 GMT' }, 304],
    ['modified since', { 'if-modified-since': 'Mon, 02 Mar 2026 08:59:59 GMT' }, 200],
    ['a date that is none', { 'if-modified-since': 'yesterday' }, 200],
    ['another version goes before the date', { 'if-none-match': 'W/"9"', 'if-modified-since': 'Mon, 02 Mar 2026 10:00:00 GMT' }, 200],
    ['the version goes before the date', { 'if-none-match': 'W/"1"', 'if-modified-since': 'Mon, 02 Mar 2026 08:00:00 GMT' }, 304],
    ['the version that is expected', { 'if-match': 'W/"1"' }, 200],
    ['another version is expected', { 'if-match': 'W/"2"' }, 412],
    ['changed after what the client will take', { 'if-unmodified-since': 'Mon, 02 Mar 2026 08:59:59 GMT' }, 412],
    ['unchanged since', { 'if-unmodified-since': 'Mon, 02 Mar 2026 09:00:00 GMT' }, 200],
  ])('%s', async (_name, headers, status) => {
    for (const version of ['', '/_history/1']) {
      const answer = await read(headers, version);
      expect([answer.status, answer.headers.get('etag')]).toEqual([status, 'W/"1"']);
      if (status === 304) expect(answer.text).toBe('');
    }
  });
});

describe('If-Match of any version', () => {
  const any = { 'if-match': '*' };
  const address = (): string => `${house.fhir}/Patient/any`;

  test('writes over what is there, and reads it', async () => {
    await send('PUT', address(), { resourceType: 'Patient', id: 'any' });
    expect((await send('PUT', address(), { resourceType: 'Patient', id: 'any', active: true }, any)).headers.get('etag')).toBe('W/"2"');
    expect((await send('PATCH', address(), [{ op: 'replace', path: '/active', value: false }], { ...any, 'content-type': 'application/json-patch+json' })).headers.get('etag')).toBe('W/"3"');
    expect((await send('GET', address(), undefined, any)).status).toBe(200);
    const entry = [{ resource: { resourceType: 'Patient', id: 'any' }, request: { method: 'PUT', url: 'Patient/any', ifMatch: '*' } }];
    for (const type of ['batch', 'transaction']) expect((await send('POST', house.fhir, { resourceType: 'Bundle', type, entry })).json.entry[0].response.status).toBe('200');
    expect((await send('DELETE', address(), undefined, any)).status).toBe(204);
  });

  test('finds nothing in what was deleted', async () => {
    await send('PUT', address(), { resourceType: 'Patient', id: 'any' });
    await send('DELETE', address());
    expect(codeOf(await send('PUT', address(), { resourceType: 'Patient', id: 'any' }, any))).toEqual([412, 'nothing-there']);
    expect(codeOf(await send('DELETE', address(), undefined, any))).toEqual([412, 'nothing-there']);
  });
});

test('a read takes lists of entity tags, weak and strong', async () => {
  const address = `${house.fhir}/Patient/listed`;
  await send('PUT', address, { resourceType: 'Patient', id: 'listed' });
  const status = async (name: string, value: string): Promise<number> => (await send('GET', address, undefined, { [name]: value })).status;
  expect(await status('if-none-match', 'W/"7", W/"1"')).toBe(304);
  expect(await status('if-none-match', '"1"')).toBe(304);
  expect(await status('if-none-match', '*')).toBe(304);
  expect(await status('if-none-match', 'W/"7", "8"')).toBe(200);
  expect(await status('if-match', 'W/"7", "1"')).toBe(200);
  expect(await status('if-match', 'W/"7", W/"8"')).toBe(412);
  expect(await status('if-match', 'W/"7", 1')).toBe(400);
});
