/**
 * Assessment scales: an Observation with its questions as members, which is what is searched, and the form as it was
 * filled in, a QuestionnaireResponse that these are derived from. Only the form has all answers to a question, and an
 * answer with its score.
 * Source: C-CDA 2.1, Assessment Scale Observation and Assessment Scale Supporting Observation; US Core 7, "Screening and
 * Assessments" (https://hl7.org/fhir/us/core/STU7/screening-and-assessments.html); docs/decisions/0032
 */
import type { Cursor } from '../../draft.ts';
import { type Conversion, decimal, type Placed, type Scope } from '../conversion.ts';
import { participant } from '../header/participants.ts';
import { authorOf } from '../provenance.ts';
import { codeOf, putCoding } from '../values/concept.ts';
import { putIdentifier } from '../values/identifier.ts';
import { putValue, typeOf } from '../values/observation.ts';
import { wordsOf } from '../values/text.ts';
import { putTime } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { hasTemplate, nestedStatements } from './nested.ts';
import { momentOf, observe } from './observation.ts';
import type { SectionRules } from './rules.ts';

const scaleTemplate = '2.16.840.1.113883.10.20.22.4.69';
const questionTemplate = '2.16.840.1.113883.10.20.22.4.86';
const loinc = '2.16.840.1.113883.6.1';
const ordinalValue = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const coded: ReadonlySet<string> = new Set(['CD', 'CE', 'CV', 'CO', 'CS']);
/** Types of which an answer of FHIR can be. */
const answered: ReadonlySet<string> = new Set(['PQ', 'INT', 'BL', 'TS', 'ST', 'ED']);

export const assessmentScales: SectionRules = {
  statements: [
    { templates: [scaleTemplate], map: scale },
    { templates: [questionTemplate], map: (c, statement, scope) => observe(c, statement, scope, { categories: ['survey'] }) },
  ],
  sections: [],
};

function scale(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  const observed = observe(c, statement, scope, { categories: ['survey'] });
  const questions = questionsIn(statement);
  if (questions.length === 0) return observed;
  const form = c.stated('QuestionnaireResponse', statement);
  if (form.again) return [...observed, form];
  putForm(c, form.cursor, statement);
  putItems(c, form.cursor, questions);
  for (const one of observed) if (one.type === 'Observation' && one.cursor.peek('derivedFrom') === undefined) c.referItem(one.cursor, 'derivedFrom', form);
  // The encounter of the scale may be told behind it.
  c.afterwards(() => { form.cursor.set('encounter', observed[0]!.cursor.peek('encounter') as { reference: string } | undefined); });
  return [...observed, form];
}

function questionsIn(statement: Element): Element[] {
  return nestedStatements(statement).filter((nested) => nested.name === 'observation' && hasTemplate(nested, questionTemplate));
}

const statuses: Readonly<Record<string, string>> = { completed: 'completed', active: 'in-progress', suspended: 'in-progress', aborted: 'stopped', cancelled: 'stopped', nullified: 'entered-in-error' };

function putForm(c: Conversion, at: Cursor, statement: Element): void {
  const id = statement.child('id');
  if (id !== undefined) putIdentifier(c, at.within('identifier'), id, 'assessment/id');
  const code = statement.child('code');
  // By this name LOINC publishes its panels as Questionnaires.
  if (code !== undefined && isLoinc(code)) c.put(at, 'questionnaire', `http://loinc.org/q/${codeOf(code)}`, code, 'code', 'assessment/code');
  const status = statement.child('statusCode');
  // An event that is stated is over, unless it says otherwise.
  if (status === undefined || !c.put(at, 'status', statuses[status.get('code') ?? ''], status, 'code', 'assessment/status')) at.set('status', 'completed');
  c.refer(at, 'subject', c.patient);
  putTime(c, at, 'authored', momentOf(statement.child('effectiveTime')), 'assessment/time');
  c.refer(at, 'author', authorOf(c, statement.child('author')));
  const informant = statement.child('informant');
  const source = participant(c, informant?.child('assignedEntity') ?? informant?.child('relatedEntity'), 'assessment/informant');
  if (source !== undefined && ['Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson'].includes(source.type)) c.refer(at, 'source', source);
}

