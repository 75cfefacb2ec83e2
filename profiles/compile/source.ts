/**
 * Generated JavaScript. Nothing of a definition gets into the text but as a JSON string; everything else that the text
 * refers to, tables, texts of issues and functions, is handed over as a constant and named by its number.
 */

export type Compiled = (...given: never[]) => unknown;

export class Source {
  readonly #constants: unknown[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #functions: string[] = [];
  #locals = 0;

  /** The name of a constant. */
  constant(value: unknown): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `k${this.#constants.push(value) - 1}`;
      this.#names.set(value, name);
    }
    return name;
  }

  /** A name that nothing else in the text has. */
  local(prefix: string): string {
    return `${prefix}_${this.#locals++}`;
  }

  /** Adds a function, whose body may name others that come later; gives its name. */
  define(parameters: string, body: string): string {
    const name = this.local('f');
    this.defineAs(name, parameters, body);
    return name;
  }

  defineAs(name: string, parameters: string, body: string): void {
    this.#functions.push(`function ${name}(${parameters}) {\n${body}\n}`);
  }

  /** The text as functions; gives the one of that name. */
  compile(name: string): Compiled {
    const constants = this.#constants.map((_, index) => `const k${index} = k[${index}];`).join('\n');
    const text = `"use strict";\n${constants}\n${this.#functions.join('\n')}\nreturn ${name};`;
    // oxlint-disable-next-line no-new-func, no-implied-eval -- this is what a compiler does; see above for what may be in the text
    return new Function('k', text)(this.#constants) as Compiled;
  }
}

/** A string, as a literal. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A property of an object, by a literal name. */
export function member(object: string, property: string): string {
  return `${object}[${quoted(property)}]`;
}

/** A number, as a literal; 0 for what is none, whatever a table has in its place. */
export function numeral(value: unknown): string {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '0';
}
