/**
 * Professional claims (005010X222A1) for measuring, made up: the same number gives the same claims. Some have a
 * patient who is not the subscriber, a second payer, a drug; all keep to the guide and balance.
 */

/** Sets of claims in one interchange of one group. */
export interface Volume {
  readonly sets: number;
  readonly claimsPerSet: number;
}

const pad = (number: number, size: number): string => String(number).padStart(size, '0');

/** The interchange, set by set. */
export function* claimFile({ sets, claimsPerSet }: Volume): Generator<string> {
  yield `ISA*00*          *00*          *ZZ*BENCHSENDER    *ZZ*BENCHPAYER     *260302*0915*^*00501*000000001*0*T*:~GS*HC*BENCHSENDER*BENCHPAYER*20260302*0915*1*X*005010X222A1~`;
  for (let set = 1; set <= sets; set += 1) yield transactionSet(set, claimsPerSet);
  yield `GE*${sets}*1~IEA*1*000000001~`;
}

function transactionSet(set: number, claims: number): string {
  const number = pad(set, 4);
  const segments = [
    `ST*837*${number}*005010X222A1`, `BHT*0019*00*BATCH${number}*20260302*0915*CH`,
    'NM1*41*2*HARBOR BILLING SERVICE*****46*BENCH01', 'PER*IC*DESK*TE*6085550111*EM*DESK@EXAMPLE.ORG', 'NM1*40*2*SAMPLE HEALTH PLAN*****46*BENCHP1',
    'HL*1**20*1', 'PRV*BI*PXC*207Q00000X', 'NM1*85*2*LAKESIDE FAMILY MEDICINE*****XX*1234567893', 'N3*12 SHORE ROAD*SUITE 4', 'N4*MADISON*WI*537030001', 'REF*EI*841234567', 'PER*IC*BILLING*TE*6085550100',
  ];
  let level = 1;
  for (let claim = 0; claim < claims; claim += 1) level = addClaim(segments, set * 10_000 + claim, level);
  segments.push(`SE*${segments.length + 1}*${number}`);
  return `${segments.join('~')}~`;
}

function addClaim(segments: string[], number: number, before: number): number {
  const hasPatient = number % 4 === 1;
  const hasOtherPayer = number % 5 === 2;
  const subscriber = before + 1;
  const day = `202602${pad(1 + (number % 28), 2)}`;
  const member = pad(number * 37, 9);
  segments.push(`HL*${subscriber}*1*22*${hasPatient ? 1 : 0}`, `SBR*P*${hasPatient ? '' : '18'}*GRP${number % 97}******CI`, `NM1*IL*1*MEMBER${number % 1009}*ALEX*Q***MI*W${member}`, `N3*${1 + (number % 900)} ELM STREET`, 'N4*MADISON*WI*53711', `DMG*D8*19${pad(50 + (number % 49), 2)}0704*F`, 'NM1*PR*2*SAMPLE HEALTH PLAN*****PI*SHP01');
  if (hasPatient) segments.push(`HL*${subscriber + 1}*${subscriber}*23*0`, 'PAT*19', `NM1*QC*1*MEMBER${number % 1009}*SAM`, `N3*${1 + (number % 900)} ELM STREET`, 'N4*MADISON*WI*53711', 'DMG*D8*20150405*M');
  const charges = [number % 90 + 60.25, 43.5, 15];
  const total = charges.reduce((sum, each) => sum + each, 0).toFixed(2);
  segments.push(`CLM*PCN${number}*${total}***11:B:1*Y*A*Y*Y*P`, `DTP*431*D8*${day}`, `REF*G1*AUTH${number}`, `REF*D9*TRACE${number}`, 'HI*ABK:M545*ABF:E1165*ABF:I10', `NM1*82*1*WATSON*SUSAN****XX*1987654328`, 'PRV*PE*PXC*208D00000X');
  if (hasOtherPayer) segments.push('SBR*S*01*******CI', `CAS*PR*1*20*1*2*${(Number(total) - 120).toFixed(2)}`, 'AMT*D*100', 'OI***Y***Y', `NM1*IL*1*OTHER${number % 1009}*KIM****MI*X${member}`, 'N3*9 OAK LANE', 'N4*MADISON*WI*53711', 'NM1*PR*2*OTHER PLAN*****PI*OTH01');
  for (const [index, charge] of charges.entries()) {
    segments.push(`LX*${index + 1}`, `SV1*HC:${99213 + index}:25*${charge}*UN*${index + 1}***1:2`, `DTP*472*D8*${day}`, `REF*6R*L${number}-${index + 1}`);
    if (index === 2) segments.push('LIN**N4*00002762101', 'CTP****2*ML');
  }
  return subscriber + (hasPatient ? 1 : 0);
}
