/**
 * What is anywhere below what, from what is directly below what. Concepts are numbers from 1 on; circles end. A link
 * takes eight bytes, and nothing of what was found is kept: the hierarchy of SNOMED CT is some ten megabytes.
 */
import { Problem } from '../fhir/problems.ts';

/** Pairs of ancestor and descendant, a batch at a time. */
export interface ClosureBatch {
  readonly ancestors: readonly number[];
  readonly descendants: readonly number[];
  /** All pairs of the concepts up to this number have been told. */
  readonly upTo: number;
}

/** Which concepts are directly above which. */
export class Hierarchy {
  /** Of each concept its last link; of each link the one before it of the same concept, and the parent. 0: none. */
  #last = new Uint32Array(1024);
  #before = new Uint32Array(1024);
  #parent = new Uint32Array(1024);
  #links = 0;
  /** Of each concept the walk that came by it last. */
  #seen = new Uint32Array(1024);
  #walks = 0;

  constructor(links: Iterable<readonly [parent: number, child: number]>) {
    for (const [parent, child] of links) this.add(parent, child);
  }

  add(parent: number, child: number): void {
    const highest = Math.max(parent, child);
    if (highest >= this.#last.length) [this.#last, this.#seen] = [larger(this.#last, highest), larger(this.#seen, highest)];
    this.#links += 1;
    if (this.#links >= this.#parent.length) [this.#before, this.#parent] = [larger(this.#before, this.#links), larger(this.#parent, this.#links)];
    this.#before[this.#links] = this.#last[child]!;
    this.#parent[this.#links] = parent;
    this.#last[child] = this.#links;
  }

  /** The highest number of a concept that it has room for. */
  get highest(): number {
    return this.#last.length - 1;
  }

  /** All that is above a concept, itself not among it unless it is in a circle. */
  ancestorsOf(concept: number): readonly number[] {
    const walk = this.#walks += 1;
    const found: number[] = [];
    const addParents = (of: number): void => {
      for (let link = this.#last[of] ?? 0; link !== 0; link = this.#before[link]!) {
        const parent = this.#parent[link]!;
        if (this.#seen[parent] === walk) continue;
        this.#seen[parent] = walk;
        found.push(parent);
      }
    };
    addParents(concept);
    // A list that grows while it is walked gives what was added, too.
    for (const above of found) addParents(above);
    return found;
  }
}

function larger(numbers: Uint32Array, needed: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(needed + 1, numbers.length * 2));
  next.set(numbers);
  return next;
}

/** Pairs in a batch. */
export const usualBatch = 20_000;

/**
 * All ancestors of each concept, from the one behind `after` on.
 * @param count of concepts
 * @param limit of pairs
 * @throws {Problem} `hierarchy-too-large` where there would be more
 */
export function* closureOf(count: number, hierarchy: Hierarchy, limit: number, after = 0, batch = usualBatch): Generator<ClosureBatch> {
  let ancestors: number[] = [];
  let descendants: number[] = [];
  let pairs = 0;
  for (let concept = after + 1; concept <= Math.min(count, hierarchy.highest); concept += 1) {
    const above = hierarchy.ancestorsOf(concept);
    pairs += above.length;
    if (pairs > limit) throw new Problem('hierarchy-too-large', { limit });
    for (const ancestor of above) {
      ancestors.push(ancestor);
      descendants.push(concept);
    }
    if (descendants.length < batch) continue;
    yield { ancestors, descendants, upTo: concept };
    [ancestors, descendants] = [[], []];
  }
  if (descendants.length > 0) yield { ancestors, descendants, upTo: count };
}

/** The first concept that is above itself; undefined where there is none. */
export function circleIn(hierarchy: Hierarchy): number | undefined {
  for (let concept = 1; concept <= hierarchy.highest; concept += 1) if (hierarchy.ancestorsOf(concept).includes(concept)) return concept;
  return undefined;
}
