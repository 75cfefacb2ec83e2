/** Answers by name, kept: names come from clients, so that no more than a bound of them is. */

const most = 2000;
/** Longer than any name in use: what is longer is asked for each time. */
const longest = 500;

/** @param find gives the same for the same name for as long as the answers are kept */
export function remembered<T>(find: (name: string) => T): (name: string) => T {
  const kept = new Map<string, T | typeof nothing>();
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined) return known === nothing ? undefined as T : known;
    const found = find(name);
    if (name.length > longest) return found;
    if (kept.size >= most) kept.clear();
    kept.set(name, found === undefined ? nothing : found);
    return found;
  };
}

/** Stands for undefined, so that one look tells what was asked before. */
const nothing = Symbol('nothing');
