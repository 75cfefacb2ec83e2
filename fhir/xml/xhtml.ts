/**
 * The narrative: the XHTML of `Narrative.div`, which is markup in XML and a string in JSON. Both ways it is parsed and
 * written again, so that it is always well-formed, in the default namespace, and cannot end the element it stands in.
 * Source: https://hl7.org/fhir/R4/narrative.html, https://hl7.org/fhir/R4/json.html#xhtml
 */
import { Problem } from '../problems.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { parseXmlDocument, type XmlParse, type XmlTag } from './parser.ts';
import { xhtmlNamespace } from './structure.ts';

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** The characters from U+00A0 to U+00FF by the names HTML gives them, in their order (HTML 4.01, section 24.2). */
const latin1Names = 'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
/** Names that XML does not know; JSON narratives of others have them nevertheless. */
const htmlEntities: Readonly<Record<string, string>> = {
  ...Object.fromEntries(latin1Names.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)])),
  ndash: '\u2013', mdash: '\u2014', lsquo: '\u2018', rsquo: '\u2019', ldquo: '\u201c', rdquo: '\u201d', bull: '\u2022', hellip: '\u2026', trade: '\u2122', larr: '\u2190', rarr: '\u2192', le: '\u2264', ge: '\u2265', euro: '\u20ac',
};

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
