/** The 837 guides: what is broken is told at its place, as the 999 wants it; what balances is not told. */
import { describe, expect, test } from '@jest/globals';
import { functionalAcknowledgment, mapInterchange, writeAcknowledgment } from '../../../mappers/x12/index.ts';
import type { Delivery } from '../../../mappers/x12/index.ts';
import { CHILD, CLAIM, claimInterchange, HOSPITAL, SELF, TOP } from '../../fixtures/x12/claims.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';

function received(bytes: Uint8Array): Delivery {
  const units = mapInterchange(bytes);
  let step = units.next();
  while (step.done !== true) step = units.next();
  return step.value;
}

/** IK3, CTX, IK4 and IK5 of the first transaction set, as written. */
function acknowledged(bytes: Uint8Array): string[] {
  const [interchange] = received(bytes).interchanges;
  const written = writeAcknowledgment(interchange!, { date: '20260302', time: '0920', interchangeControlNumber: 1, groupControlNumbers: [1, 2, 3] });
  return Buffer.from(written!.bytes).toString('latin1').split('~\n').filter((segment) => /^(IK|CTX|AK9)/.test(segment));
}

const WHOLE = [...TOP, ...SELF, ...CLAIM];
const change = (from: string | RegExp, to: string): readonly string[] => WHOLE.flatMap((segment) => ((typeof from === 'string' ? !segment.includes(from) : segment.search(from) < 0) ? [segment] : segment.replace(from, to).split('|').filter((each) => each !== '')));

test('what keeps to the guide and balances is accepted', () => {
  expect(acknowledged(claimInterchange([WHOLE]))).toEqual(['IK5*A', 'AK9*A*1*1*1']);
});

describe('told at its place', () => {
  test.each<[title: string, segments: readonly string[], faults: string[]]>([
    ['a required segment that is missing (3)', change(/^NM1\*PR.*SHP01$/, ''), ['IK3*NM1*22*2010BB*3']],
    ['a required loop that is missing (3)', WHOLE.slice(0, WHOLE.indexOf('LX*1')), [`IK3*LX*${WHOLE.indexOf('LX*1') + 2}*2400*3`]],
    ['a segment that stands too often (5)', change(/^DTP\*431.*/, '$&|DTP*431*D8*20260210'), ['IK3*DTP*25*2300*5']],
    ['a loop that stands too often (4)', change(/^HL\*2\*1.*/, 'NM1*85*2*OTHER*****XX*1234567893|N3*1 A|N4*B*WI*53703|REF*EI*841234567|$&'), ['IK3*NM1*15*2010AA*4']],
    ['a segment out of its order (7)', change(/^HI\*ABK.*/, '$&|PWK*OZ*FX***AC*DOC-10'), ['IK3*PWK*36*2300*7']],
    ['a segment of another place (2)', change(/^LX\*1$/, 'LX*1|CLM*X*1***11:B:1*Y*A*Y*Y'), []],
    ['a segment of another transaction set (6)', change(/^DTP\*431.*/, 'HCR*A1'), ['IK3*HCR*24*2300*6']],
    ['a segment nobody knows (1)', change(/^DTP\*431.*/, 'XYZ*A1'), ['IK3*XYZ*24*2300*1']],
    ['an element that is missing (1)', change('CLM*PCN-1', 'CLM*'), []],
    ['a date that is none (8)', change(/^DTP\*431.*/, 'DTP*431*D8*20260230'), ['IK3*DTP*24*2300*8', 'IK4*3*1251*8*20260230']],
    ['an amount that is none (6)', change('AMT*F5*25', 'AMT*F5*2X5'), ['IK4*2*782*6*2X5']],
    ['a value that is too long (5)', change('N3*1 ELM ST', `N3*${'E'.repeat(56)}`), [`IK4*1*166*5*${'E'.repeat(56)}`]],
    ['a code of the guide (7)', change('DMG*D8*19700102*F', 'DMG*D8*19700102*X'), ['IK4*3*1068*7*X']],
    ['a component that is missing', change('HI*ABK:M545', 'HI*ABK'), ['IK4*1:2*1271*1']],
    ['one of a pair (note P)', change('NM1*82*1*WATSON*SUSAN****XX*1987654328', 'NM1*82*1*WATSON*SUSAN****XX'), ['IK4*9*67*2']],
    ['one of a list (note L)', change('CAS*PR*1*30', 'CAS*PR*1*30**2'), ['IK4*6*782*2']],
    ['what another asks for (note C)', change('N4*MADISON*WI*53711', 'N4*MADISON*WI*53711***X'), ['IK4*5*309*2']],
    ['what excludes another (note E)', change('N4*MADISON*WI*53711', 'N4*MADISON*WI*53711*CA***ON'), ['IK4*7*1715*10']],
    ['HL01 that does not count', change(/^HL\*2\*1/, 'HL*7*1'), ['IK4*1*628*7*7']],
    ['HL02 that names no open level', change(/^HL\*2\*1/, 'HL*2*9'), ['IK4*2*734*7*9']],
    ['a level the guide does not have', change(/^HL\*2\*1\*22\*0$/, 'HL*2*1*PT*0'), ['IK4*3*735*7*PT']],
    ['SE01 that does not count', WHOLE, []],
  ])('%s', (_, segments, faults) => {
    const answer = acknowledged(claimInterchange([segments]));
    for (const fault of faults) expect(answer).toContain(fault);
    if (faults.length > 0) expect(answer.at(-1)).toBe('AK9*R*1*1*0');
  });

  test('the claim it is in is named (CTX)', () => expect(acknowledged(claimInterchange([change(/^DTP\*431.*/, 'DTP*431*D8*20260230')]))).toContain('CTX*CLM01:PCN-1'));
  test('SE01 is counted', () => expect(acknowledged(claimInterchange([WHOLE], { segmentCount: 9 })).slice(-2)).toEqual(['IK5*R*4', 'AK9*R*1*1*0']));
  test('a group of another kind is refused', () => expect(acknowledged(claimInterchange([WHOLE], { functionalIdentifier: 'HI' })).at(-1)).toBe('AK9*R*1*1*0*1'));
  test('a guide nobody reads is refused', () => expect(acknowledged(claimInterchange([WHOLE], { guide: '004010X098A1' }))).toContain('IK5*R*I6'));
});

