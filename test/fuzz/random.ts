/** Random choices from a seed: the same seed makes the same choices on every machine. */

export interface Random {
  /** An integer from 0 to below `end`. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
  /** True once in `n`. */
  once(n: number): boolean;
}

/** The generator known as mulberry32: 32 bits of state, good enough to choose mutations. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
  return { below, pick: (from) => from[below(from.length)]!, once: (n) => below(n) === 0 };
}
