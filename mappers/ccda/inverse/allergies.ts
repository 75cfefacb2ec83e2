/**
 * AllergyIntolerance to Allergy Concern Act with an Allergy - Intolerance Observation.
 * Source: C-CDA on FHIR, "Allergies" (FC-allergies); C-CDA 2.1, Allergies and Intolerances Section
 */
import { translated } from '../codes/translate.ts';
import { authorsOf } from './parties.ts';
import type { Source, SourceResource } from './source.ts';
import { commentsOf, observationOf, readSubject, related } from './statements.ts';
import { conceptOf, hasCode, idsOf, timeElement, timeOf, wordsOf } from './values.ts';
import { ccda, code, textReference, type Writing, type Written } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

const verification = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
const snomed = '2.16.840.1.113883.6.96';

/** Kinds of allergy by type and category, as the way in reads them. */
const kinds: readonly (readonly [code: string, display: string, type: string | undefined, category: string | undefined])[] = [
  ['416098002', 'Allergy to drug', 'allergy', 'medication'], ['414285001', 'Allergy to food', 'allergy', 'food'], ['419199007', 'Allergy to substance', 'allergy', undefined],
  ['59037007', 'Intolerance to drug', 'intolerance', 'medication'], ['235719002', 'Intolerance to food', 'intolerance', 'food'], ['420134006', 'Propensity to adverse reaction', undefined, undefined],
  ['419511003', 'Propensity to adverse reactions to drug', undefined, 'medication'], ['418471000', 'Propensity to adverse reactions to food', undefined, 'food'],
];

export function writeAllergy(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const id = c.rowId('allergy');
  const substance = source.one('code');
  readSubject(c, source, 'patient');
  const none = substance?.all('coding').map((coding) => translated('FC-NoKnownAllergies', coding.word('code'))).find((found) => found !== undefined);
  const isRefuted = hasCode(source.one('verificationStatus'), verification, 'refuted');
  if (isRefuted || hasCode(source.one('verificationStatus'), verification, 'confirmed')) useCodings(source.one('verificationStatus'));
  const status = source.one('clinicalStatus')?.one('coding')?.peek('code');
  const statusValue = typeof status === 'string' ? translated('FC-AllergyStatus', status) : undefined;
  if (statusValue !== undefined) useCodings(source.one('clinicalStatus'));
  const onset = source.text('onsetDateTime') ?? source.one('onsetPeriod')?.text('start');
  const authors = authorsOf(c, resource, ['recorder', 'asserter'], 'recordedDate');
  const criticality = translated('FC-Criticality', textIn(source, 'criticality'));
  const observation = el(
    'observation', { classCode: 'OBS', moodCode: 'EVN', negationInd: none !== undefined || isRefuted ? 'true' : undefined }, ccda('7', '2014-06-09'), idsOf(c, resource),
    el('code', { code: 'ASSERTION', codeSystem: '2.16.840.1.113883.5.4' }), textReference(id), el('statusCode', { code: 'completed' }),
    el('effectiveTime', {}, timeElement('low', onset)), none === undefined ? kindOf(source) : kindOfNone(none, substance), authors,
    el('participant', { typeCode: 'CSM' }, el('participantRole', { classCode: 'MANU' }, el('playingEntity', { classCode: 'MMAT' }, none === undefined ? conceptOf('code', substance) : el('code', { nullFlavor: 'NA' })))),
    statusValue === undefined ? undefined : related('SUBJ', observationOf(ccda('28', '2019-06-20'), code('code', 'loinc', '33999-4', 'Status'), el('value', { 'xsi:type': 'CD', code: statusValue, codeSystem: snomed })), true),
    source.all('reaction').flatMap((reaction) => reactionsOf(c, resource, reaction)),
    criticality === undefined ? undefined : related('SUBJ', criticalityOf(source, criticality), true),
    commentsOf(source),
  );
  const act = el(
    'act', { classCode: 'ACT', moodCode: 'EVN' }, ccda('30', '2015-08-01'), el('id', { ...c.ownId(resource, 'concern') }), code('code', 'actCode', 'CONC'),
    el('statusCode', { code: status === 'active' || status === undefined ? 'active' : 'completed' }), el('effectiveTime', {}, timeElement('low', source.text('recordedDate') ?? onset), status === 'active' || status === undefined ? undefined : el('high', { nullFlavor: 'UNK' })),
    related('SUBJ', observation),
  );
  const reactions = source.all('reaction').flatMap((reaction) => reaction.all('manifestation').map(wordsOf)).join(', ');
  return { statement: act, rows: [{ id, cells: [`${isRefuted ? 'Refuted: ' : ''}${wordsOf(substance)}`, reactions, typeof status === 'string' ? status : '', onset ?? ''] }] };
}

function textIn(source: Source, name: string): string | undefined {
  const value = source.peek(name);
  return typeof value === 'string' ? value : undefined;
}

function useCodings(concept: Source | undefined): void {
  for (const coding of concept?.all('coding') ?? []) coding.use('system', 'code', 'display', 'version');
}

/** "No known": the kind of allergy that there is none of. */
function kindOfNone(kind: string, substance: Source | undefined): XmlElement {
  useCodings(substance);
  return el('value', { 'xsi:type': 'CD', code: kind, codeSystem: snomed, displayName: kinds.find(([found]) => found === kind)?.[1] });
}

/** One code says type and category; a further category has none. */
function kindOf(source: Source): XmlElement {
  const type = textIn(source, 'type');
  const categories = source.peek('category');
  const category: unknown = Array.isArray(categories) ? categories[0] : undefined;
  const found = kinds.find((kind) => kind[2] === type && kind[3] === category) ?? kinds.find((kind) => kind[2] === type && kind[3] === undefined) ?? kinds.find(([one]) => one === '420134006')!;
  if (found[2] === type) source.use('type');
  if (found[3] === category && Array.isArray(categories) && categories.length === 1) source.use('category');
  else source.leave('category', 'the kinds of allergy of a document have no such category');
  return el('value', { 'xsi:type': 'CD', code: found[0], codeSystem: snomed, displayName: found[1] });
}

/** A reaction with several manifestations is several. */
function reactionsOf(c: Writing, resource: SourceResource, reaction: Source): (XmlElement | undefined)[] {
  const severity = translated('FC-Severity', reaction.text('severity'));
  const onset = timeOf(reaction.text('onset'));
  return reaction.all('manifestation').map((manifestation) => related('MFST', el(
    'observation', { classCode: 'OBS', moodCode: 'EVN' }, ccda('9', '2014-06-09'), el('id', { ...c.ownId(resource, manifestation.path) }),
    el('code', { code: 'ASSERTION', codeSystem: '2.16.840.1.113883.5.4' }), el('statusCode', { code: 'completed' }), onset === undefined ? undefined : el('effectiveTime', {}, el('low', { value: onset })),
    conceptOf('value', manifestation, 'CD'),
    severity === undefined ? undefined : related('SUBJ', observationOf(ccda('8', '2014-06-09'), code('code', 'actCode', 'SEV'), el('value', { 'xsi:type': 'CD', code: severity, codeSystem: snomed })), true),
  ), true));
}

function criticalityOf(source: Source, value: string): XmlElement {
  source.use('criticality');
  return observationOf(ccda('145'), code('code', 'loinc', '82606-5', 'Allergy or intolerance criticality'), el('value', { 'xsi:type': 'CD', code: value, codeSystem: '2.16.840.1.113883.5.1063' }));
}
