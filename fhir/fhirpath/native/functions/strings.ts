/** Texts. Source: FHIRPath 2.0, "String Manipulation" (http://hl7.org/fhirpath/N1/#string-manipulation), and 3.0 for encodings. */
import { Buffer } from 'node:buffer';
import { FhirPathError } from '../../error.ts';
import { none, ofString, textOf, type Items } from '../items.ts';
import { matcher, replacer } from '../patterns.ts';
import type { Definition, Functions } from './definition.ts';
import { ofText } from './definition.ts';

export const stringFunctions: Functions = {
  indexOf: ofText(1, 1, (text, [part]) => text.indexOf(String(part))),
  lastIndexOf: ofText(1, 1, (text, [part]) => text.lastIndexOf(String(part))),
  substring: ofText(1, 2, (text, [start, length]) => {
    const from = Number(start);
    if (from < 0 || from >= text.length) return undefined;
    return length === undefined ? text.slice(from) : text.slice(from, from + Math.max(Number(length), 0));
  }, ['integer', 'integer']),
  startsWith: ofText(1, 1, (text, [part]) => text.startsWith(String(part))),
  endsWith: ofText(1, 1, (text, [part]) => text.endsWith(String(part))),
  contains: ofText(1, 1, (text, [part]) => text.includes(String(part))),
  upper: ofText(0, 0, (text) => text.toUpperCase()),
  lower: ofText(0, 0, (text) => text.toLowerCase()),
  replace: ofText(2, 2, (text, [part, by], run) => {
    const pieces = text.split(String(part));
    const put = String(by);
    run.text(' '.repeat(Math.min((pieces.length + 1) * put.length, 10_000_000)));
    // Between all characters, and around them.
    return part === '' ? put + pieces.join(put) + (text === '' ? '' : put) : pieces.join(put);
  }),
  matches: withPattern('find'),
  matchesFull: withPattern('full'),
  replaceMatches: ofText(2, 2, (text, [pattern, by]) => (pattern === '' ? text : replacer(String(pattern))(text, String(by)))),
  length: ofText(0, 0, (text) => text.length),
  toChars: ofText(0, 0, (text, _, run): Items => {
    run.spend(text.length);
    return Array.from(text, (character) => ofString(character)[0]!);
  }),
  trim: ofText(0, 0, (text) => text.trim()),
  split: ofText(1, 1, (text, [separator], run): Items => {
    run.spend(text.length);
    return text.split(String(separator)).map((part) => ofString(part)[0]!);
  }),
  join: { least: 0, most: 1, each: false, fixed: true, make: (of, [separator]) => (scope) => {
    const items = of(scope);
    const between = separator === undefined ? '' : textOf(separator(scope));
    if (items.length === 0 || between === undefined) return none;
    const texts = items.map((item) => textOf([item]) ?? '');
    scope.run.text(' '.repeat(Math.min(texts.reduce((sum, { length }) => sum + length + between.length, 0), 10_000_000)));
    return ofString(texts.join(between));
  } },
  encode: ofText(1, 1, (text, [form]) => coding(form, (name) => Buffer.from(text).toString(name), (base64) => base64.replaceAll('+', '-').replaceAll('/', '_'))),
  decode: ofText(1, 1, (text, [form]) => coding(form, (name) => Buffer.from(text, name).toString(), (decoded) => decoded)),
  escape: ofText(1, 1, (text, [form]) => (form === 'html' ? text.replace(/[&<>"']/g, (character) => `&${named.get(character)!};`) : form === 'json' ? JSON.stringify(text).slice(1, -1) : undefined)),
  unescape: ofText(1, 1, (text, [form]) => (form === 'html' ? text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => character.get(name)!) : form === 'json' ? fromJson(text) : undefined)),
};

/** A pattern that is a literal is compiled with the expression. */
function withPattern(how: 'find' | 'full'): Definition {
  return { least: 1, most: 1, each: false, fixed: true, make: (of, [pattern], call) => {
    const [written] = call.arguments;
    const known = written?.kind === 'literal' && typeof written.value === 'string' ? matcher(written.value, how) : undefined;
    const later = ofText(1, 1, (text, [given]) => (known ?? matcher(String(given), how))(text));
    return later.make(of, [pattern!], call, 'published');
  } };
}

const named: ReadonlyMap<string, string> = new Map([['&', 'amp'], ['<', 'lt'], ['>', 'gt'], ['"', 'quot'], ["'", '#39']]);
const character: ReadonlyMap<string, string> = new Map([...named].map(([sign, name]) => [name, sign]));

/** Node's `base64` reads the form for addresses, too. */
function coding(form: unknown, code: (name: 'base64' | 'hex') => string, forAddresses: (text: string) => string): string | undefined {
  if (form === 'hex' || form === 'base64') return code(form);
  return form === 'urlbase64' ? forAddresses(code('base64')) : undefined;
}

function fromJson(text: string): string {
  try {
    return String(JSON.parse(`"${text.replace(/\\?"/g, String.raw`\"`)}"`));
  } catch {
    throw new FhirPathError('evaluation', 'The text is not escaped as in JSON');
  }
}
