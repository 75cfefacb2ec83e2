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

/** Whether a number has the form of those that are given out here. */
export function isReference(number: string): boolean {
  return /^[AR][0-9A-HJKMNP-TV-Z]{9}$/.test(number);
}
