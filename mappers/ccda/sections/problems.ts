/**
 * Problems: Problem Concern Act and Problem Observation to Condition, for the problem list, past history, diagnoses of
 * admission, discharge and operation, and complications.
 * Source: C-CDA on FHIR, "Problems" (CF-problems); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-condition-problems-health-concerns.html
 */
import { translated } from '../codes/translate.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { nestedStatements, takeNested } from './nested.ts';
import { authorOf, putProvenance } from '../provenance.ts';
import { fixedConcept, putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putNote } from '../values/text.ts';
import { isInterval, putTime, timeOf } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { markStatement } from './statement.ts';
import type { SectionRules } from './rules.ts';

const clinicalSystem = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const verificationSystem = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const categorySystem = 'http://terminology.hl7.org/CodeSystem/condition-category';
const coreCategorySystem = 'http://hl7.org/fhir/us/core/CodeSystem/condition-category';

const problemObservation = '2.16.840.1.113883.10.20.22.4.4';
const problemStatus = ['2.16.840.1.113883.10.20.22.4.6', '2.16.840.1.113883.10.20.1.50'];
const commentActivity = '2.16.840.1.113883.10.20.22.4.64';
const dateOfDiagnosis = '2.16.840.1.113883.10.20.22.4.502';
const ageObservation = '2.16.840.1.113883.10.20.22.4.31';

/** Sections whose conditions are diagnoses of the encounter. */
const diagnosisSections: ReadonlySet<string> = new Set(['46241-6', '42347-5', '11535-2', '10219-4', '10218-6', '59769-0', '46240-8']);

/** Units of an age (age-1). */
const ageUnits: ReadonlySet<string> = new Set(['a', 'mo', 'wk', 'd', 'h', 'min']);

export const noKnownProblem: ReadonlyMap<string, { readonly code: string; readonly display: string }> = new Map([
  ['55607006', { code: '160245001', display: 'No current problems or disability' }],
  ['404684003', { code: '160245001', display: 'No current problems or disability' }],
]);

export const problems: SectionRules = {
  statements: [
    { templates: ['2.16.840.1.113883.10.20.22.4.3', '2.16.840.1.113883.10.20.22.4.80', '2.16.840.1.113883.10.20.22.4.33', '2.16.840.1.113883.10.20.22.4.34', '2.16.840.1.113883.10.20.22.4.65', '2.16.840.1.113883.10.20.22.4.51', '2.16.840.1.113883.10.20.1.27'], map: concern },
    { templates: [problemObservation, '2.16.840.1.113883.10.20.1.28'], map: (c, statement, scope) => [condition(c, statement, undefined, scope)] },
  ],
  sections: [
    { code: '11450-4', templates: ['2.16.840.1.113883.10.20.22.2.5', '2.16.840.1.113883.10.20.22.2.5.1'], fallbacks: { act: concern } },
    { code: '11348-0', templates: ['2.16.840.1.113883.10.20.22.2.20'], fallbacks: { act: concern } },
    { code: '46241-6', templates: ['2.16.840.1.113883.10.20.22.2.43'] },
    { code: '11535-2', templates: ['2.16.840.1.113883.10.20.22.2.24'] },
    { code: '10219-4', templates: ['2.16.840.1.113883.10.20.22.2.34'] },
    { code: '10218-6', templates: ['2.16.840.1.113883.10.20.22.2.35'] },
    { code: '59769-0', templates: ['2.16.840.1.113883.10.20.22.2.36'] },
    { code: '55109-3', templates: ['2.16.840.1.113883.10.20.22.2.37'] },
  ],
};

/** A concern, or a diagnosis in the form of one: its observations are the conditions. */
function concern(c: Conversion, act: Element, scope: Scope): readonly Placed[] {
  markStatement(c, act);
  const observations = takeNested(act, problemObservation, '2.16.840.1.113883.10.20.1.28');
  const found = observations.length > 0 ? observations : nestedStatements(act).filter((nested) => !nested.taken && nested.name === 'observation' && nested.child('value')?.get('xsi:type') !== undefined);
  for (const observation of found) observation.taken = true;
  const made = found.map((observation) => condition(c, observation, act, scope));
  for (const template of ['id', 'code', 'effectiveTime', 'statusCode']) {
    for (const part of act.all(template)) if (part.left === undefined) c.leave(part, 'a concern is told by its conditions');
  }
  return made;
}

/** One problem. What the concern around it says counts where the observation says nothing. */
export function condition(c: Conversion, observation: Element, concernAct: Element | undefined, scope: Scope): Placed {
  observation.taken = true;
  markStatement(c, observation);
  const made = c.stated('Condition', observation);
  if (made.again) return made;
  const at = made.cursor;
  const isNegated = observation.get('negationInd') === 'true';
  c.consult(observation, 'negationInd');
  putIdentifiers(c, at, observation, 'problem/id');
  putStatus(c, made, observation, concernAct);
  putCategory(c, made, observation, scope);
  putCode(c, made, observation, isNegated);
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'encounter', scope.encounter);
  putTimes(c, made, observation, concernAct);
  for (const site of observation.all('targetSiteCode')) putConcept(c, at.another('bodySite'), site, 'problem/targetSite');
  const author = observation.child('author') ?? concernAct?.child('author');
  const recorder = authorOf(c, author);
  if (recorder !== undefined && recorder.type !== 'Device' && recorder.type !== 'Organization') c.refer(at, 'recorder', recorder);
  const time = timeOf(c, author?.child('time'));
  if (time !== undefined) c.put(at, 'recordedDate', time.dateTime, author!.child('time')!, 'value', 'problem/author/time');
  if (observation.child('author') !== undefined) for (const one of observation.all('author')) putProvenance(c, one, [made]);
  for (const comment of takeNested(observation, commentActivity)) {
    markStatement(c, comment);
    putNote(c, at, comment.child('text'), 'problem/comment');
  }
  return made;
}

