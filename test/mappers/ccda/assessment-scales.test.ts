/** Assessment scales: what is searched as Observations, what was filled in as a QuestionnaireResponse, and where each value came from. */
import { describe, expect, test } from '@jest/globals';
import { stringifyJson } from '../../../fhir/json.ts';
import { convert, resources, section, template } from './build.ts';

const loinc = (code: string, display = ''): string => `<code code="${code}" codeSystem="2.16.840.1.113883.6.1"${display === '' ? '' : ` displayName="${display}"`}/>`;
const answer = (code: string, type = 'CD'): string => `<value xsi:type="${type}" code="${code}" codeSystem="2.16.840.1.113883.6.1" displayName="Often true"/>`;
const question = (id: string, code: string, ...values: readonly string[]): string => `<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">${template('86')}<id root="2.16.840.1.113883.19.9" extension="${id}"/>${code}<statusCode code="completed"/>${values.join('')}</observation></entryRelationship>`;
const scale = (inner: string, { code = loinc('88121-9', 'Hunger Vital Sign'), status = 'completed', id = 's1' } = {}): string => `<observation classCode="OBS" moodCode="EVN">${template('69')}<id root="2.16.840.1.113883.19.9" extension="${id}"/>${code}<statusCode code="${status}"/><effectiveTime value="20120214"/><value xsi:type="INT" value="2"/>${inner}</observation>`;
const read = (statement: string): ReturnType<typeof convert> => convert({ body: section('29762-2', [statement]) });

describe('What makes no form', () => {
  test('a scale with a total alone is an Observation', () => {
    const mapping = read(scale(''));
    expect(resources(mapping, 'QuestionnaireResponse')).toEqual([]);
    expect(resources(mapping, 'Observation')).toEqual([expect.objectContaining({ valueInteger: 2 })]);
  });
  test('a scale that is stated twice has one form', () => {
    const twice = scale(question('q1', loinc('88122-7'), answer('LA28397-0')));
    const mapping = convert({ body: section('29762-2', [twice, twice]) });
    expect(resources(mapping, 'QuestionnaireResponse')).toHaveLength(1);
    expect(resources(mapping, 'QuestionnaireResponse')[0]!.item).toHaveLength(1);
  });
  test('what was not observed, and what has no value, is a question without an answer', () => {
    const denied = question('q1', loinc('88122-7'), answer('LA28397-0')).replace('moodCode="EVN"', 'moodCode="EVN" negationInd="true"');
    const [form] = resources(read(scale(denied + question('q2', loinc('88123-5'), '<value xsi:type="CD" nullFlavor="UNK"/>'))), 'QuestionnaireResponse');
    expect(form!.item).toEqual([{ linkId: '/88122-7' }, { linkId: '/88123-5' }]);
  });
  test('a panel that is not of LOINC names no Questionnaire', () => {
    const [form] = resources(read(scale(question('q1', loinc('88122-7'), answer('LA1-0')), { code: '<code code="88121-9" codeSystem="2.16.840.1.113883.6.96"/>' })), 'QuestionnaireResponse');
    expect(form!.questionnaire).toBeUndefined();
  });
});

