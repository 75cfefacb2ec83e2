/** Large inline data leaves the row, whatever interaction brings it: it becomes a Binary in the same commit. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Attachment, Binary, Bundle, DocumentReference } from '@medplum/fhirtypes';
import { sentUrlExtension } from '../../operations/attachments/move-out.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_ATTACHMENT_INLINE_LIMIT: '1000' } }); });
afterAll(async () => { await house.close(); });

const large = randomBytes(5000);
const small = randomBytes(1000);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64');
const codeOf = (answer: TestAnswer): unknown => [answer.status, answer.json.issue?.[0]?.details?.coding?.[0]?.code, answer.json.issue?.[0]?.expression?.[0]];

const report = (...attachments: Attachment[]): DocumentReference => ({
  resourceType: 'DocumentReference', status: 'current', subject: { reference: 'Patient/p' }, content: attachments.map((attachment) => ({ attachment })),
});
const attachmentsOf = (answer: TestAnswer): Attachment[] => (answer.json as DocumentReference).content.map(({ attachment }) => attachment);

async function rowOf(type: string, id: string): Promise<string> {
  const { rows } = await house.sql.query(`select content from resource where id = $1`, [id]);
  expect([type, id, rows.length]).toEqual([type, id, 1]);
  return rows[0].content as string;
}

/** The Binary that an attachment points to: it is there, is what was sent, and says whose it is. */
async function expectMoved(attachment: Attachment, bytes: Uint8Array, owner: string, contentType = 'application/pdf'): Promise<void> {
  expect(attachment).toEqual({ contentType, url: expect.stringMatching(/^Binary\/[0-9a-f-]{36}$/), size: bytes.length, hash: sha1(bytes) });
  const content = await fetch(`${house.fhir}/${attachment.url}`);
  expect([content.status, content.headers.get('content-type')]).toEqual([200, contentType]);
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
  const binary = (await send('GET', `${house.fhir}/${attachment.url}`, undefined, { accept: 'application/fhir+json' })).json as Binary;
  expect([binary.securityContext?.reference, binary.data]).toEqual([owner, base64(bytes)]);
  expect(await rowOf('Binary', attachment.url!.slice('Binary/'.length))).not.toContain('"data"');
}

test('a create: what is large is moved, what is small stays', async () => {
  const answer = await send('POST', `${house.fhir}/DocumentReference`, report({ contentType: 'application/pdf', data: base64(large) }, { title: 'small', data: base64(small) }));
  expect(answer.status).toBe(201);
  const [moved, kept] = attachmentsOf(answer);
  await expectMoved(moved!, large, `DocumentReference/${answer.json.id}`);
  expect(kept).toEqual({ title: 'small', data: base64(small) });
  expect(await rowOf('DocumentReference', answer.json.id)).not.toContain(base64(large).slice(0, 100));
  expect((await send('GET', `${house.fhir}/DocumentReference/${answer.json.id}`)).text).toBe(answer.text);
});

