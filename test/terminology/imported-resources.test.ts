/** Imported code systems as CodeSystem resources: found and read like others, without their concepts, and written by the import alone. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Bundle, CodeSystem } from '@medplum/fhirtypes';
import { publishImported } from '../../operations/terminology/publish-imported.ts';
import { startServer } from '../../server/main.ts';
import { serverContext } from '../../server/publish-definitions.ts';
import { rebuildTerminology } from '../../store/jobs/terminology.ts';
import { importRelease } from '../../store/terminology/import.ts';
import { removeInstalledSystems } from '../../store/terminology/import-list.ts';
import { installTerminology } from '../../store/terminology/write.ts';
import { openFiles } from '../../terminology/import/files.ts';
import { openRelease, type ImportOptions } from '../../terminology/import/formats.ts';
import { importedId } from '../../terminology/imported-id.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { csv, hcpcsLine, orderLine, rf2, rrf, Workshop } from './releases.ts';

let house: TestHouse;
const workshop = new Workshop();
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_TENANTS: 'other', PRIORA_JOBS: '0' } }); });
afterAll(async () => {
  await house.close();
  await workshop.clean();
});

const [root, isA, site, plague] = ['138875005', '116680003', '900000001', '900000002'];
const inventions = {
  snomed: async () => load('snomed', await workshop.folder('SnomedCT_Invention', rf2([{ id: root, name: 'Everything' }, { id: isA, name: 'Is a', parents: [root] }, { id: site, name: 'Site of glorp', parents: [root] }, { id: plague, name: 'Glorp plague', parents: [root], attributes: [[1, site, root]] }]))),
  loinc: async () => load('loinc', await workshop.folder('Loinc_2.99', { 'LoincTable/Loinc.csv': csv([['LOINC_NUM', 'COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP', 'CLASS', 'STATUS', 'LONG_COMMON_NAME', 'SHORTNAME', 'CONSUMER_NAME'], ['9999-1', 'Glorp', 'MCnc', 'Pt', 'Bld', 'Qn', '', 'CHEM', 'ACTIVE', 'Glorp in Blood', 'Glorp Bld', '']]) })),
  rxnorm: async () => load('rxnorm', await workshop.folder('RxNorm_full_01052026', {
    'rrf/RXNCONSO.RRF': rrf([['1', 'ENG', '', '', '', '', '', '10', '', '', '', 'RXNORM', 'IN', '1', 'glorpine', '', 'N', '']]), 'rrf/RXNREL.RRF': rrf([['1', '', 'CUI', 'RO', '2', '', 'CUI', 'has_form', '', '', 'OTHER', '', '', '', '', '']]), 'rrf/RXNSAT.RRF': rrf([['1', '', '', '', 'CUI', '1', '', '', 'NDC', 'RXNORM', '99999000111', 'N', '']]),
  })),
  icd: async () => load('icd-10-cm', await workshop.file('icd10cm_order_2026.txt', orderLine(1, 'Z99', false, 'Glorp') + orderLine(2, 'Z991', true, 'Glorp of arm'))),
  hcpcs: async () => load('hcpcs', await workshop.file('HCPC2026_JAN_ANWEB.txt', hcpcsLine('Z9001', '3', 'Glorp remover', { added: '20260101' }))),
  cpt: async () => load('cpt', await workshop.file('LONGULT.txt', '9990Z\tInvented procedure\n'), { version: '2026' }),
  x12: async () => load('x12', await workshop.file('306.csv', csv([['code', 'display'], ['A9', 'Invented action']])), { system: 'https://codesystem.x12.org/005010/306', version: '005010' }),
  csv: async () => load('csv', await workshop.file('list.csv', csv([['code', 'display', 'parent', 'colour'], ['a', 'First glorp', '', 'red'], ['b', 'Second glorp', 'a', '']])), { system: 'urn:list', version: '7' }),
};

async function load(format: string, path: string, options: ImportOptions = {}, tenant = 0): Promise<string> {
  const files = await openFiles(path);
  try {
    const { url, version } = await importRelease(house.server.house.database, files, await openRelease(format, files, options), { tenant, format, now: () => house.clock.now, onProgress: () => {} });
    await publish();
    return importedId(url, version);
  } finally {
    files.close();
  }
}

/** What the command does behind an import. */
async function publish(): Promise<void> {
  const { server } = house;
  for (const tenant of server.house.tenants) await publishImported(server.house.database, serverContext(server.house, 'test', tenant));
}

const other = (): string => `${house.origin}/tenant/other/fhir`;
const found = async (query: string, base = house.fhir): Promise<CodeSystem[]> => ((await send('GET', `${base}/CodeSystem?${query}`)).json as Bundle).entry?.map(({ resource }) => resource as CodeSystem) ?? [];
const codeOf = ({ status, json }: TestAnswer): unknown[] => [status, (json as { issue?: { details?: { coding?: { code: string }[] } }[] }).issue?.[0]?.details?.coding?.[0]?.code];
const historyOf = async (id: string): Promise<number> => ((await send('GET', `${house.fhir}/CodeSystem/${id}/_history`)).json as Bundle).total!;

