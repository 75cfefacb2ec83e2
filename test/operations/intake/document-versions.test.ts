/** Documents and their later versions: which one is in force, and what the later one no longer speaks of. */
import { expect, test } from '@jest/globals';
import type { Bundle, Composition, DocumentReference } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { documentText, section, template } from '../../mappers/ccda/build.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_TENANTS: 'relate,other,body,mistake,replay' } }); });
afterAll(async () => { await house.close(); });

interface Version {
  readonly id: string;
  readonly set?: string;
  readonly version?: number;
  readonly replaces?: string;
  readonly problems?: readonly string[];
  readonly patient?: string;
  readonly body?: string;
}

const oid = '2.16.840.1.113883.19.5.99999';
const problem = (code: string): string => `<act classCode="ACT" moodCode="EVN">${template('3')}<id root="${oid}.3" extension="${code}"/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/><effectiveTime><low value="2010"/></effectiveTime><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template('4')}<id root="${oid}.4" extension="${code}"/><code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><value xsi:type="CD" code="${code}" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></act>`;

function documentOf({ id, set, version, replaces, problems = [], patient = 'P1', body }: Version): string {
  const related = replaces === undefined ? '' : `<relatedDocument typeCode="RPLC"><parentDocument><id root="${oid}.1" extension="${replaces}"/></parentDocument></relatedDocument>`;
  const text = documentText({ body: section('11450-4', problems.map(problem)) })
    .replace('extension="D1"', `extension="${id}"`).replace('extension="P1"', `extension="${patient}"`).replace('Secretname', `Secret${patient}`)
    .replace('<recordTarget>', `${set === undefined ? '' : `<setId root="${oid}.2" extension="${set}"/>`}${version === undefined ? '' : `<versionNumber value="${version}"/>`}<recordTarget>`)
    .replace('</recordTarget>', `</recordTarget>${related}`);
  return body === undefined ? text : text.replace(/<component>.*<\/component>/s, `<component><nonXMLBody><text mediaType="text/plain">${body}</text></nonXMLBody></component>`);
}

const origin = (tenant: string): string => (tenant === '' ? house.origin : `${house.origin}/tenant/${tenant}`);
interface Message { readonly id: string; readonly state: string; readonly issues: { code: string; text: string; severity: string }[] }

async function take(version: Version, tenant = ''): Promise<Message & { readonly answer: string; readonly delivery: string }> {
  house.clock.advance(1000);
  const answer = await send('POST', `${origin(tenant)}/inbox/ccda`, documentOf(version), { 'content-type': 'application/cda+xml' });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  const delivery = answer.headers.get('priora-delivery')!;
  const { messages: [listed] } = (await send('GET', `${origin(tenant)}/inbox?landing=${delivery}`)).json as { messages: { id: string }[] };
  return { ...(await send('GET', `${origin(tenant)}/inbox/${listed!.id}`)).json as Message, answer: answer.text, delivery };
}

const find = async <T>(query: string, tenant = ''): Promise<T[]> => (((await send('GET', `${origin(tenant)}/fhir/${query}`)).json as Bundle).entry ?? []).map(({ resource }) => resource as T);
const listed = async (id: string, tenant = ''): Promise<DocumentReference & { id: string; meta: { versionId: string } }> => (await find<DocumentReference & { id: string; meta: { versionId: string } }>(`DocumentReference?identifier=urn:oid:${oid}.1|${id}`, tenant))[0]!;
const problems = async (tenant = ''): Promise<string[]> => (await find<{ code: { coding: { code: string }[] } }>('Condition', tenant)).map(({ code }) => code.coding[0]!.code).toSorted();

test('a document is listed with the bytes that landed, who kept it and what it became', async () => {
  const { delivery } = await take({ id: 'a1', set: 'a', version: 1, problems: ['38341003', '73211009'] });
  const document = await listed('a1');
  const [composition] = await find<Composition & { id: string }>('Composition');
  expect(document).toMatchObject({
    status: 'current', identifier: [{ system: `urn:oid:${oid}.2`, value: 'a' }], type: { coding: [{ code: '34133-9' }] }, date: '2020-01-01T12:00:00+00:00', meta: { source: `urn:uuid:${delivery}` },
    content: [{ attachment: { contentType: 'application/cda+xml', url: `${house.origin}/landing/${delivery}/raw` } }], context: { related: [{ reference: `Composition/${composition!.id}` }] },
  });
  expect(document.relatesTo).toBeUndefined();
  expect((await send('GET', document.content[0]!.attachment.url!)).text).toContain('extension="a1"');
  expect((await send('POST', `${house.fhir}/DocumentReference/$validate`, document)).json).toMatchObject({ issue: expect.not.arrayContaining([expect.objectContaining({ severity: 'error' })]) as unknown });
});

