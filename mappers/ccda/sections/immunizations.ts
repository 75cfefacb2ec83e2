/**
 * Immunizations: Immunization Activity to Immunization, also one that was refused; one that is planned is a
 * MedicationRequest (medications.ts reads it).
 * Source: C-CDA on FHIR, "Immunizations" (CF-immunizations); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-immunization.html
 */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import { type Conversion, dataAbsent, type Placed, type Scope } from '../conversion.ts';
import { organization, participant } from '../header/participants.ts';
import { putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putQuantity } from '../values/quantity.ts';
import { isInterval, putTime } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { markProduct, productOf, putProductConcept } from './medication-product.ts';
import { plannedMedication, putNotes, putReasons } from './medications.ts';
import { nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const activityTemplates = ['2.16.840.1.113883.10.20.22.4.52'];
const refusalReason = '2.16.840.1.113883.10.20.22.4.53';
const administeredAct = '2.16.840.1.113883.10.20.22.4.118';
const reactionObservation = '2.16.840.1.113883.10.20.22.4.9';

export const immunizations: SectionRules = {
  statements: [{ templates: activityTemplates, map: immunization }],
  sections: [{ code: '11369-6', templates: ['2.16.840.1.113883.10.20.22.2.2', '2.16.840.1.113883.10.20.22.2.2.1'], fallbacks: { substanceAdministration: immunization } }],
};

function immunization(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  const mood = statement.get('moodCode');
  if (mood !== undefined && mood !== 'EVN') return plannedMedication(c, statement, scope);
  markStatement(c, statement);
  c.consult(statement, 'negationInd');
  const made = c.stated('Immunization', statement);
  if (made.again) return [made];
  const at = made.cursor;
  const isNegated = statement.get('negationInd') === 'true';
  putIdentifiers(c, at, statement, 'immunization/id');
  putStatus(c, at, statement, isNegated);
  putProduct(c, at, statement);
  c.refer(at, 'patient', c.patient);
  const when = statement.child('effectiveTime');
  if (when !== undefined) c.consult(when, 'xsi:type', 'nullFlavor');
  if (!putTime(c, at, 'occurrenceDateTime', when !== undefined && isInterval(when) ? when.child('low') : when, 'immunization/time')) c.absent(at, 'occurrenceDateTime', 'unknown');
  putTime(c, at, 'recorded', statement.at('author', 'time'), 'immunization/author/time');
  // Documents do not tell whether who wrote this down also gave it.
  at.set('_primarySource', { extension: [dataAbsent('unknown')] });
  putConcept(c, at.within('site'), statement.child('approachSiteCode'), 'immunization/site');
  putConcept(c, at.within('route'), statement.child('routeCode'), 'immunization/route');
  putQuantity(c, at.within('doseQuantity'), statement.child('doseQuantity'), 'immunization/dose');
  for (const performer of statement.all('performer')) {
    c.consult(performer, 'typeCode');
    const who = participant(c, performer.child('assignedEntity'), 'immunization/performer');
    if (who === undefined) continue;
    const holder = at.another('performer').set('function', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0443', code: 'AP' }] });
    c.refer(holder, 'actor', who);
  }
  putRefusal(c, at, statement, isNegated);
  putReasons(c, at, statement, 'reasonCode');
  putSeries(c, at, statement);
  putReactions(c, at, statement);
  putNotes(c, at, statement);
  return [made];
}

function putStatus(c: Conversion, at: Cursor, statement: Element, isNegated: boolean): void {
  const status = statement.child('statusCode');
  if (status !== undefined) c.consult(status, 'code', 'nullFlavor', 'codeSystem', 'displayName');
  if (isNegated) {
    c.put(at, 'status', 'not-done', statement, 'negationInd', 'immunization/negation');
    return;
  }
  const told = translated('CF-ImmunizationStatus', status?.get('code'));
  if (status !== undefined && c.put(at, 'status', told, status, 'code', 'immunization/status')) return;
  at.set('status', 'completed');
  c.tell('information', 'status-assumed', 'An immunization without a status that is known is taken as completed.', statement);
}

function putProduct(c: Conversion, at: Cursor, statement: Element): void {
  const product = productOf(statement);
  if (product !== undefined) markProduct(c, product);
  putProductConcept(c, at.within('vaccineCode'), product, 'immunization/product');
  const lot = product?.at('manufacturedMaterial', 'lotNumberText');
  if (lot?.text !== undefined) c.put(at, 'lotNumber', lot.text, lot, ownText, 'immunization/lot');
  else if (lot !== undefined) c.consult(lot, 'nullFlavor');
  putTime(c, at, 'expirationDate', product?.at('manufacturedMaterial', 'sdtc:expirationTime'), 'immunization/expiration', 'date');
  c.refer(at, 'manufacturer', organization(c, product?.child('manufacturerOrganization'), 'immunization/manufacturer'));
}

function putRefusal(c: Conversion, at: Cursor, statement: Element, isNegated: boolean): void {
  if (!isNegated) return;
  for (const refusal of takeNested(statement, refusalReason)) {
    markStatement(c, refusal);
    for (const id of refusal.all('id')) c.leave(id, 'a reason of FHIR has no identifier');
    if (saysSomething(c, refusal.child('code')) && at.peek('statusReason') === undefined) putConcept(c, at.within('statusReason'), refusal.child('code'), 'immunization/refusal');
  }
}

/** Which of the doses of a series it was. */
function putSeries(c: Conversion, at: Cursor, statement: Element): void {
  const repeat = statement.child('repeatNumber');
  const number = repeat?.get('value');
  if (repeat !== undefined && /^[1-9]\d{0,3}$/.test(number ?? '')) {
    c.put(at.another('protocolApplied'), 'doseNumberPositiveInt', Number(number), repeat, 'value', 'immunization/repeatNumber');
    return;
  }
  for (const holder of statement.all('entryRelationship')) {
    const act = nestedStatements(statement).find((nested) => nested.parent === holder && nested.children.some((child) => child.get('root') === administeredAct));
    const sequence = holder.child('sequenceNumber');
    if (act === undefined || sequence === undefined || !/^[1-9]\d{0,3}$/.test(sequence.get('value') ?? '')) continue;
    markStatement(c, act);
    act.taken = true;
    c.put(at.another('protocolApplied'), 'doseNumberPositiveInt', Number(sequence.get('value')), sequence, 'value', 'immunization/sequenceNumber');
    for (const part of act.children) if (part.name !== 'templateId') c.leave(part, 'a dose of a series is told by its number');
  }
}

function putReactions(c: Conversion, at: Cursor, statement: Element): void {
  for (const reaction of takeNested(statement, reactionObservation)) {
    markStatement(c, reaction);
    const observation = c.stated('Observation', reaction);
    if (!observation.again) {
      putIdentifiers(c, observation.cursor, reaction, 'reaction/id');
      observation.cursor.set('status', 'final').set('code', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ASSERTION' }] });
      c.refer(observation.cursor, 'subject', c.patient);
      putConcept(c, observation.cursor.within('valueCodeableConcept'), reaction.child('value'), 'reaction/value');
      const code = reaction.child('code');
      if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName', 'nullFlavor');
    }
    const holder = at.another('reaction');
    c.refer(holder, 'detail', observation);
    const when = reaction.child('effectiveTime');
    if (when !== undefined) putTime(c, holder, 'date', isInterval(when) ? when.child('low') : when, 'reaction/time');
  }
}
