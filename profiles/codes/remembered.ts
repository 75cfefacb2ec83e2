/** Answers by name, kept: names come from clients, so that no more than a bound of them is. */

const most = 2000;

/** @param find gives the same for the same name for as long as the answers are kept */
export function remembered<T>(find: (name: string) => T): (name: string) => T {
  const kept = new Map<string, T | typeof nothing>();
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined) return known === nothing ? undefined as T : known;
    if (kept.size >= most) kept.clear();
    const found = find(name);
    kept.set(name, found === undefined ? nothing : found);
    return found;
  };
}

/** Stands for undefined, so that one look tells what was asked before. */
const nothing = Symbol('nothing');
