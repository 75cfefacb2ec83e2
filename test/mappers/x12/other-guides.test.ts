/** The guides around the claim and the review (270, 271, 275, 277CA, 824, 834, 835): public files keep to them, and what is broken is told at its place. */
import { describe, expect, test } from '@jest/globals';
import { guideOf } from '../../../mappers/x12/grammar/guides.ts';
import { walkGuide } from '../../../mappers/x12/grammar/walk.ts';
import { readEnvelope } from '../../../mappers/x12/envelope.ts';
import { DEFAULT_LIMITS, tokenize } from '../../../mappers/x12/tokenizer.ts';
import type { Segment } from '../../../mappers/x12/segment.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';

/** The transaction sets of a delivery, each with the faults that a 999 would tell: `severity segment position code/element/code`. */
function faultsIn(bytes: Uint8Array): { set: string; faults: string[] }[] {
  return tokenize(bytes, DEFAULT_LIMITS).interchanges.flatMap((interchange) => readEnvelope(interchange).groups.flatMap((group) => group.transactions.map(({ segments }) => {
    const [header] = segments as readonly Segment[];
    const [id = '', version = ''] = [header?.elements[0]?.[0]?.[0], header?.elements[2]?.[0]?.[0] ?? group.header.elements[7]?.[0]?.[0]];
    const guide = guideOf(id, version);
    const faults = guide === undefined ? ['no guide'] : walkGuide(segments, guide).errors.map(({ severity, segmentId, position, segmentCode, element }) => `${severity} ${segmentId} ${position} ${segmentCode}${element === undefined ? '' : `/${element.position}/${element.code}`}`);
    return { set: `${id} ${version}`, faults };
  })));
}

const envelope = (functional: string, guide: string, segments: readonly string[]): Uint8Array => {
  const body = [...segments, `SE*${segments.length + 1}*0001`];
  return Buffer.from([`ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*1200*^*00501*000000001*0*P*:`, `GS*${functional}*S*R*20260601*1200*1*X*${guide}`, ...body, 'GE*1*1', 'IEA*1*000000001'].join('~\n').concat('~\n'));
};

const remittance = (lines: readonly string[], ofClaim: readonly string[] = []): Uint8Array => envelope('HP', '005010X221A1', [
  'ST*835*0001', 'BPR*I*80*C*CHK************20260626', 'TRN*1*22222*1777777777', 'N1*PR*PLAN', 'N1*PE*CLINIC*XX*1234567893', 'LX*1', 'CLP*A1*1*100*80*20*12*P1*11*1', ...ofClaim, 'NM1*QC*1*DOE*JANE****MI*M1', ...lines,
]);

describe('the amounts of a remittance', () => {
  test('that balance', () => expect(faultsIn(remittance(['SVC*HC:99213*100*80**1', 'CAS*CO*45*20']))[0]?.faults).toEqual([]));

  test.each([
    ['a line', [], ['SVC*HC:99213*100*80**1', 'CAS*CO*45*10', 'CAS*PR*1*5'], ['warning CLP 7 8/4/I12', 'warning SVC 9 8/3/I12']],
    ['a claim', ['CAS*CO*45*10'], ['SVC*HC:99213*100*80**1', 'CAS*CO*45*20'], ['warning CLP 7 8/4/I12']],
    ['a payment', [], ['SVC*HC:99213*100*80**1', 'CAS*CO*45*20', 'PLB*1234567893*20261231*WO:A*5'], ['warning BPR 2 8/2/I12']],
  ])('that do not: %s', (_, ofClaim, lines, expected) => expect(faultsIn(remittance(lines, ofClaim))[0]?.faults).toEqual(expected));
});

const inquiry = (...segments: readonly string[]): Uint8Array => envelope('HS', '005010X279A1', ['ST*270*0001*005010X279A1', 'BHT*0022*13*1*20260601*1200', 'HL*1**20*1', 'NM1*PR*2*PLAN*****PI*P1', 'HL*2*1*21*1', 'NM1*1P*2*CLINIC*****XX*1234567893', ...segments]);

