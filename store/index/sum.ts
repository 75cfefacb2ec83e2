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
  // U+001D to U+001F are in none of the values.
  const text = [
    dates.map((entry) => `${entry.scope} ${entry.tokenSystem} ${entry.low} ${entry.high}`).join('\u001f'),
    strings.map((entry) => `${entry.scope} ${entry.tokenSystem} ${entry.written}`).join('\u001f'),
    numbers.map(({ second, ...entry }) => `${entry.scope} ${entry.tokenSystem} ${entry.low} ${entry.high} ${second?.low} ${second?.high} ${entry.system}\u001e${entry.code}\u001e${entry.unit}`).join('\u001f'),
    narrative,
  ].join('\u001d');
  return hash('sha256', text, 'buffer').readBigInt64BE(0);
}
