/**
 * 005010X279A1: the eligibility inquiry (270) and its answer (271).
 * Source: public companion guides to 005010X279A1; the guide itself is licensed.
 */
import { compileGuide } from './compile.ts';
import { type Loop, loop, segment, type SegmentSlot } from './definition.ts';

const ADDRESS: readonly SegmentSlot[] = [segment('N3', 'Address', 'S1'), segment('N4', 'City, State, ZIP Code', 'S1')];
const REJECTIONS = segment('AAA', 'Request Validation', 'S9', 'R1 R3 R4');
const VERSIONS = ['005010X279A1', '005010X279'];

/** What is asked about one person. */
const question = (level: string): Loop => loop(`2110${level}`, 'Eligibility or Benefit Inquiry', level === 'C' ? 'S99' : 'R99', [
  segment('EQ', 'Eligibility or Benefit Inquiry', 'R1'),
  segment('AMT*R', 'Spend Down Amount', 'S1'),
  segment('AMT*PB', 'Spend Down Total Billed Amount', 'S1'),
  segment('III', 'Additional Inquiry Information', 'S1'),
  segment('REF*9F|G1', 'Prior Authorization or Referral Number', 'S1', 'R2'),
  segment('DTP*291', 'Eligibility or Benefit Date', 'S1'),
]);

const asker: readonly SegmentSlot[] = [
  segment('REF', 'Information Receiver Additional Identification', 'S9', 'R2'),
  ...ADDRESS,
  segment('PRV', 'Information Receiver Provider Information', 'S1'),
];

/** Who is asked about; the same for a subscriber and a dependent but for the name's qualifier. */
const askedAbout = (level: 'C' | 'D', code: string, name: string): Loop => loop(`2100${level}`, `${name} Name`, 'R1', [
  segment(`NM1*${code}`, `${name} Name`, 'R1', 'R2'),
  segment('REF', `${name} Additional Identification`, 'S9', 'R2'),
  ...ADDRESS,
  segment('PRV', 'Provider Information', 'S1'),
  segment('DMG', `${name} Demographic Information`, 'S1'),
  segment('INS', `${name} Relationship`, 'S1'),
  segment('HI', `${name} Health Care Diagnosis Code`, 'S1'),
  segment('DTP*291|102|307', `${name} Date`, 'S2'),
  question(level),
]);

export const ELIGIBILITY_INQUIRY = compileGuide({
  versions: VERSIONS,
  set: '270',
  functionalIdentifier: 'HS',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1', 'R3'),
    segment('BHT', 'Beginning of Hierarchical Transaction', 'R1', 'R1=0022 R2=01|13|36 R4 R5'),
    loop('2000A', 'Information Source Level', 'R>', [
      segment('HL***20', 'Information Source Level', 'R1', 'N2 R4'),
      loop('2100A', 'Information Source Name', 'R1', [segment('NM1*2B|36|GP|P5|PR', 'Information Source Name', 'R1', 'R8 R9')]),
      loop('2000B', 'Information Receiver Level', 'R>', [
        segment('HL***21', 'Information Receiver Level', 'R1', 'R2 R4'),
        loop('2100B', 'Information Receiver Name', 'R1', [segment('NM1*1P|2B|36|80|FA|GP|P5|PR', 'Information Receiver Name', 'R1', 'R8 R9'), ...asker]),
        loop('2000C', 'Subscriber Level', 'R>', [
          segment('HL***22', 'Subscriber Level', 'R1', 'R2 R4'),
          segment('TRN*1', 'Subscriber Trace Number', 'S2', 'R3'),
          askedAbout('C', 'IL', 'Subscriber'),
          loop('2000D', 'Dependent Level', 'S>', [
            segment('HL***23', 'Dependent Level', 'R1', 'R2'),
            segment('TRN*1', 'Dependent Trace Number', 'S2', 'R3'),
            askedAbout('D', '03', 'Dependent'),
          ]),
        ]),
      ]),
    ]),
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
  businessUnit: { name: 'TRN02', segment: 'TRN', element: 2 },
});

