/**
 * Encounters of the body: Encounter Activity to Encounter, its diagnoses to Conditions. One that the header names too is
 * the same resource.
 * Source: C-CDA on FHIR, "Encounters" (CF-encounters)
 */
import { translated } from '../codes/translate.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { encounterAt, putEncounterCode } from '../header/encounter.ts';
import { location, participant } from '../header/participants.ts';
import { putConcept } from '../values/concept.ts';
import { putPeriod } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { putReasons } from './medications.ts';
import { nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const diagnosis = ['2.16.840.1.113883.10.20.22.4.80', '2.16.840.1.113883.10.20.22.4.33', '2.16.840.1.113883.10.20.22.4.34'];
const serviceLocation = '2.16.840.1.113883.10.20.22.4.32';

export const encounters: SectionRules = {
  statements: [{ templates: ['2.16.840.1.113883.10.20.22.4.49', '2.16.840.1.113883.10.20.1.21'], map: encounter }],
  sections: [{ code: '46240-8', templates: ['2.16.840.1.113883.10.20.22.2.22', '2.16.840.1.113883.10.20.22.2.22.1'], fallbacks: { encounter } }],
};

function encounter(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  markStatement(c, statement);
  const made = encounterAt(c, statement);
  const at = made.cursor;
  const status = statement.child('statusCode');
  const when = statement.child('effectiveTime');
  putEncounterCode(c, at, statement.child('code'), 'encounter/code');
  if (at.peek('period') === undefined) putPeriod(c, at.within('period'), when, 'encounter/time');
  else if (when !== undefined) when.useAll();
  const told = translated('CF-EncounterStatus', status?.get('code'));
  if (at.peek('status') !== 'finished') {
    if (status === undefined || !c.put(at, 'status', told, status, 'code', 'encounter/status')) at.set('status', statement.get('moodCode') === 'EVN' && when !== undefined && at.peek('period') !== undefined ? 'finished' : 'unknown');
  }
  if (at.peek('hospitalization') === undefined) putConcept(c, at.within('hospitalization').within('dischargeDisposition'), statement.child('sdtc:dischargeDispositionCode') ?? statement.child('dischargeDispositionCode'), 'encounter/discharge');
  if (at.peek('priority') === undefined) putConcept(c, at.within('priority'), statement.child('priorityCode'), 'encounter/priority');
  putPeople(c, made, statement);
  putLocations(c, made, statement);
  putReasons(c, at, statement, 'reasonCode');
  const conditions = takeNested(statement, ...diagnosis).flatMap((one) => c.place(one, { section: '46240-8', within: statement, encounter: made }));
  for (const condition of conditions) if (condition.type === 'Condition') c.refer(at.another('diagnosis'), 'condition', condition);
  const others = nestedStatements(statement).filter((nested) => !nested.taken).flatMap((nested) => c.place(nested, { ...scope, within: statement, encounter: made }));
  return [made, ...conditions, ...others];
}

function putPeople(c: Conversion, { cursor }: Placed, statement: Element): void {
  for (const performer of statement.all('performer')) {
    c.consult(performer, 'typeCode');
    for (const template of performer.all('templateId')) template.useAll();
    const who = participant(c, performer.child('assignedEntity'), 'encounter/performer');
    if (who === undefined) continue;
    if (who.type === 'Organization') {
      if (cursor.peek('serviceProvider') === undefined) c.refer(cursor, 'serviceProvider', who);
      continue;
    }
    const there = (cursor.peek('participant') ?? []) as readonly { individual?: { reference?: string } }[];
    if (who.type === 'Device' || there.some(({ individual }) => individual?.reference === who.url)) continue;
    const holder = cursor.another('participant');
    c.refer(holder, 'individual', who);
    putConcept(c, holder.another('type'), performer.child('functionCode') ?? performer.child('sdtc:functionCode'), 'encounter/function');
    putPeriod(c, holder.within('period'), performer.child('time'), 'encounter/performer/time');
  }
}

function putLocations(c: Conversion, { cursor }: Placed, statement: Element): void {
  for (const part of statement.all('participant')) {
    const role = part.child('participantRole');
    const isPlace = part.get('typeCode') === 'LOC' || role?.get('classCode') === 'SDLOC' || role?.all('templateId').some((template) => template.get('root') === serviceLocation);
    if (role === undefined || !isPlace) continue;
    c.consult(part, 'typeCode');
    for (const template of part.all('templateId')) template.useAll();
    const where = location(c, role, 'encounter/location');
    const there = (cursor.peek('location') ?? []) as readonly { location?: { reference?: string } }[];
    if (where !== undefined && !there.some((one) => one.location?.reference === where.url)) c.refer(cursor.another('location'), 'location', where);
  }
}
