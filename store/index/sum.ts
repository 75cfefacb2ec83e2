/** A hash of the index entries that are rows of their own. An update that leaves it the same leaves the rows alone. */
import { hash } from 'node:crypto';
import type { DateEntry, NumberEntry, StringEntry } from './entries.ts';

interface Listed {
  readonly dates: readonly DateEntry[];
  readonly strings: readonly StringEntry[];
  readonly numbers: readonly NumberEntry[];
}

export function indexSum({ dates, strings, numbers }: Listed, narrative: string | undefined): bigint {
  if (dates.length + strings.length + numbers.length === 0 && narrative === undefined) return 0n;
  const text = JSON.stringify([dates, strings, numbers, narrative], (_, value: unknown) => typeof value === 'bigint' || value === Infinity || value === -Infinity ? String(value) : value);
  return hash('sha256', text, 'buffer').readBigInt64BE(0);
}
