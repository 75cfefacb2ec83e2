/** Contents of any type go in and come out as they are; none is in PostgreSQL, and none can act as a page of this server. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_TENANTS: 'acme', PRIORA_BINARY_LIMIT: '3000000', PRIORA_BODY_LIMIT: '1000000' } }); });
afterAll(async () => { await house.close(); });

const codeOf = (answer: TestAnswer): unknown => [answer.status, answer.json.issue?.[0]?.details?.coding?.[0]?.code];
const fhir = { accept: 'application/fhir+json' };
const pdf = { 'content-type': 'application/pdf' };

async function bytesAt(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const response = await fetch(url, { method, headers });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function stored(content: string | Uint8Array, headers: Record<string, string> = pdf): Promise<string> {
  const answer = await send('POST', `${house.fhir}/Binary`, content, headers);
  expect(answer.status).toBe(201);
  return answer.headers.get('location')!.replace(/\/_history\/1$/, '');
}

async function counts(): Promise<unknown> {
  const { rows } = await house.sql.query(`select (select count(*) from resource) as resources, (select count(*) from resource_object) as objects, (select count(*) from outbox) as outbox`);
  const files = (await readdir(house.objects, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
  return { ...rows[0], files };
}

/** Looks until it is so: the server works on what it was sent in its own time. The test's time limit ends a wait in vain. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await nextTurn();
}

describe('refused, and nothing is kept', () => {
  let before: unknown;
  beforeEach(async () => { before = await counts(); });
  afterEach(async () => { expect(await counts()).toEqual(before); });

  test('more than the limit, announced or not', async () => {
    const large = Buffer.alloc(3_000_001, 'x');
    expect(codeOf(await send('POST', `${house.fhir}/Binary`, large, pdf))).toEqual([413, 'too-large']);
    const chunked = await fetch(`${house.fhir}/Binary`, { method: 'POST', headers: pdf, duplex: 'half', body: new ReadableStream({ pull(controller) { controller.enqueue(Buffer.alloc(65_536)); } }) })
      .then(async (response) => ({ status: response.status, text: await response.text() }), () => undefined);
    // The connection is closed under a client that goes on sending; it may not get to read the answer.
    expect(chunked === undefined || (chunked.status === 413 && chunked.text.includes('too-large'))).toBe(true);
  });

  test('a Binary as FHIR that does not fit into memory', async () => {
    const data = Buffer.alloc(1_200_000).toString('base64');
    expect(codeOf(await send('POST', `${house.fhir}/Binary`, { resourceType: 'Binary', contentType: 'text/plain', data }))).toEqual([413, 'too-large']);
    expect(codeOf(await send('POST', `${house.fhir}/Binary`, { resourceType: 'Binary', contentType: 'text/plain', data }, { 'content-type': 'application/json' }))).toEqual([413, 'too-large']);
  });

  test.each<[name: string, body: unknown, headers: Record<string, string>, status: number, code: string]>([
    ['FHIR that is no JSON', '{"resourceType":"Binary",', {}, 400, 'malformed-json'],
    ['data that is no base64', { resourceType: 'Binary', contentType: 'text/plain', data: 'not base64!' }, {}, 400, 'invalid-element'],
    ['data of a length that base64 never has', { resourceType: 'Binary', contentType: 'text/plain', data: 'AAAAA' }, {}, 400, 'invalid-element'],
    ['an element that a Binary has not', { resourceType: 'Binary', contentType: 'text/plain', content: 'AAAA' }, {}, 400, 'invalid-element'],
    ['a security context that is no reference', 'x', { ...pdf, 'x-security-context': 'somebody' }, 400, 'invalid-element'],
    ['a security context that is another in the body', { resourceType: 'Binary', contentType: 'a/b', securityContext: { reference: 'Patient/1' } }, { 'x-security-context': 'Patient/2' }, 400, 'invalid-element'],
    ['criteria that a Binary has not', 'x', { ...pdf, 'if-none-exist': 'identifier=1' }, 400, 'unknown-search-parameter'],
    ['a condition without a meaning', 'x', { ...pdf, 'if-match': 'W/"1"' }, 400, 'bad-precondition'],
    ['no type', 'x', { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['a type that is too long', 'x', { 'content-type': `application/${'x'.repeat(300)}` }, 415, 'unsupported-media-type'],
    ['a coding', 'x', { ...pdf, 'content-encoding': 'gzip' }, 415, 'unsupported-content-coding'],
  ])('%s', async (_name, body, headers, status, code) => {
    expect(codeOf(await send('POST', `${house.fhir}/Binary`, typeof body === 'string' ? Buffer.from(body) : body, headers))).toEqual([status, code]);
  });

  test('a body that ends too early', async () => {
    const incoming = join(house.objects, 'incoming');
    const socket = connect(Number(new URL(house.origin).port), '127.0.0.1');
    socket.write('POST /fhir/Binary HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/pdf\r\nContent-Length: 500\r\n\r\nthe beginning');
    await until(async () => (await readdir(incoming).catch(() => [])).length > 0);
    socket.end();
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
    expect(text).not.toMatch(/ 20\d /);
    await until(async () => (await readdir(incoming)).length === 0);
    expect(house.log.filter((line) => line.includes('"fault"'))).toEqual([]);
  });

  test('an update with another version, or without an id', async () => {
    const id = 'conditional';
    expect(codeOf(await send('PUT', `${house.fhir}/Binary/${id}`, { resourceType: 'Binary', contentType: 'text/plain' }))).toEqual([400, 'id-required']);
    expect(codeOf(await send('PUT', `${house.fhir}/Binary/${id}`, { resourceType: 'Binary', id: 'other', contentType: 'text/plain' }))).toEqual([400, 'id-mismatch']);
    expect(codeOf(await send('PUT', `${house.fhir}/Binary/a%2Fb`, 'x', pdf))).toEqual([400, 'invalid-id']);
    expect(codeOf(await send('PUT', `${house.fhir}/Binary/${id}`, 'x', { ...pdf, 'if-match': 'x' }))).toEqual([400, 'bad-if-match']);
  });

  test('with another version the bytes may stay behind, but nothing refers to them', async () => {
    const objects = (before as { objects: string }).objects;
    expect(codeOf(await send('PUT', `${house.fhir}/Binary/conditional`, 'never referred to', { ...pdf, 'if-match': 'W/"3"' }))).toEqual([412, 'version-conflict']);
    const now = await counts() as { objects: string; files: number };
    expect([now.objects, now.files]).toEqual([objects, (before as { files: number }).files + 1]);
    before = now;
  });
});

test('content of any type goes in as it is and comes out as it is', async () => {
  const bytes = randomBytes(2_500_000);
  const url = await stored(bytes, { 'content-type': 'application/pdf; x="a b"', 'x-security-context': 'Patient/7' });
  const read = await bytesAt(url, { accept: 'application/pdf' });
  expect([read.status, read.headers.get('content-type'), read.headers.get('content-length'), read.headers.get('etag'), read.headers.get('x-security-context')])
    .toEqual([200, 'application/pdf; x="a b"', '2500000', 'W/"1"', 'Patient/7']);
  expect(read.bytes.equals(bytes)).toBe(true);
  const resource = (await send('GET', url, undefined, fhir)).json;
  expect(resource).toEqual({ resourceType: 'Binary', id: expect.any(String), meta: expect.any(Object), contentType: 'application/pdf; x="a b"', securityContext: { reference: 'Patient/7' }, data: bytes.toString('base64') });
});

test('none of it is in the row, and the object is named by what it is', async () => {
  const bytes = Buffer.from('a content that is nowhere in PostgreSQL');
  const url = await stored(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { rows } = await house.sql.query(`select r.content, encode(o.sha256, 'hex') as sha256, o.size::integer as size, o.version, o.shard = r.shard as same_shard
    from resource r join resource_object o using (tenant, type, id) where r.id = $1`, [url.split('/').at(-1)]);
  expect(rows).toEqual([{ content: expect.not.stringContaining('data'), sha256, size: bytes.length, version: 1, same_shard: true }]);
  expect(await readFile(join(house.objects, '1', sha256.slice(0, 2), sha256))).toEqual(bytes);
});

test.each([['application/fhir+json'], ['application/json'], ['text/json']])('a Binary as FHIR, sent as %s', async (contentType) => {
  const bytes = randomBytes(100_001);
  const sent = { resourceType: 'Binary', language: 'de', contentType: 'image/png', securityContext: { reference: `${house.fhir}/Patient/8` }, data: bytes.toString('base64') };
  const answer = await send('POST', `${house.fhir}/Binary`, sent, { 'content-type': contentType });
  expect([answer.status, answer.json]).toEqual([201, { ...sent, id: expect.any(String), meta: expect.any(Object), securityContext: { reference: 'Patient/8' } }]);
  const url = `${house.fhir}/Binary/${answer.json.id}`;
  expect((await send('GET', url, undefined, fhir)).text).toBe(answer.text);
  const read = await bytesAt(url);
  expect([read.headers.get('content-type'), read.bytes.equals(bytes)]).toEqual(['image/png', true]);
});

test('what looks like FHIR and is no Binary is content as it is', async () => {
  for (const [text, contentType] of [['{"resourceType":"Patient","active":true}', 'application/fhir+json'], ['{"x":', 'application/json'], ['{"a": 1, "a": 2}', 'application/json'], ['<a/>', 'application/xml'], ['<Binaries/>', 'text/xml']] as const) {
    const read = await bytesAt(await stored(Buffer.from(text), { 'content-type': contentType }), { accept: '*/*' });
    expect([read.headers.get('content-type'), read.bytes.toString()]).toEqual([contentType, text]);
  }
});

