/** $translate by concept maps that packages bring: for every tenant, by url or without, until the package goes. */
import { readShippedPackages } from '../../profiles/packages/shipped.ts';
import { addPackage } from '../../store/packages/add.ts';
import { openPackage } from '../../store/packages/package-source.ts';
import { removePackage } from '../../store/packages/remove.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { Workshop } from './releases.ts';

let house: TestHouse;
const workshop = new Workshop();
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_TENANTS: 'other' } }); });
afterAll(async () => {
  await house.close();
  await workshop.clean();
});

const map = (version: string, target: string): object => ({
  resourceType: 'ConceptMap', id: 'places', url: 'urn:places', version, status: 'active', sourceCanonical: 'urn:from-set', targetCanonical: 'urn:to-set',
  group: [{ source: 'urn:from', target: 'urn:to', element: [{ code: 'home', target: [{ code: target, display: 'At home', equivalence: 'wider' }] }, { code: 'lost', target: [{ equivalence: 'unmatched' }] }], unmapped: { mode: 'fixed', code: 'else', display: 'Elsewhere' } }],
});

async function add(version: string, ...resources: readonly object[]): Promise<void> {
  const files = Object.fromEntries(resources.map((resource, place) => [`package/${place}.json`, JSON.stringify(resource)]));
  const folder = await workshop.folder('maps', { 'package/package.json': JSON.stringify({ name: 'example.maps', version, fhirVersions: ['4.0.1'] }), ...files });
  await addPackage(await openPackage(folder), { database: house.server.house.database, shipped: readShippedPackages(), now: () => house.clock.now, onInstalled: () => {}, onMissing: () => {} });
}

interface Part { readonly name: string; readonly part?: readonly Part[]; readonly valueBoolean?: boolean; readonly valueCode?: string; readonly valueUri?: string; readonly valueCoding?: { readonly code: string } }
const translate = (query: string, base = house.fhir): Promise<TestAnswer> => send('GET', `${base}/ConceptMap/$translate?${query}`);
const told = ({ status, json }: TestAnswer): unknown[] => [status, ...((json as { parameter?: Part[] }).parameter ?? []).flatMap(({ name, part = [], valueBoolean }): unknown[] => {
  const of = (wanted: string): Part | undefined => part.find((one) => one.name === wanted);
  return name === 'result' ? [valueBoolean] : name === 'match' ? [`${of('concept')!.valueCoding!.code} ${of('equivalence')!.valueCode!} ${of('source')!.valueUri!}`] : [];
})];

test('unknown until its package is installed', async () => {
  expect((await translate('url=urn:places&system=urn:from&code=home')).status).toBe(404);
  expect(told(await translate('system=urn:from&code=home'))).toEqual([200, false]);
});

test('by url, without one, between value sets, and the other way; what is not mapped; in every tenant', async () => {
  await add('1.0.0', map('1', 'house'));
  for (const base of [house.fhir, `${house.origin}/tenant/other/fhir`]) {
    for (const query of ['url=urn:places&', 'url=urn:places&conceptMapVersion=1&', 'source=urn:from-set&target=urn:to-set&', 'targetsystem=urn:to&', '']) expect(told(await translate(`${query}system=urn:from&code=home`, base))).toEqual([200, true, 'house wider urn:places|1']);
    expect(told(await translate('system=urn:to&code=house&reverse=true', base))).toEqual([200, true, 'home narrower urn:places|1']);
  }
  expect(told(await translate('url=urn:places&system=urn:from&code=lost'))).toEqual([200, false]);
  expect(told(await translate('url=urn:places&system=urn:from&code=sea'))).toEqual([200, true, 'else inexact urn:places|1']);
  expect(told(await translate('source=urn:other-set&system=urn:from&code=home'))).toEqual([200, false]);
  expect((await translate('url=urn:places&conceptMapVersion=2&system=urn:from&code=home')).status).toBe(404);
});

test('versions of it stand side by side, and a tenant\'s own goes before that of a package', async () => {
  await add('2.0.0', map('2', 'building'));
  expect(told(await translate('url=urn:places%7C1&system=urn:from&code=home'))).toEqual([200, true, 'house wider urn:places|1']);
  expect(told(await translate('url=urn:places%7C2&system=urn:from&code=home'))).toEqual([200, true, 'building wider urn:places|2']);
  // Where none is named the latest is meant.
  for (const query of ['url=urn:places&', 'source=urn:from-set&', '']) expect(told(await translate(`${query}system=urn:from&code=home`))).toEqual([200, true, 'building wider urn:places|2']);
  expect((await send('PUT', `${house.fhir}/ConceptMap/mine`, { ...map('2', 'tent'), id: 'mine' })).status).toBe(201);
  expect(told(await translate('url=urn:places%7C2&system=urn:from&code=home'))).toEqual([200, true, 'tent wider urn:places|2']);
  expect(told(await translate('url=urn:places%7C2&system=urn:from&code=home', `${house.origin}/tenant/other/fhir`))).toEqual([200, true, 'building wider urn:places|2']);
  await send('DELETE', `${house.fhir}/ConceptMap/mine`);
});

test('gone with its package', async () => {
  await removePackage(house.server.house.database, 'example.maps', '2.0.0', house.clock.now);
  expect((await translate('url=urn:places%7C2&system=urn:from&code=home')).status).toBe(404);
  expect(told(await translate('url=urn:places&system=urn:from&code=home'))).toEqual([200, true, 'house wider urn:places|1']);
  await removePackage(house.server.house.database, 'example.maps', '1.0.0', house.clock.now);
  expect((await translate('url=urn:places&system=urn:from&code=home')).status).toBe(404);
});
