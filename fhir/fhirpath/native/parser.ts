/**
 * FHIRPath text to syntax tree: operators by their precedence, terms by descent.
 * Source: FHIRPath 2.0, "Operator Precedence" (http://hl7.org/fhirpath/N1/#operator-precedence) and its grammar.
 */
import { FhirPathError } from '../error.ts';
import { Exact } from './exact.ts';
import { tokenize, type Token } from './lexer.ts';
import { Moment, calendarUnit } from './moments.ts';
import type { Expression, Operator, TypeName } from './syntax.ts';

/** Parentheses and arguments within each other; published expressions use ten. */
const maximumDepth = 250;
/** Steps of a path, operators in a row. */
const maximumLength = 1000;

/** From loosest to tightest; `is` and `as` stand between the comparisons and the union. */
const precedences: readonly (readonly Operator[])[] = [
  ['implies'], ['or', 'xor'], ['and'], ['in', 'contains'], ['=', '~', '!=', '!~'], ['<=', '<', '>', '>='], ['|'], [], ['+', '-', '&'], ['*', '/', 'div', 'mod'],
];
const levels: ReadonlyMap<string, number> = new Map(precedences.flatMap((operators, level) => operators.map((operator) => [operator, level])));
const typeLevel = 7;

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'implies', 'div', 'mod']);

