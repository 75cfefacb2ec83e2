/**
 * One place where XML is parsed, and the rules that hold for all of it: XML 1.0 with namespaces, no document type and
 * so no entities but the five of XML itself, depth bounded, a mistake told by line and column without the text around it.
 * Source: https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/security.html#narrative
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { maximumDepth } from '../json.ts';
import { Problem } from '../problems.ts';

/** FHIR has four at most, XHTML a few more, and namespaces are declared among them. */
const mostAttributes = 100;

export type XmlTag = SaxesTagNS;

export interface XmlHandlers {
  readonly open: (tag: XmlTag) => void;
  readonly text: (text: string) => void;
  readonly close: (tag: XmlTag) => void;
  /** What is no content: comments and processing instructions; and a CDATA section, whose text is heard as well. */
  readonly beside?: (kind: 'comment' | 'instruction' | 'cdata', text: string) => void;
}

export interface XmlParse {
  /** A mistake in what the XML says, where the parser is now. */
  readonly mistake: (reason: string) => Problem;
  /** Where the parser is now: behind what it has told of. Counted from 1. */
  readonly place: () => { readonly line: number; readonly column: number };
}

/**
 * Parses a whole document; the handlers hear its elements and texts in order.
 * @param handlers made once the parse is there to tell positions
 * @param entities names beyond those of XML that stand for a character
 * @throws {Problem} `malformed-xml`, and whatever a handler throws
 */
export function parseXmlDocument(text: string, handlers: (parse: XmlParse) => XmlHandlers, entities: Readonly<Record<string, string>> = {}): void {
  const parser = new SaxesParser({ xmlns: true, position: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const mistake = (reason: string): Problem => new Problem('malformed-xml', { line: parser.line, column: parser.column, reason });
  const { open, text: onText, close, beside } = handlers({ mistake, place: () => ({ line: parser.line, column: parser.column + 1 }) });
  let depth = 0;
  Object.assign(parser.ENTITIES, entities);
  parser.on('error', (error) => { throw mistake(reasonOf(error)); });
  parser.on('doctype', () => { throw mistake('a document type declaration is not allowed'); });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw mistake('the encoding must be UTF-8');
  });
  let attributes = 0;
  parser.on('opentagstart', () => { attributes = 0; });
  parser.on('attribute', () => {
    attributes++;
    // Each is compared with all others of its element.
    if (attributes > mostAttributes) throw mistake(`an element has more than ${mostAttributes} attributes`);
  });
  parser.on('opentag', (tag) => {
    depth++;
    if (depth > maximumDepth) throw mistake(`it is nested deeper than ${maximumDepth} levels`);
    open(tag);
  });
  parser.on('closetag', (tag) => {
    close(tag);
    depth--;
  });
  parser.on('text', onText);
  parser.on('cdata', (cdata) => {
    beside?.('cdata', cdata);
    onText(cdata);
  });
  if (beside !== undefined) {
    parser.on('comment', (comment) => { beside('comment', comment); });
    parser.on('processinginstruction', ({ body }) => { beside('instruction', body); });
  }
  parser.write(text.startsWith('\ufeff') ? text.slice(1) : text).close();
}

/** The parser's own words up to where it begins to quote the document. */
function reasonOf(error: Error): string {
  const words = /^(?:\d+:\d+: )?([^:]*)/.exec(error.message)?.[1]?.trim() ?? '';
  return words.replace(/\.$/, '');
}
