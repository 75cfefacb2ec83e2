/**
 * The grammar of `_filter`: text to terms and their logic, without knowing any parameter.
 * Source: https://hl7.org/fhir/R4/search_filter.html, "Formal Grammar". `and` and `or` bind alike, from left to right.
 */
import { Problem } from '../../../fhir/problems.ts';

export const filterOperators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr', 'po', 'ss', 'sb', 'in', 'ni', 're'] as const;
export type FilterOperator = (typeof filterOperators)[number];

/** A step of a path; `filter` is on what the step refers to: `link[filter].name`. */
export interface FilterStep {
  readonly name: string;
  readonly filter?: Filter;
}

export interface FilterTerm {
  readonly kind: 'term';
  readonly path: readonly [FilterStep, ...FilterStep[]];
  readonly operator: FilterOperator;
  readonly value: string;
  /** The value was a string in quotes: nothing in it is syntax. */
  readonly quoted: boolean;
  readonly position: number;
}

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | FilterTerm;

const longest = 8000;
const deepest = 20;

/** @throws {Problem} `invalid-filter` */
export function parseFilter(text: string): Filter {
  if (text.length > longest) throw refusal(0, `it is longer than ${longest} characters`);
  return new Parser(text).whole();
}

export function refusal(position: number, reason: string): Problem {
  return new Problem('invalid-filter', { position: position + 1, reason });
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Filter {
    const filter = this.#filter();
    if (this.#at < this.#text.length) throw refusal(this.#at, 'the expression should end here');
    return filter;
  }

  #filter(): Filter {
    if (++this.#depth > deepest) throw refusal(this.#at, `it is nested deeper than ${deepest} levels`);
    let left = this.#operand();
    for (;;) {
      const logic = this.#accept(/(and|or)(?=[\s(])/y);
      if (logic === undefined) break;
      const kind = logic as 'and' | 'or';
      const right = this.#operand();
      left = left.kind === kind ? { kind, of: [...left.of, right] } : { kind, of: [left, right] };
    }
    this.#depth -= 1;
    return left;
  }

  #operand(): Filter {
    if (this.#accept(/not\s*(?=\()/y) !== undefined) return { kind: 'not', of: this.#parenthesized() };
    return this.#peek('(') ? this.#parenthesized() : this.#term();
  }

  #parenthesized(): Filter {
    this.#expect(/\(/y, 'a "(" is expected');
    const filter = this.#filter();
    this.#expect(/\)/y, 'a ")" is expected');
    return filter;
  }

  #term(): FilterTerm {
    const position = this.#skip();
    const path: FilterStep[] = [];
    do path.push(this.#step());
    while (this.#accept(/\./y) !== undefined);
    const operator = this.#expect(/[a-z]{2}(?![a-z])/y, 'an operator such as eq is expected') as FilterOperator;
    if (!filterOperators.includes(operator)) throw refusal(this.#at - 2, 'there is no such operator');
    return { kind: 'term', path: path as [FilterStep, ...FilterStep[]], operator, position, ...this.#value() };
  }

  #step(): FilterStep {
    const name = this.#expect(/[A-Za-z_][\w-]{0,79}(?::[A-Za-z]{1,40})?/y, 'the name of a search parameter is expected');
    if (this.#accept(/\[/y) === undefined) return { name };
    const filter = this.#filter();
    this.#expect(/\]/y, 'a "]" is expected');
    if (this.#text[this.#at] !== '.') throw refusal(this.#at, 'a "." and a name are expected');
    return { name, filter };
  }

  #value(): { value: string; quoted: boolean } {
    const start = this.#skip();
    const string = this.#accept(/"(?:[^"\\]|\\.)*"/sy);
    if (string !== undefined) return { value: readString(string, start), quoted: true };
    if (this.#peek('"')) throw refusal(start, 'the string is not closed');
    return { value: this.#expect(/[^\s()[\]"]+/y, 'a value is expected'), quoted: false };
  }

  #skip(): number {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#at;
  }

  #peek(character: string): boolean {
    this.#skip();
    return this.#text[this.#at] === character;
  }

  /** What stands next, with the blanks behind it taken away. */
  #accept(pattern: RegExp): string | undefined {
    this.#skip();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found.trim();
  }

  #expect(pattern: RegExp, reason: string): string {
    const found = this.#accept(pattern);
    if (found === undefined) throw refusal(this.#at, reason);
    return found;
  }
}

/** A string as JSON has it. */
function readString(text: string, position: number): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw refusal(position, 'the string has a bad escape, or a character that needs one');
  }
}
