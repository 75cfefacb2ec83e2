/**
 * Family history: the organizer of a relative to FamilyMemberHistory, each observation a condition of it.
 * Source: C-CDA 2.1, Family History Organizer; https://hl7.org/fhir/R4/familymemberhistory.html
 */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import { type Conversion, decimal, type Placed } from '../conversion.ts';
import { codeOf, putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { isInterval, putTime } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const ageObservation = ['2.16.840.1.113883.10.20.22.4.31', '2.16.840.1.113883.10.20.1.38'];
const deathObservation = ['2.16.840.1.113883.10.20.22.4.47', '2.16.840.1.113883.10.20.1.42'];

export const familyHistory: SectionRules = {
  statements: [{ templates: ['2.16.840.1.113883.10.20.22.4.45', '2.16.840.1.113883.10.20.1.23'], map: relative }],
  sections: [{ code: '10157-6', templates: ['2.16.840.1.113883.10.20.22.2.15'], fallbacks: { organizer: relative } }],
};

function relative(c: Conversion, organizer: Element): readonly Placed[] {
  markStatement(c, organizer);
  const made = c.stated('FamilyMemberHistory', organizer);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, organizer, 'family/id');
  at.set('status', 'completed');
  c.refer(at, 'patient', c.patient);
  const subject = organizer.at('subject', 'relatedSubject');
  if (subject !== undefined) {
    c.consult(organizer.child('subject')!, 'typeCode');
    c.consult(subject, 'classCode');
  }
  requireConcept(c, at.within('relationship'), subject?.child('code'), 'family/relationship');
  const person = subject?.child('subject');
  if (person !== undefined) putPerson(c, at, person);
  const observations = nestedStatements(organizer).filter((nested) => nested.name === 'observation');
  for (const observation of observations) {
    observation.taken = true;
    putCondition(c, at, observation);
  }
  return [made];
}

function putPerson(c: Conversion, at: Cursor, person: Element): void {
  const name = person.child('name');
  if (name?.text !== undefined) {
    name.isOne = true;
    c.put(at, 'name', name.text, name, ownText, 'family/name');
  }
  const gender = person.child('administrativeGenderCode');
  const sex = translated('CF-AdministrativeGender', codeOf(gender));
  if (gender !== undefined && sex !== undefined) {
    c.put(at.within('sex').another('coding').set('system', 'http://hl7.org/fhir/administrative-gender'), 'code', sex, gender, 'code', 'family/gender');
    c.consult(gender, 'codeSystem', 'codeSystemName', 'displayName');
  }
  putTime(c, at, 'bornDate', person.child('birthTime'), 'family/birthTime', 'date');
  const died = person.child('sdtc:deceasedTime');
  const isDead = person.child('sdtc:deceasedInd');
  if (putTime(c, at, 'deceasedDate', died, 'family/deceasedTime', 'date')) isDead?.useAll();
  else if (isDead?.get('value') === 'true' || isDead?.get('value') === 'false') c.put(at, 'deceasedBoolean', isDead.get('value') === 'true', isDead, 'value', 'family/deceasedInd');
}

function putCondition(c: Conversion, at: Cursor, observation: Element): void {
  markStatement(c, observation);
  const condition = at.another('condition');
  const value = observation.child('value');
  requireConcept(c, condition.within('code'), value, 'family/condition');
  const code = observation.child('code');
  if (code !== undefined) c.leave(code, 'the kind of problem of a relative has no place');
  for (const id of observation.all('id')) c.leave(id, 'a condition of a relative has no identifier');
  for (const age of takeNested(observation, ...ageObservation)) {
    markStatement(c, age);
    putAge(c, condition, age.child('value'));
  }
  for (const death of takeNested(observation, ...deathObservation)) {
    markStatement(c, death);
    condition.set('contributedToDeath', true);
    if (saysSomething(c, death.child('value'))) putConcept(c, condition.within('outcome'), death.child('value'), 'family/death');
    if (at.peek('deceasedBoolean') === undefined && at.peek('deceasedDate') === undefined) at.set('deceasedBoolean', true);
  }
  const when = observation.child('effectiveTime');
  if (condition.peek('onsetAge') !== undefined || when === undefined) return;
  const start = isInterval(when) ? when.child('low') : when;
  if (start?.get('value') === undefined) return;
  const holder = condition.within('onsetPeriod');
  putTime(c, holder, 'start', start, 'family/time');
}

function putAge(c: Conversion, condition: Cursor, value: Element | undefined): void {
  const years = decimal(value?.get('value'));
  if (value === undefined || years === undefined || years < 0) return;
  const unit = value.get('unit') ?? 'a';
  if (!['a', 'mo', 'wk', 'd', 'h', 'min'].includes(unit)) return;
  c.consult(value, 'unit', 'xsi:type');
  c.put(condition.within('onsetAge').set('system', 'http://unitsofmeasure.org').set('code', unit), 'value', years, value, 'value', 'family/age');
}