test('JSON that is larger than a resource may be', async () => {
  const bytes = Buffer.from(JSON.stringify({ rows: 'x'.repeat(2_000_000) }));
  expect((await bytesAt(await stored(bytes, { 'content-type': 'application/json' }))).bytes.equals(bytes)).toBe(true);
});

test('an empty content is a content', async () => {
  const url = await stored('', { 'content-type': 'text/plain' });
  const read = await bytesAt(url);
  expect([read.status, read.headers.get('content-type'), read.headers.get('content-length'), read.bytes.length]).toEqual([200, 'text/plain', '0', 0]);
  expect((await send('GET', url, undefined, fhir)).json).not.toHaveProperty('data');
});

test('a page that is stored here cannot act as one of ours', async () => {
  const url = await stored('<script>fetch("/fhir/Patient")</script>', { 'content-type': 'text/html' });
  const { headers } = await bytesAt(url, { accept: 'text/html' });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/html', 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff',
    'content-security-policy': `default-src 'none'; sandbox`, 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store',
  });
});

test.each(['nothing', 'text/html; a', 'ä/ö', 'x'.repeat(300)])('a content type that is none is not repeated: %j', async (contentType) => {
  const answer = await send('POST', `${house.fhir}/Binary`, { resourceType: 'Binary', contentType, data: 'AAAA' });
  const location = answer.headers.get('location');
  const read = location === null ? undefined : await bytesAt(location, { accept: '*/*' });
  expect([answer.status, read?.headers.get('content-type'), read?.headers.get('set-cookie')]).toEqual([201, 'application/octet-stream', null]);
});

