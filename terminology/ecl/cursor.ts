/** A place among the tokens of an expression constraint, and what every part of the grammar needs of it. */
import { bracketsOf, refusal, tokensOf, type Token, type TokenKind } from './tokens.ts';
import type { ConceptReference, Equality, Order } from './syntax.ts';

/** Brackets within brackets. */
const deepest = 40;

export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #closedBy: ReadonlyMap<number, number>;
  #next = 0;
  #depth = 0;

  /** @throws {Problem} `invalid-ecl` */
  constructor(text: string) {
    this.#tokens = tokensOf(text);
    this.#closedBy = bracketsOf(this.#tokens);
  }

  /** The token that comes, or one further on. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  is(kind: TokenKind, ahead = 0): boolean {
    return this.peek(ahead).kind === kind;
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  /** Takes the token when it is of that kind. */
  accept(kind: TokenKind): Token | undefined {
    return this.is(kind) ? this.take() : undefined;
  }

  expect(kind: TokenKind, what: string): Token {
    return this.accept(kind) ?? this.fail(`${what} is expected`);
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#next += 1;
    return true;
  }

  fail(reason: string, at = this.peek().at): never {
    throw refusal(at, reason);
  }

  /** What comes behind the bracket that stands here, and behind filters that follow it. */
  behindBrackets(): Token {
    let number = this.#closedBy.get(this.#next)! + 1;
    while (this.#tokens[number]!.kind === '{{') number = this.#closedBy.get(number)! + 1;
    return this.#tokens[number]!;
  }

  /** Reads something that may hold more of its own kind. */
  nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > deepest) this.fail(`it is nested deeper than ${deepest} levels`);
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** One or several between round brackets. */
  oneOrSet<T>(read: () => T, isElement = true): T[] {
    if (!isElement || !this.accept('(')) return [read()];
    const all: T[] = [];
    while (!this.accept(')')) all.push(read());
    if (all.length === 0) this.fail('a value is expected');
    return all;
  }

  conceptReference(): ConceptReference {
    const { text, at } = this.expect('number', 'a concept id');
    if (!/^[1-9]\d{5,17}$/.test(text)) this.fail('a concept id has 6 to 18 digits and does not begin with 0', at);
    const term = this.accept('term')?.text.slice(1, -1).trim();
    return { kind: 'concept', id: text, at, ...(term !== undefined && { term }) };
  }

  /** `( 1 |a| 2 |b| )`: ids alone, which is no constraint in brackets. */
  isConceptSet(): boolean {
    return this.is('(') && this.is('number', 1) && this.is('number', this.is('term', 2) ? 3 : 2);
  }

  order(): Order {
    const [first, second] = [this.peek(), this.peek(1)];
    const adjoining = second.kind === '=' && second.at === first.end;
    if (first.kind === '=') return this.#sign('=', 1);
    if (first.kind === '!' && adjoining) return this.#sign('!=', 2);
    if (first.kind === '<') return adjoining ? this.#sign('<=', 2) : this.#sign('<', 1);
    if (first.kind === '>') return adjoining ? this.#sign('>=', 2) : this.#sign('>', 1);
    return this.fail('a comparison such as "=" or "!=" is expected');
  }

  equality(): Equality {
    const { at } = this.peek();
    const operator = this.order();
    return operator === '=' || operator === '!=' ? operator : this.fail('only "=" and "!=" are possible here', at);
  }

  #sign(operator: Order, tokens: number): Order {
    this.#next += tokens;
    return operator;
  }
}
