/** Values that have broken readers before: empty, enormous, of the wrong script, of the wrong kind, of the format's own marks. */
import type { Random } from './random.ts';

const awkward = [
  '', ' ', '0', '-1', '00000000', '99999999', '20260230', '202613', '20260101-20251231', '1e400', 'NaN', 'null', 'undefined', '__proto__', 'constructor',
  '""', "'", '<b>&', '&#0;', '%00', '\u0000', '\u0001', '\ufeff', '\u202e', 'é', '漢字', '😀', '\ud800', 'Ω'.repeat(300), 'A'.repeat(70_000), '*', '~', ':', '^', '|', '&', '\\', '\\X', '\\XZZ\\', '\\.br', '\r', '\n', '\r\n', '\u000b', '\u001c',
] as const;

export function awkwardText(random: Random): string {
  return random.pick(awkward);
}

/** Cuts, doubles, swaps and overwrites bytes without knowing what they mean. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from(awkwardText(random));
  const at = random.below(bytes.length);
  const length = Math.min(bytes.length - at, 1 + random.below(random.once(8) ? 4000 : 12));
  const [before, within, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
  switch (random.below(6)) {
    case 0: return Buffer.concat([before, after]);
    case 1: return Buffer.concat([before, within, within, after]);
    case 2: return Buffer.concat([before, Buffer.from(awkwardText(random)), after]);
    case 3: return Buffer.concat([before, Buffer.from([random.below(256)]), after]);
    case 4: return before;
    default: return Buffer.concat([before, Buffer.from(within.map((byte) => byte ^ (1 << random.below(8)))), after]);
  }
}
