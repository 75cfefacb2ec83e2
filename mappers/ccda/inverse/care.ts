/**
 * Procedure, Immunization, Encounter and CareTeam to their statements.
 * Source: C-CDA on FHIR, "Procedures", "Immunizations", "Encounters"; C-CDA 2.1; Companion Guide, Care Team Organizer
 */
import { translated } from '../codes/translate.ts';
import { productElement } from './medications.ts';
import { addressOf, authorsOf, memberOf, organizationOf, performersOf, telecomOf } from './parties.ts';
import { problemObservation } from './problems.ts';
import type { Source, SourceResource } from './source.ts';
import { commentsOf, indicationsOf, readSubject, related, statusCode } from './statements.ts';
import { codedOf, conceptIfAny, conceptOf, idsOf, intervalOf, quantityOf, timeElement, timeOrPeriod, timeWords, wordsOf } from './values.ts';
import { ccda, code, textReference, type Writing, type Written } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

export function writeProcedure(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const id = c.rowId('procedure');
  readSubject(c, source, 'subject');
  const isNotDone = source.peek('status') === 'not-done';
  const status = isNotDone ? 'completed' : translated('FC-ProcedureStatus', source.word('status'));
  const performers = source.all('performer').flatMap((performer) => memberOf(c, performer.one('actor'), performer.one('function')) ?? []);
  const statement = el(
    'procedure', { classCode: 'PROC', moodCode: 'EVN', negationInd: isNotDone ? 'true' : undefined }, ccda('14', '2014-06-09'), idsOf(c, resource), conceptOf('code', source.one('code')), textReference(id),
    statusCode(source, status !== undefined && /^[a-z]+$/.test(status) ? status : undefined), timeOrPeriod('effectiveTime', source, 'performed') ?? el('effectiveTime', { nullFlavor: 'UNK' }),
    source.all('bodySite').map((site) => conceptOf('targetSiteCode', site)), performers, authorsOf(c, resource, ['recorder', 'asserter'], ''), locationsOf(c, source.all('location')), indicationsOf(c, source, 'reasonCode'), commentsOf(source),
  );
  return { statement, rows: [{ id, cells: [`${isNotDone ? 'Not done: ' : ''}${wordsOf(source.one('code'))}`, source.word('status'), timeWords(source, 'performed')] }] };
}

/** Service delivery locations of a statement. */
function locationsOf(c: Writing, references: readonly Source[]): readonly XmlElement[] {
  return references.flatMap((reference) => {
    const place = c.bundle.resolve(reference);
    if (place?.type !== 'Location') return [];
    const { source } = place;
    const name = source.text('name');
    source.use('status', 'mode');
    return [el('participant', { typeCode: 'LOC' }, el(
      'participantRole', { classCode: 'SDLOC' }, ccda('32'), idsOf(c, place), conceptIfAny('code', source.one('type')) ?? el('code', { nullFlavor: 'NI' }), source.all('address').map(addressOf),
      source.all('telecom').flatMap((telecom) => telecomOf(telecom) ?? []), name === undefined ? undefined : el('playingEntity', { classCode: 'PLC' }, el('name', {}, name)),
    ))];
  });
}

export function writeImmunization(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const id = c.rowId('immunization');
  readSubject(c, source, 'patient');
  const isNotDone = source.peek('status') === 'not-done';
  const time = source.text('occurrenceDateTime');
  const maker = c.bundle.resolve(source.one('manufacturer'));
  const dose = source.one('protocolApplied')?.text('doseNumberPositiveInt');
  const refusal = isNotDone ? source.one('statusReason') : undefined;
  source.use('primarySource', '_primarySource');
  const performers = source.all('performer').flatMap((performer) => {
    performer.one('function')?.all('coding').filter((coding) => coding.peek('code') === 'AP').forEach((coding) => coding.use('system', 'code', 'display'));
    return performersOf(c, performer.all('actor'));
  });
  const statement = el(
    'substanceAdministration', { classCode: 'SBADM', moodCode: 'EVN', negationInd: isNotDone ? 'true' : 'false' }, ccda('52', '2015-08-01'), idsOf(c, resource), textReference(id),
    statusCode(source, translated('FC-ImmunizationStatus', source.word('status'))), time === undefined ? timeElement('effectiveTime', undefined) : timeElement('effectiveTime', time), dose === undefined ? undefined : el('repeatNumber', { value: dose }),
    conceptIfAny('routeCode', source.one('route')), conceptIfAny('approachSiteCode', source.one('site')), quantityOf('doseQuantity', source.one('doseQuantity')),
    el('consumable', {}, productElement('54', conceptOf('code', source.one('vaccineCode')), source.text('lotNumber'), source.text('expirationDate'), maker === undefined ? undefined : organizationOf(c, 'manufacturerOrganization', maker))),
    performers, authorsOf(c, resource, [], 'recorded'),
    refusal === undefined ? undefined : related('RSON', el('observation', { classCode: 'OBS', moodCode: 'EVN' }, ccda('53'), el('id', { ...c.ownId(resource, 'refusal') }), conceptOf('code', refusal), el('statusCode', { code: 'completed' }))),
    indicationsOf(c, source, 'reasonCode'), commentsOf(source),
  );
  return { statement, rows: [{ id, cells: [`${isNotDone ? 'Not given: ' : ''}${wordsOf(source.one('vaccineCode'))}`, source.word('status'), source.word('occurrenceDateTime') || source.word('occurrenceString')] }] };
}

