/**
 * Health concerns and risks: the problems within are Conditions of that category; what else is within stands for itself.
 * Interventions and outcomes are acts around others in the same way.
 * Source: C-CDA 2.1, Health Concern Act, Risk Concern Act, Intervention Act; US Core Condition Problems and Health Concerns
 */
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { fixedConcept, putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putWords, wordsOf } from '../values/text.ts';
import { isInterval, putTime } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { nestedStatements, takeNested } from './nested.ts';
import { putPlanned } from './planned.ts';
import { condition } from './problems.ts';
import { procedure } from './procedures.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const concerns = '75310-3';
const problem = `${root}4`;

export const healthConcerns: SectionRules = {
  statements: [
    { templates: [`${root}132`, `${root}136`], map: concern },
    { templates: [`${root}131`, `${root}146`], map: intervention },
  ],
  sections: [
    { code: concerns, templates: ['2.16.840.1.113883.10.20.22.2.58'], fallbacks: { act: concern } },
    { code: '62387-6', templates: ['2.16.840.1.113883.10.20.21.2.3'], fallbacks: { act: intervention } },
  ],
};

function concern(c: Conversion, act: Element, scope: Scope): readonly Placed[] {
  markStatement(c, act);
  c.consult(act, 'negationInd');
  const problems = takeNested(act, problem).map((one) => condition(c, one, act, { ...scope, section: concerns }));
  const others = nestedStatements(act).filter((nested) => !nested.taken).flatMap((nested) => c.place(nested, { ...scope, section: concerns, within: act }));
  if (problems.length > 0 || others.length > 0) {
    for (const name of ['id', 'code', 'effectiveTime', 'statusCode']) for (const part of act.all(name)) if (part.left === undefined) c.leave(part, 'a concern is told by what it is about');
    return [...problems, ...others];
  }
  return worded(c, act);
}

/** A concern that is told in words only. */
function worded(c: Conversion, act: Element): readonly Placed[] {
  if (wordsOf(c, act.child('text')) === undefined) {
    c.leave(act, 'a concern that is about nothing');
    return [];
  }
  const made = c.stated('Condition', act);
  if (made.again) return [made];
  const at = made.cursor;
  putWords(c, at.within('code'), 'text', act.child('text'), 'concern/text');
  putIdentifiers(c, at, act, 'concern/id');
  const status = act.child('statusCode');
  const isOver = status?.get('code') === 'completed' || status?.get('code') === 'aborted';
  at.set('clinicalStatus', fixedConcept('http://terminology.hl7.org/CodeSystem/condition-clinical', isOver ? 'inactive' : 'active'));
  if (status !== undefined) c.consult(status, 'code');
  at.setItem('category', fixedConcept('http://hl7.org/fhir/us/core/CodeSystem/condition-category', 'health-concern'));
  const code = act.child('code');
  if (code !== undefined && code.get('code') === concerns) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  else if (saysSomething(c, code)) putConcept(c, at.another('category'), code, 'concern/code');
  c.refer(at, 'subject', c.patient);
  const when = act.child('effectiveTime');
  if (when !== undefined) putTime(c, at, 'onsetDateTime', isInterval(when) ? when.child('low') : when, 'concern/time');
  return [made];
}

/** What is done about a concern or goal: the act itself where it says what, and what is within. */
function intervention(c: Conversion, act: Element, scope: Scope): readonly Placed[] {
  const isEvent = act.get('moodCode') === 'EVN';
  const says = saysSomething(c, act.child('code'));
  const others = nestedStatements(act).filter((nested) => !nested.taken);
  if (says || others.length === 0) return isEvent ? procedure(c, act, scope) : putPlanned(c, act, scope);
  markStatement(c, act);
  for (const name of ['id', 'code', 'effectiveTime', 'statusCode']) for (const part of act.all(name)) if (part.left === undefined) c.leave(part, 'an intervention is told by what is done');
  return others.flatMap((nested) => c.place(nested, { ...scope, within: act }));
}
