/**
 * 005010X221A1: claim payment and advice (835). Its amounts balance by line, claim and payment (SNIP 3).
 * Source: public companion guides to 005010X221A1; the guide itself is licensed.
 */
import { compileGuide } from './compile.ts';
import { loop, segment } from './definition.ts';
import { REMITTANCE_REVIEWS } from './review-835.ts';

const ADDRESS = [segment('N3', 'Address', 'S1'), segment('N4', 'City, State, ZIP Code', 'S1')];

const service = loop('2110', 'Service Payment Information', 'S999', [
  segment('SVC', 'Service Payment Information', 'R1', 'R3'),
  segment('DTM*150|151|472', 'Service Date', 'S2', 'R2'),
  segment('CAS', 'Service Adjustment', 'S99'),
  segment('REF*1S|APC|BB|E9|G1|G3|LU|RB', 'Service Identification', 'S8', 'R2'),
  segment('REF*6R', 'Line Item Control Number', 'S1', 'R2'),
  segment('REF*0B|1A|1B|1C|1D|1G|1H|1J|D3|G2|HPI|SY|TJ', 'Rendering Provider Information', 'S10', 'R2'),
  segment('REF*0K', 'Health Care Policy Identification', 'S5', 'R2'),
  segment('AMT', 'Service Supplemental Amount', 'S9'),
  segment('QTY', 'Service Supplemental Quantity', 'S6'),
  segment('LQ', 'Health Care Remark Codes', 'S99', 'R1 R2'),
]);

const claim = loop('2100', 'Claim Payment Information', 'S>', [
  segment('CLP', 'Claim Payment Information', 'R1', 'R6 R7'),
  segment('CAS', 'Claim Adjustment', 'S99'),
  segment('NM1*QC', 'Patient Name', 'R1'),
  segment('NM1*IL', 'Insured Name', 'S1'),
  segment('NM1*74', 'Corrected Patient or Insured Name', 'S1'),
  segment('NM1*82', 'Service Provider Name', 'S1'),
  segment('NM1*TT', 'Crossover Carrier Name', 'S1'),
  segment('NM1*PR', 'Corrected Priority Payer Name', 'S1'),
  segment('NM1*GB', 'Other Subscriber Name', 'S1'),
  segment('MIA', 'Inpatient Adjudication Information', 'S1'),
  segment('MOA', 'Outpatient Adjudication Information', 'S1'),
  segment('REF', 'Other Claim Related Identification', 'S15', 'R2'),
  segment('DTM*232|233', 'Statement From or To Date', 'S2', 'R2'),
  segment('DTM*036', 'Coverage Expiration Date', 'S1', 'R2'),
  segment('DTM*050', 'Claim Received Date', 'S1', 'R2'),
  segment('PER*CX', 'Claim Contact Information', 'S2'),
  segment('AMT', 'Claim Supplemental Information', 'S13'),
  segment('QTY', 'Claim Supplemental Information Quantity', 'S14'),
  service,
]);

export const REMITTANCE = compileGuide({
  versions: ['005010X221A1', '005010X221'],
  set: '835',
  functionalIdentifier: 'HP',
  root: loop('ST', 'Transaction Set', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1'),
    segment('BPR', 'Financial Information', 'R1', 'R16'),
    segment('TRN*1', 'Reassociation Trace Number', 'R1', 'R3'),
    segment('CUR', 'Foreign Currency Information', 'S1'),
    segment('REF*EV', 'Receiver Identification', 'S1', 'R2'),
    segment('REF*F2', 'Version Identification', 'S1', 'R2'),
    segment('DTM*405', 'Production Date', 'S1', 'R2'),
    loop('1000A', 'Payer Identification', 'R1', [
      segment('N1*PR', 'Payer Identification', 'R1', 'R2'),
      ...ADDRESS,
      segment('REF*2U|EO|HI|NF', 'Additional Payer Identification', 'S4', 'R2'),
      segment('PER*CX', 'Payer Business Contact Information', 'S1'),
      segment('PER*BL', 'Payer Technical Contact Information', 'S>'),
      segment('PER*IC', 'Payer Web Site', 'S1'),
    ]),
    loop('1000B', 'Payee Identification', 'R1', [segment('N1*PE', 'Payee Identification', 'R1', 'R2 R3 R4'), ...ADDRESS, segment('REF', 'Payee Additional Identification', 'S>', 'R2'), segment('RDM', 'Remittance Delivery Method', 'S1')]),
    loop('2000', 'Header Number', 'S>', [segment('LX', 'Header Number', 'R1'), segment('TS3', 'Provider Summary Information', 'S1'), segment('TS2', 'Provider Supplemental Summary Information', 'S1'), claim]),
    segment('PLB', 'Provider Adjustment', 'S>'),
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]),
  reviews: REMITTANCE_REVIEWS,
  businessUnit: { name: 'CLP01', segment: 'CLP', element: 1 },
});
