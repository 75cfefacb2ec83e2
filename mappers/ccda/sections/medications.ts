/**
 * Medications: Medication Activity to MedicationRequest, one that was given to MedicationAdministration, one that is
 * not taken to MedicationStatement; supply orders to dispenseRequest, dispenses to MedicationDispense.
 * Source: C-CDA on FHIR, "Medications" (CF-medications); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-medicationrequest.html
 */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { participant } from '../header/participants.ts';
import { authorOf } from '../provenance.ts';
import { putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putNote } from '../values/text.ts';
import { putTime, putTimeOrPeriod, timeOf } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { putDosage, putGivenDosage } from './medication-dosage.ts';
import { productOf, putMedication } from './medication-product.ts';
import { dispense, putSupplyOrder, supplyOrder } from './medication-supply.ts';
import { nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const indication = ['2.16.840.1.113883.10.20.22.4.19', '2.16.840.1.113883.10.20.1.28'];
const refusalReason = '2.16.840.1.113883.10.20.22.4.53';
/** Of quality measures: why something was or was not done. */
const reasonOfMeasure = '2.16.840.1.113883.10.20.24.3.88';
const supplyOrderTemplate = ['2.16.840.1.113883.10.20.22.4.17', '2.16.840.1.113883.10.20.1.34'];
const commentActivity = '2.16.840.1.113883.10.20.22.4.64';
const brandName = '2.16.840.1.113883.10.20.22.4.301';
const adherence = '2.16.840.1.113883.10.20.22.4.508';
const medicationActivity = ['2.16.840.1.113883.10.20.22.4.16', '2.16.840.1.113883.10.20.22.4.42', '2.16.840.1.113883.10.20.22.4.120', '2.16.840.1.113883.10.20.1.24'];
/** Drugs of any kind: who is told not to take these takes none. */
const anyDrug = '410942007';
const administered = '29549-3';

export const medications: SectionRules = {
  statements: [
    { templates: ['2.16.840.1.113883.10.20.22.4.36', '2.16.840.1.113883.10.20.22.4.35'], map: listed },
    { templates: medicationActivity, map: activity },
    { templates: supplyOrderTemplate, map: supplyOrder },
    { templates: ['2.16.840.1.113883.10.20.22.4.18'], map: (c, statement) => dispense(c, statement, undefined) },
  ],
  sections: [
    { code: '10160-0', templates: ['2.16.840.1.113883.10.20.22.2.1', '2.16.840.1.113883.10.20.22.2.1.1'], fallbacks: { substanceAdministration: activity } },
    { code: '10183-2', templates: ['2.16.840.1.113883.10.20.22.2.11', '2.16.840.1.113883.10.20.22.2.11.1'], fallbacks: { substanceAdministration: activity } },
    { code: '75311-1', templates: [] },
    { code: '42346-7', templates: ['2.16.840.1.113883.10.20.22.2.44'], fallbacks: { substanceAdministration: activity } },
    { code: administered, templates: ['2.16.840.1.113883.10.20.22.2.38'], fallbacks: { substanceAdministration: activity } },
  ],
};

/** An act that puts activities on the list of admission or discharge. */
function listed(c: Conversion, act: Element, scope: Scope): readonly Placed[] {
  markStatement(c, act);
  for (const name of ['code', 'id', 'effectiveTime', 'statusCode']) for (const part of act.all(name)) if (part.left === undefined) c.leave(part, 'a list of medications is told by what is on it');
  return takeNested(act, ...medicationActivity).flatMap((one) => c.place(one, { ...scope, within: act }));
}

function activity(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  markStatement(c, statement);
  c.consult(statement, 'negationInd');
  const isEvent = statement.get('moodCode') === 'EVN' || statement.get('moodCode') === undefined;
  const isNegated = statement.get('negationInd') === 'true';
  if (isEvent && isNegated) return notTaken(c, statement);
  if (isEvent && scope.section === administered) return given(c, statement);
  return requested(c, statement, isEvent, isNegated);
}

/** A substance administration that is to be, such as a planned immunization. */
export function plannedMedication(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  return activity(c, statement, scope);
}

function requested(c: Conversion, statement: Element, isEvent: boolean, isNegated: boolean): readonly Placed[] {
  const made = c.stated('MedicationRequest', statement);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'medication/id');
  putStatus(c, at, statement, 'status', 'CF-MedicationStatus', 'unknown');
  at.set('intent', isEvent || statement.get('moodCode') === 'PRP' ? 'plan' : 'order');
  if (isNegated) at.set('doNotPerform', true);
  c.refer(at, 'subject', c.patient);
  putMedication(c, at, statement, 'medication/product');
  const author = statement.child('author') ?? authorOfSupply(statement);
  const requester = authorOf(c, author);
  c.refer(at, 'requester', requester);
  putTime(c, at, 'authoredOn', author?.child('time'), 'medication/author/time');
  const performer = participant(c, statement.at('performer', 'assignedEntity'), 'medication/performer');
  if (statement.child('performer') !== undefined) c.consult(statement.child('performer')!, 'typeCode');
  c.refer(at, 'performer', performer);
  putReasons(c, at, statement, 'reasonCode');
  putNotes(c, at, statement);
  putDosage(c, at.another('dosageInstruction'), statement);
  for (const order of takeNested(statement, ...supplyOrderTemplate)) putSupplyOrder(c, at.within('dispenseRequest'), order);
  const dispenses = nestedStatements(statement).filter((nested) => nested.name === 'supply' && !nested.taken && nested.get('moodCode') !== 'INT').flatMap((nested) => {
    nested.taken = true;
    return dispense(c, nested, made);
  });
  return [made, ...dispenses];
}

