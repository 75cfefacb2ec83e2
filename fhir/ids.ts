/**
 * Identifiers: UUIDs from names, for values that must come out the same every time, and from random bytes.
 * Time and randomness come from the caller; this room has neither.
 */
import { hash } from 'node:crypto';

const grouped = (octets: Buffer): string => {
  const hex = octets.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** RFC 9562, section 5.5: a version 5 UUID, the same for the same namespace and name. */
export function nameBasedUuid(namespace: string, name: string): string {
  const digest = hash('sha1', `${namespace}\u0000${name}`, 'buffer');
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return grouped(digest);
}

/**
 * RFC 9562, section 5.4: a version 4 UUID out of 16 random bytes of the caller's. For `urn:uuid:` addresses in
 * answers: conformance kits for PAS accept no other version there.
 */
export function randomUuid(bytes: Uint8Array): string {
  const octets = Buffer.from(bytes);
  octets[6] = (octets[6]! & 0x0f) | 0x40;
  octets[8] = (octets[8]! & 0x3f) | 0x80;
  return grouped(octets);
}
