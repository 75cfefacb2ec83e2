/** The inbox from outside: messages over HTTP, what became of them, and the commands of those who look after it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let folder: string;
beforeAll(async () => {
  house = await openHouse();
  folder = await mkdtemp(join(tmpdir(), 'priora-inbox-'));
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

/** A document with a header and nothing else. */
function document({ id, version = 1, record = 'd1', family = 'Dahl', given = 'Dora', birth = '19600203', set = `set-${record}`, custodian = 'Elmwood Clinic' }: { id: string; version?: number; record?: string; family?: string; given?: string; birth?: string; set?: string; custodian?: string }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">
  <realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
  <id root="2.16.840.1.113883.19.5" extension="${id}"/>
  <code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summary of episode note"/>
  <title>Continuity of care</title><effectiveTime value="20260301120000+0000"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
  <setId root="2.16.840.1.113883.19.6" extension="${set}"/><versionNumber value="${version}"/>
  <recordTarget><patientRole><id root="2.16.840.1.113883.19.7" extension="${record}"/>
    <addr use="HP"><city>Oslo</city></addr>
    <patient><name use="L"><given>${given}</given><family>${family}</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="${birth}"/></patient>
  </patientRole></recordTarget>
  <author><time value="20260301120000+0000"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567893"/><assignedPerson><name><given>Eva</given><family>Ek</family></name></assignedPerson></assignedAuthor></author>
  <custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.19.8" extension="c1"/><name>${custodian}</name></representedCustodianOrganization></assignedCustodian></custodian>
  <component><structuredBody/></component>
</ClinicalDocument>`;
}

const post = (text: string, type = 'application/cda+xml'): Promise<TestAnswer> => send('POST', `${house.origin}/inbox/ccda`, text, { 'content-type': type });
const inbox = async (query = ''): Promise<{ messages: { id: string; state: string; problems: string[]; patient?: string }[]; more: boolean }> => (await send('GET', `${house.origin}/inbox${query}`)).json as Awaited<ReturnType<typeof inbox>>;
const of = async (answer: TestAnswer): Promise<{ id: string; state: string; problems: string[]; patient?: string }> => (await inbox(`?landing=${answer.headers.get('priora-delivery')}`)).messages[0]!;

async function priora(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { hostname, port } = new URL(house.origin);
  const child = spawn(process.execPath, [join(process.cwd(), 'bin', 'priora.mjs'), ...words], { env: { ...process.env, HOST: hostname, PORT: port }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
  return new Promise((resolve) => { child.on('close', (code) => resolve({ code, out, err })); });
}

describe('What is not taken', () => {
  test.each<[string, () => Promise<TestAnswer>, number, string]>([
    ['no body', () => post(''), 400, 'empty-body'],
    ['a media type that a page on the web may send', () => post(document({ id: 'x' }), 'text/plain'), 415, 'unsupported-media-type'],
    ['a channel that there is not', () => send('POST', `${house.origin}/inbox/fax`, 'x', { 'content-type': 'application/octet-stream' }), 405, 'method-not-allowed'],
    ['a state that there is not', () => send('GET', `${house.origin}/inbox?state=lost`), 400, 'invalid-operation-parameter'],
    ['a time that is none', () => send('GET', `${house.origin}/inbox?since=yesterday`), 400, 'invalid-operation-parameter'],
    ['a name that is not known', () => send('GET', `${house.origin}/inbox?family=Dahl`), 400, 'unknown-operation-parameter'],
    ['more than there may be', () => send('GET', `${house.origin}/inbox?limit=100000`), 400, 'invalid-operation-parameter'],
    ['a message that is not there', () => send('GET', `${house.origin}/inbox/0195584c-9c00-7abc-8def-0123456789ab`), 404, 'message-not-found'],
    ['an id that is none', () => send('GET', `${house.origin}/inbox/1`), 404, 'message-not-found'],
    ['a replay of everything', () => send('POST', `${house.origin}/inbox/replay`), 400, 'missing-operation-parameter'],
    ['a patient who is none', () => send('POST', `${house.origin}/inbox/0195584c-9c00-7abc-8def-0123456789ab/replay`, '{"patient":"a b"}', { 'content-type': 'application/json' }), 400, 'invalid-element'],
  ])('%s', async (_, ask, status, code) => {
    const answer = await ask();
    expect([answer.status, answer.text.includes(code)]).toEqual([status, true]);
  });

  test('a document that cannot be read is kept, with line and column, and shown without its text', async () => {
    const answer = await post('<ClinicalDocument xmlns="urn:hl7-org:v3">\n  <title>Secretname</title></ClinicalDocumentt>');
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }, { severity: 'error', diagnostics: expect.stringMatching(/line 2, column \d+/) as string }] });
    const message = await of(answer);
    expect(message).toMatchObject({ state: 'quarantined', problems: ['malformed-xml'] });
    const shown = await send('GET', `${house.origin}/inbox/${message.id}`);
    expect(shown.json).toMatchObject({ attempts: 1, issues: [{ code: 'malformed-xml', line: 2 }] });
    expect(shown.text).not.toContain('Secretname');
    expect(await (await fetch(`${house.origin}/inbox/${message.id}/raw`)).text()).toContain('Secretname');
  });
});

test('a document is taken, repeated without a trace, replaced by a later version, and not by an earlier one', async () => {
  const first = await post(document({ id: 'doc-1' }));
  expect(first.json).toMatchObject({ resourceType: 'OperationOutcome', issue: expect.arrayContaining([expect.objectContaining({ severity: 'information' })]) as unknown });
  expect(first.status).toBe(200);
  expect(await of(first)).toMatchObject({ state: 'accepted', patient: expect.any(String) as string });
  const again = await post(document({ id: 'doc-1' }));
  expect([again.headers.get('priora-delivery-outcome'), again.text]).toEqual(['repeated', first.text]);
  const { id } = ((await send('GET', `${house.fhir}/Patient?identifier=d1`)).json as Bundle<Patient>).entry![0]!.resource!;
  const family = async (): Promise<string | undefined> => ((await send('GET', `${house.fhir}/Patient/${id}`)).json as Patient).name![0]!.family;
  expect((await post(document({ id: 'doc-1-v3', version: 3, family: 'Dahl-Berg' }))).status).toBe(200);
  expect(await family()).toBe('Dahl-Berg');
  expect((await post(document({ id: 'doc-1-v2', version: 2, family: 'Berg' }))).status).toBe(200);
  expect(await family()).toBe('Dahl-Berg');
  const other = await post(document({ id: 'doc-1', family: 'Other' }));
  expect([other.status, other.text.includes('duplicate-key')]).toEqual([409, true]);
});

test('commands list, show and replay, as a table and as JSON; the message itself only when it is asked for', async () => {
  house.clock.advance(60_000);
  const path = join(folder, 'broken.xml');
  await writeFile(path, '<ClinicalDocument><title>Hiddenname</ClinicalDocument>');
  expect(await priora('inbox', 'post', 'ccda', path)).toMatchObject({ code: 1, err: '' });
  const list = await priora('inbox', 'list', '--state', 'quarantined', '--channel', 'ccda');
  expect([list.code, list.out.split('\n')[0]]).toEqual([0, expect.stringMatching(/^id +received +channel +kind +state +mapped +problems$/)]);
  expect(list.out).toContain('malformed-xml');
  const [newest] = (JSON.parse((await priora('inbox', 'list', '--limit', '1', '--json')).out) as { messages: { id: string }[]; more: boolean }).messages;
  const shown = await priora('inbox', 'show', newest!.id);
  expect(shown.out).toMatch(/error +malformed-xml +\/, line 1, column \d+/);
  expect(shown.out).not.toContain('Hiddenname');
  expect((await priora('inbox', 'show', newest!.id, '--raw')).out).toBe('<ClinicalDocument><title>Hiddenname</ClinicalDocument>');
  const replayed = await priora('inbox', 'replay', newest!.id);
  expect([replayed.code, replayed.out]).toEqual([1, expect.stringMatching(/quarantined +quarantined/)]);
  expect((await priora('inbox', 'replay', '--state', 'quarantined', '--json')).out).toContain('"more": false');
  expect(await priora('inbox', 'show', 'nobody')).toMatchObject({ code: 1, err: 'priora: There is no message of this id.\n' });
  for (const words of [['list', 'x'], ['show'], ['replay'], ['replay', 'x', '--state', 'review'], ['lose'], ['list', '--colour']]) expect(await priora('inbox', ...words)).toMatchObject({ code: 2, err: expect.stringContaining('priora inbox list') as string });
});
