/**
 * FHIRPaths of elements as a tree of steps, for readers that walk a text once and note where those elements begin.
 * Steps are `name`, or `name[index]`; a choice goes by the element's name, whatever the property is called in the text.
 */

/** Counted from 1, in characters (UTF-16 units). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Properties of FHIR have names of half this length. */
const longestName = 100;

export class Wanted {
  /** The paths that end here. */
  readonly paths: string[] = [];
  readonly #steps = new Map<string, Wanted>();

  /** @param expressions such as `Bundle.entry[0].resource.name`; what is no path of that form is passed over */
  static of(expressions: Iterable<string>): Wanted {
    const root = new Wanted();
    for (const expression of expressions) {
      if (!/^[A-Za-z]\w*(?:\.\w+(?:\[\d+\])?)*$/.test(expression)) continue;
      let at = root;
      for (const [, name, index] of expression.matchAll(/\.(\w+)(?:\[(\d+)\])?/g)) {
        at = at.#step(name!);
        if (index !== undefined) at = at.#step(index);
      }
      at.paths.push(expression);
    }
    return root;
  }

  #step(name: string): Wanted {
    let next = this.#steps.get(name);
    if (next === undefined) this.#steps.set(name, next = new Wanted());
    return next;
  }

  /** What is wanted below an item of a list. */
  item(index: number): Wanted | undefined {
    return this.#steps.get(String(index));
  }

  /** What is wanted below an element that the text calls `property`: `valueQuantity` and `_value` are both `value`. */
  property(property: string): Wanted | undefined {
    // No element has such a name, and each of its capitals would be tried as the begin of a type.
    if (this.#steps.size === 0 || property.length > longestName) return undefined;
    const name = property.startsWith('_') ? property.slice(1) : property;
    const exact = this.#steps.get(name);
    if (exact !== undefined) return exact;
    for (let end = name.length - 1; end > 0; end--) {
      if (!/[A-Z]/.test(name.charAt(end))) continue;
      const choice = this.#steps.get(name.slice(0, end));
      if (choice !== undefined) return choice;
    }
    return undefined;
  }

  /** Whether anything is wanted at all. */
  get any(): boolean {
    return this.paths.length > 0 || this.#steps.size > 0;
  }
}
