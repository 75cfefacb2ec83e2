/** 277CA and 824: what a sender is told of claims and other units, in sets that keep to their own guides. */
import { expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { applicationAdvice, claimAcknowledgment, type Segment } from '../../../mappers/x12/index.ts';
import { guideOf } from '../../../mappers/x12/grammar/guides.ts';
import { walkGuide } from '../../../mappers/x12/grammar/walk.ts';

const stamps = { controlNumber: '0001', date: '20260602', time: '0800' };
const faultsOf = (segments: readonly Segment[], set: string, guide: string): string[] => walkGuide(segments.map(({ id, elements, offset }, index) => ({ id, elements, offset, position: index + 1 })), guideOf(set, guide)!).errors.map(({ segmentId, position, text }) => `${segmentId} ${position} ${text}`);
const written = (segments: readonly Segment[]): string[] => segments.map(({ id, elements }) => [id, ...elements.map(([components]) => components!.join(':'))].join('*').replace(/\*+$/, ''));

function claim(number: string, charge: number, provider = 'CLINIC'): Bundle {
  return {
    resourceType: 'Bundle', type: 'collection', entry: [
      { fullUrl: 'urn:1', resource: { resourceType: 'Claim', status: 'active', type: {}, use: 'claim', patient: { reference: 'urn:2' }, created: '2026', provider: { reference: 'urn:3' }, priority: {}, insurance: [], identifier: [{ value: number }], total: { value: charge }, item: [{ sequence: 1, productOrService: {}, servicedDate: '2026-05-01' }] } },
      { fullUrl: 'urn:2', resource: { resourceType: 'Patient', name: [{ family: 'DOE', given: ['JANE'] }], identifier: [{ type: { coding: [{ code: 'MB' }] }, value: 'M1' }] } },
      { fullUrl: 'urn:3', resource: { resourceType: 'Organization', name: provider, identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }] } },
    ],
  };
}

const about = { payer: { name: 'PLAN', number: 'P1' }, submitter: { name: 'HOUSE', number: 'S1' }, batch: 'B1' };

test('claims taken and refused stand under their provider, with the sums over them', () => {
  const segments = claimAcknowledgment({ ...about, claims: [{ state: 'accepted', codes: [], bundle: claim('A1', 100.1) }, { state: 'rejected', codes: ['invariant-broken'], bundle: claim('A2', 20.25) }, { state: 'accepted', codes: [], bundle: claim('A3', 1, 'OTHER') }] }, stamps);
  expect(written(segments)).toEqual([
    'ST*277*0001*005010X214', 'BHT*0085*08*B1*20260602*0800*TH', 'HL*1**20*1', 'NM1*PR*2*PLAN*****PI*P1', 'TRN*1*B1', 'DTP*050*D8*20260602', 'DTP*009*D8*20260602', 'HL*2*1*21*1', 'NM1*41*2*HOUSE*****46*S1', 'TRN*2*B1',
    'STC*A1:19:PR*20260602*WQ*121.35', 'QTY*90*2', 'QTY*AA*1', 'AMT*YU*101.1', 'AMT*YY*20.25',
    'HL*3*2*19*1', 'NM1*85*2*CLINIC*****XX*1234567893', 'HL*4*3*PT*0', 'NM1*QC*1*DOE*JANE****MI*M1', 'TRN*2*A1', 'STC*A2:20:PR*20260602*WQ*100.1', 'DTP*472*D8*20260501',
    'HL*5*3*PT*0', 'NM1*QC*1*DOE*JANE****MI*M1', 'TRN*2*A2', 'STC*A7:21:PR*20260602*U*20.25', 'DTP*472*D8*20260501',
    'HL*6*2*19*1', 'NM1*85*2*OTHER*****XX*1234567893', 'HL*7*6*PT*0', 'NM1*QC*1*DOE*JANE****MI*M1', 'TRN*2*A3', 'STC*A2:20:PR*20260602*WQ*1', 'DTP*472*D8*20260501', 'SE*35*0001',
  ]);
  expect(faultsOf(segments, '277', '005010X214')).toEqual([]);
});

test('claims that were all refused are told as a batch that was', () => {
  const segments = claimAcknowledgment({ ...about, claims: [{ state: 'rejected', codes: [], bundle: claim('A1', 5) }] }, stamps);
  expect(written(segments)).toEqual(expect.arrayContaining(['STC*A3:19:PR*20260602*U*5', 'QTY*AA*1', 'AMT*YY*5']));
  expect(faultsOf(segments, '277', '005010X214')).toEqual([]);
});

test.each([
  ['all taken', [['accepted', []]], 'TA', []],
  ['some taken', [['accepted', []], ['rejected', ['duplicate-key']]], 'TP', ['TED*024*Unit 2, duplicate-key']],
  ['none taken', [['rejected', []]], 'TR', ['TED*024*Unit 1, not taken']],
] as const)('an application advice: %s', (_, units, code, told) => {
  const segments = applicationAdvice({ submitter: { name: 'PLAN', number: 'P1' }, receiver: { name: 'EMPLOYER', number: 'E1' }, group: '7', set: { identifier: '834', controlNumber: '0009', guide: '005010X220A1' }, units: units.map(([state, codes], index) => ({ state, codes, ordinal: index + 1 })) }, stamps);
  expect(written(segments).filter((segment) => /^(OTI|TED)/.test(segment))).toEqual([`OTI*${code}*TN*0009*****7*0009*834*005010X220A1`, ...told]);
  expect(faultsOf(segments, '824', '005010X186A1')).toEqual([]);
});
