/** Signed documents that come for a request: what does not verify is refused whole, and what does is kept with what was found. Source: CDex 2.1.0, CONF-025. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Claim, Extension, Resource } from '@medplum/fhirtypes';
import { verifiedSignature } from '../../operations/signatures/mark.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { readAnchors } from '../../server/signature-anchors.ts';
import { makeCertificate, signedBundle, signedResponse } from '../support/certificates.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { asking, attach, document, loinc, parametersOf, problemsOf, textsOf } from '../support/pas-attachments.ts';
import { claimOf, pendingRequest, resourceOf, submitted, tableCounts } from '../support/pas-requests.ts';

const authority = makeCertificate({ name: 'Authority', isAuthority: true });
const signer = makeCertificate({ issuer: authority });
const nobody = makeCertificate();

let folder: string;
let house: TestHouse;
let open: TestHouse;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-anchors-'));
  await writeFile(join(folder, 'authority.pem'), `The authority\n${authority.certificate.toString()}`);
  [house, open] = await Promise.all([openHouse({ demo: true, environment: { PRIORA_SIGNATURE_ANCHORS: folder } }), openHouse({ demo: true })]);
});
afterAll(async () => {
  await Promise.all([house.close(), open.close()]);
  await rm(folder, { recursive: true });
});

const note = (text = 'Sleep study'): Bundle => ({
  resourceType: 'Bundle', type: 'document', timestamp: '2026-03-01T10:00:00Z',
  entry: [{ fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: { resourceType: 'Composition', status: 'final', type: { coding: [{ system: loinc, code: '28633-6' }] }, date: '2026-03-01T10:00:00Z', author: [{ display: 'A clinic' }], title: text } }],
});
const tampered = (bundle: Bundle): Bundle => ({ ...bundle, timestamp: '2026-03-01T11:00:00Z' });
const stored = async <T>(address: string, at = house): Promise<T> => (await send('GET', `${at.fhir}/${address}`)).json as T;
const found = (resource: { extension?: Extension[] }): unknown[] => (resource.extension ?? []).flatMap(({ url, extension }) => url === verifiedSignature ? [extension!.map((part) => part.valueCode ?? part.valueInstant ?? part.valueReference?.identifier?.value)] : []);
const added = async (claim: string, at = house): Promise<{ extension?: Extension[]; resourceType: string }> => stored((await stored<Claim>(`Claim/${claim}`, at)).supportingInfo!.at(-1)!.valueReference!.reference!, at);

describe('what is refused', () => {
  test.each<[string, () => Resource[], RegExp]>([
    ['a document that was changed after it was signed', () => [tampered(signedBundle(note(), signer))], /not made over this content/],
    ['one good and one changed', () => [signedBundle(note(), signer), tampered(signedBundle(note('x'), signer))], /not made over this content/],
    ['a signer whom nobody knows', () => [signedBundle(note(), nobody)], /comes from no authority/],
    ['a changed document in an attachment', () => [{ ...document(), content: [{ attachment: { contentType: 'application/fhir+json', data: Buffer.from(JSON.stringify(tampered(signedBundle(note(), signer)))).toString('base64') } }] } as Resource], /not made over this content/],
    ['a changed response', () => [{ ...signedResponse({ resourceType: 'QuestionnaireResponse', status: 'completed' }, signer), status: 'amended' }], /not made over this content/],
  ])('%s', async (_, contents, step) => {
    const { tracking, member } = await asking(house);
    const before = await tableCounts(house.sql);
    const answer = await attach(house, parametersOf({ tracking: tracking[0]!, member, contents: contents() }));
    expect([answer.status, problemsOf(answer), answer.headers.get('priora-delivery-outcome')]).toEqual([400, ['signature-invalid'], 'refused']);
    expect(textsOf(answer)[0]).toMatch(step);
    expect(await tableCounts(house.sql)).toEqual({ ...before, landing: before['landing']! + 1 });
  });

  test('also where nobody has asked for it', async () => {
    const { member } = await asking(house);
    expect(problemsOf(await attach(house, parametersOf({ tracking: 'UNASKED-1', member, contents: [tampered(signedBundle(note(), signer))] })))).toEqual(['signature-invalid']);
  });
});

describe('what is kept', () => {
  test('a document: whole, with who signed it and when', async () => {
    const { claim, tracking, member } = await asking(house);
    const signed = signedBundle(note(), signer);
    expect((await attach(house, parametersOf({ tracking: tracking[0]!, member, contents: [signed] }))).status).toBe(200);
    const kept = await added(claim) as unknown as { extension: Extension[]; content: { attachment: { data: string } }[] };
    expect([found(kept), JSON.parse(Buffer.from(kept.content[0]!.attachment.data, 'base64').toString())]).toEqual([[['trusted', '9941339100', '2026-03-01T10:00:00.000Z']], signed]);
  });

  test('each resource of a signed collection says so, and a response', async () => {
    const { claim, tracking, member } = await asking(house);
    const collection: Bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:7d3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: document() }, { fullUrl: 'urn:uuid:8d3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: signedResponse({ resourceType: 'QuestionnaireResponse', status: 'completed' }, signer) }] };
    expect((await attach(house, parametersOf({ tracking: tracking[0]!, member, contents: [signedBundle(collection, signer)] }))).status).toBe(200);
    const addresses = (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.slice(-2).map(({ valueReference }) => valueReference!.reference!);
    expect((await Promise.all(addresses.map(async (address) => found(await stored(address))))).map((each) => each.length)).toEqual([1, 2]);
  });

  test('without authorities its signer is not trusted', async () => {
    const { claim, tracking, member } = await asking(open);
    expect((await attach(open, parametersOf({ tracking: tracking[0]!, member, contents: [signedBundle(note(), nobody)] }))).status).toBe(200);
    expect(found(await added(claim, open))).toMatchObject([['untrusted', '9941339100', '2026-03-01T10:00:00.000Z']]);
  });

  test('one that waits for its request keeps it', async () => {
    const { member } = await asking(house);
    expect((await attach(house, parametersOf({ tracking: 'UNASKED-2', member, contents: [signedBundle(note(), signer)] }))).status).toBe(200);
    const { entry } = await stored<Bundle>('DocumentReference?identifier=UNASKED-2');
    expect(found(entry![0]!.resource as { extension: Extension[] })).toMatchObject([['trusted', '9941339100', '2026-03-01T10:00:00.000Z']]);
  });

  test('nobody says of his own document that it was verified: neither with a request nor after it', async () => {
    const claimed: Resource = { ...document(), extension: [{ url: verifiedSignature, extension: [{ url: 'standing', valueCode: 'trusted' }] }] } as Resource;
    const { claim, tracking, member } = await asking(house);
    expect((await attach(house, parametersOf({ tracking: tracking[0]!, member, contents: [claimed] }))).status).toBe(200);
    expect(found(await added(claim))).toEqual([]);
    const bundle = pendingRequest(house);
    const fullUrl = 'urn:uuid:9d3151bd-1cbf-4d64-b04d-cd9187a4c6e0';
    bundle.entry!.push({ fullUrl, resource: { ...claimed, subject: { reference: claimOf(bundle).patient.reference! } } as Resource });
    claimOf(bundle).supportingInfo = [...claimOf(bundle).supportingInfo ?? [], { sequence: 50, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes', code: 'additionalInformation' }] }, valueReference: { reference: fullUrl } }];
    expect(resourceOf(bundle, 'DocumentReference')).toBeDefined();
    const kept = await added((await submitted(house, bundle)).claim);
    expect([kept.resourceType, found(kept)]).toEqual(['DocumentReference', []]);
  });
});

describe('the authorities', () => {
  test('no certificates, no file: the server does not start as if everybody were trusted', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'priora-anchors-'));
    await expect(readAnchors(empty)).rejects.toThrow('PRIORA_SIGNATURE_ANCHORS');
    await writeFile(join(empty, 'a.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
    await expect(readAnchors(empty)).rejects.toThrow('PRIORA_SIGNATURE_ANCHORS');
    await expect(readAnchors(join(empty, 'none.pem'))).rejects.toThrow('PRIORA_SIGNATURE_ANCHORS');
    await rm(empty, { recursive: true });
  });

  test('one file, or none named', async () => {
    expect([(await readAnchors(join(folder, 'authority.pem'))).length, await readAnchors(readConfiguration({}).signatureAnchors)]).toEqual([1, []]);
  });
});

