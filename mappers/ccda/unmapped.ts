/**
 * Everything a document says, and what of it was not read: attributes and texts of elements, each with its reason.
 * What tells the form of an element (its class, its template) shares the fate of what the element says.
 */
import type { Unmapped } from '../ledger.ts';
import { type Element, ownText } from './xml/element.ts';

/** Of the form of a document, and of no statement in it. */
const form: ReadonlySet<string> = new Set(['classCode', 'moodCode', 'typeCode', 'determinerCode', 'contextConductionInd', 'contextControlCode', 'inversionInd', 'xsi:type', 'xsi:nil', 'operator', 'institutionSpecified', 'unsorted', 'negationInd', 'independentInd', 'xml:space', 'xml:lang', 'nullFlavor', 'codeSystemName', 'sdtc:valueSet', 'sdtc:valueSetVersion', 'displayable', 'assigningAuthorityName', 'inclusive', 'mediaType', 'representation', 'integrityCheckAlgorithm', 'language', 'ID']);
const formElements: ReadonlySet<string> = new Set(['templateId', 'typeId', 'realmCode']);

/**
 * What was sent and not read, in the order of the document. Whatever got a place was marked as it got it
 * ({@link Conversion.put}), so that no list of all places has to be made and searched.
 */
export function unmappedOf(root: Element): Unmapped[] {
  const read = new Set<Element>();
  find(root, read);
  const found: Unmapped[] = [];
  list(root, undefined, read, found);
  return found;
}

/** Notes the elements of which anything was read but their form. */
function find(element: Element, read: Set<Element>): boolean {
  let isRead = element.isRead(form);
  if (!element.isOne) for (const child of element.children) isRead = find(child, read) || isRead;
  if (isRead) read.add(element);
  return isRead;
}

function list(element: Element, inherited: string | undefined, read: ReadonlySet<Element>, found: Unmapped[]): void {
  const reason = element.left ?? inherited;
  const isRead = read.has(element) || (formElements.has(element.name) && element.parent !== undefined && read.has(element.parent));
  for (const attribute in element.attributes) {
    if (element.used(attribute) || attribute === 'xsi:schemaLocation' || attribute.startsWith('{')) continue;
    if (isRead && (form.has(attribute) || formElements.has(element.name))) continue;
    found.push({ source: `${element.path}/@${attribute}`, line: element.line, column: element.column, reason: reason ?? reasonOf(element, attribute) });
  }
  if ((element.content !== undefined || element.isOne) && !element.used(ownText)) found.push({ source: element.path, line: element.line, column: element.column, reason: reason ?? reasonOf(element, ownText) });
  if (!element.isOne) for (const child of element.children) list(child, reason, read, found);
}

function reasonOf(element: Element, attribute: string): string {
  if (element.get('nullFlavor') !== undefined && (attribute === 'nullFlavor' || form.has(attribute))) return 'says that a value is absent';
  if (element.name === 'reference' && element.parent?.name === 'text') return 'the words stand in the narrative of the section';
  if (form.has(attribute) || formElements.has(element.name)) return 'the form of an element that was not read';
  return 'no rule reads it here';
}
