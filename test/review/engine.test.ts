/**
 * How single facts and rules come out in the engine, one question at a time.
 */
import { evaluate } from '../../review/engine/evaluate.ts';
import type { Truth } from '../../review/engine/truth.ts';
import type { ClinicalRecommendation, ReviewRequest } from '../../review/engine/types.ts';
import type { AdministrativeFact, ClinicalFact, ClinicalRule, Condition, PolicyPack } from '../../review/policies/pack.ts';
import { HCPCS, ICD10, LOINC, observation, reviewRequest, type Wanted } from './demo.ts';

const oxygen: Condition = { fact: 'service', in: [{ system: HCPCS, codes: ['E1390'] }] };

function rule(id: string, test: Condition, more: Partial<ClinicalRule> = {}): ClinicalRule {
  return { id, title: id, source: 's', applies: oxygen, criteria: { id: `${id}-only`, text: id, test }, met: { effect: 'certify', validDays: 30 }, otherwise: { effect: 'pend' }, ...more };
}

function packOf(...clinical: ClinicalRule[]): PolicyPack {
  return { schemaVersion: 1, plan: 'DEMO-GOLD', pack: 'p', version: '1', title: 'T', effective: { from: '2026-01-01' }, administrative: [], clinical };
}

function decide(pack: PolicyPack, wanted: Wanted = {}, more: Partial<ReviewRequest> = {}): ClinicalRecommendation {
  const [found] = evaluate(pack, reviewRequest(wanted, more));
  if (found?.kind !== 'clinical') throw new Error('expected a clinical recommendation');
  return found;
}

const saturation = (value: number, date: string | undefined, id = `${value}-${date ?? ''}`) => observation('59408-5', value, '%', date, { id });
const servedOn = (servicedDate: unknown) => ({ servicedDate }) as NonNullable<Wanted['item']>;
const statusCode = (system: string, code: string) => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] });
const conditionOn = (id: string, clinical: string, verification: string) => ({
  resourceType: 'Condition', id, subject: { reference: 'Patient/P' }, code: { coding: [{ system: ICD10, code: 'I10' }] },
  clinicalStatus: statusCode('condition-clinical', clinical), verificationStatus: statusCode('condition-ver-status', verification),
});
const responseOf = (id: string, ...answer: object[]) => ({ resourceType: 'QuestionnaireResponse', id, status: 'completed', questionnaire: 'urn:q|2', subject: { reference: 'Patient/P' }, item: [{ linkId: 'l', answer }] });
const choice = (value: string, system = 'urn:s') => ({ valueCoding: { system, code: value } });
const criterionOf = (id: string, test: Condition) => ({ id, text: id, test });
const askFor = (id: string) => ({ when: 'insufficient' as const, criterion: id, code: { system: LOINC, code: id }, text: id });
const truthOf = (fact: AdministrativeFact | ClinicalFact, wanted: Wanted = {}, more: Partial<ReviewRequest> = {}): Truth => decide(packOf(rule('r', fact)), wanted, more).truth;

