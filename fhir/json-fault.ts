/**
 * Where a text stops being JSON. The engine tells that of some mistakes only, and in words that quote the text; a sender
 * needs line and column of all of them. Read only when the engine has refused the text, in time that grows with it.
 * Source: RFC 8259, https://www.rfc-editor.org/rfc/rfc8259
 */

export interface JsonFault {
  readonly reason: 'end' | 'unexpected';
  readonly line: number;
  readonly column: number;
}

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// One step at a time: a pattern for a whole string overflows the engine's stack on long ones.
// oxlint-disable-next-line no-control-regex -- control characters are what JSON forbids here
const plain = /[^"\\\u0000-\u001f]*/y;
const escape = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;

/** What may come next: a value, a name, what stands behind one of these. `first` also allows the bracket that closes. */
type Expected = 'value' | 'first value' | 'name' | 'first name' | 'colon' | 'rest';

const closing: ReadonlySet<Expected> = new Set<Expected>(['first value', 'first name', 'rest']);
const naming: ReadonlySet<Expected> = new Set<Expected>(['name', 'first name']);

/** Deeper than any text that is taken; memory does not grow with brackets that nobody closes. */
const deepest = 1000;

/** @returns undefined for a text that is JSON, and for one that is too deep to tell */
export function jsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    at = past(space, text, at);
    const character = text.charAt(at);
    const inside = open.at(-1);
    if (expected === 'rest' && inside === undefined) return at === text.length ? undefined : fault('unexpected', text, at);
    if (character === '') return fault('end', text, at);
    const closes = character === (inside === '{' ? '}' : ']') && inside !== undefined;
    if (closes && closing.has(expected)) {
      open.pop();
      expected = 'rest';
      at++;
    } else if (expected === 'rest' ? character === ',' : expected === 'colon' && character === ':') {
      expected = expected === 'rest' && inside === '{' ? 'name' : 'value';
      at++;
    } else if (expected === 'rest' || expected === 'colon') {
      return fault('unexpected', text, at);
    } else if (character === '"') {
      const end = endOfString(text, at + 1);
      if (text.charAt(end) !== '"') return fault(end === text.length ? 'end' : 'unexpected', text, end);
      expected = naming.has(expected) ? 'colon' : 'rest';
      at = end + 1;
    } else if (naming.has(expected)) {
      return fault('unexpected', text, at);
    } else if (character === '{' || character === '[') {
      if (open.push(character) > deepest) return undefined;
      expected = character === '{' ? 'first name' : 'first value';
      at++;
    } else {
      const end = past(scalar, text, at);
      if (end === at) return fault('unexpected', text, at);
      expected = 'rest';
      at = end;
    }
  }
}

/** The place of the quote that ends a string, or of what may not be in it. */
function endOfString(text: string, from: number): number {
  let at = past(plain, text, from);
  while (text.charAt(at) === '\\') {
    const behind = past(escape, text, at);
    if (behind === at) return at;
    at = past(plain, text, behind);
  }
  return at;
}

function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function fault(reason: JsonFault['reason'], text: string, at: number): JsonFault {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { reason, line, column: at - start + 1 };
}
