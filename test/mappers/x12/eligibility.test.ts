/** 270 questions and 271 answers: what is asked of whom, and an answer that keeps to its guide and repeats what it must. */
import { describe, expect, test } from '@jest/globals';
import type { Coverage, CoverageEligibilityRequest, Patient } from '@medplum/fhirtypes';
import { type EligibilityAnswer, eligibilityResponse } from '../../../mappers/x12/eligibility/answer.ts';
import { guideOf } from '../../../mappers/x12/grammar/guides.ts';
import { walkGuide } from '../../../mappers/x12/grammar/walk.ts';
import { mapInterchange, type MappedUnit, type Segment } from '../../../mappers/x12/index.ts';
import { corpusFiles } from '../../fixtures/x12/corpus.ts';
import { danglingIn, invalidIn, packagesAreHere, untrueIn } from '../sound.ts';

const stamps = { controlNumber: '0007', date: '20260602', time: '0800' };

function delivery(...levels: readonly string[]): Uint8Array {
  const segments = ['ST*270*0001*005010X279A1', 'BHT*0022*13*ASK1*20260601*1200', 'HL*1**20*1', 'NM1*PR*2*PLAN*****PI*P1', 'HL*2*1*21*1', 'NM1*1P*2*CLINIC*****XX*1234567893', ...levels];
  return Buffer.from(['ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*1200*^*00501*000000001*0*P*:', 'GS*HS*S*R*20260601*1200*1*X*005010X279A1', ...segments, `SE*${segments.length + 1}*0001`, 'GE*1*1', 'IEA*1*000000001'].join('~').concat('~'));
}

const subscriber = ['HL*3*2*22*0', 'TRN*1*T1*9SAMPLEORG', 'NM1*IL*1*DOE*JANE****MI*M1', 'DMG*D8*19850515', 'DTP*291*D8*20260701', 'EQ*30^35'];
const family = ['HL*3*2*22*1', 'NM1*IL*1*DOE*JANE****MI*M1', 'HL*4*3*23*0', 'TRN*1*T2*9SAMPLEORG', 'NM1*03*1*DOE*BABY', 'DMG*D8*20240101', 'EQ*30'];
const patient: Patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'DOE', given: ['JANE', 'ANN'] }], birthDate: '1985-05-15', gender: 'female', address: [{ line: ['1 MAIN ST'], city: 'COLUMBUS', state: 'OH', postalCode: '43215' }] };
const coverage: Coverage = { resourceType: 'Coverage', id: 'c', status: 'active', beneficiary: { reference: 'Patient/p' }, payor: [{ reference: 'Organization/o' }], period: { start: '2026-01-01' }, class: [{ type: { coding: [{ code: 'plan' }] }, value: 'GOLD', name: 'GOLD PPO' }, { type: { coding: [{ code: 'group' }] }, value: 'G1' }] };

const unitsOf = (...levels: readonly string[]): MappedUnit[] => [...mapInterchange(delivery(...levels))];
const written = (segments: readonly Segment[]): string[] => segments.map(({ id, elements }) => [id, ...elements.map(([components]) => components!.join(':'))].join('*').replace(/\*+$/, ''));
const answered = (units: readonly MappedUnit[], answer: EligibilityAnswer): Segment[] => eligibilityResponse(units.map(({ question }) => ({ question: question!, answer })), stamps);
/** Positions as a reader would give them. */
const faultsOf = (segments: readonly Segment[]): string[] => walkGuide(segments.map(({ id, elements, offset }, index) => ({ id, elements, offset, position: index + 1 })), guideOf('271', '005010X279A1')!).errors.map(({ segmentId, position, text }) => `${segmentId} ${position} ${text}`);

describe('a question', () => {
  test('about a subscriber', () => {
    const [unit, ...more] = unitsOf(...subscriber);
    expect(more).toEqual([]);
    expect(unit).toMatchObject({ kind: 'eligibility', question: { referenceIdentification: 'ASK1', serviceTypes: ['30', '35'], day: '2026-07-01', subscriber: undefined, patient: { identifier: [{ value: 'M1' }], birthDate: '1985-05-15' } } });
    expect(unit!.bundle.entry![0]!.resource).toMatchObject({
      resourceType: 'CoverageEligibilityRequest', identifier: [{ system: 'urn:trnorg:9SAMPLEORG', value: 'T1' }], servicedDate: '2026-07-01', created: '2026-06-01',
      item: [{ category: { coding: [{ code: '30' }] } }, { category: { coding: [{ code: '35' }] } }],
    } satisfies Partial<CoverageEligibilityRequest>);
  });

  test('about a dependent alone: the subscriber is there for him', () => {
    const units = unitsOf(...family);
    expect(units).toHaveLength(1);
    expect(units[0]!.question).toMatchObject({ patient: { name: [{ family: 'DOE', given: ['BABY'] }] }, subscriber: { identifier: [{ value: 'M1' }] } });
  });

  test('with a segment that no guide has there is refused', () => expect(unitsOf(...subscriber, 'UM*HS')[0]).toMatchObject({ kind: 'refused', bundle: { type: 'collection' } }));
  test('without any subscriber is refused', () => expect(unitsOf()[0]).toMatchObject({ kind: 'refused', acknowledgement: { code: 'R' } }));
});

