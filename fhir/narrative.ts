/**
 * What a narrative may not be: it is shown by others as it is, in pages that their users trust. Pure, and in time linear
 * in the length of the text.
 * Source: https://hl7.org/fhir/R4/narrative.html (txt-1, txt-2), https://hl7.org/fhir/R4/security.html#narrative
 */
import { isPlainNarrative } from './plain-narrative.ts';
import { Problem } from './problems.ts';
import { htmlEntities } from './xml/html-entities.ts';
import { parseXmlDocument, type XmlHandlers, type XmlParse, type XmlTag } from './xml/parser.ts';
import { xhtmlNamespace } from './xml/structure.ts';

/**
 * - `malformed`: no well-formed `div`, so that nobody can say what a browser makes of it
 * - `active`: it runs, loads or sends something, or a browser reads it in another way than an XML parser does
 * - `beyond`: elements and attributes that txt-1 does not list, a div without the namespace of XHTML, and style from elsewhere; harmless
 * - `empty`: nothing to read (txt-2)
 */
export type NarrativeCode = 'malformed' | 'active' | 'beyond' | 'empty';

export interface NarrativeIssue {
  readonly code: NarrativeCode;
  /** What is wrong, without any text that was sent: `must not have the element script`. */
  readonly reason: string;
  /** In the text, counted from 1: behind what is wrong. */
  readonly where: { readonly line: number; readonly column: number };
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** What is told of style from elsewhere. */
export const outsideStyle = 'must not have a style that refers to something outside';

/** Those of txt-1. */
const elements = words('a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var');
const attributes = words('abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width');

/** What runs, loads, sends or takes over a page; and what HTML reads as bare text up to its end tag, while XML reads elements in it. */
const activeElements = words('script iframe frame frameset object embed applet param form input button select option optgroup textarea isindex keygen base basefont link meta style title template noscript noembed noframes xmp plaintext listing svg math audio video source track canvas dialog portal marquee bgsound layer ilayer xml');
/** Attributes that a person reads, or that name something: no address in any of them is ever followed. */
const plainAttributes = words('title alt summary abbr axis name id class value');
/** What a browser drops or passes over before the colon of a scheme (https://url.spec.whatwg.org/#url-parsing). */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const passedOver = /[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff]+/g;
const activeScheme = /^(?:javascript|vbscript|livescript|mocha|jscript|data|filesystem|blob):/i;
const picture = /^data:image\/(?:png|jpe?g|gif|webp|bmp|x-icon)[;,]/i;
/** Style that older browsers run (https://cheatsheetseries.owasp.org, "XSS Filter Evasion"). */
const activeStyle = /expression\(|javascript:|vbscript:|-moz-binding|behaviou?r:|@import/i;
const longestScheme = 64;

/** What is wrong with the XHTML of a narrative, in the order of the text; `limit` issues at most. */
export function narrativeIssues(xhtml: string, limit = 20): NarrativeIssue[] {
  return isPlainNarrative(xhtml) ? [] : parsedIssues(xhtml, limit);
}

/** The same by the parser alone. */
export function parsedIssues(xhtml: string, limit: number): NarrativeIssue[] {
  const found: NarrativeIssue[] = [];
  try {
    parseXmlDocument(xhtml.trim(), (parse) => judge(parse, (issue) => { if (found.length < limit) found.push(issue); }), htmlEntities);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { line, column, reason } = error.issues[0].details;
    // Whatever was seen before, this decides.
    found.splice(limit - 1);
    found.unshift({ code: 'malformed', reason: `must be well-formed XHTML: ${String(reason)}`, where: { line: Number(line), column: Number(column) + 1 } });
  }
  return found;
}

/** Those for which a narrative is not stored. */
export function refusedNarrative(xhtml: string): NarrativeIssue[] {
  return narrativeIssues(xhtml).filter(({ code }) => code === 'malformed' || code === 'active');
}

function judge(parse: XmlParse, found: (issue: NarrativeIssue) => void): XmlHandlers {
  const tell = (code: NarrativeCode, reason: string): void => { found({ code, reason, where: parse.place() }); };
  let depth = 0;
  let hasContent = false;
  return {
    open: (tag) => {
      if (depth === 0 && tag.local !== 'div') throw parse.mistake('a narrative is a div');
      if (depth === 0 && tag.uri === '') tell('beyond', `must be in the namespace of XHTML: xmlns="${xhtmlNamespace}" on its div`);
      depth++;
      judgeElement(tag, tell);
      hasContent ||= tag.local === 'img' && tag.attributes['src'] !== undefined;
    },
    text: (text) => { hasContent ||= /\S/.test(text); },
    close: () => {
      depth--;
      if (depth === 0 && !hasContent) tell('empty', 'must have a text or a picture');
    },
    // HTML ends each of these earlier than XML does, so that what is behind is markup in a page.
    beside: (kind, text) => {
      if (kind === 'instruction') tell('active', 'must not have a processing instruction');
      else if (kind === 'cdata' && text.includes('>')) tell('active', 'must not have a CDATA section with markup in it');
      else if (kind === 'comment' && /^-?>|^\[if\b/i.test(text)) tell('active', 'must not have a comment that HTML ends or reads otherwise than XML');
    },
  };
}

function judgeElement(tag: XmlTag, tell: (code: NarrativeCode, reason: string) => void): void {
  const name = tag.local.toLowerCase();
  if (tag.uri !== xhtmlNamespace && tag.uri !== '') tell('active', 'must not have elements of another namespace than XHTML');
  else if (activeElements.has(name)) tell('active', `must not have the element ${name}`);
  // A name that is not known may be anything and is not repeated.
  else if (!elements.has(tag.local)) tell('beyond', 'must not have an element that txt-1 does not list');
  else if (tag.prefix !== '') tell('beyond', 'must have the namespace of XHTML as the default one');
  for (const attribute of Object.values(tag.attributes)) judgeAttribute(attribute, tag, tell);
}

function judgeAttribute({ name, local, value }: XmlTag['attributes'][string], tag: XmlTag, tell: (code: NarrativeCode, reason: string) => void): void {
  if (name === 'xmlns' || name.startsWith('xmlns:')) return;
  const lower = local.toLowerCase();
  if (lower.startsWith('on')) tell('active', 'must not have an event handler');
  else if (lower === 'srcdoc' || lower === 'formaction' || lower === 'is') tell('active', `must not have the attribute ${lower}`);
  else if (lower === 'style') judgeStyle(value, tell);
  else if (!plainAttributes.has(lower) && runs(value, tag.local === 'img' && lower === 'src')) tell('active', 'must not have an address that a browser runs');
  else if (!attributes.has(name) && name !== 'xml:lang' && name !== 'xml:space' && name !== 'xml:id') tell('beyond', 'must not have an attribute that txt-1 does not list');
}

function judgeStyle(value: string, tell: (code: NarrativeCode, reason: string) => void): void {
  const unescaped = value.replaceAll(/\\([0-9a-f]{1,6})[ \t\r\n\f]?/gi, (_, code: string) => characterOf(code)).replaceAll('\\', '');
  const style = withoutComments(unescaped).replaceAll(passedOver, '');
  if (activeStyle.test(style)) tell('active', 'must not have a style that a browser runs');
  else if (/url\((?!["']?(?:#|data:image\/))/i.test(style)) tell('beyond', outsideStyle);
}

/** By hand, because a pattern would look from each beginning of a comment to the end of the text. */
function withoutComments(style: string): string {
  let kept = '';
  let from = 0;
  for (;;) {
    const open = style.indexOf('/*', from);
    if (open < 0) return kept + style.slice(from);
    kept += style.slice(from, open);
    const close = style.indexOf('*/', open + 2);
    if (close < 0) return kept;
    from = close + 2;
  }
}

function characterOf(hexadecimal: string): string {
  const code = Number.parseInt(hexadecimal, 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

function runs(value: string, isPicture: boolean): boolean {
  if (!value.includes(':')) return false;
  const address = value.replaceAll(passedOver, '').slice(0, longestScheme);
  return activeScheme.test(address) && !(isPicture && picture.test(address));
}
