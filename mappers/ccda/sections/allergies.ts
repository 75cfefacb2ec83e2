/**
 * Allergies: Allergy Concern Act and Allergy - Intolerance Observation to AllergyIntolerance, with "no known allergies".
 * Source: C-CDA on FHIR, "Allergies" (CF-allergies); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-allergyintolerance.html
 */
import { translated } from '../codes/translate.ts';
import type { Cursor } from '../../draft.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { nestedStatements, takeNested } from './nested.ts';
import { authorOf, putProvenance } from '../provenance.ts';
import { fixedConcept, putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putNote } from '../values/text.ts';
import { isInterval, putTime, timeOf } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { markStatement } from './statement.ts';
import type { SectionRules } from './rules.ts';

const clinicalSystem = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const verificationSystem = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

const allergyObservation = ['2.16.840.1.113883.10.20.22.4.7', '2.16.840.1.113883.10.20.24.3.90', '2.16.840.1.113883.10.20.1.18'];
const reactionObservation = ['2.16.840.1.113883.10.20.22.4.9', '2.16.840.1.113883.10.20.1.54'];
const severityObservation = ['2.16.840.1.113883.10.20.22.4.8', '2.16.840.1.113883.10.20.1.55'];
const statusObservation = ['2.16.840.1.113883.10.20.22.4.28', '2.16.840.1.113883.10.20.1.39'];
const criticalityObservation = '2.16.840.1.113883.10.20.22.4.145';
const commentActivity = '2.16.840.1.113883.10.20.22.4.64';
const severities = ['mild', 'moderate', 'severe'];

export const allergies: SectionRules = {
  statements: [
    { templates: ['2.16.840.1.113883.10.20.22.4.30'], map: concern },
    { templates: allergyObservation, map: (c, statement) => [allergy(c, statement, undefined)] },
  ],
  sections: [{ code: '48765-2', templates: ['2.16.840.1.113883.10.20.22.2.6', '2.16.840.1.113883.10.20.22.2.6.1'], fallbacks: { act: concern } }],
};

function concern(c: Conversion, act: Element, _scope: Scope): readonly Placed[] {
  markStatement(c, act);
  const observations = takeNested(act, ...allergyObservation);
  const found = observations.length > 0 ? observations : nestedStatements(act).filter((nested) => !nested.taken && nested.name === 'observation');
  for (const observation of found) observation.taken = true;
  const made = found.map((observation) => allergy(c, observation, act));
  for (const name of ['id', 'code', 'effectiveTime', 'statusCode']) {
    for (const part of act.all(name)) if (part.left === undefined) c.leave(part, 'a concern is told by its allergies');
  }
  return made;
}

function allergy(c: Conversion, observation: Element, concernAct: Element | undefined): Placed {
  markStatement(c, observation);
  const made = c.stated('AllergyIntolerance', observation);
  if (made.again) return made;
  const at = made.cursor;
  c.consult(observation, 'negationInd');
  putIdentifiers(c, at, observation, 'allergy/id');
  const when = observation.child('effectiveTime');
  putStatus(c, at, observation, concernAct, timeOf(c, when?.child('high')) !== undefined);
  const kind = observation.child('value');
  const isNegated = observation.get('negationInd') === 'true';
  if (kind !== undefined) putKind(c, at, kind);
  const code = observation.child('code');
  if (code?.get('code') === 'ASSERTION' || code?.get('nullFlavor') !== undefined) code.useAll();
  putSubstance(c, at, observation, kind, isNegated);
  c.refer(at, 'patient', c.patient);
  if (when !== undefined) {
    c.consult(when, 'xsi:type', 'nullFlavor');
    putTime(c, at, 'onsetDateTime', isInterval(when) ? when.child('low') : when, 'allergy/onset');
    const end = when.child('high');
    if (end?.get('value') !== undefined) c.leave(end, 'an allergy of FHIR has no end');
    else if (end !== undefined) c.consult(end, 'nullFlavor');
  }
  putAuthor(c, made, observation, concernAct);
  putReactions(c, at, observation);
  for (const comment of takeNested(observation, commentActivity)) {
    markStatement(c, comment);
    putNote(c, at, comment.child('text'), 'allergy/comment');
  }
  return made;
}

function putStatus(c: Conversion, at: Cursor, observation: Element, concernAct: Element | undefined, hasEnded: boolean): void {
  const status = takeNested(observation, ...statusObservation)[0];
  const value = status?.child('value');
  if (status !== undefined) markStatement(c, status);
  if (observation.child('statusCode')?.get('code') === 'nullified') {
    at.set('verificationStatus', fixedConcept(verificationSystem, 'entered-in-error'));
    return;
  }
  at.set('verificationStatus', fixedConcept(verificationSystem, 'confirmed'));
  const coding = at.within('clinicalStatus').another('coding').set('system', clinicalSystem);
  const told = translated('CF-AllergyStatus', value?.get('code'));
  if (told !== undefined) {
    c.put(coding, 'code', told, value!, 'code', 'allergy/status');
    c.consult(value!, 'codeSystem', 'displayName', 'codeSystemName', 'xsi:type');
    return;
  }
  const ofConcern = concernAct?.child('statusCode');
  if (hasEnded) coding.set('code', 'resolved');
  else if (ofConcern?.get('code') === 'completed' || ofConcern?.get('code') === 'aborted' || ofConcern?.get('code') === 'suspended') c.put(coding, 'code', 'inactive', ofConcern, 'code', 'allergy/concern/status');
  else coding.set('code', 'active');
}

