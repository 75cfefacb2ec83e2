/** Words of the command line: `--name value`. */

export interface Options {
  text(name: string, fallback: string): string;
  optional(name: string): string | undefined;
  number(name: string, fallback: number): number;
  numbers(name: string, fallback: readonly number[]): number[];
}

/** @throws {RangeError} for a word that is no option, an option that nobody knows, or a number that is none */
export function optionsOf(words: readonly string[], known: readonly string[]): Options {
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at]!.replace(/^--/, '');
    const value = words[at + 1];
    if (!words[at]!.startsWith('--') || !known.includes(name) || value === undefined) throw new RangeError(`takes ${known.map((one) => `--${one} VALUE`).join(', ')}`);
    values.set(name, value);
  }
  const asNumber = (name: string, value: string): number => {
    const number = Number(value);
    if (value.trim() === '' || !(number >= 0)) throw new RangeError(`--${name} takes a number`);
    return number;
  };
  return {
    text: (name, fallback) => values.get(name) ?? fallback,
    optional: (name) => values.get(name),
    number: (name, fallback) => (values.has(name) ? asNumber(name, values.get(name)!) : fallback),
    numbers: (name, fallback) => values.get(name)?.split(',').map((one) => asNumber(name, one)) ?? [...fallback],
  };
}
