/**
 * What is large but allowed is taken, found and handed out again; what is made to keep the server busy is refused before
 * it does. Memory and time stay within bounds that are measured on a server in a process of its own.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, send, type TestAnswer } from '../support/house.ts';
import { startedProcess, type ServerProcess } from '../support/server-process.ts';

const megabyte = 1024 * 1024;
const requestTimeout = 10;
let server: ServerProcess;
let fhir: string;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'priora-large-'));
  server = await startedProcess({
    DATABASE_URL: url, PRIORA_DATA_DIR: folder, PRIORA_DEMO: '0', PRIORA_REQUEST_TIMEOUT: String(requestTimeout), PRIORA_BUNDLE_LIMIT: '10000', PRIORA_LOG_LEVEL: 'error',
  });
  fhir = `${server.origin}/fhir`;
  dispose = async () => {
    await server.end('SIGTERM');
    await drop();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(async () => { await dispose(); });

const codeOf = (answer: TestAnswer): unknown => [answer.status, answer.json.issue?.[0]?.details?.coding?.[0]?.code];

/** Text that hardly compresses: an index that packs its entries must not make a long one look short. */
function noise(length: number): string {
  let text = '';
  for (let number = 0; text.length < length; number += 1) text += createHash('sha512').update(String(number)).digest('hex');
  return text.slice(0, length);
}

