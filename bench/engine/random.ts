/** Numbers that look random and follow from a seed (xoshiro128**, Blackman and Vigna, https://prng.di.unimi.it). */

export interface Random {
  /** From 0 to 1, without 1. */
  share(): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  /** True as often as the share says. */
  chance(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A UUID of version 4. */
  uuid(): string;
}

const turned = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** The seeds, in their order, name a sequence: another last one is another sequence. */
export function randomOf(...seeds: readonly number[]): Random {
  let mixed = 0x6a09e667;
  const nextSeed = (value: number): number => {
    mixed = Math.imul(mixed ^ value, 0x9e3779b1) + 0x7f4a7c15 | 0;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
    return mixed ^= mixed >>> 15;
  };
  for (const seed of seeds) nextSeed(seed);
  let [a, b, c, d] = [nextSeed(1), nextSeed(2), nextSeed(3), nextSeed(4) | 1];
  const next = (): number => {
    const result = Math.imul(turned(Math.imul(b, 5), 7), 9) >>> 0;
    const kept = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= kept;
    d = turned(d, 11);
    return result;
  };
  const share = (): number => next() / 2 ** 32;
  return {
    share,
    between: (low, high) => low + Math.floor(share() * (high - low + 1)),
    chance: (wanted) => share() < wanted,
    pick: (items) => items[Math.floor(share() * items.length)]!,
    uuid() {
      const hex = [next(), next(), next(), next()].map((word) => word.toString(16).padStart(8, '0')).join('');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${'89ab'[next() & 3]}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