describe('performer', () => {
  const npi = 'http://hl7.org/fhir/sid/us-npi';
  const network: AdministrativeFact = { fact: 'performer', in: [{ system: npi, codes: ['1', '2'] }] };
  const party = (id: string, ...values: string[]) => ({ resourceType: 'Organization', id, identifier: values.map((value) => ({ system: npi, value })) });
  const resources = [
    party('in', '1'), party('too', '2'), party('out', '9'), party('bare'), { resourceType: 'Organization', id: 'taxed', identifier: [{ system: 'urn:oid:2.16.840.1.113883.4.4', value: '1' }, { value: '1' }] },
    { resourceType: 'Practitioner', id: 'person', identifier: [{ system: npi, value: '9' }] }, { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: 'Practitioner/person' }, organization: { reference: 'Organization/in' } },
  ];
  const member = (sequence: number, provider: string, role?: string) => ({ sequence, provider: { reference: provider }, ...(role === undefined ? {} : { role: { coding: [{ system: 'https://codesystem.x12.org/005010/98', code: role }] } }) });

  test.each<[string, object[], number[] | undefined, Truth]>([
    ['nobody is named', [], undefined, 'insufficient'],
    ['one of the network', [member(1, 'Organization/in')], undefined, 'met'],
    ['one of another', [member(1, 'Organization/out')], undefined, 'not-met'],
    ['two of the network', [member(1, 'Organization/in'), member(2, 'Organization/too')], undefined, 'met'],
    ['one of it beside one of another', [member(1, 'Organization/in'), member(2, 'Organization/out')], undefined, 'insufficient'],
    ['one of it beside one of whom nothing is known', [member(1, 'Organization/in'), member(2, 'Organization/bare')], undefined, 'insufficient'],
    ['one who did not come along', [member(1, 'Organization/elsewhere')], undefined, 'insufficient'],
    ['a number of another system, or of none', [member(1, 'Organization/taxed')], undefined, 'insufficient'],
    ['a role whose organization is of it', [member(1, 'PractitionerRole/role')], undefined, 'met'],
    ['only the one that the item points to', [member(1, 'Organization/in'), member(2, 'Organization/out')], [2], 'not-met'],
    ['an item that points to nobody who is there', [member(1, 'Organization/in')], [7], 'insufficient'],
    ['one who gives the service', [member(1, 'Organization/in', 'SJ'), member(2, 'Organization/out', 'DK')], undefined, 'met'],
    ['one who ordered it', [member(1, 'Organization/in', 'DK')], undefined, 'insufficient'],
  ])('%s', (_case, careTeam, careTeamSequence, truth) => {
    expect(truthOf(network, { resources, claim: { careTeam }, ...(careTeamSequence && { item: { careTeamSequence } }) })).toBe(truth);
  });
});

describe('observations', () => {
  const low: ClinicalFact = { fact: 'observation', code: [{ system: LOINC, codes: ['59408-5'] }], value: { atMost: 88 }, units: ['%'] };
  const recent: ClinicalFact = { ...low, withinDays: 30 };

  test.each<[string, ClinicalFact, object[], Truth]>([
    ['the later one counts: got worse', low, [saturation(96, '2026-05-20'), saturation(86, '2026-06-05')], 'met'],
    ['the later one counts: got better', low, [saturation(86, '2026-05-20'), saturation(96, '2026-06-05')], 'not-met'],
    ['the order in the Bundle does not matter', low, [saturation(86, '2026-06-05'), saturation(96, '2026-05-20')], 'met'],
    ['a month that takes in the day of the other: they have to agree', low, [saturation(86, '2026-06-05'), saturation(96, '2026-06')], 'insufficient'],
    ['a month before', low, [saturation(86, '2026-06-05'), saturation(96, '2026-05')], 'met'],
    ['day not stated, no limit in days', low, [saturation(86, undefined)], 'met'],
    ['day not stated, against a dated one that differs', recent, [saturation(86, '2026-06-05'), saturation(96, undefined)], 'insufficient'],
    ['day not stated, beside a dated one that says the same', recent, [saturation(86, '2026-06-05'), saturation(85, undefined)], 'met'],
    ['a month partly outside the limit shows nothing alone', { ...low, withinDays: 20 }, [saturation(86, '2026-05')], 'insufficient'],
    ['a period all within the limit', recent, [observation('59408-5', 86, '%', undefined, { effectivePeriod: { start: '2026-06-01', end: '2026-06-02' } })], 'met'],
    ['an effective day that cannot be read', low, [saturation(86, 'yesterday')], 'insufficient'],
    ['a value by integer has no unit', low, [observation('59408-5', 0, '', '2026-06-05', { valueQuantity: undefined, valueInteger: 86 })], 'insufficient'],
  ])('%s', (_case, fact, resources, truth) => {
    expect(truthOf(fact, { resources })).toBe(truth);
  });

  test('for a service in the past, what was measured after it does not count', () => {
    expect(truthOf(recent, { resources: [saturation(86, '2026-06-05')], item: { servicedDate: '2026-06-01' } })).toBe('insufficient');
  });

  test('without a day of service the limit counts from receipt; with one nobody can read it counts from nowhere', () => {
    expect(truthOf(recent, { resources: [saturation(86, '2026-05-12')], item: servedOn(undefined) })).toBe('met');
    expect(truthOf(recent, { resources: [saturation(86, '2026-05-10')], item: servedOn(undefined) })).toBe('insufficient');
    expect(truthOf(recent, { resources: [saturation(86, '2026-06-05')], item: servedOn('soon') })).toBe('insufficient');
  });
});