/** @throws {FhirPathError} `syntax`, `limit` */
export function parse(text: string): Expression {
  return new Parser(tokenize(text)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#operation(0);
    if (this.#next.kind !== 'end') throw this.#unexpected();
    if (depthOf(expression) > maximumLength) throw new FhirPathError('limit', 'An expression nested too deep');
    return expression;
  }

  #operation(loosest: number): Expression {
    if (++this.#depth > maximumDepth) throw new FhirPathError('limit', 'An expression nested too deep', this.#next.position);
    let left = this.#signed();
    for (;;) {
      const { kind, text, position } = this.#next;
      if (kind === 'name' && (text === 'is' || text === 'as')) {
        if (loosest > typeLevel) break;
        this.#at++;
        left = { kind: 'type', operator: text, of: left, type: this.#typeName(), position };
        continue;
      }
      const level = kind === 'name' || kind === 'symbol' ? levels.get(text) : undefined;
      if (level === undefined || level < loosest) break;
      this.#at++;
      left = { kind: 'operation', operator: text as Operator, left, right: this.#operation(level + 1), position };
    }
    this.#depth--;
    return left;
  }

  #signed(): Expression {
    const { text, kind } = this.#next;
    if (kind !== 'symbol' || (text !== '-' && text !== '+')) return this.#path();
    this.#at++;
    return { kind: 'sign', negative: text === '-', of: this.#path() };
  }

  #path(): Expression {
    let path = this.#term();
    for (;;) {
      if (this.#accept('.')) {
        path = this.#invocation(path);
      } else if (this.#accept('[')) {
        const index = this.#operation(0);
        this.#expect(']');
        path = { kind: 'item', of: path, index };
      } else {
        return path;
      }
    }
  }

  #term(): Expression {
    const token = this.#next;
    const { kind, text, position } = token;
    switch (kind) {
      case 'string':
        this.#at++;
        return { kind: 'literal', type: 'String', value: text };
      case 'number':
        this.#at++;
        return this.#number(token);
      case 'date':
      case 'time': {
        this.#at++;
        const value = Moment.read(kind === 'time' ? 'Time' : text.includes('T') ? 'DateTime' : 'Date', text);
        if (value === undefined) throw new FhirPathError('syntax', 'No such date', position);
        return { kind: 'moment', value };
      }
      case 'name':
        if (keywords.has(text)) throw this.#unexpected();
        if (text === 'true' || text === 'false') {
          this.#at++;
          return { kind: 'literal', type: 'Boolean', value: text === 'true' };
        }
        return this.#invocation({ kind: 'this' });
      case 'quoted':
        return this.#invocation({ kind: 'this' });
      case 'symbol':
        return this.#symbol();
      case 'end':
      default:
        throw this.#unexpected();
    }
  }

  #symbol(): Expression {
    const { position } = this.#next;
    if (this.#accept('(')) {
      const inner = this.#operation(0);
      this.#expect(')');
      return inner;
    }
    if (this.#accept('{')) {
      this.#expect('}');
      return { kind: 'empty' };
    }
    if (this.#accept('$this')) return { kind: 'this' };
    if (this.#accept('$index')) return { kind: 'index' };
    if (this.#accept('$total')) return { kind: 'total' };
    if (this.#accept('%')) {
      const { kind, text } = this.#next;
      if (kind !== 'name' && kind !== 'quoted' && kind !== 'string') throw this.#unexpected();
      this.#at++;
      // A name with a hyphen stands in quotes, which published expressions forget.
      if (kind !== 'name') return { kind: 'variable', name: text, position };
      let name = text;
      while (/^(?:vs|ext)(?:-|$)/.test(name) && this.#next.text === '-' && this.#tokens[this.#at + 1]?.kind === 'name') {
        name += `-${this.#tokens[this.#at + 1]!.text}`;
        this.#at += 2;
      }
      return { kind: 'variable', name, position };
    }
    throw this.#unexpected();
  }

  #number({ text }: Token): Expression {
    const { kind, text: unit } = this.#next;
    const calendar = kind === 'name' ? calendarUnit(unit) : undefined;
    if (kind === 'string' || calendar !== undefined) {
      this.#at++;
      return { kind: 'quantity', value: Exact.read(text) ?? this.#tooLong(), unit: calendar ?? unit, calendar: calendar !== undefined };
    }
    if (text.includes('.') || Number(text) > 2_147_483_647) return { kind: 'decimal', value: Exact.read(text) ?? this.#tooLong() };
    return { kind: 'literal', type: 'Integer', value: Number(text) };
  }

  #tooLong(): never {
    throw new FhirPathError('limit', 'A number with too many digits', this.#next.position);
  }

  #invocation(of: Expression): Expression {
    const token = this.#next;
    const { text: name, position } = token;
    if (token.kind !== 'name' && token.kind !== 'quoted') throw this.#unexpected();
    this.#at++;
    if (!this.#accept('(')) return { kind: 'member', of, name, position };
    if (name === 'is' || name === 'as' || name === 'ofType') {
      const type = this.#typeName();
      this.#expect(')');
      return { kind: 'type', operator: name, of, type, position };
    }
    const values: Expression[] = [];
    if (!this.#accept(')')) {
      do values.push(this.#operation(0));
      while (this.#accept(','));
      this.#expect(')');
    }
    return { kind: 'call', of, name, arguments: values, position };
  }

  #typeName(): TypeName {
    const first = this.#name();
    if (!this.#accept('.')) return { namespace: undefined, name: first };
    if (first !== 'FHIR' && first !== 'System') throw new FhirPathError('semantic', 'An unknown namespace of types', this.#next.position);
    return { namespace: first, name: this.#name() };
  }

  #name(): string {
    const { kind, text } = this.#next;
    if (kind !== 'name' && kind !== 'quoted') throw this.#unexpected();
    this.#at++;
    return text;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #accept(symbol: string): boolean {
    if (this.#next.kind !== 'symbol' || this.#next.text !== symbol) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw this.#unexpected();
  }

  #unexpected(): FhirPathError {
    return new FhirPathError('syntax', this.#next.kind === 'end' ? 'Unexpected end' : 'Unexpected symbol', this.#next.position);
  }
}

/** The parts of an expression that are expressions. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'member':
    case 'sign':
    case 'type': return [expression.of];
    case 'call': return [expression.of, ...expression.arguments];
    case 'item': return [expression.of, expression.index];
    case 'operation': return [expression.left, expression.right];
    case 'this':
    case 'index':
    case 'total':
    case 'empty':
    case 'literal':
    case 'decimal':
    case 'moment':
    case 'quantity':
    case 'variable':
    default: return [];
  }
}

/** Without recursion: a path is as deep as it has steps. */
function depthOf(whole: Expression): number {
  let depth = 0;
  for (let level: readonly Expression[] = [whole]; level.length > 0; level = level.flatMap(partsOf)) depth++;
  return depth;
}