describe('balances and situations are told, and accepted', () => {
  test.each<[title: string, segments: readonly string[], fault: string]>([
    ['the sum of the lines', change('CLM*PCN-1*175.50', 'CLM*PCN-1*175.51'), 'IK4*2*782*I12'],
    ['a line and what was paid and adjusted', change('CAS*PR*1*30', 'CAS*PR*1*29'), 'IK4*2*782*I12'],
    ['what another payer paid', change('AMT*D*100', 'AMT*D*99'), 'IK4*2*782*I12'],
    ['an accident without its date', change('DTP*439*D8*20260209', ''), 'IK3*DTP*23*2300*I9'],
    ['an automobile accident without its state', change('**AA:::WI', '**AA'), 'IK4*11:4*156*I9'],
    ['a replacement without what it replaces', change('REF*F8*ORIGINAL-1', ''), 'IK3*REF*23*2300*I9'],
    ['a pointer to no diagnosis', change('***1:2**Y', '***1:3**Y'), 'IK4*7:2*1328*7'],
    ['a subscriber who is the patient, without birth date', change('DMG*D8*19700102*F', ''), 'IK3*DMG*17*2010BA*I9'],
  ])('%s', (_, segments, fault) => {
    const answer = acknowledged(claimInterchange([segments]));
    expect(answer.some((segment) => segment.startsWith(fault))).toBe(true);
    expect(answer.at(-1)).toBe('AK9*E*1*1*1');
  });

  test('SBR02 agrees with the levels', () => {
    const both = [...TOP, ...CHILD.map((segment) => (segment.startsWith('SBR') ? 'SBR*P*18*GRP55******CI' : segment)), ...CLAIM];
    expect(acknowledged(claimInterchange([both]))).toContain('IK4*2*1069*I13');
    expect(acknowledged(claimInterchange([change('SBR*P*18', 'SBR*P*')]))).toContain('IK4*2*1069*I9');
  });
});