describe('long texts in every place that is indexed', () => {
  const long = noise(10 * megabyte);
  const half = noise(3 * megabyte);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  test.each<[name: string, resource: { resourceType: string; [element: string]: unknown }, parameter: string, value: string]>([
    ['a name', { resourceType: 'Patient', name: [{ family: long }] }, 'family', long.slice(0, 40)],
    ['an address', { resourceType: 'Patient', address: [{ line: [long], city: 'Town' }] }, 'address-city', 'Town'],
    ['the value of an identifier', { resourceType: 'Patient', identifier: [{ system: 'urn:x', value: long }] }, 'identifier', `urn:x|${long}`],
    ['the system of an identifier', { resourceType: 'Patient', identifier: [{ system: `urn:${long}`, value: 'short-value' }] }, 'identifier', 'short-value'],
    ['a code, its text and its display', { resourceType: 'Observation', status: 'final', code: { text: half, coding: [{ system: 'urn:x', code: half, display: half }] } }, 'code', `urn:x|${half}`],
    ['a canonical address', { resourceType: 'ValueSet', status: 'draft', url: `http://x.example/${long}`, version: '1' }, 'url', `http://x.example/${long}`],
    ['the title of a definition', { resourceType: 'ValueSet', status: 'draft', title: long, url: 'http://x.example/titled' }, 'url', 'http://x.example/titled'],
    ['a reference', { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: `http://x.example/${long}` } }, 'subject', `http://x.example/${long}`],
    ['the identifier of a reference', { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { identifier: { system: 'urn:x', value: long } } }, 'subject:identifier', `urn:x|${long}`],
    ['a quantity', { resourceType: 'Observation', status: 'final', code: { text: 'x' }, valueQuantity: { value: 7.25, unit: half, system: `urn:${half}`, code: half } }, 'value-quantity', '7.25'],
    ['profile, tag and source', { resourceType: 'Basic', code: { text: 'x' }, meta: { profile: [`http://x.example/${half}`], tag: [{ system: 'urn:x', code: half }], source: `http://x.example/${half}` } }, '_tag', `urn:x|${half}`],
    ['a narrative', { resourceType: 'Basic', code: { text: 'narrated' }, text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${long} and words ${noise(100_000).replaceAll(/(.{6})/g, '$1 ')}</div>` }, meta: { tag: [{ code: 'narrated' }] } }, '_tag', 'narrated'],
    ['text that nothing finds', { resourceType: 'Observation', status: 'final', code: { text: 'x' }, note: [{ text: long }], identifier: [{ value: 'noted' }] }, 'identifier', 'noted'],
  ])('%s', async (_name, resource, parameter, value) => {
    const made = await send('POST', `${fhir}/${resource.resourceType}`, resource);
    expect(made.status).toBe(201);
    const { id } = made.json as { id: string };
    expect((await send('GET', `${fhir}/${resource.resourceType}/${id}`)).json).toMatchObject(resource);
    const found = await send('POST', `${fhir}/${resource.resourceType}/_search`, `${parameter}=${encodeURIComponent(value)}&_elements=id`, form);
    expect([found.status, found.json.entry?.map((entry: { resource: { id: string } }) => entry.resource.id)]).toEqual([200, [id]]);
    // Deleted, so that no later page is made of tens of megabytes.
    expect((await send('DELETE', `${fhir}/${resource.resourceType}/${id}`)).status).toBe(204);
  });
});

describe('made to keep the server busy', () => {
  const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
  const transaction = (entry: unknown[]): unknown => ({ resourceType: 'Bundle', type: 'transaction', entry });

  test.each<[name: string, path: string, body: () => unknown, status: number, code: string]>([
    ['100,000 names', '/Patient', () => ({ resourceType: 'Patient', name: many(100_000, (index) => ({ family: `n${index}`, given: [`g${index}`] })) }), 413, 'too-many-values'],
    ['200,000 codings', '/Observation', () => ({ resourceType: 'Observation', status: 'final', code: { coding: many(200_000, (index) => ({ system: 'urn:x', code: `c${index}` })) } }), 413, 'too-many-values'],
    ['200,000 references', '', () => transaction([{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'List', status: 'current', mode: 'working', entry: many(200_000, () => ({ item: { reference: 'urn:uuid:1' } })) }, request: { method: 'POST', url: 'List' } }]), 413, 'too-many-values'],
    ['10,001 entries', '', () => transaction(many(10_001, () => ({ request: { method: 'GET', url: 'Patient/1' } }))), 413, 'bundle-too-large'],
    ['a body that is too large', '/Patient', () => ({ resourceType: 'Patient', name: [{ family: noise(17 * megabyte) }] }), 413, 'too-large'],
  ])('%s', async (_name, path, body, status, code) => {
    expect(codeOf(await send('POST', `${fhir}${path}`, body()))).toEqual([status, code]);
  });

  test('10,000 entries that are allowed, and searches that would answer more than fits', async () => {
    const made = await send('POST', fhir, transaction(many(10_000, (index) => ({ resource: { resourceType: 'Basic', code: { text: `number ${index} ${'.'.repeat(500)}` } }, request: { method: 'POST', url: 'Basic' } }))), { prefer: 'return=minimal' });
    expect([made.status, made.json.entry.length]).toEqual([200, 10_000]);
    const search = { request: { method: 'GET', url: 'Basic?_count=1000' } };
    expect(codeOf(await send('POST', fhir, transaction(many(200, () => search))))).toEqual([413, 'answer-too-large']);
    const batch = await send('POST', fhir, { resourceType: 'Bundle', type: 'batch', entry: many(160, () => search) });
    const statuses = batch.json.entry.map((entry: { response: { status: string } }) => entry.response.status.slice(0, 3)) as string[];
    expect([batch.status, statuses[0], statuses.at(-1), new Set(statuses).size]).toEqual([200, '200', '413', 2]);
  });

  test('a body that does not come to an end is given up, and the client told', async () => {
    const socket = connect(Number(new URL(fhir).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 500\r\n\r\n{"resourceType"');
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ details: { coding: [{ code: 'request-too-slow' }] } }] });
  });
});

const linux = process.platform === 'linux' ? test : test.skip;

/** The most memory that the server has had so far, in megabytes. */
async function peak(): Promise<number> {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${server.child.pid}/status`, 'utf8'))![1]) / 1024;
}

linux('200 MB go in and come out in the memory that was there before', async () => {
  const chunk = Buffer.alloc(megabyte, 'content');
  const size = 200;
  const before = await peak();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({ pull(controller) { if (sent++ < size) controller.enqueue(chunk); else controller.close(); } });
  const made = await fetch(`${fhir}/Binary`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body, duplex: 'half' });
  expect(made.status).toBe(201);
  for (const accept of ['*/*', 'application/fhir+json']) {
    const read = await fetch(made.headers.get('location')!, { headers: { accept } });
    let length = 0;
    for await (const part of read.body!) length += (part as Uint8Array).length;
    expect([read.status, length]).toEqual([200, Number(read.headers.get('content-length'))]);
    expect(length).toBeGreaterThanOrEqual(size * megabyte);
  }
  expect(await peak() - before).toBeLessThan(100);
});

linux('all of the above has stayed within a gigabyte', async () => {
  expect(await peak()).toBeLessThan(1024);
  expect((await fetch(`${server.origin}/readyz`)).status).toBe(200);
  expect(server.output()).not.toContain('"fault"');
});
