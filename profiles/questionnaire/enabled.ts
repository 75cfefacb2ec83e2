/** Whether a question is asked at all (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). */
import { compareValues, equalValues } from './compare.ts';
import { choiceOf, objects, textIn, type JsonObject, type QuestionItem } from './items.ts';

/** @param around what holds the item in the response, nearest first: answers are looked for near by, then further out */
export function isEnabled(item: QuestionItem, around: readonly JsonObject[]): boolean {
  // Told by an expression that is not evaluated here: nothing is said against it.
  if (item.enableUnknown || item.enableWhen.length === 0) return true;
  const holds = (condition: JsonObject): boolean => isMet(condition, around);
  return item.enableAny ? item.enableWhen.some(holds) : item.enableWhen.every(holds);
}

function isMet(condition: JsonObject, around: readonly JsonObject[]): boolean {
  const answers = answersTo(textIn(condition, 'question'), around);
  const expected = choiceOf(condition, 'answer');
  if (expected === undefined) return false;
  const { type, value } = expected;
  const values = answers.flatMap((answer) => {
    const given = choiceOf(answer, 'value');
    return given?.type === type ? [given.value] : [];
  });
  switch (condition['operator']) {
    case 'exists': return (answers.length > 0) === (value === true);
    case '=': return values.some((given) => equalValues(type, given, value));
    case '!=': return answers.length === 0 || values.some((given) => !equalValues(type, given, value));
    case '>': return values.some((given) => (compareValues(type, given, value) ?? 0) > 0);
    case '<': return values.some((given) => (compareValues(type, given, value) ?? 0) < 0);
    case '>=': return values.some((given) => (compareValues(type, given, value) ?? -1) >= 0);
    case '<=': return values.some((given) => (compareValues(type, given, value) ?? 1) <= 0);
    default: return false;
  }
}

function answersTo(linkId: string, around: readonly JsonObject[]): readonly JsonObject[] {
  for (const holder of around) {
    const found = itemsNamed(linkId, holder);
    if (found.length > 0) return found.flatMap((item) => objects(item['answer']));
  }
  return [];
}

function itemsNamed(linkId: string, holder: JsonObject): readonly JsonObject[] {
  return objects(holder['item']).flatMap((item) => [
    ...(item['linkId'] === linkId ? [item] : []),
    ...itemsNamed(linkId, item),
    ...objects(item['answer']).flatMap((answer) => itemsNamed(linkId, answer)),
  ]);
}
