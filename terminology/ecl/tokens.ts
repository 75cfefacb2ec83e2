/**
 * The tokens of an expression constraint. Brackets know their partners, so that a parser can look behind a bracket
 * without reading what is in it twice.
 */
import { Problem } from '../../fhir/problems.ts';

export type TokenKind =
  | 'number'  // digits
  | 'value'   // what follows a #: 12.5 after `= #`
  | 'word' | 'alternate' | 'string' | 'term' | 'end'
  | '(' | ')' | '[' | ']' | '{' | '}' | '{{' | '}}' | '<' | '>' | '!' | '=' | ':' | ',' | '.' | '..' | '*' | '^' | '+';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
  /** Where the token ends. */
  readonly end: number;
}

/** Longer texts than a person or a program writes. */
const longest = 20_000;

const patterns: readonly (readonly [TokenKind | 'blank', RegExp])[] = [
  ['blank', /(?:[ \t\r\n]+|\/\*(?:[^*]|\*(?!\/))*\*\/)+/y],
  ['term', /\|[^|]*\|/y],
  ['string', /"(?:[^"\\]|\\["\\*])*"/y],
  ['value', /#[+-]?(?:\d+)(?:\.\d+)?/y],
  ['alternate', /[A-Za-z][A-Za-z0-9-]*#[A-Za-z0-9\-._]+/y],
  ['word', /[A-Za-z][A-Za-z0-9_-]*/y],
  ['number', /\d+/y],
];
const signs: readonly TokenKind[] = ['{{', '}}', '..', '(', ')', '[', ']', '{', '}', '<', '>', '!', '=', ':', ',', '.', '*', '^', '+'];

/** What is wrong with the text, and where. */
export function refusal(at: number, reason: string): Problem {
  return new Problem('invalid-ecl', { position: at + 1, reason });
}

/** @throws {Problem} `invalid-ecl` */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > longest) throw refusal(longest, `it is longer than ${longest} characters`);
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    if (token === undefined) throw refusal(at, unfinished(text[at]!));
    at = token.end;
    if (token.kind !== 'blank') tokens.push(token as Token);
  }
  tokens.push({ kind: 'end', text: '', at: text.length, end: text.length });
  return tokens;
}

function tokenAt(text: string, at: number): { kind: TokenKind | 'blank'; text: string; at: number; end: number } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return { kind, text: found, at, end: at + found.length };
  }
  const sign = signs.find((one) => text.startsWith(one, at));
  return sign && { kind: sign, text: sign, at, end: at + sign.length };
}

function unfinished(character: string): string {
  if (character === '|') return 'a term that begins here has no "|" at its end';
  if (character === '"') return 'a string that begins here is not closed, or has a "\\" before something other than ", \\ and *';
  if (character === '#') return 'a number is expected after "#"';
  return 'this character has no meaning here';
}

const partners: Readonly<Partial<Record<TokenKind, TokenKind>>> = { '(': ')', '[': ']', '{': '}', '{{': '}}' };

/** For the number of each opening token the number of the one that closes it. @throws {Problem} `invalid-ecl` */
export function bracketsOf(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const closedBy = new Map<number, number>();
  const open: number[] = [];
  for (const [number, { kind, at }] of tokens.entries()) {
    if (kind in partners) open.push(number);
    if (kind !== ')' && kind !== ']' && kind !== '}' && kind !== '}}') continue;
    const opened = open.pop();
    if (opened === undefined || partners[tokens[opened]!.kind] !== kind) throw refusal(at, `there is no bracket that "${kind}" closes`);
    closedBy.set(opened, number);
  }
  const [left] = open.slice(-1);
  if (left !== undefined) throw refusal(tokens[left]!.at, `the bracket "${tokens[left]!.kind}" is not closed`);
  return closedBy;
}
