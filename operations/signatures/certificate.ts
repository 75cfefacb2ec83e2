/**
 * Whose a certificate is, and whether it can be relied on at a moment: the names it gives its holder (subject alternative
 * names, among them numbers such as the NPI), what its key is for, its days, and the chain to an authority that the
 * operator trusts. Revocation, and constraints on names and path lengths of authorities, are not looked at: what is
 * trusted are few authorities of the operator's own choice.
 * Source: CDex 2.1.0, CONF-048 to CONF-053; RFC 5280, sections 4.2.1.3, 4.2.1.6 and 6.
 */
import type { X509Certificate } from 'node:crypto';
import type { Identifier } from '@medplum/fhirtypes';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, id_ce_keyUsage, id_ce_subjectAltName, KeyUsage, KeyUsageFlags, SubjectAlternativeName, type Extension } from '@peculiar/asn1-x509';

/** Object identifiers of identifier systems that certificates name their holder by. */
const objectIdentifiers: Readonly<Record<string, string>> = { 'http://hl7.org/fhir/sid/us-npi': '2.16.840.1.113883.4.6' };

export function isValidAt({ validFrom, validTo }: X509Certificate, time: number): boolean {
  return Date.parse(validFrom) <= time && time <= Date.parse(validTo);
}

/** Whether one of the alternative names is the identifier. A number is compared with its system, where both are known. */
export function isNamed(certificate: X509Certificate, { system, value }: Identifier): boolean {
  const extension = extensionOf(certificate, id_ce_subjectAltName);
  if (extension === undefined || value === undefined || value === '') return false;
  const wanted = system?.startsWith('urn:oid:') === true ? system.slice('urn:oid:'.length) : objectIdentifiers[system ?? ''];
  return AsnConvert.parse(extension.extnValue, SubjectAlternativeName).some(({ otherName, uniformResourceIdentifier, rfc822Name, dNSName }) =>
    otherName ? stringIn(Buffer.from(otherName.value)) === value && (wanted === undefined || wanted === otherName.typeId) : [uniformResourceIdentifier, rfc822Name, dNSName].includes(value));
}

/** A certificate that says what its key is for must say that it signs. */
export function isForSigning(certificate: X509Certificate): boolean {
  const extension = extensionOf(certificate, id_ce_keyUsage);
  return extension === undefined || (AsnConvert.parse(extension.extnValue, KeyUsage).toNumber() & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)) !== 0;
}

/** Whether a chain leads from the first certificate to an anchor; those that came with it may be in any order. */
export function isTrusted([signer, ...others]: readonly [X509Certificate, ...X509Certificate[]], anchors: readonly X509Certificate[], time: number): boolean {
  let current = signer;
  const left = [...others];
  for (;;) {
    if (!isValidAt(current, time)) return false;
    if (anchors.some((anchor) => anchor.raw.equals(current.raw) || (isValidAt(anchor, time) && hasIssued(anchor, current)))) return true;
    const next = left.findIndex((issuer) => hasIssued(issuer, current));
    if (next < 0) return false;
    [current] = left.splice(next, 1) as [X509Certificate];
  }
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function extensionOf(certificate: X509Certificate, id: string): Extension | undefined {
  return AsnConvert.parse(certificate.raw, Certificate).tbsCertificate.extensions?.find(({ extnID }) => extnID === id);
}

/** DER of a UTF8String, PrintableString or IA5String; numbers are shorter than the 128 characters that need a long form. */
function stringIn(der: Buffer): string | undefined {
  return [0x0c, 0x13, 0x16].includes(der[0]!) && der[1] === der.length - 2 ? der.subarray(2).toString('utf8') : undefined;
}
