/**
 * What JSON allows and FHIR, or the store, does not: the same name twice in one object (which of the two was meant?),
 * control characters and lone surrogates in strings, and the name `__proto__`.
 * Source: FHIR R4, "string" (https://hl7.org/fhir/R4/datatypes.html#string); RFC 8259, sections 4 and 8.2.
 */
import { Problem } from '../../fhir/problems.ts';

/** Escapes that may stand for a character below U+0020 or for half of a surrogate pair. A false alarm only costs time. */
const suspiciousEscape = /\\(?:[bf]|u(?:00[01]|[dD][89a-fA-F]))/;
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Checks a text that has been parsed already, and so is well-formed.
 * @throws {Problem} `malformed-json`
 */
export function assertStrictJson(text: string, value: unknown): void {
  const walk = { members: 0, strings: suspiciousEscape.test(text) };
  visit(value, walk);
  if (walk.members !== membersWritten(text)) throw new Problem('malformed-json', { reason: 'an object has the same name twice' });
}

function visit(value: unknown, walk: { members: number; strings: boolean }): void {
  if (typeof value === 'string') {
    if (walk.strings) assertText(value);
  } else if (Array.isArray(value)) {
    for (const item of value) visit(item, walk);
  } else if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      if (name === '__proto__') throw new Problem('malformed-json', { reason: '__proto__ is no name of an element' });
      if (walk.strings) assertText(name);
      walk.members += 1;
      visit((value as Record<string, unknown>)[name], walk);
    }
  }
}

function assertText(text: string): void {
  if (forbidden.test(text)) throw new Problem('malformed-json', { reason: 'a control character or half of a character is not allowed in a string' });
}

/** How many members the objects of a well-formed text have: strings with a colon behind them. */
function membersWritten(text: string): number {
  let count = 0;
  for (let open = text.indexOf('"'); open !== -1;) {
    let close = text.indexOf('"', open + 1);
    while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    if (close === -1) break;
    let next = close + 1;
    while (isSpace(text.charCodeAt(next))) next += 1;
    if (text.charCodeAt(next) === 0x3a) count += 1;
    open = text.indexOf('"', next);
  }
  return count;
}

function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text.charCodeAt(start - 1) === 0x5c) start -= 1;
  return (at - start) % 2 === 1;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
