/**
 * 005010X220A1: benefit enrollment and maintenance (834).
 * Source: public companion guides to 005010X220A1; the guide itself is licensed.
 */
import { compileGuide } from './compile.ts';
import { type Loop, loop, segment } from './definition.ts';

const ADDRESS = [segment('N3', 'Address', 'S1'), segment('N4', 'City, State, ZIP Code', 'S1')];

/** A person around the member: employer, school, custodian, responsible person, and the like. */
const related = (id: string, codes: string, name: string, repetition: string): Loop => loop(id, name, repetition, [segment(`NM1*${codes}`, name, 'R1'), segment('PER', `${name} Communications Numbers`, 'S1'), ...ADDRESS]);

const coverage = loop('2300', 'Health Coverage', 'S99', [
  segment('HD', 'Health Coverage', 'R1', 'R1 R3'),
  segment('DTP', 'Health Coverage Dates', 'R6'),
  segment('AMT', 'Health Coverage Policy', 'S9'),
  segment('REF*17|1L|9V|CE|E8|M7|PID|RB|X9|XM|XX1|XX2|ZX|ZZ', 'Health Coverage Policy Number', 'S14', 'R2'),
  segment('REF*QQ', 'Prior Coverage Months', 'S1', 'R2'),
  segment('IDC', 'Identification Card', 'S3'),
  loop('2310', 'Provider Information', 'S30', [segment('LX', 'Provider Information', 'R1'), segment('NM1', 'Provider Name', 'R1'), ...ADDRESS, segment('PER', 'Provider Communications Numbers', 'S2'), segment('PLA', 'Provider Change Reason', 'S1')]),
  loop('2320', 'Coordination of Benefits', 'S5', [
    segment('COB', 'Coordination of Benefits', 'R1'),
    segment('REF', 'Additional Coordination of Benefits Identifiers', 'S4', 'R2'),
    segment('DTP*344|345', 'Coordination of Benefits Eligibility Dates', 'S2'),
    loop('2330', 'Coordination of Benefits Related Entity', 'S3', [segment('NM1', 'Coordination of Benefits Related Entity', 'R1'), ...ADDRESS, segment('PER', 'Administrative Communications Contact', 'S1')]),
  ]),
]);

const member = loop('2000', 'Member Level Detail', 'S>', [
  segment('INS', 'Member Level Detail', 'R1', 'R1 R2 R3'),
  segment('REF*0F', 'Subscriber Identifier', 'R1', 'R2'),
  segment('REF*1L', 'Member Policy Number', 'S1', 'R2'),
  segment('REF', 'Member Supplemental Identifier', 'S13', 'R2'),
  segment('DTP', 'Member Level Dates', 'S24'),
  loop('2100A', 'Member Name', 'R1', [
    segment('NM1*IL|74', 'Member Name', 'R1', 'R2 R3'),
    segment('PER*IP', 'Member Communications Numbers', 'S1'),
    ...ADDRESS,
    segment('DMG', 'Member Demographics', 'S1'),
    segment('EC', 'Employment Class', 'S>'),
    segment('ICM', 'Member Income', 'S1'),
    segment('AMT', 'Member Policy Amounts', 'S7'),
    segment('HLH', 'Member Health Information', 'S1'),
    segment('LUI', 'Member Language', 'S>'),
  ]),
  loop('2100B', 'Incorrect Member Name', 'S1', [segment('NM1*70', 'Incorrect Member Name', 'R1'), segment('DMG', 'Incorrect Member Demographics', 'S1')]),
  loop('2100C', 'Member Mailing Address', 'S1', [segment('NM1*31', 'Member Mailing Address', 'R1'), segment('N3', 'Member Mail Street Address', 'R1'), segment('N4', 'Member Mail City, State, ZIP Code', 'R1')]),
  related('2100D', '36', 'Member Employer', 'S3'),
  related('2100E', 'M8', 'Member School', 'S3'),
  related('2100F', 'S3', 'Custodial Parent', 'S1'),
  related('2100G', '6Y|9K|E1|EI|EXS|GB|GD|J6|LR|QD|S1|TZ|X4', 'Responsible Person', 'S13'),
  related('2100H', '45', 'Drop Off Location', 'S1'),
  loop('2200', 'Disability Information', 'S>', [segment('DSB', 'Disability Information', 'R1'), segment('DTP*360|361', 'Disability Eligibility Dates', 'S10')]),
  coverage,
  segment('LS', 'Additional Reporting Categories', 'S1'),
  loop('2700', 'Member Reporting Categories', 'S>', [segment('LX', 'Member Reporting Categories', 'R1'), loop('2750', 'Reporting Category', 'S1', [segment('N1*75', 'Reporting Category', 'R1'), segment('REF', 'Reporting Category Reference', 'S1', 'R2'), segment('DTP*007', 'Reporting Category Date', 'S1')])]),
  segment('LE', 'Additional Reporting Categories Loop Termination', 'S1'),
]);

export const ENROLLMENT = compileGuide({
  versions: ['005010X220A1', '005010X220'],
  set: '834',
  functionalIdentifier: 'BE',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1', 'S3'),
    segment('BGN', 'Beginning Segment', 'R1', 'R4 R8'),
    segment('REF*38', 'Transaction Set Policy Number', 'S1', 'R2'),
    segment('DTP', 'File Effective Date', 'S>'),
    segment('QTY*DT|ET|TO', 'Transaction Set Control Totals', 'S3'),
    loop('1000A', 'Sponsor Name', 'R1', [segment('N1*P5', 'Sponsor Name', 'R1', 'R3 R4')]),
    loop('1000B', 'Payer', 'R1', [segment('N1*IN', 'Payer', 'R1', 'R3 R4')]),
    loop('1000C', 'TPA or Broker Name', 'S2', [segment('N1*BO|TV', 'TPA or Broker Name', 'R1', 'R3 R4'), segment('ACT', 'TPA or Broker Account Information', 'S1')]),
    member,
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
  businessUnit: { name: 'REF02', segment: 'REF', element: 2 },
});