test('title, language and extensions stay; size and hash are those of the data; an address that was sent is not lost', async () => {
  const answer = await send('POST', `${house.fhir}/DocumentReference`, report({
    title: 'Report', language: 'de', creation: '2026-01-02', size: 7, hash: 'AAAA', url: 'https://hospital.example/report.pdf', data: base64(large), extension: [{ url: 'urn:x', valueString: 'y' }],
  }));
  expect(attachmentsOf(answer)[0]).toEqual({
    title: 'Report', language: 'de', creation: '2026-01-02', size: 5000, hash: sha1(large), url: expect.stringMatching(/^Binary\//),
    extension: [{ url: 'urn:x', valueString: 'y' }, { url: sentUrlExtension, valueUrl: 'https://hospital.example/report.pdf' }],
  });
});

test('the Binary has the shard of the patient whose resource it comes from', async () => {
  await send('POST', `${house.fhir}/DocumentReference`, report({ contentType: 'text/x-shard', data: base64(large) }));
  const { rows } = await house.sql.query(`select distinct r.shard, b.shard as binary_shard, o.shard as object_shard
    from resource r join resource b on b.content like '%text/x-shard%' and b.content like '%DocumentReference/' || r.id || '"%' join resource_object o on o.id = b.id where r.content like '%text/x-shard%' and r.id <> b.id`);
  expect(rows).toEqual([{ shard: rows[0].shard, binary_shard: rows[0].shard, object_shard: rows[0].shard }]);
});

test('an update, also one that creates, and an update that sends back what it has read', async () => {
  const id = 'updated';
  const made = await send('PUT', `${house.fhir}/DocumentReference/${id}`, { ...report({ contentType: 'application/pdf', data: base64(large) }), id });
  expect(made.status).toBe(201);
  await expectMoved(attachmentsOf(made)[0]!, large, `DocumentReference/${id}`);
  const again = await send('PUT', `${house.fhir}/DocumentReference/${id}`, { ...made.json, description: 'the same' });
  expect([again.status, attachmentsOf(again)]).toEqual([200, attachmentsOf(made)]);
  const other = randomBytes(3000);
  const changed = await send('PUT', `${house.fhir}/DocumentReference/${id}`, { ...report({ contentType: 'application/pdf', data: base64(other) }), id });
  await expectMoved(attachmentsOf(changed)[0]!, other, `DocumentReference/${id}`);
  const before = await send('GET', `${house.fhir}/DocumentReference/${id}/_history/1`);
  await expectMoved(attachmentsOf(before)[0]!, large, `DocumentReference/${id}`);
});

test('a patch that brings large data; a patch of a Binary keeps its content', async () => {
  const created = (await send('POST', `${house.fhir}/DocumentReference`, report({ title: 'small' }))).json as DocumentReference;
  const patched = await send('PATCH', `${house.fhir}/DocumentReference/${created.id}`, [{ op: 'replace', path: '/content/0/attachment', value: { contentType: 'application/pdf', data: base64(large) } }], { 'content-type': 'application/json-patch+json' });
  expect(patched.status).toBe(200);
  await expectMoved(attachmentsOf(patched)[0]!, large, `DocumentReference/${created.id}`);

  const location = (await send('POST', `${house.fhir}/Binary`, 'to be kept', { 'content-type': 'text/plain' })).headers.get('location')!.replace('/_history/1', '');
  const labelled = await send('PATCH', location, [{ op: 'add', path: '/language', value: 'de' }], { 'content-type': 'application/json-patch+json' });
  expect([labelled.status, (await send('GET', location)).text, (await send('GET', location, undefined, { accept: 'application/fhir+json' })).json.language]).toEqual([200, 'to be kept', 'de']);
  const rewritten = await send('PATCH', location, [{ op: 'add', path: '/data', value: base64(large) }], { 'content-type': 'application/json-patch+json' });
  expect([rewritten.status, (await send('GET', location, undefined, { accept: 'application/fhir+json' })).json.data]).toEqual([200, base64(large)]);
});

test('labels on a Binary keep its content', async () => {
  const location = (await send('POST', `${house.fhir}/Binary`, 'to be labelled', { 'content-type': 'text/plain' })).headers.get('location')!.replace('/_history/1', '');
  const tag = { system: 'urn:x', code: 'y' };
  expect((await send('POST', `${location}/$meta-add`, { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [tag] } }] })).status).toBe(200);
  expect([(await send('GET', location)).text, (await send('GET', location, undefined, { accept: 'application/fhir+json' })).json.meta.tag]).toEqual(['to be labelled', [tag]]);
});

