/**
 * Numbers for people: administrative references (X12 REF*NT) and certification numbers (HCR02). Ten characters that
 * survive a phone call: no I, L, O or U (Crockford's base 32), drawn at random, so that a number says nothing about
 * anybody and cannot be guessed from another.
 */
import type { Context } from '../../store/context.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function newReference(prefix: 'A' | 'R', context: Pick<Context, 'random'>): string {
  let text: string = prefix;
  for (const byte of context.random(9)) text += alphabet[byte & 31];
  return text;
}

/** A new URN for something that is said but not stored: a random UUID, version 4 (RFC 9562, section 5.4). */
export function newUrn(context: Pick<Context, 'random'>): string {
  const bytes = Buffer.from(context.random(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `urn:uuid:${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`;
}