export function writeEncounter(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const id = c.rowId('encounter');
  readSubject(c, source, 'subject');
  const status = { 'in-progress': 'active', cancelled: 'cancelled', finished: 'completed', planned: 'held', onleave: 'suspended' }[source.word('status')];
  const diagnoses = source.all('diagnosis').flatMap((diagnosis) => c.bundle.resolve(diagnosis.one('condition')) ?? []).filter((one) => one.type === 'Condition' && !c.written.has(one));
  const people = source.all('participant').flatMap((participant) => memberOf(c, participant.one('individual'), participant.one('type'), participant.one('period')) ?? []);
  const discharge = source.one('hospitalization')?.one('dischargeDisposition');
  const statement = el(
    'encounter', { classCode: 'ENC', moodCode: 'EVN' }, ccda('49', '2015-08-01'), idsOf(c, resource), encounterCode(source), textReference(id), statusCode(source, status), intervalOf('effectiveTime', source.one('period')),
    conceptIfAny('sdtc:dischargeDispositionCode', discharge), conceptIfAny('priorityCode', source.one('priority')), people, performersOf(c, source.all('serviceProvider')), locationsOf(c, source.all('location').flatMap((location) => location.all('location'))),
    indicationsOf(c, source, 'reasonCode'),
    diagnoses.map((one) => related('REFR', el('act', { classCode: 'ACT', moodCode: 'EVN' }, ccda('80', '2015-08-01'), code('code', 'loinc', '29308-4', 'Diagnosis'), el('statusCode', { code: 'active' }), related('SUBJ', readEncounterOf(c, one))))),
  );
  return { statement, rows: [{ id, cells: [wordsOf(source.one('type')), source.word('status'), [source.one('period')?.word('start') ?? '', source.one('period')?.word('end') ?? ''].join(' to '), diagnoses.map((one) => wordsOf(one.source.one('code'))).join(', ')] }] };
}

function readEncounterOf(c: Writing, condition: SourceResource): XmlElement {
  readSubject(c, condition.source, 'encounter');
  return problemObservation(c, condition, undefined, 'encounter-diagnosis');
}

/** The type with the class as a translation; the class alone where there is no type. */
function encounterCode(source: Source): XmlElement {
  const kind = source.one('class');
  const isKnown = kind !== undefined && kind.peek('system') === 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  if (kind?.peek('code') === 'UNK') kind.use('system', 'code', 'display');
  const [type, ...more] = source.all('type');
  for (const other of more) other.leave('*', 'an encounter of a document has one code');
  if (type === undefined) return (isKnown ? codedOf('code', kind) : undefined) ?? el('code', { nullFlavor: 'UNK' });
  return conceptOf('code', type, undefined, isKnown && !type.all('coding').some((coding) => coding.peek('code') === kind.peek('code')) ? codedOf('translation', kind) : usedClass(kind));
}

function usedClass(kind: Source | undefined): undefined {
  kind?.use('system', 'code', 'display');
  return undefined;
}

export function writeCareTeam(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const id = c.rowId('team');
  readSubject(c, source, 'subject');
  const status = { active: 'active', inactive: 'completed', suspended: 'suspended', proposed: 'new' }[source.word('status')];
  const name = source.text('name');
  const period = source.one('period');
  const members = source.all('participant').flatMap((participant) => {
    const time = participant.one('period');
    const performer = memberOf(c, participant.one('member'), participant.one('role'));
    if (performer === undefined) return [];
    return [el('component', {}, el('act', { classCode: 'PCPR', moodCode: 'EVN' }, ccda('500.1', '2019-07-01'), el('id', { ...c.ownId(resource, participant.path) }), code('code', 'loinc', '85847-2', 'Care Team Information'), el('statusCode', { code: 'active' }), time === undefined ? undefined : intervalOf('effectiveTime', time, 'IVL_TS'), performer))];
  });
  const statement = el(
    'organizer', { classCode: 'CLUSTER', moodCode: 'EVN' }, ccda('500', '2019-07-01'), idsOf(c, resource), el('code', { code: '86744-0', codeSystem: '2.16.840.1.113883.6.1', displayName: 'Care team' }, name === undefined ? undefined : el('originalText', {}, name)),
    statusCode(source, status), period === undefined ? el('effectiveTime', {}, el('low', { nullFlavor: 'UNK' })) : intervalOf('effectiveTime', period),
    members,
  );
  return { statement, rows: [{ id, cells: [name ?? 'Care team', source.word('status')] }] };
}
