/**
 * JavaScript source in the making. Nothing of an expression gets into it but texts and numbers as `JSON.stringify` writes
 * them: expressions come with packages from anywhere. Names of properties come from FHIR's own tables, and go the same way.
 */
import { isPrimitiveType } from '../items.ts';
import type { Meter, Run } from '../run.ts';

/** An element in generated code: how its value, its id and extensions, are written there, and its FHIR type. */
export interface Place {
  readonly value: string;
  readonly sibling: string;
  readonly type: string;
  /** It may come twice out of a union: of primitives with the same value and different extensions only the first is meant. */
  readonly merged?: boolean;
}

/** Thrown where an expression is not for this: closures take it over. */
export class NotGenerated extends Error {}

/** The id and extensions of a primitive, in generated code. @throws {NotGenerated} */
export function siblingOf({ sibling, type, merged }: Place): string {
  if (merged === true && isPrimitiveType(type)) throw new NotGenerated();
  return sibling;
}

/**
 * A generated function takes the value and sibling of an element, and the evaluation it is part of: where it evaluates
 * nothing but itself, what counts its steps is enough, if anything does.
 */
export type Generated = (value: unknown, sibling: unknown, run: Run | Meter | undefined) => boolean;

/** Thrown where the code grows beyond all expressions that are published: a stranger's, made for that. */
export class TooLarge extends Error {}
const mostNames = 10_000;

export class Source {
  readonly #functions: string[] = [];
  readonly #constants: unknown[] = [];
  #names = 0;
  /** Something in it wants the evaluation: what is not generated does. */
  wantsRun = false;

  /** A name that nothing else has. */
  fresh(): string {
    return `x${this.#next()}`;
  }

  #next(): number {
    this.grow();
    return this.#names;
  }

  /** One more part of an expression is written, which may be one that was written before. */
  grow(): void {
    if (++this.#names > mostNames) throw new TooLarge();
  }

  /** A value that stands in no source, by the name it has there. */
  constant(value: unknown): string {
    this.#next();
    this.#constants.push(value);
    return `k${this.#constants.length - 1}`;
  }

  /** A function of an element, as a call for one. Its body is about `v` and `s`. */
  call(body: string, place: Place): string {
    const name = `f${this.#next()}`;
    this.#functions.push(`function ${name}(v, s, run) { ${body} }`);
    return `${name}(${place.value}, ${/\bs\b/.test(body) ? siblingOf(place) : 'undefined'}, run)`;
  }

  /** The whole. */
  finish(result: string): Generated {
    const names = this.#constants.map((_, index) => `k${index}`);
    const text = `'use strict';\nconst none = [];\n${this.#functions.join('\n')}\nreturn function (v, s, run) { return ${result}; };`;
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- see above what the text is made of
    return new Function(...names, text)(...this.#constants) as Generated;
  }
}

/** A text or number as source. */
export function literal(value: string | number | boolean): string {
  return JSON.stringify(value);
}
