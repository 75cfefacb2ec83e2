/** PATCH by JSON Patch and by FHIRPath Patch: read, changed and written as one step, or not at all. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { pendingRequest, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const json = { 'content-type': 'application/json-patch+json' };
const codeOf = (answer: TestAnswer): unknown => [answer.status, answer.json.issue?.[0].details.coding[0].code];
const address = (id: string): string => `${house.fhir}/Patient/${id}`;
const replaced = (path: string, value: object): object => ({ resourceType: 'Parameters', parameter: [{ name: 'operation', part: [{ name: 'type', valueCode: 'replace' }, { name: 'path', valueString: path }, { name: 'value', ...value }] }] });
async function patient(id: string, more: object = {}): Promise<void> {
  await send('PUT', address(id), { resourceType: 'Patient', id, active: true, identifier: [{ system: 'urn:patched', value: id }], ...more });
}

describe('refused, and the resource stays as it is', () => {
  beforeAll(async () => patient('kept'));
  test.each<[name: string, patch: unknown, headers: Record<string, string>, status: number, code: string]>([
    ['no patch', undefined, json, 400, 'empty-body'],
    ['no JSON', '[{', json, 400, 'malformed-json'],
    ['a patch that is no list', {}, json, 400, 'invalid-patch'],
    ['JSON Merge Patch', { active: false }, { 'content-type': 'application/merge-patch+json' }, 415, 'unsupported-media-type'],
    ['a resource that is no Parameters', { resourceType: 'Patient' }, {}, 400, 'wrong-resource-type'],
    ['another id', [{ op: 'replace', path: '/id', value: 'other' }], json, 422, 'patched-identity'],
    ['another type', [{ op: 'replace', path: '/resourceType', value: 'Person' }], json, 422, 'patched-identity'],
    ['another version', [{ op: 'replace', path: '/meta/versionId', value: '7' }], json, 422, 'patched-identity'],
    ['nothing at all', [{ op: 'replace', path: '', value: null }], json, 422, 'patched-identity'],
    ['what no Patient is', [{ op: 'add', path: '/nickname', value: 'x' }], json, 400, 'invalid-element'],
    ['a value of the wrong form', replaced('Patient.active', { valueString: 'yes' }), {}, 422, 'patch-not-applicable'],
    ['a version that is not there', [], { ...json, 'if-match': 'W/"9"' }, 412, 'version-conflict'],
    ['If-None-Match', [], { ...json, 'if-none-match': '*' }, 400, 'bad-precondition'],
  ])('%s', async (_name, patch, headers, status, code) => {
    const before = (await send('GET', address('kept'))).text;
    expect(codeOf(await send('PATCH', address('kept'), patch, headers))).toEqual([status, code]);
    expect((await send('GET', address('kept'))).text).toBe(before);
  });

  test('what is not there, or not any more', async () => {
    expect(codeOf(await send('PATCH', address('never-was'), [], json))).toEqual([404, 'not-found']);
    await patient('was');
    await send('DELETE', address('was'));
    expect(codeOf(await send('PATCH', address('was'), [], json))).toEqual([410, 'gone']);
  });

  test('the record of an authorization', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    expect(codeOf(await send('PATCH', `${house.fhir}/Claim/${claim}`, [{ op: 'add', path: '/language', value: 'de' }], json))).toEqual([409, 'held-by-authorization']);
    expect(codeOf(await send('PATCH', `${house.fhir}/Claim/${claim}`, replaced('Claim.status', { valueCode: 'draft' })))).toEqual([409, 'held-by-authorization']);
  });

  test('a decision made by a patch', async () => {
    const made = await send('POST', `${house.fhir}/ClaimResponse`, { resourceType: 'ClaimResponse', status: 'draft', type: { text: 'x' }, use: 'claim', patient: { display: 'x' }, created: '2026-03-02', insurer: { display: 'x' }, outcome: 'complete' });
    expect(made.status).toBe(201);
    expect(codeOf(await send('PATCH', `${house.fhir}/ClaimResponse/${String(made.json.id)}`, [{ op: 'replace', path: '/use', value: 'preauthorization' }], json))).toEqual([422, 'decision-by-operation-only']);
  });
});

test('JSON Patch and FHIRPath Patch make the next version, and it is found by what it says', async () => {
  await patient('changed', { multipleBirthInteger: 1 });
  const byJson = await send('PATCH', address('changed'), [{ op: 'test', path: '/active', value: true }, { op: 'replace', path: '/active', value: false }, { op: 'add', path: '/language', value: 'x-patched' }], { ...json, 'if-match': 'W/"1"' });
  expect([byJson.status, byJson.headers.get('etag'), byJson.json.active, byJson.json.meta.versionId]).toEqual([200, 'W/"2"', false, '2']);
  const byPath = await send('PATCH', address('changed'), replaced('Patient.active', { valueBoolean: true }));
  expect([byPath.status, byPath.json.active, byPath.json.meta.versionId]).toEqual([200, true, '3']);
  const byXml = await send('PATCH', address('changed'), '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="delete"/></part><part><name value="path"/><valueString value="Patient.language"/></part></parameter></Parameters>', { 'content-type': 'application/fhir+xml' });
  expect([byXml.status, byXml.json.language, byXml.json.meta.versionId]).toEqual([200, undefined, '4']);
  expect((await send('GET', `${house.fhir}/Patient?identifier=urn:patched|changed&active=true`)).json.total).toBe(1);
  expect((await send('GET', `${address('changed')}/_history/1`)).json.active).toBe(true);
});

test('conditionally, of the one that matches', async () => {
  await patient('matched');
  const answer = await send('PATCH', `${house.fhir}/Patient?identifier=urn:patched|matched`, [{ op: 'remove', path: '/active' }], { ...json, prefer: 'return=minimal' });
  expect([answer.status, answer.text, answer.headers.get('etag'), answer.headers.get('location')]).toEqual([200, '', 'W/"2"', `${address('matched')}/_history/2`]);
  expect((await send('GET', address('matched'))).json.active).toBeUndefined();
});

test('decimals keep their digits through a patch', async () => {
  const made = await send('POST', `${house.fhir}/Observation`, '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}');
  const patched = await send('PATCH', `${house.fhir}/Observation/${String(made.json.id)}`, '[{"op":"add","path":"/valueQuantity/unit","value":"kg"},{"op":"test","path":"/valueQuantity/value","value":1.0}]', json);
  expect(patched.text).toContain('"value":1.00');
});

test('many patches of one resource at once: none is lost', async () => {
  await patient('crowd');
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => send('PATCH', address('crowd'), [{ op: 'add', path: '/identifier/-', value: { system: 'urn:n', value: String(index) } }], json)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const { identifier, meta } = (await send('GET', address('crowd'))).json as { identifier: unknown[]; meta: { versionId: string } };
  expect([identifier.length, meta.versionId]).toEqual([13, '13']);
});

test('in transactions and batches: a Binary with the patch, or Parameters', async () => {
  await patient('bundled');
  await patient('bundled-too');
  const data = Buffer.from(JSON.stringify([{ op: 'replace', path: '/active', value: false }])).toString('base64');
  for (const type of ['transaction', 'batch']) {
    const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type, entry: [
      { resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data }, request: { method: 'PATCH', url: 'Patient/bundled' } },
      { resource: replaced('Patient.active', { valueBoolean: false }), request: { method: 'PATCH', url: 'Patient?identifier=urn:patched|bundled-too' } },
    ] });
    expect([answer.status, answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status)]).toEqual([200, ['200', '200']]);
    expect(answer.json.entry.map((entry: { resource: { active: boolean } }) => entry.resource.active)).toEqual([false, false]);
  }
});
