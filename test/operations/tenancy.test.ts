/** Operations see what their request may see: nothing of another tenant, by whatever way it is asked for. */
import { standardParameters } from '../../fhir/search-parameters.ts';
import type { Context } from '../../store/context.ts';
import { ensureTenant } from '../../store/tenants.ts';
import { commit } from '../../store/write/commit.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse();
  const { database, clock } = house.server.house;
  const tenant = await ensureTenant(database, 'other', clock.now());
  const context: Context = { tenant, base: house.fhir, parameters: standardParameters, access: { tenant: tenant.id }, actor: 'test', request: 'test', now: clock.now, random: clock.random };
  await commit(database, [
    { kind: 'update', resource: { resourceType: 'Patient', id: 'theirs', active: true, meta: { tag: [{ system: 'urn:t', code: 'theirs' }] } } },
    { kind: 'update', resource: { resourceType: 'Patient', id: 'ours', active: true } },
    { kind: 'update', resource: { resourceType: 'Organization', id: 'theirs' } },
    { kind: 'update', resource: { resourceType: 'Encounter', id: 'visit', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/ours' } } },
    { kind: 'update', resource: { resourceType: 'Observation', id: 'theirs', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/ours' }, encounter: { reference: 'Encounter/visit' } } },
  ], context);
  // Of the same names, and referring to what only the others have.
  await send('PUT', `${house.fhir}/Patient/ours`, { resourceType: 'Patient', id: 'ours', managingOrganization: { reference: 'Organization/theirs' } });
  await send('PUT', `${house.fhir}/Encounter/visit`, { resourceType: 'Encounter', id: 'visit', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/ours' } });
});
afterAll(async () => { await house.close(); });

test.each(['Patient/theirs/$everything', 'Patient/theirs/$meta', 'Patient/theirs/_history/1/$meta', 'Patient/theirs/$graphql?query={id}', 'Patient/theirs/$validate?mode=delete'])('what only they have is not known: %s', async (path) => {
  const answer = await send('GET', `${house.fhir}/${path}`);
  expect([path, answer.status]).toEqual([path, 404]);
});

test.each(['$meta-add', '$meta-delete'])('what only they have cannot be labelled: %s', async (operation) => {
  const answer = await send('POST', `${house.fhir}/Patient/theirs/${operation}`, { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'theirs' }] } }] });
  expect(answer.status).toBe(404);
});

test.each([
  'Patient/ours/$everything', 'Patient/$everything', 'Encounter/visit/$everything', '$meta', 'Patient/$meta',
  `$graphql?query=${encodeURIComponent('{ Patient(id: theirs) { active } PatientList(active: true) { active } ObservationList { status } PatientConnection { count edges { resource { active } } } all: PatientList { ObservationList(_reference: patient) { status } managingOrganization { resource(optional: true) { id } } } }')}`,
])('nothing of theirs comes along: %s', async (path) => {
  const answer = await send('GET', `${house.fhir}/${path}`);
  expect(answer.status).toBe(200);
  // Our own reference to what they have is ours to keep.
  expect(answer.text.replaceAll('"reference":"Organization/theirs"', '')).not.toMatch(/theirs"|"active":true|"final"|"count":2/);
});

test('what only they have is no target', async () => {
  const answer = await send('POST', `${house.fhir}/Patient/$validate`, { resourceType: 'Patient', managingOrganization: { reference: 'Organization/theirs' } });
  expect(answer.json.issue[0].details.coding[0].code).toBe('target-unknown');
});
