/**
 * The conditions of rules: `IF PID-11 LST.COUNT EQUALS 1 AND PID-11.9 IS NOT VALUED`. The language is that of the column
 * "Computable ANTLR" of the v2-to-FHIR mappings, with its spellings: IS and EQUALS mean the same, a test after AND may
 * leave its operand out and then is about the one before, and `A AND B VALUED` tests both.
 * Source: HL7/v2-to-fhir, mappings (https://github.com/HL7/v2-to-fhir).
 */
import { RuleFault } from './rule.ts';

/** A value a condition speaks of: a field or component of a segment; without a segment, of the value the rule is about. */
export interface Operand {
  readonly segment?: string;
  readonly field?: number;
  readonly component?: number;
}

export type Condition =
  | { readonly test: 'valued'; readonly of: Operand }
  | { readonly test: 'in'; readonly of: Operand; readonly values: readonly string[] }
  | { readonly test: 'same'; readonly of: Operand; readonly as: Operand }
  | { readonly test: 'count' | 'length'; readonly of: Operand; readonly is: '>' | '=' | '<='; readonly than: number }
  | { readonly test: 'not'; readonly part: Condition }
  | { readonly test: 'and' | 'or'; readonly parts: readonly Condition[] };

const TOKEN = /\s*(?:"([^"]*)"|'([^']*)'|([(),])|(<=|>=|>|=)|([A-Za-z0-9_.:-]+))/y;
const OPERAND = /^(?:([A-Z][A-Z0-9]{1,2})[-.](\d+)(?:\.(\d+))?)$/;
/** A data type's own components: `CX.5` in a rule about a CX. */
const DATA_TYPES = new Set(['CE', 'CWE', 'CNE', 'CQ', 'CX', 'EI', 'EIP', 'HD', 'PL', 'SN', 'XAD', 'XCN', 'XON', 'XPN', 'XTN']);
const NOISE = new Set(['IF', 'IS', 'ARE', 'AREA', 'TO', 'THAN', 'DOES', 'LST.COUNT', 'COUNT', 'LENGTH']);

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Reads a condition.
 * @param about segment of the rule: its fields are told from those of other segments by it
 * @throws {RuleFault} where the text is none
 */
