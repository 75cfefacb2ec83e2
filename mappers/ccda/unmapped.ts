/**
 * Everything a document says, and what of it was not read: attributes and texts of elements, each with its reason.
 * What tells the form of an element (its class, its template) shares the fate of what the element says.
 */
import type { Unmapped } from '../ledger.ts';
import { type Element, ownText } from './xml/element.ts';
import { form, formElements } from './xml/form.ts';

/**
 * What was sent and not read, in the order of the document. Whatever got a place was marked as it got it
 * ({@link Conversion.put}), so that no list of all places has to be made and searched.
 */
export function unmappedOf(root: Element): Unmapped[] {
  const found: Unmapped[] = [];
  list(root, undefined, found);
  return found;
}

function list(element: Element, inherited: string | undefined, found: Unmapped[]): void {
  const reason = element.left ?? inherited;
  const isRead = element.isRead || (formElements.has(element.name) && element.parent?.isRead === true);
  for (const attribute in element.attributes) {
    if (element.used(attribute) || attribute === 'xsi:schemaLocation' || attribute.startsWith('{')) continue;
    if (isRead && (form.has(attribute) || formElements.has(element.name))) continue;
    found.push({ source: `${element.path}/@${attribute}`, line: element.line, column: element.column, reason: reason ?? reasonOf(element, attribute) });
  }
  if ((element.content !== undefined || element.isOne) && !element.used(ownText)) found.push({ source: element.path, line: element.line, column: element.column, reason: reason ?? reasonOf(element, ownText) });
  if (!element.isOne) for (const child of element.children) list(child, reason, found);
}

function reasonOf(element: Element, attribute: string): string {
  if (element.get('nullFlavor') !== undefined && (attribute === 'nullFlavor' || form.has(attribute))) return 'says that a value is absent';
  if (element.name === 'reference' && element.parent?.name === 'text') return 'the words stand in the narrative of the section';
  if (form.has(attribute) || formElements.has(element.name)) return 'the form of an element that was not read';
  return 'no rule reads it here';
}
