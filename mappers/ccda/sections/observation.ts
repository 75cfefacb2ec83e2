/**
 * Any observation to Observation: status, category, code, time, performers, value, interpretation, ranges, parts. What is
 * special about results, vital signs or the social history is said by the caller.
 * Source: C-CDA on FHIR, "Results" (CF-results); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-simple-observation.html
 */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { participant } from '../header/participants.ts';
import { authorOf } from '../provenance.ts';
import { fixedConcept, putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putAbsence, putValue } from '../values/observation.ts';
import { putRange } from '../values/quantity.ts';
import { putNote, putWords } from '../values/text.ts';
import { putTime, putTimeOrPeriod, timeOf } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { nestedStatements, takeNested } from './nested.ts';
import { markStatement } from './statement.ts';
import { hasDay, hasVitalCode, putVitalQuantity, unitsFor, withoutVitalCodes } from './vital-values.ts';

const categorySystem = 'http://terminology.hl7.org/CodeSystem/observation-category';
const coreCategorySystem = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const absentSystem = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const commentActivity = ['2.16.840.1.113883.10.20.22.4.64', '2.16.840.1.113883.10.20.1.40'];

/** Of FHIR's own categories, and of those that US Core adds. */
export type ObservationCategory = 'laboratory' | 'vital-signs' | 'social-history' | 'survey' | 'exam' | 'functional-status' | 'cognitive-status' | 'sdoh' | 'procedure' | 'activity';
const displays: Readonly<Partial<Record<ObservationCategory, string>>> = { laboratory: 'Laboratory', 'vital-signs': 'Vital Signs', 'social-history': 'Social History', survey: 'Survey', exam: 'Exam', procedure: 'Procedure', activity: 'Activity' };
const coreCategories: ReadonlySet<string> = new Set(['functional-status', 'cognitive-status', 'sdoh']);

export interface ObservationKind {
  readonly categories: readonly ObservationCategory[];
  /** What the code is where the document does not say it, or says another one than FHIR does. */
  readonly code?: { readonly system: string; readonly code: string };
}

/** The Observation of a statement, and the resources of observations within it. */
export function observe(c: Conversion, statement: Element, scope: Scope, kind: ObservationKind): readonly Placed[] {
  markStatement(c, statement);
  const made = c.stated('Observation', statement);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'observation/id');
  putObservationStatus(c, at, statement);
  putCategories(at, kind.categories);
  const isDenied = putDenial(c, at, statement);
  if (!isDenied) putCode(c, at, statement, kind);
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'encounter', scope.encounter);
  const isVital = !isDenied && hasVitalCode(at);
  if (isVital && !kind.categories.includes('vital-signs')) putCategories(at, ['vital-signs']);
  putObservationTime(c, at, statement, isVital ? scope.within : undefined);
  putPerformers(c, at, statement);
  if (isVital && !hasDay(at)) withoutVitalCodes(at);
  if (!isDenied) putObservationValue(c, at, statement);
  putDetails(c, at, statement);
  return [made, ...putMembers(c, made, statement, scope)];
}

/** The status of a finished, running or broken off act as that of an observation. */
export function putObservationStatus(c: Conversion, at: Cursor, statement: Element): void {
  const status = statement.child('statusCode');
  const code = status?.get('code');
  if (status !== undefined) c.consult(status, 'nullFlavor', 'codeSystem', 'displayName');
  const told = code === 'nullified' ? 'entered-in-error' : translated('CF-ResultStatus', code);
  if (status === undefined || !c.put(at, 'status', told, status, 'code', 'observation/status')) at.set('status', 'unknown');
}

export function putCategories(at: Cursor, categories: readonly ObservationCategory[]): void {
  for (const category of categories) at.setItem('category', fixedConcept(coreCategories.has(category) ? coreCategorySystem : categorySystem, category, displays[category]));
}

function putCode(c: Conversion, at: Cursor, statement: Element, { code }: ObservationKind): void {
  const sent = statement.child('code');
  const concept = at.within('code');
  const isAssertion = sent?.get('code') === 'ASSERTION' || sent?.get('code') === undefined;
  if (code !== undefined && (isAssertion || sent.get('code') === code.code)) {
    if (sent !== undefined) c.consult(sent, 'code', 'codeSystem', 'codeSystemName', 'displayName', 'nullFlavor');
    concept.setItem('coding', code);
    return;
  }
  requireConcept(c, concept, sent, 'observation/code');
}

/**
 * When it was observed.
 * @param around where the time stands if not here: a vital sign has one moment, which may be that of its panel
 */
export function putObservationTime(c: Conversion, at: Cursor, statement: Element, around?: Element): void {
  const when = statement.child('effectiveTime');
  if (around === undefined) putTimeOrPeriod(c, at, 'effective', when, 'observation/time');
  else if (!putTime(c, at, 'effectiveDateTime', momentOf(when), 'observation/time')) putTime(c, at, 'effectiveDateTime', momentOf(around.child('effectiveTime')), 'observation/panel/time');
  const author = statement.at('author', 'time');
  if (timeOf(c, author)?.instant !== undefined) putTime(c, at, 'issued', author, 'observation/author/time', 'instant');
}

/** The one moment of a time: itself, or where an interval begins or ends. */
export function momentOf(when: Element | undefined): Element | undefined {
  if (when === undefined || when.get('value') !== undefined) return when;
  return ['low', 'center', 'high'].map((name) => when.child(name)).find((end) => end?.get('value') !== undefined);
}

