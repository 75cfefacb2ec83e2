/** 005010X222A1: the professional claim (837P). */
import { claimSet, dates, DRUG, LINE_ADJUDICATION, otherPayerProvider, otherSubscriber, place, provider, references } from './claim-837.ts';
import { compileGuide } from './compile.ts';
import { loop, segment, type Loop } from './definition.ts';
import { CLAIM_REVIEWS } from './review-837.ts';

const line = loop('2400', 'Service Line Number', 'R50', [
  segment('LX', 'Service Line Number', 'R1'),
  segment('SV1', 'Professional Service', 'R1', 'R2 R3=MJ|UN R4 R7'),
  segment('SV5', 'Durable Medical Equipment Service', 'S1'),
  segment('PWK', 'Line Supplemental Information', 'S11'),
  segment('CR1', 'Ambulance Transport Information', 'S1'),
  segment('CR3', 'Durable Medical Equipment Certification', 'S1'),
  segment('CRC*07', 'Ambulance Certification', 'S3'),
  segment('CRC*70', 'Hospice Employee Indicator', 'S1'),
  segment('CRC*09', 'Condition Indicator, Durable Medical Equipment', 'S1'),
  ...dates(
    ['472', 'Service Date', 'R1'], ['471', 'Prescription Date'], ['607', 'Certification Revision or Recertification Date'], ['463', 'Begin Therapy Date'], ['461', 'Last Certification Date'],
    ['304', 'Last Seen Date'], ['738|739', 'Test Date', 'S2'], ['011', 'Shipped Date'], ['455', 'Last X-ray Date'], ['454', 'Initial Treatment Date'],
  ),
  segment('QTY*PT', 'Ambulance Patient Count', 'S1'),
  segment('QTY*FL', 'Obstetric Anesthesia Additional Units', 'S1'),
  segment('MEA', 'Test Result', 'S5'),
  segment('CN1', 'Contract Information', 'S1'),
  ...references(
    ['9B', 'Repriced Line Item Reference Number'], ['9D', 'Adjusted Repriced Line Item Reference Number'], ['6R', 'Line Item Control Number'], ['EW', 'Mammography Certification Number'],
    ['X4', 'CLIA Number'], ['F4', 'Referring CLIA Number'], ['BT', 'Immunization Batch Number'],
  ),
  segment('REF*G1', 'Prior Authorization', 'S5', 'R2'),
  segment('REF*9F', 'Referral Number', 'S5', 'R2'),
  segment('AMT*T', 'Sales Tax Amount', 'S1'),
  segment('AMT*F4', 'Postage Claimed Amount', 'S1'),
  segment('K3', 'File Information', 'S10'),
  segment('NTE*ADD|DCP', 'Line Note', 'S1'),
  segment('NTE*TPO', 'Third Party Organization Notes', 'S1'),
  segment('PS1', 'Purchased Service Information', 'S1'),
  segment('HCP', 'Line Pricing or Repricing Information', 'S1'),
  DRUG,
  provider('2420A', '82', 'Rendering Provider', 'S1', 'specialty'),
  provider('2420B', 'QB', 'Purchased Service Provider', 'S1'),
  provider('2420C', '77', 'Service Facility Location', 'S1', 'address'),
  provider('2420D', 'DQ', 'Supervising Provider', 'S1'),
  loop('2420E', 'Ordering Provider', 'S1', [
    segment('NM1*DK', 'Ordering Provider Name', 'R1', 'R3'),
    segment('N3', 'Ordering Provider Address', 'S1'),
    segment('N4', 'Ordering Provider City, State, ZIP Code', 'S1'),
    segment('REF*0B|1G|G2', 'Ordering Provider Secondary Identification', 'S20', 'R2'),
    segment('PER*IC', 'Ordering Provider Contact Information', 'S1', 'R3 R4'),
  ]),
  provider('2420F', 'DN|P3', 'Referring Provider', 'S2'),
  place('2420G', 'PW', 'Ambulance Pick-up Location'),
  place('2420H', '45', 'Ambulance Drop-off Location'),
  LINE_ADJUDICATION,
  loop('2440', 'Form Identification Code', 'S>', [segment('LQ*AS|UT', 'Form Identification Code', 'R1', 'R2'), segment('FRM', 'Supporting Documentation', 'R99')]),
]);

