/** Packages in the store: installed whole or not at all, several versions side by side, for all tenants. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Problem } from '../../../fhir/problems.ts';
import { readShippedPackages } from '../../../profiles/packages/shipped.ts';
import { openDatabase, type Database } from '../../../store/database.ts';
import { addPackage, type AddOptions } from '../../../store/packages/add.ts';
import { createDefinitionsCache, type DefinitionsCache } from '../../../store/packages/cache.ts';
import { readInstalled } from '../../../store/packages/definitions.ts';
import { installPackage, type Installed } from '../../../store/packages/install.ts';
import { installedPackages } from '../../../store/packages/list.ts';
import { openPackage, type PackageSource } from '../../../store/packages/package-source.ts';
import { openRegistry } from '../../../store/packages/registry.ts';
import { removePackage } from '../../../store/packages/remove.ts';
import { ensureTenant } from '../../../store/tenants.ts';
import { commit } from '../../../store/write/commit.ts';
import { tarOf, type ArchiveEntry } from '../../profiles/archives.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';

let database: Database;
let drop: () => Promise<void>;
let folder: string;
const shipped = readShippedPackages();
const now = (): Date => new Date('2026-03-02T09:00:00Z');
const patientProfile = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';

beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
  folder = await mkdtemp(join(tmpdir(), 'priora-packages-test-'));
});
afterAll(async () => {
  await database.close();
  await drop();
  await rm(folder, { recursive: true, force: true });
});

interface Described {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly fhirVersions?: readonly string[];
}

/** A profile of US Core's Patient, as a differential. */
function profile(version: string, element: readonly object[] = [{ path: 'Patient.birthDate', min: 1 }], more: object = {}): object {
  return { resourceType: 'StructureDefinition', url: 'http://example.org/profile', version, kind: 'resource', type: 'Patient', derivation: 'constraint', baseDefinition: patientProfile, differential: { element }, ...more };
}

const codeSystem = (version: string, ...codes: readonly string[]): object => ({ resourceType: 'CodeSystem', url: 'http://example.org/codes', version, content: 'complete', concept: codes.map((code) => ({ code })) });

function entriesOf(manifest: Described, resources: readonly object[]): ArchiveEntry[] {
  return [{ name: 'package/package.json', content: JSON.stringify(manifest) }, ...resources.map((resource, place) => ({ name: `package/${place}.json`, content: JSON.stringify(resource) }))];
}

async function fileOf(manifest: Described, ...resources: readonly object[]): Promise<PackageSource> {
  const path = join(folder, `${manifest.name}-${manifest.version}.tgz`);
  await writeFile(path, gzipSync(await tarOf(entriesOf(manifest, resources))));
  return openPackage(path);
}

function cacheOf(): DefinitionsCache {
  return createDefinitionsCache(database, shipped);
}

function install(source: PackageSource): Promise<Installed> {
  return installPackage(database, source, (connection) => readInstalled(connection, shipped), now());
}

async function reasonOf(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(() => 'it was done', (reason: unknown) => reason);
  return error instanceof Problem ? error.message : String(error);
}

async function count(text: string): Promise<number> {
  return Number((await database.query<{ count: string }>({ text: `select count(*) from ${text}` })).rows[0]!.count);
}

describe('Refused is a package, and nothing has changed', () => {
  test('that is not there', async () => {
    expect(await reasonOf(openPackage(join(folder, 'nothing.tgz')))).toBe('The package nothing.tgz was not found: there is no file or folder of that name.');
  });

  test('of another FHIR', async () => {
    expect(await reasonOf(install(await fileOf({ name: 'other.fhir', version: '1', fhirVersions: ['5.0.0'] })))).toContain('it is for FHIR 5.0.0');
    expect(await reasonOf(install(await fileOf({ name: 'hl7.fhir.r4.core', version: '4.1.0' })))).toContain('of FHIR itself 4.0.1 is in use');
  });

  test('that turns out to be hostile behind what was read already', async () => {
    const path = join(folder, 'late.tgz');
    const many = Array.from({ length: 300 }, (_, n) => ({ ...codeSystem('1', 'a'), url: `http://example.org/late/${n}` }));
    await writeFile(path, gzipSync(await tarOf([...entriesOf({ name: 'late', version: '1' }, many), { name: 'package/../../x', content: '' }])));
    const before = [await count('package'), await count('package_definition'), await count('code_system')];
    expect(await reasonOf(install(await openPackage(path)))).toContain('leads out of the package');
    expect([await count('package'), await count('package_definition'), await count('code_system')]).toEqual(before);
  });
});

