/**
 * Observation and DiagnosticReport to the organizers and observations of results, vital signs and social history.
 * Source: C-CDA on FHIR, "Results", "Vital Signs", "Social History"; C-CDA 2.1, Result Organizer, Vital Signs Organizer
 */
import { translated } from '../codes/translate.ts';
import { valueOf, valueWords } from './observation-value.ts';
import { authorsOf, performersOf } from './parties.ts';
import type { Source, SourceResource } from './source.ts';
import { commentsOf, readSubject, statusCode } from './statements.ts';
import { codedOf, conceptIfAny, conceptOf, hasCode, idsOf, idOf, rangeOf, timeOrPeriod, timeWords, wordsOf } from './values.ts';
import { ccda, type Row, textReference, type Writing, type Written } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

const loinc = 'http://loinc.org';
const categorySystem = 'http://terminology.hl7.org/CodeSystem/observation-category';
const smokingStatus = '72166-2';
const vitalPanel = '85353-1';
const pressurePanel = '85354-9';

/** Of which kind an observation is, by its categories. */
export function isOfCategory({ source }: SourceResource, category: 'laboratory' | 'vital-signs' | 'social-history'): boolean {
  return source.all('category').some((concept) => hasCode(concept, categorySystem, category));
}

/** What the place of an observation says: its categories and its subject. */
function readPlace(c: Writing, { source }: SourceResource, category: string): void {
  readSubject(c, source, 'subject');
  for (const concept of source.all('category')) if (hasCode(concept, categorySystem, category)) for (const coding of concept.all('coding')) coding.use('system', 'code', 'display');
}

interface Kind {
  readonly template: readonly XmlElement[];
  readonly category: 'laboratory' | 'vital-signs' | 'social-history';
  readonly row: string;
}

const result: Kind = { template: ccda('2', '2015-08-01'), category: 'laboratory', row: 'result' };
const vitalSign: Kind = { template: ccda('27', '2014-06-09'), category: 'vital-signs', row: 'vital' };

function observation(c: Writing, resource: SourceResource, { template, category, row }: Kind): Written {
  const { source } = resource;
  c.written.add(resource);
  readPlace(c, resource, category);
  const id = c.rowId(row);
  const time = timeOrPeriod('effectiveTime', source, 'effective') ?? el('effectiveTime', { nullFlavor: 'UNK' });
  const authors = authorsOf(c, resource, [], 'issued');
  const statement = el(
    'observation', { classCode: 'OBS', moodCode: 'EVN' }, template, idsOf(c, resource), conceptOf('code', source.one('code')), textReference(id), statusOf(source), time,
    valueOf(source) ?? (source.has('component') ? undefined : el('value', { 'xsi:type': 'CD', nullFlavor: 'NI' })), details(source), performersOf(c, source.all('performer')), authors, commentsOf(source), source.all('referenceRange').flatMap(rangesOf),
  );
  return { statement, rows: [{ id, cells: [wordsOf(source.one('code')), valueWords(source), timeWords(source, 'effective'), wordsOf(source.one('interpretation'))] }] };
}

function statusOf(source: Source): XmlElement {
  return statusCode(source, translated('FC-ObservationStatus', source.word('status')));
}

function details(source: Source): readonly (XmlElement | undefined)[] {
  return [...source.all('interpretation').map((one) => conceptOf('interpretationCode', one)), conceptIfAny('methodCode', source.one('method')), conceptIfAny('targetSiteCode', source.one('bodySite'))];
}

function rangesOf(range: Source): readonly XmlElement[] {
  const value = range.has('low', 'high') ? rangeOf('value', range, 'IVL_PQ') : undefined;
  const text = range.text('text');
  const kind = conceptIfAny('interpretationCode', range.one('type'));
  const applies = conceptIfAny('code', range.one('appliesTo'));
  if (value === undefined && text === undefined) return [];
  return [el('referenceRange', {}, el('observationRange', {}, applies, text === undefined ? undefined : el('text', {}, text), value, kind))];
}

/** A report with its results. */
export function writeReport(c: Writing, resource: SourceResource): Written | undefined {
  const { source } = resource;
  const results = source.all('result').flatMap((reference) => c.bundle.resolve(reference) ?? []).filter((one) => one.type === 'Observation' && !c.written.has(one));
  if (results.length === 0) return undefined;
  readSubject(c, source, 'subject');
  for (const concept of source.all('category')) if (hasCode(concept, 'http://terminology.hl7.org/CodeSystem/v2-0074', 'LAB')) for (const coding of concept.all('coding')) coding.use('system', 'code', 'display');
  const status = { registered: 'active', partial: 'active', preliminary: 'active', final: 'completed', amended: 'completed', corrected: 'completed', appended: 'completed', cancelled: 'cancelled' }[source.word('status')];
  const parts = results.map((one) => observation(c, one, result));
  const statement = el(
    'organizer', { classCode: 'BATTERY', moodCode: 'EVN' }, ccda('1', '2015-08-01'), idsOf(c, resource), conceptOf('code', source.one('code')), statusCode(source, status),
    organizerTime(source), source.all('specimen').flatMap((reference) => specimenOf(c, reference)), performersOf(c, source.all('performer')), authorsOf(c, resource, [], 'issued'), parts.map((part) => el('component', {}, part.statement)),
  );
  return { statement, rows: parts.flatMap(({ rows }) => rows) };
}

/** An organizer of results has an interval only. */
function organizerTime(source: Source): XmlElement | undefined {
  const time = timeOrPeriod('effectiveTime', source, 'effective');
  const value = time?.attributes['value'];
  return value === undefined ? time : el('effectiveTime', {}, el('low', { value }), el('high', { value }));
}

