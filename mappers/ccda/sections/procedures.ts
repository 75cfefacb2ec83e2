/**
 * Procedures: Procedure Activity Procedure, Act and Observation to Procedure, with devices that were used; a procedure
 * that is meant to be done is a request (plans.ts).
 * Source: C-CDA on FHIR, "Procedures" (CF-procedures); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-procedure.html
 */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { location, participant } from '../header/participants.ts';
import { authorOf } from '../provenance.ts';
import { putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putWords } from '../values/text.ts';
import { putTimeOrPeriod } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { device } from './devices.ts';
import { putNotes, putReasons } from './medications.ts';
import { nestedStatements, takeNested } from './nested.ts';
import { putPlanned } from './planned.ts';
import { specimen } from './results.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const activities = ['2.16.840.1.113883.10.20.22.4.14', '2.16.840.1.113883.10.20.22.4.12', '2.16.840.1.113883.10.20.22.4.13', '2.16.840.1.113883.10.20.1.29'];
const productInstance: ReadonlySet<string> = new Set(['2.16.840.1.113883.10.20.22.4.37', '2.16.840.1.113883.10.20.1.52']);
const instruction = '2.16.840.1.113883.10.20.22.4.20';

export const procedures: SectionRules = {
  statements: [{ templates: activities, map: procedure }],
  sections: [{ code: '47519-4', templates: ['2.16.840.1.113883.10.20.22.2.7', '2.16.840.1.113883.10.20.22.2.7.1'], fallbacks: { procedure, act: procedure, observation: procedure } }],
};

export function procedure(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  const mood = statement.get('moodCode');
  if (mood !== undefined && mood !== 'EVN') return putPlanned(c, statement, scope);
  markStatement(c, statement);
  c.consult(statement, 'negationInd');
  const made = c.stated('Procedure', statement);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'procedure/id');
  putStatus(c, at, statement);
  requireConcept(c, at.within('code'), statement.child('code'), 'procedure/code');
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'encounter', scope.encounter);
  putTimeOrPeriod(c, at, 'performed', statement.child('effectiveTime'), 'procedure/time');
  const recorder = authorOf(c, statement.child('author'));
  if (recorder !== undefined && recorder.type !== 'Device' && recorder.type !== 'Organization') c.refer(at, 'recorder', recorder);
  for (const performer of statement.all('performer')) putPerformer(c, at, performer);
  for (const site of statement.all('targetSiteCode')) putConcept(c, at.another('bodySite'), site, 'procedure/targetSite');
  putReasons(c, at, statement, 'reasonCode');
  for (const part of statement.all('participant')) putParticipant(c, at, part);
  for (const words of takeNested(statement, instruction)) {
    markStatement(c, words);
    const followUp = at.another('followUp');
    if (saysSomething(c, words.child('code'))) putConcept(c, followUp, words.child('code'), 'procedure/instruction');
    if (followUp.peek('text') === undefined) putWords(c, followUp, 'text', words.child('text'), 'procedure/instruction');
  }
  putNotes(c, at, statement);
  const value = statement.child('value');
  if (saysSomething(c, value)) putConcept(c, at.within('outcome'), value, 'procedure/value');
  const specimens = statement.all('specimen').flatMap((holder) => specimen(c, holder) ?? []);
  const others = nestedStatements(statement).filter((nested) => !nested.taken && nested.name !== 'encounter').flatMap((nested) => c.place(nested, { ...scope, within: statement }));
  return [made, ...specimens, ...others];
}

function putStatus(c: Conversion, at: Cursor, statement: Element): void {
  const status = statement.child('statusCode');
  if (status !== undefined) c.consult(status, 'nullFlavor', 'codeSystem', 'displayName');
  if (statement.get('negationInd') === 'true') {
    c.put(at, 'status', 'not-done', statement, 'negationInd', 'procedure/negation');
    if (status !== undefined) c.consult(status, 'code');
    return;
  }
  if (status === undefined || !c.put(at, 'status', translated('CF-ProcedureStatus', status.get('code')), status, 'code', 'procedure/status')) at.set('status', 'unknown');
}

function putPerformer(c: Conversion, at: Cursor, performer: Element): void {
  c.consult(performer, 'typeCode');
  for (const template of performer.all('templateId')) template.useAll();
  const who = participant(c, performer.child('assignedEntity'), 'procedure/performer');
  if (who === undefined) return;
  const holder = at.another('performer');
  c.refer(holder, 'actor', who);
  putConcept(c, holder.within('function'), performer.child('sdtc:functionCode') ?? performer.child('functionCode'), 'procedure/function');
}

function putParticipant(c: Conversion, at: Cursor, part: Element): void {
  const role = part.child('participantRole');
  if (role === undefined) return;
  c.consult(part, 'typeCode');
  const templates = role.all('templateId').map((template) => template.get('root') ?? '');
  if (part.get('typeCode') === 'LOC' || role.get('classCode') === 'SDLOC') {
    const where = location(c, role, 'procedure/location');
    if (at.peek('location') === undefined) c.refer(at, 'location', where);
  } else if (part.get('typeCode') === 'DEV' || templates.some((template) => productInstance.has(template))) {
    const made = device(c, role);
    if (made === undefined) return;
    c.refer(at.another('focalDevice'), 'manipulated', made);
  }
}
