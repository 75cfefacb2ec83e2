/**
 * Narratives of a document as XHTML that is safe to show, and the elements of them that entries refer to. What is no
 * element of the narrative block becomes a span: the words are kept, whatever stands around them.
 * Source: CDA R2, 4.3.5 (narrative block); https://hl7.org/fhir/R4/narrative.html
 */
import { escapeAttribute, escapeText } from '../../fhir/xml/escape.ts';
import type { Cursor } from '../draft.ts';
import type { Conversion } from './conversion.ts';
import { type Element, ownText } from './xml/element.ts';

const renamed: Readonly<Record<string, string>> = { paragraph: 'p', item: 'li', content: 'span', linkHtml: 'a', footnote: 'span', footnoteRef: 'span', renderMultiMedia: 'span', text: 'div' };
const kept: ReadonlySet<string> = new Set('table thead tbody tfoot tr th td col colgroup br sub sup p div span ul ol li b i em strong u h1 h2 h3 h4 h5 h6 hr pre dl dt dd'.split(' '));
const withoutContent: ReadonlySet<string> = new Set(['br', 'col', 'hr']);
const keptAttributes: ReadonlySet<string> = new Set(['colspan', 'rowspan', 'align', 'valign', 'width', 'border', 'cellspacing', 'cellpadding', 'scope', 'abbr', 'headers', 'summary']);
const safeAddress = /^(?:https?:\/\/|mailto:|#)[^\s"<>]*$/i;
const safeToken = /^[\w.:-]+$/;

const styles: Readonly<Record<string, string>> = { Bold: 'font-weight: bold', Italics: 'font-style: italic', Underline: 'text-decoration: underline' };

/** What sections stand in; all else has no narrative that can be referred to. */
const holders: ReadonlySet<string> = new Set(['ClinicalDocument', 'component', 'structuredBody', 'section']);

/** The elements of narratives by their IDs, the first where several have one. */
export function textsOf(root: Element): ReadonlyMap<string, Element> {
  const found = new Map<string, Element>();
  findTexts(root, false, found);
  return found;
}

function findTexts(element: Element, isWithin: boolean, found: Map<string, Element>): void {
  if (isWithin) {
    const id = element.attributes['ID'] ?? element.attributes['id'];
    if (id !== undefined && !found.has(id)) found.set(id, element);
  }
  for (const child of element.children) {
    const isText = isWithin || (child.name === 'text' && element.name === 'section');
    if (isText || holders.has(child.name)) findTexts(child, isText, found);
  }
}

/** A `div` with what a narrative says; undefined where it says nothing. */
export function xhtmlOf(text: Element): string | undefined {
  const parts: string[] = [];
  return write(text, parts, '') ? `<div xmlns="http://www.w3.org/1999/xhtml">${parts.join('')}</div>` : undefined;
}

/** Puts the words that a statement refers to, or has itself, as the narrative of its resource. */
export function putStatementText(c: Conversion, at: Cursor, text: Element | undefined): void {
  if (text === undefined || text.used(ownText) || at.peek('text') !== undefined) return;
  const reference = text.child('reference');
  const target = reference?.get('value');
  const from = target === undefined ? text : c.texts.get(target.replace(/^#/, ''));
  if (from === undefined || text.get('representation') === 'B64') return;
  const div = xhtmlOf(from);
  if (div === undefined) return;
  c.put(at.within('text'), 'div', div, reference ?? text, reference === undefined ? ownText : 'value', 'text');
  c.consult(text, 'mediaType', 'xsi:type');
  if (reference === undefined) text.isOne = true;
  at.within('text').set('status', 'additional');
}

/** Whether there was a word in it. */
function write(element: Element, parts: string[], within: string): boolean {
  let says = false;
  for (const piece of element.content ?? element.children) {
    if (typeof piece === 'string') {
      parts.push(escapeText(piece));
      says ||= /\S/.test(piece);
    } else {
      says = writeElement(piece, parts, within) || says;
    }
  }
  return says;
}

function writeElement(element: Element, parts: string[], within: string): boolean {
  const name = nameOf(element, within);
  if (withoutContent.has(name)) {
    parts.push(`<${name}${attributesOf(element, name)}/>`);
    return false;
  }
  parts.push(`<${name}${attributesOf(element, name)}>`);
  const says = write(element, parts, name);
  parts.push(`</${name}>`);
  return says;
}

function nameOf({ name, attributes }: Element, within: string): string {
  if (name === 'list') return attributes['listType'] === 'ordered' ? 'ol' : 'ul';
  if (name === 'caption') return within === 'table' ? 'caption' : 'b';
  if (name === 'linkHtml' && !safeAddress.test(attributes['href']?.trim() ?? '')) return 'span';
  return renamed[name] ?? (kept.has(name) ? name : 'span');
}

function attributesOf({ attributes }: Element, name: string): string {
  let written = '';
  for (const attribute in attributes) {
    const value = attributes[attribute]!;
    if (attribute === 'ID') {
      if (safeToken.test(value)) written += ` id="${value}"`;
    } else if (attribute === 'styleCode') written += styleOf(value);
    else if (attribute === 'href' && name === 'a') written += ` href="${escapeAttribute(value.trim())}"`;
    else if (keptAttributes.has(attribute)) written += ` ${attribute}="${escapeAttribute(value)}"`;
  }
  return written;
}

function styleOf(styleCode: string): string {
  const codes = styleCode.split(/\s+/).filter((code) => safeToken.test(code));
  const style = codes.flatMap((code) => styles[code] ?? []).join('; ');
  const others = codes.filter((code) => styles[code] === undefined).join(' ');
  return `${others === '' ? '' : ` class="${others}"`}${style === '' ? '' : ` style="${style}"`}`;
}
