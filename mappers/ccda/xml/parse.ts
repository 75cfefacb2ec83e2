/**
 * XML text to a tree of elements. No document type, so that no entity but those of XML and HTML is known; depth,
 * elements and attributes are bounded. Namespaces are resolved here, one lookup for each name of a scope, because the
 * parser's own way costs a third of the time.
 * Source: XML 1.0 (https://www.w3.org/TR/xml), Namespaces in XML (https://www.w3.org/TR/xml-names).
 */
import { SaxesParser } from 'saxes';
import { maximumDepth } from '../../../fhir/json.ts';
import { Problem } from '../../../fhir/problems.ts';
import { htmlEntities } from '../../../fhir/xml/html-entities.ts';
import { Element } from './element.ts';

export interface XmlLimits {
  readonly elements: number;
  readonly attributes: number;
}

/** Twenty times the largest document of the certification samples. */
export const defaultXmlLimits: XmlLimits = { elements: 500_000, attributes: 50 };

/** What may be written as `&name;`: of XML, and of HTML, which documents have though they may not. Nothing can add to it. */
const entities: Readonly<Record<string, string>> = Object.freeze({ amp: '&', gt: '>', lt: '<', quot: '"', apos: "'", ...htmlEntities });

/** How namespaces are written in the names of elements and attributes. */
const prefixes: Readonly<Record<string, string>> = {
  '': '', 'urn:hl7-org:v3': '', 'urn:hl7-org:sdtc': 'sdtc:', 'http://www.w3.org/2001/XMLSchema-instance': 'xsi:', 'http://www.w3.org/XML/1998/namespace': 'xml:',
};

/** Prefixes that documents use without declaring them. */
const usual: Readonly<Record<string, string>> = { sdtc: 'sdtc:', xsi: 'xsi:', xml: 'xml:', cda: '', hl7: '', v3: '', n1: '' };

interface Scope {
  readonly prefixes: ReadonlyMap<string, string>;
  readonly elements: Map<string, string>;
  readonly attributes: Map<string, string>;
}

/**
 * @returns the document's element
 * @throws {Problem} `malformed-xml` with line and column
 */
