/**
 * Signatures of documents: which step fails for what is not right, and what holds. Source: CDex 2.1.0, "Signatures",
 * CONF-028 to CONF-055.
 */
import { createHmac, createPublicKey } from 'node:crypto';
import type { Bundle, QuestionnaireResponse, Resource, Signature } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { signaturesIn } from '../../operations/signatures/find.ts';
import { verifySignature, type VerifiedSignature } from '../../operations/signatures/verify.ts';
import { makeCertificate, signatureOver, signedAt, signedBundle, signedResponse, type SigningOptions } from '../support/certificates.ts';
import { sharedJson } from '../support/shared.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const authority = makeCertificate({ name: 'Authority', isAuthority: true });
const signer = makeCertificate({ issuer: authority });
const rsa = makeCertificate({ issuer: authority, kind: 'rsa' });

const letter: Bundle = {
  resourceType: 'Bundle', id: 'letter', meta: { versionId: '3' }, type: 'document', timestamp: '2026-03-01T10:00:00Z',
  entry: [{ fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: { resourceType: 'Observation', status: 'final', code: { text: 'Weight' }, valueQuantity: { value: 81.5, unit: 'kg' } } }],
};
const answers: QuestionnaireResponse = { resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', item: [{ id: 'i', linkId: '1', answer: [{ valueString: 'yes' }] }] };

async function verified(resource: Resource, anchors = [authority.certificate]): Promise<VerifiedSignature[]> {
  return Promise.all(signaturesIn(resource, 'Content').map((each) => verifySignature(each, { anchors }, now)));
}

/** The step that failed. */
async function fault(resource: Resource, anchors = [authority.certificate]): Promise<string> {
  try {
    await verified(resource, anchors);
  } catch (error) {
    if (error instanceof Problem && error.code === 'signature-invalid' && error.status === 400) return String(error.issues[0].details?.['step']);
    throw error;
  }
  return 'none';
}

const signed = (options?: SigningOptions, holder = signer): Bundle => signedBundle(letter, holder, options);
const changed = (bundle: Bundle, change: (copy: Bundle) => void): Bundle => {
  const copy = structuredClone(bundle);
  change(copy);
  return copy;
};
const otherContent = 'it was not made over this content with the key of its certificate';
const otherName = 'no alternative name of the certificate is Signature.who.identifier';
const untrusted = 'the certificate comes from no authority that is trusted here';
const noAlgorithm = /^the algorithm must be one of/;

describe('what is refused', () => {
  test.each<[string, () => Resource, string | RegExp]>([
    ['a value that was changed', () => changed(signed(), (bundle) => { (bundle.entry![0]!.resource as { valueQuantity: { value: number } }).valueQuantity.value = 82.5; }), otherContent],
    ['an entry that was added', () => changed(signed(), (bundle) => { bundle.entry!.push({ resource: { resourceType: 'Basic', code: { text: 'x' } } }); }), otherContent],
    ['a byte of the signature', () => changed(signed(), (bundle) => { const text = Buffer.from(bundle.signature!.data!, 'base64').toString(); bundle.signature!.data = Buffer.from(text.slice(0, -3) + (text.at(-3) === 'A' ? 'B' : 'A') + text.slice(-2)).toString('base64'); }), otherContent],
    ['a signature over something else', () => ({ ...letter, signature: signatureOver({ resourceType: 'Bundle', type: 'document' }, signer) }), otherContent],
    ['the content of a Bundle with its id', () => ({ ...letter, signature: signatureOver(letter, signer) }), otherContent],
    ['no algorithm', () => signed({ header: { alg: 'none' }, make: () => Buffer.alloc(0) }), 'Signature.data is no JWS'],
    ['none, with something for a signature', () => signed({ header: { alg: 'none' } }), noAlgorithm],
    ['HS256 with the key of the certificate', () => signed({ header: { alg: 'HS256' }, make: (input) => createHmac('sha256', createPublicKey(signer.privateKey).export({ type: 'spki', format: 'pem' })).update(input).digest() }), noAlgorithm],
    ['an algorithm for another kind of key', () => signed({ header: { alg: 'RS256' } }), 'the header of the JWS asks for what is not supported with the key of its certificate'],
    ['a key that is too short', () => signed({}, makeCertificate({ issuer: authority, kind: 'rsa', bits: 1024 })), 'the header of the JWS asks for what is not supported with the key of its certificate'],
    ['a payload that is not encoded', () => signed({ header: { b64: false, crit: ['b64'] } }), 'a payload that is not base64url (b64) is not supported'],
    ['a header that asks for what nobody knows', () => signed({ header: { crit: ['other'], other: 1 } }), 'the header of the JWS asks for what is not supported with the key of its certificate'],
    ['another payload inside', () => changed(signed(), (bundle) => { bundle.signature!.data = Buffer.from(Buffer.from(bundle.signature!.data!, 'base64').toString().replace('..', '.e30.')).toString('base64'); }), 'the payload of the JWS is not the canonical form of the content'],
    ['no certificate', () => signed({ header: { x5c: undefined } }), 'the header of the JWS has no certificate (x5c)'],
    ['an empty list of certificates', () => signed({ header: { x5c: [] } }), 'the header of the JWS has no certificate (x5c)'],
    ['what is no certificate', () => signed({ header: { x5c: ['AAAA'] } }), 'a certificate (x5c) cannot be read'],
    ['somebody else\'s certificate', () => signed({ header: { x5c: [makeCertificate({ issuer: authority }).certificate.raw.toString('base64')] } }), otherContent],
    ['a certificate that expired before', () => signed({}, makeCertificate({ issuer: authority, to: '2026-02-01T00:00:00Z' })), 'the certificate was not valid when it was made'],
    ['a certificate that was made after', () => signed({}, makeCertificate({ issuer: authority, from: '2026-03-01T11:00:00Z' })), 'the certificate was not valid when it was made'],
    ['a key for something else', () => signed({}, makeCertificate({ issuer: authority, usage: 4 })), 'the key of the certificate is not for signatures'],
    ['another NPI', () => signed({ number: '1234567893' }), otherName],
    ['a number of another system', () => signed({ signature: { who: { identifier: { system: 'urn:oid:2.16.840.1.113883.4.4', value: '9941339100' } } } }), otherName],
    ['nobody by number', () => signed({ signature: { who: { display: 'John Hancock, MD' } } }), otherName],
    ['another time than that in the header', () => signed({ signature: { when: '2026-03-01T10:00:01.000Z' } }), 'the header sigT is not Signature.when'],
    ['no time in the header', () => signed({ header: { sigT: undefined } }), 'the header sigT is not Signature.when'],
    ['a time to come', () => signed({ at: '2026-03-02T09:06:00.000Z' }), 'it is said to be of a time to come'],
    ['another purpose', () => signed({ signature: { type: [{ code: '1.2.840.10065.1.12.1.1' }] } }), 'the purposes in the header srCms are not the codes of Signature.type'],
    ['no purpose in the header', () => signed({ header: { srCms: undefined } }), 'the purposes in the header srCms are not the codes of Signature.type'],
    ['an authority that nobody trusts', () => signed({}, makeCertificate({ issuer: makeCertificate({ name: 'Authority', isAuthority: true }) })), untrusted],
    ['one who is no authority between', () => { const between = makeCertificate({ name: 'Between', issuer: authority, usage: 5 | 32 }); return signed({ chain: [between.certificate] }, makeCertificate({ issuer: between })); }, untrusted],
    ['two signatures in a Bundle', () => ({ ...signed(), signature: [signed().signature, signed().signature] as unknown as Signature }), 'it has not the form of one Signature'],
    ['another format', () => signed({ signature: { sigFormat: 'application/signature+xml' } }), 'sigFormat must be application/jose'],
    ['another canonical form', () => signed({ signature: { targetFormat: 'application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json+xml#document' } }), /^targetFormat must be/],
    ['no data', () => signed({ signature: { data: undefined } }), 'Signature.data is missing'],
    ['data that is no JWS', () => signed({ signature: { data: 'AAAA' } }), 'Signature.data is no JWS'],
    ['more signatures than anybody sends', () => ({ ...answers, extension: Array.from({ length: 21 }, () => signedResponse(answers, signer).extension![0]!) }), 'there are more than 20'],
    ['a response of which an answer was changed', () => { const response = signedResponse(answers, signer); return { ...response, item: [{ linkId: '1', answer: [{ valueString: 'no' }] }] }; }, otherContent],
    ['a good signature and one of somebody else\'s document', () => { const response = signedResponse(answers, signer); return { ...response, extension: [...response.extension!, ...signedResponse({ ...answers, status: 'amended' }, signer).extension!] }; }, otherContent],
  ])('%s', async (_, make, expected) => {
    expect(await fault(make())).toMatch(typeof expected === 'string' ? new RegExp(`^${expected.replace(/[.()[\]]/g, '\\$&')}$`) : expected);
  });

  test('the problem says where, and nothing of the document', async () => {
    const inside: Bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: changed(signed(), (bundle) => { bundle.entry = []; }) }] };
    await expect(verified(inside)).rejects.toMatchObject({ issues: [{ expression: 'Content.entry[0].resource.signature' }] });
  });
});