describe('an eligibility inquiry', () => {
  test('of a subscriber', () => expect(faultsIn(inquiry('HL*3*2*22*0', 'TRN*1*T1*9SAMPLEORG', 'NM1*IL*1*DOE*JANE****MI*M1', 'DMG*D8*19850515', 'EQ*30'))[0]?.faults).toEqual([]));
  test.each([
    ['without a subscriber', [], ['error HL 7 I7', 'error HL 7 3']],
    ['with a name that is none', ['HL*3*2*22*0', 'NM1*1P*1*DOE', 'EQ*30'], []],
    ['with a level under the wrong one', ['HL*3*1*22*0', 'NM1*IL*1*DOE*JANE****MI*M1', 'EQ*30'], ['error HL 7 8/2/7']],
    ['with an unknown segment', ['HL*3*2*22*0', 'NM1*IL*1*DOE*JANE****MI*M1', 'UM*HS', 'EQ*30'], ['error UM 9 6']],
    ['with an element that is too long', ['HL*3*2*22*0', `NM1*IL*1*${'D'.repeat(61)}`, 'EQ*30'], ['error NM1 8 8/3/5']],
  ])('%s', (_, segments, expected) => expect(faultsIn(inquiry(...segments))[0]?.faults).toEqual(expected.length === 0 ? expect.arrayContaining([expect.stringMatching(/^error NM1 8/)]) : expect.arrayContaining(expected.slice(-1))));
});

