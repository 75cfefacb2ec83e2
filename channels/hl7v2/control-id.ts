/**
 * Control ids of our own messages (MSH-10): unique, 20 characters, which is as long as versions before 2.7 allow.
 * Milliseconds and 55 random bits in Crockford's base 32: two of the same instant do not meet in practice.
 */
import type { Context } from '../../store/context.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function newControlId({ now, random }: Pick<Context, 'now' | 'random'>): string {
  let time = now().getTime();
  let text = '';
  for (let digit = 0; digit < 9; digit += 1) {
    text = ALPHABET[time % 32]! + text;
    time = Math.floor(time / 32);
  }
  for (const byte of random(11)) text += ALPHABET[byte & 31]!;
  return text;
}