describe('the form of the answer', () => {
  let url: string;
  beforeAll(async () => { url = await stored('{"a":1}', { 'content-type': 'application/json' }); });

  test.each([
    ['', '', 'application/json'], ['*/*', '', 'application/json'], ['application/*', '', 'application/json'], ['text/html, */*;q=0.1', '', 'application/json'],
    ['application/json', '', 'application/json'], ['application/fhir+json', '', 'application/fhir+json; charset=utf-8'], ['image/png, application/fhir+json;q=0.2', '', 'application/fhir+json; charset=utf-8'],
    ['text/json', '', 'text/json; charset=utf-8'], ['*/*', '?_format=json', 'application/fhir+json; charset=utf-8'],
  ])('Accept %j, %j: %s', async (accept, query, contentType) => {
    const read = await bytesAt(`${url}${query}`, accept === '' ? {} : { accept });
    expect([read.status, read.headers.get('content-type')]).toEqual([200, contentType]);
  });

  test.each([['image/png'], ['application/json;q=0'], ['application/pdf']])('Accept %s is not acceptable', async (accept) => {
    expect(codeOf(await send('GET', url, undefined, { accept }))).toEqual([406, 'not-acceptable']);
  });

  test('other parameters are refused', async () => {
    expect(codeOf(await send('GET', `${url}?_download=1`))).toEqual([400, 'unknown-search-parameter']);
  });
});

