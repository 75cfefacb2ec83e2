/** Parts that statements have in common: comments, reasons, status, and nested statements. Source: C-CDA 2.1, volume 2. */
import type { Source } from './source.ts';
import { conceptOf } from './values.ts';
import { ccda, code, type Writing } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

/** A statement within another one. */
export function related(typeCode: string, statement: XmlElement | undefined, isInverse = false): XmlElement | undefined {
  return statement === undefined ? undefined : el('entryRelationship', { typeCode, inversionInd: isInverse ? 'true' : undefined }, statement);
}

/** Notes as comments. Who wrote a note and when has no place that is read back. */
export function commentsOf(source: Source): readonly XmlElement[] {
  return source.all('note').flatMap((note) => {
    const text = note.text('text');
    if (text === undefined) return [];
    return [related('SUBJ', el('act', { classCode: 'ACT', moodCode: 'EVN' }, ccda('64'), code('code', 'loinc', '48767-8', 'Annotation comment'), el('text', {}, text)), true)!];
  });
}

/** Reasons that are concepts, as indications. */
export function indicationsOf(c: Writing, source: Source, element: string): readonly XmlElement[] {
  return source.all(element).map((reason, at) => related('RSON', el(
    'observation', { classCode: 'OBS', moodCode: 'EVN' }, ccda('19', '2014-06-09'),
    el('id', { ...c.ownId({ type: 'Observation', key: reason.path, source: reason }, `indication ${at}`) }),
    el('code', { code: '404684003', codeSystem: '2.16.840.1.113883.6.96', displayName: 'Clinical finding' }, el('translation', { code: '75321-0', codeSystem: '2.16.840.1.113883.6.1', displayName: 'Clinical finding' })),
    el('statusCode', { code: 'completed' }), conceptOf('value', reason, 'CD'),
  ))!);
}

/** A status as the status of an act; a null flavor where the act has none like it. */
export function statusCode(source: Source, translated: string | undefined, element = 'status'): XmlElement {
  if (translated === undefined) {
    source.leave(element, 'the acts of a document have no such status');
    return el('statusCode', { nullFlavor: source.has(element) ? 'OTH' : 'UNK' });
  }
  source.use(element);
  return el('statusCode', { code: translated });
}

/** An observation that says one thing about the statement around it. */
export function observationOf(templates: readonly XmlElement[], kind: XmlElement, value: XmlElement): XmlElement {
  return el('observation', { classCode: 'OBS', moodCode: 'EVN' }, templates, kind, el('statusCode', { code: 'completed' }), value);
}

/** Reads what follows from the subject of the document. */
export function readSubject(c: Writing, source: Source, element: string): void {
  c.bundle.resolve(source.one(element));
}
