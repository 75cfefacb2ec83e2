/** 005010X223A2: the institutional claim (837I). */
import { claimSet, dates, DRUG, LINE_ADJUDICATION, otherPayerProvider, otherSubscriber, provider, references } from './claim-837.ts';
import { compileGuide } from './compile.ts';
import { loop, segment, type Loop } from './definition.ts';
import { CLAIM_REVIEWS } from './review-837.ts';

const line = loop('2400', 'Service Line Number', 'R999', [
  segment('LX', 'Service Line Number', 'R1'),
  segment('SV2', 'Institutional Service Line', 'R1', 'R1 R3 R4=DA|UN R5'),
  segment('PWK', 'Line Supplemental Information', 'S10'),
  ...dates(['472', 'Service Date']),
  ...references(['6R', 'Line Item Control Number'], ['9B', 'Repriced Line Item Reference Number'], ['9D', 'Adjusted Repriced Line Item Reference Number']),
  segment('AMT*GT', 'Service Tax Amount', 'S1'),
  segment('AMT*N8', 'Facility Tax Amount', 'S1'),
  segment('NTE*TPO', 'Third Party Organization Notes', 'S1'),
  segment('HCP', 'Line Pricing or Repricing Information', 'S1'),
  DRUG,
  provider('2420A', '72', 'Operating Physician', 'S1'),
  provider('2420B', 'ZZ', 'Other Operating Physician', 'S1'),
  provider('2420C', '82', 'Rendering Provider', 'S1'),
  provider('2420D', 'DN', 'Referring Provider', 'S1'),
  LINE_ADJUDICATION,
]);

const claim = (repetition: string): Loop => loop('2300', 'Claim Information', repetition, [
  segment('CLM', 'Claim Information', 'R1', 'R2 N3 N4 R5 R5-2=A R5-3 R7 R8 R9'),
  ...dates(['096', 'Discharge Hour'], ['434', 'Statement Dates', 'R1'], ['435', 'Admission Date and Hour'], ['050', 'Repricer Received Date']),
  segment('CL1', 'Institutional Claim Code', 'R1', 'R3'),
  segment('PWK', 'Claim Supplemental Information', 'S10'),
  segment('CN1', 'Contract Information', 'S1'),
  segment('AMT*F3', 'Patient Estimated Amount Due', 'S1'),
  ...references(
    ['4N', 'Service Authorization Exception Code'], ['9F', 'Referral Number'], ['G1', 'Prior Authorization'], ['F8', 'Payer Claim Control Number'], ['9A', 'Repriced Claim Number'], ['9C', 'Adjusted Repriced Claim Number'],
    ['LX', 'Investigational Device Exemption Number', 'S5'], ['D9', 'Claim Identifier for Transmission Intermediaries'], ['LU', 'Auto Accident State'], ['EA', 'Medical Record Number'], ['P4', 'Demonstration Project Identifier'], ['G4', 'Peer Review Organization Approval Number'],
  ),
  segment('K3', 'File Information', 'S10'),
  segment('NTE*ADD', 'Billing Note', 'S1'),
  segment('NTE*ALG|DCP|DGN|DME|MED|NTR|ODT|RHB|RLH|RNH|SET|SFM|SPT|UPI', 'Claim Note', 'S10'),
  segment('CRC*ZZ', 'EPSDT Referral', 'S1'),
  segment('HI*ABK|BK', 'Principal Diagnosis', 'R1'),
  segment('HI*ABJ|BJ', 'Admitting Diagnosis', 'S1'),
  segment('HI*APR|PR', 'Patient Reason for Visit', 'S1'),
  segment('HI*ABN|BN', 'External Cause of Injury', 'S1'),
  segment('HI*DR', 'Diagnosis Related Group Information', 'S1'),
  segment('HI*ABF|BF', 'Other Diagnosis Information', 'S2'),
  segment('HI*BBR|BR|CAH', 'Principal Procedure Information', 'S1'),
  segment('HI*BBQ|BQ', 'Other Procedure Information', 'S2'),
  segment('HI*BI', 'Occurrence Span Information', 'S2'),
  segment('HI*BH', 'Occurrence Information', 'S2'),
  segment('HI*BE', 'Value Information', 'S2'),
  segment('HI*BG', 'Condition Information', 'S2'),
  segment('HI*TC', 'Treatment Code Information', 'S2'),
  segment('HCP', 'Claim Pricing or Repricing Information', 'S1'),
  provider('2310A', '71', 'Attending Provider', 'S1', 'specialty'),
  provider('2310B', '72', 'Operating Physician', 'S1'),
  provider('2310C', 'ZZ', 'Other Operating Physician', 'S1'),
  provider('2310D', '82', 'Rendering Provider', 'S1'),
  provider('2310E', '77', 'Service Facility Location', 'S1', 'address'),
  provider('2310F', 'DN', 'Referring Provider', 'S1'),
  otherSubscriber([segment('MIA', 'Inpatient Adjudication Information', 'S1'), segment('MOA', 'Outpatient Adjudication Information', 'S1')], [
    otherPayerProvider('2330C', '71', 'Attending Provider'), otherPayerProvider('2330D', '72', 'Operating Physician'), otherPayerProvider('2330E', 'ZZ', 'Other Operating Physician'), otherPayerProvider('2330F', '77', 'Service Facility Location'),
    otherPayerProvider('2330G', '82', 'Rendering Provider'), otherPayerProvider('2330H', 'DN', 'Referring Provider'), otherPayerProvider('2330I', '85', 'Billing Provider'),
  ]),
  line,
]);

export const INSTITUTIONAL = compileGuide({
  versions: ['005010X223A2', '005010X223A3', '005010X223A1', '005010X223'],
  set: '837',
  functionalIdentifier: 'HC',
  root: claimSet(claim),
  reviews: CLAIM_REVIEWS,
  businessUnit: { name: 'CLM01', segment: 'CLM', element: 1 },
});
