/**
 * What the three 837 guides share: submitter and receiver, the levels of billing provider, subscriber and patient, and
 * the other payers. Which provider may stand where is each guide's own.
 * Source: public companion guides to 005010X222A1, 005010X223A2 and 005010X224A2; the guides themselves are licensed.
 */
import { type Loop, loop, segment, type SegmentSlot } from './definition.ts';

const CONTACT = 'R3 R4';
const ADDRESS = [segment('N3', 'Address', 'R1'), segment('N4', 'City, State, ZIP Code', 'R1', 'R1')];
const MAYBE_ADDRESS = [segment('N3', 'Address', 'S1'), segment('N4', 'City, State, ZIP Code', 'S1')];

/** The identifiers of one reference, each once. */
export function references(...each: readonly (readonly [codes: string, name: string, repetition?: string])[]): SegmentSlot[] {
  return each.map(([codes, name, repetition = 'S1']) => segment(`REF*${codes}`, name, repetition, 'R2 N3'));
}

/** Dates by qualifier. */
export function dates(...each: readonly (readonly [codes: string, name: string, repetition?: string])[]): SegmentSlot[] {
  return each.map(([codes, name, repetition = 'S1']) => segment(`DTP*${codes}`, name, repetition));
}

/** A provider's loop: NM1, whatever else there is, and further numbers. */
export function provider(id: string, code: string, name: string, repetition: string, ...more: ('specialty' | 'address' | 'contact')[]): Loop {
  return loop(id, name, repetition, [
    segment(`NM1*${code}`, name, 'R1', 'S3 N10'),
    ...(more.includes('specialty') ? [segment('PRV', `${name} Specialty Information`, 'S1', 'R2=PXC R3')] : []),
    ...(more.includes('address') ? ADDRESS : []),
    segment('REF*0B|1G|G2|LU', `${name} Secondary Identification`, 'S20', 'R2'),
    ...(more.includes('contact') ? [segment('PER*IC', `${name} Contact Information`, 'S1', CONTACT)] : []),
  ]);
}

/** Where somebody is picked up or dropped off, or served. */
export function place(id: string, code: string, name: string): Loop {
  return loop(id, name, 'S1', [segment(`NM1*${code}`, name, 'R1'), ...ADDRESS]);
}

/** 2330x: a provider as another payer knows him. */
export function otherPayerProvider(id: string, code: string, name: string, repetition = 'S1'): Loop {
  return loop(id, `Other Payer ${name}`, repetition, [segment(`NM1*${code}`, `Other Payer ${name}`, 'R1'), segment('REF*0B|1G|G2|LU|EI|SY', `Other Payer ${name} Identification`, 'S4', 'R2')]);
}

/** 2320: another payer of the claim; `adjudication` is what tells how it paid. */
export function otherSubscriber(adjudication: readonly SegmentSlot[], providers: readonly Loop[]): Loop {
  return loop('2320', 'Other Subscriber Information', 'S10', [
    segment('SBR', 'Other Subscriber Information', 'R1', 'R2'),
    segment('CAS', 'Claim Level Adjustments', 'S5'),
    segment('AMT*D', 'Payer Paid Amount', 'S1'),
    segment('AMT*A8', 'Total Non-Covered Amount', 'S1'),
    segment('AMT*EAF', 'Remaining Patient Liability', 'S1'),
    segment('OI', 'Other Insurance Coverage Information', 'R1', 'R3 R6'),
    ...adjudication,
    loop('2330A', 'Other Subscriber Name', 'R1', [segment('NM1*IL', 'Other Subscriber Name', 'R1', 'R3 R8=II|MI R9'), ...MAYBE_ADDRESS, segment('REF*SY', 'Other Subscriber Secondary Identification', 'S2', 'R2')]),
    loop('2330B', 'Other Payer Name', 'R1', [
      segment('NM1*PR', 'Other Payer Name', 'R1', 'R3 R8=PI|XV R9'),
      ...MAYBE_ADDRESS,
      segment('DTP*573', 'Claim Check or Remittance Date', 'S1', 'R2=D8'),
      segment('REF*2U|EI|FY|NF', 'Other Payer Secondary Identifier', 'S3', 'R2'),
      ...references(['G1', 'Other Payer Prior Authorization Number'], ['9F', 'Other Payer Referral Number'], ['T4', 'Other Payer Claim Adjustment Indicator'], ['F8', 'Other Payer Claim Control Number']),
    ]),
    ...providers,
  ]);
}

/** 2430: how another payer paid a line. */
export const LINE_ADJUDICATION = loop('2430', 'Line Adjudication Information', 'S15', [
  segment('SVD', 'Line Adjudication Information', 'R1', 'R5'),
  segment('CAS', 'Line Adjustment', 'S5'),
  segment('DTP*573', 'Line Check or Remittance Date', 'R1', 'R2=D8'),
  segment('AMT*EAF', 'Remaining Patient Liability', 'S1'),
]);

/** 2410: the drug of a line. */
export const DRUG = loop('2410', 'Drug Identification', 'S1', [
  segment('LIN', 'Drug Identification', 'R1', 'R2=N4'),
  segment('CTP', 'Drug Quantity', 'R1', 'R4 R5'),
  segment('REF*VY|XZ', 'Prescription or Compound Drug Association Number', 'S1', 'R2'),
]);