/** One code tells type and category. */
function putKind(c: Conversion, at: Cursor, kind: Element): void {
  const code = kind.get('code');
  c.consult(kind, 'xsi:type', 'nullFlavor');
  const isTyped = c.put(at, 'type', translated('CF-AllergyIntoleranceType', code), kind, 'code', 'allergy/type');
  const category = translated('CF-AllergyIntoleranceCategory', code);
  if (category !== undefined) c.putItem(at, 'category', category, kind, 'code', 'allergy/category');
  if (isTyped || category !== undefined || code === '419199007' || code === '420134006' || code === '418038007') {
    c.consult(kind, 'code', 'codeSystem', 'codeSystemName', 'displayName');
    const words = kind.at('originalText', 'reference');
    if (words !== undefined) c.leave(words, 'the words of the kind of allergy have no place');
  }
}

function putSubstance(c: Conversion, at: Cursor, observation: Element, kind: Element | undefined, isNegated: boolean): void {
  const participants = observation.all('participant');
  const entity = participants.map((one) => one.at('participantRole', 'playingEntity')).find((one) => one !== undefined);
  const substance = entity?.child('code');
  const name = entity?.child('name');
  for (const one of participants) {
    c.consult(one, 'typeCode');
    for (const part of [one.child('participantRole'), entity]) if (part !== undefined) c.consult(part, 'classCode', 'determinerCode', 'nullFlavor');
  }
  const concept = at.within('code');
  if (isNegated) {
    const none = substance?.get('code') === undefined ? translated('CF-NoKnownAllergies', kind?.get('code')) : undefined;
    if (none !== undefined) {
      c.put(concept.another('coding').set('system', 'http://snomed.info/sct'), 'code', none, kind!, 'code', 'allergy/none');
      if (substance !== undefined) c.consult(substance, 'nullFlavor');
      return;
    }
    if (substance?.get('code') === undefined) {
      concept.set('text', 'No known allergies');
      if (substance !== undefined) c.consult(substance, 'nullFlavor');
      return;
    }
    // An allergy against this very substance is denied.
    requireConcept(c, concept, substance, 'allergy/substance');
    at.set('verificationStatus', fixedConcept(verificationSystem, 'refuted'));
    return;
  }
  if (saysSomething(c, substance)) putConcept(c, concept, substance, 'allergy/substance');
  if (!concept.exists && name?.text !== undefined) c.put(concept, 'text', name.text, name, ownText, 'allergy/substance/name');
  if (!at.within('code').exists) {
    // Some name the substance with the kind of allergy.
    if (kind !== undefined && saysSomething(c, kind) && !kind.used('code')) putConcept(c, concept, kind, 'allergy/value');
    else requireConcept(c, concept, substance, 'allergy/substance');
  }
}

function putAuthor(c: Conversion, made: Placed, observation: Element, concernAct: Element | undefined): void {
  const author = observation.child('author') ?? concernAct?.child('author');
  if (author === undefined) return;
  const recorder = authorOf(c, author);
  if (recorder !== undefined && recorder.type !== 'Device' && recorder.type !== 'Organization') c.refer(made.cursor, 'recorder', recorder);
  putTime(c, made.cursor, 'recordedDate', author.child('time'), 'allergy/author/time');
  for (const one of observation.all('author')) putProvenance(c, one, [made]);
}

function putReactions(c: Conversion, at: Cursor, observation: Element): void {
  const overall = takeNested(observation, ...severityObservation);
  const criticality = takeNested(observation, criticalityObservation)[0];
  if (criticality !== undefined) {
    markStatement(c, criticality);
    const value = criticality.child('value');
    const code = criticality.child('code');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
    if (value !== undefined) {
      c.consult(value, 'xsi:type', 'codeSystem', 'displayName', 'codeSystemName');
      c.put(at, 'criticality', translated('CF-Criticality', value.get('code')), value, 'code', 'allergy/criticality');
    }
  }
  const reactions = takeNested(observation, ...reactionObservation);
  for (const one of reactions) {
    markStatement(c, one);
    const reaction = at.another('reaction');
    for (const id of one.all('id')) {
      if (id.get('root') === undefined) c.consult(id, 'nullFlavor');
      else c.leave(id, 'a reaction of FHIR has no identifier');
    }
    const value = one.child('value');
    const code = one.child('code');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName', 'nullFlavor');
    const manifestation = reaction.another('manifestation');
    requireConcept(c, manifestation, value, 'allergy/reaction');
    const when = one.child('effectiveTime');
    if (when !== undefined) putTime(c, reaction, 'onset', isInterval(when) ? when.child('low') : when, 'allergy/reaction/onset');
    const severity = takeNested(one, ...severityObservation)[0] ?? (reactions.length === 1 ? overall[0] : undefined);
    putSeverity(c, reaction, severity);
  }
  for (const one of overall) if (!one.child('value')?.used('code')) c.leave(one, 'a severity belongs to a reaction in FHIR');
}

function putSeverity(c: Conversion, reaction: Cursor, severity: Element | undefined): void {
  const value = severity?.child('value');
  if (severity === undefined || value === undefined) return;
  markStatement(c, severity);
  const code = severity.child('code');
  if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  const told = translated('CF-Severity', value.get('code')) ?? severities.find((one) => one === value.get('displayName')?.toLowerCase());
  c.consult(value, 'xsi:type', 'codeSystem', 'displayName', 'codeSystemName', 'nullFlavor');
  c.put(reaction, 'severity', told, value, 'code', 'allergy/severity');
}
