/**
 * Answers that the plan knows already, from its own record of the member and of the coverage, and from the order: where
 * a question says by an expression where its answer stands, and where it has an initial value. Each says that the server
 * has filled it in. What does not come to one answer that the question allows is left to whoever is asked.
 * An expression is FHIRPath that begins with `%patient`, `%coverage` or `%order`: as initialExpression, or in an extension
 * of ours beside one in CQL, which clients run on their own record. Pure.
 * Source: DTR 2.2.0, spec-40, spec-65 and oper-19; SDC 3.0.0, "Form Population".
 */
import type { Coverage, Extension, Patient, Questionnaire, QuestionnaireItem, QuestionnaireItemInitial, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer, Resource } from '@medplum/fhirtypes';
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { compileExpression } from '../../fhir/fhirpath/native/index.ts';
import { answerFindings } from '../../profiles/questionnaire/answers.ts';
import { itemsOf as questionsOf, type JsonObject } from '../../profiles/questionnaire/items.ts';
import { isObject } from '../inputs.ts';
import { dtrExtension, planRecord, sdcExtension } from './names.ts';
import type { GuideVersion } from './versions.ts';

/** What may be told: of the member only to one who has shown to deal with him (`known-member.ts`). */
export interface PlanRecord {
  readonly patient: Patient | undefined;
  readonly coverage: Coverage | undefined;
  /** As it was sent; undefined where there is none, or more than one. */
  readonly order: Resource | undefined;
}

/** Answers to a question; none where nothing is known. */
export type KnownAnswers = (question: QuestionnaireItem) => QuestionnaireResponseItemAnswer[];

/** Of a question that repeats. */
const mostAnswers = 20;
/** Steps of all expressions of one response together: a fraction of a second. */
const mostSteps = 400_000;

export function knownAnswers(record: PlanRecord, guide: GuideVersion, now: Date): KnownAnswers {
  let left = mostSteps;
  const meter = { spend: (steps: number): void => {
    left -= steps;
    if (left < 0) throw new FhirPathError('limit', 'The questionnaire takes too long');
  } };
  const valuesOf = (expression: string): readonly unknown[] => {
    const [, name, rest = ''] = /^\s*%(patient|coverage|order)\b([^]*)$/.exec(expression) ?? [];
    const resource = name === undefined ? undefined : record[name as keyof PlanRecord];
    if (resource === undefined) return [];
    try {
      return compileExpression(`$this${rest}`, resource.resourceType, { selfContained: true }).values(resource, undefined, { resource, rootResource: resource, now, meter });
    } catch (error) {
      // The plan's mistake; whoever fills in the form can do without.
      if (error instanceof FhirPathError) return [];
      throw error;
    }
  };
  const origin = originOf(guide);
  return (question) => {
    const known = expressionsOf(question).flatMap(valuesOf).flatMap((value) => answerOf(value, question));
    const answers = known.length > 0 ? distinct(known) : initialOf(question);
    const most = question.repeats === true ? mostAnswers : 1;
    const [definition] = questionsOf({ item: [question] });
    const isAllowed = answers.length <= most && answers.every((answer) => answerFindings(answer as JsonObject, definition!).length === 0);
    return isAllowed ? answers.map((answer) => ({ extension: [origin], ...answer })) : [];
  };
}

function expressionsOf({ extension = [] }: QuestionnaireItem): readonly string[] {
  return extension.flatMap(({ url, valueExpression }) => (url === planRecord || url === sdcExtension.initialExpression) && valueExpression?.language === 'text/fhirpath' ? valueExpression.expression ?? [] : []);
}

/** What a questionnaire offers as chosen, or gives as the value to begin with. */
function initialOf({ initial = [], answerOption = [] }: QuestionnaireItem): QuestionnaireResponseItemAnswer[] {
  if (initial.length > 0) return initial.map((value: QuestionnaireItemInitial) => value as QuestionnaireResponseItemAnswer);
  return answerOption.filter(({ initialSelected }) => initialSelected === true).map(({ initialSelected: _chosen, ...value }) => value as QuestionnaireResponseItemAnswer);
}

