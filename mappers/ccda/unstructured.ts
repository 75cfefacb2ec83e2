/**
 * A body that is a file (PDF, RTF, text …), and files within statements: DocumentReference with the content in it.
 * Source: C-CDA 2.1, "Unstructured Document"; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-documentreference.html
 */
import type { Cursor } from '../draft.ts';
import type { Conversion, Placed } from './conversion.ts';
import { fixedConcept, requireConcept } from './values/concept.ts';
import { putTime } from './values/times.ts';
import { type Element, ownText } from './xml/element.ts';

const category = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category';

/** Puts the file of an ED: base64 as it is, text as its bytes, a reference as its address. False where there is none. */
export function putAttachment(c: Conversion, at: Cursor, from: Element, rule: string): boolean {
  const reference = from.child('reference')?.get('value');
  const mediaType = from.get('mediaType');
  let isPlaced = false;
  if (from.get('representation') === 'B64') {
    const data = from.text?.replaceAll(/\s+/g, '');
    const isBase64 = data !== undefined && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(data);
    if (data !== undefined && !isBase64) c.tell('warning', 'base64-unreadable', 'A content that is told to be base64 is not.', from);
    isPlaced = c.put(at, 'data', isBase64 ? data : undefined, from, ownText, rule);
    c.consult(from, 'representation');
  } else if (reference !== undefined && !reference.startsWith('#')) {
    isPlaced = c.put(at, 'url', reference.replaceAll(/\s/g, '%20'), from.child('reference')!, 'value', rule);
  } else {
    const text = from.text;
    isPlaced = text !== undefined && c.put(at, 'data', Buffer.from(text).toString('base64'), from, ownText, rule);
    c.consult(from, 'representation');
  }
  if (!isPlaced) return false;
  from.isOne = true;
  const type = mediaType ?? (from.get('representation') === 'B64' || reference !== undefined ? undefined : 'text/plain');
  if (mediaType === undefined) at.set('contentType', type);
  else c.put(at, 'contentType', mediaType, from, 'mediaType', rule);
  return true;
}

/** component/nonXMLBody. */
export function putUnstructuredBody(c: Conversion, composition: Placed, document: Element, body: Element): void {
  c.consult(body, 'classCode', 'moodCode');
  const placed = c.keyed('DocumentReference', c.key, body.path);
  const at = placed.cursor;
  at.set('status', 'current');
  requireConcept(c, at.within('type'), document.child('code'), 'document/code');
  at.setItem('category', fixedConcept(category, 'clinical-note'));
  c.refer(at, 'subject', c.patient);
  const instant = composition.cursor.peek('date');
  if (typeof instant === 'string' && instant.includes('T')) putTime(c, at, 'date', document.child('effectiveTime'), 'document/effectiveTime', 'instant');
  for (const author of (composition.cursor.peek('author') ?? []) as readonly { reference?: string }[]) if (author.reference !== undefined) at.setItem('author', { reference: author.reference });
  const text = body.child('text');
  const attachment = at.another('content').within('attachment');
  if (text === undefined || !putAttachment(c, attachment, text, 'nonXMLBody/text')) {
    c.tell('warning', 'content-missing', 'The body of an unstructured document has no content.', body);
    attachment.set('extension', [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }]);
  }
  const section = composition.cursor.another('section');
  c.referItem(section, 'entry', placed);
}
