/** $ccda: the record of a patient as a C-CDA document, from what came in as one and from what was written by REST. */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Bundle, DocumentReference, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import { readClinicalDocument, writeClinicalDocument } from '../../mappers/ccda/index.ts';
import { mostResources } from '../../operations/clinical-document/record.ts';
import { documentText, section, template } from '../mappers/ccda/build.ts';
import { corpusDocuments } from '../mappers/ccda/corpus.ts';
import { declaredFields } from '../mappers/ccda/inverse-fields.ts';
import { bundleOf, fixtures } from '../mappers/ccda/inverse-fixtures.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let patient: string;
const original = writeClinicalDocument(bundleOf(...fixtures), { type: 'ccd', id: { root: '2.16.840.1.113883.19.5', extension: 'W1' }, time: '2026-01-02T03:04:05Z' }).document;

beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_TENANTS: 'other,t0,t1,t2,t3,t4' } });
  patient = await takeIn(original);
});
afterAll(async () => { await house.close(); });

/** The id of the patient whom a document is about. */
async function takeIn(document: string | Uint8Array, origin = house.origin): Promise<string> {
  const answer = await send('POST', `${origin}/inbox/ccda`, document, { 'content-type': 'application/cda+xml' });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  const { messages: [message] } = (await send('GET', `${origin}/inbox?landing=${answer.headers.get('priora-delivery')}`)).json as { messages: { patient?: string; state: string }[] };
  expect(message).toMatchObject({ state: 'accepted' });
  return message!.patient!;
}

const ask = (query = '', { of = patient, accept }: { readonly of?: string; readonly accept?: string } = {}): Promise<TestAnswer> => send('GET', `${house.fhir}/Patient/${of}/$ccda${query}`, undefined, accept === undefined ? {} : { accept });
const put = async (...resources: readonly object[]): Promise<void> => {
  const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: (resources as { resourceType: string; id: string }[]).map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })) });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
};
const parts = (answer: TestAnswer): { document: DocumentReference; issues: OperationOutcome } => Object.fromEntries((answer.json as Parameters).parameter!.map(({ name, resource }) => [name, resource])) as unknown as { document: DocumentReference; issues: OperationOutcome };
const read = (text: string): Bundle => {
  const { bundle, issues } = readClinicalDocument(Buffer.from(text));
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return bundle;
};

test.each<[string, string, { of?: string; accept?: string }, number, string]>([
  ['a patient who is not there', '', { of: 'nobody' }, 404, 'not-found'],
  ['a kind of document that there is not', '?type=cda', {}, 400, 'invalid-operation-parameter'],
  ['two kinds at once', '?type=ccd&type=referral', {}, 400, 'invalid-operation-parameter'],
  ['a day that there is not', '?start=2026-02-30', {}, 400, 'invalid-operation-parameter'],
  ['an end before the start', '?start=2026-02-02&end=2026-02-01', {}, 400, 'invalid-operation-parameter'],
  ['a parameter that there is not', '?since=2026', {}, 400, 'unknown-operation-parameter'],
  ['a form that nobody has', '', { accept: 'image/png' }, 406, 'not-acceptable'],
])('refused: %s', async (_, query, { of, accept }, status, code) => {
  const answer = await ask(query, { ...(of !== undefined && { of }), ...(accept !== undefined && { accept }) });
  expect([answer.status, answer.text.includes(code)]).toEqual([status, true]);
});

test('refused: another tenant\'s patient, a deleted one, and a type that has no such record', async () => {
  expect((await send('GET', `${house.origin}/tenant/other/fhir/Patient/${patient}/$ccda`)).status).toBe(404);
  await put({ resourceType: 'Patient', id: 'gone' });
  await send('DELETE', `${house.fhir}/Patient/gone`);
  expect((await ask('', { of: 'gone' })).status).toBe(410);
  expect((await send('GET', `${house.fhir}/Encounter/${patient}/$ccda`)).text).toContain('operation-elsewhere');
});

test('what came in as a document goes out as one, with nothing of the declared fields lost', async () => {
  const answer = await ask();
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([200, 'application/cda+xml; charset=utf-8', 'attachment']);
  expect(declaredFields(read(answer.text))).toEqual(declaredFields(read(original)));
  expect(answer.text).toContain('code="34133-9"');
});

// Their patients are alike, so each document has a tenant of its own.
const samples = corpusDocuments().filter(({ name, isPart, bytes }) => !isPart && bytes.length < 400_000 && /medplum-ccda|Documents/.test(name)).slice(0, 5);
(samples.length > 0 ? test : test.skip)('documents of the corpora come back too', async () => {
  const lost: string[] = [];
  let compared = 0;
  for (const [index, { name, bytes }] of samples.entries()) {
    const origin = `${house.origin}/tenant/t${index}`;
    const before = readClinicalDocument(bytes).bundle;
    // What the writer itself tells to have no place is not missed here.
    const straight = read(writeClinicalDocument(before, { type: 'ccd', id: { root: '2.16.840.1.113883.19.5', extension: 'W2' }, time: '2026-01-02T03:04:05Z' }).document);
    const { text } = await send('GET', `${origin}/fhir/Patient/${await takeIn(bytes, origin)}/$ccda`);
    const found = declaredFields(read(text));
    for (const line of declaredFields(straight)) {
      compared++;
      const at = found.indexOf(line);
      if (at >= 0) found.splice(at, 1);
      else lost.push(`${name}: ${line}`);
    }
  }
  expect(lost).toEqual([]);
  expect(compared).toBeGreaterThan(100);
});

test('a referral by Parameters is a Referral Note', async () => {
  const answer = await send('POST', `${house.fhir}/Patient/${patient}/$ccda`, { resourceType: 'Parameters', parameter: [{ name: 'type', valueCode: 'referral' }] }, { accept: 'application/cda+xml' });
  expect([answer.status, answer.text.includes('code="57133-1"')]).toEqual([200, true]);
});

