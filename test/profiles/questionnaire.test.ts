/** Answers are checked against the Questionnaire: what is wrong, and where. */
import { checkResponse } from '../../profiles/questionnaire/response.ts';
import type { ValueSets } from '../../profiles/codes/value-set.ts';

const yesNo = { system: 'http://example.org/yn', code: 'Y' };
const questionnaire = {
  resourceType: 'Questionnaire', url: 'http://example.org/q', version: '1', status: 'active',
  item: [
    { linkId: 'g', type: 'group', text: 'Oxygen', item: [
      { linkId: 'g.1', type: 'boolean', required: true, item: [{ linkId: 'g.1.a', type: 'string', maxLength: 5 }] },
      { linkId: 'g.2', type: 'decimal', enableWhen: [{ question: 'g.1', operator: '=', answerBoolean: true }], required: true,
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueDecimal: 0 }, { url: 'http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces', valueInteger: 1 }] },
    ] },
    { linkId: 'd', type: 'display', text: 'Read this' },
    { linkId: 'c', type: 'choice', answerOption: [{ valueCoding: yesNo }, { valueString: 'later' }] },
    { linkId: 'o', type: 'open-choice', answerOption: [{ valueCoding: yesNo }] },
    { linkId: 'v', type: 'choice', answerValueSet: 'http://example.org/vs' },
    { linkId: 'm', type: 'integer', repeats: true, extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs', valueInteger: 2 }] },
    { linkId: 'r', type: 'reference', extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource', valueCode: 'Patient' }] },
    { linkId: 'x', type: 'date', enableBehavior: 'any', enableWhen: [{ question: 'c', operator: 'exists', answerBoolean: true }, { question: 'm', operator: '>', answerInteger: 5 }] },
  ],
};
const g = (...answers: object[]) => ({ linkId: 'g', item: answers });
const g1 = { linkId: 'g.1', answer: [{ valueBoolean: false }] };
const valueSets: ValueSets = (canonical) => canonical !== 'http://example.org/vs' ? undefined : {
  has: (system, code) => system === 'http://example.org/big' ? 'unknown' : code === 'in' ? 'in' : 'out', hasCode: () => 'unknown', concerns: () => true,
};
const findings = (item: object[], status = 'completed') => {
  const { issues, questions } = checkResponse({ resourceType: 'QuestionnaireResponse', status, item }, questionnaire, 'QuestionnaireResponse', valueSets);
  return [...issues.map(({ code, expression }) => `${code} ${expression.slice('QuestionnaireResponse'.length)}`), ...questions.map(({ valueSet }) => `? ${valueSet}`)];
};