/** The status observation decides, then what is known of the end, then the concern. */
function putStatus(c: Conversion, { cursor }: Placed, observation: Element, concernAct: Element | undefined): void {
  const status = takeNested(observation, ...problemStatus)[0];
  const value = status?.child('value');
  const told = translated('CF-ProblemStatus', value?.get('code'));
  if (status !== undefined) markStatement(c, status);
  const isMistake = observation.child('statusCode')?.get('code') === 'nullified';
  cursor.set('verificationStatus', fixedConcept(verificationSystem, isMistake ? 'entered-in-error' : 'confirmed'));
  if (isMistake) return;
  const hasEnded = timeOf(c, observation.at('effectiveTime', 'high')) !== undefined;
  const coding = cursor.within('clinicalStatus').another('coding').set('system', clinicalSystem);
  if (told !== undefined) {
    // An abatement contradicts a problem that is active (con-4).
    const consistent = hasEnded && !['inactive', 'resolved', 'remission'].includes(told) ? 'resolved' : told;
    c.put(coding, 'code', consistent, value!, 'code', 'problem/status');
    c.consult(value!, 'codeSystem', 'displayName', 'codeSystemName', 'xsi:type');
    return;
  }
  const ofConcern = concernAct?.child('statusCode');
  const byConcern = translated('CF-ConditionClinicalStatus', ofConcern?.get('code'));
  if (hasEnded) coding.set('code', 'resolved');
  else if (byConcern !== undefined) c.put(coding, 'code', byConcern, ofConcern!, 'code', 'problem/concern/status');
  else coding.set('code', 'active');
}

function putCategory(c: Conversion, { cursor }: Placed, observation: Element, scope: Scope): void {
  const code = observation.child('code');
  const section = scope.section;
  const isDiagnosis = section !== undefined && diagnosisSections.has(section);
  if (section === '75310-3') {
    cursor.setItem('category', fixedConcept(coreCategorySystem, 'health-concern'));
  } else if (isDiagnosis) {
    cursor.setItem('category', fixedConcept(categorySystem, 'encounter-diagnosis'));
  } else {
    cursor.setItem('category', fixedConcept(categorySystem, 'problem-list-item'));
  }
  // The kind of problem (complaint, finding, diagnosis …) where it says more than that it is one.
  if (code !== undefined && saysSomething(c, code) && code.get('code') !== 'ASSERTION' && code.get('code') !== '55607006') putConcept(c, cursor.another('category'), code, 'problem/kind');
  else if (code !== undefined) code.useAll();
}

function putCode(c: Conversion, { cursor }: Placed, observation: Element, isNegated: boolean): void {
  const value = observation.child('value');
  if (!isNegated) {
    requireConcept(c, cursor.within('code'), value, 'problem/value');
    return;
  }
  const none = noKnownProblem.get(value?.get('code') ?? '');
  if (none !== undefined && value !== undefined) {
    c.put(cursor.within('code').another('coding').set('system', 'http://snomed.info/sct'), 'code', none.code, value, 'code', 'problem/none');
    cursor.within('code').set('text', none.display);
    c.consult(value, 'codeSystem', 'displayName', 'codeSystemName', 'xsi:type', 'nullFlavor');
    return;
  }
  requireConcept(c, cursor.within('code'), value, 'problem/value');
  // A problem that the patient has not.
  cursor.set('verificationStatus', fixedConcept(verificationSystem, 'refuted'));
}

function putTimes(c: Conversion, { cursor }: Placed, observation: Element, concernAct: Element | undefined): void {
  const when = observation.child('effectiveTime');
  if (when !== undefined) {
    c.consult(when, 'xsi:type', 'nullFlavor');
    putTime(c, cursor, 'onsetDateTime', isInterval(when) ? when.child('low') : when, 'problem/onset');
    putTime(c, cursor, 'abatementDateTime', when.child('high'), 'problem/abatement');
  }
  const diagnosed = takeNested(observation, dateOfDiagnosis)[0];
  if (diagnosed !== undefined) markStatement(c, diagnosed);
  // When it became a concern, unless it is told when it was diagnosed.
  const asserted = diagnosed?.child('effectiveTime') ?? concernAct?.at('effectiveTime', 'low');
  const time = timeOf(c, asserted);
  if (time !== undefined) c.put(cursor.another('extension').set('url', 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate'), 'valueDateTime', time.dateTime, asserted!, 'value', 'problem/asserted');
  for (const age of takeNested(observation, ageObservation)) {
    markStatement(c, age);
    if (cursor.peek('onsetDateTime') !== undefined) {
      c.leave(age, 'the time of onset is told by its date');
      continue;
    }
    const value = age.child('value');
    const years = value?.get('value');
    const unit = value?.get('unit') ?? 'a';
    if (value !== undefined && years !== undefined && /^\d{1,4}$/.test(years) && ageUnits.has(unit)) {
      c.consult(value, 'unit', 'xsi:type');
      c.put(cursor.within('onsetAge').set('system', 'http://unitsofmeasure.org').set('code', unit), 'value', Number(years), value, 'value', 'problem/age');
    }
  }
}
