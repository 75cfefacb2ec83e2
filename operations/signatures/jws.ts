/**
 * JSON Web Signatures whose payload is the canonical form of what they stand in: compact, or in JSON where several have
 * signed. The key is that of the certificate in the protected header, and the algorithm one whose keys are a pair: a
 * signature made with a key that everybody can read (HS256 with the certificate's) or with none is no signature.
 * Source: CDex 2.1.0, CONF-040 to CONF-047; RFC 7515; RFC 7797 (which is not taken: a payload is always base64url).
 */
import { X509Certificate } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import { canonicalJson } from '../../fhir/canonical-json.ts';

/** What a signature says of itself, after it was found to be over the content. */
export interface VerifiedJws {
  /** The signer's first, and those that came with it. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  /** Header `sigT`. */
  readonly signedAt: unknown;
  /** Header `srCms`: object identifiers of the purposes. */
  readonly purposes: readonly string[];
}

/** Which step failed, in words that hold nothing of the document. */
export class SignatureFault extends Error {
  override readonly name = 'SignatureFault';
}

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const compact = /^([\w-]{1,200000})\.([\w-]*)\.([\w-]{1,4000})$/;
/** Characters of base64: a chain of ten certificates has a third of it. */
const largest = 256 * 1024;
const longestChain = 10;
const mostSigners = 10;
/** Bits. A larger key costs seconds to verify with. */
const largestKey = 8192;

/** @throws {SignatureFault} */
export async function verifyJws(data: string, content: unknown): Promise<readonly VerifiedJws[]> {
  if (data.length > largest) throw new SignatureFault(`Signature.data is larger than ${largest} characters`);
  const payload = payloadOf(content);
  const verified: VerifiedJws[] = [];
  for (const text of readSerialization(Buffer.from(data, 'base64').toString('latin1').trim())) verified.push(await verifyOne(text, payload));
  return verified;
}

function payloadOf(content: unknown): string {
  try {
    return Buffer.from(canonicalJson(content)).toString('base64url');
  } catch (error) {
    if (error instanceof RangeError) throw new SignatureFault('the content has no canonical form');
    throw error;
  }
}

/** One compact text for each signer. @throws {SignatureFault} */
function readSerialization(text: string): string[] {
  if (!text.startsWith('{')) return [text];
  const { payload = '', signatures, protected: header, signature } = objectIn(text, 'Signature.data is no JWS');
  const all = signatures === undefined ? [{ protected: header, signature }] : signatures;
  if (!Array.isArray(all) || all.length === 0 || all.length > mostSigners) throw new SignatureFault(`a JWS in JSON has 1 to ${mostSigners} signatures`);
  return all.map((each: unknown) => {
    const { protected: own, signature: value, header: open } = each as Readonly<Record<string, unknown>>;
    // What is not protected anybody could have changed.
    if (open !== undefined || typeof own !== 'string' || typeof value !== 'string' || typeof payload !== 'string') throw new SignatureFault('a JWS in JSON has a protected header and no other');
    return `${own}.${payload}.${value}`;
  });
}

async function verifyOne(text: string, payload: string): Promise<VerifiedJws> {
  const [, protectedHeader, embedded, signature] = compact.exec(text) ?? [];
  if (protectedHeader === undefined) throw new SignatureFault('Signature.data is no JWS');
  if (embedded !== '' && embedded !== payload) throw new SignatureFault('the payload of the JWS is not the canonical form of the content');
  const header = objectIn(Buffer.from(protectedHeader, 'base64url').toString('utf8'), 'the header of the JWS is not JSON');
  if (typeof header['alg'] !== 'string' || !algorithms.includes(header['alg'])) throw new SignatureFault(`the algorithm must be one of ${algorithms.join(', ')}`);
  if (header['b64'] !== undefined) throw new SignatureFault('a payload that is not base64url (b64) is not supported');
  const chain = chainIn(header['x5c']);
  const key = chain[0].publicKey;
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > largestKey) throw new SignatureFault(`the key has more than ${largestKey} bits`);
  try {
    await compactVerify(`${protectedHeader}.${payload}.${signature}`, key, { algorithms });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) throw new SignatureFault('it was not made over this content with the key of its certificate');
    // A key of another kind than the algorithm's, or one that is too short, is a TypeError.
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw new SignatureFault('the header of the JWS asks for what is not supported with the key of its certificate');
    throw error;
  }
  return { chain, signedAt: header['sigT'], purposes: purposesIn(header['srCms']) };
}

function chainIn(x5c: unknown): [X509Certificate, ...X509Certificate[]] {
  if (!Array.isArray(x5c) || x5c.length === 0) throw new SignatureFault('the header of the JWS has no certificate (x5c)');
  if (x5c.length > longestChain) throw new SignatureFault(`there are more than ${longestChain} certificates`);
  const [first, ...more] = x5c.map((each: unknown) => {
    try {
      return new X509Certificate(Buffer.from(String(each), 'base64'));
    } catch {
      throw new SignatureFault('a certificate (x5c) cannot be read');
    }
  });
  return [first!, ...more];
}

/** JAdES, 5.2.3: `srCms` is a list of `{ commId: { id } }`. */
function purposesIn(commitments: unknown): string[] {
  if (!Array.isArray(commitments)) return [];
  return commitments.flatMap((each: { commId?: { id?: unknown } } | null) => typeof each?.commId?.id === 'string' ? [each.commId.id.replace(/^urn:oid:/, '')] : []);
}

function objectIn(text: string, fault: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch { /* said below */ }
  throw new SignatureFault(fault);
}
