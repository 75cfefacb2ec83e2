/** What an attribute, or a field of a reference set, is compared with: concepts, numbers, texts, truth values (ECL 2.2, 6.2). */
import type { Cursor } from './cursor.ts';
import type { Comparison, Equality, Order, ReadConstraint, SearchTerm } from './syntax.ts';

export function parseComparison(cursor: Cursor, constraint: ReadConstraint): Comparison {
  const { at } = cursor.peek();
  const operator = cursor.order();
  const value = cursor.accept('value');
  if (value !== undefined) return { kind: 'number', operator, value: value.text.slice(1) };
  const equality = equalityOf(cursor, operator, at);
  if (cursor.isWord('true') || cursor.isWord('false')) return { kind: 'boolean', operator: equality, value: cursor.take().text.toLowerCase() === 'true' };
  if (isSearchTerm(cursor, 0) || (cursor.is('(') && isSearchTerm(cursor, 1))) return { kind: 'text', operator: equality, anyOf: parseSearchTerms(cursor) };
  return { kind: 'concepts', operator: equality, value: constraint() };
}

function equalityOf(cursor: Cursor, operator: Order, at: number): Equality {
  return operator === '=' || operator === '!=' ? operator : cursor.fail('a number such as #5 is expected behind this comparison', at);
}

/** One search term, or several between brackets. */
export function parseSearchTerms(cursor: Cursor): readonly SearchTerm[] {
  return cursor.oneOrSet(() => searchTerm(cursor));
}

function isSearchTerm(cursor: Cursor, ahead: number): boolean {
  return cursor.is('string', ahead) || ((cursor.isWord('match', ahead) || cursor.isWord('wild', ahead)) && cursor.is(':', ahead + 1));
}

function searchTerm(cursor: Cursor): SearchTerm {
  const kind = cursor.acceptWord('wild') ? 'wild' : 'match';
  if (kind === 'wild') cursor.expect(':', 'a ":"');
  else if (cursor.acceptWord('match')) cursor.expect(':', 'a ":"');
  const { text, at } = cursor.expect('string', 'a string');
  const inside = text.slice(1, -1);
  if (inside.trim() === '') cursor.fail('the string is empty', at);
  // The backslash before a * stays: it tells the character from the wild card.
  return { kind, text: inside.replace(/\\(["\\])/g, (whole, character: string) => (kind === 'wild' && character === '\\' ? whole : character)) };
}
