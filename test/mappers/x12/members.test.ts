/** One member at one payer is one Patient with one number, whichever transaction set tells of him. */
import { describe, expect, test } from '@jest/globals';
import type { Identifier, Organization, Patient, Practitioner } from '@medplum/fhirtypes';
import { mapInterchange, type MappedUnit } from '../../../mappers/x12/index.ts';
import { claimInterchange, FULL, LINES, SELF, TOP } from '../../fixtures/x12/claims.ts';

function delivery(functional: string, guide: string, segments: readonly string[]): MappedUnit[] {
  const bytes = ['ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*1200*^*00501*000000001*0*P*:', `GS*${functional}*S*R*20260601*1200*1*X*${guide}`, ...segments, `SE*${segments.length + 1}*0001`, 'GE*1*1', 'IEA*1*000000001'].join('~').concat('~');
  return [...mapInterchange(Buffer.from(bytes))];
}

/** A payer by qualifier and number, and somebody's number there. */
interface Named {
  qualifier?: string;
  payer?: string;
  member?: string;
}

const SETS: Readonly<Record<string, (named: Required<Named>) => MappedUnit[]>> = {
  'a claim (837)': ({ qualifier, payer, member }) => [...mapInterchange(claimInterchange([[...TOP, ...SELF, ...FULL, ...LINES.filter((each) => !/^(SVD|CAS|DTP\*573)/.test(each))].map((each) => each.replace('MI*W1234567', `MI*${member}`).replace('PI*SHP01', `${qualifier}*${payer}`))]))],
  'an enrollment (834)': ({ qualifier, payer, member }) => delivery('BE', '005010X220A1', ['ST*834*0001*005010X220A1', 'BGN*00*F1*20260601*1200****2', 'N1*P5*EMPLOYER*FI*444556666', `N1*IN*PLAN*${qualifier}*${payer}`, 'INS*Y*18*021*EC*A***FT', `REF*0F*${member}`, 'NM1*IL*1*DOE*ALEX*Q', 'HD*021**HLT', 'DTP*348*D8*20260201']),
  'a remittance (835)': ({ qualifier, payer, member }) => delivery('HP', '005010X221A1', ['ST*835*0001', 'BPR*I*50*C*CHK************20260601', 'TRN*1*T1*1234567890', `N1*PR*PLAN*${qualifier}*${payer}`, 'N3*1 A', 'N4*MADISON*WI*53703', 'PER*BL*DESK*TE*6085550100', 'N1*PE*CLINIC*XX*1234567893', 'LX*1', 'CLP*A1*1*50*50**12*P1', `NM1*QC*1*DOE*ALEX*Q***MI*${member}`, 'SVC*HC:99213*50*50', 'DTM*472*20260520']),
  'a question (270)': ({ qualifier, payer, member }) => delivery('HS', '005010X279A1', ['ST*270*0001*005010X279A1', 'BHT*0022*13*ASK1*20260601*1200', 'HL*1**20*1', `NM1*PR*2*PLAN*****${qualifier}*${payer}`, 'HL*2*1*21*1', 'NM1*1P*2*CLINIC*****XX*1234567893', 'HL*3*2*22*0', `NM1*IL*1*DOE*ALEX*Q***MI*${member}`, 'EQ*30']),
  'a document (275)': ({ qualifier, payer, member }) => delivery('PI', '006020X316', ['ST*275*0001*006020X316', 'BGN*02*A1*20260601*1200', `NM1*PR*2*PLAN*****${qualifier}*${payer}`, 'NM1*1P*1*HEALER*HAL****XX*1234567893', `NM1*QC*1*DOE*ALEX*Q***MI*${member}`, 'LX*1', 'TRN*2*CTRL1*1234567890', 'CAT*AE*HL**11506-3', 'EFI*05', 'BIN*2*HI']),
};

function memberIn(set: string, named: Named = {}): { fullUrl: string; identifier: Identifier | undefined } {
  const units = SETS[set]!({ qualifier: 'XV', payer: '12345', member: 'M1', ...named });
  expect(units.flatMap(({ kind, issues }) => (kind === 'refused' ? issues : []))).toEqual([]);
  const patient = units[0]!.bundle.entry!.find(({ resource }) => resource?.resourceType === 'Patient');
  return { fullUrl: patient!.fullUrl!, identifier: (patient!.resource as Patient).identifier?.find(({ type }) => type?.coding?.[0]?.code === 'MB') };
}

const names = Object.keys(SETS);
const first = memberIn(names[0]!);

describe.each(names)('%s', (set) => {
  test('does not take the member of another payer for him', () => {
    const other = memberIn(set, { payer: '54321' });
    expect(other.fullUrl).not.toBe(first.fullUrl);
    expect(other.identifier?.system).not.toBe(first.identifier?.system);
    expect(other.identifier?.value).toBe('M1');
  });
  test('does not take a payer with the same number of another kind for this one', () => expect(memberIn(set, { qualifier: set.includes('834') ? 'FI' : set.includes('835') ? 'ZZ' : 'PI' }).fullUrl).not.toBe(first.fullUrl));
  test('tells another member of the payer from him', () => {
    const other = memberIn(set, { member: 'M2' });
    expect(other.fullUrl).not.toBe(first.fullUrl);
    expect(other.identifier).toEqual({ ...first.identifier, value: 'M2' });
  });
  test('knows him as every other set does', () => expect(memberIn(set)).toEqual(first));
});

