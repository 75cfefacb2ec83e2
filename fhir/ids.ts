/**
 * Identifiers: UUIDs from names, for values that must come out the same every time, and from random bytes.
 * Time and randomness come from the caller; this room has neither.
 */
import { hash } from 'node:crypto';

/** The two bits of the variant, 10, and two of the name's own, as a hexadecimal digit. */
const VARIANT = '89ab';

const grouped = (octets: Buffer): string => {
  const hex = octets.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** RFC 9562, section 5.5: a version 5 UUID, the same for the same namespace and name. */
export function nameBasedUuid(namespace: string, name: string): string {
  // As text: a Buffer for each costs twice what the hash does.
  const hex = hash('sha1', `${namespace}\u0000${name}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${VARIANT[Number.parseInt(hex[16]!, 16) & 3]}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
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