describe('what holds', () => {
  test('a document, by an elliptic and an RSA key; whom it names and when it was made', async () => {
    for (const holder of [signer, rsa]) expect(await verified(signed({}, holder))).toEqual([{ standing: 'trusted', who: { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '9941339100' }, display: 'John Hancock, MD' }, when: signedAt }]);
  });

  test('members in another order, other white space, 81.50 for 81.5, another id and version', async () => {
    const bundle = signed();
    const reordered = Object.fromEntries(Object.entries({ ...bundle, id: 'other', meta: { versionId: '9' } }).toReversed());
    const text = JSON.stringify(reordered, null, 7).replace('81.5', '81.50');
    expect(await verified(parseJson(text) as Bundle)).toMatchObject([{ standing: 'trusted' }]);
  });

  test('an authority between, in any place of the chain', async () => {
    const upper = makeCertificate({ name: 'Upper', issuer: authority, isAuthority: true });
    const lower = makeCertificate({ name: 'Lower', issuer: upper, isAuthority: true });
    const holder = makeCertificate({ issuer: lower });
    expect(await verified(signed({ chain: [upper.certificate, lower.certificate] }, holder))).toMatchObject([{ standing: 'trusted' }]);
    expect(await fault(signed({ chain: [upper.certificate] }, holder))).toBe(untrusted);
  });

  test('a certificate that is named itself; and without authorities anybody\'s, who is not trusted', async () => {
    const own = makeCertificate();
    expect(await verified(signed({}, own), [own.certificate])).toMatchObject([{ standing: 'trusted' }]);
    expect(await verified(signed({}, own), [])).toMatchObject([{ standing: 'untrusted' }]);
  });

  test('a certificate that has expired since', async () => {
    expect(await verified(signed({}, makeCertificate({ issuer: authority, to: '2026-03-01T12:00:00Z' })))).toMatchObject([{ standing: 'trusted' }]);
  });

  test('an address in place of a number', async () => {
    const who = { identifier: { system: 'urn:ietf:rfc:3986', value: 'https://example.org/fhir/Practitioner/123' } };
    expect(await verified(signed({ signature: { who } }, makeCertificate({ issuer: authority, address: who.identifier.value })))).toMatchObject([{ standing: 'trusted', who }]);
  });

  test('a response, one item of it, and both', async () => {
    const item = { linkId: '1', answer: [{ valueString: 'yes' }] };
    const partly = { ...answers, item: [{ id: 'i', ...item, extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature', valueSignature: signatureOver(item, signer) }] }] };
    expect([await verified(signedResponse(answers, signer)), await verified(partly), await verified(signedResponse(partly, signer))].map(({ length }) => length)).toEqual([1, 1, 2]);
  });

  test('a response that is signed twice, and one in an attachment of a document', async () => {
    const response = signedResponse(answers, signer);
    expect(await verified({ ...response, extension: [...response.extension!, ...response.extension!] })).toHaveLength(2);
    const inside: Resource = { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { contentType: 'application/fhir+json', data: Buffer.from(stringifyJson(signed())).toString('base64') } }] };
    expect(await verified(inside)).toMatchObject([{ standing: 'trusted' }]);
  });

  test('several signers in JSON', async () => {
    const second = makeCertificate({ issuer: authority, number: '1234567893' });
    const parts = [signed(), signed({}, second)].map(({ signature }) => Buffer.from(signature!.data!, 'base64').toString().split('..'));
    const both = (payload: string): Bundle => ({ ...signed(), signature: { ...signed().signature!, data: Buffer.from(JSON.stringify({ payload, signatures: parts.map(([header, value]) => ({ protected: header, signature: value })) })).toString('base64') } });
    expect(await verified(both(''))).toMatchObject([{ standing: 'trusted' }]);
    expect(await fault(both('e30'))).toBe('the payload of the JWS is not the canonical form of the content');
  });

  test('a picture of a signature is taken for no more than that', async () => {
    expect(await verified({ ...letter, signature: { type: [], who: { display: 'John Hancock, MD' }, when: signedAt, sigFormat: 'image/jpg', data: 'AAAA' } })).toEqual([{ standing: 'electronic', who: { display: 'John Hancock, MD' }, when: signedAt }]);
  });
});

/** The examples are of 2020 and their certificates of 2025, so none passes whole; the step that fails says that the signature itself is right. */
describe('the examples of CDex 2.1.0', () => {
  const examples = [['cdex-searchbundle-digital-sig-example', 'the certificate was not valid when it was made'], ['cdex-questionnaireresponse-example4', 'the certificate was not valid when it was made'], ['cdex-document-digital-sig-example', otherContent]] as const;
  for (const [name, expected] of examples) {
    const example = sharedJson('pas-examples', 'cdex-2.1.0')?.get(`${name}.json`);
    (example === undefined ? test.skip : test)(name, async () => { expect(await fault(parseJson(example!.text) as Resource, [])).toBe(expected); });
  }
});
