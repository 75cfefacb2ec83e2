/**
 * Notes, external documents and advance directives: Note Activity and External Document Reference to DocumentReference,
 * an advance directive to an Observation.
 * Source: C-CDA 2.1 Companion Guide, Note Activity; C-CDA on FHIR, "Notes"; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-documentreference.html
 */
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { dataAbsent } from '../conversion.ts';
import { putAttachment } from '../unstructured.ts';
import { authorOf } from '../provenance.ts';
import { fixedConcept, putConcept, requireConcept } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { wordsOf } from '../values/text.ts';
import { putPeriod, putTime, timeOf } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { nestedStatements, takeNested } from './nested.ts';
import { observe } from './observation.ts';
import { panel } from './status-observations.ts';
import type { MapStatement, SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const category = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category';
const externalDocument = '2.16.840.1.113883.10.20.22.4.115';

const directive: MapStatement = (c, statement, scope) => observe(c, statement, scope, { categories: ['survey'] });

export const notes: SectionRules = {
  statements: [
    { templates: [`${root}202`], map: note },
    { templates: [externalDocument], map: external },
    { templates: [`${root}48`, '2.16.840.1.113883.10.20.1.17'], map: directive },
    { templates: [`${root}108`], map: (c, organizer, scope) => panel(c, organizer, scope, ['survey'], directive) },
  ],
  sections: [
    { code: '42348-3', templates: ['2.16.840.1.113883.10.20.22.2.21', '2.16.840.1.113883.10.20.22.2.21.1'], fallbacks: { observation: directive } },
    { code: '34109-9', templates: ['2.16.840.1.113883.10.20.22.2.65'], fallbacks: { act: note } },
  ],
};

function note(c: Conversion, act: Element, scope: Scope): readonly Placed[] {
  markStatement(c, act);
  const made = c.stated('DocumentReference', act);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, act, 'note/id');
  at.set('status', 'current');
  requireConcept(c, at.within('type'), act.child('code'), 'note/code');
  at.setItem('category', fixedConcept(category, 'clinical-note'));
  c.refer(at, 'subject', c.patient);
  for (const author of act.all('author')) {
    const who = authorOf(c, author);
    if (who !== undefined) c.referItem(at, 'author', who);
  }
  const written = act.at('author', 'time');
  if (timeOf(c, written)?.instant !== undefined) putTime(c, at, 'date', written, 'note/author/time', 'instant');
  const context = at.within('context');
  for (const encounter of nestedStatements(act)) {
    if (encounter.name !== 'encounter' || encounter.taken) continue;
    if (encounter.all('templateId').length === 0) {
      c.referToEncounter(encounter, (url) => { context.setItem('encounter', { reference: url }); });
      continue;
    }
    const [placed] = c.place(encounter, { ...scope, within: act });
    if (placed?.type === 'Encounter') c.referItem(context, 'encounter', placed);
  }
  putPeriod(c, context.within('period'), act.child('effectiveTime'), 'note/time');
  putContent(c, made, act.child('text'));
  return [made];
}

/** The note is in its text, or where its text points to in the narrative. */
function putContent(c: Conversion, { cursor }: Placed, text: Element | undefined): void {
  const attachment = cursor.another('content').within('attachment');
  const words = text?.get('representation') === 'B64' ? undefined : wordsOf(c, text);
  if (words !== undefined && words.from !== text) {
    c.put(attachment, 'data', Buffer.from(words.text).toString('base64'), words.from, words.attribute, 'note/text');
    attachment.set('contentType', 'text/plain');
    if (text !== undefined) c.consult(text, 'mediaType', 'representation');
    return;
  }
  if (text === undefined || !putAttachment(c, attachment, text, 'note/text')) attachment.set('extension', [dataAbsent('unknown')]);
}

/** A document elsewhere, by its identifier and, where it is told, its address. */
function external(c: Conversion, document: Element): readonly Placed[] {
  markStatement(c, document);
  const made = c.stated('DocumentReference', document);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, document, 'document/id');
  at.set('status', 'current');
  putConcept(c, at.within('type'), document.child('code'), 'document/code');
  c.refer(at, 'subject', c.patient);
  for (const other of takeNested(document, externalDocument)) c.leave(other, 'a document within a document');
  const attachment = at.another('content').within('attachment');
  const text = document.child('text');
  if (text === undefined || !putAttachment(c, attachment, text, 'document/text')) attachment.set('extension', [dataAbsent('unknown')]);
  return [made];
}
