/** What every object store promises, whatever is behind it. */
/* oxlint-disable jest/expect-expect, jest/no-standalone-expect -- keepsItsPromises makes the tests of each store */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ObjectStore } from '../../store/objects/object-store.ts';
import { openObjectStore } from '../../store/objects/open.ts';
import { startGcsServer, type GcsServer } from './gcs-server.ts';
import { startS3Server } from './s3-server.ts';
import type { Fault, StoreServer } from './store-server.ts';

let folder: string;
const clock = { now: new Date('2026-03-02T09:00:00Z') };
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'objects-')); });
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

const limit = 32 * 1024 * 1024;
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const unknown = sha256Of(Buffer.from('nobody has put this'));

function* chunksOf(chunk: Uint8Array, count: number): Generator<Uint8Array> {
  for (let made = 0; made < count; made += 1) yield chunk;
}

async function listed(store: ObjectStore, tenant: number): Promise<{ sha256: string; size: number }[]> {
  const found = [];
  for await (const { sha256, size } of store.list(tenant)) found.push({ sha256, size });
  return found.toSorted((a, b) => a.sha256 < b.sha256 ? -1 : 1);
}

/** Files that lie in the folders where bytes wait: there are none once a put has ended, well or not. */
async function waiting(...folders: string[]): Promise<string[]> {
  return (await Promise.all(folders.map((name) => readdir(name).catch(() => [])))).flat();
}

/** @param spools folders where bytes wait */
function keepsItsPromises(open: () => { store: ObjectStore; spools: readonly string[] }): void {
  test('what was put is there, under its hash, for its tenant alone', async () => {
    const { store, spools } = open();
    const bytes = Buffer.from('The quick brown fox');
    const put = await store.put(1, [bytes.subarray(0, 5), bytes.subarray(5)], limit);
    expect(put).toEqual({ sha256: sha256Of(bytes), size: bytes.length });
    expect(await buffer(await store.get(1, put.sha256))).toEqual(bytes);
    expect(await store.head(1, put.sha256)).toEqual({ ...put, putAt: clock.now });
    expect(await store.head(2, put.sha256)).toBeUndefined();
    await expect(store.get(2, put.sha256)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await waiting(...spools)).toEqual([]);
  });

  test('ranges', async () => {
    const { store } = open();
    const { sha256 } = await store.put(1, [Buffer.from('0123456789')], limit);
    expect((await buffer(await store.get(1, sha256, { first: 0, last: 0 }))).toString()).toBe('0');
    expect((await buffer(await store.get(1, sha256, { first: 3, last: 6 }))).toString()).toBe('3456');
    expect((await buffer(await store.get(1, sha256, { first: 9, last: 9 }))).toString()).toBe('9');
  });

  test('nothing at all, and several megabytes', async () => {
    const { store } = open();
    const empty = await store.put(1, [], limit);
    expect(empty).toEqual({ sha256: sha256Of(Buffer.alloc(0)), size: 0 });
    expect(await buffer(await store.get(1, empty.sha256))).toHaveLength(0);
    const chunk = Buffer.alloc(256 * 1024, 'abcdefg');
    const large = await store.put(1, chunksOf(chunk, 24), limit);
    expect(large.size).toBe(24 * chunk.length);
    expect(sha256Of(await buffer(await store.get(1, large.sha256)))).toBe(large.sha256);
  });

  test('the same content twice, by two at once, is one object, and the later put counts', async () => {
    const { store } = open();
    const bytes = Buffer.from('twice');
    const [one, two] = await Promise.all([store.put(3, [bytes], limit), store.put(3, [bytes], limit)]);
    expect(one).toEqual(two);
    clock.now = new Date('2026-03-03T09:00:00Z');
    await store.put(3, [bytes], limit);
    expect(await store.head(3, one.sha256)).toMatchObject({ putAt: clock.now });
    expect(await listed(store, 3)).toEqual([one]);
    clock.now = new Date('2026-03-02T09:00:00Z');
  });

  test('beyond the limit nothing is kept', async () => {
    const { store, spools } = open();
    const chunk = Buffer.alloc(1000);
    await expect(store.put(4, chunksOf(chunk, 11), 10_000)).rejects.toMatchObject({ code: 'too-large', status: 413 });
    expect(await store.put(4, chunksOf(chunk, 10), 10_000)).toMatchObject({ size: 10_000 });
    expect(await listed(store, 4)).toHaveLength(1);
    expect(await waiting(...spools)).toEqual([]);
  });

  test('a source that breaks leaves nothing, and is told as it broke', async () => {
    const { store, spools } = open();
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('the beginning');
      throw new RangeError('cut off');
    };
    await expect(store.put(5, broken(), limit)).rejects.toThrow('cut off');
    expect(await listed(store, 5)).toEqual([]);
    expect(await waiting(...spools)).toEqual([]);
  });

  test('what is deleted is gone; deleting it again is no fault', async () => {
    const { store } = open();
    const { sha256 } = await store.put(6, [Buffer.from('to be deleted')], limit);
    await store.delete(6, sha256);
    await store.delete(6, sha256);
    expect(await store.head(6, sha256)).toBeUndefined();
    await expect(store.get(6, sha256)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await listed(store, 6)).toEqual([]);
  });

  test('all objects of a tenant are listed, over several pages', async () => {
    const { store } = open();
    const put = [];
    for (let number = 0; number < 7; number += 1) put.push(await store.put(7, [Buffer.from(`number ${number}`)], limit));
    expect(await listed(store, 7)).toEqual(put.toSorted((a, b) => a.sha256 < b.sha256 ? -1 : 1));
    expect(await listed(store, 70)).toEqual([]);
  });

  test('a name that is no hash is a mistake of ours', async () => {
    const { store } = open();
    await expect((async () => store.head(1, '../../etc/passwd'))()).rejects.toThrow(RangeError);
    await expect((async () => store.get(1, unknown.toUpperCase()))()).rejects.toThrow(RangeError);
  });
}