test.each(Object.keys(inventions) as (keyof typeof inventions)[])('%s: read and found, by every tenant, and nothing of its content with it', async (format) => {
  const id = await inventions[format]();
  const { status, json, text } = await send('GET', `${house.fhir}/CodeSystem/${id}`);
  const read = json as CodeSystem;
  expect([status, read.content, read.status, read.concept]).toEqual([200, 'not-present', 'active', undefined]);
  expect(read.count).toBe({ snomed: 4, icd: 2, csv: 2 }[format as string] ?? 1);
  for (const told of [read.url, read.version, read.name, read.title]) expect(told).toMatch(/./);
  expect(text).not.toMatch(/glorp|invented/i);
  for (const base of [house.fhir, other()]) expect(await found(`url=${encodeURIComponent(read.url!)}&version=${encodeURIComponent(read.version!)}`, base)).toMatchObject([{ id, url: read.url }]);
  expect((await found(`name=${read.name!}`)).map((one) => one.id)).toContain(id);
});

test('hierarchy, filters and properties are told: those that its publisher names, and those that its concepts have', async () => {
  const [snomed] = await found('url=http://snomed.info/sct');
  expect(snomed).toMatchObject({ hierarchyMeaning: 'is-a', compositional: true, valueSet: 'http://snomed.info/sct?fhir_vs', filter: [{ code: 'constraint', operator: ['='] }, { code: 'concept' }] });
  expect(snomed!.property!.map(({ code, type }) => `${code} ${type}`)).toEqual(expect.arrayContaining(['inactive boolean', 'parent code', `${site} code`]));
  expect(snomed!.property!.filter(({ code }) => code === 'inactive')).toHaveLength(1);
  const [list] = await found('url=urn:list');
  expect(list!.property).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'colour', type: 'string' })]));
});

test('its operations are those of the tables', async () => {
  const id = importedId('urn:list', '7');
  expect((await send('GET', `${house.fhir}/CodeSystem/${id}/$lookup?code=b`)).json).toMatchObject({ parameter: expect.arrayContaining([{ name: 'display', valueString: 'Second glorp' }]) as unknown });
  expect((await send('GET', `${house.fhir}/CodeSystem/${id}/$subsumes?codeA=a&codeB=b`)).json).toMatchObject({ parameter: [{ name: 'outcome', valueCode: 'subsumes' }] });
  expect((await send('GET', `${house.fhir}/CodeSystem/$lookup?system=urn:list&code=b`)).status).toBe(200);
  expect(codeOf(await send('GET', `${house.fhir}/CodeSystem/${importedId('urn:list', '8')}/$lookup?code=b`))).toEqual([404, 'not-found']);
  expect((await house.sql.query('select from code_system where resource_id is not null')).rowCount).toBe(0);
  expect(await rebuildTerminology(house.server.house.database, new AbortController().signal)).toBe(0);
});

describe('refused', () => {
  const at = (path = ''): string => `${house.fhir}/CodeSystem/${importedId('urn:list', '7')}${path}`;
  const own = { resourceType: 'CodeSystem', id: importedId('urn:list', '7'), url: 'urn:list', version: '7', status: 'retired', content: 'not-present' };
  const tag = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 't' }] } }] };
  test.each<[what: string, ask: () => Promise<TestAnswer>]>([
    ['PUT', () => send('PUT', at(), own)],
    ['PUT under the id of an import that is not there', () => send('PUT', `${house.fhir}/CodeSystem/${importedId('urn:none', '1')}`, { ...own, id: importedId('urn:none', '1') })],
    ['PUT by criteria', () => send('PUT', `${house.fhir}/CodeSystem?url=urn:list&version=7`, { ...own, id: undefined })],
    ['PATCH', () => send('PATCH', at(), [{ op: 'replace', path: '/status', value: 'retired' }], { 'content-type': 'application/json-patch+json' })],
    ['DELETE', () => send('DELETE', at())],
    ['DELETE by criteria', () => send('DELETE', `${house.fhir}/CodeSystem?url=urn:list`)],
    ['$meta-add', () => send('POST', at('/$meta-add'), tag)],
    ['a transaction', () => send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: `CodeSystem/${own.id}` } }] })],
  ])('%s', async (_, ask) => {
    const answer = await ask();
    expect(codeOf(answer)).toEqual([409, 'held-by-import']);
    expect(answer.text).toContain('priora terminology');
    expect(await found('url=urn:list')).toMatchObject([{ status: 'active' }]);
  });
});