describe('A package', () => {
  test('is installed once, replaced by another text of the same version, and listed', async () => {
    const first = await fileOf({ name: 'a.guide', version: '1.0.0', dependencies: { 'hl7.fhir.us.core': '7.0.0' } }, profile('1.0.0'), codeSystem('1.0.0', 'x', 'y'));
    expect(await install(first)).toMatchObject({ outcome: 'added', definitions: 2, unusable: [] });
    expect(await install(first)).toMatchObject({ outcome: 'there', definitions: 2 });
    expect(await install(await fileOf({ name: 'a.guide', version: '1.0.0' }, profile('1.0.0')))).toMatchObject({ outcome: 'replaced', definitions: 1 });
    expect(await count(`code_system where tenant = 0 and url = 'http://example.org/codes' and version = '1.0.0'`)).toBe(0);
    expect(await install(await fileOf({ name: 'a.guide', version: '1.0.0', dependencies: { 'hl7.fhir.us.core': '7.0.0' } }, profile('1.0.0'), codeSystem('1.0.0', 'x', 'y')))).toMatchObject({ outcome: 'replaced' });
    expect(await count(`code_system where tenant = 0 and url = 'http://example.org/codes' and version = '1.0.0'`)).toBe(1);
    expect(await installedPackages(database)).toEqual([expect.objectContaining({ name: 'a.guide', version: '1.0.0', definitions: 2, unusable: 0, dependencies: { 'hl7.fhir.us.core': '7.0.0' } })]);
  });

  test('may be a folder, in which links are not followed', async () => {
    const path = join(folder, 'unpacked');
    await mkdir(join(path, 'package'), { recursive: true });
    for (const { name, content } of entriesOf({ name: 'folder.guide', version: '1' }, [codeSystem('9', 'q')])) await writeFile(join(path, name), content!);
    await symlink('/etc/hostname', join(path, 'package', 'link.json'));
    expect(await install(await openPackage(path))).toMatchObject({ outcome: 'added', definitions: 1 });
    expect(await install(await openPackage(path))).toMatchObject({ outcome: 'there' });
    await removePackage(database, 'folder.guide', '1', now());
  });

  test('is of use without definitions that nobody can use, and tells which', async () => {
    const source = await fileOf({ name: 'partly', version: '1' }, profile('1', [{ path: 'Patient.nothing', min: 1 }], { url: 'http://example.org/broken' }), profile('1', [], { url: 'http://example.org/baseless', baseDefinition: 'http://example.org/unknown' }), codeSystem('p', 'z'));
    expect((await install(source)).unusable).toEqual([
      'http://example.org/broken cannot be used: there is no element Patient.nothing to constrain.',
      'http://example.org/baseless cannot be used: what it is based on is not known.',
    ]);
    expect(await installedPackages(database)).toContainEqual(expect.objectContaining({ name: 'partly', definitions: 3, unusable: 2 }));
    await removePackage(database, 'partly', '1', now());
  });

  test('of which some have not the form of their type, or cannot be rows, is of use without them', async () => {
    const valueSet = (compose: unknown, name = 'v'): object => ({ resourceType: 'ValueSet', url: `http://example.org/${name}`, compose });
    const source = await fileOf({ name: 'formless', version: '1' },
      valueSet({ include: 'x' }), { ...codeSystem('1'), concept: [{ code: null }, 5] }, { ...codeSystem('2'), concept: [{ display: 'no code' }] }, { ...codeSystem('3', 'c'.repeat(600)) },
      profile('1', [], { url: 5 }), profile('1', [], { differential: { element: 'zz' } }), profile('1', [{ id: 'Patient.name', path: 5, type: 'x' }]), valueSet({ include: [{ system: 'http://s' }] }, 'y'.repeat(3000)),
      codeSystem('fine', 'a'), { ...codeSystem('later', 'a'), versionAlgorithmString: 'semver' });
    const { unusable, definitions } = await install(source);
    expect(unusable).toEqual([
      'http://example.org/v (package/0.json) cannot be used: ValueSet.compose.include must be an array.',
      'http://example.org/codes (package/1.json) cannot be used: CodeSystem.concept[0].code must not be null.',
      'http://example.org/codes (package/2.json) cannot be used: CodeSystem.concept[0] must have code, which is mandatory.',
      'A definition (package/4.json) cannot be used: StructureDefinition.url must be a URI: a string without whitespace.',
      'http://example.org/profile (package/5.json) cannot be used: StructureDefinition.differential.element must be an array.',
      'http://example.org/profile (package/6.json) cannot be used: StructureDefinition.differential.element[0].path must be a string without control characters.',
      expect.stringMatching(/^http:\/\/example.org\/y+ cannot be used: its url or its version is longer than 1000 bytes\.$/),
      'A code in this terminology is longer than 500 bytes, by which nobody could look it up.',
    ]);
    expect(definitions).toBe(10);
    expect(await count(`code_system where source = 'formless#1'`)).toBe(2);
    await removePackage(database, 'formless', '1', now());
  });

  test('that defines the same twice in different ways tells so, and the first counts', async () => {
    const source = await fileOf({ name: 'double', version: '1' }, codeSystem('d', 'first'), codeSystem('d', 'second'), codeSystem('e', 'same'), codeSystem('e', 'same'), profile('1', [], { url: 'http://example.org/double' }), profile('1', [{ path: 'Patient.birthDate', min: 1 }], { url: 'http://example.org/double' }));
    expect(await install(source)).toMatchObject({ unusable: [], twice: ['CodeSystem http://example.org/codes|d', 'StructureDefinition http://example.org/double|1'] });
    const { rows } = await database.query<{ code: string }>({ text: `select c.code from code_system s join code_system_concept c on c.tenant = s.tenant and c.system = s.system where s.tenant = 0 and s.version = 'd'` });
    expect(rows).toEqual([{ code: 'first' }]);
    expect((await cacheOf().of(1)).definitions.structure('http://example.org/double')!.elements.find(({ path }) => path === 'Patient.birthDate')).toMatchObject({ min: 0 });
    await removePackage(database, 'double', '1', now());
  });

  test('that goes leaves what another one has of the same terminology', async () => {
    await install(await fileOf({ name: 'twin.one', version: '1' }, codeSystem('shared', 'one')));
    await install(await fileOf({ name: 'twin.two', version: '1' }, codeSystem('shared', 'two')));
    const codes = async (): Promise<unknown> => (await database.query<{ code: string; source: string }>({ text: `select c.code, s.source from code_system s join code_system_concept c on c.tenant = s.tenant and c.system = s.system where s.tenant = 0 and s.version = 'shared'` })).rows;
    expect(await codes()).toEqual([{ code: 'two', source: 'twin.two#1' }]);
    await removePackage(database, 'twin.two', '1', now());
    expect(await codes()).toEqual([{ code: 'one', source: 'twin.one#1' }]);
    await removePackage(database, 'twin.one', '1', now());
    expect(await codes()).toEqual([]);
  });

  test('is not taken away while another one depends on it', async () => {
    await install(await fileOf({ name: 'needed', version: '1' }));
    await install(await fileOf({ name: 'needing', version: '1', dependencies: { needed: '1' } }));
    expect(await reasonOf(removePackage(database, 'needed', '1', now()))).toBe('needed#1 stays: needing#1 depends on it.');
    expect(await reasonOf(removePackage(database, 'needed', '2', now()))).toBe('The package needed#2 was not found: it is not installed.');
    await removePackage(database, 'needing', '1', now());
    await removePackage(database, 'needed', '1', now());
  });

  test('that two install at once is there once', async () => {
    const source = await fileOf({ name: 'raced', version: '1' }, codeSystem('r', 'a'));
    expect((await Promise.all([install(source), install(source)])).map(({ outcome }) => outcome).toSorted()).toEqual(['added', 'there']);
    await removePackage(database, 'raced', '1', now());
  });
});

