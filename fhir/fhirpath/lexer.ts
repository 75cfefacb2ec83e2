/**
 * FHIRPath tokens.
 * Source: FHIRPath 2.0, section "Lexical Elements" (http://hl7.org/fhirpath/N1/#lexical-elements), as far as search expressions go.
 */
import { FhirPathError } from './error.ts';

export type TokenKind = 'name' | 'string' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

const pattern =
  /\s+|(?<name>[A-Za-z_][A-Za-z0-9_]*)|`(?<quoted>(?:[^`\\]|\\.)*)`|'(?<string>(?:[^'\\]|\\.)*)'|(?<number>\d+(?:\.\d+)?)|(?<symbol>%resource\b|%context\b|\$this\b|!=|[.,()[\]|=])/suy;

/** Longer than any published search expression; an expression may come from a stranger's SearchParameter. */
const maximumLength = 20_000;

/** @throws {FhirPathError} `syntax`, or `unsupported` for symbols the subset does not have */
export function tokenize(expression: string): readonly Token[] {
  if (expression.length > maximumLength) throw new FhirPathError('unsupported', `Expression longer than ${maximumLength} characters`);
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  for (let position = 0; position < expression.length; position = pattern.lastIndex) {
    const groups = pattern.exec(expression)?.groups;
    if (groups === undefined) throw new FhirPathError('unsupported', `Unknown symbol '${expression.charAt(position)}'`, position);
    const { name, quoted, string, number, symbol } = groups;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, position });
    else if (quoted !== undefined) tokens.push({ kind: 'name', text: unescape(quoted), position });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unescape(string), position });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, position });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, position });
  }
  tokens.push({ kind: 'end', text: 'the end', position: expression.length });
  return tokens;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gsu, (_, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (escapes[letter!] ?? letter!) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
