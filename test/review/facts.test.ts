/**
 * What is read from a Bundle, where it was read, and what is not taken for a fact.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inCodeSets } from '../../review/facts/codes.ts';
import { addDays, daysBetween, isDay, readDays, yearsBetween } from '../../review/facts/dates.ts';
import { itemFacts } from '../../review/facts/item.ts';
import { readQuantity } from '../../review/facts/measures.ts';
import { patientFacts } from '../../review/facts/patient.ts';
import { readSubmission } from '../../review/facts/submission.ts';
import { HCPCS, ICD10, LOINC, observation, requestBundle, type Wanted } from './demo.ts';

const CANCELLED = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled';
const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const TEMP = 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes';

const item = (wanted: Wanted) => itemFacts(readSubmission(requestBundle(wanted)), 1);
const patient = (wanted: Wanted, member = {}) => patientFacts(readSubmission(requestBundle(wanted)), member);

const timing = (code: string, date: string) => ({ category: { coding: [{ system: TEMP, code }] }, timingDate: date });
const about = (subject: unknown) => patient({ resources: [observation('59408-5', 86, '%', '2026-06-01', { subject })] }).observations;
const concept = (system: string, code: string) => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] });
const standing = (verification: string | undefined, clinical: string | undefined) =>
  patient({
    resources: [{
      resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/P' }, code: { coding: [{ system: ICD10, code: 'I10' }] },
      ...(verification === undefined ? {} : { verificationStatus: concept('condition-ver-status', verification) }),
      ...(clinical === undefined ? {} : { clinicalStatus: concept('condition-clinical', clinical) }),
    }],
  }).conditions.map((fact) => `${fact.standing} ${fact.present}`);
const response = (status: string) => ({
  resourceType: 'QuestionnaireResponse', id: 'q', status, subject: { reference: 'Patient/P' }, questionnaire: 'urn:q|2',
  item: [
    { linkId: 'a', answer: [{ valueBoolean: true, item: [{ linkId: 'a.1', answer: [{ valueString: 'text' }, { valueQuantity: { value: 2, code: 'h' } }] }] }] },
    { linkId: 'b', item: [{ linkId: 'b.1', answer: [{ valueCoding: { system: 'urn:s', code: 'x' } }, { valueCoding: { code: 'x' } }, {}] }] },
  ],
});
const bundleInfo = (cancelled: boolean) => ({ supportingInfo: [{ valueReference: { reference: 'Bundle/dtr' }, ...(cancelled ? { modifierExtension: [{ url: CANCELLED, valueBoolean: true }] } : {}) }] });
const codeOf = ({ value }: { value: { code: string } }) => value.code;

describe('dates', () => {
  test.each(['', '2026-13', '2026-02-29', '2026-00-10', '2026-1-1', '26-01-01', '0026-01-01', '2026-01-01 10:00', '2026-01-01T', 20_260_101, null, undefined])('%j is no date', (text) => {
    expect(readDays(text)).toBeUndefined();
  });

  test.each([
    ['2026', '2026-01-01', '2026-12-31'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2024-02-29', '2024-02-29', '2024-02-29'],
    ['2026-03-01T23:30:00-05:00', '2026-03-01', '2026-03-01'],
    ['2026-03-01T23:30:00.123Z', '2026-03-01', '2026-03-01'],
  ])('%s means %s to %s', (text, from, to) => {
    expect(readDays(text)).toEqual({ from, to });
  });

  test('counting days and years', () => {
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
    expect(daysBetween('2026-01-31', '2026-01-01')).toBe(-30);
    expect(yearsBetween('2008-06-15', '2026-06-14')).toBe(17);
    expect(yearsBetween('2008-06-15', '2026-06-15')).toBe(18);
    expect(yearsBetween('2008-02-29', '2026-02-28')).toBe(17);
    expect([isDay('2026-06'), isDay('2026-06-01'), isDay('2026-06-01T00:00:00Z')]).toEqual([false, true, false]);
  });
});

describe('codes', () => {
  test.each([
    ['http for https', 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'E1390', HCPCS, 'E1390'],
    ['an X12 value set for its code system', 'https://valueset.x12.org/x217/005010/request/2000F/UM/1/03/00/1365', '3', 'https://codesystem.x12.org/005010/1365', '3'],
    ['ICD-10 without a dot', ICD10, 'G4733', ICD10, 'G47.33'],
    ['ICD-10 in small letters', ICD10, 'g47.33', ICD10, 'G47.33'],
  ])('read as the same: %s', (_case, system, code, setSystem, setCode) => {
    expect(inCodeSets({ system, code }, [{ system: setSystem, codes: [setCode] }])).toBe('in');
  });

  test('a code of a system no set speaks is not known, one of its system is out', () => {
    const sets = [{ system: HCPCS, codes: ['E1390'], prefixes: ['V5'] }];
    expect(inCodeSets({ system: 'urn:other', code: 'E1390' }, sets)).toBe('unknown');
    expect(inCodeSets({ system: HCPCS, code: 'E139' }, sets)).toBe('out');
    expect(inCodeSets({ system: HCPCS, code: 'V5261' }, sets)).toBe('in');
  });
});

describe('quantities', () => {
  test.each([{}, { value: '7' }, { value: null }, { value: 7, comparator: '~' }, { value: Number.NaN }, [], 'x', undefined])('%j is none', (input) => {
    expect(readQuantity(input)).toBeUndefined();
  });

  test('comparators open a side', () => {
    expect(readQuantity({ value: 7, comparator: '<', code: 'kg' })).toEqual({ low: -Infinity, lowOpen: true, high: 7, highOpen: true, unit: 'kg' });
    expect(readQuantity({ value: 7, comparator: '>=', unit: 'kilo' })).toEqual({ low: 7, lowOpen: false, high: Infinity, highOpen: true, unit: 'kilo' });
  });
});

describe('an item', () => {
  test('every fact with its place', () => {
    const found = item({ item: { quantity: { value: 3, code: 'VS' }, category: { coding: [{ system: 'urn:c', code: '42' }] }, locationCodeableConcept: { coding: [{ code: 'no system' }, { system: 'urn:p', code: '12' }] } } });
    const reference = 'https://provider.example/fhir/Claim/C';
    const path = 'Claim.item.where(sequence=1)';
    expect(found).toEqual({
      services: [{ value: { system: HCPCS, code: 'E1390' }, source: { reference, expression: `${path}.productOrService.coding[0]` } }],
      servicesComplete: true,
      serviceCategories: [{ value: { system: 'urn:c', code: '42' }, source: { reference, expression: `${path}.category.coding[0]` } }],
      placesOfService: [{ value: { system: 'urn:p', code: '12' }, source: { reference, expression: `${path}.location.coding[1]` } }],
      performers: [],
      requestTypes: [{ value: { system: 'https://codesystem.x12.org/005010/1525', code: 'HS' }, source: { reference, expression: `${path}.extension.where(url='${PAS}/extension-serviceItemRequestType').value.coding[0]` } }],
      certificationTypes: [{ value: { system: 'https://codesystem.x12.org/005010/1322', code: 'I' }, source: { reference, expression: `${path}.extension.where(url='${PAS}/extension-certificationType').value.coding[0]` } }],
      extent: { quantity: { value: 3, unit: 'VS' }, modifiers: [], revenue: [], places: ['{"coding":[{"code":"no system"},{"system":"urn:p","code":"12"}]}'] },
      quantity: { value: { low: 3, lowOpen: false, high: 3, highOpen: false, unit: 'VS' }, source: { reference, expression: `${path}.quantity` } },
      serviceDays: { kind: 'stated', value: { from: '2026-06-15', to: '2026-06-15' }, source: { reference, expression: `${path}.serviced` } },
      diagnoses: [{ value: { system: ICD10, code: 'J44.9' }, source: { reference, expression: 'Claim.diagnosis[0].diagnosis.coding[0]' } }],
    });
  });

  test('service days: the item first, then the event, then the admission', () => {
    const claim = { supportingInfo: [timing('admissionDates', '2026-07-02'), timing('patientEvent', '2026-07-01')] };
    const undated = { servicedDate: undefined } as unknown as NonNullable<Wanted['item']>;
    expect(item({ claim }).serviceDays).toMatchObject({ value: { from: '2026-06-15' } });
    expect(item({ claim, item: undated }).serviceDays).toMatchObject({ value: { from: '2026-07-01' }, source: { expression: 'Claim.supportingInfo[1].timing' } });
    expect(item({ claim: { supportingInfo: claim.supportingInfo.slice(0, 1) }, item: undated }).serviceDays).toMatchObject({ value: { from: '2026-07-02' } });
    expect(item({ item: undated }).serviceDays).toEqual({ kind: 'none' });
  });

  test.each([
    ['a date that is none', { servicedDate: 'soon' }],
    ['a period without a start', { servicedDate: undefined, servicedPeriod: { end: '2026-07-01' } }],
    ['a period that ends before it begins', { servicedDate: undefined, servicedPeriod: { start: '2026-07-02', end: '2026-07-01' } }],
  ])('service days that cannot be read stay so: %s', (_case, change) => {
    expect(item({ item: change as NonNullable<Wanted['item']> }).serviceDays).toEqual({ kind: 'unreadable' });
  });

  test('diagnoses it points to, else all', () => {
    const diagnosis = ['J44.9', 'M54.5'].map((code, index) => ({ sequence: index + 1, diagnosisCodeableConcept: { coding: [{ system: ICD10, code }] } }));
    expect(item({ claim: { diagnosis } }).diagnoses).toHaveLength(2);
    expect(item({ claim: { diagnosis }, item: { diagnosisSequence: [2] } }).diagnoses).toMatchObject([{ value: { code: 'M54.5' } }]);
  });

  test.each([
    ['withdrawn', { modifierExtension: [{ url: CANCELLED, valueBoolean: true }] }],
    ['changed by a modifier nobody knows', { modifierExtension: [{ url: 'urn:not' }] }],
    ['with modifiers that are no list', { modifierExtension: 'x' }],
  ])('%s: no facts', (_case, change) => {
    expect(item({ item: change as NonNullable<Wanted['item']> })).toMatchObject({ services: [], servicesComplete: false, diagnoses: [], serviceDays: { kind: 'unreadable' } });
  });

  test('details with services of their own make the code incomplete', () => {
    expect(item({ item: { detail: [{ sequence: 1, productOrService: { text: 'more' } }] } }).servicesComplete).toBe(false);
  });

  test('a code without its system makes the service incomplete', () => {
    expect(item({ item: { productOrService: { coding: [{ system: HCPCS, code: 'E1390' }, { code: 'E0601' }] } } })).toMatchObject({ services: [{ value: { code: 'E1390' } }], servicesComplete: false });
  });

  test('only the first entry is the Claim that is decided', () => {
    const bundle = requestBundle();
    bundle.entry?.reverse();
    expect(itemFacts(readSubmission(bundle), 1).services).toEqual([]);
  });
});

describe('the patient', () => {
  test('what is about someone else, or about nobody, is no fact', () => {
    expect(about({ reference: 'Patient/P' })).toHaveLength(1);
    expect(about({ reference: 'https://provider.example/fhir/Patient/P' })).toHaveLength(1);
    expect(about({ reference: 'Patient/P/_history/3' })).toHaveLength(1);
    for (const subject of [{ reference: 'Patient/Q' }, { reference: 'https://elsewhere.example/fhir/Patient/P' }, { display: 'P' }, undefined, 'Patient/P']) expect(about(subject)).toEqual([]);
  });

  test('a name two patients share is nobody', () => {
    const bundle = requestBundle({ resources: [observation('59408-5', 86, '%', '2026-06-01')] });
    bundle.entry?.push({ fullUrl: 'https://elsewhere.example/fhir/Patient/P', resource: { resourceType: 'Patient', id: 'P' } });
    expect(patientFacts(readSubmission(bundle), {}).observations).toEqual([]);
  });

  test('birth and gender: the payer knows best, and a request that disagrees makes them unknown', () => {
    expect(patient({}, { birthDate: '1950-02-01', gender: 'female' })).toMatchObject({ birth: { source: { reference: 'payer-record' } }, gender: { value: 'female' } });
    expect(patient({})).toMatchObject({ birth: { value: { from: '1950-02-01' }, source: { reference: 'https://provider.example/fhir/Patient/P', expression: 'Patient.birthDate' } } });
    const differing = patient({}, { birthDate: '1950-02-02', gender: 'male' });
    expect([differing.birth, differing.gender]).toEqual([undefined, undefined]);
  });

  test('the requester by every identifier', () => {
    expect(patient({}).requester.map(({ value }) => value)).toEqual(['1234567893', 'http://hl7.org/fhir/sid/us-npi|1234567893']);
  });

  test('components of an observation are values of their own', () => {
    const pressure = observation('85354-9', 0, '', '2026-06-01', { valueQuantity: undefined, component: [{ code: { coding: [{ system: LOINC, code: '8480-6' }] }, valueQuantity: { value: 150, code: 'mm[Hg]' } }, 'broken', { code: {} }] });
    expect(patient({ resources: [pressure] }).observations).toMatchObject([{ codes: [{ code: '8480-6' }], value: { low: 150 }, source: { expression: 'Observation.component[0].value' } }]);
  });

  test('conditions say how sure they are', () => {
    expect(standing('confirmed', 'active')).toEqual(['confirmed active']);
    expect(standing(undefined, 'resolved')).toEqual(['confirmed past']);
    expect(standing(undefined, undefined)).toEqual(['uncertain unknown']);
    expect(standing('provisional', 'active')).toEqual(['uncertain active']);
    expect(standing('refuted', undefined)).toEqual(['refuted unknown']);
    expect(standing('entered-in-error', 'active')).toEqual([]);
  });

  test('answers at any depth, in order, of finished responses only', () => {
    expect(patient({ resources: [response('in-progress')] }).answers).toEqual([]);
    const found = patient({ resources: [response('completed')] }).answers;
    expect(found.map(({ linkId, value, source }) => [linkId, value.kind, source.expression])).toEqual([
      ['a', 'boolean', 'QuestionnaireResponse.item[0].answer[0].value'],
      ['a.1', 'text', 'QuestionnaireResponse.item[0].answer[0].item[0].answer[0].value'],
      ['a.1', 'measure', 'QuestionnaireResponse.item[0].answer[0].item[0].answer[1].value'],
      ['b.1', 'code', 'QuestionnaireResponse.item[1].item[0].answer[0].value'],
    ]);
    expect(found[0]?.questionnaire).toBe('urn:q|2');
  });

  test('a response nested two thousand deep is read like any other', () => {
    let nested: object = { linkId: 'deep', answer: [{ valueBoolean: true }] };
    for (let depth = 0; depth < 2000; depth += 1) nested = { linkId: 'x', item: [nested] };
    const found = patient({ resources: [{ resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', subject: { reference: 'Patient/P' }, item: [nested] }] });
    expect(found.answers).toMatchObject([{ linkId: 'deep' }]);
  });

  test('documents by their type and by the report type the Claim gives them', () => {
    const document = { resourceType: 'DocumentReference', id: 'd', status: 'current', subject: { reference: 'Patient/P' }, type: { coding: [{ system: LOINC, code: '34117-2' }] }, content: [{ attachment: { data: 'eA==' } }] };
    const supportingInfo = [{ valueReference: { reference: 'DocumentReference/d' }, extension: [{ url: `${PAS}/extension-documentInformation`, extension: [{ url: 'reportTypeCode', valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/755', code: '77' }] } }] }] }];
    expect(patient({ resources: [document], claim: { supportingInfo } }).documents.map(({ value }) => value.code)).toEqual(['34117-2', '77']);
    expect(patient({ resources: [{ ...document, status: 'superseded' }], claim: { supportingInfo } }).documents).toEqual([]);
  });

  test('a resource inside a Bundle that came along counts, until the Bundle is withdrawn', () => {
    const inner = { resourceType: 'Bundle', id: 'dtr', type: 'collection', entry: [{ fullUrl: 'urn:uuid:1', resource: observation('59408-5', 86, '%', '2026-06-01') }] };
    expect(patient({ resources: [inner], claim: bundleInfo(false) }).observations).toMatchObject([{ source: { reference: 'urn:uuid:1' } }]);
    expect(patient({ resources: [inner], claim: bundleInfo(true) }).observations).toEqual([]);
  });

  test('a resource with a modifier extension is not understood, so it is not read', () => {
    expect(patient({ resources: [observation('59408-5', 86, '%', '2026-06-01', { modifierExtension: [{ url: 'urn:not' }] })] }).observations).toEqual([]);
  });
});

const examples = join(process.cwd(), '../shared/pas-examples/ig-pas-2.2.1');
const onExamples = existsSync(examples) ? describe : describe.skip;
onExamples('official PAS examples (skipped where ../shared/pas-examples is absent)', () => {
  test.each([
    ['ReferralAuthorizationBundleExample', ['3'], ['3'], ['11'], ['SC'], ['G89.4'], 'none'],
    ['HomecareAuthorizationBundleExample', ['G0154'], ['42'], ['11'], ['HS'], [], 'none'],
    ['MedicalServicesAuthorizationBundleExample', ['99212'], ['1'], ['11'], ['IN'], [], '2005-05-10 2005-05-10'],
    ['SurgicalRequestBundleExample', ['33510'], ['2'], ['21'], ['AR'], ['C18.9'], '2020-07-02 2020-07-09'],
  ])('%s', (name, services, categories, places, types, diagnoses, days) => {
    const submission = readSubmission(JSON.parse(readFileSync(join(examples, `Bundle-${name}.json`), 'utf8')));
    const found = itemFacts(submission, 1);
    expect([found.services.map(codeOf), found.serviceCategories.map(codeOf), found.placesOfService.map(codeOf), found.requestTypes.map(codeOf), found.diagnoses.map(codeOf)]).toEqual([services, categories, places, types, diagnoses]);
    expect(found.serviceDays.kind === 'stated' ? `${found.serviceDays.value.from} ${found.serviceDays.value.to}` : found.serviceDays.kind).toBe(days);
    expect(patientFacts(submission, {})).toMatchObject({ gender: { value: 'male' } });
  });
});