export function parseCondition(text: string): Condition {
  return new Parser(tokensOf(text)).whole();
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) throw new RuleFault('a condition has a character that is none of the language');
    const quoted = match[1] ?? match[2];
    tokens.push(quoted === undefined ? { text: match[3] ?? match[4] ?? match[5]!, quoted: false } : { text: quoted, quoted: true });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #last: Operand = {};

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Condition {
    const found = this.#either();
    if (this.#at < this.#tokens.length) throw new RuleFault('a condition goes on after its end');
    return found;
  }

  #either(): Condition {
    const parts = [this.#all()];
    while (this.#takes('OR')) parts.push(this.#all());
    return parts.length === 1 ? parts[0]! : { test: 'or', parts };
  }

  #all(): Condition {
    const parts = [this.#one()];
    while (this.#takes('AND')) parts.push(this.#one());
    return parts.length === 1 ? parts[0]! : { test: 'and', parts };
  }

  #one(): Condition {
    this.#takes('IF');
    if (this.#takes('(')) {
      const inner = this.#either();
      if (!this.#takes(')')) throw new RuleFault('a condition has a bracket that is not closed');
      return inner;
    }
    const operands = this.#operands();
    const conditions = this.#tests(operands.of);
    return conditions.length === 1 ? conditions[0]! : { test: operands.by, parts: conditions };
  }

  /** `A AND B VALUED`: several operands before one test. */
  #operands(): { of: Operand[]; by: 'and' | 'or' } {
    const of: Operand[] = [];
    let by: 'and' | 'or' = 'and';
    for (;;) {
      const operand = this.#operand();
      if (operand === undefined) break;
      of.push(operand);
      const word = this.#peek(0);
      if ((word === 'AND' || word === 'OR') && operandOf(this.#tokens[this.#at + 1]?.text ?? '') !== undefined) {
        by = word === 'AND' ? 'and' : 'or';
        this.#at += 1;
        continue;
      }
      break;
    }
    if (of.length === 0) of.push(this.#last);
    this.#last = of.at(-1)!;
    return { of, by };
  }

  #tests(of: readonly Operand[]): Condition[] {
    const counting = this.#measure();
    let negated = false;
    for (;;) {
      if (this.#takes('NOT')) negated = !negated;
      else if (!this.#skipsNoise()) break;
    }
    const make = counting === undefined ? this.#test() : this.#comparison(counting);
    const tests = of.map((each) => (negated ? { test: 'not' as const, part: make(each) } : make(each)));
    // `PID-11.9 IS VALUED NOT EQUAL PID-12`: a second test of the same value.
    if (this.#peek(0) === 'NOT') return [{ test: 'and', parts: [...tests, ...this.#tests(of)] }];
    return tests;
  }

  #measure(): 'count' | 'length' | undefined {
    const word = this.#peek(0);
    if (word === 'LST.COUNT' || word === 'COUNT') return 'count';
    return word === 'LENGTH' ? 'length' : undefined;
  }

  #comparison(test: 'count' | 'length'): (of: Operand) => Condition {
    let is: '>' | '=' | '<=' = '=';
    if (this.#takes('GREATER') || this.#takes('>')) is = '>';
    else if (this.#takes('LESS')) is = '<=';
    else this.#takes('=');
    for (const word of ['THAN', 'OR', 'EQUALS', 'EQUAL', 'TO']) this.#takes(word);
    const than = Number(this.#next()?.text);
    if (!Number.isInteger(than)) throw new RuleFault('a condition compares with what is no number');
    return (of) => ({ test, of, is, than });
  }

  #test(): (of: Operand) => Condition {
    if (this.#takes('VALUED') || this.#takes('VALUE') || this.#takes('EXIST')) return (of) => ({ test: 'valued', of });
    if (this.#takes('EMPTY')) return (of) => ({ test: 'not', part: { test: 'valued', of } });
    if (this.#takes('IN')) {
      const values = this.#list();
      return (of) => ({ test: 'in', of, values });
    }
    let negated = false;
    while (this.#takes('EQUALS') || this.#takes('EQUAL') || this.#takes('=') || this.#takes('TO')) if (this.#takes('NOT')) negated = !negated;
    const token = this.#next();
    if (token === undefined) throw new RuleFault('a condition ends before its test');
    const other = token.quoted ? undefined : operandOf(token.text);
    const make = (of: Operand): Condition => (other === undefined ? { test: 'in', of, values: [token.text] } : { test: 'same', of, as: other });
    if (other === undefined && !token.quoted) throw new RuleFault('a condition has a word that is none of the language');
    return negated ? (of) => ({ test: 'not', part: make(of) }) : make;
  }

  #list(): string[] {
    if (!this.#takes('(')) throw new RuleFault('a condition has IN without a list');
    const values: string[] = [];
    for (;;) {
      const token = this.#next();
      if (token === undefined) throw new RuleFault('a condition has a list that is not closed');
      if (!token.quoted && token.text === ')') return values;
      if (token.quoted) values.push(token.text);
    }
  }

  #operand(): Operand | undefined {
    const token = this.#tokens[this.#at];
    const found = token === undefined || token.quoted ? undefined : operandOf(token.text);
    if (found !== undefined) this.#at += 1;
    return found;
  }

  #skipsNoise(): boolean {
    const word = this.#peek(0);
    if (word === undefined || !NOISE.has(word)) return false;
    this.#at += 1;
    return true;
  }

  #peek(ahead: number): string | undefined {
    const token = this.#tokens[this.#at + ahead];
    return token === undefined || token.quoted ? undefined : token.text.toUpperCase();
  }

  #takes(word: string): boolean {
    if (this.#peek(0) !== word) return false;
    this.#at += 1;
    return true;
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }
}

function operandOf(text: string): Operand | undefined {
  const match = OPERAND.exec(text);
  if (match === null) return undefined;
  const [, name, first, second] = match;
  if (DATA_TYPES.has(name!)) return { component: Number(first) };
  return { segment: name!, field: Number(first), ...(second !== undefined && { component: Number(second) }) };
}
