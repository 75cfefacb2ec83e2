/** Certificates and signatures that a test makes for itself: authorities, signers with an NPI, and JWS over documents. */
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import type { Bundle, QuestionnaireResponse, Signature } from '@medplum/fhirtypes';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier, AttributeTypeAndValue, AttributeValue, BasicConstraints, Certificate, Extension, Extensions, GeneralName, id_ce_basicConstraints, id_ce_keyUsage, id_ce_subjectAltName, KeyUsage, KeyUsageFlags,
  Name, OtherName, RelativeDistinguishedName, SubjectAlternativeName, SubjectPublicKeyInfo, TBSCertificate, Validity, Version,
} from '@peculiar/asn1-x509';
import { canonicalJson } from '../../fhir/canonical-json.ts';

export const npi = 'http://hl7.org/fhir/sid/us-npi';
const npiOid = '2.16.840.1.113883.4.6';

export interface Holder {
  readonly name: string;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  readonly name?: string;
  /** Signs it; itself where left out. */
  readonly issuer?: Holder;
  readonly isAuthority?: boolean;
  readonly number?: string;
  /** In place of the NPI. */
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
  readonly usage?: number;
  readonly kind?: 'ec' | 'rsa';
  /** Of an RSA key. */
  readonly bits?: number;
}

/** ecdsa-with-SHA256 and sha256WithRSAEncryption. */
const signatureAlgorithms = { ec: '1.2.840.10045.4.3.2', rsa: '1.2.840.113549.1.1.11' } as const;

export function makeCertificate({ name = 'Signer', issuer, isAuthority = false, number = '9941339100', address, from = '2025-01-01T00:00:00Z', to = '2030-01-01T00:00:00Z', usage = KeyUsageFlags.digitalSignature, kind = 'ec', bits = 2048 }: CertificateOptions = {}): Holder {
  const { publicKey, privateKey } = kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: bits });
  const signer = issuer?.privateKey ?? privateKey;
  const algorithm = new AlgorithmIdentifier({ algorithm: signatureAlgorithms[signer.asymmetricKeyType === 'ec' ? 'ec' : 'rsa'] });
  const alternative = address === undefined
    ? new GeneralName({ otherName: new OtherName({ typeId: npiOid, value: bufferOf(Buffer.from([0x0c, number.length, ...Buffer.from(number)])) }) })
    : new GeneralName({ uniformResourceIdentifier: address });
  const extension = (id: string, critical: boolean, value: unknown): Extension => new Extension({ extnID: id, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
  const tbs = new TBSCertificate({
    version: Version.v3, serialNumber: bufferOf(Buffer.from([1, ...Buffer.from(String(serial += 1))])), signature: algorithm, issuer: nameOf(issuer?.name ?? name), subject: nameOf(name),
    validity: new Validity({ notBefore: new Date(from), notAfter: new Date(to) }),
    subjectPublicKeyInfo: AsnConvert.parse(publicKey.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo),
    extensions: new Extensions([
      extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: isAuthority })), extension(id_ce_keyUsage, true, new KeyUsage(isAuthority ? KeyUsageFlags.keyCertSign : usage)),
      extension(id_ce_subjectAltName, false, new SubjectAlternativeName([alternative])),
    ]),
  });
  const signatureValue = bufferOf(sign('sha256', Buffer.from(AsnConvert.serialize(tbs)), signer));
  const certificate = new X509Certificate(Buffer.from(AsnConvert.serialize(new Certificate({ tbsCertificate: tbs, signatureAlgorithm: algorithm, signatureValue }))));
  return { name, certificate, privateKey };
}

let serial = 0;

const nameOf = (commonName: string): Name => new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: '2.5.4.3', value: new AttributeValue({ utf8String: commonName }) })])]);
const bufferOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

export interface SigningOptions {
  /** Certificates that come with the signer's. */
  readonly chain?: readonly X509Certificate[];
  readonly header?: Readonly<Record<string, unknown>>;
  readonly signature?: Readonly<Record<string, unknown>>;
  readonly number?: string;
  readonly at?: string;
  readonly make?: (input: Buffer) => Buffer;
}

export const signedAt = '2026-03-01T10:00:00.000Z';
const verification = '1.2.840.10065.1.12.1.5';

/** As CDex has it, over this content. */
export function signatureOver(content: unknown, { certificate, privateKey }: Holder, options: SigningOptions = {}): Signature {
  const isEc = privateKey.asymmetricKeyType === 'ec';
  const at = options.at ?? signedAt;
  const header = {
    alg: isEc ? 'ES256' : 'RS256', typ: 'JWT', sigT: at, srCms: [{ commId: { desc: 'Verification Signature', id: `urn:oid:${verification}` }, commQuals: ['Verification of medical record integrity'] }],
    x5c: [certificate, ...options.chain ?? []].map(({ raw }) => raw.toString('base64')), ...options.header,
  };
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const input = Buffer.from(`${head}.${Buffer.from(canonicalJson(content)).toString('base64url')}`);
  const value = options.make ? options.make(input) : sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    type: [{ system: 'urn:iso-astm:E1762-95:2013', code: verification }], when: at, who: { identifier: { system: npi, value: options.number ?? '9941339100' }, display: 'John Hancock, MD' },
    targetFormat: 'application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document', sigFormat: 'application/jose',
    data: Buffer.from(`${head}..${value.toString('base64url')}`).toString('base64'), ...options.signature,
  };
}

export function signedBundle({ id, meta, signature: _none, ...content }: Bundle, holder: Holder, options?: SigningOptions): Bundle {
  return { ...content, ...(id !== undefined && { id }), ...(meta && { meta }), signature: signatureOver(content, holder, options) };
}

export function signedResponse({ id, meta, ...content }: QuestionnaireResponse, holder: Holder, options?: SigningOptions): QuestionnaireResponse {
  const extension = [...content.extension ?? [], { url: 'http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature', valueSignature: signatureOver(content, holder, options) }];
  return { ...content, ...(id !== undefined && { id }), ...(meta && { meta }), extension };
}
