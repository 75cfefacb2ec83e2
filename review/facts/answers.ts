/**
 * Answers of finished QuestionnaireResponses (DTR). Items are walked without recursion: depth is the sender's choice.
 */
import { readCoding } from './codes.ts';
import { asNumber, asText, objectsIn, type Loose } from './loose.ts';
import { exactly, readQuantity } from './measures.ts';
import { isModified, type Entry } from './submission.ts';
import type { Answer, AnswerFact } from './types.ts';

export function answerFacts({ reference, resource }: Entry): AnswerFact[] {
  if (resource['status'] !== 'completed' && resource['status'] !== 'amended') return [];
  const questionnaire = canonicalOf(resource);
  const facts: AnswerFact[] = [];
  const waiting = itemsOf(resource, 'QuestionnaireResponse');
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { item, path } = next;
    if (isModified(item)) continue;
    const linkId = asText(item['linkId']);
    waiting.push(...itemsOf(item, path));
    for (const [index, element] of objectsIn(item['answer']).toReversed()) {
      waiting.push(...itemsOf(element, `${path}.answer[${index}]`));
    }
    for (const [index, element] of objectsIn(item['answer'])) {
      const value = readAnswer(element);
      if (linkId === undefined || value === undefined) continue;
      facts.push({ linkId, value, source: { reference, expression: `${path}.answer[${index}].value` }, ...(questionnaire === undefined ? {} : { questionnaire }) });
    }
  }
  return facts;
}

// An adaptive response has its questionnaire inside, derived from the one that rules know.
function canonicalOf(resource: Loose): string | undefined {
  const said = asText(resource['questionnaire']);
  if (said?.startsWith('#') !== true) return said;
  const inside = objectsIn(resource['contained']).map(([, each]) => each).find((each) => each['resourceType'] === 'Questionnaire' && each['id'] === said.slice(1));
  const [derived] = Array.isArray(inside?.['derivedFrom']) ? inside['derivedFrom'] as unknown[] : [];
  return asText(derived) ?? asText(inside?.['url']);
}

// In reverse, because the walk takes the last one first.
function itemsOf(parent: Loose, path: string): { item: Loose; path: string }[] {
  return objectsIn(parent['item']).map(([index, item]) => ({ item, path: `${path}.item[${index}]` })).toReversed();
}

function readAnswer(answer: Loose): Answer | undefined {
  const truth = answer['valueBoolean'];
  if (typeof truth === 'boolean') return { kind: 'boolean', value: truth };
  const text = asText(answer['valueString']) ?? asText(answer['valueDate']) ?? asText(answer['valueDateTime']) ?? asText(answer['valueUri']);
  if (text !== undefined) return { kind: 'text', value: text };
  const code = readCoding(answer['valueCoding']);
  if (code !== undefined) return { kind: 'code', value: code };
  const number = asNumber(answer['valueInteger']) ?? asNumber(answer['valueDecimal']);
  const measure = number === undefined ? readQuantity(answer['valueQuantity']) : exactly(number);
  return measure === undefined ? undefined : { kind: 'measure', value: measure };
}
