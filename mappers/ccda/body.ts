/**
 * The body: sections with their narrative and statements to Composition.section, and a body that is no structure to a
 * DocumentReference with its content.
 * Source: CDA R2, 4.3; C-CDA 2.1, "Unstructured Document"; https://hl7.org/fhir/R4/composition.html (cmp-1)
 */
import type { Cursor } from '../draft.ts';
import type { Conversion, Placed } from './conversion.ts';
import { placeStatement } from './dispatch.ts';
import { xhtmlOf } from './narrative.ts';
import { putProvenance } from './provenance.ts';
import { statementIn, templatesOf } from './sections/nested.ts';
import { sectionRuleOf } from './sections/registry.ts';
import { putUnstructuredBody } from './unstructured.ts';
import { putConcept, saysSomething } from './values/concept.ts';
import { type Element, ownText } from './xml/element.ts';

const loinc = '2.16.840.1.113883.6.1';

/** Puts the body into the Composition. */
export function putBody(c: Conversion, composition: Placed, document: Element): void {
  for (const component of document.all('component')) {
    c.consult(component, 'typeCode', 'contextConductionInd');
    const structured = component.child('structuredBody');
    if (structured !== undefined) {
      c.consult(structured, 'classCode', 'moodCode');
      putSections(c, composition, composition.cursor, structured);
    }
    const other = component.child('nonXMLBody');
    if (other !== undefined) putUnstructuredBody(c, composition, document, other);
  }
}

function putSections(c: Conversion, composition: Placed, at: Cursor, holder: Element): void {
  for (const component of holder.all('component')) {
    const section = component.child('section');
    if (section === undefined) continue;
    c.consult(component, 'typeCode', 'contextConductionInd');
    putSection(c, composition, at.another('section'), section);
  }
}

function putSection(c: Conversion, composition: Placed, at: Cursor, section: Element): void {
  c.consult(section, 'classCode', 'moodCode', 'nullFlavor', 'ID');
  const code = section.child('code');
  const rule = sectionRuleOf(templatesOf(section), code?.get('codeSystem') === loinc || code?.get('codeSystem') === undefined ? code?.get('code') : undefined);
  for (const template of section.all('templateId')) template.useAll();
  if (rule === undefined) c.tell('information', 'unknown-section', 'A section is none that is known: its narrative is kept, and those of its statements that are known.', section);
  const title = section.child('title');
  if (title?.text !== undefined) {
    title.isOne = true;
    c.consult(title, 'xsi:type', 'mediaType');
    c.put(at, 'title', title.text, title, ownText, 'section/title');
  }
  if (saysSomething(c, code)) putConcept(c, at.within('code'), code, 'section/code');
  else if (code !== undefined) c.consult(code, 'nullFlavor');
  const text = section.child('text');
  const div = text === undefined ? undefined : xhtmlOf(text);
  if (text !== undefined) {
    text.isOne = true;
    if (div === undefined) c.consult(text, ownText);
  }
  if (div !== undefined) c.put(at.within('text').set('status', 'additional'), 'div', div, text!, ownText, 'section/text');
  const ids = section.all('id');
  for (const id of ids) c.leave(id, 'a section of FHIR has no identifier');
  const placed: Placed[] = [];
  for (const entry of section.all('entry')) {
    c.consult(entry, 'typeCode', 'contextConductionInd', 'nullFlavor');
    const statement = statementIn(entry);
    if (statement === undefined || statement.taken) continue;
    for (const made of placeStatement(c, statement, { section: rule?.code ?? code?.get('code') })) {
      placed.push(made);
      c.referItem(at, 'entry', made);
    }
  }
  putSections(c, composition, at, section);
  for (const author of section.all('author')) putProvenance(c, author, placed.length > 0 ? placed : [composition]);
  requireContent(c, at, section);
}

/** A section has a text, entries or sections (cmp-1): one with none of these says that it is empty. */
function requireContent(c: Conversion, at: Cursor, section: Element): void {
  if (at.peek('text') !== undefined || at.peek('entry') !== undefined || at.peek('section') !== undefined) return;
  c.tell('information', 'empty-section', 'A section says nothing.', section);
  at.set('emptyReason', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'unavailable' }] });
  at.set('text', { status: 'empty', div: '<div xmlns="http://www.w3.org/1999/xhtml">The section is empty.</div>' });
}
