/**
 * Authors of statements and of the document as Provenance: who, when, and of what. Statements with one author at one
 * time share one.
 * Source: C-CDA on FHIR, "Author"; https://hl7.org/fhir/us/core/STU7/basic-provenance.html
 */
import type { Cursor } from '../draft.ts';
import { participant } from './header/participants.ts';
import type { Conversion, Placed } from './conversion.ts';
import { timeOf } from './values/times.ts';
import type { Element } from './xml/element.ts';

const typeSystem = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** The author of an author participation. */
export function authorOf(c: Conversion, author: Element | undefined): Placed | undefined {
  if (author === undefined) return undefined;
  c.consult(author, 'typeCode', 'contextControlCode');
  for (const template of author.all('templateId')) template.useAll();
  return participant(c, author.child('assignedAuthor'), 'author');
}

/** Says of resources who wrote them down and when. */
export function putProvenance(c: Conversion, author: Element, targets: readonly Placed[]): void {
  const who = authorOf(c, author);
  if (who === undefined) return;
  const at = provenanceOf(c, author.child('time'), who.url);
  for (const target of targets) c.referItem(at, 'target', target);
  if (at.peek('agent') === undefined) putAgent(c, at, who, 'author');
}

/** Somebody's part in a document: enterer, informant, verifier, assembler. */
export function putPart(c: Conversion, part: Element, who: Placed | undefined, type: string, target: Placed): void {
  if (who === undefined) return;
  c.consult(part, 'typeCode', 'contextControlCode');
  const at = provenanceOf(c, part.child('time'), who.url, type);
  c.referItem(at, 'target', target);
  if (at.peek('agent') === undefined) putAgent(c, at, who, type);
}

function putAgent(c: Conversion, at: Cursor, who: Placed, type: string): void {
  const agent = at.another('agent');
  agent.set('type', { coding: [{ system: typeSystem, code: type }] });
  c.refer(agent, 'who', who);
  const role = who.type === 'PractitionerRole' ? (who.cursor.peek('organization') as { reference: string } | undefined) : undefined;
  if (role !== undefined) agent.set('onBehalfOf', role);
}

function provenanceOf(c: Conversion, from: Element | undefined, ...keys: readonly string[]): Cursor {
  const time = timeOf(c, from);
  const { cursor } = c.keyed('Provenance', c.key, time?.dateTime ?? '', ...keys);
  if (cursor.peek('recorded') !== undefined || cursor.peek('_recorded') !== undefined) {
    from?.use('value');
    return cursor;
  }
  if (time?.instant !== undefined) {
    c.put(cursor, 'recorded', time.instant, from!, 'value', 'author/time');
  } else {
    if (time !== undefined) c.put(cursor, 'occurredDateTime', time.dateTime, from!, 'value', 'author/time');
    c.absent(cursor, 'recorded', 'unknown');
  }
  return cursor;
}
