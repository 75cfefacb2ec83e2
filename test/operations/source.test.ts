/** $source: where did this value come from? */
import type { Bundle, Patient, Provenance } from '@medplum/fhirtypes';
import { valueSourceUrl } from '../../operations/source/operation.ts';
import { takeMessages } from '../../operations/intake/take-messages.ts';
import { serverContext } from '../../server/publish-definitions.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { letterRail, letters } from './intake/letters.ts';

let house: TestHouse;
let id: string;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_TENANTS: 'other' } });
  const context = serverContext(house.server.house, 'test');
  for (const text of [
    letters({ id: '1', record: 's1', family: 'Quist', given: 'Ann', birthDate: '1970-01-02', city: 'Kiel' }),
    letters({ id: '2', sender: 'north', record: 's1', given: 'Ann', family: 'Quist', member: 'M5', city: 'Bonn', gender: 'female' }),
    letters({ id: '3', record: 's1', family: 'Quist', given: 'Ann', gender: '""' }),
  ]) {
    house.clock.advance(1000);
    await takeMessages(house.server.house.intake, letterRail(), { sender: 'post', mediaType: 'text/plain', body: Buffer.from(text) }, context);
  }
  const [entry] = ((await send('GET', `${house.fhir}/Patient?identifier=s1`)).json as Bundle<Patient>).entry!;
  ({ id } = entry!.resource as { id: string });
});
afterAll(async () => { await house.close(); });

const ask = (query: string, of = `Patient/${id}`): Promise<TestAnswer> => send('GET', `${house.fhir}/${of}/$source${query}`);
/** What is told of each value: path, place, version. */
const told = (answer: TestAnswer): unknown[] => (answer.json as Bundle).entry!.flatMap(({ resource }) => resource?.resourceType !== 'Provenance' ? [] : (resource).extension!.map(({ url, extension }) => {
  expect(url).toBe(valueSourceUrl);
  const part = (name: string): unknown => { const found = extension!.find((one) => one.url === name); return found && (found.valueString ?? found.valuePositiveInt ?? found.valueBoolean); };
  return [part('path'), `${String(part('source'))}:${String(part('line'))}`, part('rule'), Number(/_history\/(\d+)/.exec(resource.target[0]!.reference!)![1]), ...(part('erased') === true ? ['erased'] : [])];
}));

describe('Refused', () => {
  test.each([['?path=a b', 400, 'invalid-operation-parameter'], ['?path=name[x]', 400, 'invalid-operation-parameter'], ['?path=', 400, 'invalid-operation-parameter'], ['?what=x', 400, 'unknown-operation-parameter']])('%s', async (query, status, code) => {
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(code);
  });
  test('of what is not there, and of what is another tenant\'s', async () => {
    expect((await ask('', 'Patient/nobody')).status).toBe(404);
    expect((await send('GET', `${house.origin}/tenant/other/fhir/Patient/${id}/$source`)).status).toBe(404);
  });
});

test('a value is told with its place, its rule, and the version that it came in', async () => {
  const answer = await ask('?path=birthDate');
  expect(told(answer)).toEqual([['birthDate', 'birthDate:6', 'letter/birthDate', 1]]);
  const [provenance] = (answer.json as Bundle<Provenance>).entry!;
  expect(provenance!.resource).toMatchObject({ agent: [{ who: { display: 'House north' } }, { who: { display: 'post' } }], entity: [{ role: 'source' }] });
  expect((await send('POST', `${house.fhir}/Provenance/$validate`, provenance!.resource)).json).toMatchObject({ issue: expect.not.arrayContaining([expect.objectContaining({ severity: 'error' })]) as unknown });
});

test('an element is told with all that is in it, and one of a list wherever it stands', async () => {
  expect(told(await ask('?path=Patient.identifier[1]'))).toEqual([['identifier[1].value', 'member:6', 'letter/member', 2]]);
  expect(told(await ask('?path=name'))).toEqual([['name[0].family', 'family:4', 'letter/family', 3], ['name[0].given[0]', 'given:5', 'letter/given', 3]]);
});

test('all of a resource, by the newest message first', async () => {
  const all = told(await ask('')) as [string, string, string, number][];
  expect(all.map(([path, , , version]) => `${path}@${version}`)).toEqual(expect.arrayContaining(['name[0].family@3', 'address[0].city@2', 'identifier[1].value@2', 'birthDate@1']));
  expect(all.map(([, , , version]) => version)).toEqual(all.map(([, , , version]) => version).toSorted((a, b) => b - a));
});

test('what the sender erased is told as that', async () => {
  expect(told(await ask('?path=gender'))).toEqual([['gender', 'gender:6', 'letter/gender', 3, 'erased']]);
});

test('an earlier version has the sources of its own values', async () => {
  expect(told(await ask('?path=address', `Patient/${id}/_history/1`))).toEqual([['address[0].city', 'city:7', 'letter/city', 1]]);
});

test('what a client wrote came from no message, and that is told', async () => {
  const stored = (await send('GET', `${house.fhir}/Patient/${id}`)).json as Patient;
  await send('PUT', `${house.fhir}/Patient/${id}`, { ...stored, birthDate: '1999-09-09', active: true });
  const answer = await ask('?path=birthDate');
  expect(answer.json).toMatchObject({ total: 0, entry: [{ search: { mode: 'outcome' }, resource: { issue: [{ severity: 'information', details: { coding: [{ code: 'source-unknown' }] } }] } }] });
  expect(told(await ask('?path=address'))).toEqual([['address[0].city', 'city:7', 'letter/city', 2]]);
});