test('a later version supersedes it; what it no longer speaks of is told to those who look after it, and stays', async () => {
  const [gone] = await find<{ id: string }>('Condition?code=73211009');
  const { issues, answer } = await take({ id: 'a2', set: 'a', version: 2, problems: ['38341003'] });
  expect(issues.filter(({ code }) => code === 'no-longer-mentioned')).toEqual([expect.objectContaining({ severity: 'information', text: `The version before stated Condition/${gone!.id}; this one does not speak of it. It stays as it is.` })]);
  expect(answer).not.toContain('no-longer-mentioned');
  const [before, now] = [await listed('a1'), await listed('a2')];
  expect([before.status, now.status, now.relatesTo]).toEqual(['superseded', 'current', [{ code: 'replaces', target: { reference: `DocumentReference/${before.id}` } }]]);
  expect(await problems()).toEqual(['38341003', '73211009']);
});

test('a third version replaces the second alone, and tells what that one stated', async () => {
  const { issues } = await take({ id: 'a3', set: 'a', version: 3, problems: ['195967001'] });
  expect(issues.filter(({ code }) => code === 'no-longer-mentioned')).toHaveLength(1);
  expect((await listed('a3')).relatesTo).toEqual([{ code: 'replaces', target: { reference: `DocumentReference/${(await listed('a2')).id}` } }]);
  expect((await listed('a2')).status).toBe('superseded');
});

test('a version that comes late is not listed, and replaces nothing', async () => {
  expect((await take({ id: 'a0', set: 'a', version: 0, problems: ['1'] })).issues).toContainEqual(expect.objectContaining({ code: 'superseded' }));
  expect(await listed('a0')).toBeUndefined();
  expect((await listed('a3')).status).toBe('current');
});

test('a document without a set that says which one it replaces does so', async () => {
  await take({ id: 'b1', problems: ['38341003'] }, 'relate');
  await take({ id: 'b2', replaces: 'b1', problems: ['38341003'] }, 'relate');
  expect([(await listed('b1', 'relate')).status, (await listed('b2', 'relate')).relatesTo]).toEqual(['superseded', [expect.objectContaining({ code: 'replaces' })]]);
});

test('a document of the same set about another patient supersedes nothing', async () => {
  await take({ id: 'c1', problems: ['38341003'] }, 'other');
  const { issues, answer } = await take({ id: 'c2', replaces: 'c1', patient: 'P2', problems: [] }, 'other');
  expect([(await listed('c1', 'other')).status, (await listed('c2', 'other')).relatesTo]).toEqual(['current', undefined]);
  expect(issues.map(({ code }) => code)).toContain('replaces-other-patient');
  expect(answer).not.toContain('replaces-other-patient');
});

test('of a document that is a file the file is superseded too', async () => {
  await take({ id: 'd1', set: 'd', version: 1, body: 'First words' }, 'body');
  const { issues } = await take({ id: 'd2', set: 'd', version: 2, body: 'Second words' }, 'body');
  expect(issues.filter(({ code }) => code === 'no-longer-mentioned')).toEqual([]);
  const files = (await find<DocumentReference>('DocumentReference', 'body')).filter(({ content }) => content[0]!.attachment.contentType === 'text/plain');
  expect(files.map(({ status }) => status).toSorted()).toEqual(['current', 'superseded']);
});

test('what was entered in error is not missed', async () => {
  await take({ id: 'e1', set: 'e', version: 1, problems: ['38341003'] }, 'mistake');
  const [condition] = await find<{ id: string; meta: object }>('Condition', 'mistake');
  const { clinicalStatus: _, ...rest } = condition as unknown as Record<string, unknown>;
  expect((await send('PUT', `${origin('mistake')}/fhir/Condition/${condition!.id}`, { ...rest, verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }] } })).status).toBe(200);
  expect((await take({ id: 'e2', set: 'e', version: 2 }, 'mistake')).issues.map(({ code }) => code)).not.toContain('no-longer-mentioned');
});

test('a replay changes nothing: neither of the version in force, nor of one that was superseded', async () => {
  const first = await take({ id: 'f1', set: 'f', version: 1, problems: ['38341003', '73211009'] }, 'replay');
  const second = await take({ id: 'f2', set: 'f', version: 2, problems: ['38341003'] }, 'replay');
  const state = async (): Promise<unknown> => [await problems('replay'), (await listed('f1', 'replay')).meta.versionId, (await listed('f2', 'replay')).meta.versionId, (await find('DocumentReference', 'replay')).length];
  const before = await state();
  for (const { id } of [second, first]) expect((await send('POST', `${origin('replay')}/inbox/${id}/replay`)).status).toBe(200);
  expect(await state()).toEqual(before);
});