/** What each file is told, by its upstream name where it has one of these versions. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'cosyte/eligibility/270-dangling-parent.edi': ['270 005010X279A1: error HL 7 8/2/7, error SE 11 8'],
  'cosyte/eligibility/270-dependent.edi': ['270 005010X279A1: error SE 18 8'],
  'cosyte/eligibility/270-hl-cycle.edi': ['270 005010X279A1: error HL 5 8/2/7'],
  'cosyte/eligibility/270-minimal.edi': ['270 005010X279A1: error NM1 4 8/8/1, error NM1 4 8/9/1, error NM1 6 8/8/1, error NM1 6 8/9/1'],
  'cosyte/eligibility/270-quirk-linebreaks.edi': ['270 005010X279A1: '],
  'cosyte/eligibility/270-two-transactions.edi': ['270 005010X279A1: ', '270 005010X279A1: '],
  'cosyte/eligibility/271-aaa-before-hierarchy.edi': ['271 005010X279A1: error AAA 3 2, error AAA 4 2'],
  'cosyte/eligibility/271-aaa-dependent.edi': ['271 005010X279A1: error NM1 10 8/1/7'],
  'cosyte/eligibility/271-aaa-information-receiver.edi': ['271 005010X279A1: '],
  'cosyte/eligibility/271-aaa-information-source.edi': ['271 005010X279A1: '],
  'cosyte/eligibility/271-aaa-no-hierarchy-id.edi': ['271 005010X279A1: error HL 7 8/1/1, error HL 7 8/1/7'],
  'cosyte/eligibility/271-aaa-two-subscribers.edi': ['271 005010X279A1: '],
  'cosyte/eligibility/271-canonical.edi': ['271 005010X279A1: '],
  'cosyte/eligibility/271-no-benefits-no-aaa.edi': ['271 005010X279A1: '],
  'cosyte/enrollment/834-canonical.edi': ['834 005010X220A1: '],
  'cosyte/enrollment/834-edge.edi': ['834 005010X220A1: error DTP 3 8/3/1, error REF 5 7, error QTY 6 7, error N1 7 3, error N1 7 3, error DMG 8 2, error N3 9 2, error N4 10 2, error REF 11 3, error AMT 12 2, error N3 13 3, error N4 13 3, error NM1 13 3, error INS 14 8/1/1, error INS 14 8/3/1, error REF 15 3, error NM1 16 4, error N3 18 7, error N4 19 7, error HD 20 8/1/4, error DTP 21 8/3/1, error AMT 22 8/2/1, error SE 23 8'],
  'cosyte/golden/271.edi': ['271 005010X279A1: '],
  'cosyte/golden/277ca.edi': ['277 005010X214: '],
  'cosyte/golden/834.edi': ['834 005010X220A1: '],
  'cosyte/remit/835-imbalance.edi': ['835 005010X221A1: error N1 7 8/3/1, error N1 7 8/4/1, warning CLP 12 8/4/I12, warning SVC 15 8/3/I12, error SE 19 8'],
  'cosyte/status/277ca-canonical.edi': ['277 005010X214: '],
  'inteligenz/_270/_5010/Example1_IG.txt': ['270 005010X279: '],
  'inteligenz/_270/_5010/From_georgiosd.txt': ['271 005010X279A1: '],
  'inteligenz/_271/_5010/Example_3_1_2.txt': ['271 005010X279: error EB 19 8/3/13, error EB 20 8/3/13, error EB 21 8/3/13'],
  'inteligenz/_276/_5010/277_Deidentified_from_nth.txt': ['277 005010X214: error BHT 2 8/1/7, error BHT 2 8/5/9'],
  'inteligenz/_277/_5010/FromAlexbrodsky.txt': ['277 005010X214: '],
  'inteligenz/_277/_5010/FromLatitude81uk.txt': ['277 005010X214: error BHT 2 8/1/5, error BHT 2 8/1/7, error BHT 2 8/4/8, error BHT 2 8/5/9, error DTP 6 8/1/7, error DTP 6 8/3/8, error DTP 7 8/1/7, error DTP 7 8/3/8, error STC 11 8/2/8, error STC 24 8/2/8, error DTP 26 8/3/8'],
  'inteligenz/_824/FromTmhpSpec.txt': ['824 005010X186: error OTI 7 8/6/8, error OTI 11 8/6/8, error OTI 11 8/12/5'],
  'inteligenz/_834/_5010/Dhcs_Example1.txt': ['834 005010X220A1: error BGN 2 8/7/4, error BGN 2 8/8/1, error INS 6 8/9/5'],
  'inteligenz/eligibility-testdata/Example_3_1_2.txt': ['271 005010X279: error EB 37 8/3/13, error EB 38 8/3/13, error EB 39 8/3/13, error SE 40 8'],
  'inteligenz/eligibility-testdata/ValidationForDependentBenefitInfo.txt': ['271 005010X279: warning HL 7 8/4/7, error SE 16 8'],
  'inteligenz/eligibility-testdata/ValidationForReceiverName.txt': ['271 005010X279: warning HL 5 8/4/7, error SE 11 8'],
  'inteligenz/eligibility-testdata/ValidationForSource.txt': ['271 005010X279: warning HL 3 8/4/7, error NM1 5 3, error SE 5 8'],
  'inteligenz/eligibility-testdata/ValidationForSourceName.txt': ['271 005010X279: warning HL 3 8/4/7, error SE 6 8'],
  'inteligenz/eligibility-testdata/ValidationForSubscriberBenefitInfo.txt': ['271 005010X279: error SE 17 8'],
  'inteligenz/eligibility-testdata/ValidationForSubscriberName.txt': ['271 005010X279: error SE 16 8'],
  'inteligenz/eligibility-testdata/ValidationOnAll.txt': ['271 005010X279: warning HL 13 8/4/7, error SE 29 8'],
  'pyx12/834_deident_family.txt': ['834 005010X220A1: '],
  'pyx12/835_mult_loops.txt': ['835 005010X221A1: '],
  'pyx12/pairs/834_eol_in_element/source.x12': ['834 005010X220A1: error N3 12 8/1/6'],
};

eachOrSkip(corpusFiles('x12-other').filter(({ bytes }) => /ST\*(270|271|277|824|834|835)\*[^]*005010X(279|220|221|214|186)|005010X(279|220|221|214|186)[^]*ST\*(270|271|277|824|834|835)\*/.test(Buffer.from(bytes).toString('latin1'))), 'walked', ({ name, bytes }) => {
  expect(faultsIn(bytes).map(({ set, faults }) => `${set}: ${faults.join(', ')}`)).toEqual(EXPECTED[name]);
});