describe('ranges', () => {
  let url: string;
  beforeAll(async () => { url = await stored('0123456789'); });

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'], ['bytes=2-5', '2345', 'bytes 2-5/10'], ['bytes=7-', '789', 'bytes 7-9/10'], ['bytes=7-100', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'], ['bytes=-30', '0123456789', 'bytes 0-9/10'],
  ])('%s', async (range, text, contentRange) => {
    const read = await bytesAt(url, { range });
    expect([read.status, read.bytes.toString(), read.headers.get('content-range'), read.headers.get('content-length')]).toEqual([206, text, contentRange, String(text.length)]);
  });

  test.each(['bytes=10-', 'bytes=100-200', 'bytes=-0'])('%s is not satisfiable', async (range) => {
    const answer = await send('GET', url, undefined, { range });
    expect([...(codeOf(answer) as unknown[]), answer.headers.get('content-range')]).toEqual([416, 'range-not-satisfiable', 'bytes */10']);
  });

  test.each(['bytes=5-2', 'bytes=-', 'bytes=a-b', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=1-99999999999999999999'])('%s is passed over', async (range) => {
    expect([(await bytesAt(url, { range })).status, (await bytesAt(url, { range })).bytes.toString()]).toEqual([200, '0123456789']);
  });

  test('If-Range with a weak tag gets everything; a resource as FHIR has no ranges', async () => {
    expect((await bytesAt(url, { range: 'bytes=0-0', 'if-range': 'W/"1"' })).status).toBe(200);
    expect((await bytesAt(url, { range: 'bytes=0-0', ...fhir })).status).toBe(200);
  });
});

test('as XML: in, out, in an answer, and what is no Binary', async () => {
  const bytes = randomBytes(100_000);
  const xml = { 'content-type': 'application/fhir+xml' };
  const sent = `<Binary xmlns="http://hl7.org/fhir"><contentType value="image/png"/><data value="${bytes.toString('base64')}"/></Binary>`;
  const answer = await send('POST', `${house.fhir}/Binary`, sent, { ...xml, accept: 'application/fhir+xml' });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'application/fhir+xml; charset=utf-8']);
  expect(answer.text).toContain(`<data value="${bytes.toString('base64')}"/></Binary>`);
  const url = answer.headers.get('location')!.replace('/_history/1', '');
  expect((await bytesAt(url)).bytes.equals(bytes)).toBe(true);
  for (const [query, accept] of [['', 'application/fhir+xml'], ['?_format=xml', '*/*']] as const) {
    const read = await send('GET', `${url}${query}`, undefined, { accept });
    expect([read.status, read.text, read.headers.get('content-length')]).toEqual([200, answer.text, String(Buffer.byteLength(answer.text))]);
  }
  expect(codeOf(await send('POST', `${house.fhir}/Binary`, '<Binary xmlns="http://hl7.org/fhir"><contentType', xml))).toEqual([400, 'malformed-xml']);
  expect(codeOf(await send('POST', `${house.fhir}/Binary`, '<!DOCTYPE Binary [<!ENTITY a "aaaa">]><Binary xmlns="http://hl7.org/fhir"><contentType value="&a;"/></Binary>', xml))).toEqual([400, 'malformed-xml']);
});

test('laid out and cut to a part, in memory and so not without bounds', async () => {
  const url = await stored('0123456789', { 'content-type': 'text/plain' });
  expect((await send('GET', `${url}?_format=json&_pretty=true`)).text).toMatch(/^\{\n {2}"resourceType": "Binary",[^]*"data": "MDEyMzQ1Njc4OQ=="\n\}/);
  expect((await send('GET', `${url}?_format=json&_summary=true`)).json).toEqual(expect.not.objectContaining({ data: expect.anything() }));
  const large = await stored(randomBytes(900_000));
  expect(codeOf(await send('GET', `${large}?_format=json&_pretty=true`))).toEqual([413, 'too-costly-representation']);
  expect((await send('GET', `${large}?_format=json`)).status).toBe(200);
});

