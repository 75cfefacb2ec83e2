/**
 * Whether a signature of a document is what it says: made over this content, by whom it names, when and what for it says,
 * with a certificate that was good at that time and, where the operator names authorities, comes from one of them.
 *
 * A picture of a signature (CDex: "electronic signature") cannot be verified and is taken for what it is.
 * Source: CDex 2.1.0, "Signatures", CONF-029 to CONF-055, and CONF-025 for what becomes of one that is not.
 */
import type { X509Certificate } from 'node:crypto';
import type { Identifier, Signature } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { isForSigning, isNamed, isTrusted, isValidAt } from './certificate.ts';
import type { FoundSignature } from './find.ts';
import { SignatureFault, verifyJws, type VerifiedJws } from './jws.ts';

/**
 * `trusted`: by a certificate of an authority of the operator's; `untrusted`: it is whole, but no authority says whose the
 * certificate is, since none is named; `electronic`: a picture, or a name and a time, which nobody can verify.
 */
export type SignatureStanding = 'trusted' | 'untrusted' | 'electronic';

export interface VerifiedSignature {
  readonly standing: SignatureStanding;
  /** Whom it names. */
  readonly who: { readonly identifier?: Identifier; readonly display?: string };
  /** As it says. */
  readonly when?: string;
}

export interface SignaturePolicy {
  /** Certificates of authorities; none: nobody is trusted, and nobody refused for it. */
  readonly anchors: readonly X509Certificate[];
}

const canonicalization = 'application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document';
const pictures = /^(?:image\/|application\/pdf\b|text\/)/i;
/** What clocks may differ by, in milliseconds. */
const tolerance = 300_000;

/** @throws {Problem} `signature-invalid`, with the step that failed */
export async function verifySignature({ signature, content, where }: FoundSignature, { anchors }: SignaturePolicy, now: Date): Promise<VerifiedSignature> {
  try {
    const said = readSignature(signature);
    if (isElectronic(said)) return { standing: 'electronic', ...namesOf(said) };
    if (mediaType(said.sigFormat ?? '') !== 'application/jose') throw new SignatureFault('sigFormat must be application/jose');
    if (mediaType(said.targetFormat ?? '') !== canonicalization) throw new SignatureFault(`targetFormat must be ${canonicalization}`);
    if (said.data === undefined) throw new SignatureFault('Signature.data is missing');
    const signers = await verifyJws(said.data, content);
    for (const signer of signers) checkSigner(signer, said, now);
    const { identifier } = said.who;
    if (identifier === undefined || !signers.some(({ chain }) => isReadable(() => isNamed(chain[0], identifier)))) throw new SignatureFault('no alternative name of the certificate is Signature.who.identifier');
    const isSure = signers.every(({ chain, signedAt }) => isTrusted(chain, anchors, timeOf(signedAt)));
    if (!isSure && anchors.length > 0) throw new SignatureFault('the certificate comes from no authority that is trusted here');
    return { standing: isSure ? 'trusted' : 'untrusted', ...namesOf(said) };
  } catch (error) {
    if (error instanceof SignatureFault) throw new Problem('signature-invalid', { step: error.message }, where);
    throw error;
  }
}

function checkSigner({ chain: [certificate], signedAt, purposes }: VerifiedJws, { when, type }: Signature, now: Date): void {
  const time = timeOf(signedAt);
  if (Number.isNaN(time) || time !== timeOf(when)) throw new SignatureFault('the header sigT is not Signature.when');
  if (time > now.getTime() + tolerance) throw new SignatureFault('it is said to be of a time to come');
  const said = new Set(type.flatMap(({ code }) => code ?? []));
  if (purposes.length === 0 || purposes.some((purpose) => !said.has(purpose)) || said.size !== new Set(purposes).size) throw new SignatureFault('the purposes in the header srCms are not the codes of Signature.type');
  if (!isValidAt(certificate, time)) throw new SignatureFault('the certificate was not valid when it was made');
  if (!isReadable(() => isForSigning(certificate))) throw new SignatureFault('the key of the certificate is not for signatures');
}

/** Extensions that are no DER say nothing. */
function isReadable(question: () => boolean): boolean {
  try {
    return question();
  } catch {
    return false;
  }
}

const timeOf = (instant: unknown): number => typeof instant === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(instant) ? Date.parse(instant) : Number.NaN;

/** Media types are written with and without spaces and capitals. */
const mediaType = (said: string): string => said.replace(/\s/g, '').toLowerCase();

/** Without a format and without data it says only who and when. */
function isElectronic({ sigFormat, data }: Signature): boolean {
  return sigFormat === undefined ? data === undefined : pictures.test(sigFormat);
}

/** What the check needs has its form. @throws {SignatureFault} */
function readSignature(value: unknown): Signature {
  const { type, who, when, data, sigFormat, targetFormat } = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Readonly<Record<string, unknown>>;
  const isText = (each: unknown): boolean => each === undefined || typeof each === 'string';
  if (typeof who !== 'object' || who === null || !Array.isArray(type) || type.some((each) => typeof each !== 'object' || each === null) || ![when, data, sigFormat, targetFormat].every(isText)) throw new SignatureFault('it has not the form of one Signature');
  return value as Signature;
}

function namesOf({ who, when }: Signature): Omit<VerifiedSignature, 'standing'> {
  const { system, value } = who.identifier ?? {};
  const identifier = typeof value === 'string' ? { identifier: { ...(typeof system === 'string' && { system }), value } } : {};
  return { who: { ...identifier, ...(typeof who.display === 'string' && { display: who.display }) }, ...(!Number.isNaN(timeOf(when)) && { when }) };
}
