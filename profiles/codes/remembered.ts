/** Answers by name, kept: names come from clients, so that no more than a bound of them is. */

const most = 2000;

/** @param find gives the same for the same name for as long as the answers are kept */
export function remembered<T>(find: (name: string) => T): (name: string) => T {
  const kept = new Map<string, T>();
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined || kept.has(name)) return known as T;
    if (kept.size >= most) kept.clear();
    const found = find(name);
    kept.set(name, found);
    return found;
  };
}