test('a create that finds the same, and an update that must make something new', async () => {
  const url = await stored('first');
  const id = url.split('/').at(-1)!;
  const again = await send('POST', `${house.fhir}/Binary`, 'second', { ...pdf, 'if-none-exist': `_id=${id}` });
  expect([again.status, again.headers.get('location')]).toEqual([200, `${url}/_history/1`]);
  expect(codeOf(await send('PUT', url, 'third', { ...pdf, 'if-none-match': '*' }))).toEqual([412, 'already-there']);
  expect((await bytesAt(url)).bytes.toString()).toBe('first');
  expect((await send('PUT', `${house.fhir}/Binary/new-one`, 'new', { ...pdf, 'if-none-match': '*' })).status).toBe(201);
  expect((await bytesAt(`${house.fhir}/Binary/new-one`)).bytes.toString()).toBe('new');
});

test('what every type has and Binary has no route of its own for is there: history, search, operations, refusals', async () => {
  expect((await send('GET', `${house.fhir}/Binary/_history?_count=1`)).json.type).toBe('history');
  expect((await send('POST', `${house.fhir}/Binary/_search`, '_id=x', { 'content-type': 'application/x-www-form-urlencoded' })).json.type).toBe('searchset');
  expect((await send('GET', `${house.fhir}/Binary/$meta`)).json.resourceType).toBe('Parameters');
  expect(codeOf(await send('GET', `${house.fhir}/Binary/a%20b`))).toEqual([400, 'invalid-id']);
  expect(codeOf(await send('GET', `${house.fhir}/Binary/${'a'.repeat(65)}`))).toEqual([400, 'invalid-id']);
});

test('the same content of two tenants is kept twice, and neither sees the other\'s', async () => {
  const acme = `${house.origin}/tenant/acme/fhir`;
  const text = 'the same guideline';
  const ours = await stored(text, { ...pdf, 'x-security-context': `${house.fhir}/Patient/1` });
  const made = await send('POST', `${acme}/Binary`, text, { ...pdf, 'x-security-context': `${acme}/Patient/1` });
  const theirs = made.headers.get('location')!.replace('/_history/1', '');
  expect([made.status, theirs.startsWith(`${acme}/Binary/`)]).toEqual([201, true]);
  const id = theirs.split('/').at(-1)!;
  for (const url of [`${house.fhir}/Binary/${id}`, `${house.fhir}/Binary/${id}/_history/1`, `${acme}/Binary/${ours.split('/').at(-1)!}`]) {
    for (const headers of [{}, fhir]) expect((await send('GET', url, undefined, headers)).status).toBe(404);
  }
  for (const url of [ours, theirs]) expect((await bytesAt(url)).headers.get('x-security-context')).toBe('Patient/1');
  const tenants = [1, (await house.sql.query(`select id from tenant where name = 'acme'`)).rows[0].id as number];
  const sha256 = createHash('sha256').update(text).digest('hex');
  const { objects } = house.server.house.attachments;
  for (const tenant of tenants) expect(await objects.head(tenant, sha256)).toMatchObject({ size: text.length });
  await objects.delete(1, sha256);
  expect((await bytesAt(theirs)).bytes.toString()).toBe(text);
});

test('HEAD says what GET would, without the content', async () => {
  const url = await stored('0123456789');
  for (const headers of [{}, fhir]) {
    const [head, get] = [await bytesAt(url, headers, 'HEAD'), await bytesAt(url, headers)];
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    for (const name of ['content-type', 'content-length', 'etag', 'content-disposition']) expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
  }
});

test('versions, deletion and what comes after', async () => {
  const url = await stored('the first');
  expect((await send('PUT', url, 'the second', { 'content-type': 'text/plain', 'if-match': 'W/"1"' })).headers.get('etag')).toBe('W/"2"');
  expect((await bytesAt(url)).bytes.toString()).toBe('the second');
  expect((await bytesAt(`${url}/_history/1`)).bytes.toString()).toBe('the first');
  expect((await bytesAt(`${url}/_history/1`)).headers.get('content-type')).toBe('application/pdf');
  expect((await bytesAt(url, { 'if-none-match': 'W/"2"' })).status).toBe(304);
  expect((await bytesAt(url, { 'if-none-match': 'W/"1"' })).status).toBe(200);
  const id = url.split('/').at(-1);
  // As FHIR and without data: from now on there is none.
  expect((await send('PUT', url, { resourceType: 'Binary', id, contentType: 'text/plain' })).status).toBe(200);
  expect((await send('GET', url)).json).toEqual({ resourceType: 'Binary', id, meta: expect.any(Object), contentType: 'text/plain' });
  expect((await send('DELETE', url)).status).toBe(204);
  expect(codeOf(await send('GET', url))).toEqual([410, 'gone']);
  expect((await bytesAt(`${url}/_history/2`)).bytes.toString()).toBe('the second');
  expect((await send('PUT', url, 'the fifth', pdf)).headers.get('etag')).toBe('W/"5"');
  expect((await bytesAt(url)).bytes.toString()).toBe('the fifth');
});