test.each<[string, object[], string[]]>([
  ['no group, so none of what it must have', [], []],
  ['what is asked', [g(g1)], []],
  ['a group that is empty', [g()], ['answer-required .item[0]']],
  ['an item that the Questionnaire does not have', [g(g1), { linkId: 'zz' }], ['answer-item-unknown .item[1]']],
  ['an item in the wrong group', [g(g1, { linkId: 'c', answer: [{ valueCoding: yesNo }] })], ['answer-item-unknown .item[0].item[1]']],
  ['another order', [{ linkId: 'c', answer: [{ valueCoding: yesNo }] }, g(g1)], ['answer-order .item[1]']],
  ['a wrong type', [g({ linkId: 'g.1', answer: [{ valueString: 'no' }] })], ['answer-type .item[0].item[0].answer[0].value']],
  ['two answers where one may be', [g({ linkId: 'g.1', answer: [{ valueBoolean: false }, { valueBoolean: false }] })], ['answer-too-many .item[0].item[0]']],
  ['one question in two items', [g(g1, g1)], ['answer-too-many .item[0].item[0]', 'answer-item-twice .item[0].item[1]']],
  ['an answer that is not enabled', [g(g1, { linkId: 'g.2', answer: [{ valueDecimal: 1 }] })], ['answer-not-enabled .item[0].item[1]']],
  ['one that is enabled and required', [g({ linkId: 'g.1', answer: [{ valueBoolean: true }] })], ['answer-required .item[0]']],
  ['one out of range', [g({ linkId: 'g.1', answer: [{ valueBoolean: true }] }, { linkId: 'g.2', answer: [{ valueDecimal: -1 }] })], ['answer-range .item[0].item[1].answer[0].value']],
  ['one with too many digits', [g({ linkId: 'g.1', answer: [{ valueBoolean: true }] }, { linkId: 'g.2', answer: [{ valueDecimal: 1.25 }] })], ['answer-length .item[0].item[1].answer[0].value']],
  ['a question below an answer', [g({ linkId: 'g.1', answer: [{ valueBoolean: false, item: [{ linkId: 'g.1.a', answer: [{ valueString: 'abcdef' }] }] }] })], ['answer-length .item[0].item[0].answer[0].item[0].answer[0].value']],
  ['a question below a question', [g({ linkId: 'g.1', item: [{ linkId: 'g.1.a' }], answer: [{ valueBoolean: false }] })], ['answer-misplaced .item[0].item[0].item[0]']],
  ['an answer to a group', [{ ...g(g1), answer: [{ valueString: 'x' }] }], ['answer-misplaced .item[0].answer[0]']],
  ['a choice that is offered', [g(g1), { linkId: 'c', answer: [{ valueCoding: { ...yesNo, display: 'Yes' } }] }], []],
  ['a choice of another type that is offered', [g(g1), { linkId: 'c', answer: [{ valueString: 'later' }] }], []],
  ['a choice that is not offered', [g(g1), { linkId: 'c', answer: [{ valueCoding: { system: 'http://example.org/yn', code: 'N' } }] }], ['answer-not-offered .item[1].answer[0].value']],
  ['free text where choices are open', [g(g1), { linkId: 'o', answer: [{ valueString: 'perhaps' }] }], []],
  ['free text where they are not', [g(g1), { linkId: 'c', answer: [{ valueString: 'perhaps' }] }], ['answer-not-offered .item[1].answer[0].value']],
  ['a code of the value set', [g(g1), { linkId: 'v', answer: [{ valueCoding: { system: 's', code: 'in' } }] }], []],
  ['a code beside the value set', [g(g1), { linkId: 'v', answer: [{ valueCoding: { system: 's', code: 'no' } }] }], ['answer-not-offered .item[1].answer[0].value']],
  ['a code that memory does not tell', [g(g1), { linkId: 'v', answer: [{ valueCoding: { system: 'http://example.org/big', code: 'z' } }] }], ['? http://example.org/vs']],
  ['as many as may be', [g(g1), { linkId: 'm', answer: [{ valueInteger: 1 }, { valueInteger: 2 }] }], []],
  ['more than may be', [g(g1), { linkId: 'm', answer: [{ valueInteger: 1 }, { valueInteger: 2 }, { valueInteger: 3 }] }], ['answer-too-many .item[1]']],
  ['a reference to what it may lead to', [g(g1), { linkId: 'r', answer: [{ valueReference: { reference: 'Patient/1' } }] }], []],
  ['a reference to another type', [g(g1), { linkId: 'r', answer: [{ valueReference: { reference: 'Group/1' } }] }], ['answer-type .item[1].answer[0].value']],
  ['any of two conditions: none', [g(g1), { linkId: 'x', answer: [{ valueDate: '2026' }] }], ['answer-not-enabled .item[1]']],
  ['any of two conditions: the second', [g(g1), { linkId: 'm', answer: [{ valueInteger: 6 }] }, { linkId: 'x', answer: [{ valueDate: '2026' }] }], []],
])('%s', (_, item, expected) => {
  expect(findings(item)).toEqual(expected);
});

test('what is still being filled in may lack answers', () => {
  expect(findings([], 'in-progress')).toEqual([]);
});
