/** $validate says what it knows, and what it did not look at. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { whole } from '../server/made-instances.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const issues = (answer: TestAnswer): [string, string][] => (answer.json.issue as { severity: string; details: { coding: { code: string }[] } }[]).map(({ severity, details }) => [severity, details.coding[0]!.code]);
const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter });
const validate = (path: string, body: unknown): Promise<TestAnswer> => send('POST', `${house.fhir}/${path}`, body);
const scope: [string, string] = ['information', 'validation-scope'];

test.each([
  ['nothing to validate', 'Patient/$validate', undefined, 'missing-operation-parameter'],
  ['an empty Parameters', 'Patient/$validate', parameters(), 'missing-operation-parameter'],
  ['a mode that there is not', 'Patient/$validate?mode=perhaps', { resourceType: 'Patient' }, 'invalid-operation-parameter'],
  ['an update of nothing in particular', 'Patient/$validate?mode=update', { resourceType: 'Patient', id: '1' }, 'invalid-operation-parameter'],
  ['a deletion of nothing in particular', 'Patient/$validate?mode=delete', undefined, 'invalid-operation-parameter'],
  ['two modes', 'Patient/$validate?mode=create&mode=update', { resourceType: 'Patient' }, 'invalid-operation-parameter'],
  ['a resource that is a text', 'Patient/$validate', parameters({ name: 'resource', valueString: 'x' }), 'invalid-operation-parameter'],
  ['two resources', 'Patient/$validate', parameters({ name: 'resource', resource: { resourceType: 'Patient' } }, { name: 'resource', resource: { resourceType: 'Patient' } }), 'invalid-operation-parameter'],
  ['another type than that of the address', 'Patient/$validate', { resourceType: 'Observation' }, 'wrong-resource-type'],
  ['no resource at all', 'Patient/$validate', [1], 'not-a-resource'],
])('cannot be checked: %s', async (_name, path, body, code) => {
  const answer = await validate(path, body);
  expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([400, code]);
});

test('what is not formed as its type says is told element by element', async () => {
  const answer = await validate('Patient/$validate', { resourceType: 'Patient', active: 'yes', colour: 'red' });
  expect(answer.status).toBe(200);
  expect(issues(answer)).toEqual([['error', 'primitive-format'], ['error', 'element-unknown'], scope]);
  expect(answer.json.issue.map(({ expression }: { expression?: string[] }) => expression?.[0])).toEqual(['Patient.active', 'Patient', undefined]);
});

test('a profile that cannot be checked is an error, not silence', async () => {
  for (const answer of [
    await validate('Patient/$validate?profile=http://example.org/p', { resourceType: 'Patient' }),
    await validate('Patient/$validate', parameters({ name: 'profile', valueUri: 'http://example.org/p' }, { name: 'resource', resource: { resourceType: 'Patient' } })),
  ]) expect([answer.status, issues(answer)]).toEqual([200, [['error', 'profile-unknown'], scope]]);
});

test('a profile that was stored and cannot be used is an error that tells why', async () => {
  const profile = { resourceType: 'StructureDefinition', id: 'baseless', url: 'http://example.org/baseless', name: 'Baseless', status: 'active', kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint', baseDefinition: 'http://example.org/nobody' };
  expect((await send('PUT', `${house.fhir}/StructureDefinition/baseless`, profile)).status).toBe(201);
  const answer = await validate('Patient/$validate?profile=http://example.org/baseless', { resourceType: 'Patient' });
  expect([answer.status, issues(answer)]).toEqual([200, [['error', 'profile-unusable'], scope]]);
  expect(answer.json.issue[0].details.text).toBe('The definition http://example.org/baseless cannot be used, so conformance to it was not checked: what it is based on is not known.');
});

test('references: to nothing, to a contained resource that is not there, to a type that FHIR does not have', async () => {
  await send('PUT', `${house.fhir}/Patient/known`, { resourceType: 'Patient', id: 'known' });
  const observation = (subject: string): object => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: subject }, performer: [{ reference: '#p' }], contained: [{ resourceType: 'Practitioner', id: 'p' }] });
  expect(issues(await validate('Observation/$validate', observation('Patient/known')))).toEqual([scope]);
  expect(issues(await validate('Observation/$validate', observation(`${house.fhir}/Patient/known`)))).toEqual([scope]);
  expect(issues(await validate('Observation/$validate', observation('https://elsewhere.org/fhir/Patient/1')))).toEqual([scope]);
  expect(issues(await validate('Observation/$validate', observation('#p')))).toEqual([['error', 'reference-type'], scope]);
  expect(issues(await validate('Observation/$validate', observation('Patient/unknown')))).toEqual([['warning', 'target-unknown'], scope]);
  expect(issues(await validate('Observation/$validate', observation('#q')))).toEqual([['error', 'constraint-failed'], ['error', 'reference-contained'], scope]);
  expect(issues(await validate('Observation/$validate', observation('Nothing/1')))).toEqual([['error', 'invalid-element'], scope]);
});

test('it says what the resource was checked against', async () => {
  const answer = await validate('Patient/$validate', { resourceType: 'Patient', meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient'] } });
  expect(answer.json.issue.at(-1).diagnostics).toMatch(/^Checked: .*codes, invariants, http:\/\/hl7\.org\/fhir\/StructureDefinition\/Patient\|4\.0\.1, .*us-core-patient\|7\.0\.0\. Not checked: nothing else\.$/);
});

test('a profile that is asked for, and one that is claimed: what is not met is told with its place, profile and constraint', async () => {
  const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
  for (const answer of [
    await validate(`Patient/$validate?profile=${usCore}`, { resourceType: 'Patient', gender: 'male', identifier: [{ system: 'urn:x', value: '1' }], name: [{ use: 'usual' }] }),
    await validate('Patient/$validate', { resourceType: 'Patient', meta: { profile: [usCore] }, gender: 'male', identifier: [{ system: 'urn:x', value: '1' }], name: [{ use: 'usual' }] }),
  ]) {
    const [issue] = answer.json.issue;
    expect([issue.severity, issue.code, issue.expression[0], issue.extension.at(-1).valueString, issue.details.coding[1].code]).toEqual(['error', 'invariant', 'Patient.name[0]', `${usCore}|7.0.0`, 'us-core-6']);
  }
});

test.each([
  ['as the body', '{\n "resourceType": "Patient",\n "gender": "man"\n}', 'application/fhir+json', 3, 2],
  ['within Parameters', '{"resourceType":"Parameters","parameter":[{"name":"profile","valueUri":"http://hl7.org/fhir/StructureDefinition/Patient"},\n{"name":"resource","resource":{"resourceType":"Patient",\n"gender":"man"}}]}', 'application/fhir+json', 3, 1],
  ['as XML', '<Patient xmlns="http://hl7.org/fhir">\n<gender value="man"/></Patient>', 'application/fhir+xml', 2, 22],
])('line and column of what was sent: %s', async (_, text, contentType, line, column) => {
  const { json } = await send('POST', `${house.fhir}/Patient/$validate?_format=json`, text, { 'content-type': contentType });
  expect(json.issue[0].extension.slice(0, 2).map(({ valueInteger }: { valueInteger: number }) => valueInteger)).toEqual([line, column]);
});

test('elements of XML that stand in another order than FHIR has them: where, and nothing for the same in order', async () => {
  const xml = { 'content-type': 'application/fhir+xml' };
  const of = async (text: string): Promise<unknown> => (await send('POST', `${house.fhir}/Patient/$validate?_format=json`, text, xml)).json.issue
    .filter(({ severity }: { severity: string }) => severity === 'error').map((issue: { expression: string[]; details: { coding: { code: string }[] }; extension: { valueInteger?: number }[] }) => [issue.details.coding[0]!.code, issue.expression[0], issue.extension[0]!.valueInteger]);
  const [ordered, disordered] = ['<active value="true"/>\n<gender value="male"/>', '<gender value="male"/>\n<active value="true"/>'];
  const patient = (content: string): string => `<Patient xmlns="http://hl7.org/fhir">\n${content}</Patient>`;
  expect(await of(patient(ordered))).toEqual([]);
  expect(await of(patient(disordered))).toEqual([['xml-order', 'Patient.active', 3]]);
  expect(await of(`<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource>${patient(disordered)}</resource></parameter></Parameters>`)).toEqual([['xml-order', 'Patient.active', 3]]);
});

test('codes of a required value set, and what a Questionnaire asks for', async () => {
  expect(issues(await validate('Patient/$validate', { resourceType: 'Patient', gender: 'man' }))).toEqual([['error', 'binding-required'], scope]);
  const questionnaire = { resourceType: 'Questionnaire', url: 'http://example.org/oxygen', status: 'active', item: [{ linkId: '1', type: 'boolean', required: true }] };
  const response = { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: questionnaire.url };
  expect(issues(await validate('QuestionnaireResponse/$validate', response))).toEqual([['warning', 'questionnaire-unknown'], scope]);
  await send('POST', `${house.fhir}/Questionnaire`, questionnaire);
  expect(issues(await validate('QuestionnaireResponse/$validate', response))).toEqual([['error', 'answer-required'], scope]);
});

test('a flood of hints and of bad references is cut off, and hides no error', async () => {
  const hints = await validate('Patient/$validate', { resourceType: 'Patient', name: Array.from({ length: 100 }, () => ({ given: Array.from({ length: 50 }, () => '<b>') })), gender: 'man' });
  expect([hints.status, issues(hints).length, issues(hints).filter(([, code]) => code === 'validation-stopped').length]).toEqual([200, 1003, 1]);
  expect(issues(hints)).toContainEqual(['error', 'binding-required']);
  expect(hints.json.issue.at(-1).diagnostics).toMatch(/Not checked: what the issues above say/);
  const references = await validate('Group/$validate', { resourceType: 'Group', type: 'person', actual: true, member: Array.from({ length: 3000 }, () => ({ entity: { reference: 'Nothing/1' } })) });
  expect([issues(references).filter(([severity]) => severity === 'error').length, issues(references).filter(([, code]) => code === 'validation-stopped').length]).toEqual([1000, 1]);
});

test('a response with more items of one question than anybody answers is told of, as all others', async () => {
  const questionnaire = { resourceType: 'Questionnaire', url: 'http://example.org/once', status: 'active', item: [{ linkId: '1', type: 'boolean' }] };
  await send('POST', `${house.fhir}/Questionnaire`, questionnaire);
  const answer = await validate('QuestionnaireResponse/$validate', { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: questionnaire.url, item: Array.from({ length: 150_000 }, (_, at) => ({ linkId: at % 2 === 0 ? '1' : '2' })) });
  expect([answer.status, issues(answer).filter(([severity]) => severity === 'error').length]).toEqual([200, 1000]);
});

test('mandatory elements are checked, and it says so', async () => {
  for (const answer of [await validate('Observation/$validate', { resourceType: 'Observation' }), await validate('Patient/$validate', { resourceType: 'Patient' })]) {
    const told = answer.json.issue.at(-1).diagnostics;
    expect(told).toMatch(/^Checked: .*mandatory.*Not checked: /);
    expect(told).not.toMatch(/Not checked: .*(?:required|mandatory) elements/);
  }
});

test('a create is tried and not made', async () => {
  const before = (await house.sql.query('select count(*)::integer as n from resource')).rows[0].n as number;
  expect(issues(await validate('Patient/$validate?mode=create', { resourceType: 'Patient' }))).toEqual([scope]);
  expect(issues(await validate('ClaimResponse/$validate?mode=create', { resourceType: 'ClaimResponse', use: 'preauthorization' }))).toContainEqual(['error', 'decision-by-operation-only']);
  expect(issues(await validate('ClaimResponse/$validate', { resourceType: 'ClaimResponse', use: 'preauthorization' }))).not.toContainEqual(['error', 'decision-by-operation-only']);
  expect((await house.sql.query('select count(*)::integer as n from resource')).rows[0].n).toBe(before);
  expect((await house.sql.query('select count(*)::integer as n from resource_history')).rows[0].n).toBe(0);
});

test('an update and a deletion are tried on the resource itself', async () => {
  await send('PUT', `${house.fhir}/Patient/free`, { resourceType: 'Patient', id: 'free' });
  await send('PUT', `${house.fhir}/Claim/held`, whole({ resourceType: 'Claim', id: 'held', status: 'active' }));
  await house.sql.query(`update resource set authorization_id = gen_random_uuid() where id = 'held'`);
  const claim = whole({ resourceType: 'Claim', id: 'held', status: 'active' });
  expect(issues(await validate('Patient/free/$validate?mode=update', { resourceType: 'Patient', id: 'free' }))).toEqual([scope]);
  expect(issues(await validate('Patient/free/$validate?mode=update', { resourceType: 'Patient', id: 'other' }))).toEqual([['error', 'id-mismatch'], scope]);
  expect(issues(await validate('Patient/free/$validate?mode=update', { resourceType: 'Patient' }))).toEqual([['error', 'id-required'], scope]);
  expect(issues(await validate('Claim/held/$validate?mode=update', claim))).toContainEqual(['error', 'held-by-authorization']);
  for (const ask of [() => send('GET', `${house.fhir}/Claim/held/$validate?mode=delete`), () => validate('Claim/held/$validate?mode=delete', parameters())]) {
    expect(issues(await ask())).toEqual([['error', 'held-by-authorization'], scope]);
  }
  expect(issues(await send('GET', `${house.fhir}/Patient/free/$validate?mode=delete`))).toEqual([scope]);
  expect((await send('GET', `${house.fhir}/Patient/free`)).json.meta.versionId).toBe('1');
  expect((await send('GET', `${house.fhir}/Patient/nobody/$validate?mode=delete`)).status).toBe(404);
});

test('a stored resource against a profile', async () => {
  await send('PUT', `${house.fhir}/Patient/stored`, { resourceType: 'Patient', id: 'stored' });
  expect(issues(await send('GET', `${house.fhir}/Patient/stored/$validate?mode=profile&profile=urn:p`))).toEqual([['error', 'profile-unknown'], scope]);
  expect((await validate('Patient/stored/$validate?mode=profile', { resourceType: 'Patient' })).status).toBe(400);
});

test('a Parameters resource is itself validated where that is the type', async () => {
  expect(issues(await validate('Parameters/$validate', { resourceType: 'Parameters', parameter: [{ name: 'x', valueString: 'y' }] }))).toEqual([scope]);
  expect(issues(await validate('Parameters/$validate', parameters({ name: 'resource', resource: { resourceType: 'Parameters', parameter: 'x' } })))).toEqual([['error', 'element-form'], scope]);
});

test('one error of form does not hide the others', async () => {
  const answer = await validate('Patient/$validate', { resourceType: 'Patient', gender: 'U', birthDate: '01/02/1970', contact: [{ gender: 'male' }] });
  expect(issues(answer)).toEqual(expect.arrayContaining([['error', 'binding-required'], ['error', 'primitive-format'], ['error', 'constraint-failed']]));
});

test.each([
  ['entries that are no list', 'Bundle', { type: 'collection', entry: { resource: {} } }],
  ['entries that are nothing', 'Bundle', { type: 'document', entry: [null, 'x', { resource: null }, { resource: [] }, { fullUrl: 5, resource: { resourceType: 'Nothing' } }] }],
  ['a response with answers that are none', 'QuestionnaireResponse', { status: 'completed', questionnaire: '#q', contained: [{ resourceType: 'Questionnaire', id: 'q', status: 'active', item: [{ linkId: '1', type: 'quantity' }] }], item: [null, { linkId: 5, answer: [null, { valueQuantity: null }] }] }],
  ['meta that is none', 'Patient', { name: [[]], contact: { name: 5 }, contained: [5, null, { resourceType: 'Patient', contained: 'x' }], extension: [{ url: 5, valueString: {} }] }],
])('what has no form is told, and nothing fails: %s', async (_, type, content) => {
  const answer = await validate(`${type}/$validate`, { resourceType: type, ...content });
  expect([answer.status, issues(answer).some(([severity]) => severity === 'error')]).toEqual([200, true]);
});
