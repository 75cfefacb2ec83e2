/** What of the plan's record becomes an answer, and what does not. */
import type { Coverage, Extension, Patient, QuestionnaireItem, Resource } from '@medplum/fhirtypes';
import { knownAnswers, responseItems, withoutRecord } from '../../../operations/documentation/known-answers.ts';

const patient: Patient = {
  resourceType: 'Patient', active: true, birthDate: '1968-11-23', gender: 'male', multipleBirthInteger: 2,
  address: [{ use: 'old', city: 'Oldtown' }, { city: 'Springfield', line: ['1 Street', 'Flat 2'] }], communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'es' }] } }],
};
const coverage: Coverage = { resourceType: 'Coverage', status: 'active', beneficiary: {}, payor: [], period: { start: '2021-01-01T00:00:00Z' } };
const order = { resourceType: 'ServiceRequest', status: 'draft', intent: 'order', subject: {}, quantityQuantity: { value: 3, unit: 'visits' }, note: [{ text: 'From the order' }] } as Resource;
const now = new Date('2026-03-02T09:00:00Z');
const record = { patient, coverage, order };
const path = (expression: string, language = 'text/fhirpath'): Extension => ({ url: 'https://priora.health/fhir/StructureDefinition/documentation-plan-record', valueExpression: { language: language as 'text/fhirpath', expression } });
const ask = (type: QuestionnaireItem['type'], expression: string, more: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({ linkId: 'q', type, extension: [path(expression)], ...more });
const valuesOf = (question: QuestionnaireItem, from = record, guide: '2.2.0' | '2.0.1' = '2.2.0'): unknown[] => knownAnswers(from, guide, now)(question).map(({ extension: _origin, ...value }) => Object.values(value)[0]);
const male = { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' };

test.each<[string, QuestionnaireItem, unknown]>([
  ['a text', ask('string', "%patient.address.where(use.empty() or use != 'old').first().city"), 'Springfield'], ['a day', ask('date', '%patient.birthDate'), '1968-11-23'],
  ['the day of a moment', ask('date', '%coverage.period.start'), '2021-01-01'], ['a moment', ask('dateTime', '%coverage.period.start'), '2021-01-01T00:00:00Z'],
  ['a boolean', ask('boolean', '%patient.active'), true], ['what is computed', ask('boolean', '%patient.birthDate < @1970-01-01'), true], ['a number', ask('integer', '%patient.multipleBirth'), 2],
  ['a quantity of the order', ask('quantity', '%order.quantity'), { value: 3, unit: 'visits' }], ['a code among the options', ask('choice', '%patient.gender', { answerOption: [{ valueCoding: { ...male, code: 'female' } }, { valueCoding: male }] }), male],
  ['a Coding among the options', ask('choice', '%patient.communication.language.coding', { answerOption: [{ valueCoding: { system: 'urn:ietf:bcp:47', code: 'es', display: 'Spanish' } }] }), { system: 'urn:ietf:bcp:47', code: 'es', display: 'Spanish' }],
  ['words of one\'s own', ask('open-choice', '%order.note.text'), 'From the order'],
])('filled in is %s', (_, question, expected) => {
  expect(valuesOf(question)).toEqual([expected]);
});

test.each<[string, QuestionnaireItem]>([
  ['of several values one', ask('string', '%patient.address.city')], ['a value of another type', ask('integer', '%patient.birthDate')], ['a part of a number', ask('integer', '%patient.multipleBirth / 4')], ['a resource', ask('string', '%patient')],
  ['a code that is not offered', ask('choice', '%patient.gender', { answerOption: [{ valueCoding: { ...male, code: 'female' } }] })], ['a code of a value set', ask('choice', '%patient.gender', { answerValueSet: 'urn:v' })],
  ['a Coding of another system', ask('choice', '%patient.communication.language.coding', { answerOption: [{ valueCoding: { system: 'urn:other', code: 'es' } }] })], ['a text that is too long', ask('string', '%order.note.text', { maxLength: 3 })],
  ['what looks at two resources', ask('string', '%patient.address.city.first() + %coverage.status')], ['what is no FHIRPath', ask('string', '%patient..city(')], ['what another variable is', ask('string', '%practitioner.name')], ['what begins with none', ask('string', "'text'")],
  ['what follows references', ask('string', '%patient.managingOrganization.resolve().name')], ['what goes on for long', ask('string', '%patient.repeat($this | descendants()).count().toString()', { maxLength: 0 })],
  ['CQL', { linkId: 'q', type: 'string', extension: [path('%patient.gender', 'text/cql')] }],
])('left to whoever is asked is %s', (_, question) => {
  expect(valuesOf(question)).toEqual([]);
});

test('nothing of whoever is not shown', () => {
  const nobody = { patient: undefined, coverage: undefined, order: undefined } as unknown as typeof record;
  for (const question of [ask('string', '%patient.gender'), ask('string', '%coverage.status'), ask('string', '%order.status')]) expect(valuesOf(question, nobody)).toEqual([]);
});

test('all values of a question that repeats, each once; initial values where nothing is known; an initialExpression in FHIRPath', () => {
  expect(valuesOf(ask('string', '%patient.address.city | %patient.address.city', { repeats: true }))).toEqual([]);
  expect(valuesOf(ask('string', '%patient.address.city.combine(address.city)', { repeats: true }))).toEqual(['Oldtown', 'Springfield']);
  expect(valuesOf({ linkId: 'q', type: 'string', initial: [{ valueString: 'first' }] })).toEqual(['first']);
  expect(valuesOf(ask('string', '%patient.gender', { initial: [{ valueString: 'first' }] }))).toEqual(['male']);
  expect(valuesOf({ linkId: 'q', type: 'choice', answerOption: [{ valueString: 'a' }, { valueString: 'b', initialSelected: true }] })).toEqual(['b']);
  expect(valuesOf({ linkId: 'q', type: 'string', extension: [{ url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression', valueExpression: { language: 'text/fhirpath', expression: '%patient.gender' } }] })).toEqual(['male']);
});

test('each answer says that the server filled it in, in the words of either version', () => {
  const sources = (['2.2.0', '2.0.1'] as const).map((guide) => knownAnswers(record, guide, now)(ask('string', '%patient.gender'))[0]!.extension);
  expect(sources).toEqual(['auto-server', 'auto'].map((valueCode) => [{ url: 'http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin', extension: [{ url: 'source', valueCode }] }]));
});

test('in groups; not where it depends on answers whether something is asked; what is below a question waits for its answer', () => {
  const known = { ...ask('string', '%patient.gender'), linkId: 'known' };
  const when = { enableWhen: [{ question: 'known', operator: '=' as const, answerString: 'male' }] };
  const items = responseItems([{ linkId: 'g', type: 'group', item: [known, { linkId: 'd', type: 'display', text: 'Shown' }] }, { ...known, linkId: 'depends', ...when }, { linkId: 'g2', type: 'group', ...when, item: [known] }, { linkId: 'open', type: 'string', item: [known] }], knownAnswers(record, '2.2.0', now));
  expect(JSON.parse(JSON.stringify(items, (key, value: unknown) => (key === 'extension' ? undefined : value)))).toEqual([
    { linkId: 'g', item: [{ linkId: 'known', answer: [{ valueString: 'male' }] }] }, { linkId: 'depends' }, { linkId: 'g2', item: [{ linkId: 'known' }] }, { linkId: 'open' },
  ]);
});

test('clients do not see where the plan keeps its answers', () => {
  const cql: Extension = { url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression', valueExpression: { language: 'text/cql', expression: 'A' } };
  const clean = withoutRecord({ resourceType: 'Questionnaire', status: 'active', item: [{ linkId: 'g', type: 'group', item: [{ ...ask('string', '%patient.gender'), extension: [cql, path('%patient.gender')] }, ask('string', '%patient.gender')] }] });
  expect(clean.item).toEqual([{ linkId: 'g', type: 'group', item: [{ extension: [cql], linkId: 'q', type: 'string' }, { linkId: 'q', type: 'string' }] }]);
});
