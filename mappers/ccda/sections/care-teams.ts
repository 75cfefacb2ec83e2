/**
 * Care teams: Care Team Organizer to CareTeam, each Care Team Member Act a participant.
 * Source: C-CDA 2.1 Companion Guide, Care Team Organizer; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-careteam.html
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { participant } from '../header/participants.ts';
import { putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putNote, wordsOf } from '../values/text.ts';
import { putPeriod } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const states: Readonly<Record<string, string>> = { active: 'active', completed: 'inactive', aborted: 'inactive', suspended: 'suspended', new: 'proposed', nullified: 'entered-in-error' };

export const careTeams: SectionRules = {
  statements: [{ templates: [`${root}500`], map: careTeam }],
  sections: [{ code: '85847-2', templates: ['2.16.840.1.113883.10.20.22.2.500'], fallbacks: { organizer: careTeam } }],
};

function careTeam(c: Conversion, organizer: Element, scope: Scope): readonly Placed[] {
  markStatement(c, organizer);
  const made = c.stated('CareTeam', organizer);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, organizer, 'careTeam/id');
  const status = organizer.child('statusCode');
  if (status !== undefined) c.put(at, 'status', states[status.get('code') ?? ''], status, 'code', 'careTeam/status');
  const code = organizer.child('code');
  const name = wordsOf(c, code?.child('originalText'));
  if (name !== undefined) c.put(at, 'name', name.text, name.from, name.attribute, 'careTeam/name');
  if (code?.get('code') === '86744-0') c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  c.refer(at, 'subject', c.patient);
  putPeriod(c, at.within('period'), organizer.child('effectiveTime'), 'careTeam/time');
  for (const kind of takeNested(organizer, `${root}500.2`)) {
    markStatement(c, kind);
    if (saysSomething(c, kind.child('value'))) putConcept(c, at.another('category'), kind.child('value'), 'careTeam/type');
  }
  for (const member of takeNested(organizer, `${root}500.1`)) putMember(c, at, member);
  for (const lead of organizer.all('participant')) c.leave(lead, 'the lead of a team is one of its members');
  return [made, ...nestedStatements(organizer).filter((nested) => !nested.taken).flatMap((nested) => c.place(nested, { ...scope, within: organizer }))];
}

function putMember(c: Conversion, at: Cursor, act: Element): void {
  markStatement(c, act);
  for (const performer of act.all('performer')) {
    c.consult(performer, 'typeCode');
    const who = participant(c, performer.child('assignedEntity'), 'careTeam/member');
    if (who === undefined) continue;
    const member = at.another('participant');
    c.refer(member, 'member', who);
    const role = performer.child('sdtc:functionCode') ?? performer.child('functionCode') ?? performer.at('assignedEntity', 'code');
    if (saysSomething(c, role)) putConcept(c, member.another('role'), role, 'careTeam/role');
    putPeriod(c, member.within('period'), act.child('effectiveTime'), 'careTeam/member/time');
  }
  for (const note of nestedStatements(act)) {
    if (note.name !== 'act' || note.taken) continue;
    note.taken = true;
    markStatement(c, note);
    putNote(c, at, note.child('text'), 'careTeam/note');
  }
  for (const name of ['id', 'code', 'statusCode', 'text', 'participant']) for (const part of act.all(name)) if (part.left === undefined) c.leave(part, 'a member of a team is told by who it is');
}