export function putPerformers(c: Conversion, at: Cursor, statement: Element): void {
  for (const performer of statement.all('performer')) {
    c.consult(performer, 'typeCode');
    for (const template of performer.all('templateId')) template.useAll();
    const who = participant(c, performer.child('assignedEntity'), 'observation/performer');
    if (who !== undefined && who.type !== 'Device') c.referItem(at, 'performer', who);
  }
  for (const author of statement.all('author')) {
    const who = authorOf(c, author);
    if (who !== undefined && who.type !== 'Device') c.referItem(at, 'performer', who);
  }
}

function putObservationValue(c: Conversion, at: Cursor, statement: Element): void {
  const [value, ...more] = statement.all('value');
  for (const other of more) c.leave(other, 'an observation of FHIR has one value');
  const isNegated = statement.get('negationInd') === 'true';
  c.consult(statement, 'negationInd');
  if (isNegated) {
    putNegation(c, at, statement, value);
    return;
  }
  const units = unitsFor(at);
  const isVital = units !== undefined && putVitalQuantity(c, at, value, units);
  if (units !== undefined && !isVital) withoutVitalCodes(at);
  if (!isVital && !putValue(c, at, value, 'observation/value')) putAbsence(c, at, value);
  if (at.peek('dataAbsentReason') === undefined && !hasValue(at) && value !== undefined) at.set('dataAbsentReason', fixedConcept(absentSystem, 'unknown'));
  if (value !== undefined && !hasValue(at)) c.consult(value, ownText);
}

function hasValue(at: Cursor): boolean {
  return ['Quantity', 'CodeableConcept', 'String', 'Boolean', 'Integer', 'Range', 'Ratio', 'DateTime', 'Period'].some((type) => at.peek(`value${type}`) !== undefined);
}

/** An assertion that is denied: what was asserted becomes the code, which is false. */
function putDenial(c: Conversion, at: Cursor, statement: Element): boolean {
  const code = statement.child('code');
  const value = statement.child('value');
  if (statement.get('negationInd') !== 'true' || code?.get('code') !== 'ASSERTION' || !saysSomething(c, value)) return false;
  c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  putConcept(c, at.within('code'), value, 'observation/negation');
  return c.put(at, 'valueBoolean', false, statement, 'negationInd', 'observation/negation');
}

/** Something that was not observed. */
function putNegation(c: Conversion, at: Cursor, statement: Element, value: Element | undefined): void {
  c.put(at.within('dataAbsentReason').another('coding').set('system', absentSystem), 'code', 'not-performed', statement, 'negationInd', 'observation/negation');
  if (value !== undefined) c.leave(value, 'the value of what was not observed');
}

function putDetails(c: Conversion, at: Cursor, statement: Element): void {
  for (const interpretation of statement.all('interpretationCode')) if (saysSomething(c, interpretation)) putConcept(c, at.another('interpretation'), interpretation, 'observation/interpretation');
  const [site, ...sites] = statement.all('targetSiteCode');
  putConcept(c, at.within('bodySite'), site, 'observation/targetSite');
  for (const other of sites) c.leave(other, 'an observation of FHIR has one site');
  const [method, ...methods] = statement.all('methodCode');
  putConcept(c, at.within('method'), method, 'observation/method');
  for (const other of methods) c.leave(other, 'an observation of FHIR has one method');
  for (const range of statement.all('referenceRange')) putReferenceRange(c, at.another('referenceRange'), range);
  for (const comment of takeNested(statement, ...commentActivity)) {
    markStatement(c, comment);
    const code = comment.child('code');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
    putNote(c, at, comment.child('text'), 'observation/comment');
  }
}

/** Limits, or their words (obs-3: one of both). */
function putReferenceRange(c: Conversion, at: Cursor, holder: Element): void {
  const range = holder.child('observationRange');
  if (range === undefined) return;
  c.consult(holder, 'typeCode');
  c.consult(range, 'classCode', 'moodCode');
  for (const template of range.all('templateId')) template.useAll();
  const value = range.child('value');
  if (value?.get('xsi:type')?.endsWith('IVL_PQ') || value?.child('low') !== undefined || value?.child('high') !== undefined) putRange(c, at, value, 'observation/referenceRange');
  const words = range.child('text');
  const isText = putWords(c, at, 'text', words, 'observation/referenceRange') || (value !== undefined && !at.exists && putWords(c, at, 'text', value, 'observation/referenceRange'));
  if (!at.exists && !isText && value !== undefined && saysSomething(c, value)) c.put(at, 'text', value.get('displayName') ?? value.get('code'), value, value.get('displayName') === undefined ? 'code' : 'displayName', 'observation/referenceRange');
  if (!at.exists) return;
  putConcept(c, at.within('type'), range.child('interpretationCode'), 'observation/referenceRange');
  const code = range.child('code');
  if (saysSomething(c, code)) putConcept(c, at.another('appliesTo'), code, 'observation/referenceRange');
}

/** Observations within an observation are its members; a vital sign has vital signs only as members, so it has none. */
function putMembers(c: Conversion, made: Placed, statement: Element, scope: Scope): readonly Placed[] {
  return nestedStatements(statement).filter((nested) => nested.name === 'observation' && !nested.taken).flatMap((nested) => {
    const members = c.place(nested, { ...scope, within: statement });
    for (const member of members) if (member.type === 'Observation' && !hasVitalCode(made.cursor)) c.referItem(made.cursor, 'hasMember', member);
    return members;
  });
}
