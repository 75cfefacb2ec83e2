/** FHIR packages as an operator installs them: from a folder at start, and by the command `priora package`. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { tarOf } from '../profiles/archives.ts';
import { openHouse, type TestHouse } from '../support/house.ts';

let folder: string;
let house: TestHouse;
let registry: Server;

async function archive(name: string, version: string, dependencies: Record<string, string> = {}): Promise<Buffer> {
  const codes = { resourceType: 'CodeSystem', url: `http://example.org/${name}`, version, content: 'complete', concept: [{ code: 'a' }] };
  return gzipSync(await tarOf([{ name: 'package/package.json', content: JSON.stringify({ name, version, dependencies }) }, { name: 'package/c.json', content: JSON.stringify(codes) }]));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-packages-'));
  // By their names the one that needs the other comes first.
  await writeFile(join(folder, 'a.tgz'), await archive('a.needs', '1.0.0', { 'b.needed': '2.0.0', absent: '1' }));
  await writeFile(join(folder, 'b.tgz'), await archive('b.needed', '2.0.0'));
  await writeFile(join(folder, 'readme.txt'), 'no package');
  const offered = new Map<string, string | Buffer>([['/r.guide', JSON.stringify({ versions: { '1.0.0': {}, '1.1.0': {} } })], ['/r.guide/1.1.0', await archive('r.guide', '1.1.0', { 'b.needed': '2.0.0' })]]);
  registry = createServer((request, response) => {
    const answer = offered.get(request.url ?? '');
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => { registry.listen(0, '127.0.0.1', resolve); });
  house = await openHouse({ environment: { PRIORA_PACKAGES: folder } });
});
afterAll(async () => {
  await house.close();
  await new Promise((resolve) => { registry.close(resolve); });
  await rm(folder, { recursive: true, force: true });
});

async function priora(...words: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const environment = { ...process.env, DATABASE_URL: house.databaseUrl, PRIORA_PACKAGE_REGISTRY: `http://127.0.0.1:${(registry.address() as AddressInfo).port}` };
  const child = spawn(process.execPath, [join(process.cwd(), 'bin', 'priora.mjs'), 'package', ...words], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => { child.on('exit', resolve); });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

test('a folder is installed at start, in the order in which packages need each other; what is none is told in the log', async () => {
  const { rows } = await house.sql.query<{ name: string }>('select name from package order by id');
  expect(rows.map(({ name }) => name)).toEqual(['b.needed', 'a.needs']);
  const log = house.log.join('\n');
  expect(log).toContain('"misses":"absent#1"');
  expect(log).toContain('"file":"readme.txt","problem":"unusable-package"');
});

test('a folder that is not there stops the start with one line', async () => {
  await expect(openHouse({ environment: { PRIORA_PACKAGES: join(folder, 'nothing') } })).rejects.toThrow('PRIORA_PACKAGES: there is no folder of that name that can be read');
});

test('the command refuses what it does not understand, and what is not there', async () => {
  expect(await priora('add')).toMatchObject({ code: 2, err: expect.stringContaining('package takes add, list or remove') as unknown });
  expect(await priora('add', join(folder, 'nothing.tgz'))).toMatchObject({ code: 1, err: 'priora: The package nothing.tgz was not found: there is no file or folder of that name.\n' });
  expect(await priora('add', 'absent.guide')).toMatchObject({ code: 1, err: 'priora: The package absent.guide was not found: the registry does not have it.\n' });
  expect(await priora('remove', 'b.needed@2.0.0')).toMatchObject({ code: 1, err: 'priora: b.needed#2.0.0 stays: a.needs#1.0.0 depends on it.\n' });
});

test('the command adds from a registry, lists and removes', async () => {
  expect(await priora('add', 'r.guide')).toEqual({ code: 0, out: 'r.guide#1.1.0: added, 1 definitions\n', err: '' });
  expect(await priora('add', 'r.guide@1.1.0')).toEqual({ code: 0, out: 'r.guide#1.1.0: was there already, 1 definitions\n', err: '' });
  expect((await priora('list')).out).toContain('r.guide#1.1.0\t1 definitions\tr.guide#1.1.0\n');
  expect(await priora('remove', 'r.guide@1.1.0')).toEqual({ code: 0, out: 'removed r.guide#1.1.0\n', err: '' });
  expect((await priora('list')).out).not.toContain('r.guide');
});

test('the command adds a file, and an archive at an address', async () => {
  const path = join(folder, 'file.tgz');
  await writeFile(path, await archive('from.file', '1', { absent: '1' }));
  expect(await priora('add', path)).toEqual({ code: 0, out: 'from.file#1: added, 1 definitions\n', err: 'from.file#1 depends on absent#1, which is left out: it is not installed\n' });
  const address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/r.guide/1.1.0`;
  expect(await priora('add', address)).toEqual({ code: 0, out: 'r.guide#1.1.0: added, 1 definitions\n', err: '' });
});