describe('a folder', () => {
  let store: ObjectStore;
  let root: string;
  beforeAll(() => {
    root = join(folder, 'local');
    store = openObjectStore({ address: `file:${root}`, spoolFolder: join(folder, 'unused'), now: () => clock.now });
  });
  keepsItsPromises(() => ({ store, spools: [join(root, 'incoming')] }));

  test('is nobody else\'s to read', async () => {
    const { sha256 } = await store.put(8, [Buffer.from('private')], limit);
    expect((await stat(join(root, '8', sha256.slice(0, 2), sha256))).mode & 0o077).toBe(0);
    expect((await stat(join(root, '8'))).mode & 0o077).toBe(0);
  });

  test('that cannot be used is a store that does not answer', async () => {
    await writeFile(join(folder, 'a-file'), '');
    const blocked = openObjectStore({ address: `file:${join(folder, 'a-file', 'x')}`, spoolFolder: folder, now: () => clock.now });
    await expect(blocked.put(1, [Buffer.from('x')], limit)).rejects.toMatchObject({ code: 'store-unavailable' });
    await chmod(folder, 0o700);
  });

  const full = process.platform === 'linux' ? test : test.skip;
  full('that is full is told as such', async () => {
    // /dev/full takes no byte: every write fails with ENOSPC, as on a full disk.
    const { fileProblem } = await import('../../store/objects/failures.ts');
    const failure = await writeFile('/dev/full', 'x').then(() => undefined, (error: unknown) => error);
    expect(fileProblem(failure)).toMatchObject({ code: 'store-full', status: 507 });
  });
});

const account = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: 'a+session/token==', region: 'eu-central-1' };