test('who asks for FHIR gets a DocumentReference that is valid, and what is not in the document', async () => {
  await put({ resourceType: 'Goal', id: 'walk', lifecycleStatus: 'active', description: { text: 'Secretgoal' }, subject: { reference: `Patient/${patient}` } });
  const { document, issues } = parts(await ask('?_format=json'));
  const { attachment } = document.content[0]!;
  const bytes = Buffer.from(attachment.data!, 'base64');
  expect([attachment.contentType, attachment.size, attachment.hash]).toEqual(['application/cda+xml', bytes.length, createHash('sha1').update(bytes).digest('base64')]);
  expect(bytes.toString()).toContain(document.masterIdentifier!.value!.replace('urn:uuid:', '<id root="'));
  expect(issues.issue).toContainEqual(expect.objectContaining({ severity: 'warning', details: expect.objectContaining({ coding: [expect.objectContaining({ code: 'resource-not-written' })] }) as unknown, diagnostics: `${house.fhir}/Goal/walk`, expression: ['Goal'] }));
  expect(JSON.stringify(issues)).not.toContain('Secretgoal');
  for (const resource of [document, issues]) expect((await send('POST', `${house.fhir}/${resource.resourceType}/$validate`, resource)).json).toMatchObject({ issue: expect.not.arrayContaining([expect.objectContaining({ severity: 'error' })]) as unknown });
  expect((await ask('', { accept: 'application/fhir+xml' })).text).toContain('<Parameters xmlns="http://hl7.org/fhir">');
});

test('a form that came in is stored, and told as left out', async () => {
  const question = `<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">${template('86')}<code code="88122-7" codeSystem="2.16.840.1.113883.6.1"/><value xsi:type="CO" code="LA28397-0" codeSystem="2.16.840.1.113883.6.1"/><value xsi:type="INT" value="1"/></observation></entryRelationship>`;
  const scale = `<observation classCode="OBS" moodCode="EVN">${template('69')}<id root="2.16.840.1.113883.19.9" extension="s1"/><code code="88121-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20120214"/>${question}</observation>`;
  const origin = `${house.origin}/tenant/other`;
  const of = await takeIn(documentText({ body: section('29762-2', [scale]) }), origin);
  const { entry: [form] } = (await send('GET', `${origin}/fhir/QuestionnaireResponse?subject=Patient/${of}`)).json as { entry: [{ resource: { id: string } }] };
  const { issues } = parts(await send('GET', `${origin}/fhir/Patient/${of}/$ccda?_format=json`));
  expect(issues.issue).toContainEqual(expect.objectContaining({ diagnostics: `${origin}/fhir/QuestionnaireResponse/${form.resource.id}`, expression: ['QuestionnaireResponse'] }));
});

test('a record written by REST says who recorded it, and nothing of another person', async () => {
  const about = { reference: 'Patient/rest' };
  await put(
    { resourceType: 'Practitioner', id: 'eva', name: [{ family: 'Ekdal' }] },
    { resourceType: 'Patient', id: 'rest', name: [{ family: 'Rest' }] }, { resourceType: 'Patient', id: 'else', name: [{ family: 'Elsewhere' }] },
    { resourceType: 'Condition', id: 'early', subject: about, code: { text: 'Earlyone' }, onsetDateTime: '2001-02-03' },
    { resourceType: 'Condition', id: 'late', subject: about, code: { text: 'Lateone' }, onsetDateTime: '2020-02-03' },
    { resourceType: 'Condition', id: 'wrong', subject: about, code: { text: 'Wrongone' }, verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }] } },
    { resourceType: 'Observation', id: 'of-else', status: 'final', code: { text: 'Otherone' }, subject: { reference: 'Patient/else' }, performer: [about] },
    { resourceType: 'Provenance', id: 'who', target: [{ reference: 'Condition/late' }], recorded: '2021-01-01T00:00:00Z', agent: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }] }, who: { reference: 'Practitioner/eva' } }] },
  );
  const { text } = await ask('', { of: 'rest' });
  expect(text).toContain('<family>Ekdal</family>');
  expect(text).not.toMatch(/Wrongone|Otherone|Elsewhere/);
  expect(text.indexOf('Lateone')).toBeLessThan(text.indexOf('Earlyone'));
  const bounded = (await ask('?start=2010', { of: 'rest' })).text;
  expect([bounded.includes('Lateone'), bounded.includes('Earlyone')]).toEqual([true, false]);
  const ids = (document: string): string[] => [...document.matchAll(/<id root="([^"]+)"/g)].map(([, root]) => root!).slice(1);
  // The document has another id each time; what it states has the same ones.
  const again = (await ask('', { of: 'rest' })).text;
  expect(ids(again)).toEqual(ids(text));
  expect(again.slice(0, 800)).not.toBe(text.slice(0, 800));
});

test('a record that is more than a document takes is refused, with the way out', async () => {
  await put({ resourceType: 'Patient', id: 'large' });
  const observations = Array.from({ length: mostResources + 1 }, (_, at) => ({ resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/large' }, effectiveDateTime: at === 0 ? '2020-01-01' : '2021-01-01' }, request: { method: 'POST', url: 'Observation' } }));
  for (let from = 0; from < observations.length; from += 500) expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: observations.slice(from, from + 500) })).status).toBe(200);
  const answer = await ask('', { of: 'large' });
  expect([answer.status, answer.text.includes('record-too-large'), answer.text.includes(String(mostResources))]).toEqual([413, true, true]);
  expect((await ask('?end=2020', { of: 'large' })).status).toBe(200);
});
