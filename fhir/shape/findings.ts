/**
 * What a check of shape finds. A finding starts with no place; every level of the resource puts its own step
 * in front on the way back, so a resource that is right builds no paths at all.
 */

export interface ShapeIssue {
  /** FHIRPath of the element, such as `Bundle.entry[0].resource.name[1].given[0]`; for an unknown element, of what holds it. */
  readonly expression: string;
  /** What is expected of the element, without the value that was sent: `must be an array`. */
  readonly reason: string;
}

export class Findings {
  readonly #limit: number;
  /** Whether what is missing is looked for as well as what is there. */
  readonly demanding: boolean;
  #found: ShapeIssue[] = [];

  constructor(limit: number, demanding: boolean) {
    this.#limit = limit;
    this.demanding = demanding;
  }

  get count(): number {
    return this.#found.length;
  }

  /** No more findings are wanted: the check may stop. */
  get full(): boolean {
    return this.#found.length >= this.#limit;
  }

  add(reason: string): void {
    if (!this.full) this.#found.push({ expression: '', reason });
  }

  /** Puts a step in front of all findings from the `first` on. */
  place(first: number, step: string): void {
    for (let at = first; at < this.#found.length; at++) {
      const { expression, reason } = this.#found[at]!;
      this.#found[at] = { expression: step + expression, reason };
    }
  }

  under(path: string): ShapeIssue[] {
    this.place(0, path);
    return this.#found;
  }
}
