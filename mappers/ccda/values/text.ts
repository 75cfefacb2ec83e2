/**
 * Texts: what an entry says in words, which is mostly a reference to a place of the narrative.
 * Source: CDA R2, 4.3.5.1 (content and its ID); C-CDA 2.1, "Narrative text"
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion } from '../conversion.ts';
import { type Element, ownText } from '../xml/element.ts';

export interface ReadText {
  readonly text: string;
  /** Where the words, or the reference to them, stand. */
  readonly from: Element;
  readonly attribute: string;
}

/** The words of an ED: its own, or those that its reference points to. */
export function wordsOf(c: Conversion, from: Element | undefined): ReadText | undefined {
  if (from === undefined) return undefined;
  const reference = from.child('reference');
  const target = reference?.get('value');
  if (reference !== undefined && target !== undefined) {
    const text = c.texts.get(target.replace(/^#/, ''))?.text;
    if (text !== undefined) return { text, from: reference, attribute: 'value' };
    if (target.startsWith('#')) c.tellOnce('information', 'text-not-found', 'A reference points to no element of the narrative.', reference);
  }
  if (from.get('representation') === 'B64') return undefined;
  const text = from.text;
  return text === undefined ? undefined : { text, from, attribute: ownText };
}

/** Puts the words of an ED, or of its first part that has any. */
export function putWords(c: Conversion, at: Cursor, element: string, from: Element | undefined, rule: string): boolean {
  const words = wordsOf(c, from);
  if (words === undefined) {
    if (from !== undefined) c.consult(from, 'nullFlavor');
    return false;
  }
  c.consult(from!, 'xsi:type', 'mediaType', 'representation');
  if (words.attribute === ownText) words.from.isOne = true;
  return c.put(at, element, words.text, words.from, words.attribute, rule);
}

/** Appends a note with the words of a statement's text. */
export function putNote(c: Conversion, at: Cursor, from: Element | undefined, rule: string): boolean {
  return putWords(c, at.another('note'), 'text', from, rule);
}
