/**
 * 005010X210 and 005010X211, 006020X314 and 006020X316: additional information to support a claim or a request for
 * review (275). What is sent stands in BIN or BDS, by its length and not by delimiters; PAS wants its Bundle there with
 * CAT02 `HL` and BDS01 `B64` (PAS 2.2.1, spec-28).
 * Source: PAS 2.2.1; public companion guides; the guides themselves are licensed. How often loops stand is unverified.
 */
import { compileGuide } from './compile.ts';
import { loop, segment } from './definition.ts';

const ADDRESS = [segment('N3', 'Address', 'S1'), segment('N4', 'City, State, ZIP Code', 'S1')];

const payload = loop('2110B', 'Additional Information', 'S>', [
  segment('CAT', 'Category of Information', 'R1', 'R1 R2'),
  loop('2120B', 'Electronic Format', 'S>', [segment('EFI', 'Electronic Format Identification', 'R1'), segment('BIN', 'Binary Data', 'S1'), segment('BDS', 'Binary Data Structure', 'S1')]),
]);

const assigned = loop('2000A', 'Assigned Number', 'R>', [
  segment('LX', 'Assigned Number', 'R1'),
  segment('TRN*1|2', 'Payer Claim Control Number or Provider Attachment Control Number', 'S1'),
  segment('STC', 'Status Information', 'S>'),
  segment('REF', 'Additional Identification', 'S>', 'R2'),
  segment('DTP', 'Service or Submission Date', 'S>'),
  segment('PWK', 'Attachment Information', 'S>'),
  loop('2100B', 'Service Line Date', 'S>', [segment('SVC', 'Service Line', 'R1'), segment('DTP*472', 'Service Line Date', 'S1')]),
  payload,
]);

export const ATTACHMENT = compileGuide({
  versions: ['006020X316', '005010X211', '006020X314', '005010X210'],
  set: '275',
  functionalIdentifier: 'PI',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1', 'R3'),
    segment('BGN', 'Beginning Segment', 'R1', 'R1=02|11'),
    loop('1000A', 'Payer Name', 'R1', [segment('NM1*PR|40|X3', 'Payer Name', 'R1'), ...ADDRESS, segment('PER', 'Payer Contact Information', 'S>')]),
    loop('1000B', 'Submitter', 'S1', [segment('NM1*41', 'Submitter', 'R1'), segment('PER', 'Submitter Contact Information', 'S>')]),
    loop('1000C', 'Provider Name', 'R>', [segment('NM1*1P|FA|85', 'Provider Name', 'R1'), segment('PRV', 'Provider Taxonomy', 'S1'), ...ADDRESS, segment('REF', 'Provider Secondary Identification', 'S>', 'R2'), segment('PER', 'Provider Contact Information', 'S>')]),
    loop('1000D', 'Patient Name', 'R1', [
      segment('NM1*QC|IL', 'Patient Name', 'R1'),
      segment('REF', 'Patient Control Number, Medical Record and Authorization Identification', 'S>', 'R2'),
      segment('DTP', 'Service Dates', 'S>'),
      segment('DMG', 'Patient Demographic Information', 'S1'),
    ]),
    assigned,
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
  businessUnit: { name: 'TRN02', segment: 'TRN', element: 2 },
});
