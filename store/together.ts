/**
 * Calls that come while others of their kind are under way are made together: one round trip, and where something is
 * written one wait for the disk, for all of them. What comes in one turn of the event loop while nothing is under way is done
 * at once. Of writes of resources `write/gather.ts` does the same, by rules of its own.
 */
import { isOfTheStore } from './of-the-store.ts';

/** How calls of one kind are made. */
export interface Joint<I, O> {
  /** For several at once, or for one; an outcome for each, in order. */
  readonly work: (items: readonly I[]) => Promise<readonly O[]>;
  /** Two of the same name are not made together. */
  readonly name?: (item: I) => string;
  /** What the items of one call may weigh together; one alone may weigh more. */
  readonly weight?: (item: I) => number;
  readonly heaviest?: number;
}

/** While one is under way the next is being filled: with two at once each had half as many. */
const mostUnderWay = 1;
const mostItems = 64;

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (outcome: O) => void;
  readonly reject: (error: unknown) => void;
}

export class Together<I, O> {
  readonly #joint: Joint<I, O>;
  #waiting: Waiting<I, O>[] = [];
  #underWay = 0;

  constructor(joint: Joint<I, O>) {
    this.#joint = joint;
  }

  /** The outcome of one of them, or its own failure: where several fail together, each is tried alone. */
  call(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // With what else comes in this turn of the event loop.
      setImmediate(() => { this.#next(); });
    });
  }

  #next(): void {
    while (this.#underWay < mostUnderWay && this.#waiting.length > 0) {
      const taken = this.#take();
      this.#underWay += 1;
      void this.#do(taken).finally(() => {
        this.#underWay -= 1;
        this.#next();
      });
    }
  }

  #take(): readonly Waiting<I, O>[] {
    const { name, weight, heaviest = Number.POSITIVE_INFINITY } = this.#joint;
    const taken: Waiting<I, O>[] = [];
    const left: Waiting<I, O>[] = [];
    const names = new Set<string>();
    let heavy = 0;
    for (const waiting of this.#waiting) {
      const own = name?.(waiting.item);
      const weighs = weight?.(waiting.item) ?? 0;
      if (taken.length > 0 && (taken.length >= mostItems || heavy + weighs > heaviest || (own !== undefined && names.has(own)))) {
        left.push(waiting);
        continue;
      }
      if (own !== undefined) names.add(own);
      heavy += weighs;
      taken.push(waiting);
    }
    this.#waiting = left;
    return taken;
  }

  /** Never throws: every caller is answered. */
  async #do(taken: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const outcomes = await this.#joint.work(taken.map(({ item }) => item));
      for (const [index, { resolve }] of taken.entries()) resolve(outcomes[index]!);
    } catch (error) {
      // A store that is not there is no fault of any of them, and would be waited for by each again.
      if (taken.length === 1 || isOfTheStore(error)) for (const { reject } of taken) reject(error);
      else for (const waiting of taken) await this.#do([waiting]);
    }
  }
}