test('a client that asks for the resource it has made gets it', async () => {
  const answer = await send('POST', `${house.fhir}/Binary`, 'abc', { 'content-type': 'text/plain', prefer: 'return=representation' });
  expect(answer.json).toMatchObject({ contentType: 'text/plain', data: Buffer.from('abc').toString('base64') });
  expect((await send('POST', `${house.fhir}/Binary`, 'abc', { 'content-type': 'text/plain' })).text).toBe('');
});

test('an object that has been lost is a store that does not answer, and no empty content', async () => {
  const url = await stored('soon to be lost');
  const { rows: [row] } = await house.sql.query(`select encode(sha256, 'hex') as sha256 from resource_object where id = $1`, [url.split('/').at(-1)]);
  await house.server.house.attachments.objects.delete(1, row.sha256);
  expect(codeOf(await send('GET', url))).toEqual([503, 'store-unavailable']);
  expect(codeOf(await send('GET', url, undefined, fhir))).toEqual([503, 'store-unavailable']);
});

test('the server takes away at night what no commit came for', async () => {
  const { objects } = house.server.house.attachments;
  const { sha256 } = await objects.put(1, [Buffer.from('nobody refers to this')], 100);
  const url = await stored('somebody refers to this');
  house.clock.advance(25 * 60 * 60 * 1000);
  await house.sql.query(`select graphile_worker.add_job('clean_objects', '{}')`);
  await until(async () => await objects.head(1, sha256) === undefined);
  expect((await bytesAt(url)).bytes.toString()).toBe('somebody refers to this');
});

describe('in a Bundle', () => {
  const first = randomBytes(3000);
  const second = randomBytes(5000);
  let id: string;
  beforeAll(async () => {
    const url = await stored(first);
    id = url.split('/').at(-1)!;
    expect((await send('PUT', url, second, pdf)).status).toBe(200);
  });
  const dataOf = (answer: TestAnswer): unknown => answer.json.entry.map((entry: { resource: { data?: string } }) => entry.resource.data);

  test('of a search, of a history, of a transaction and of a batch, it comes with its content', async () => {
    expect(dataOf(await send('GET', `${house.fhir}/Binary?_id=${id}`))).toEqual([second.toString('base64')]);
    expect(dataOf(await send('GET', `${house.fhir}/Binary/${id}/_history`))).toEqual([second.toString('base64'), first.toString('base64')]);
    expect(dataOf(await send('GET', `${house.fhir}/Binary/_history?_count=2`))).toEqual([second.toString('base64'), first.toString('base64')]);
    for (const type of ['transaction', 'batch']) {
      const entry = [`Binary/${id}`, `Binary/${id}/_history/1`].map((url) => ({ request: { method: 'GET', url } }));
      expect(dataOf(await send('POST', house.fhir, { resourceType: 'Bundle', type, entry }))).toEqual([second.toString('base64'), first.toString('base64')]);
    }
  });

  test('what does not fit says that it is incomplete, and is whole at its own address', async () => {
    const ids = [];
    for (let number = 0; number < 5; number += 1) ids.push((await stored(Buffer.alloc(2_900_000, String(number)))).split('/').at(-1));
    const { entry } = (await send('GET', `${house.fhir}/Binary?_id=${ids.join(',')}`)).json;
    const resources = entry.map((one: { resource: { data?: string; meta: { tag?: { code: string }[] } } }) => one.resource) as { data?: string; meta: { tag?: { code: string }[] } }[];
    expect(resources.map(({ data, meta }) => [data?.length, meta.tag?.[0]?.code]).toSorted((a, b) => String(a[1]) < String(b[1]) ? 1 : -1))
      .toEqual([[3_866_668, undefined], [3_866_668, undefined], [3_866_668, undefined], [3_866_668, undefined], [undefined, 'SUBSETTED']]);
    for (const one of ids) expect((await bytesAt(`${house.fhir}/Binary/${one}`)).bytes).toHaveLength(2_900_000);
  });
});