export function parseTree(sent: string, limits: XmlLimits = defaultXmlLimits): Element {
  const text = withoutLateDeclaration(sent);
  // No more handlers than these: with one more the engine keeps the parser's fields in a slow form, at five times the cost.
  const parser = new SaxesParser({ xmlns: false, position: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const mistake = (reason: string): Problem => new Problem('malformed-xml', { line: parser.line, column: parser.columnIndex, reason });
  (parser as { ENTITIES: Readonly<Record<string, string>> }).ENTITIES = entities;
  let root: Element | undefined;
  let current: Element | undefined;
  let scope: Scope = { prefixes: new Map(), elements: new Map(), attributes: new Map() };
  const scopes: Scope[] = [];
  let elements = 0;
  const places = new Places(text);
  parser.on('error', (error) => { throw mistake(reasonOf(error)); });
  parser.on('doctype', () => { throw mistake('a document type declaration is not allowed'); });
  parser.on('opentag', (tag) => {
    elements++;
    if (elements > limits.elements) throw mistake(`it has more than ${limits.elements} elements`);
    scopes.push(scope);
    if (scopes.length > maximumDepth) throw mistake(`it is nested deeper than ${maximumDepth} levels`);
    // Most elements have no attribute of a namespace: theirs are gone through once, which costs more than it looks like.
    let attributes: Record<string, string> = {};
    let count = 0;
    let isPlain = true;
    for (const name in tag.attributes) {
      count++;
      if (name === 'xmlns' || name.includes(':')) isPlain = false;
      else if (isPlain) attributes[name] = tag.attributes[name]!;
    }
    if (count > limits.attributes) throw mistake(`an element has more than ${limits.attributes} attributes`);
    if (!isPlain) {
      for (const name in tag.attributes) {
        if (!isDeclaration(name)) continue;
        scope = scopeOf(scope, tag.attributes);
        break;
      }
      attributes = attributesOf(scope, tag.attributes);
    }
    // A bracket cannot stand in a tag, so the last one opened it.
    const { line, column } = places.of(text.lastIndexOf('<', parser.position - 1));
    const element = new Element(nameOf(scope, tag.name), current, attributes, line, column);
    if (current === undefined) {
      root = element;
    } else {
      current.children.push(element);
      current.content?.push(element);
    }
    current = element;
  });
  parser.on('closetag', () => {
    scope = scopes.pop()!;
    current = current!.parent;
  });
  const onText = (piece: string): void => {
    if (current === undefined) return;
    if (current.content === undefined) {
      if (!/\S/.test(piece)) return;
      current.content = [...current.children];
    }
    current.content.push(piece);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.write(text).close();
  return root!;
}

/** A declaration behind a blank is a mistake that many writers make; the parser does not forgive it, and positions must stay. */
function withoutLateDeclaration(text: string): string {
  return /^\s+<\?xml\s/.test(text) ? text.replace(/<\?xml[^>]*\?>/, (declaration) => declaration.replaceAll(/[^\r\n]/g, ' ')) : text;
}

/** Lines and columns of offsets that only grow. */
class Places {
  readonly #text: string;
  #line = 1;
  #start = 0;
  #next: number;

  constructor(text: string) {
    this.#text = text;
    this.#next = text.indexOf('\n');
  }

  of(offset: number): { readonly line: number; readonly column: number } {
    while (this.#next !== -1 && this.#next < offset) {
      this.#line++;
      this.#start = this.#next + 1;
      this.#next = this.#text.indexOf('\n', this.#start);
    }
    return { line: this.#line, column: offset - this.#start + 1 };
  }
}

function scopeOf(scope: Scope, attributes: Readonly<Record<string, string>>): Scope {
  const changed = new Map(scope.prefixes);
  for (const name in attributes) if (isDeclaration(name)) changed.set(name.slice(6), attributes[name]!.trim());
  return { prefixes: changed, elements: new Map(), attributes: new Map() };
}

function isDeclaration(name: string): boolean {
  return name.startsWith('xmlns') && (name.length === 5 || name.charAt(5) === ':');
}

function nameOf(scope: Scope, written: string): string {
  let name = scope.elements.get(written);
  if (name === undefined) scope.elements.set(written, name = resolved(scope, written, ''));
  return name;
}

/** The attributes by their resolved names, in an object that is quick to read. */
function attributesOf(scope: Scope, written: Readonly<Record<string, string>>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name in written) {
    if (!name.includes(':')) {
      if (name !== 'xmlns') attributes[name] = written[name]!;
      continue;
    }
    if (name.startsWith('xmlns:')) continue;
    let known = scope.attributes.get(name);
    if (known === undefined) scope.attributes.set(name, known = resolved(scope, name, undefined));
    attributes[known] = written[name]!;
  }
  return attributes;
}

/** @param unprefixed the prefix that a name without one has: none in the case of attributes */
function resolved(scope: Scope, written: string, unprefixed: '' | undefined): string {
  const colon = written.indexOf(':');
  const prefix = colon < 0 ? unprefixed ?? '' : written.slice(0, colon);
  const local = written.slice(colon + 1);
  const uri = scope.prefixes.get(prefix);
  if (uri === undefined) return prefix === '' ? local : `${usual[prefix] ?? `${prefix}:`}${local}`;
  return `${prefixes[uri] ?? `{${uri}}`}${local}`;
}

/** The parser's own words up to where it begins to quote the document. */
function reasonOf(error: Error): string {
  const words = /^(?:\d+:\d+: )?([^:]*)/.exec(error.message)?.[1]?.trim() ?? '';
  return words.replace(/\.$/, '');
}