describe('Definitions', () => {
  test('of several versions stand side by side, pinned by what each package depends on, over what ships', async () => {
    const valueSet = (version: string): object => ({ resourceType: 'ValueSet', url: 'http://example.org/values', version, compose: { include: [{ system: 'http://example.org/codes' }] } });
    const using = [{ path: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: 'http://example.org/values' } }];
    await install(await fileOf({ name: 'values', version: '1.0.0' }, valueSet('1.0.0')));
    await install(await fileOf({ name: 'values', version: '2.0.0' }, valueSet('2.0.0')));
    await install(await fileOf({ name: 'b.guide', version: '1', dependencies: { values: '1.0.x', 'hl7.fhir.us.core': '7.0.0' } }, profile('1', using, { url: 'http://example.org/b' })));
    await install(await fileOf({ name: 'b.guide', version: '2', dependencies: { values: '2.0.0' } }, profile('2', using, { url: 'http://example.org/b' })));
    const { definitions } = await cacheOf().of(1);
    const valuesOf = (canonical: string): unknown => definitions.structure(canonical)!.elements.find(({ path }) => path === 'Patient.maritalStatus')!.binding!.valueSet;
    expect(valuesOf('http://example.org/b|1')).toBe('http://example.org/values|1.0.0');
    expect(valuesOf('http://example.org/b')).toBe('http://example.org/values|2.0.0');
    expect(definitions.structure('http://example.org/b|1')).toMatchObject({ from: 'b.guide#1', base: `${patientProfile}|7.0.0` });
    expect(definitions.structure('http://example.org/b|1')!.elements.find(({ id }) => id === 'Patient.extension:race')).toMatchObject({ types: [{ profiles: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-race|7.0.0'] }] });
    expect(definitions.type('Patient')).toMatchObject({ from: 'hl7.fhir.r4.core#4.0.1' });
  });

  test('without a snapshot stand on the version that their package depends on', async () => {
    const base = (version: string, max: string): object => profile(version, [{ path: 'Patient.name', max }], { url: 'http://example.org/base' });
    await install(await fileOf({ name: 'base.guide', version: '1.0.0' }, base('1.0.0', '5')));
    await install(await fileOf({ name: 'base.guide', version: '2.0.0' }, base('2.0.0', '6')));
    await install(await fileOf({ name: 'derived', version: '1', dependencies: { 'base.guide': '1.0.0' } }, profile('1', [], { url: 'http://example.org/derived', baseDefinition: 'http://example.org/base' })));
    const { definitions } = await cacheOf().of(1);
    expect(definitions.structure('http://example.org/derived')!.elements.find(({ path }) => path === 'Patient.name')).toMatchObject({ max: '5' });
  });

  test('of a tenant are its own, come first, and are seen as soon as they are written', async () => {
    const cache = cacheOf();
    const [one, two] = [(await ensureTenant(database, 'profiles one', now())).id, (await ensureTenant(database, 'profiles two', now())).id];
    const before = await cache.of(one);
    expect(await cache.of(one)).toBe(before);
    const posted = profile('1', [{ path: 'Patient.birthDate', max: '0' }], { id: 'own', url: 'http://example.org/b', status: 'active', name: 'Own', abstract: false });
    await commit(database, [{ kind: 'update', resource: posted as never }], contextFor(one));
    const after = (await cache.of(one)).definitions;
    expect(after.structure('http://example.org/b|1')).toMatchObject({ from: 'posted' });
    expect(after.structure('http://example.org/b|1')!.elements.find(({ path }) => path === 'Patient.birthDate')).toMatchObject({ max: '0' });
    expect((await cache.of(two)).definitions.structure('http://example.org/b|1')).toMatchObject({ from: 'b.guide#1' });
    await commit(database, [{ kind: 'update', resource: { resourceType: 'CodeSystem', id: 'c', url: 'http://example.org/mine', status: 'active', content: 'complete', concept: [{ code: 'm' }] } }], contextFor(one));
    expect((await cache.of(one)).definitions.codeSystem('http://example.org/mine')).toMatchObject({ codes: ['m'] });
    await commit(database, [{ kind: 'delete', type: 'StructureDefinition', id: 'own' }], contextFor(one));
    expect((await cache.of(one)).definitions.structure('http://example.org/b|1')).toMatchObject({ from: 'b.guide#1' });
  });

  test('of a tenant that cannot be used are told of', async () => {
    const tenant = (await ensureTenant(database, 'profiles three', now())).id;
    const own = profile('1', [], { id: 'loop', url: 'http://example.org/loop', baseDefinition: 'http://example.org/loop', status: 'active', name: 'Loop', abstract: false });
    await commit(database, [{ kind: 'update', resource: own as never }], contextFor(tenant));
    const { definitions } = await cacheOf().of(tenant);
    expect(definitions.structure('http://example.org/loop')).toBeUndefined();
    expect(definitions.unusable!('http://example.org/loop')).toEqual({ url: 'http://example.org/loop', version: '1', type: 'Patient', reason: 'what it is based on goes in a circle' });
  });

  test('of a package that comes or goes are there, or gone, for all', async () => {
    const cache = cacheOf();
    expect((await cache.of(1)).definitions.codeSystem('http://example.org/codes|late')).toBeUndefined();
    await install(await fileOf({ name: 'coming', version: '1' }, codeSystem('late', 'x')));
    expect((await cache.of(1)).definitions.codeSystem('http://example.org/codes|late')).toMatchObject({ codes: ['x'] });
    await removePackage(database, 'coming', '1', now());
    expect((await cache.of(1)).definitions.codeSystem('http://example.org/codes|late')).toBeUndefined();
  });
});

describe('A registry', () => {
  let server: Server;
  let base: string;
  const archives = new Map<string, Buffer>();
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const [, name = '', version] = (request.url ?? '').split('/').map(decodeURIComponent);
      const archive = archives.get(`${name}#${version}`);
      const versions = [...archives.keys()].filter((label) => label.startsWith(`${name}#`)).map((label) => label.slice(name.length + 1));
      if (name === 'broken') response.writeHead(200).end('<html>');
      else if (name === 'failing') response.writeHead(503).end();
      else if (version !== undefined && archive !== undefined) response.writeHead(200, { 'content-type': 'application/tar+gzip' }).end(archive);
      else if (version === undefined && versions.length > 0) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ name, versions: Object.fromEntries(versions.map((one) => [one, { version: one }])) }));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  });

  async function offer(manifest: Described, ...resources: readonly object[]): Promise<void> {
    archives.set(`${manifest.name}#${manifest.version}`, gzipSync(await tarOf(entriesOf(manifest, resources))));
  }

  function options(log: string[]): AddOptions {
    return {
      database, shipped, registry: openRegistry(base), now,
      onInstalled: ({ manifest, outcome }) => { log.push(`${outcome} ${manifest.name}#${manifest.version}`); },
      onMissing: ({ name, version, by, reason }) => { log.push(`${by} misses ${name}#${version}: ${reason}`); },
    };
  }

  test('gives what a package depends on first, each once, also in a circle, and tells what is missing', async () => {
    await offer({ name: 'r.base', version: '1.0.0' });
    await offer({ name: 'r.base', version: '1.0.3', dependencies: { 'r.top': '1.0.0' } }, codeSystem('rb', 'x'));
    await offer({ name: 'r.middle', version: '2.0.0', dependencies: { 'r.base': '1.0.x', 'hl7.fhir.us.core': '7.0.0', 'failing': '1', 'r.absent': '3' } });
    await offer({ name: 'r.top', version: '1.0.0', dependencies: { 'hl7.fhir.r4.core': '4.0.1', 'r.middle': '2.0.0', 'r.base': '1.0.x' } });
    const log: string[] = [];
    const registry = openRegistry(base);
    expect(await registry.resolve('r.base', undefined)).toBe('1.0.3');
    await registry.withArchive('r.top', '1.0.0', (source) => addPackage(source, options(log)));
    expect(log).toEqual([
      'added r.base#1.0.3',
      'r.middle#2.0.0 misses failing#1: The package failing#1 was not found: the registry answers 503.',
      'r.middle#2.0.0 misses r.absent#3: The package r.absent#3 was not found: the registry does not have it.',
      'added r.middle#2.0.0', 'added r.top#1.0.0',
    ]);
    expect(asked.filter((url) => url.startsWith('/hl7.fhir'))).toEqual([]);
  });

  test('that gives another package than it says, or no list, is not trusted', async () => {
    archives.set('liar#1', gzipSync(await tarOf(entriesOf({ name: 'somebody.else', version: '1' }, []))));
    const log: string[] = [];
    await addPackage(await fileOf({ name: 'trusting', version: '1', dependencies: { liar: '1', broken: '1' } }), options(log));
    expect(log).toEqual([
      'trusting#1 misses liar#1: The package cannot be used: it is another one than the registry says.',
      'trusting#1 misses broken#1: The package broken#1 was not found: the registry gives no list of versions.',
      'added trusting#1',
    ]);
  });

  test('is not asked by names that are none, nor by other protocols, nor for more than the limit', async () => {
    const registry = openRegistry(base, { compressed: 100, unpacked: 100, file: 100, entries: 10 });
    expect(await reasonOf(registry.resolve('../x', undefined))).toContain('a name and a version have letters, digits, dots and dashes');
    expect(await reasonOf(openRegistry('file:///etc').resolve('a', undefined))).toContain('only http and https addresses are fetched');
    await offer({ name: 'large', version: '1' }, codeSystem('l', ...Array.from({ length: 2000 }, (_, n) => `code ${n * 7919}`)));
    expect(await reasonOf(registry.withArchive('large', '1', async () => {}))).toBe('The package is refused: the archive passes the limit of 100.');
    expect(await reasonOf(openRegistry('http://127.0.0.1:1').resolve('a', undefined))).toContain('the registry does not answer');
  });
});