describe('age', () => {
  const adult: ClinicalFact = { fact: 'age', years: { atLeast: 18 } };
  const born = (birthDate: string, date = '2026-06-15') => truthOf(adult, { patient: { birthDate: undefined }, item: { servicedDate: date } }, { member: { birthDate } });

  test.each<[string, Truth]>([
    ['2008-06-15', 'met'],
    ['2008-06-16', 'not-met'],
    ['2007', 'met'],
    ['2008', 'insufficient'],
    ['2009', 'not-met'],
    ['2026-06-16', 'insufficient'],
    ['last year', 'insufficient'],
  ])('born %s: %s', (birthDate, truth) => {
    expect(born(birthDate)).toBe(truth);
  });

  test('a birth after the service is a mistake, not a young patient', () => {
    expect(truthOf({ fact: 'age', years: { below: 18 } }, { patient: { birthDate: undefined } }, { member: { birthDate: '2030-01-01' } })).toBe('insufficient');
  });
});

describe('conditions', () => {
  const hypertension: ClinicalFact = { fact: 'condition', in: [{ system: ICD10, codes: [], prefixes: ['I10'] }] };

  test.each<[string, boolean, object[], Truth]>([
    ['none on record', false, [], 'insufficient'],
    ['active and confirmed', false, [conditionOn('a', 'active', 'confirmed')], 'met'],
    ['ruled out', false, [conditionOn('a', 'active', 'refuted')], 'not-met'],
    ['confirmed here, ruled out there', false, [conditionOn('a', 'active', 'confirmed'), conditionOn('b', 'active', 'refuted')], 'insufficient'],
    ['only suspected', false, [conditionOn('a', 'active', 'provisional')], 'insufficient'],
    ['resolved', false, [conditionOn('a', 'resolved', 'confirmed')], 'insufficient'],
    ['resolved, where history counts', true, [conditionOn('a', 'resolved', 'confirmed')], 'met'],
  ])('%s', (_case, history, resources, truth) => {
    expect(truthOf({ ...hypertension, history }, { resources })).toBe(truth);
  });
});

describe('answers', () => {
  const yes: ClinicalFact = { fact: 'answer', linkId: 'l', equals: true };
  const chosen: ClinicalFact = { fact: 'answer', linkId: 'l', in: [{ system: 'urn:s', codes: ['x'] }] };
  const hours: ClinicalFact = { fact: 'answer', linkId: 'l', value: { atLeast: 2 }, units: ['h'] };

  test.each<[string, ClinicalFact, object[], Truth]>([
    ['none', yes, [], 'insufficient'],
    ['yes', yes, [responseOf('a', { valueBoolean: true })], 'met'],
    ['no', yes, [responseOf('a', { valueBoolean: false })], 'not-met'],
    ['yes in one response, no in another', yes, [responseOf('a', { valueBoolean: true }), responseOf('b', { valueBoolean: false })], 'insufficient'],
    ['another type than asked', yes, [responseOf('a', { valueString: 'true' })], 'insufficient'],
    ['another question', { ...yes, linkId: 'm' }, [responseOf('a', { valueBoolean: true })], 'insufficient'],
    ['any version of the questionnaire', { ...yes, questionnaire: 'urn:q' }, [responseOf('a', { valueBoolean: true })], 'met'],
    ['another version of the questionnaire', { ...yes, questionnaire: 'urn:q|1' }, [responseOf('a', { valueBoolean: true })], 'insufficient'],
    ['one of several chosen', chosen, [responseOf('a', choice('y'), choice('x'))], 'met'],
    ['none of those chosen', chosen, [responseOf('a', choice('y'))], 'not-met'],
    ['two responses that differ', chosen, [responseOf('a', choice('x')), responseOf('b', choice('y'))], 'insufficient'],
    ['a code of another system', chosen, [responseOf('a', choice('x', 'urn:t'))], 'insufficient'],
    ['hours enough', hours, [responseOf('a', { valueQuantity: { value: 2, code: 'h' } })], 'met'],
    ['minutes are not hours', hours, [responseOf('a', { valueQuantity: { value: 300, code: 'min' } })], 'insufficient'],
    ['a number without a unit', hours, [responseOf('a', { valueInteger: 3 })], 'insufficient'],
  ])('%s', (_case, fact, resources, truth) => {
    expect(truthOf(fact, { resources })).toBe(truth);
  });
});

