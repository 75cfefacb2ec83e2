/** Large evidence in a request: the record refers to it, the bytes that arrived keep it as it was sent. */
import { createHash, randomBytes } from 'node:crypto';
import type { Claim, DocumentReference } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, decide, decision, pendingRequest } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const scan = randomBytes(50_000);
const photo = randomBytes(20_000);
const hashOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('base64');

test('documents and attachments of the Claim become Binaries, and the authorization is decided as before', async () => {
  const bundle = pendingRequest(house);
  const base = bundle.entry![0]!.fullUrl!.replace(/\/Claim\/.*$/, '');
  const patient = claimOf(bundle).patient;
  const document: DocumentReference = {
    resourceType: 'DocumentReference', id: 'scan', status: 'current', type: { coding: [{ system: 'http://loinc.org', code: '34117-2' }] }, subject: patient,
    content: [{ attachment: { contentType: 'application/pdf', title: 'Scan', data: scan.toString('base64') } }],
  };
  bundle.entry!.push({ fullUrl: `${base}/DocumentReference/scan`, resource: document });
  const claim = claimOf(bundle);
  const sequence = Math.max(0, ...(claim.supportingInfo ?? []).map((info) => info.sequence ?? 0));
  const category = { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASSupportingInfoType', code: 'additionalInformation' }] };
  claim.supportingInfo = [
    ...claim.supportingInfo ?? [],
    { sequence: sequence + 1, category, valueReference: { reference: 'DocumentReference/scan' } },
    { sequence: sequence + 2, category, valueAttachment: { contentType: 'image/jpeg', data: photo.toString('base64') } },
  ];
  const text = JSON.stringify(bundle);
  const answer = await send('POST', `${house.fhir}/Claim/$submit`, text);
  expect([answer.status, actionsOf(answer.json)]).toEqual([200, { 1: 'A4' }]);

  const { rows: [documentRow] } = await house.sql.query(`select content from resource where content like '%"title":"Scan"%'`);
  const stored = JSON.parse(documentRow.content) as DocumentReference;
  expect(stored.content[0]!.attachment).toEqual({ contentType: 'application/pdf', title: 'Scan', size: scan.length, hash: hashOf(scan), url: expect.stringMatching(/^Binary\//) });
  const { rows: [claimRow] } = await house.sql.query(`select c.content from prior_authorization a join resource c on c.id = a.claim order by a.received_at desc limit 1`);
  const evidence = (JSON.parse(claimRow.content) as Claim).supportingInfo!.find((info) => info.valueAttachment)!.valueAttachment!;
  expect(evidence).toMatchObject({ size: photo.length, hash: hashOf(photo), url: expect.stringMatching(/^Binary\//) });

  for (const [url, bytes, owner] of [[stored.content[0]!.attachment.url, scan, `DocumentReference/${stored.id}`], [evidence.url, photo, `Claim/${(JSON.parse(claimRow.content) as Claim).id}`]] as const) {
    const content = await fetch(`${house.fhir}/${url}`);
    expect([content.status, Buffer.from(await content.arrayBuffer()).equals(bytes), content.headers.get('x-security-context')]).toEqual([200, true, owner]);
  }
  const { rows: [landed] } = await house.sql.query('select body from landing order by received_at desc, id desc limit 1');
  expect((landed.body as Buffer).toString()).toBe(text);

  const claimId = (JSON.parse(claimRow.content) as Claim).id!;
  const decided = await decide(house, claimId, decision(certification));
  expect([decided.status, actionsOf(decided.json)]).toEqual([200, { 1: 'A1' }]);
  // The same bytes again are the same delivery, and make no further Binaries.
  const count = async (): Promise<string> => (await house.sql.query('select count(*) from resource_object')).rows[0].count as string;
  const before = await count();
  expect((await send('POST', `${house.fhir}/Claim/$submit`, text)).text).toBe(answer.text);
  expect(await count()).toBe(before);
});