function isLoinc(code: Element): boolean {
  return code.get('codeSystem') === loinc && /^\d{1,7}-\d$/.test(code.get('code') ?? '');
}

/** A question that is there twice is one with two answers. */
function putItems(c: Conversion, holder: Cursor, questions: readonly Element[]): void {
  const byLink = new Map<string, Cursor>();
  for (const [index, question] of questions.entries()) {
    const code = question.child('code');
    const sent = codeOf(code);
    // The links of LOINC's own Questionnaires; a place has no slash, so that no code is taken for one.
    const link = sent === undefined ? String(index + 1) : `/${sent}`;
    const item = byLink.get(link) ?? holder.another('item');
    if (!byLink.has(link)) putQuestion(c, item, code, link);
    byLink.set(link, item);
    const first = putAnswers(c, item, question);
    const nested = questionsIn(question);
    if (nested.length > 0) putItems(c, first ?? item, nested);
  }
}

function putQuestion(c: Conversion, item: Cursor, code: Element | undefined, link: string): void {
  if (code === undefined || !c.put(item, 'linkId', codeOf(code) === undefined ? undefined : link, code, 'code', 'assessment/question')) item.set('linkId', link);
  const words = wordsOf(c, code?.child('originalText'));
  if (words !== undefined) c.put(item, 'text', words.text, words.from, words.attribute, 'assessment/question');
  else if (code !== undefined) c.put(item, 'text', code.get('displayName'), code, 'displayName', 'assessment/question');
}

/** All codes that were chosen, each with the score where one was sent; else the value. @returns the first answer */
function putAnswers(c: Conversion, item: Cursor, question: Element): Cursor | undefined {
  if (question.get('negationInd') === 'true') return undefined;
  const values = question.all('value');
  const codes = values.filter((value) => coded.has(typeOf(value)));
  const others = values.filter((value) => !codes.includes(value));
  const answers = codes.flatMap((value) => putChoice(c, item, value) ?? []);
  const [only] = answers;
  const score = others.find((value) => ['INT', 'REAL'].includes(typeOf(value)) && decimal(value.get('value')) !== undefined);
  if (only === undefined) return others.map((value) => putOther(c, item, value)).find((answer) => answer !== undefined);
  // A score of several choices is the score of none.
  if (score !== undefined && answers.length === 1) c.put(only.within('valueCoding').another('extension').set('url', ordinalValue), 'valueDecimal', decimal(score.get('value')), score, 'value', 'assessment/score');
  return only;
}

/** The code, or what it was translated from where it has none; else the words. */
function putChoice(c: Conversion, item: Cursor, value: Element): Cursor | undefined {
  const from = codeOf(value) === undefined ? value.all('translation').find((translation) => codeOf(translation) !== undefined) : value;
  const answer = item.another('answer');
  if (from !== undefined && putCoding(c, answer.within('valueCoding'), from, 'assessment/answer')) return answer;
  const words = wordsOf(c, value.child('originalText'));
  return words !== undefined && c.put(answer, 'valueString', words.text, words.from, words.attribute, 'assessment/answer') ? answer : undefined;
}

/** A value that is no code. What has a type that an answer has not stays in the Observation alone. */
function putOther(c: Conversion, item: Cursor, value: Element): Cursor | undefined {
  const type = typeOf(value);
  const answer = item.another('answer');
  if (type === 'REAL') return c.put(answer, 'valueDecimal', decimal(value.get('value')), value, 'value', 'assessment/answer') ? answer : undefined;
  return answered.has(type) && putValue(c, answer, value, 'assessment/answer') ? answer : undefined;
}