const PAYER_NUMBERS = [segment('REF*2U|EI|FY|NF', 'Payer Secondary Identification', 'S3', 'R2'), segment('REF*G2|LU', 'Billing Provider Secondary Identification', 'S2', 'R2')];

function levels(claim: (repetition: string) => Loop): Loop {
  return loop('2000A', 'Billing Provider Hierarchical Level', 'R>', [
    segment('HL***20', 'Billing Provider Hierarchical Level', 'R1', 'N2 R4=1'),
    segment('PRV*BI', 'Billing Provider Specialty Information', 'S1', 'R2=PXC R3'),
    segment('CUR*85', 'Foreign Currency Information', 'S1'),
    loop('2010AA', 'Billing Provider Name', 'R1', [
      segment('NM1*85', 'Billing Provider Name', 'R1', 'R3 S8=XX N10'),
      ...ADDRESS,
      segment('REF*EI|SY', 'Billing Provider Tax Identification', 'R2', 'R2 N3'),
      segment('REF*0B|1G', 'Billing Provider UPIN or License Information', 'S2', 'R2 N3'),
      segment('PER*IC', 'Billing Provider Contact Information', 'S2', CONTACT),
    ]),
    loop('2010AB', 'Pay-to Address Name', 'S1', [segment('NM1*87', 'Pay-to Address Name', 'R1'), ...ADDRESS]),
    loop('2010AC', 'Pay-to Plan Name', 'S1', [
      segment('NM1*PE', 'Pay-to Plan Name', 'R1', 'R3 R8=PI|XV R9'),
      ...ADDRESS,
      segment('REF*2U|FY|NF', 'Pay-to Plan Secondary Identification', 'S1', 'R2'),
      segment('REF*EI', 'Pay-to Plan Tax Identification', 'R1', 'R2'),
    ]),
    loop('2000B', 'Subscriber Hierarchical Level', 'R>', [
      segment('HL***22', 'Subscriber Hierarchical Level', 'R1', 'R2 R4=0|1'),
      segment('SBR', 'Subscriber Information', 'R1', 'S2=18'),
      segment('PAT', 'Patient Information', 'S1'),
      loop('2010BA', 'Subscriber Name', 'R1', [
        segment('NM1*IL', 'Subscriber Name', 'R1', 'R3 S8=II|MI'),
        ...MAYBE_ADDRESS,
        segment('DMG', 'Subscriber Demographic Information', 'S1', 'R1=D8 R2 R3=F|M|U'),
        segment('REF*SY', 'Subscriber Secondary Identification', 'S1', 'R2'),
        segment('REF*Y4', 'Property and Casualty Claim Number', 'S1', 'R2'),
        segment('PER*IC', 'Property and Casualty Subscriber Contact Information', 'S1', CONTACT),
      ]),
      loop('2010BB', 'Payer Name', 'R1', [segment('NM1*PR', 'Payer Name', 'R1', 'R3 R8=PI|XV R9'), ...MAYBE_ADDRESS, ...PAYER_NUMBERS]),
      claim('S100'),
      loop('2000C', 'Patient Hierarchical Level', 'S>', [
        segment('HL***23', 'Patient Hierarchical Level', 'R1', 'R2 R4=0'),
        segment('PAT', 'Patient Information', 'R1', 'R1'),
        loop('2010CA', 'Patient Name', 'R1', [
          segment('NM1*QC', 'Patient Name', 'R1', 'R3 N8 N9'),
          ...ADDRESS,
          segment('DMG', 'Patient Demographic Information', 'R1', 'R1=D8 R2 R3=F|M|U'),
          segment('REF*Y4', 'Property and Casualty Claim Number', 'S1', 'R2'),
          segment('REF*1W|SY', 'Property and Casualty Patient Identifier', 'S1', 'R2'),
          segment('PER*IC', 'Property and Casualty Patient Contact Information', 'S1', CONTACT),
        ]),
        claim('R100'),
      ]),
    ]),
  ]);
}

/** The transaction set around a guide's claims. */
export function claimSet(claim: (repetition: string) => Loop): Loop {
  return loop('HEADER', 'Health Care Claim', 'R1', [
    segment('ST', 'Transaction Set Header', 'R1', 'R1=837 R3'),
    segment('BHT', 'Beginning of Hierarchical Transaction', 'R1', 'R1=0019 R2=00|18 R3 R4 R5 R6=31|CH|RP'),
    loop('1000A', 'Submitter Name', 'R1', [segment('NM1*41', 'Submitter Name', 'R1', 'R3 R8=46 R9 N10'), segment('PER*IC', 'Submitter EDI Contact Information', 'R2', 'R3=EM|FX|TE R4')]),
    loop('1000B', 'Receiver Name', 'R1', [segment('NM1*40', 'Receiver Name', 'R1', 'R3 R8=46 R9 N10')]),
    levels(claim),
    segment('SE', 'Transaction Set Trailer', 'R1'),
  ]);
}