test('a posted one of the same url and version is the tenant\'s own, and goes before it until it is deleted', async () => {
  const mine = { resourceType: 'CodeSystem', url: 'urn:list', version: '7', name: 'Mine', status: 'active', content: 'complete', concept: [{ code: 'b', display: 'My own b' }] };
  const posted = await send('POST', `${house.fhir}/CodeSystem`, mine);
  expect(posted.status).toBe(201);
  const lookup = async (base: string, at = 'CodeSystem/$lookup?system=urn:list&code=b'): Promise<string> => (await send('GET', `${base}/${at}`)).text;
  expect(await lookup(house.fhir)).toContain('My own b');
  expect(await lookup(other())).toContain('Second glorp');
  expect((await found('url=urn:list&_sort=name')).map(({ name }) => name)).toEqual(['Mine', 'Table']);
  await publish();
  expect(await lookup(house.fhir)).toContain('My own b');
  expect(await lookup(house.fhir, `CodeSystem/${importedId('urn:list', '7')}/$lookup?code=b`)).toContain('Second glorp');
  await send('DELETE', `${house.fhir}/CodeSystem/${(posted.json as { id: string }).id}`);
  expect(await lookup(house.fhir)).toContain('Second glorp');
});

test('told once, and anew where the version is imported with other content', async () => {
  const id = importedId('urn:list', '7');
  const before = await historyOf(id);
  await Promise.all([publish(), publish()]);
  expect(await historyOf(id)).toBe(before);
  await load('csv', await workshop.file('longer.csv', csv([['code', 'display'], ['a', '1'], ['b', '2'], ['c', '3']])), { system: 'urn:list', version: '7' });
  expect(await found('url=urn:list')).toMatchObject([{ id, count: 3, meta: { versionId: String(before + 1) } }]);
});

test('two who publish at the same moment write it once', async () => {
  const { database } = house.server.house;
  const files = await openFiles(await workshop.file('two.csv', csv([['code'], ['a']])));
  await importRelease(database, files, await openRelease('csv', files, { system: 'urn:two', version: '1' }), { tenant: 0, format: 'csv', now: () => house.clock.now, onProgress: () => {} });
  files.close();
  await Promise.all([publish(), publish(), publish()]);
  expect(await historyOf(importedId('urn:two', '1'))).toBe(1);
});

test('a tenant\'s own import is told to that tenant alone, in the place of the shared one', async () => {
  const id = await load('csv', await workshop.file('mine.csv', csv([['code'], ['a']])), { system: 'urn:list', version: '7' }, house.server.house.tenants[1]!.id);
  expect(await found('url=urn:list', other())).toMatchObject([{ id, count: 1 }]);
  expect(await found('url=urn:list')).toMatchObject([{ id, count: 3 }]);
});

test('what packages bring is told by them, and not as imported', async () => {
  await installTerminology(house.server.house.database, [{ resourceType: 'CodeSystem', url: 'urn:of-package', status: 'active', content: 'complete', concept: [{ code: 'a' }] }], 'hl7.example#1.0.0', house.clock.now);
  await publish();
  expect(await found('url=urn:of-package')).toEqual([]);
});

test('a server that starts tells tenants that are new', async () => {
  const { configuration } = house.server.house;
  const later = await startServer({ ...configuration, tenants: [...configuration.tenants, 'third'] });
  try {
    expect(await found('url=urn:list', `${later.address}/tenant/third/fhir`)).toMatchObject([{ count: 3 }]);
  } finally {
    await later.stop();
  }
});

test('the command tells of what it imports, and of what it removes no more', async () => {
  const command = (...words: string[]): Promise<number | null> => new Promise((resolve) => {
    spawn(process.execPath, [join(process.cwd(), 'bin', 'priora.mjs'), 'terminology', ...words], { env: { ...process.env, DATABASE_URL: house.databaseUrl }, stdio: 'ignore' }).on('close', resolve);
  });
  expect(await command('import', 'csv', await workshop.file('command.csv', csv([['code'], ['a']])), '--system', 'urn:command', '--version', '1')).toBe(0);
  for (const base of [house.fhir, other()]) expect(await found('url=urn:command', base)).toMatchObject([{ count: 1 }]);
  expect(await command('remove', 'urn:command')).toBe(0);
  for (const base of [house.fhir, other()]) expect(await found('url=urn:command', base)).toEqual([]);
  expect(codeOf(await send('GET', `${house.fhir}/CodeSystem/${importedId('urn:command', '1')}`))).toEqual([410, 'gone']);
}, 60_000);

test('of what is removed nothing is left, and what is imported again is told again', async () => {
  await removeInstalledSystems(house.server.house.database, 0, 'http://snomed.info/sct', undefined);
  await publish();
  expect(await found('url=http://snomed.info/sct')).toEqual([]);
  await inventions.snomed();
  expect(await found('url=http://snomed.info/sct')).toMatchObject([{ count: 4 }]);
});