test('the questions are members of the scale, and all of them derived from the form', () => {
  const mapping = read(scale(question('q1', loinc('88122-7', 'Worried'), answer('LA28397-0')) + question('q2', loinc('88123-5'), answer('LA28397-0'))));
  const [form] = resources(mapping, 'QuestionnaireResponse');
  expect(form).toEqual({
    resourceType: 'QuestionnaireResponse', identifier: { system: 'urn:oid:2.16.840.1.113883.19.9', value: 's1' }, questionnaire: 'http://loinc.org/q/88121-9', status: 'completed',
    subject: { reference: expect.stringMatching(/^urn:uuid:/) as unknown }, authored: '2012-02-14',
    item: [
      { linkId: '/88122-7', text: 'Worried', answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA28397-0', display: 'Often true' } }] },
      { linkId: '/88123-5', answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA28397-0', display: 'Often true' } }] },
    ],
  });
  const { fullUrl } = mapping.bundle.entry!.find(({ resource }) => resource?.resourceType === 'QuestionnaireResponse')!;
  const observations = resources(mapping, 'Observation');
  expect(observations.map(({ code, derivedFrom, hasMember }) => [code.coding![0]!.code, derivedFrom, hasMember?.length])).toEqual([['88121-9', [{ reference: fullUrl }], 2], ['88122-7', [{ reference: fullUrl }], undefined], ['88123-5', [{ reference: fullUrl }], undefined]]);
  const [composition] = resources(mapping, 'Composition');
  expect(composition!.section![0]!.entry).toContainEqual({ reference: fullUrl });
});

test('an answer keeps its score, and a question all its answers; nothing of them is unmapped', () => {
  const mapping = read(scale(
    question('q1', loinc('9267-6'), '<value xsi:type="INT" value="3"/>', answer('LA6555-2', 'CO'))
    + question('q2', loinc('9268-4'), answer('LA6564-4'), answer('LA6565-1'))
    + question('q3', loinc('9268-4'), answer('LA6566-9'))
    + question('q4', loinc('9269-2'), '<value xsi:type="INT" value="9"/>') + question('q5', loinc('1-8'), '<value xsi:type="REAL" value="2.50"/>') + question('q6', loinc('2-6'), '<value xsi:type="ST">Words</value>') + question('q7', '<code nullFlavor="UNK"><originalText>Another?</originalText></code>', '<value xsi:type="BL" value="true"/>'),
  ));
  const [form] = resources(mapping, 'QuestionnaireResponse');
  const coding = (code: string): object => ({ system: 'http://loinc.org', code, display: 'Often true' });
  expect(form!.item!.map(({ linkId, text, answer: answers }) => [linkId, text, JSON.parse(stringifyJson(answers))])).toEqual([
    ['/9267-6', undefined, [{ valueCoding: { ...coding('LA6555-2'), extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: 3 }] } }]],
    ['/9268-4', undefined, ['LA6564-4', 'LA6565-1', 'LA6566-9'].map((code) => ({ valueCoding: coding(code) }))],
    ['/9269-2', undefined, [{ valueInteger: 9 }]],
    ['/1-8', undefined, [{ valueDecimal: 2.5 }]],
    ['/2-6', undefined, [{ valueString: 'Words' }]],
    ['7', 'Another?', [{ valueBoolean: true }]],
  ]);
  expect(mapping.unmapped.filter(({ source }) => source.includes('/value'))).toEqual([]);
  const entry = mapping.bundle.entry!.findIndex(({ resource }) => resource?.resourceType === 'QuestionnaireResponse');
  expect(mapping.ledger).toContainEqual({ path: `Bundle.entry[${entry}].resource.item[1].answer[2].valueCoding.code`, rule: 'assessment/answer', source: expect.stringMatching(/entryRelationship\[3\].*\/value(?:\[1\])?\/@code$/) as unknown, line: expect.any(Number) as unknown, column: expect.any(Number) as unknown });
});

test('a question below a question is below its answer', () => {
  const inner = question('q2', loinc('88123-5'), answer('LA2-8'));
  const outer = question('q1', loinc('88122-7'), answer('LA1-0')).replace('</observation></entryRelationship>', `${inner}</observation></entryRelationship>`);
  const [form] = resources(read(scale(outer)), 'QuestionnaireResponse');
  expect(form!.item![0]!.answer![0]!.item).toEqual([{ linkId: '/88123-5', answer: [expect.anything()] }]);
});

test.each([['active', 'in-progress'], ['aborted', 'stopped'], ['nullified', 'entered-in-error'], ['unheard', 'completed']])('a scale that is %s is a form that is %s', (status, expected) => {
  expect(resources(read(scale(question('q1', loinc('88122-7'), answer('LA1-0')), { status })), 'QuestionnaireResponse')[0]!.status).toBe(expected);
});
