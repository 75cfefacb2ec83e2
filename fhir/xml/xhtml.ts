/**
 * The narrative: the XHTML of `Narrative.div`, which is markup in XML and a string in JSON. Both ways it is parsed and
 * written again, so that it is always well-formed, in the default namespace, and cannot end the element it stands in.
 * Source: https://hl7.org/fhir/R4/narrative.html, https://hl7.org/fhir/R4/json.html#xhtml
 */
import { Problem } from '../problems.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { htmlEntities } from './html-entities.ts';
import { parseXmlDocument, type XmlParse, type XmlTag } from './parser.ts';
import { xhtmlNamespace } from './structure.ts';

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** Collects one `div` as the parser comes by it. */
export class XhtmlCollector {
  readonly #parse: XmlParse;
  #written = '';
  #depth = 0;

  constructor(parse: XmlParse) {
    this.#parse = parse;
  }

  open(tag: XmlTag): void {
    if (tag.uri !== xhtmlNamespace && tag.uri !== '') throw this.#parse.mistake('a narrative holds XHTML only');
    if (this.#depth === 0 && tag.local !== 'div') throw this.#parse.mistake('a narrative is a div');
    const attributes = Object.values(tag.attributes).map((attribute) => this.#attribute(attribute));
    const namespace = this.#depth === 0 ? ` xmlns="${xhtmlNamespace}"` : '';
    this.#written += `<${tag.local}${namespace}${attributes.join('')}${tag.isSelfClosing ? '/>' : '>'}`;
    this.#depth++;
  }

  text(text: string): void {
    this.#written += escapeText(text);
  }

  /** The text of the `div` once it is closed; undefined before. */
  close(tag: XmlTag): string | undefined {
    this.#depth--;
    if (!tag.isSelfClosing) this.#written += `</${tag.local}>`;
    return this.#depth === 0 ? this.#written : undefined;
  }

  #attribute({ name, uri, local, value }: XmlTag['attributes'][string]): string {
    if (name === 'xmlns' || name.startsWith('xmlns:')) return '';
    if (uri !== '' && uri !== xmlNamespace) throw this.#parse.mistake('a narrative holds attributes of XHTML only');
    return ` ${uri === '' ? local : `xml:${local}`}="${escapeAttribute(value)}"`;
  }
}

/**
 * The `div` of a JSON narrative as XML may hold it. What is no well-formed `div` is shown as the text it is: a reader
 * of the other syntax sees the same characters, and the document around it stays whole.
 */
export function xhtmlForXml(div: string): string {
  let written: string | undefined;
  try {
    parseXmlDocument(div.trim(), (parse) => {
      const collector = new XhtmlCollector(parse);
      return { open: (tag) => collector.open(tag), text: (text) => collector.text(text), close: (tag) => { written = collector.close(tag) ?? written; } };
    }, htmlEntities);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    written = undefined;
  }
  return written ?? `<div xmlns="${xhtmlNamespace}">${escapeText(div)}</div>`;
}
