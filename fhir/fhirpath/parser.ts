/**
 * FHIRPath text to syntax tree, by recursive descent; the methods follow the precedence table from loosest to tightest.
 * Source: FHIRPath 2.0, section "Operator Precedence" (http://hl7.org/fhirpath/N1/#operator-precedence).
 */
import { isType } from '../element-types.ts';
import { FhirPathError } from './error.ts';
import { tokenize, type Token } from './lexer.ts';
import type { Expression } from './syntax.ts';

/** Parentheses and brackets within each other; the published expressions use two. */
const maximumDepth = 50;

/** @throws {FhirPathError} `syntax` where it is no FHIRPath, `unsupported` where it is outside the subset */
export function parseFhirPath(text: string): Expression {
  const parser = new Parser(tokenize(text));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#next.kind !== 'end') throw this.#unexpected();
    return expression;
  }

  #or(): Expression {
    if (++this.#depth > maximumDepth) throw new FhirPathError('unsupported', 'Expression nested too deep', this.#next.position);
    let left = this.#and();
    while (this.#acceptName('or')) left = { kind: 'or', left, right: this.#and() };
    this.#depth--;
    return left;
  }

  #and(): Expression {
    let left = this.#equality();
    while (this.#acceptName('and')) left = { kind: 'and', left, right: this.#equality() };
    return left;
  }

  #equality(): Expression {
    let left = this.#union();
    for (;;) {
      const negated = this.#accept('!=');
      if (!negated && !this.#accept('=')) return left;
      left = { kind: 'equality', negated, left, right: this.#union() };
    }
  }

  #union(): Expression {
    const branches = [this.#type()];
    while (this.#accept('|')) branches.push(this.#type());
    return branches.length === 1 ? branches[0]! : { kind: 'union', branches };
  }

  #type(): Expression {
    let operand = this.#path();
    for (;;) {
      if (this.#acceptName('as')) operand = { kind: 'as', of: operand, type: this.#typeName() };
      else if (this.#acceptName('is')) operand = { kind: 'is', of: operand, type: this.#typeName() };
      else return operand;
    }
  }

  #path(): Expression {
    let path = this.#term();
    for (;;) {
      if (this.#accept('.')) {
        path = this.#invocation(path);
      } else if (this.#accept('[')) {
        const index = this.#take('number');
        if (!/^\d+$/.test(index.text)) throw new FhirPathError('syntax', 'An index is a whole number', index.position);
        this.#expect(']');
        path = { kind: 'index', of: path, index: Number(index.text) };
      } else {
        return path;
      }
    }
  }

  #term(): Expression {
    const token = this.#next;
    switch (token.kind) {
      case 'string':
        this.#at++;
        return { kind: 'literal', value: token.text };
      case 'number':
        this.#at++;
        return { kind: 'literal', value: Number(token.text) };
      case 'name':
        if (token.text === 'true' || token.text === 'false') {
          this.#at++;
          return { kind: 'literal', value: token.text === 'true' };
        }
        return this.#invocation({ kind: 'this' });
      case 'symbol':
        if (this.#accept('(')) {
          const inner = this.#or();
          this.#expect(')');
          return inner;
        }
        if (this.#accept('$this')) return { kind: 'this' };
        if (this.#accept('%resource') || this.#accept('%context')) return { kind: 'resource' };
        throw this.#unexpected();
      case 'end':
      default:
        throw this.#unexpected();
    }
  }

  #invocation(of: Expression): Expression {
    const { text: name, position } = this.#take('name');
    if (!this.#accept('(')) return { kind: 'member', of, name, position };
    if (name === 'as' || name === 'ofType' || name === 'is') {
      const type = this.#typeName();
      this.#expect(')');
      return { kind: name === 'is' ? 'is' : 'as', of, type };
    }
    const values: Expression[] = [];
    if (!this.#accept(')')) {
      do values.push(this.#or());
      while (this.#accept(','));
      this.#expect(')');
    }
    return { kind: 'call', of, name, arguments: values, position };
  }

  #typeName(): string {
    let token = this.#take('name');
    if (token.text === 'FHIR' && this.#accept('.')) token = this.#take('name');
    if (!isType(token.text)) throw new FhirPathError('unsupported', `Unknown type '${token.text}'`, token.position);
    return token.text;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #accept(symbol: string): boolean {
    if (this.#next.kind !== 'symbol' || this.#next.text !== symbol) return false;
    this.#at++;
    return true;
  }

  #acceptName(name: string): boolean {
    if (this.#next.kind !== 'name' || this.#next.text !== name) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw this.#unexpected();
  }

  #take(kind: Token['kind']): Token {
    if (this.#next.kind !== kind) throw this.#unexpected();
    return this.#tokens[this.#at++]!;
  }

  #unexpected(): FhirPathError {
    return new FhirPathError('syntax', `Unexpected ${this.#next.kind === 'end' ? 'end' : `'${this.#next.text}'`}`, this.#next.position);
  }
}
