/** `npm run bench -- NAME`: measurements, one JSON line per case on standard output. */
import { run as searchValues } from './search-values.ts';
import { run as submit } from './submit.ts';

const benches: Readonly<Record<string, (words: readonly string[]) => unknown>> = { submit, 'search-values': searchValues };

export async function bench(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  const chosen = name === undefined ? undefined : benches[name];
  if (!chosen) {
    process.stderr.write(`bench: takes one of ${Object.keys(benches).join(', ')}\n`);
    return 2;
  }
  await chosen(rest);
  return 0;
}
