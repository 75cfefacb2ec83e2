/** $meta, $meta-add, $meta-delete. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { whole } from '../server/made-instances.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const tag = (code: string, more: object = {}): object => ({ system: 'urn:tags', code, ...more });
const parameters = (meta: unknown): object => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] });
const metaIn = (answer: TestAnswer): Record<string, unknown> => answer.json.parameter[0].valueMeta as Record<string, unknown>;

async function create(resource: object): Promise<string> {
  const answer = await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient', ...resource });
  expect(answer.status).toBe(201);
  return `${house.fhir}/Patient/${answer.json.id as string}`;
}

describe('refused', () => {
  test('of what is not there, and of what is not there any more', async () => {
    const gone = await create({});
    await send('DELETE', gone);
    for (const [address, status] of [[`${house.fhir}/Patient/nobody`, 404], [gone, 410]] as const) {
      expect((await send('GET', `${address}/$meta`)).status).toBe(status);
      expect((await send('POST', `${address}/$meta-add`, parameters({ tag: [tag('a')] }))).status).toBe(status);
      expect((await send('POST', `${address}/$meta-delete`, parameters({ tag: [tag('a')] }))).status).toBe(status);
    }
    expect((await send('GET', `${gone}/_history/9/$meta`)).status).toBe(404);
  });

  test.each([
    ['no meta', { resourceType: 'Parameters' }],
    ['no body', undefined],
    ['two of them', { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: {} }, { name: 'meta', valueMeta: {} }] }],
    ['a meta that is a text', { resourceType: 'Parameters', parameter: [{ name: 'meta', valueString: 'x' }] }],
    ['a tag that is no coding', parameters({ tag: ['x'] })],
    ['a tag without a code', parameters({ tag: [{ system: 'urn:tags' }] })],
    ['tags that are no list', parameters({ tag: { code: 'a' } })],
    ['an element that meta does not have', parameters({ colour: 'red' })],
  ])('%s', async (_name, body) => {
    const address = await create({});
    const answer = await send('POST', `${address}/$meta-add`, body);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
    expect((await send('GET', address)).json.meta.versionId).toBe('1');
  });

  test('the record of an authorization keeps its labels', async () => {
    const address = await create({});
    const id = address.split('/').at(-1)!;
    await house.sql.query(`update resource set authorization_id = gen_random_uuid() where id = $1`, [id]);
    const answer = await send('POST', `${address}/$meta-add`, parameters({ tag: [tag('a')] }));
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([409, 'held-by-authorization']);
  });
});

test('labels are sets: what is there is not added again, whatever its display and version', async () => {
  const address = await create({ meta: { tag: [tag('a', { display: 'first' })], profile: ['urn:p1'] } });
  const same = await send('POST', `${address}/$meta-add`, parameters({ tag: [tag('a', { display: 'other', version: '2' })], profile: ['urn:p1'] }));
  expect(metaIn(same)).toMatchObject({ versionId: '1', tag: [tag('a', { display: 'first' })], profile: ['urn:p1'] });
  const more = await send('POST', `${address}/$meta-add`, parameters({ tag: [tag('a', { display: 'other' }), tag('b'), tag('b'), { code: 'a' }], profile: ['urn:p1|2', 'urn:p1'], security: [tag('s')] }));
  expect(metaIn(more)).toMatchObject({ versionId: '2', tag: [tag('a', { display: 'first' }), tag('b'), { code: 'a' }], profile: ['urn:p1', 'urn:p1|2'], security: [tag('s')] });
  expect(metaIn(await send('GET', `${address}/$meta`))).toEqual((await send('GET', address)).json.meta);
  expect(metaIn(await send('GET', `${address}/_history/1/$meta`))).toEqual((await send('GET', `${address}/_history/1`)).json.meta);
});

test('deleting takes off what is there; it is no error that something is not', async () => {
  const address = await create({ active: true, meta: { source: 'urn:me', tag: [tag('a', { display: 'first' }), tag('b')], security: [tag('s')] } });
  expect(metaIn(await send('POST', `${address}/$meta-delete`, parameters({ tag: [tag('z')] })))).toMatchObject({ versionId: '1' });
  const answer = await send('POST', `${address}/$meta-delete`, parameters({ tag: [tag('a'), tag('z')], security: [tag('s')] }));
  expect(metaIn(answer)).toEqual({ versionId: '2', lastUpdated: expect.any(String), source: 'urn:me', tag: [tag('b')] });
  expect((await send('GET', address)).json).toMatchObject({ active: true, meta: { tag: [tag('b')] } });
  // What is found by its tag is found by it no more.
  expect((await send('GET', `${house.fhir}/Patient?_id=${address.split('/').at(-1)}&_tag=urn:tags|a`)).json.entry).toBeUndefined();
});

test('many who label one resource at once all have their way, and a decimal is not touched', async () => {
  const answer = await send('POST', `${house.fhir}/Observation`, '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}');
  const address = `${house.fhir}/Observation/${answer.json.id as string}`;
  const answers = await Promise.all(['a', 'b', 'c'].map((code) => send('POST', `${address}/$meta-add`, parameters({ tag: [tag(code)] }))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const stored = await send('GET', address);
  expect((stored.json.meta.tag as { code: string }[]).map(({ code }) => code).toSorted()).toEqual(['a', 'b', 'c']);
  expect(stored.text).toContain('"value":1.00');
});

test('the content of a Binary stays with it', async () => {
  const address = `${house.fhir}/Binary/labelled`;
  await send('PUT', address, 'hello', { 'content-type': 'text/plain' });
  expect((await send('POST', `${address}/$meta-add`, parameters({ tag: [tag('a')] }))).status).toBe(200);
  expect((await send('GET', address, undefined, { accept: 'text/plain' })).text).toBe('hello');
});

test('the labels in use, of a type and of all, each once', async () => {
  const other = await openHouse();
  const put = (type: string, meta: object, id: string): Promise<TestAnswer> => send('PUT', `${other.fhir}/${type}/${id}`, whole({ resourceType: type, id, meta }));
  await put('Patient', { tag: [tag('a', { display: 'A' }), tag('b')], profile: ['urn:p'] }, '1');
  await put('Patient', { tag: [tag('a')] }, '2');
  await put('Basic', { security: [tag('s')], tag: [tag('c')] }, '3');
  await put('Patient', {}, '4');
  await put('Patient', { tag: [tag('gone')] }, '5');
  await send('DELETE', `${other.fhir}/Patient/5`);
  const codes = (meta: Record<string, unknown>, name: string): string[] => ((meta[name] ?? []) as { code: string }[]).map(({ code }) => code).toSorted();
  const ofPatients = metaIn(await send('GET', `${other.fhir}/Patient/$meta`));
  expect([codes(ofPatients, 'tag'), codes(ofPatients, 'security'), ofPatients['profile'], ofPatients['versionId']]).toEqual([['a', 'b'], [], ['urn:p'], undefined]);
  const all = metaIn(await send('POST', `${other.fhir}/$meta`, { resourceType: 'Parameters' }));
  expect([codes(all, 'tag'), codes(all, 'security')]).toEqual([['a', 'b', 'c'], ['s']]);
  expect(metaIn(await send('GET', `${other.fhir}/Organization/$meta`))).toEqual({});
  await other.close();
});