describe('a bucket of S3', () => {
  let server: StoreServer;
  let spoolFolder: string;
  const open = (more: Partial<typeof account> = {}, path = '/evidence & more/of a plan', endpoint = server.origin): ObjectStore => {
    const { region, ...credentials } = { ...account, ...more };
    return openObjectStore({ address: `s3://bucket${path}?endpoint=${endpoint}&region=${region}`, credentials, spoolFolder, now: () => clock.now });
  };
  beforeAll(async () => {
    server = await startS3Server('bucket', account, () => clock.now);
    spoolFolder = join(folder, 's3-spool');
  });
  afterAll(async () => { await server.close(); });
  keepsItsPromises(() => ({ store: open(), spools: [spoolFolder] }));

  test('has the objects below the prefix', async () => {
    const { sha256 } = await open().put(9, [Buffer.from('below')], limit);
    expect([...server.objects.keys()]).toContain(`evidence & more/of a plan/9/${sha256.slice(0, 2)}/${sha256}`);
    await open({}, '').put(9, [Buffer.from('at the top')], limit);
    expect([...server.objects.keys()]).toContain(`9/${sha256Of(Buffer.from('at the top')).slice(0, 2)}/${sha256Of(Buffer.from('at the top'))}`);
  });

  test.each<[string, Partial<typeof account>]>([['key', { accessKeyId: 'ANOTHER' }], ['secret', { secretAccessKey: 'another' }], ['session', { sessionToken: 'another' }], ['region', { region: 'us-west-2' }]])('refuses another %s, and the server says that its store does not answer', async (_name, more) => {
    const before = server.objects.size;
    await expect(open(more).put(9, [Buffer.from('x')], limit)).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(open(more).get(9, unknown)).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(open(more).head(9, unknown)).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(listed(open(more), 9)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect([server.objects.size, await waiting(spoolFolder)]).toEqual([before, []]);
  });

  behindHttp(() => ({ server, store: open(), spoolFolder }), () => open({}, '', 'http://127.0.0.1:1'));
});

describe('a bucket of Google Cloud Storage', () => {
  let server: GcsServer;
  let spoolFolder: string;
  let corrupt = false;
  const before = process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  const open = (endpoint = server.origin): ObjectStore => openObjectStore({ address: `gs://bucket/evidence & more?endpoint=${endpoint}`, spoolFolder, now: () => clock.now });
  beforeAll(async () => {
    server = await startGcsServer('bucket', () => clock.now, () => corrupt);
    spoolFolder = join(folder, 'gcs-spool');
    const [credentials, token] = [join(folder, 'credentials.json'), join(folder, 'token')];
    await writeFile(token, 'the-token-of-the-workload');
    await writeFile(credentials, JSON.stringify(server.credentials(token)));
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = credentials;
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['GOOGLE_APPLICATION_CREDENTIALS'];
    else process.env['GOOGLE_APPLICATION_CREDENTIALS'] = before;
    await server.close();
  });
  keepsItsPromises(() => ({ store: open(), spools: [spoolFolder] }));

  test('asks for a token once, and shows it with every request', async () => {
    const store = open();
    const start = server.requests.length;
    const { sha256 } = await store.put(9, [Buffer.from('with a token')], limit);
    await store.head(9, sha256);
    expect(server.requests.slice(start).filter((request) => request === 'POST /token')).toHaveLength(1);
  });

  test('other bytes than were sent are taken away again', async () => {
    corrupt = true;
    await expect(open().put(10, [Buffer.from('changed on the way')], limit)).rejects.toMatchObject({ code: 'store-unavailable' });
    corrupt = false;
    expect(await listed(open(), 10)).toEqual([]);
  });

  test('without anybody who says who we are', async () => {
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(folder, 'not-there.json');
    await expect(open().head(1, unknown)).rejects.toMatchObject({ code: 'store-unavailable' });
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(folder, 'credentials.json');
  });

  behindHttp(() => ({ server, store: open(), spoolFolder }), () => open('http://127.0.0.1:1'));
});

/** @param nowhere a store whose address nobody answers at */
function behindHttp(open: () => { server: StoreServer; store: ObjectStore; spoolFolder: string }, nowhere: () => ObjectStore): void {
  test.each<[string, Fault]>([['refuses for a moment', { status: 503, times: 2 }], ['hangs up once', { hangUp: true, times: 1 }]])('that %s is asked again', async (_name, fault) => {
    const { server, store } = open();
    await store.put(11, [Buffer.from('something else')], limit);
    Object.assign(server.fault, { status: undefined, hangUp: undefined }, fault);
    const { sha256 } = await store.put(11, [Buffer.from('asked again')], limit);
    expect((await buffer(await store.get(11, sha256))).toString()).toBe('asked again');
  });

  test.each<[string, Fault, string]>([
    ['goes on refusing', { status: 503, times: 3 }, 'store-unavailable'], ['goes on hanging up', { hangUp: true, times: 3 }, 'store-unavailable'],
    ['denies access', { status: 403, times: 1 }, 'store-unavailable'], ['has no space left', { status: 507, times: 1 }, 'store-full'],
  ])('that %s: a problem of the catalogue, and nothing is left behind', async (_name, fault, code) => {
    const { server, store, spoolFolder } = open();
    await store.put(11, [Buffer.from('something else')], limit);
    const size = server.objects.size;
    Object.assign(server.fault, { status: undefined, hangUp: undefined }, fault);
    await expect(store.put(11, [Buffer.from(`never ${code}`)], limit)).rejects.toMatchObject({ code });
    server.fault.times = 0;
    expect([server.objects.size, await waiting(spoolFolder)]).toEqual([size, []]);
  });

  test('where nobody answers', async () => {
    await expect(nowhere().put(1, [Buffer.from('x')], limit)).rejects.toMatchObject({ code: 'store-unavailable', status: 503 });
  });
}
