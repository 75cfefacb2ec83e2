/** 005010X224A2: the dental claim (837D). */
import { claimSet, dates, LINE_ADJUDICATION, otherPayerProvider, otherSubscriber, provider, references } from './claim-837.ts';
import { compileGuide } from './compile.ts';
import { loop, segment, type Loop } from './definition.ts';
import { CLAIM_REVIEWS } from './review-837.ts';

const line = loop('2400', 'Service Line Number', 'R50', [
  segment('LX', 'Service Line Number', 'R1'),
  segment('SV3', 'Dental Service', 'R1', 'R2 R6'),
  segment('TOO*JP', 'Tooth Information', 'S32'),
  ...dates(['472', 'Service Date'], ['441|452', 'Prior or Appliance Placement Date', 'S2'], ['446', 'Replacement Date'], ['196', 'Treatment Start Date'], ['198', 'Treatment Completion Date']),
  segment('CN1', 'Contract Information', 'S1'),
  ...references(['G3', 'Predetermination of Benefits Identification'], ['G1', 'Prior Authorization', 'S5'], ['6R', 'Line Item Control Number'], ['9A', 'Repriced Claim Number'], ['9B', 'Repriced Line Item Reference Number'], ['9C', 'Adjusted Repriced Claim Number'], ['9D', 'Adjusted Repriced Line Item Reference Number'], ['9F', 'Referral Number', 'S5']),
  segment('AMT*T', 'Sales Tax Amount', 'S1'),
  segment('K3', 'File Information', 'S10'),
  segment('HCP', 'Line Pricing or Repricing Information', 'S1'),
  provider('2420A', '82', 'Rendering Provider', 'S1', 'specialty'),
  provider('2420B', 'DD', 'Assistant Surgeon', 'S1', 'specialty'),
  provider('2420C', 'DQ', 'Supervising Provider', 'S1'),
  provider('2420D', '77', 'Service Facility Location', 'S1', 'address'),
  LINE_ADJUDICATION,
]);

const claim = (repetition: string): Loop => loop('2300', 'Claim Information', repetition, [
  segment('CLM', 'Claim Information', 'R1', 'R2 N3 N4 R5 R5-2=B R5-3 R8 R9'),
  ...dates(['439', 'Accident Date'], ['452', 'Appliance Placement Date'], ['472', 'Service Date'], ['050', 'Repricer Received Date']),
  segment('DN1', 'Orthodontic Total Months of Treatment', 'S1'),
  segment('DN2', 'Tooth Status', 'S35'),
  segment('PWK', 'Claim Supplemental Information', 'S10'),
  segment('CN1', 'Contract Information', 'S1'),
  segment('AMT*F5', 'Patient Amount Paid', 'S1'),
  ...references(
    ['G3', 'Predetermination Identification'], ['4N', 'Service Authorization Exception Code'], ['F8', 'Payer Claim Control Number'], ['9F', 'Referral Number'], ['G1', 'Prior Authorization'], ['9A', 'Repriced Claim Number'],
    ['9C', 'Adjusted Repriced Claim Number'], ['D9', 'Claim Identifier for Transmission Intermediaries'],
  ),
  segment('K3', 'File Information', 'S10'),
  segment('NTE*ADD', 'Claim Note', 'S5'),
  segment('HI*ABK|BK|TQ', 'Health Care Diagnosis Code', 'S1'),
  segment('HCP', 'Claim Pricing or Repricing Information', 'S1'),
  provider('2310A', 'DN|P3', 'Referring Provider', 'S2', 'specialty'),
  provider('2310B', '82', 'Rendering Provider', 'S1', 'specialty'),
  provider('2310C', '77', 'Service Facility Location', 'S1', 'address'),
  provider('2310D', 'DD', 'Assistant Surgeon', 'S1', 'specialty'),
  provider('2310E', 'DQ', 'Supervising Provider', 'S1'),
  otherSubscriber([segment('MOA', 'Outpatient Adjudication Information', 'S1')], [
    otherPayerProvider('2330C', 'DN|P3', 'Referring Provider', 'S2'), otherPayerProvider('2330D', '82', 'Rendering Provider'), otherPayerProvider('2330E', 'DQ', 'Supervising Provider'), otherPayerProvider('2330F', '85', 'Billing Provider'),
    otherPayerProvider('2330G', '77', 'Service Facility Location'), otherPayerProvider('2330H', 'DD', 'Assistant Surgeon'),
  ]),
  line,
]);

export const DENTAL = compileGuide({
  versions: ['005010X224A2', '005010X224A3', '005010X224A1', '005010X224'],
  set: '837',
  functionalIdentifier: 'HC',
  root: claimSet(claim),
  reviews: CLAIM_REVIEWS,
  businessUnit: { name: 'CLM01', segment: 'CLM', element: 1 },
});
