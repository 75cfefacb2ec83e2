/**
 * What is known of places in a source. Tens of thousands of places are looked up for a large document, so they are kept
 * by segment or line first and by name within it: no key is put together for each.
 */
import type { SourceRef } from './ledger.ts';

export class Places<T> {
  readonly #places = new Map<number, Map<string, T>>();
  // What was asked for last, as a source is mostly gone through segment by segment.
  #lastOuter = Number.NaN;
  #last: Map<string, T> | undefined;

  set(from: SourceRef, value: T): void {
    const outer = from.segment ?? from.line ?? -1;
    let inner = this.#at(outer);
    if (inner === undefined) this.#places.set(outer, this.#last = inner = new Map());
    inner.set(innerOf(from), value);
  }

  get(from: SourceRef): T | undefined {
    return this.#at(from.segment ?? from.line ?? -1)?.get(innerOf(from));
  }

  #at(outer: number): Map<string, T> | undefined {
    if (outer !== this.#lastOuter) {
      this.#lastOuter = outer;
      this.#last = this.#places.get(outer);
    }
    return this.#last;
  }
}

/** In a text a line may hold the same name twice, in two columns. */
function innerOf({ source, column }: SourceRef): string {
  return column === undefined ? source : `${column}|${source}`;
}
