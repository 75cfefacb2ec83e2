/**
 * Narratives: a table of all entries of a section, and the words of a Composition's section that has no entries, from
 * XHTML to the narrative block of CDA.
 * Source: CDA R2, 4.3.5; C-CDA 2.1, "Narrative text"
 */
import { Problem } from '../../../fhir/problems.ts';
import type { Element } from '../xml/element.ts';
import { defaultXmlLimits, parseTree } from '../xml/parse.ts';
import type { Row } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

const noInformation = 'No information';

/** The table of a section. The ID of a row is on its first cell's words, to which the entry refers. */
export function tableOf(columns: readonly string[], rows: readonly Row[]): XmlElement {
  if (rows.length === 0) return el('text', {}, noInformation);
  const head = el('thead', {}, el('tr', {}, columns.map((column) => el('th', {}, column))));
  const body = rows.map(({ id, cells }) => el('tr', {}, columns.map((_, at) => el('td', {}, at === 0 ? el('content', { ID: id }, cells[0] === undefined || cells[0].trim() === '' ? 'Not named' : cells[0]) : cells[at]))));
  return el('text', {}, el('table', { border: '1', width: '100%' }, head, el('tbody', {}, body)));
}

/** Elements of XHTML by their names in the narrative block; all others are left away, and their words kept. */
const renamed: Readonly<Record<string, string>> = { p: 'paragraph', div: 'paragraph', span: 'content', li: 'item', ul: 'list', ol: 'list', table: 'table', thead: 'thead', tbody: 'tbody', tfoot: 'tfoot', tr: 'tr', td: 'td', th: 'th', br: 'br', sub: 'sub', sup: 'sup', caption: 'caption', b: 'content', strong: 'content', i: 'content', em: 'content', u: 'content', h1: 'paragraph', h2: 'paragraph', h3: 'paragraph', h4: 'paragraph', h5: 'paragraph', h6: 'paragraph' };
const styles: Readonly<Record<string, string>> = { b: 'Bold', strong: 'Bold', i: 'Italics', em: 'Italics', u: 'Underline' };

/** The narrative of a `div`; undefined where it cannot be read or says nothing. */
export function narrativeOf(div: string): XmlElement | undefined {
  let root: Element;
  try {
    root = parseTree(div, defaultXmlLimits);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
  return root.text === undefined ? undefined : el('text', {}, partsOf(root));
}

function partsOf(element: Element): (XmlElement | string)[] {
  return (element.content ?? element.children).flatMap((piece) => {
    if (typeof piece === 'string') return [piece];
    const inner = partsOf(piece);
    const name = renamed[piece.name];
    if (name === undefined) return inner;
    return [el(name, { styleCode: styles[piece.name], listType: piece.name === 'ol' ? 'ordered' : undefined }, inner)];
  });
}
