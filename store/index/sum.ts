/** A hash of the index entries that are rows of their own. An update that leaves it the same leaves the rows alone. */
import { hash } from 'node:crypto';
import type { Entries } from './entries.ts';

export function indexSum(entries: Entries, narrative: string | undefined): bigint {
  const { dates, strings, numbers } = entries;
  if (dates.length + strings.length + numbers.length === 0 && narrative === undefined) return 0n;
  const text = JSON.stringify([dates, strings, numbers, narrative], (_, value: unknown) => typeof value === 'bigint' || value === Infinity || value === -Infinity ? String(value) : value);
  return hash('sha256', text, 'buffer').readBigInt64BE(0);
}