describe('other facts', () => {
  test('a document that did not come is not shown to be missing', () => {
    expect(truthOf({ fact: 'document', in: [{ system: LOINC, codes: ['34117-2'] }] })).toBe('insufficient');
  });

  test.each<[string, string | undefined, Truth]>([
    ['female', 'female', 'met'],
    ['male', 'male', 'not-met'],
    ['unknown', 'unknown', 'insufficient'],
    ['not stated', undefined, 'insufficient'],
  ])('gender %s', (_case, gender, truth) => {
    expect(truthOf({ fact: 'gender', in: ['female'] }, { patient: { gender: undefined } }, { member: gender === undefined ? {} : { gender } })).toBe(truth);
  });

  test.each<[AdministrativeFact & { fact: 'service-date' }, string | undefined, Truth]>([
    [{ fact: 'service-date', onOrAfter: '2026-06-15' }, '2026-06-15', 'met'],
    [{ fact: 'service-date', onOrBefore: '2026-06-14' }, '2026-06-15', 'not-met'],
    [{ fact: 'service-date', onOrAfter: '2026-06-15' }, '2026-06', 'insufficient'],
    [{ fact: 'service-date', onOrAfter: '2026-06-15' }, undefined, 'insufficient'],
    [{ fact: 'service-date', daysFromReceipt: { atLeast: -10 } }, '2026-05-31', 'met'],
    [{ fact: 'service-date', daysFromReceipt: { atLeast: -10 } }, '2026-05-30', 'not-met'],
  ])('%j on %s: %s', (fact, servicedDate, truth) => {
    expect(truthOf(fact, { item: { servicedDate } as NonNullable<Wanted['item']> })).toBe(truth);
  });
});

describe('several clinical rules for one service', () => {
  const yes: Condition = { fact: 'coverage-present' };
  const no: Condition = { not: yes };
  const silent: Condition = { fact: 'document', in: [{ system: LOINC, codes: ['34117-2'] }] };

  test('all met: certified for the shortest of their days, with the trace of all', () => {
    const found = decide(packOf(rule('a', yes), rule('b', yes, { met: { effect: 'certify', validDays: 7 } })));
    expect(found).toMatchObject({ effect: 'certify', validDays: 7, basis: { rule: 'a' }, trace: [{ id: 'a-only' }, { id: 'b-only' }] });
  });

  test.each([
    [[rule('a', yes), rule('b', no)], 'not-met'],
    [[rule('b', no), rule('a', yes)], 'not-met'],
    [[rule('a', yes), rule('b', silent)], 'insufficient'],
  ] as const)('one that is not met pends, wherever it stands', (rules, truth) => {
    expect(decide(packOf(...rules))).toMatchObject({ effect: 'pend', truth, basis: { rule: 'b' } });
  });

  test('a rule not shown to apply does not take part', () => {
    expect(decide(packOf(rule('a', yes), rule('b', no, { applies: silent })))).toMatchObject({ effect: 'certify' });
    expect(decide(packOf(rule('b', yes, { applies: silent })))).toMatchObject({ effect: 'pend', trace: [], basis: { title: 'No criterion covers this service' } });
  });

  test('asked is only what could still settle the rule', () => {
    const criteria = { any: [{ all: [criterionOf('settled', no), criterionOf('moot', silent)] }, criterionOf('open', silent)] };
    const found = decide(packOf(rule('a', yes, { criteria, requests: [askFor('moot'), askFor('open'), { ...askFor('open'), when: 'not-met' }] })));
    expect(found.requests).toEqual([{ code: { system: LOINC, code: 'open' }, text: 'open', criterion: 'open' }]);
    expect(found.explanation).toContain('open: open.');
  });

  test('a request that a questionnaire asks for names it', () => {
    const questionnaire = 'https://gulf.example/Questionnaire/open|1';
    const found = decide(packOf(rule('a', yes, { criteria: { id: 'open', text: 'open', test: { fact: 'answer', linkId: 'x', equals: true } }, requests: [{ ...askFor('open'), questionnaire }] })));
    expect(found.requests).toEqual([{ code: { system: LOINC, code: 'open' }, text: 'open', criterion: 'open', questionnaire }]);
  });
});
