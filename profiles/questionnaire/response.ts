/**
 * A QuestionnaireResponse against its Questionnaire: every item is one of the Questionnaire's, in its place and order,
 * asked at all, answered as often as it must and may be, with values that it allows.
 * Source: https://hl7.org/fhir/R4/questionnaireresponse.html#link
 */
import type { ProblemCode, ProblemDetails } from '../../fhir/problems.ts';
import type { ValueSets } from '../codes/value-set.ts';
import type { CodeQuestion, ValidationIssue } from '../validation.ts';
import { answerFindings } from './answers.ts';
import { isEnabled } from './enabled.ts';
import { choiceOf, itemsOf, objects, textIn, type JsonObject, type QuestionItem } from './items.ts';

export interface ResponseCheck {
  readonly issues: readonly ValidationIssue[];
  readonly questions: readonly CodeQuestion[];
}

/** @param path FHIRPath of the response */
export function checkResponse(response: JsonObject, questionnaire: JsonObject, path: string, valueSets: ValueSets): ResponseCheck {
  const check = new Check(questionnaire, valueSets, ['completed', 'amended'].includes(textIn(response, 'status')));
  check.items(response, itemsOf(questionnaire), path, [response]);
  return check;
}

class Check implements ResponseCheck {
  readonly issues: ValidationIssue[] = [];
  readonly questions: CodeQuestion[] = [];
  readonly #valueSets: ValueSets;
  readonly #canonical: string | undefined;
  /** What is still being filled in may lack answers. */
  readonly #complete: boolean;

  constructor(questionnaire: JsonObject, valueSets: ValueSets, complete: boolean) {
    this.#valueSets = valueSets;
    this.#complete = complete;
    const { url, version } = questionnaire;
    this.#canonical = typeof url !== 'string' ? undefined : typeof version === 'string' ? `${url}|${version}` : url;
  }

  /** @param holder the response, an item or an answer @param around the same and what is around it, nearest first */
  items(holder: JsonObject, defined: readonly QuestionItem[], path: string, around: readonly JsonObject[]): void {
    const places = new Map(defined.map(({ linkId }, index) => [linkId, index]));
    const given = new Map<string, { readonly item: JsonObject; readonly path: string }[]>();
    let furthest = -1;
    for (const [index, item] of objects(holder['item']).entries()) {
      const at = `${path}.item[${index}]`;
      const linkId = textIn(item, 'linkId');
      const place = places.get(linkId);
      if (place === undefined) {
        this.#add('answer-item-unknown', at, {});
        continue;
      }
      if (place < furthest) this.#add('answer-order', at, {});
      furthest = Math.max(furthest, place);
      const same = given.get(linkId);
      if (same === undefined) given.set(linkId, [{ item, path: at }]);
      else same.push({ item, path: at });
    }
    for (const question of defined) this.#question(question, given.get(question.linkId) ?? [], path, around);
  }

  #question(question: QuestionItem, given: readonly { readonly item: JsonObject; readonly path: string }[], path: string, around: readonly JsonObject[]): void {
    const { linkId, type, least, most } = question;
    if (!isEnabled(question, around)) {
      for (const { item, path: at } of given) if (type !== 'display' && hasContent(item)) this.#add('answer-not-enabled', at, { item: linkId });
      return;
    }
    const isGroup = type === 'group';
    const count = isGroup ? given.length : given.reduce((sum, { item }) => sum + objects(item['answer']).length, 0);
    if (this.#complete && type !== 'display' && count < least) this.#add('answer-required', given[0]?.path ?? path, { item: linkId, least });
    if (count > most) this.#add('answer-too-many', given[0]!.path, { item: linkId, most });
    if (!isGroup && given.length > 1) this.#add('answer-item-twice', given[1]!.path, { item: linkId });
    for (const { item, path: at } of given) this.#item(question, item, at, [item, ...around]);
  }

  #item(question: QuestionItem, item: JsonObject, path: string, around: readonly JsonObject[]): void {
    const answers = objects(item['answer']);
    if (question.type === 'group' || question.type === 'display') {
      if (answers.length > 0) this.#add('answer-misplaced', `${path}.answer[0]`, { reason: `an item of type ${question.type} takes no answer` });
      this.items(item, question.items, path, around);
      return;
    }
    if (objects(item['item']).length > 0) this.#add('answer-misplaced', `${path}.item[0]`, { reason: 'what is below a question stands in its answer' });
    for (const [index, answer] of answers.entries()) {
      const at = `${path}.answer[${index}]`;
      for (const { code, details } of answerFindings(answer, question)) this.#add(code, `${at}.value`, { ...details, item: question.linkId });
      this.#inValueSet(question, answer, at);
      this.items(answer, question.items, at, [answer, ...around]);
    }
  }

  #inValueSet({ valueSet, type, linkId }: QuestionItem, answer: JsonObject, path: string): void {
    const value = choiceOf(answer, 'value');
    if (valueSet === undefined || value?.type !== 'Coding') return;
    const { system, code, version } = value.value as { system?: string; code?: string; version?: string };
    const otherwise = this.#issue('answer-not-offered', `${path}.value`, { item: linkId }, type === 'open-choice' ? 'warning' : 'error');
    const membership = code === undefined ? 'out' : this.#valueSets(valueSet)?.has(system ?? '', code, version) ?? 'unknown';
    if (membership === 'out') this.issues.push(otherwise);
    // A value set inside the Questionnaire has no address that anybody else could answer for.
    else if (membership === 'unknown' && !valueSet.startsWith('#')) this.questions.push({ kind: 'code', valueSet, codings: [{ ...(system !== undefined && { system }), ...(version !== undefined && { version }), ...(code !== undefined && { code }) }], otherwise });
  }

  #add(code: ProblemCode, expression: string, details: ProblemDetails): void {
    this.issues.push(this.#issue(code, expression, details, 'error'));
  }

  #issue(code: ProblemCode, expression: string, details: ProblemDetails, severity: 'error' | 'warning'): ValidationIssue {
    return { code, details, expression, severity, ...(this.#canonical !== undefined && { profile: this.#canonical }) };
  }
}

function hasContent(item: JsonObject): boolean {
  return objects(item['answer']).length > 0 || objects(item['item']).some(hasContent);
}