test.each(['transaction', 'batch'] as const)('a %s: a Binary that is sent with it, one that is updated, and an attachment', async (type) => {
  const other = randomBytes(2000);
  const id = `updated-by-${type}`;
  const entry: NonNullable<Bundle['entry']> = [
    { fullUrl: 'urn:uuid:6f4b1f0a-5a0e-4b6e-8b38-0d3f4f1a0001', resource: { resourceType: 'Binary', contentType: 'text/plain', data: base64(large) }, request: { method: 'POST', url: 'Binary' } },
    { resource: report({ contentType: 'application/pdf', data: base64(other) }), request: { method: 'POST', url: 'DocumentReference' } },
    { resource: { resourceType: 'Binary', id, contentType: 'text/plain', data: base64(small) }, request: { method: 'PUT', url: `Binary/${id}` } },
  ];
  const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type, entry });
  expect([answer.status, answer.json.entry?.map((one: { response: { status: string } }) => one.response.status.slice(0, 3))]).toEqual([200, ['201', '201', '201']]);
  const locations = answer.json.entry.map((one: { response: { location: string } }) => one.response.location.replace(/\/_history\/\d+$/, '').replace(/^(?!http)/, `${house.fhir}/`)) as string[];
  expect(Buffer.from(await (await fetch(locations[0]!)).arrayBuffer()).equals(large)).toBe(true);
  expect(Buffer.from(await (await fetch(locations[2]!)).arrayBuffer()).equals(small)).toBe(true);
  const stored = await send('GET', locations[1]!);
  await expectMoved(attachmentsOf(stored)[0]!, other, `DocumentReference/${stored.json.id}`);
  // An update without data leaves none.
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type, entry: [{ resource: { resourceType: 'Binary', id, contentType: 'text/plain' }, request: { method: 'PUT', url: `Binary/${id}` } }] })).status).toBe(200);
  expect((await send('GET', locations[2]!)).json).not.toHaveProperty('data');
});

test('a create that finds what it would have made keeps no Binary', async () => {
  const create = (): Promise<TestAnswer> => send('POST', `${house.fhir}/DocumentReference`, { ...report({ contentType: 'application/pdf', data: base64(large) }), identifier: [{ system: 'urn:x', value: 'once' }] }, { 'if-none-exist': 'identifier=urn:x|once' });
  const first = await create();
  const count = async (): Promise<string> => (await house.sql.query(`select count(*) from resource_object`)).rows[0].count as string;
  const before = await count();
  const second = await create();
  expect([first.status, second.status, second.json.id, await count()]).toEqual([201, 200, first.json.id, before]);
});

describe('refused, and nothing is kept', () => {
  async function counts(): Promise<unknown> {
    const { rows } = await house.sql.query('select (select count(*) from resource) as resources, (select count(*) from resource_object) as objects');
    return { ...rows[0], files: (await readdir(house.objects, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length };
  }

  test.each([['not base64', '!'.repeat(4000)], ['a length that base64 has not', 'A'.repeat(4001)], ['padding in the middle', `${'A'.repeat(2000)}====${'A'.repeat(2000)}`]])('data that is %s', async (_name, data) => {
    const before = await counts();
    const content = report({ contentType: 'application/pdf', data: base64(large) }, { data });
    expect(codeOf(await send('POST', `${house.fhir}/DocumentReference`, content))).toEqual([400, 'invalid-element', 'DocumentReference.content[1].attachment.data']);
    expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: content, request: { method: 'POST', url: 'DocumentReference' } }] })).status).toBe(400);
    expect(await counts()).toEqual(before);
  });

  test('a commit that fails: the object may stay behind, but nothing refers to it', async () => {
    const before = await counts() as { resources: string; objects: string };
    const fresh = randomBytes(1500);
    expect((await send('PUT', `${house.fhir}/DocumentReference/never`, { ...report({ data: base64(fresh) }), id: 'never' }, { 'if-match': 'W/"4"' })).status).toBe(412);
    expect(await counts()).toMatchObject({ resources: before.resources, objects: before.objects });
  });
});

test('a Bundle that is stored is kept as it is', async () => {
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { ...report({ data: base64(large) }), id: 'inside' } }] };
  const stored = await send('POST', `${house.fhir}/Bundle`, bundle);
  expect(stored.json.entry).toEqual(bundle.entry);
});
