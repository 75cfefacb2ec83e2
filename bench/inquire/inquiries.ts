/** Inquiries made of the official referral request: the same parties, another member each time, any service. */
import { readFileSync } from 'node:fs';
import type { Bundle, Claim } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';

const officialNumber = '12345678901';
const official = '../shared/pas-examples/ig-pas-2.2.1/Bundle-ReferralAuthorizationBundleExample.json';

export const memberNumber = (member: number): string => `INQ${String(member).padStart(8, '0')}`;
/** The plan's number of the copy of an authorization. */
export const numberOfCopy = (member: number, copy: number): string => `R-${String(member).padStart(8, '0')}-${copy}`;

export interface Asked {
  readonly member: number;
  readonly number?: string;
  /** ICD-10-CM. */
  readonly diagnosis?: string;
}

export function officialRequest(): Bundle {
  return JSON.parse(readFileSync(official, 'utf8')) as Bundle;
}

/** The request of a member under a number of its own. */
export function requestOf(member: number): Buffer {
  const bundle = officialRequest();
  bundle.identifier = { system: 'urn:ietf:rfc:3986', value: `template-${member}` };
  (bundle.entry![0]!.resource as Claim).identifier![0]!.value = `T${String(member).padStart(8, '0')}`;
  return Buffer.from(JSON.stringify(bundle).replaceAll(officialNumber, memberNumber(member)));
}

export function inquiryMaker(): (asked: Asked) => Buffer {
  const bundle = officialRequest();
  const claim = bundle.entry![0]!.resource as Claim;
  for (const name of ['supportingInfo', 'diagnosis', 'careTeam', 'extension'] as const) delete claim[name];
  bundle.entry = bundle.entry!.filter(({ resource }) => ['Claim', 'Organization', 'Coverage', 'Patient'].includes(resource!.resourceType));
  return ({ member, number, diagnosis }) => {
    claim.item = [{ sequence: 1, productOrService: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-applicable' }] } }];
    if (diagnosis === undefined) delete claim.diagnosis;
    else claim.diagnosis = [{ sequence: 1, diagnosisCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: diagnosis }] } }];
    if (number !== undefined) claim.extension = [{ url: pasExtension.administrationReferenceNumber, valueString: number }];
    else delete claim.extension;
    return Buffer.from(JSON.stringify(bundle).replaceAll(officialNumber, memberNumber(member)));
  };
}
