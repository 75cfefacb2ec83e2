/**
 * What the definition of Questionnaire says in words: an item is enabled by another that is there.
 * Source: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.question
 */
import { isObject, own, type ResourceRule } from '../compile/check.ts';

interface Question {
  readonly linkId: string;
  readonly step: string;
}

export const questionnaireRule: ResourceRule = (questionnaire, session) => {
  const linkIds = new Set<unknown>();
  const asked: Question[] = [];
  const open: (readonly [list: unknown, step: string])[] = [[own(questionnaire, 'item'), '.item']];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [list, step] = next;
    if (!Array.isArray(list)) continue;
    for (const [index, item] of list.entries()) {
      if (!isObject(item)) continue;
      linkIds.add(own(item, 'linkId'));
      for (const one of questionsOf(own(item, 'enableWhen'), `${step}[${index}].enableWhen`)) asked.push(one);
      open.push([own(item, 'item'), `${step}[${index}].item`]);
    }
  }
  const severity = session.options.inWords ?? 'error';
  for (const { linkId, step } of asked) {
    if (session.n >= session.limit) return;
    if (!linkIds.has(linkId)) session.addAt({ code: 'definition-senseless', details: { reason: 'no item has the linkId of the question' }, severity }, step);
  }
};

function questionsOf(list: unknown, step: string): readonly Question[] {
  return (Array.isArray(list) ? list : []).flatMap((one, index) => {
    const linkId = isObject(one) ? own(one, 'question') : undefined;
    return typeof linkId === 'string' ? [{ linkId, step: `${step}[${index}].question` }] : [];
  });
}
