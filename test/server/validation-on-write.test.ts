/** What is written is validated as strictly as the tenant's policy says: refused with what is wrong and where, or told beside. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
let folder: string;
let house: TestHouse;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-test-policy-'));
  const file = join(folder, 'validation.yaml');
  await writeFile(file, `profiles:\n  ${usCore}|3.1.1: off\ntenants:\n  lax: { base: warn }\n  none: { base: off, claimed: off }\n  strict: { claimed: enforce, unknown: enforce, require: { Patient: ["${usCore}"] } }\n`);
  house = await openHouse({ environment: { PRIORA_VALIDATION: '', PRIORA_TENANTS: 'lax,none,strict', PRIORA_VALIDATION_POLICY: file } });
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

const at = (tenant?: string): string => tenant === undefined ? house.fhir : `${house.origin}/tenant/${tenant}/fhir`;
const told = ({ status, json }: TestAnswer): unknown => [status, ...(json?.issue ?? []).filter(({ severity }: { severity: string }) => severity !== 'information').map((issue: { severity: string; details: { coding: { code: string }[] }; expression: string[] }) => `${issue.severity} ${issue.details.coding.map(({ code }) => code).join(' ')} ${issue.expression[0]}`)];
const outcome = { prefer: 'return=OperationOutcome' };
const invalid = { resourceType: 'Patient', gender: 'man', contact: [{ gender: 'male' }] };
const claiming = { resourceType: 'Patient', meta: { profile: [usCore] }, gender: 'male', identifier: [{ system: 'urn:x', value: '1' }], name: [{ use: 'usual' }] };

test('by default the definitions of FHIR are enforced, all of what is wrong is told, and nothing is stored', async () => {
  const before = (await house.sql.query('select count(*)::integer as n from resource_history')).rows[0].n;
  expect(told(await send('POST', `${at()}/Patient`, invalid))).toEqual([422, 'error binding-required Patient.gender', 'error constraint-failed pat-1 Patient.contact[0]']);
  expect(told(await send('PUT', `${at()}/Patient/a`, { ...invalid, id: 'a' }))).toEqual([422, 'error binding-required Patient.gender', 'error constraint-failed pat-1 Patient.contact[0]']);
  expect((await house.sql.query('select count(*)::integer as n from resource_history')).rows[0].n).toBe(before);
});

test('in a transaction and in a batch, by entry', async () => {
  const entry = [{ resource: { resourceType: 'Patient', id: 'good' }, request: { method: 'PUT', url: 'Patient/good' } }, { resource: { ...invalid, contact: undefined }, request: { method: 'POST', url: 'Patient' } }];
  expect(told(await send('POST', at(), { resourceType: 'Bundle', type: 'transaction', entry }))).toEqual([422, 'error binding-required Bundle.entry[1].resource.gender']);
  expect((await send('GET', `${at()}/Patient/good`)).status).toBe(404);
  const { json } = await send('POST', at(), { resourceType: 'Bundle', type: 'batch', entry });
  expect(json.entry.map(({ response }: { response: { status: string } }) => response.status)).toEqual(['201', '422']);
});

test('what a patch makes of a resource', async () => {
  await send('PUT', `${at()}/Patient/patched`, { resourceType: 'Patient', id: 'patched', gender: 'male' });
  const patch = [{ op: 'replace', path: '/gender', value: 'man' }];
  expect(told(await send('PATCH', `${at()}/Patient/patched`, patch, { 'content-type': 'application/json-patch+json' }))).toEqual([422, 'error binding-required Patient.gender']);
  expect((await send('GET', `${at()}/Patient/patched`)).json.gender).toBe('male');
});

test('a profile that is claimed and not met: told, and written', async () => {
  expect(told(await send('POST', `${at()}/Patient`, claiming, outcome))).toEqual([201, 'warning constraint-failed us-core-6 Patient.name[0]']);
  expect(told(await send('POST', `${at()}/Patient`, { resourceType: 'Patient', meta: { profile: ['http://example.org/unknown'] } }, outcome))).toEqual([201, 'warning profile-unknown Patient.meta.profile[0]']);
});

test('a modifier extension that nobody knows is refused; once its definition is here, it is stored', async () => {
  const url = 'http://example.org/StructureDefinition/negated';
  const negated = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, modifierExtension: [{ url, valueBoolean: true }] };
  const plain = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, extension: [{ url: 'http://example.org/StructureDefinition/nowhere', valueBoolean: true }] };
  expect(told(await send('POST', `${at()}/Observation`, negated))).toEqual([422, 'error extension-unknown-modifier Observation.modifierExtension[0]']);
  expect(told(await send('POST', `${at('lax')}/Observation`, negated, outcome))).toEqual([201, 'warning extension-unknown-modifier Observation.modifierExtension[0]']);
  expect((await send('POST', `${at()}/Observation`, plain)).status).toBe(201);
  expect((await send('POST', `${at()}/StructureDefinition`, {
    resourceType: 'StructureDefinition', url, name: 'Negated', status: 'active', fhirVersion: '4.0.1', kind: 'complex-type', abstract: false, type: 'Extension', context: [{ type: 'element', expression: 'Observation' }],
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension', derivation: 'constraint',
    differential: { element: [{ id: 'Extension', path: 'Extension', isModifier: true, isModifierReason: 'negates' }, { id: 'Extension.url', path: 'Extension.url', fixedUri: url }, { id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: [{ code: 'boolean' }] }] },
  })).status).toBe(201);
  // A definition is there for all who ask after it was stored; $validate waits for it.
  expect(told(await send('POST', `${at()}/Observation/$validate`, negated))).toEqual([200]);
  expect((await send('POST', `${at()}/Observation`, negated)).status).toBe(201);
});

test('what $meta-add and $meta-delete make of a resource', async () => {
  const meta = (valueMeta: object): object => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] });
  const tag = [{ system: 'urn:tags', code: 'a' }];
  const { resourceType, gender, identifier } = claiming;
  await send('PUT', `${at('strict')}/Observation/plain`, { resourceType: 'Observation', id: 'plain', status: 'final', code: { text: 'x' } });
  expect(told(await send('POST', `${at('strict')}/Observation/plain/$meta-add`, meta({ profile: ['http://example.org/unknown'] })))).toEqual([422, 'error profile-unknown Observation.meta.profile[0]']);
  expect(told(await send('POST', `${at('strict')}/Observation/plain/$meta-add`, meta({ profile: [usCore] })))).toEqual([422, 'error profile-type Observation']);
  const entry = [{ resource: meta({ profile: ['http://example.org/unknown'] }), request: { method: 'POST', url: 'Observation/plain/$meta-add' } }];
  expect((await send('POST', at('strict'), { resourceType: 'Bundle', type: 'batch', entry })).json.entry[0].response.status).toBe('422');
  expect((await send('GET', `${at('strict')}/Observation/plain`)).json.meta.versionId).toBe('1');
  expect(told(await send('POST', `${at('strict')}/Observation/plain/$meta-add`, meta({ tag })))).toEqual([200]);
  // Stored before the profile was required.
  const met = { resourceType, id: 'met', gender, identifier, name: [{ family: 'x' }], meta: { tag } };
  expect((await send('PUT', `${at('strict')}/Patient/met`, met)).status).toBe(201);
  await house.sql.query(`update resource set content = replace(content, '"family":"x"', '"use":"usual"') where id = 'met'`);
  expect(told(await send('POST', `${at('strict')}/Patient/met/$meta-delete`, meta({ tag })))).toEqual([422, 'error constraint-failed us-core-6 Patient.name[0]']);
  expect((await send('GET', `${at('strict')}/Patient/met`)).json.meta.tag).toEqual(tag);
});

test('what only warns hides nothing that is enforced, and what is too much to look through is not written', async () => {
  const url = 'http://example.org/StructureDefinition/short';
  expect((await send('POST', `${at()}/StructureDefinition`, {
    resourceType: 'StructureDefinition', url, name: 'Short', status: 'active', fhirVersion: '4.0.1', kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', differential: { element: [{ id: 'Patient.name.given', path: 'Patient.name.given', maxLength: 1 }] },
  })).status).toBe(201);
  const flood = (errors: number, more: object = {}): object => ({
    resourceType: 'Basic', code: { text: 'x' }, subject: { reference: '#a' }, author: { reference: '#b' },
    contained: [{ resourceType: 'Patient', id: 'a', meta: { profile: [url] }, name: [{ given: Array.from({ length: errors }, () => 'ab') }] }, { resourceType: 'Patient', id: 'b', ...more }],
  });
  expect(told(await send('POST', `${at()}/Basic`, flood(150, { gender: 'man' })))).toContain('error binding-required Basic.contained[1].gender');
  expect((await send('POST', `${at()}/Basic`, flood(150))).status).toBe(201);
  expect(told(await send('POST', `${at()}/Basic`, flood(10_500, { gender: 'man' })))).toContain('error validation-stopped Basic');
  // Where all of it only warns, nothing is lost.
  expect((await send('POST', `${at('lax')}/Basic`, flood(10_500, { gender: 'man' }))).status).toBe(201);
});

test('what the specification says in words is told, and written', async () => {
  const identifier = [{ system: 'mrn', value: '1' }];
  const coded = { coding: [{ system: 'http://hl7.org/fhir/observation-status', code: 'done' }, { system: 'http://unitsofmeasure.org', code: 'mmHg!' }] };
  expect(told(await send('POST', `${at()}/Observation`, { resourceType: 'Observation', status: 'final', code: coded, subject: { reference: 'somebody' } }, outcome))).toEqual([
    201, 'warning code-unknown Observation.code.coding[0].code', 'warning unit-unknown Observation.code.coding[1].code', 'warning reference-form Observation.subject.reference',
  ]);
  expect(told(await send('POST', `${at()}/Observation`, { resourceType: 'Observation', status: 'final', code: { text: 'x' }, identifier }, outcome))).toEqual([201, 'warning identifier-system Observation.identifier[0].system']);
});

test('other tenants, other rules', async () => {
  expect(told(await send('POST', `${at('lax')}/Patient`, invalid, outcome))).toEqual([201, 'warning binding-required Patient.gender', 'warning constraint-failed pat-1 Patient.contact[0]']);
  expect(told(await send('POST', `${at('none')}/Patient`, invalid, outcome))).toEqual([201]);
  expect(told(await send('POST', `${at('strict')}/Patient`, claiming))).toEqual([422, 'error constraint-failed us-core-6 Patient.name[0]']);
  expect(told(await send('POST', `${at('strict')}/Patient`, { resourceType: 'Patient', meta: { profile: ['http://example.org/unknown'] } }))).toContain('error profile-unknown Patient.meta.profile[0]');
  expect(told(await send('POST', `${at('strict')}/Patient`, { resourceType: 'Patient' }))).toContain('error element-missing Patient');
});

test('the metric counts verdicts', async () => {
  const metrics = await (await fetch(`${house.origin}/metrics`)).text();
  for (const verdict of ['valid', 'warned', 'refused']) expect(metrics).toMatch(new RegExp(`priora_validations_total\\{verdict="${verdict}"\\} [1-9]`));
});

test('what is wrong tells no value that was sent', async () => {
  const { text } = await send('POST', `${at()}/Patient`, { resourceType: 'Patient', gender: 'Mrs-Secret', birthDate: '1970-01-01', name: [{ family: 'Secret-Name' }] });
  expect(text).not.toMatch(/Secret/);
});

test('a profile that a tenant has stored holds at once, changes at once, and is no other tenant\'s', async () => {
  const url = 'http://example.org/StructureDefinition/named';
  const profile = (min: number): object => ({
    resourceType: 'StructureDefinition', id: 'named', url, name: 'Named', status: 'active', kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min }] },
  });
  const claim = { resourceType: 'Patient', meta: { profile: [url] } };
  expect((await send('PUT', `${at('strict')}/StructureDefinition/named`, profile(1))).status).toBe(201);
  const wanted = told(await send('POST', `${at('strict')}/Patient`, claim)) as unknown[];
  expect(wanted).toContain('error element-missing Patient');
  expect(wanted.filter((one) => String(one).startsWith('error profile-unknown'))).toEqual([]);
  expect(told(await send('POST', `${at()}/Patient`, claim, outcome))).toEqual([201, 'warning profile-unknown Patient.meta.profile[0]']);
  expect(told(await send('POST', `${at()}/Patient/$validate?profile=${url}`, { resourceType: 'Patient' }))).toEqual([200, 'error profile-unknown Patient']);
  expect(told(await send('POST', `${at('strict')}/Patient/$validate?profile=${url}`, { resourceType: 'Patient' }))).toEqual([200, 'error element-missing Patient']);
  expect((await send('PUT', `${at('strict')}/StructureDefinition/named`, profile(0))).status).toBe(200);
  expect(told(await send('POST', `${at('strict')}/Patient/$validate?profile=${url}`, { resourceType: 'Patient' }))).toEqual([200]);
});
