/**
 * The demo packs, rule by rule: every way a request can come out of them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import { evaluate } from '../../review/engine/evaluate.ts';
import type { ClinicalRecommendation, ItemRecommendation, ReviewRequest } from '../../review/engine/types.ts';
import { loadPacks } from '../../review/policies/load.ts';
import { selectPack } from '../../review/policies/select.ts';
import { HCPCS, LOINC, observation, requestBundle, reviewRequest, type Wanted } from './demo.ts';

const packs = await loadPacks(join(process.cwd(), 'review/demo'));
const gold = selectPack(packs, 'DEMO-GOLD', '2026-06-10');
const basic = selectPack(packs, 'DEMO-BASIC', '2026-06-10');
const basicCoverage = { plan: 'DEMO-BASIC', status: 'active' } as const;

function decide(wanted: Wanted = {}, more: Partial<ReviewRequest> = {}, pack = gold): ItemRecommendation {
  const [first, ...others] = evaluate(pack, reviewRequest(wanted, more));
  if (first === undefined || others.length > 0) throw new Error('one item, one recommendation');
  return first;
}

function clinical(wanted: Wanted, more: Partial<ReviewRequest> = {}): ClinicalRecommendation {
  const found = decide(wanted, more);
  if (found.kind !== 'clinical') throw new Error(`expected a clinical recommendation, got ${found.effect}`);
  return found;
}

const hcpcs = (code: string) => ({ system: HCPCS, code });

test('the plans have rules, and Gold has one version for each day', () => {
  expect(packs.map(({ pack, version }) => `${pack} ${version}`)).toEqual(['demo-basic 1.0', 'demo-gold 2025.1', 'demo-gold 2026.1', 'demo-showcase 1.0']);
  expect(selectPack(packs, 'DEMO-GOLD', '2025-12-31')?.version).toBe('2025.1');
  expect(selectPack(packs, 'DEMO-GOLD', '2026-01-01')?.version).toBe('2026.1');
  expect(selectPack(packs, 'DEMO-GOLD', '1999-12-31')).toBeUndefined();
  expect(selectPack(packs, 'OTHER', '2026-01-01')).toBeUndefined();
});

describe('eligibility and coverage dates', () => {
  test('no coverage on record', () => {
    expect(decide({}, { coverage: undefined })).toMatchObject({ kind: 'administrative', effect: 'deny', reason: { code: { code: 'not-eligible' } }, basis: { rule: 'member-has-coverage' } });
  });

  test.each([
    ['ended before the service', { status: 'active', periodEnd: '2026-06-14' }],
    ['begins after the service', { status: 'active', periodStart: '2026-06-16' }],
    ['cancelled, no end stated, service still to come', { status: 'cancelled' }],
    ['cancelled with an end before the service', { status: 'cancelled', periodEnd: '2026-05-31' }],
  ] as const)('%s: denied', (_case, coverage) => {
    expect(decide({}, { coverage: { plan: 'DEMO-GOLD', ...coverage } })).toMatchObject({ kind: 'administrative', effect: 'deny', reason: { code: { code: 'coverage-terminated' } } });
  });

  test.each([
    ['status not known', { status: 'unknown' }, {}],
    ['cancelled, but its period takes the service in', { status: 'cancelled', periodEnd: '2026-12-31' }, {}],
    ['end of coverage cannot be read', { status: 'active', periodEnd: 'soon' }, {}],
    ['end of coverage known to the month of the service only', { status: 'active', periodEnd: '2026-06' }, {}],
    ['service reaches beyond the end of coverage', { status: 'active', periodEnd: '2026-06-20' }, { servicedDate: undefined, servicedPeriod: { start: '2026-06-15', end: '2026-07-15' } }],
    ['day of service cannot be read', { status: 'active', periodEnd: '2026-01-31' }, { servicedDate: '15/06/2026' }],
    ['no day of service, coverage yet to begin', { status: 'active', periodStart: '2026-07-01' }, { servicedDate: undefined }],
  ] as const)('%s: not denied', (_case, coverage, item) => {
    expect(decide({ item: item as Wanted['item'] & object }, { coverage: { plan: 'DEMO-GOLD', ...coverage } })).toMatchObject({ kind: 'clinical', effect: 'pend' });
  });

  test('no day of service and coverage ended before receipt: denied', () => {
    const item = { servicedDate: undefined } as unknown as NonNullable<Wanted['item']>;
    expect(decide({ item }, { coverage: { plan: 'DEMO-GOLD', status: 'active', periodEnd: '2026-06-09' } })).toMatchObject({ effect: 'deny' });
  });
});

describe('benefit exclusion', () => {
  test('an excluded code is denied, with the place it was read from', () => {
    const found = decide({ service: hcpcs('S9090') });
    expect(found).toMatchObject({ kind: 'administrative', effect: 'deny', reason: { code: { code: 'benefit-exclusion' } } });
    expect(found.trace[0]?.evidence).toEqual([
      { reference: 'https://provider.example/fhir/Claim/C', expression: 'Claim.item.where(sequence=1).productOrService.coding[0]', display: `S9090 (${HCPCS})` },
    ]);
  });

  test('a prefix takes in the codes below it, in the plan that lists it only', () => {
    expect(decide({ service: hcpcs('V5261') }, { coverage: basicCoverage }, basic)).toMatchObject({ effect: 'deny', reason: { code: { code: 'benefit-exclusion' } } });
    expect(decide({ service: hcpcs('V5261') })).toMatchObject({ effect: 'pend' });
  });

  test('a range of codes that begins with an excluded one is not denied', () => {
    const extension = [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-productOrServiceCodeEnd', valueCodeableConcept: { coding: [hcpcs('S9999')] } }];
    expect(decide({ service: hcpcs('S9090'), item: { extension } })).toMatchObject({ kind: 'clinical', effect: 'pend' });
  });

  test('denial comes before certification', () => {
    expect(decide({ service: hcpcs('S9090') }, { existing: [existing('S9090')] })).toMatchObject({ effect: 'deny', reason: { code: { code: 'benefit-exclusion' } } });
  });
});

function existing(code: string, more: Partial<ReviewRequest['existing'][number]> = {}): ReviewRequest['existing'][number] {
  return { authorizationNumber: 'A-77', itemSequence: 2, services: [hcpcs(code)], servicedFrom: '2026-06-01', servicedTo: '2026-08-31', requester: '1234567893', status: 'certified', ...more };
}

describe('duplicate', () => {
  test('Gold hands back the existing number, Basic refuses and names it', () => {
    expect(decide({}, { existing: [existing('E1390')] })).toMatchObject({ kind: 'administrative', effect: 'certify', existingNumber: 'A-77' });
    expect(decide({}, { existing: [existing('E1390')], coverage: basicCoverage }, basic)).toMatchObject({ kind: 'administrative', effect: 'deny', existingNumber: 'A-77', reason: { code: { code: 'duplicate' } } });
  });

  test.each([
    ['another service', { services: [hcpcs('E0424')] }],
    ['another requester', { requester: '9999999995' }],
    ['a requester nobody recorded', { requester: undefined }],
    ['other days', { servicedTo: '2026-06-14' }],
    ['days nobody recorded', { servicedFrom: undefined, servicedTo: undefined }],
    ['a pended one', { status: 'pended' }],
    ['a denied one', { status: 'denied' }],
  ] as const)('%s is no duplicate', (_case, change) => {
    expect(decide({}, { existing: [existing('E1390', change as Partial<ReviewRequest['existing'][number]>)] })).toMatchObject({ kind: 'clinical', effect: 'pend' });
  });

  const visits = (value: unknown, more: object = { code: 'VS' }): { quantity: object } => ({ quantity: { value, ...more } });
  const approved = (more: object = {}): ReviewRequest['existing'] => [existing('E1390', { extent: { quantity: { value: 2, unit: 'VS' }, modifiers: [], revenue: [], places: [], ...more } })];
  const place = (code: string): object => ({ locationCodeableConcept: { coding: [{ system: 'urn:place', code }] } });
  const modifier = { modifier: [{ coding: [{ system: 'urn:modifier', code: 'RR' }] }] };

  test.each<[string, object, ReviewRequest['existing']]>([
    ['as much', visits(2), approved()], ['less', visits(1), approved()], ['as much, in digits that are kept', visits(new Number('2.0')), approved()],
    ['in the same place', { ...visits(2), ...place('12') }, approved({ places: ['urn:place|12'] })], ['in a place where any was approved', { ...visits(2), ...place('12') }, approved()],
    ['once, where the approval says nothing', visits(1, {}), [existing('E1390')]], ['nothing said, where once was approved', {}, approved({ quantity: { value: 1, unit: '' } })],
    ['with the same modifier', { ...visits(2), ...modifier }, approved({ modifiers: ['urn:modifier|RR'] })],
  ])('%s is a duplicate', (_case, item, earlier) => {
    expect(decide({ item }, { existing: earlier })).toMatchObject({ kind: 'administrative', existingNumber: 'A-77' });
  });

  test.each<[string, object, ReviewRequest['existing']]>([
    ['more', visits(3), approved()], ['five hundred', visits(500), approved()], ['another unit', visits(2, { code: 'DA' }), approved()], ['no unit', visits(2, {}), approved()],
    ['no quantity', {}, approved()], ['a quantity where none was approved', visits(1), [existing('E1390')]], ['twice, where the approval says nothing', visits(2, {}), [existing('E1390')]], ['a quantity that cannot be read', visits('2'), approved()], ['"at least"', visits(2, { code: 'VS', comparator: '>=' }), approved()],
    ['another place', { ...visits(2), ...place('21') }, approved({ places: ['urn:place|12'] })], ['no place', visits(2), approved({ places: ['urn:place|12'] })],
    ['a modifier more', { ...visits(2), ...modifier }, approved()], ['a modifier less', visits(2), approved({ modifiers: ['urn:modifier|RR'] })],
    ['a higher price', { ...visits(2), unitPrice: { value: 90, currency: 'USD' } }, approved({ unitPrice: { value: 80, unit: 'USD' } })],
  ])('%s than was approved is for a person', (_case, item, earlier) => {
    expect(decide({ item }, { existing: earlier })).toMatchObject({ kind: 'clinical', effect: 'pend' });
  });

  test('an extension of an authorization is no duplicate of it', () => {
    const extension = [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-certificationType', valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/1322', code: '4' }] } }];
    expect(decide({ item: { extension } }, { existing: [existing('E1390')] })).toMatchObject({ kind: 'clinical' });
  });
});

describe('home oxygen', () => {
  const low = observation('59408-5', 86, '%', '2026-06-01');

  test('a low recent saturation certifies, with its evidence', () => {
    const found = clinical({ resources: [low] });
    expect(found).toMatchObject({ effect: 'certify', truth: 'met', validDays: 365, requests: [], basis: { pack: 'demo-gold', packVersion: '2026.1', rule: 'home-oxygen' } });
    const saturation = found.trace.find(({ id }) => id === 'oxygen-saturation');
    expect(saturation).toMatchObject({ truth: 'met', evidence: [{ reference: 'https://provider.example/fhir/Observation/obs-59408-5-2026-06-01', expression: 'Observation.value', display: '59408-5: 86 %, 2026-06-01' }] });
  });

  test.each([
    ['at the limit', [observation('59408-5', 88, '%', '2026-06-01')]],
    ['on the first day of the 30', [observation('59408-5', 86, '%', '2026-05-16')]],
    ['low arterial pressure', [observation('2703-7', 54, 'mm[Hg]', '2026-06-01')]],
    ['borderline with cor pulmonale', [observation('59408-5', 89, '%', '2026-06-01'), { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/P' }, clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] }, code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I27.81' }] } }]],
  ])('certified: %s', (_case, resources) => {
    expect(clinical({ resources })).toMatchObject({ effect: 'certify', truth: 'met' });
  });

  test.each([
    ['a saturation nobody can have', [observation('59408-5', -5, '%', '2026-06-01')]],
    ['a fraction called percent', [observation('59408-5', 0.93, '%', '2026-06-01')]],
    ['a comparator that may mean either', [observation('59408-5', 88, '%', '2026-06-01', { valueQuantity: { value: 88, comparator: '<', code: '%', system: 'http://unitsofmeasure.org' } })]],
    ['a pressure nobody can have', [observation('2703-7', 1, 'mm[Hg]', '2026-06-01')]],
  ])('waits for a person: %s', (_case, resources) => {
    expect(clinical({ resources })).toMatchObject({ effect: 'pend' });
  });

  test.each([
    ['no measurement', []],
    ['stale', [observation('59408-5', 86, '%', '2026-05-15')]],
    ['day not stated', [observation('59408-5', 86, '%', undefined)]],
    ['issued, but when measured nobody says', [observation('59408-5', 86, '%', undefined, { issued: '2026-06-01T10:00:00Z' })]],
    ['measured after receipt', [observation('59408-5', 86, '%', '2026-06-11')]],
    ['a fraction, not percent', [observation('59408-5', 0.86, '1', '2026-06-01')]],
    ['no unit', [observation('59408-5', 86, '%', '2026-06-01', { valueQuantity: { value: 86 } })]],
    ['unit code of another system', [observation('59408-5', 86, '%', '2026-06-01', { valueQuantity: { value: 86, code: '%', system: 'urn:local' } })]],
    ['another patient', [observation('59408-5', 86, '%', '2026-06-01', { subject: { reference: 'Patient/Q' } })]],
    ['no subject', [observation('59408-5', 86, '%', '2026-06-01', { subject: undefined })]],
    ['preliminary', [observation('59408-5', 86, '%', '2026-06-01', { status: 'preliminary' })]],
    ['entered in error', [observation('59408-5', 86, '%', '2026-06-01', { status: 'entered-in-error' })]],
    ['two of one day that disagree', [observation('59408-5', 86, '%', '2026-06-01'), observation('59408-5', 96, '%', '2026-06-01', { id: 'second' })]],
    ['value as text', [observation('59408-5', 86, '%', '2026-06-01', { valueQuantity: { value: '86', code: '%' } })]],
    ['bounded on the wrong side', [observation('59408-5', 80, '%', '2026-06-01', { valueQuantity: { value: 80, comparator: '>', code: '%' } })]],
    ['a later value that is normal', [observation('59408-5', 86, '%', '2026-05-20'), observation('59408-5', 96, '%', '2026-06-05')]],
  ])('pended for lack of evidence: %s', (_case, resources) => {
    const found = clinical({ resources });
    expect(found).toMatchObject({ effect: 'pend', truth: 'insufficient' });
    expect(found.requests.length).toBeGreaterThan(0);
  });

  test('asks for the measurements that could still settle it, and for nothing else', () => {
    expect(clinical({}).requests.map(({ criterion }) => criterion)).toEqual(['oxygen-saturation', 'oxygen-pressure']);
    expect(clinical({ resources: [observation('59408-5', 95, '%', '2026-06-01')] }).requests.map(({ criterion }) => criterion)).toEqual(['oxygen-pressure']);
  });

  test('normal values of both kinds pend as not met, and are never denied', () => {
    const found = clinical({ resources: [observation('59408-5', 97, '%', '2026-06-01'), observation('2703-7', 85, 'mm[Hg]', '2026-06-01')] });
    expect(found).toMatchObject({ effect: 'pend', truth: 'not-met', requests: [{ code: { system: LOINC, code: '11506-3' } }] });
    expect(found.explanation).toContain('a reviewer decides');
  });

  test('a diagnosis outside the list pends as not met, whatever the saturation', () => {
    expect(clinical({ diagnosis: 'M54.5', resources: [low] })).toMatchObject({ effect: 'pend', truth: 'not-met' });
  });

  test('a diagnosis without its dot, as X12 writes it, is the same', () => {
    expect(clinical({ diagnosis: 'J449', resources: [low] })).toMatchObject({ effect: 'certify' });
  });

  test('evidence the sender withdrew counts no more', () => {
    const supportingInfo = [{ sequence: 1, valueReference: { reference: 'Observation/obs-59408-5-2026-06-01' }, modifierExtension: [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled', valueBoolean: true }] }];
    expect(clinical({ resources: [low], claim: { supportingInfo } })).toMatchObject({ effect: 'pend', truth: 'insufficient' });
  });
});

const note = { resourceType: 'DocumentReference', id: 'd', status: 'current', subject: { reference: 'Patient/P' }, type: { coding: [{ system: LOINC, code: '34117-2' }] }, content: [{ attachment: { data: 'eA==' } }] };
const ahi = (value: number, date = '2026-03-01') => observation('69990-0', value, '/h', date);
const answers = (linkId: string, valueBoolean: boolean) => ({
  resourceType: 'QuestionnaireResponse', id: `qr-${linkId}`, status: 'completed', subject: { reference: 'Patient/P' },
  item: [{ linkId: 'group', item: [{ linkId, answer: [{ valueBoolean }] }] }],
});
const cpap = (resources: object[], more: Wanted = {}) => clinical({ service: hcpcs('E0601'), diagnosis: 'G47.33', resources, ...more });

describe('CPAP', () => {
  test.each([
    ['15 an hour', [note, ahi(15)]],
    ['evaluation told in the questionnaire', [answers('clinical-evaluation', true), ahi(22)]],
    ['5 an hour with symptoms', [note, ahi(5), answers('osa-symptoms', true)]],
  ])('certified for 12 weeks: %s', (_case, resources) => {
    expect(cpap(resources)).toMatchObject({ effect: 'certify', truth: 'met', validDays: 84 });
  });

  test.each([
    ['no sleep study', [note], ['cpap-ahi-15', 'cpap-symptoms']],
    ['a study older than a year', [note, ahi(30, '2025-06-01')], ['cpap-ahi-15', 'cpap-symptoms']],
    ['10 an hour and nothing on symptoms', [note, ahi(10)], ['cpap-symptoms']],
    ['no evaluation', [ahi(30)], ['cpap-evaluation']],
    ['an empty document', [ahi(30), { ...note, content: [{ attachment: {} }] }], ['cpap-evaluation']],
  ])('pended for lack of evidence: %s', (_case, resources, asked) => {
    const found = cpap(resources);
    expect(found).toMatchObject({ effect: 'pend', truth: 'insufficient' });
    expect([...new Set(found.requests.map(({ criterion }) => criterion))]).toEqual(asked);
  });

  test.each([
    ['4 an hour', [note, ahi(4)]],
    ['a child', [note, ahi(30)]],
  ])('pended as not met: %s', (title, resources) => {
    const child = title === 'a child';
    const found = clinical({ service: hcpcs('E0601'), diagnosis: 'G47.33', resources, ...(child ? { patient: { birthDate: '2008-06-16' } } : {}) }, child ? { member: { birthDate: '2008-06-16' } } : {});
    expect(found).toMatchObject({ effect: 'pend', truth: 'not-met' });
  });

  test('18 on the day of service is an adult; a birth date the payer has otherwise is none', () => {
    const member = { birthDate: '2008-06-15' };
    const wanted = { service: hcpcs('E0601'), diagnosis: 'G47.33', resources: [note, ahi(30)] };
    expect(clinical({ ...wanted, patient: member }, { member })).toMatchObject({ effect: 'certify' });
    expect(clinical({ ...wanted, patient: { birthDate: '1980-06-15' } }, { member })).toMatchObject({ effect: 'pend', truth: 'insufficient' });
  });
});

const visits = (value: number, code?: string) => clinical({ service: hcpcs('G0299'), item: { quantity: { value, ...(code === undefined ? {} : { code }) } } });

describe('home health', () => {
  test('certified up to the number of visits, pended above it and without a unit', () => {
    expect(visits(12, 'VS')).toMatchObject({ effect: 'certify', validDays: 60 });
    expect(visits(13, 'VS')).toMatchObject({ effect: 'pend', truth: 'not-met', requests: [{ criterion: 'home-health-visits' }] });
    expect(visits(3)).toMatchObject({ effect: 'pend', truth: 'insufficient' });
    expect(visits(3, 'UN')).toMatchObject({ effect: 'pend', truth: 'insufficient' });
  });

  test('the other plan has another threshold', () => {
    const item = { quantity: { value: 7, code: 'VS' } };
    expect(decide({ service: hcpcs('G0299'), item }, { coverage: basicCoverage }, basic)).toMatchObject({ effect: 'pend', truth: 'not-met' });
  });
});

describe('office consultation', () => {
  const consultation = { system: 'https://codesystem.x12.org/005010/1365', code: '3' };
  const office = { coding: [{ system: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set', code: '11' }] };

  test('certified in an office', () => {
    expect(decide({ service: consultation, item: { locationCodeableConcept: office } })).toMatchObject({ kind: 'administrative', effect: 'certify', validDays: 180, reason: { code: { code: 'no-authorization-needed' } } });
  });

  test('not certified elsewhere, nor where the place is not stated', () => {
    expect(decide({ service: consultation, item: { locationCodeableConcept: { coding: [{ ...office.coding[0]!, code: '21' }] } } })).toMatchObject({ effect: 'pend' });
    expect(decide({ service: consultation })).toMatchObject({ effect: 'pend' });
  });

  test('the general code does not carry a special one past the rules', () => {
    for (const special of [hcpcs('B4184'), { system: 'http://www.ama-assn.org/go/cpt', code: '99214' }]) {
      const productOrService = { coding: [consultation, special] };
      expect(decide({ item: { productOrService, locationCodeableConcept: office } })).toMatchObject({ kind: 'clinical', effect: 'pend' });
    }
  });

  test.each([{ system: 'http://snomed.info/sct', code: '11429006' }, { system: 'https://clinic.example/catalogue', code: 'V-12' }])('what it is called besides, in $system, is a translation', (translation) => {
    for (const coding of [[consultation, translation], [translation, consultation]]) {
      expect(decide({ item: { productOrService: { coding }, locationCodeableConcept: office } })).toMatchObject({ kind: 'administrative', effect: 'certify' });
    }
    expect(decide({ item: { productOrService: { coding: [translation, hcpcs('E1390')] } } }, { existing: [existing('E1390')] })).toMatchObject({ kind: 'administrative', effect: 'certify', existingNumber: 'A-77' });
    expect(decide({ item: { productOrService: { coding: [translation] }, locationCodeableConcept: office } })).toMatchObject({ kind: 'clinical', effect: 'pend' });
  });

  test('nor does a known authorization', () => {
    const productOrService = { coding: [hcpcs('E1390'), hcpcs('B4184')] };
    expect(decide({ item: { productOrService } }, { existing: [existing('E1390')] })).toMatchObject({ kind: 'clinical', effect: 'pend' });
  });
});

describe('what no rule covers', () => {
  test('a service without criteria pends and says so', () => {
    expect(clinical({ service: hcpcs('B4184') })).toMatchObject({ effect: 'pend', truth: 'insufficient', basis: { pack: 'demo-gold', title: 'No criterion covers this service' }, trace: [] });
  });

  test('no pack, a pack of another plan, an item that is not there', () => {
    expect(evaluate(undefined, reviewRequest())).toMatchObject([{ kind: 'clinical', effect: 'pend', basis: { title: 'No rules are in force for the plan' } }]);
    expect(evaluate(basic, reviewRequest({}, { coverage: { plan: 'DEMO-GOLD', status: 'cancelled' } }))).toMatchObject([{ kind: 'clinical', effect: 'pend' }]);
    expect(evaluate(gold, reviewRequest({}, { itemSequences: [9] }))).toMatchObject([{ itemSequence: 9, kind: 'clinical', effect: 'pend' }]);
  });

  test('two items with one sequence are neither certified nor denied', () => {
    const bundle = requestBundle({ service: hcpcs('S9090') });
    const claim = bundle.entry?.[0]?.resource;
    if (claim?.resourceType !== 'Claim') throw new Error('Claim first');
    claim.item?.push({ ...claim.item[0]! });
    expect(evaluate(gold, { ...reviewRequest(), claimBundle: bundle })).toMatchObject([{ kind: 'clinical', effect: 'pend' }]);
  });
});

const examples = join(process.cwd(), '../shared/pas-examples');
const read = (version: string, name: string) => JSON.parse(readFileSync(join(examples, `ig-pas-${version}`, `${name}.json`), 'utf8')) as Bundle;
const onExamples = existsSync(examples) ? describe : describe.skip;
onExamples('official PAS examples (skipped where ../shared/pas-examples is absent)', () => {
  const coverage = { plan: 'DEMO-GOLD', status: 'active' } as const;

  test.each(['2.0.1', '2.2.1'])('the referral of PAS %s is certified', (version) => {
    const claimBundle = read(version, 'Bundle-ReferralAuthorizationBundleExample');
    const found = evaluate(gold, reviewRequest({}, { claimBundle, coverage, member: {} }));
    expect(found).toMatchObject([{ kind: 'administrative', effect: 'certify', basis: { rule: 'office-consultation' } }]);
  });

  test('home care pends for the number of visits, and an item nobody has criteria for pends', () => {
    const claimBundle = read('2.2.1', 'Bundle-HomecareAuthorizationBundleExample');
    const found = evaluate(gold, reviewRequest({}, { claimBundle, coverage, member: {}, itemSequences: [1, 2] }));
    expect(found).toMatchObject([
      { itemSequence: 1, kind: 'clinical', effect: 'pend', truth: 'insufficient', basis: { rule: 'home-health-nursing' }, requests: [{ code: { code: '18776-5' } }] },
      { itemSequence: 2, kind: 'clinical', effect: 'pend', basis: { title: 'No criterion covers this service' } },
    ]);
  });

  test('the item an update cancels is not decided by rule', () => {
    const claimBundle = read('2.2.1', 'Bundle-HomecareAuthorizationUpdateBundleExample');
    expect(evaluate(gold, reviewRequest({}, { claimBundle, coverage, member: {}, itemSequences: [2] }))).toMatchObject([{ effect: 'pend', trace: [] }]);
  });
});