const claim = (repetition: string): Loop => loop('2300', 'Claim Information', repetition, [
  segment('CLM', 'Claim Information', 'R1', 'R2 N3 N4 R5 R5-2=B R5-3 R6 R8 R9'),
  ...dates(
    ['431', 'Onset of Current Illness or Symptom Date'], ['454', 'Initial Treatment Date'], ['304', 'Last Seen Date'], ['453', 'Acute Manifestation Date'], ['439', 'Accident Date'], ['484', 'Last Menstrual Period Date'],
    ['455', 'Last X-ray Date'], ['471', 'Hearing and Vision Prescription Date'], ['314|360|361', 'Disability Dates'], ['297', 'Last Worked Date'], ['296', 'Authorized Return to Work Date'], ['435', 'Admission Date'],
    ['096', 'Discharge Date'], ['090|091', 'Assumed and Relinquished Care Dates', 'S2'], ['444', 'Property and Casualty Date of First Contact'], ['050', 'Repricer Received Date'],
  ),
  segment('PWK', 'Claim Supplemental Information', 'S10'),
  segment('CN1', 'Contract Information', 'S1'),
  segment('AMT*F5', 'Patient Amount Paid', 'S1'),
  ...references(
    ['4N', 'Service Authorization Exception Code'], ['F5', 'Mandatory Medicare Crossover Indicator'], ['EW', 'Mammography Certification Number'], ['9F', 'Referral Number'], ['G1', 'Prior Authorization'], ['F8', 'Payer Claim Control Number'],
    ['X4', 'CLIA Number'], ['9A', 'Repriced Claim Number'], ['9C', 'Adjusted Repriced Claim Number'], ['LX', 'Investigational Device Exemption Number'], ['D9', 'Claim Identifier for Transmission Intermediaries'],
    ['EA', 'Medical Record Number'], ['P4', 'Demonstration Project Identifier'], ['1J', 'Care Plan Oversight'],
  ),
  segment('K3', 'File Information', 'S10'),
  segment('NTE*ADD|CER|DCP|DGN|TPO', 'Claim Note', 'S1'),
  segment('CR1', 'Ambulance Transport Information', 'S1'),
  segment('CR2', 'Spinal Manipulation Service Information', 'S1'),
  segment('CRC*07', 'Ambulance Certification', 'S3'),
  segment('CRC*E1|E2|E3', 'Patient Condition Information: Vision', 'S3'),
  segment('CRC*75', 'Homebound Indicator', 'S1'),
  segment('CRC*ZZ', 'EPSDT Referral', 'S1'),
  segment('HI*ABK|BK', 'Health Care Diagnosis Code', 'R1'),
  segment('HI*BP', 'Anesthesia Related Procedure', 'S1'),
  segment('HI*BG', 'Condition Information', 'S2'),
  segment('HCP', 'Claim Pricing or Repricing Information', 'S1'),
  provider('2310A', 'DN|P3', 'Referring Provider', 'S2'),
  provider('2310B', '82', 'Rendering Provider', 'S1', 'specialty'),
  provider('2310C', '77', 'Service Facility Location', 'S1', 'address', 'contact'),
  provider('2310D', 'DQ', 'Supervising Provider', 'S1'),
  place('2310E', 'PW', 'Ambulance Pick-up Location'),
  place('2310F', '45', 'Ambulance Drop-off Location'),
  otherSubscriber([segment('MOA', 'Outpatient Adjudication Information', 'S1')], [
    otherPayerProvider('2330C', 'DN|P3', 'Referring Provider', 'S2'), otherPayerProvider('2330D', '82', 'Rendering Provider'), otherPayerProvider('2330E', '77', 'Service Facility Location'),
    otherPayerProvider('2330F', 'DQ', 'Supervising Provider'), otherPayerProvider('2330G', '85', 'Billing Provider'),
  ]),
  line,
]);

export const PROFESSIONAL = compileGuide({
  versions: ['005010X222A1', '005010X222A2', '005010X222'],
  set: '837',
  functionalIdentifier: 'HC',
  root: claimSet(claim),
  reviews: CLAIM_REVIEWS,
  businessUnit: { name: 'CLM01', segment: 'CLM', element: 1 },
});