/** Whoever wrote the supply order asked for the medication. */
function authorOfSupply(statement: Element): Element | undefined {
  return nestedStatements(statement).find((nested) => nested.name === 'supply' && nested.get('moodCode') === 'INT')?.child('author');
}

/** The status of an act by one of the maps; what the map has not is the default. */
function putStatus(c: Conversion, at: Cursor, statement: Element, element: string, map: 'CF-MedicationStatus' | 'CF-ImmunizationStatus', otherwise: string): void {
  const status = statement.child('statusCode');
  if (status !== undefined) c.consult(status, 'nullFlavor', 'codeSystem', 'displayName');
  if (status === undefined || !c.put(at, element, translated(map, status.get('code')), status, 'code', 'medication/status')) at.set(element, otherwise);
}

function given(c: Conversion, statement: Element): readonly Placed[] {
  const made = c.stated('MedicationAdministration', statement);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'medication/id');
  const status = statement.child('statusCode');
  const told = { completed: 'completed', active: 'in-progress', aborted: 'stopped', suspended: 'on-hold', nullified: 'entered-in-error' }[status?.get('code') ?? ''];
  if (status === undefined || !c.put(at, 'status', told, status, 'code', 'medication/status')) at.set('status', 'unknown');
  putMedication(c, at, statement, 'medication/product');
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'context', c.encounter);
  const when = statement.all('effectiveTime').find((time) => time.child('period') === undefined && time.child('event') === undefined);
  if (!putTimeOrPeriod(c, at, 'effective', when, 'medication/time')) c.absent(at, 'effectiveDateTime', 'unknown');
  for (const performer of statement.all('performer')) {
    c.consult(performer, 'typeCode');
    const who = participant(c, performer.child('assignedEntity'), 'medication/performer');
    if (who !== undefined && who.type !== 'Organization') c.refer(at.another('performer'), 'actor', who);
  }
  putReasons(c, at, statement, 'reasonCode');
  putNotes(c, at, statement);
  putGivenDosage(c, at.within('dosage'), statement);
  return [made];
}

/** A medication that the patient does not take. */
function notTaken(c: Conversion, statement: Element): readonly Placed[] {
  const made = c.stated('MedicationStatement', statement);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'medication/id');
  at.set('status', 'not-taken');
  putReasons(c, at, statement, 'statusReason');
  const code = productOf(statement)?.at('manufacturedMaterial', 'code');
  putMedication(c, at, statement, 'medication/product');
  const concept = at.within('medicationCodeableConcept');
  if (code !== undefined && (code.get('code') === undefined || code.get('code') === anyDrug) && concept.peek('text') === undefined && !code.children.some((child) => child.name === 'translation' && child.get('code') !== undefined)) concept.set('text', 'No known medications');
  c.refer(at, 'subject', c.patient);
  putTimeOrPeriod(c, at, 'effective', statement.child('effectiveTime'), 'medication/time');
  const time = timeOf(c, statement.at('author', 'time'));
  if (time !== undefined) c.put(at, 'dateAsserted', time.dateTime, statement.at('author', 'time')!, 'value', 'medication/author/time');
  putNotes(c, at, statement);
  return [made];
}

/** Indications, and the reason for which something was refused, as concepts. */
export function putReasons(c: Conversion, at: Cursor, statement: Element, element: string): void {
  for (const reason of takeNested(statement, ...indication, reasonOfMeasure)) {
    markStatement(c, reason);
    const code = reason.child('code');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName', 'nullFlavor');
    for (const part of [...reason.all('id'), ...reason.all('effectiveTime'), ...reason.all('text')]) c.leave(part, 'an indication is told by its code');
    const value = reason.child('value');
    if (saysSomething(c, value)) putConcept(c, at.another(element), value, 'medication/indication');
  }
  for (const refusal of takeNested(statement, refusalReason)) {
    markStatement(c, refusal);
    putConcept(c, at.another(element), refusal.child('code'), 'medication/refusal');
  }
}

export function putNotes(c: Conversion, at: Cursor, statement: Element): void {
  for (const comment of takeNested(statement, commentActivity)) {
    markStatement(c, comment);
    const code = comment.child('code');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
    putNote(c, at, comment.child('text'), 'comment');
  }
  for (const other of takeNested(statement, brandName, adherence)) c.leave(other, 'the medication of FHIR has no such element');
}
