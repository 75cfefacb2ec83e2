/**
 * Vital signs: the organizer to a panel, its observations to its members, systolic and diastolic pressure to one blood
 * pressure with two components.
 * Source: C-CDA on FHIR, "Vital Signs"; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-blood-pressure.html
 */
import { systemOf } from '../codes/systems.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { codeOf, putConcept, requireConcept } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { timeOf } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { hasTemplate, nestedStatements } from './nested.ts';
import { momentOf, observe, putCategories, putObservationStatus, putObservationTime, putPerformers } from './observation.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';
import { hasDay, isVitalQuantity, putVitalQuantity, withoutVitalCodes } from './vital-values.ts';

const vitalObservation = ['2.16.840.1.113883.10.20.22.4.27', '2.16.840.1.113883.10.20.1.31'];
const systolic = '8480-6';
const diastolic = '8462-4';
const pressureUnits = ['mm[Hg]'];
const loinc = 'http://loinc.org';

export const vitalSigns: SectionRules = {
  statements: [
    { templates: ['2.16.840.1.113883.10.20.22.4.26', '2.16.840.1.113883.10.20.1.35'], map: panel },
    { templates: vitalObservation, map: vitalSign },
  ],
  sections: [{ code: '8716-3', templates: ['2.16.840.1.113883.10.20.22.2.4', '2.16.840.1.113883.10.20.22.2.4.1'], fallbacks: { organizer: panel, observation: vitalSign } }],
};

function vitalSign(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  return observe(c, statement, scope, { categories: ['vital-signs'] });
}

function panel(c: Conversion, organizer: Element, scope: Scope): readonly Placed[] {
  markStatement(c, organizer);
  const parts = nestedStatements(organizer).filter((nested) => nested.name === 'observation' && !nested.taken);
  if (parts.length === 0) {
    c.leave(organizer, 'an organizer without observations');
    return [];
  }
  const made = c.stated('Observation', organizer);
  if (made.again) return [made];
  const at = made.cursor;
  const pressure = parts.find((part) => codesIn(part).includes(systolic));
  const lower = parts.find((part) => codesIn(part).includes(diastolic));
  const members: Placed[] = [];
  if (pressure !== undefined && lower !== undefined && canBeOne(c, pressure, lower, organizer)) members.push(bloodPressure(c, pressure, lower, organizer, scope));
  for (const part of parts) {
    if (part.taken) continue;
    const placed = hasTemplate(part, ...vitalObservation) ? c.place(part, { ...scope, within: organizer }) : fallback(c, part, { ...scope, within: organizer });
    members.push(...placed);
  }
  putIdentifiers(c, at, organizer, 'vitals/id');
  putObservationStatus(c, at, organizer);
  putCategories(at, ['vital-signs']);
  c.refer(at, 'subject', c.patient);
  putObservationTime(c, at, organizer, organizer);
  if (at.peek('effectiveDateTime') === undefined) at.set('effectiveDateTime', members[0]!.cursor.peek('effectiveDateTime') as never);
  // The panel of FHIR, beside whatever the document calls it.
  const isPanel = hasDay(at) && members.every((member) => member.type === 'Observation' && isVitalSign(member));
  const concept = at.within('code');
  if (isPanel) concept.setItem('coding', { system: loinc, code: '85353-1', display: 'Vital signs, weight, height, head circumference, oxygen saturation and BMI panel' });
  const code = organizer.child('code');
  if (code?.get('code') === '85353-1' && isPanel) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  else if (isPanel) putConcept(c, concept, code, 'vitals/code');
  else {
    requireConcept(c, concept, code, 'vitals/code');
    withoutVitalCodes(at);
  }
  putPerformers(c, at, organizer);
  for (const member of members) if (member.type === 'Observation') c.referItem(at, 'hasMember', member);
  return [made, ...members];
}

/** An observation of the panel that does not say its template. */
function fallback(c: Conversion, part: Element, scope: Scope): readonly Placed[] {
  part.taken = true;
  return vitalSign(c, part, scope);
}

/** Whether an observation keeps what FHIR asks of every vital sign. */
function isVitalSign({ cursor }: Placed): boolean {
  return hasDay(cursor) && ['valueQuantity', 'valueCodeableConcept', 'valueString', 'dataAbsentReason', 'component', 'hasMember'].some((element) => cursor.peek(element) !== undefined);
}

/** Codes of LOINC that an observation has, as itself or a translation. */
function codesIn(statement: Element): readonly string[] {
  const code = statement.child('code');
  return code === undefined ? [] : [code, ...code.all('translation')].filter((one) => systemOf(one.get('codeSystem') ?? '') === loinc).flatMap((one) => codeOf(one) ?? []);
}

/** Both pressures are quantities of one time that is known. */
function canBeOne(c: Conversion, upper: Element, lower: Element, organizer: Element): boolean {
  const [first, second] = [upper, lower].map((part) => timeOf(c, momentOf(part.child('effectiveTime')) ?? momentOf(organizer.child('effectiveTime')))?.dateTime);
  return first !== undefined && first.length >= 10 && first === second && [upper, lower].every((part) => part.get('negationInd') !== 'true' && isVitalQuantity(pressureUnits, part.child('value')));
}

function bloodPressure(c: Conversion, upper: Element, lower: Element, organizer: Element, scope: Scope): Placed {
  const made = c.placed('Observation', upper, 'blood-pressure');
  const at = made.cursor;
  for (const part of [upper, lower]) {
    part.taken = true;
    markStatement(c, part);
    putIdentifiers(c, at, part, 'vitals/pressure/id');
  }
  putObservationStatus(c, at, upper);
  putObservationStatus(c, at, lower);
  putCategories(at, ['vital-signs']);
  at.set('code', { coding: [{ system: loinc, code: '85354-9', display: 'Blood pressure panel with all children optional' }] });
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'encounter', scope.encounter);
  putObservationTime(c, at, upper, organizer);
  lower.child('effectiveTime')?.useAll();
  putPerformers(c, at, upper);
  putPerformers(c, at, lower);
  for (const part of [upper, lower]) {
    const component = at.another('component');
    requireConcept(c, component.within('code'), part.child('code'), 'vitals/pressure/code');
    putVitalQuantity(c, component, part.child('value'), pressureUnits);
    for (const interpretation of part.all('interpretationCode')) putConcept(c, component.another('interpretation'), interpretation, 'vitals/pressure/interpretation');
    for (const method of part.all('methodCode').slice(0, 1)) if (at.peek('method') === undefined) putConcept(c, at.within('method'), method, 'vitals/pressure/method');
    for (const site of part.all('targetSiteCode').slice(0, 1)) if (at.peek('bodySite') === undefined) putConcept(c, at.within('bodySite'), site, 'vitals/pressure/site');
  }
  return made;
}