/** A value as an answer of the type that is asked for; none where it is of another. */
function answerOf(value: unknown, { type, answerOption }: QuestionnaireItem): QuestionnaireResponseItemAnswer[] {
  const text = typeof value === 'string' && value !== '' ? value : undefined;
  switch (type) {
    case 'boolean': return typeof value === 'boolean' ? [{ valueBoolean: value }] : [];
    case 'decimal': return isNumber(value) ? [{ valueDecimal: value as number }] : [];
    case 'integer': return isNumber(value) && Number.isInteger(Number(value)) ? [{ valueInteger: value as number }] : [];
    case 'date': return text === undefined || !day.test(text) ? [] : [{ valueDate: text.slice(0, 10) }];
    case 'dateTime': return text === undefined || !day.test(text) ? [] : [{ valueDateTime: text }];
    case 'string':
    case 'text': return text === undefined ? [] : [{ valueString: text }];
    case 'url': return text === undefined ? [] : [{ valueUri: text }];
    case 'quantity': return isObject(value) && isNumber(value['value']) ? [{ valueQuantity: value }] : [];
    case 'choice':
    case 'open-choice': return chosen(value, text, type, answerOption);
    default: return [];
  }
}

const day = /^\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$/;

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || value instanceof Number;
}

/** Of the options the one with this code. Whether a code is in a value set is not looked up: then nothing is filled in. */
function chosen(value: unknown, text: string | undefined, type: string, options: QuestionnaireItem['answerOption']): QuestionnaireResponseItemAnswer[] {
  const code = isObject(value) && typeof value['code'] === 'string' ? value['code'] : text;
  const system = isObject(value) ? value['system'] : undefined;
  const found = (options ?? []).flatMap(({ valueCoding }) => valueCoding?.code === code && (system === undefined || valueCoding?.system === system) ? valueCoding ?? [] : []);
  if (code !== undefined && found.length === 1) return [{ valueCoding: found[0]! }];
  if (text === undefined) return [];
  return type === 'open-choice' || options?.some(({ valueString }) => valueString === text) === true ? [{ valueString: text }] : [];
}

function distinct(answers: readonly QuestionnaireResponseItemAnswer[]): QuestionnaireResponseItemAnswer[] {
  return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()];
}

/** Source: information-origin; 2.0.1 has one code for client and server. */
function originOf(guide: GuideVersion): Extension {
  return { url: dtrExtension.origin, extension: [{ url: 'source', valueCode: guide === '2.2.0' ? 'auto-server' : 'auto' }] };
}

/** Groups and questions in their places, answered as far as that is known; what is only shown is not in a response. */
export function responseItems(items: readonly QuestionnaireItem[] | undefined, answers: KnownAnswers): QuestionnaireResponseItem[] {
  return (items ?? []).filter(({ type }) => type !== 'display').map((question) => {
    const { linkId, text, type, item, enableWhen, extension = [] } = question;
    // Whether it is asked at all depends on what is answered yet.
    const isAsked = enableWhen === undefined && !extension.some(({ url }) => url === sdcExtension.enableWhenExpression);
    const below = type === 'group' ? responseItems(item, isAsked ? answers : () => []) : [];
    const answer = type === 'group' || !isAsked ? [] : answers(question);
    // What is below a question stands in its answer.
    return { linkId, ...(text !== undefined && { text }), ...(answer.length > 0 && { answer }), ...(below.length > 0 && { item: below }) };
  });
}

/** As clients get it: where the plan keeps its answers is its own affair, and logic for clients is CQL (spec-18). */
export function withoutRecord(questionnaire: Questionnaire): Questionnaire {
  const clean = (item: QuestionnaireItem): QuestionnaireItem => {
    const { extension, item: below, ...rest } = item;
    const others = extension?.filter(({ url }) => url !== planRecord) ?? [];
    return { ...(others.length > 0 && { extension: others }), ...rest, ...(below && { item: below.map(clean) }) };
  };
  return questionnaire.item ? { ...questionnaire, item: questionnaire.item.map(clean) } : questionnaire;
}
