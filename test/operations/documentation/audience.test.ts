/** When it is told that nothing more is for clinician and patient, by an adaptive questionnaire's pages and the answers so far. */
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes';
import { nextStep, pagesAsked } from '../../../operations/documentation/adaptive.ts';
import { careIsComplete, withNotice } from '../../../operations/documentation/audience.ts';

const page = (name: string, audience?: string, depends?: string): QuestionnaireItem => ({
  linkId: name, type: 'group', item: [{ linkId: `${name}-1`, type: 'boolean', text: '?' }],
  ...(audience !== undefined && { extension: [{ url: 'https://priora.health/fhir/StructureDefinition/documentation-audience', valueCode: audience }] }),
  ...(depends !== undefined && { enableWhen: [{ question: `${depends}-1`, operator: '=', answerBoolean: true }] }),
});
const form = (...item: QuestionnaireItem[]): Questionnaire => ({ resourceType: 'Questionnaire', status: 'active', item });
/** @param answers of pages that were asked before */
function told(questionnaire: Questionnaire, answers: Record<string, boolean> = {}): string[] {
  const response: QuestionnaireResponse = { resourceType: 'QuestionnaireResponse', status: 'in-progress', item: Object.entries(answers).map(([name, valueBoolean]) => ({ linkId: name, item: [{ linkId: `${name}-1`, answer: [{ valueBoolean }] }] })) };
  const step = nextStep(questionnaire, questionnaire.item!.filter(({ linkId }) => linkId in answers), response);
  return withNotice(step.pages, step.possible, questionnaire).map(({ linkId, text }) => linkId === careIsComplete ? text! : linkId);
}
const ends = 'The questions for clinician and patient end here.';
const administrative = `${ends} What follows is administrative.`;

test.each<[string, Questionnaire, Record<string, boolean>, string[]]>([
  ['where the plan does not say for whom its pages are', form(page('a'), page('b')), {}, ['a', 'b']],
  ['as long as a page for the clinician may follow', form(page('a', 'clinical'), page('b', 'clinical', 'a'), page('c', 'admin')), {}, ['a', 'c']],
  ['as long as one for the patient may', form(page('a', 'clinical'), page('b', 'patient', 'a')), {}, ['a']],
  ['as long as one may that is not marked', form(page('a', 'clinical'), page('b', undefined, 'a')), {}, ['a']],
  ['as long as one may that follows from one that may', form(page('a', 'clinical'), page('c', 'clinical', 'b'), page('b', 'admin', 'a')), {}, ['a']],
  ['in a form for the office alone', form(page('a', 'admin'), page('b', 'admin')), {}, ['a', 'b']],
])('nothing is told %s', (_, questionnaire, answers, expected) => {
  expect(told(questionnaire, answers)).toEqual(expected);
});

test.each<[string, Questionnaire, Record<string, boolean>, string[]]>([
  ['with the last clinical questions, before what may be asked of the office', form(page('a', 'clinical'), page('b', 'admin', 'a')), {}, ['a', administrative]],
  ['with the last questions at all', form(page('a', 'clinical'), page('b', 'patient')), {}, ['a', 'b', ends]],
  ['before administrative questions that are asked with them', form(page('a', 'clinical'), page('b', 'admin')), {}, ['a', administrative, 'b']],
  ['before administrative questions only, where the answers made the clinical ones needless', form(page('a', 'clinical'), page('b', 'clinical', 'a'), page('c', 'admin')), { a: false }, ['a', administrative, 'c']],
  ['in every step from then on', form(page('a', 'clinical'), page('b', 'admin', 'a'), page('c', 'admin', 'b')), { a: true, b: true }, ['a', administrative, 'b', 'c']],
])('it is told %s', (_, questionnaire, answers, expected) => {
  expect(told(questionnaire, answers)).toEqual(expected);
});

test('it is no page, and a copy that has it is the plan\'s', () => {
  const questionnaire = form(page('a', 'clinical'), page('b', 'admin', 'a'));
  expect(pagesAsked(questionnaire, form(page('a'), { linkId: careIsComplete, type: 'display', text: 'Whatever a client makes of it' }))!.map(({ linkId }) => linkId)).toEqual(['a']);
});
