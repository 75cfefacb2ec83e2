/**
 * 005010X214: the claim acknowledgment (277CA), which says of every claim of an 837 whether it was taken.
 * Source: public companion guides to 005010X214; the guide itself is licensed.
 */
import { compileGuide } from './compile.ts';
import { loop, segment } from './definition.ts';

const STATUS = segment('STC', 'Status Information', 'S>');
const COUNTS = [segment('QTY*90|AA|QA|QC', 'Total Quantity', 'S2'), segment('AMT*YU|YY', 'Total Amount', 'S2')];

const claim = loop('2200D', 'Claim Status Tracking Number', 'S>', [
  segment('TRN*2', 'Claim Status Tracking Number', 'R1'),
  segment('STC', 'Claim Level Status Information', 'R>'),
  segment('REF*1K|D9|BLT', 'Claim Identification', 'S3', 'R2'),
  segment('DTP', 'Claim Level Service Date', 'S>'),
  loop('2220D', 'Service Line Information', 'S>', [segment('SVC', 'Service Line Information', 'R1'), STATUS, segment('REF', 'Service Line Item Identification', 'S2', 'R2'), segment('DTP*472', 'Service Line Date', 'S1')]),
]);

export const CLAIM_ACKNOWLEDGMENT = compileGuide({
  versions: ['005010X214'],
  set: '277',
  functionalIdentifier: 'HN',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1', 'R3'),
    segment('BHT', 'Beginning of Hierarchical Transaction', 'R1', 'R1=0085 R2=08 R4 R5'),
    loop('2000A', 'Information Source Level', 'R1', [
      segment('HL***20', 'Information Source Level', 'R1', 'N2 R4'),
      loop('2100A', 'Information Source Name', 'R1', [segment('NM1*AY|PR', 'Information Source Name', 'R1')]),
      loop('2200A', 'Transmission Receipt Control Identifier', 'S1', [segment('TRN*1', 'Transmission Receipt Control Identifier', 'R1'), segment('DTP*050', 'Information Source Receipt Date', 'S1'), segment('DTP*009', 'Information Source Process Date', 'S1')]),
      loop('2000B', 'Information Receiver Level', 'R1', [
        segment('HL***21', 'Information Receiver Level', 'R1', 'R2 R4'),
        loop('2100B', 'Information Receiver Name', 'R1', [segment('NM1*41', 'Information Receiver Name', 'R1')]),
        loop('2200B', 'Information Receiver Application Trace Identifier', 'R1', [segment('TRN*1|2', 'Information Receiver Application Trace Identifier', 'R1'), segment('STC', 'Information Receiver Status Information', 'R>'), ...COUNTS]),
        loop('2000C', 'Billing Provider of Service Level', 'S>', [
          segment('HL***19', 'Billing Provider of Service Level', 'R1', 'R2 R4'),
          loop('2100C', 'Billing Provider Name', 'R1', [segment('NM1*85|1P', 'Billing Provider Name', 'R1')]),
          loop('2200C', 'Provider of Service Information Trace Identifier', 'S1', [segment('TRN*1|2', 'Provider of Service Information Trace Identifier', 'R1'), STATUS, segment('REF', 'Provider Secondary Identifier', 'S3', 'R2'), segment('DTP', 'Provider Date', 'S2'), ...COUNTS]),
          loop('2000D', 'Patient Level', 'S>', [segment('HL***22|PT', 'Patient Level', 'R1', 'R2'), loop('2100D', 'Patient Name', 'R1', [segment('NM1*QC|IL', 'Patient Name', 'R1')]), claim]),
        ]),
      ]),
    ]),
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
  businessUnit: { name: 'TRN02', segment: 'TRN', element: 2 },
});
