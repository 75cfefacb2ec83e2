/**
 * Results: Result Organizer to DiagnosticReport, Result Observation to Observation, specimens to Specimen.
 * Source: C-CDA on FHIR, "Results" (CF-results); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-diagnosticreport-lab.html
 */
import { translated } from '../codes/translate.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { fixedConcept, putConcept, requireConcept } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { timeOf } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { hasTemplate, nestedStatements } from './nested.ts';
import { observe, putObservationTime, putPerformers } from './observation.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const resultObservation = ['2.16.840.1.113883.10.20.22.4.2', '2.16.840.1.113883.10.20.1.31'];

export const results: SectionRules = {
  statements: [
    { templates: ['2.16.840.1.113883.10.20.22.4.1', '2.16.840.1.113883.10.20.1.32'], map: report },
    { templates: resultObservation, map: result },
  ],
  sections: [{ code: '30954-2', templates: ['2.16.840.1.113883.10.20.22.2.3', '2.16.840.1.113883.10.20.22.2.3.1'], fallbacks: { organizer: report, observation: result } }],
};

function result(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  return observe(c, statement, scope, { categories: ['laboratory'] });
}

function report(c: Conversion, organizer: Element, scope: Scope): readonly Placed[] {
  markStatement(c, organizer);
  const made = c.stated('DiagnosticReport', organizer);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, organizer, 'report/id');
  const status = organizer.child('statusCode');
  if (status !== undefined) c.consult(status, 'nullFlavor', 'codeSystem', 'displayName');
  if (status === undefined || !c.put(at, 'status', translated('CF-ResultReportStatus', status.get('code')), status, 'code', 'report/status')) at.set('status', 'unknown');
  at.setItem('category', fixedConcept('http://terminology.hl7.org/CodeSystem/v2-0074', 'LAB', 'Laboratory'));
  requireConcept(c, at.within('code'), organizer.child('code'), 'report/code');
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'encounter', scope.encounter);
  putObservationTime(c, at, organizer);
  putPerformers(c, at, organizer);
  const specimens = organizer.all('specimen').flatMap((holder) => specimen(c, holder) ?? []);
  for (const one of specimens) c.referItem(at, 'specimen', one);
  const parts = nestedStatements(organizer).filter((nested) => !nested.taken && nested.name === 'observation');
  const members = parts.flatMap((part) => {
    const isKnown = hasTemplate(part, ...resultObservation);
    part.taken = true;
    return isKnown ? c.place(part, { ...scope, within: organizer }) : result(c, part, scope);
  });
  for (const member of members) if (member.type === 'Observation') c.referItem(at, 'result', member);
  for (const nested of nestedStatements(organizer)) {
    if (nested.taken || nested.name !== 'procedure' || nested.all('templateId').length > 0) continue;
    nested.taken = true;
    c.leave(nested, 'how a specimen was taken has no place');
  }
  // The time of a report that has none is that of its first result.
  if (at.peek('effectiveDateTime') === undefined && at.peek('effectivePeriod') === undefined && members.length > 0 && timeOf(c, organizer.child('effectiveTime')) === undefined) {
    at.set('effectiveDateTime', members[0]!.cursor.peek('effectiveDateTime') as never).set('effectivePeriod', members[0]!.cursor.peek('effectivePeriod') as never);
  }
  return [made, ...members];
}

/** specimen/specimenRole of an organizer or observation. */
export function specimen(c: Conversion, holder: Element): Placed | undefined {
  const role = holder.child('specimenRole');
  if (role === undefined) return undefined;
  c.consult(holder, 'typeCode');
  c.consult(role, 'classCode');
  const entity = role.child('specimenPlayingEntity');
  if (entity !== undefined) c.consult(entity, 'classCode', 'determinerCode');
  const made = c.placed('Specimen', role);
  putIdentifiers(c, made.cursor, role, 'specimen/id');
  putConcept(c, made.cursor.within('type'), entity?.child('code'), 'specimen/type');
  c.refer(made.cursor, 'subject', c.patient);
  return made;
}