test('dates and codes may stand in any order among their own, also with loops between', () => {
  const swapped = HOSPITAL.toSpliced(1, 2, HOSPITAL[2]!, HOSPITAL[1]!);
  expect(acknowledged(claimInterchange([[...TOP, ...SELF, ...swapped]], { guide: '005010X223A2' }))).toEqual(['IK5*A', 'AK9*A*1*1*1']);
});

/** Faults the negative files of imsweb were made for, among those they have besides. */
const NEGATIVE: Readonly<Record<string, readonly string[]>> = {
  'x12_bad_valid_code.txt': ['IK3*NM1*7*2010AA*8', 'IK4*1*98*7*117', 'IK4*2*734*7*3'],
  'x12_loop_errors1_exceeds_max_1_parent.txt': ['IK3*NM1*13*2010AA*4', 'IK5*R'],
  'x12_loop_errors3_missing_loops.txt': ['IK3*NM1*10*2010AA*3', 'IK5*R'],
  'x12_missing_elements.txt': ['IK3*NM1*5*1000B*8', 'IK4*2*1065*1', 'IK3*CLM*29*2300*8', 'IK4*5*C023*1'],
  'x12_missing_required_loops_mult_repeats.txt': ['IK3*SV1*31*2300*2', 'IK3*LX*33*2400*3', 'IK3*LX*59*2400*3'],
  'x12_no_errors.txt': ['IK4*1*628*7*1', 'IK4*1:2*1271*1'],
  // IEA01 counts one group where there are three: refused whole.
  'x12_multiple_gs.txt': [],
  'x12_multiple_isa.txt': ['IK4*2*734*7*3'],
  'x12_valid_different_separators.txt': ['IK4*2*734*7*3'],
  'x12_writer_test.txt': ['IK4*7:2*1328*7'],
  'x12_ambiguous_loop.txt': ['IK4*7:2*1328*7'],
};

eachOrSkip(corpusFiles('x12-837', 'imsweb'), 'a negative file is refused with its faults', ({ name, bytes }) => {
  const { interchanges, issues } = received(bytes);
  if (name === 'x12_no_isa_line.txt') {
    expect(interchanges).toEqual([]);
    expect(issues).toMatchObject([{ severity: 'error', code: 'not-an-interchange' }]);
    return;
  }
  const answers = interchanges.flatMap((interchange) => interchange.groups.flatMap((group) => functionalAcknowledgment(group, '0001'))).map(({ id, elements }) => [id, ...elements.map(([components]) => components!.join(':'))].join('*').replaceAll(/:+(?=\*|$)/g, ''));
  expect(answers.some((segment) => segment.startsWith('IK5*R')) || interchanges.every(({ rejection }) => rejection !== undefined)).toBe(true);
  for (const fault of NEGATIVE[name] ?? ['never']) expect(answers.some((segment) => segment === fault || segment.startsWith(`${fault}*`))).toBe(true);
});

test('an error behind hundreds of warnings still refuses the set, and no more than a hundred faults are told', () => {
  const unbalanced = change('CLM*PCN-1*175.50', 'CLM*PCN-1*1').slice(TOP.length + SELF.length);
  const many = [...TOP, ...SELF, ...Array.from({ length: 90 }, () => unbalanced).flat()];
  const [unit] = mapInterchange(claimInterchange([[...many, 'XYZ*1']]));
  expect(unit).toMatchObject({ kind: 'refused', acknowledgement: { code: 'R' } });
  expect(mapInterchange(claimInterchange([many])).next().value).toMatchObject({ kind: 'claim', acknowledgement: { code: 'E' } });
  expect(acknowledged(claimInterchange([Array.from({ length: 400 }, () => 'XYZ*1')])).filter((segment) => segment.startsWith('IK3'))).toHaveLength(100);
});
