/**
 * Condition to Problem Concern Act with a Problem Observation, and to the diagnoses of an encounter.
 * Source: C-CDA on FHIR, "Problems" (FC-problems); C-CDA 2.1, Problem Section
 */
import { translated } from '../codes/translate.ts';
import { authorsOf } from './parties.ts';
import type { Source, SourceResource } from './source.ts';
import { commentsOf, observationOf, readSubject, related } from './statements.ts';
import { conceptIfAny, conceptOf, hasCode, idsOf, timeElement, timeOf, wordsOf } from './values.ts';
import { ccda, code, textReference, type Writing, type Written } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

const verification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const categories: ReadonlySet<string> = new Set(['http://terminology.hl7.org/CodeSystem/condition-category', 'http://hl7.org/fhir/us/core/CodeSystem/condition-category']);
const snomed = 'http://snomed.info/sct';
const assertedDate = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate';

export function writeProblem(c: Writing, resource: SourceResource): Written {
  const id = c.rowId('problem');
  const observation = problemObservation(c, resource, id, 'problem-list-item');
  const { source } = resource;
  const extension = source.all('extension').find((one) => one.peek('url') === assertedDate);
  const asserted = extension?.text('valueDateTime');
  extension?.use('url');
  const status = statusOf(source);
  const isActive = status === undefined || status === 'active' || status === 'recurrence' || status === 'relapse';
  const act = el(
    'act', { classCode: 'ACT', moodCode: 'EVN' }, ccda('3', '2015-08-01'), el('id', { ...c.ownId(resource, 'concern') }), code('code', 'actCode', 'CONC'),
    el('statusCode', { code: isActive ? 'active' : 'completed' }), el('effectiveTime', {}, timeElement('low', asserted), isActive ? undefined : el('high', { nullFlavor: 'UNK' })), related('SUBJ', observation),
  );
  return { statement: act, rows: [rowOf(source, id)] };
}

/** A row of the problems' table. */
export function rowOf(source: Source, id: string): { id: string; cells: string[] } {
  const verified = source.one('verificationStatus')?.one('coding')?.word('code') ?? '';
  const prefix = verified === '' || verified === 'confirmed' ? '' : `${verified}: `;
  return { id, cells: [`${prefix}${wordsOf(source.one('code'))}`, statusOf(source) ?? '', source.word('onsetDateTime'), source.word('abatementDateTime')] };
}

function statusOf(source: Source): string | undefined {
  const found = source.one('clinicalStatus')?.one('coding')?.peek('code');
  return typeof found === 'string' ? found : undefined;
}

/** @param category what a reader of the place takes the condition for */
export function problemObservation(c: Writing, resource: SourceResource, row: string | undefined, category: string): XmlElement {
  const { source } = resource;
  c.written.add(resource);
  readSubject(c, source, 'subject');
  const concept = source.one('code');
  const isNone = hasCode(concept, snomed, '160245001');
  const isRefuted = readVerification(c, source);
  const status = translated('FC-ProblemStatus', statusOf(source));
  if (status !== undefined) for (const coding of source.one('clinicalStatus')!.all('coding')) coding.use('system', 'code', 'display');
  const onset = source.text('onsetDateTime') ?? source.one('onsetPeriod')?.text('start');
  const end = timeOf(source.text('abatementDateTime') ?? source.one('abatementPeriod')?.text('end'));
  const authors = authorsOf(c, resource, ['recorder', 'asserter'], 'recordedDate');
  if (isNone) useNone(concept!);
  return el(
    'observation', { classCode: 'OBS', moodCode: 'EVN', negationInd: isNone || isRefuted ? 'true' : undefined }, ccda('4', '2015-08-01'), idsOf(c, resource), kindOf(source, category),
    row === undefined ? undefined : textReference(row), el('statusCode', { code: 'completed' }), el('effectiveTime', {}, timeElement('low', onset), end === undefined ? undefined : el('high', { value: end })),
    isNone ? el('value', { 'xsi:type': 'CD', code: '55607006', codeSystem: '2.16.840.1.113883.6.96', displayName: 'Problem' }) : conceptOf('value', concept, 'CD'),
    source.all('bodySite').map((site) => conceptOf('targetSiteCode', site)), authors, ageOf(source),
    status === undefined ? undefined : related('REFR', observationOf(ccda('6', '2019-06-20'), code('code', 'loinc', '33999-4', 'Status'), el('value', { 'xsi:type': 'CD', code: status, codeSystem: '2.16.840.1.113883.6.96' }))),
    commentsOf(source),
  );
}

/** "No known problems" by its code; the way in gives it a name. */
function useNone(concept: Source): void {
  concept.use('text');
  for (const coding of concept.all('coding')) coding.use('system', 'code', 'display', 'version');
}

/** Only that a condition is confirmed or refuted has a place: anything between is told, for the statement says more than it should. */
function readVerification(c: Writing, source: Source): boolean {
  const status = source.one('verificationStatus');
  const isRefuted = hasCode(status, verification, 'refuted');
  if (isRefuted || hasCode(status, verification, 'confirmed')) for (const coding of status!.all('coding')) coding.use('system', 'code', 'display');
  else if (status !== undefined) c.tell('warning', 'verification-not-said', 'A condition that is not confirmed is a problem of the document, where only the narrative says so.', status);
  return isRefuted;
}

/** The kind of problem, where a category tells one; else that it is a problem. */
function kindOf(source: Source, category: string): XmlElement {
  const others: Source[] = [];
  for (const concept of source.all('category')) {
    const own = concept.all('coding').find((coding) => categories.has(coding.word('system')));
    if (own === undefined) others.push(concept);
    else if (own.peek('code') === category) own.use('system', 'code', 'display');
    else concept.leave('coding', 'the place in the document says another category');
  }
  return conceptIfAny('code', others[0]) ?? el('code', { code: '55607006', codeSystem: '2.16.840.1.113883.6.96', displayName: 'Problem' }, el('translation', { code: '75326-9', codeSystem: '2.16.840.1.113883.6.1', displayName: 'Problem' }));
}

function ageOf(source: Source): XmlElement | undefined {
  const age = source.one('onsetAge');
  const value = age?.text('value');
  if (age === undefined || value === undefined) return undefined;
  age.use('system', 'unit');
  return related('SUBJ', observationOf(ccda('31'), code('code', 'snomed', '445518008', 'Age at onset'), el('value', { 'xsi:type': 'PQ', value, unit: age.text('code') ?? 'a' })), true);
}