describe('an answer', () => {
  test('of a member in force', () => {
    const segments = answered(unitsOf(...subscriber), { kind: 'found', patient, coverage, inForce: true, day: '2026-07-01' });
    expect(written(segments)).toEqual([
      'ST*271*0007*005010X279A1', 'BHT*0022*11*ASK1*20260602*0800', 'HL*1**20*1', 'NM1*PR*2*PLAN*****PI*P1', 'HL*2*1*21*1', 'NM1*1P*2*CLINIC*****XX*1234567893', 'HL*3*2*22*0', 'TRN*2*T1*9SAMPLEORG',
      'NM1*IL*1*DOE*JANE*ANN***MI*M1', 'N3*1 MAIN ST', 'N4*COLUMBUS*OH*43215', 'DMG*D8*19850515*F', 'EB*1**30**GOLD PPO', 'REF*6P*G1', 'DTP*346*D8*20260101', 'SE*16*0007',
    ]);
    expect(faultsOf(segments)).toEqual([]);
  });

  test.each<[string, EligibilityAnswer, string[]]>([
    ['whose coverage has ended', { kind: 'found', patient, coverage: { ...coverage, period: { start: '2025-01-01', end: '2025-12-31' } }, inForce: false, day: '2026-07-01' }, ['EB*6**30**GOLD PPO', 'REF*6P*G1', 'DTP*346*D8*20250101', 'DTP*347*D8*20251231']],
    ['without a coverage', { kind: 'found', patient, coverage: undefined, inForce: false, day: '2026-07-01' }, ['EB*6**30', 'DTP*291*D8*20260701']],
    ['whom nobody knows', { kind: 'rejected', rejection: { level: 'subscriber', code: '75', followUp: 'C' } }, ['AAA*N**75*C']],
    ['of a payer who is not here', { kind: 'rejected', rejection: { level: 'source', code: '42', followUp: 'R' } }, ['AAA*N**42*R']],
  ])('of a member %s', (_, answer, expected) => {
    const segments = answered(unitsOf(...subscriber), answer);
    expect(written(segments).filter((segment) => /^(EB|REF|DTP|AAA)/.test(segment))).toEqual(expected);
    expect(faultsOf(segments)).toEqual([]);
  });

  test('says where the services of the plan are, once, to whoever asks about somebody who is covered (HRex, ep-1)', () => {
    const url = 'https://plan.example/.well-known/davinci-configuration';
    const told = (units: readonly MappedUnit[], answer: EligibilityAnswer): Segment[] => eligibilityResponse(units.map(({ question }) => ({ question: question!, answer })), stamps, url);
    const two = unitsOf(...subscriber, 'HL*4*2*22*0', 'TRN*1*T9*9SAMPLEORG', 'NM1*IL*1*ROE*RAY****MI*M2', 'EQ*30');
    const inForce: EligibilityAnswer = { kind: 'found', patient, coverage, inForce: true, day: '2026-07-01' };
    const segments = told(two, inForce);
    expect(written(segments).slice(2, 6)).toEqual(['HL*1**20*1', 'NM1*PR*2*PLAN*****PI*P1', `PER*IC**UR*${url}`, 'HL*2*1*21*1']);
    expect(written(segments).filter((segment) => segment.startsWith('PER'))).toHaveLength(1);
    expect(faultsOf(segments)).toEqual([]);
    for (const answer of [{ ...inForce, inForce: false }, { kind: 'rejected', rejection: { level: 'subscriber', code: '75', followUp: 'C' } }] satisfies EligibilityAnswer[]) expect(written(told(two, answer)).join()).not.toContain('PER');
    const ofSponsor = [...mapInterchange(Buffer.from(Buffer.from(delivery(...subscriber)).toString().replace('NM1*PR', 'NM1*P5')))];
    expect(written(told(ofSponsor, inForce)).join()).not.toContain('PER');
  });

  test('about a dependent stands at the dependent', () => {
    const segments = answered(unitsOf(...family), { kind: 'found', patient: { ...patient, name: [{ family: 'DOE', given: ['BABY'] }] }, coverage, inForce: true, day: '2026-06-01' });
    expect(written(segments).slice(6, 11)).toEqual(['HL*3*2*22*1', 'NM1*IL*1*DOE*JANE****MI*M1', 'HL*4*3*23*0', 'TRN*2*T2*9SAMPLEORG', 'NM1*03*1*DOE*BABY']);
    expect(faultsOf(segments)).toEqual([]);
  });

  test('two questions of one asker share the levels over them', () => {
    const units = unitsOf(...subscriber, 'HL*4*2*22*0', 'TRN*1*T9*9SAMPLEORG', 'NM1*IL*1*ROE*RAY****MI*M2', 'EQ*30');
    const segments = answered(units, { kind: 'found', patient, coverage, inForce: true, day: '2026-06-01' });
    expect(written(segments).filter((segment) => segment.startsWith('HL'))).toEqual(['HL*1**20*1', 'HL*2*1*21*1', 'HL*3*2*22*0', 'HL*4*2*22*0']);
    expect(faultsOf(segments)).toEqual([]);
  });
});

const units = [delivery(...subscriber), delivery(...family), ...corpusFiles('x12-other').map(({ bytes }) => bytes)].flatMap((bytes) => [...mapInterchange(bytes)]).filter(({ kind }) => kind === 'eligibility');

describe.each(units.map((unit, index) => [`${index + 1}`, unit] as const))('question %s of the corpus', (_, { bundle, ledger }) => {
  (packagesAreHere ? test : test.skip)('is valid by R4', async () => expect(await invalidIn(bundle)).toEqual([]));
  test('leads nowhere wrong', () => {
    expect(danglingIn(bundle)).toEqual([]);
    expect(untrueIn(bundle, ledger)).toEqual([]);
  });
});