function specimenOf(c: Writing, reference: Source): readonly XmlElement[] {
  const specimen = c.bundle.resolve(reference);
  if (specimen === undefined) return [];
  readSubject(c, specimen.source, 'subject');
  const ids = specimen.source.all('identifier').flatMap((identifier) => idOf(identifier) ?? []);
  const kind = conceptIfAny('code', specimen.source.one('type'));
  return [el('specimen', {}, el('specimenRole', {}, ids, kind === undefined ? undefined : el('specimenPlayingEntity', {}, kind)))];
}

/** A result without a report is an organizer of itself: the section has organizers only. */
export function writeResult(c: Writing, resource: SourceResource): Written {
  const part = observation(c, resource, result);
  return { statement: el('organizer', { classCode: 'BATTERY', moodCode: 'EVN' }, ccda('1', '2015-08-01'), el('id', { ...c.ownId(resource, 'organizer') }), conceptOf('code', resource.source.one('code')), statusOf(resource.source), organizerTime(resource.source), el('component', {}, part.statement)), rows: part.rows };
}

/** A panel with its members, or a vital sign that is a panel of itself. */
export function writeVitalSigns(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const isPanel = source.has('hasMember') && !source.has('component');
  const members = isPanel ? source.all('hasMember').flatMap((reference) => c.bundle.resolve(reference) ?? []).filter((one) => one.type === 'Observation' && !c.written.has(one)) : [resource];
  readPlace(c, resource, 'vital-signs');
  const time = timeOrPeriod('effectiveTime', source, 'effective') ?? el('effectiveTime', { nullFlavor: 'UNK' });
  const parts = members.flatMap((member) => (member.source.has('component') ? pressures(c, member) : [observation(c, member, vitalSign)]));
  if (isPanel) c.written.add(resource);
  const statement = el(
    'organizer', { classCode: 'CLUSTER', moodCode: 'EVN' }, ccda('26', '2015-08-01'), isPanel ? idsOf(c, resource) : el('id', { ...c.ownId(resource, 'organizer') }), panelCode(source, isPanel), isPanel ? statusOf(source) : el('statusCode', { code: 'completed' }), time,
    isPanel ? [performersOf(c, source.all('performer')), authorsOf(c, resource, [], 'issued')] : undefined, parts.map((part) => el('component', {}, part.statement)),
  );
  return { statement, rows: parts.flatMap(({ rows }) => rows) };
}

/** What the document called the panel, else the code that C-CDA asks for; that of FHIR's panel follows from the template. */
function panelCode(source: Source, isPanel: boolean): XmlElement {
  const codings = (isPanel ? source.one('code') : undefined)?.all('coding') ?? [];
  const [first, ...others] = codings.flatMap((coding) => {
    if (coding.peek('code') === vitalPanel) coding.use('system', 'code', 'display');
    return coding.peek('code') === vitalPanel ? [] : [coding];
  });
  const own = codedOf('code', first);
  if (own === undefined) return el('code', { code: '46680005', codeSystem: '2.16.840.1.113883.6.96', displayName: 'Vital signs' }, el('translation', { code: '74728-7', codeSystem: '2.16.840.1.113883.6.1' }));
  const words = source.one('code')?.text('text');
  return el('code', own.attributes, words === undefined ? undefined : el('originalText', {}, words), others.map((other) => codedOf('translation', other)));
}

/** The components of a blood pressure, each as an observation. Its ids go to them in turn. */
function pressures(c: Writing, resource: SourceResource): readonly Written[] {
  const { source } = resource;
  c.written.add(resource);
  readPlace(c, resource, 'vital-signs');
  if (hasCode(source.one('code'), loinc, pressurePanel)) {
    source.one('code')!.use('text');
    for (const coding of source.one('code')!.all('coding')) coding.use('system', 'code', 'display');
  }
  const ids = source.all('identifier').flatMap((identifier) => idOf(identifier) ?? []);
  const components = source.all('component');
  const time = timeOrPeriod('effectiveTime', source, 'effective') ?? el('effectiveTime', { nullFlavor: 'UNK' });
  const performers = performersOf(c, source.all('performer'));
  const authors = authorsOf(c, resource, [], 'issued');
  const notes = commentsOf(source);
  return components.map((component, at) => {
    const id = c.rowId('vital');
    const own = at < ids.length ? (at === components.length - 1 ? ids.slice(at) : [ids[at]!]) : [el('id', { ...c.ownId(resource, `component ${at}`) })];
    const statement = el(
      'observation', { classCode: 'OBS', moodCode: 'EVN' }, vitalSign.template, own, conceptOf('code', component.one('code')), textReference(id), statusOf(source), time, valueOf(component) ?? el('value', { 'xsi:type': 'CD', nullFlavor: 'NI' }),
      component.all('interpretation').map((one) => conceptOf('interpretationCode', one)), conceptIfAny('methodCode', source.one('method')), conceptIfAny('targetSiteCode', source.one('bodySite')), performers, authors, at === 0 ? notes : undefined,
    );
    const row: Row = { id, cells: [wordsOf(component.one('code')), valueWords(component), timeWords(source, 'effective'), wordsOf(component.one('interpretation'))] };
    return { statement, rows: [row] };
  });
}

/** Smoking status, and whatever else is known of how the patient lives. */
export function writeSocialHistory(c: Writing, resource: SourceResource): Written {
  const isSmoking = hasCode(resource.source.one('code'), loinc, smokingStatus);
  return observation(c, resource, { template: isSmoking ? ccda('78', '2014-06-09') : ccda('38', '2015-08-01'), category: 'social-history', row: 'social' });
}