const benefit = (level: 'C' | 'D'): Loop => loop(`2110${level}`, 'Eligibility or Benefit Information', 'S>', [
  segment('EB', 'Eligibility or Benefit Information', 'R1'),
  segment('HSD', 'Health Care Services Delivery', 'S9'),
  segment('REF', 'Benefit Additional Identification', 'S9', 'R2'),
  segment('DTP', 'Eligibility or Benefit Date', 'S20'),
  REJECTIONS,
  segment('MSG', 'Message Text', 'S10'),
  loop(`2115${level}`, 'Eligibility or Benefit Additional Information', 'S10', [segment('III', 'Eligibility or Benefit Additional Information', 'R1')]),
  segment('LS', 'Loop Header', 'S1'),
  loop(`2120${level}`, 'Benefit Related Entity Name', 'S23', [
    segment('NM1', 'Benefit Related Entity Name', 'R1'),
    ...ADDRESS,
    segment('PER', 'Benefit Related Entity Contact Information', 'S3'),
    segment('PRV', 'Benefit Related Provider Information', 'S1'),
  ]),
  segment('LE', 'Loop Trailer', 'S1'),
]);

const answeredAbout = (level: 'C' | 'D', code: string, name: string): Loop => loop(`2100${level}`, `${name} Name`, 'S1', [
  segment(`NM1*${code}`, `${name} Name`, 'R1', 'R2'),
  segment('REF', `${name} Additional Identification`, 'S9', 'R2'),
  ...ADDRESS,
  REJECTIONS,
  segment('PRV', 'Provider Information', 'S1'),
  segment('DMG', `${name} Demographic Information`, 'S1'),
  segment('INS', `${name} Relationship`, 'S1'),
  segment('HI', `${name} Health Care Diagnosis Code`, 'S1'),
  segment('DTP', `${name} Date`, 'S9'),
  segment('MPI', 'Military Personnel Information', 'S1'),
  benefit(level),
]);

export const ELIGIBILITY_RESPONSE = compileGuide({
  versions: VERSIONS,
  set: '271',
  functionalIdentifier: 'HB',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1', 'R3'),
    segment('BHT', 'Beginning of Hierarchical Transaction', 'R1', 'R1=0022 R2=06|11 R4 R5'),
    loop('2000A', 'Information Source Level', 'R>', [
      segment('HL***20', 'Information Source Level', 'R1', 'N2 R4'),
      REJECTIONS,
      loop('2100A', 'Information Source Name', 'R1', [segment('NM1*2B|36|GP|P5|PR', 'Information Source Name', 'R1', 'R8 R9'), segment('PER*IC', 'Information Source Contact Information', 'S3'), REJECTIONS]),
      loop('2000B', 'Information Receiver Level', 'S>', [
        segment('HL***21', 'Information Receiver Level', 'R1', 'R2 R4'),
        loop('2100B', 'Information Receiver Name', 'R1', [
          segment('NM1*1P|2B|36|80|FA|GP|P5|PR', 'Information Receiver Name', 'R1', 'R8 R9'),
          segment('REF', 'Information Receiver Additional Identification', 'S9', 'R2'),
          ...ADDRESS,
          REJECTIONS,
          segment('PRV', 'Information Receiver Provider Information', 'S1'),
        ]),
        loop('2000C', 'Subscriber Level', 'S>', [
          segment('HL***22', 'Subscriber Level', 'R1', 'R2 R4'),
          segment('TRN*1|2', 'Subscriber Trace Number', 'S3', 'R3'),
          answeredAbout('C', 'IL', 'Subscriber'),
          loop('2000D', 'Dependent Level', 'S>', [segment('HL***23', 'Dependent Level', 'R1', 'R2'), segment('TRN*1|2', 'Dependent Trace Number', 'S3', 'R3'), answeredAbout('D', '03', 'Dependent')]),
        ]),
      ]),
    ]),
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
});
