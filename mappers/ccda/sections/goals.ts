/**
 * Goals to Goal; progress and priority are told with it.
 * Source: C-CDA 2.1, Goal Observation; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-goal.html
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { authorOf } from '../provenance.ts';
import { putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { typeOf } from '../values/observation.ts';
import { isBounded, putComparedQuantity, putQuantity, putRange } from '../values/quantity.ts';
import { putWords, wordsOf } from '../values/text.ts';
import { isInterval, putTime } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { putNotes } from './medications.ts';
import { nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const states: Readonly<Record<string, string>> = { active: 'active', completed: 'completed', aborted: 'cancelled', cancelled: 'cancelled', suspended: 'on-hold', held: 'on-hold', new: 'proposed', nullified: 'entered-in-error' };
const priorities: Readonly<Record<string, string>> = { high: 'high-priority', medium: 'medium-priority', low: 'low-priority' };

export const goals: SectionRules = {
  statements: [{ templates: [`${root}121`], map: goal }],
  sections: [{ code: '61146-7', templates: ['2.16.840.1.113883.10.20.22.2.60'], fallbacks: { observation: goal } }],
};

function goal(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  markStatement(c, statement);
  const made = c.stated('Goal', statement);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'goal/id');
  const status = statement.child('statusCode');
  if (status !== undefined) c.consult(status, 'nullFlavor', 'codeSystem', 'displayName');
  if (status === undefined || !c.put(at, 'lifecycleStatus', states[status.get('code') ?? ''], status, 'code', 'goal/status')) at.set('lifecycleStatus', 'active');
  putDescription(c, at, statement);
  c.refer(at, 'subject', c.patient);
  const when = statement.child('effectiveTime');
  if (when !== undefined) {
    c.consult(when, 'xsi:type', 'nullFlavor');
    putTime(c, at, 'startDate', isInterval(when) ? when.child('low') : when, 'goal/time', 'date');
    const due = when.child('high');
    const target = ((at.peek('target') ?? []) as readonly unknown[]).length === 0 ? at.another('target') : undefined;
    if (target !== undefined) putTime(c, target, 'dueDate', due, 'goal/time', 'date');
  }
  const author = authorOf(c, statement.child('author'));
  if (author !== undefined && author.type !== 'Device' && author.type !== 'Organization') c.refer(at, 'expressedBy', author);
  for (const preference of takeNested(statement, `${root}143`)) putPriority(c, at, preference);
  putNotes(c, at, statement);
  return [made, ...nestedStatements(statement).filter((nested) => !nested.taken).flatMap((nested) => c.place(nested, { ...scope, within: statement }))];
}

/** What is to be reached: the code with a measure as its target, or the words. */
function putDescription(c: Conversion, at: Cursor, statement: Element): void {
  const code = statement.child('code');
  const value = statement.child('value');
  const description = at.within('description');
  const isPlain = code?.get('code') === 'ASSERTION' || !saysSomething(c, code);
  const type = value === undefined ? undefined : typeOf(value);
  if (value !== undefined && isPlain && saysSomething(c, value)) {
    putConcept(c, description, value, 'goal/value');
    if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName', 'nullFlavor');
  } else if (value !== undefined && (type === 'ST' || type === 'ED') && wordsOf(c, value) !== undefined) {
    if (!isPlain) putConcept(c, description, code, 'goal/code');
    if (description.peek('text') === undefined) putWords(c, description, 'text', value, 'goal/value');
  } else {
    if (!isPlain) putConcept(c, description, code, 'goal/code');
    if (value !== undefined && !isPlain) putTarget(c, at, code, value, type!);
  }
  const said = at.within('description');
  if (said.peek('coding') === undefined && said.peek('text') === undefined && !putWords(c, said, 'text', statement.child('text'), 'goal/text')) requireConcept(c, said, code, 'goal/code');
}

/** A value to reach (gol-1: with what is measured). */
function putTarget(c: Conversion, at: Cursor, code: Element, value: Element, type: string): void {
  const target = at.another('target');
  c.consult(value, 'xsi:type');
  const isPlaced = ['CD', 'CE', 'CV', 'CO'].includes(type)
    ? saysSomething(c, value) && putConcept(c, target.within('detailCodeableConcept'), value, 'goal/value')
    : type.startsWith('IVL')
      ? (isBounded(value) ? putRange(c, target.within('detailRange'), value, 'goal/value') : putComparedQuantity(c, target.within('detailQuantity'), value, 'goal/value'))
      : putQuantity(c, target.within('detailQuantity'), value, 'goal/value');
  if (isPlaced) putConcept(c, target.within('measure'), code, 'goal/code');
}

function putPriority(c: Conversion, at: Cursor, preference: Element): void {
  markStatement(c, preference);
  const value = preference.child('value');
  const code = preference.child('code');
  if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  for (const part of [...preference.all('id'), ...preference.all('effectiveTime'), ...preference.all('author')]) c.leave(part, 'a priority is told with the goal');
  if (!saysSomething(c, value) || at.peek('priority') !== undefined) return;
  const told = priorities[/^(high|medium|low)/i.exec(value.get('displayName') ?? '')?.[1]?.toLowerCase() ?? ''];
  if (told !== undefined) at.within('priority').setItem('coding', { system: 'http://terminology.hl7.org/CodeSystem/goal-priority', code: told });
  putConcept(c, at.within('priority'), value, 'goal/priority');
}