test('a payer without N104 in a remittance is known by the number that claims give him with PI', () => {
  const units = (payer: string): MappedUnit[] => delivery('HP', '005010X221A1', ['ST*835*0001', 'BPR*I*50*C*CHK************20260601', 'TRN*1*T1*1234567890', ...payer.split('|'), 'N1*PE*CLINIC*XX*1234567893', 'LX*1', 'CLP*A1*1*50*50**12*P1', 'NM1*QC*1*DOE*ALEX*Q***MI*M1', 'SVC*HC:99213*50*50', 'DTM*472*20260520']);
  const urlOf = (payer: string): string => units(payer)[0]!.bundle.entry!.find(({ resource }) => resource?.resourceType === 'Patient')!.fullUrl!;
  expect(urlOf('N1*PR*PLAN|N3*1 A|N4*MADISON*WI*53703|REF*2U*12345|PER*BL*DESK*TE*6085550100')).toBe(memberIn('a claim (837)', { qualifier: 'PI' }).fullUrl);
  expect(urlOf('N1*PR*PLAN|N3*1 A|N4*MADISON*WI*53703|PER*BL*DESK*TE*6085550100')).not.toBe(memberIn('a claim (837)', { qualifier: 'PI' }).fullUrl);
});

const remittance = (...claims: readonly string[][]): MappedUnit => delivery('HP', '005010X221A1', ['ST*835*0001', 'BPR*I*100*C*CHK************20260601', 'TRN*1*T1*1234567890', 'N1*PR*PLAN*XV*12345', 'N3*1 A', 'N4*MADISON*WI*53703', 'PER*BL*DESK*TE*6085550100', 'N1*PE*CLINIC*XX*1234567893', 'LX*1', ...claims.flatMap((claim, index) => [`CLP*A${index}*1*50*50**12*P${index}`, ...claim, 'SVC*HC:99213*50*50', 'DTM*472*20260520'])])[0]!;
const patientsOf = (unit: MappedUnit): Patient[] => unit.bundle.entry!.map(({ resource }) => resource!).filter((resource): resource is Patient => resource.resourceType === 'Patient');

describe('a dependent who is told by the number of the insured', () => {
  test('is not taken for him', () => {
    const unit = remittance(['NM1*QC*1*DOE*SAM****MI*M1', 'NM1*IL*1*DOE*ALEX*Q***MI*M1']);
    expect(patientsOf(unit)).toMatchObject([{ name: [{ given: ['SAM'] }] }]);
    expect(unit.bundle.entry!.map(({ fullUrl }) => fullUrl)).not.toContain(first.fullUrl);
  });
  test('is one Patient for all his claims, and another than his sister', () => {
    const claim = (name: string): string[] => [`NM1*QC*1*DOE*${name}****MI*M1`, 'NM1*IL*1*DOE*ALEX*Q***MI*M1'];
    expect(patientsOf(remittance(claim('SAM'), claim('SUE'), claim('SAM'))).map(({ name }) => name?.[0]?.given)).toEqual([['SAM'], ['SUE']]);
  });
});

describe('another name under a number that was told before', () => {
  const renamed = 'The same number was told with another name.';

  test('of a patient or a provider of a remittance is told as unmapped', () => {
    const unit = remittance(['NM1*QC*1*DOE*ALEX*Q***MI*M1', 'NM1*82*1*WATSON*SUSAN****XX*1987654328'], ['NM1*QC*1*DOE*ALICE*Q***MI*M1', 'NM1*82*1*WATSON*SUE****XX*1987654328']);
    expect(patientsOf(unit)).toHaveLength(1);
    expect(unit.unmapped.filter(({ reason }) => reason === renamed)).toEqual([{ source: '2100.NM104', segment: 16, reason: renamed }, { source: '2100.NM104', segment: 17, reason: renamed }]);
  });

  test('of a provider of a document is told as unmapped', () => {
    const [unit] = delivery('PI', '006020X316', ['ST*275*0001*006020X316', 'BGN*02*A1*20260601*1200', 'NM1*PR*2*PLAN*****XV*12345', 'NM1*1P*1*HEALER*HAL****XX*1234567893', 'NM1*FA*1*HEALER*HOLLY****XX*1234567893', 'NM1*QC*1*DOE*ALEX*Q***MI*M1', 'LX*1', 'TRN*2*CTRL1*1234567890', 'CAT*AE*HL**11506-3', 'EFI*05', 'BIN*2*HI']);
    expect(unit!.bundle.entry!.filter(({ resource }) => (resource as Practitioner | Organization).resourceType === 'Practitioner')).toHaveLength(1);
    expect(unit!.unmapped.filter(({ reason }) => reason === renamed)).toEqual([{ source: '1000C.NM104', segment: 5, reason: renamed }]);
  });
});
