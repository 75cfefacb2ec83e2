/**
 * What is anywhere below what, from what is directly below what. Concepts are numbers from 1 on; circles end.
 */
import { Problem } from '../fhir/problems.ts';

/** Pairs of ancestor and descendant, a batch at a time. */
export interface ClosureBatch {
  readonly ancestors: readonly number[];
  readonly descendants: readonly number[];
}

/**
 * All ancestors of each concept, itself not among them unless it is in a circle.
 * @param count of concepts
 * @param links direct pairs
 * @param limit of pairs
 * @throws {Problem} `hierarchy-too-large` where there would be more
 */
export function* closureOf(count: number, links: Iterable<readonly [parent: number, child: number]>, limit: number, batch = 20_000): Generator<ClosureBatch> {
  const parents = new Map<number, number[]>();
  const waiting = new Uint32Array(count + 1);
  const children = new Map<number, number[]>();
  for (const [parent, child] of links) {
    push(parents, child, parent);
    push(children, parent, child);
    waiting[child]! += 1;
  }
  const ancestors = new Map<number, Int32Array>();
  let ancestorList: number[] = [];
  let descendantList: number[] = [];
  let pairs = 0;
  const take = (concept: number, above: Int32Array): void => {
    pairs += above.length;
    if (pairs > limit) throw new Problem('hierarchy-too-large', { limit });
    ancestors.set(concept, above);
    for (const ancestor of above) {
      ancestorList.push(ancestor);
      descendantList.push(concept);
    }
  };
  // From the top down: all parents come before their children, unless there is a circle.
  const ready: number[] = [];
  for (const parent of children.keys()) if (waiting[parent] === 0) ready.push(parent);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    if (parents.has(next)) take(next, united(parents.get(next)!, ancestors));
    for (const child of children.get(next) ?? []) {
      waiting[child]! -= 1;
      if (waiting[child] === 0) ready.push(child);
    }
    if (descendantList.length >= batch) {
      yield { ancestors: ancestorList, descendants: descendantList };
      [ancestorList, descendantList] = [[], []];
    }
  }
  // What is in a circle or below one.
  for (const concept of parents.keys()) {
    if (waiting[concept] === 0) continue;
    const above = reachable(parents, concept, limit - pairs);
    take(concept, Int32Array.from(above));
    if (descendantList.length >= batch) {
      yield { ancestors: ancestorList, descendants: descendantList };
      [ancestorList, descendantList] = [[], []];
    }
  }
  if (descendantList.length > 0) yield { ancestors: ancestorList, descendants: descendantList };
}

function push(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The parents and all that is above them. */
function united(parents: readonly number[], ancestors: ReadonlyMap<number, Int32Array>): Int32Array {
  const [only] = parents;
  if (parents.length === 1) {
    const above = ancestors.get(only!);
    if (above === undefined) return Int32Array.of(only!);
    const all = new Int32Array(above.length + 1);
    all.set(above);
    all[above.length] = only!;
    return all;
  }
  const all = new Set(parents);
  for (const parent of parents) for (const ancestor of ancestors.get(parent) ?? []) all.add(ancestor);
  return Int32Array.from(all);
}

function reachable(parents: ReadonlyMap<number, readonly number[]>, start: number, limit: number): ReadonlySet<number> {
  const found = new Set(parents.get(start));
  // A set that grows while it is walked gives what was added, too.
  for (const concept of found) {
    for (const parent of parents.get(concept) ?? []) found.add(parent);
    if (found.size > limit) break;
  }
  return found;
}
