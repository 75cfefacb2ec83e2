/**
 * FHIRPath tokens. Source: FHIRPath 2.0, "Lexical Elements" (http://hl7.org/fhirpath/N1/#lexical-elements).
 * Every alternative of the pattern is told by its first character, so the text is read once.
 */
import { FhirPathError } from '../error.ts';

export type TokenKind = 'name' | 'quoted' | 'string' | 'number' | 'date' | 'time' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

const pattern = new RegExp([
  String.raw`\s+|//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/`,
  '(?<name>[A-Za-z_][A-Za-z0-9_]*)',
  String.raw`${'`'}(?<quoted>(?:[^${'`'}\\]|\\.)*)${'`'}`,
  String.raw`'(?<string>(?:[^'\\]|\\.)*)'`,
  String.raw`(?<number>\d+(?:\.\d+)?)`,
  String.raw`@(?<time>T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)`,
  String.raw`@(?<date>\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)`,
  String.raw`(?<symbol>\$(?:this|index|total)\b|<=|>=|!=|!~|[-+*/&|<>=~.,()[\]{}%])`,
].join('|'), 'suy');

/** Longer than any published expression; an expression may come from a stranger's profile. */
const maximumLength = 20_000;

/** @throws {FhirPathError} `syntax`, or `limit` for a text that is too long */
export function tokenize(expression: string): readonly Token[] {
  if (expression.length > maximumLength) throw new FhirPathError('limit', `An expression of more than ${maximumLength} characters`);
  const tokens: Token[] = [];
  let position = 0;
  while (position < expression.length) {
    pattern.lastIndex = position;
    const groups = pattern.exec(expression)?.groups;
    if (groups === undefined) throw new FhirPathError('syntax', 'An unknown symbol', position);
    for (const kind of ['name', 'quoted', 'string', 'number', 'date', 'time', 'symbol'] as const) {
      const text = groups[kind];
      if (text !== undefined) tokens.push({ kind, text: kind === 'quoted' || kind === 'string' ? unescape(text) : text, position });
    }
    position = pattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: 'the end', position });
  return tokens;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gsu, (_, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (escapes[letter!] ?? letter!) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
