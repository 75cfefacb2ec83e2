/** Requests that the demo sends: PAS 2.2.1 request Bundles, each run with trace numbers of its own. */
import type { Bundle, Observation, Resource } from '@medplum/fhirtypes';
import { pasExtension, systemOf, x12System } from '../../profiles/pas/names.ts';
import { demoMembers, memberNumberSystem } from './records.ts';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const hcpcs = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const placeOfService = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';
const base = 'https://clinic.example/fhir';
const usualClinic = '1999999984';

export interface DemoRequest {
  readonly member: string;
  /** Tells this run from another: part of the trace numbers. */
  readonly run: string;
  /** NPI of the clinic that asks, where it is not the usual one. */
  readonly clinic?: string;
  /** Instant of the request, ISO 8601. */
  readonly at: string;
  readonly service: { readonly system: string; readonly code: string };
  readonly category: string;
  readonly placeOfService: string;
  readonly diagnosis: string;
  /** Oxygen saturation in percent, measured the day before. */
  readonly saturation?: number;
}

export const consultation = { system: x12System('1365'), code: '3' };
export const hcpcsService = (code: string): DemoRequest['service'] => ({ system: hcpcs, code });

/**
 * The NPI of the clinic that asks, its last digit a Luhn check digit over 80840 and the rest. Each run of the demo has a
 * clinic of its own, so that a plan that remembers what it certified before does not answer from memory.
 */
export function clinicNumber(run: string): string {
  const body = `1${String(Number.parseInt(run.slice(1, 9), 16) % 100_000_000).padStart(8, '0')}`;
  const sum = `80840${body}`.split('').toReversed().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

export function demoBundle(request: DemoRequest): Bundle {
  const member = demoMembers.find((candidate) => candidate.id === request.member)!;
  const today = request.at.slice(0, 10);
  const dayBefore = new Date(Date.parse(request.at) - 86_400_000).toISOString().slice(0, 10);
  const patient = `${base}/Patient/${member.id}`;
  const entries: [string, Resource][] = [
    [`${base}/Claim/${request.run}`, {
      resourceType: 'Claim',
      id: request.run,
      meta: { profile: [`${structure}/profile-claim`] },
      identifier: [{ system: 'urn:trnorg:9012345678', value: request.run }],
      status: 'active',
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
      use: 'preauthorization',
      patient: { reference: patient },
      created: request.at,
      insurer: { reference: `${base}/Organization/payer` },
      provider: { reference: `${base}/Organization/clinic` },
      priority: { coding: [{ system: systemOf.processPriority, code: 'normal' }] },
      diagnosis: [{ sequence: 1, diagnosisCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: request.diagnosis }] } }],
      insurance: [{ sequence: 1, focal: true, coverage: { reference: `${base}/Coverage/${member.id}` } }],
      ...(request.saturation !== undefined && {
        supportingInfo: [{
          extension: [{ url: pasExtension.documentInformation, extension: [{ url: 'reportTypeCode', valueCodeableConcept: { coding: [{ system: x12System('755'), code: 'PY' }] } }] }],
          sequence: 1, category: { coding: [{ system: systemOf.pasTemporary, code: 'additionalInformation' }] }, valueReference: { reference: `${base}/Observation/saturation` },
        }],
      }),
      item: [{
        extension: [
          { url: `${structure}/extension-serviceItemRequestType`, valueCodeableConcept: { coding: [{ system: x12System('1525'), code: 'HS' }] } },
          { url: pasExtension.certificationType, valueCodeableConcept: { coding: [{ system: systemOf.certificationType, code: 'I' }] } },
          { url: pasExtension.itemTraceNumber, valueIdentifier: { system: 'urn:trnorg:9012345678', value: `${request.run}-1` } },
        ],
        sequence: 1,
        diagnosisSequence: [1],
        category: { coding: [{ system: x12System('1365'), code: request.category }] },
        productOrService: { coding: [request.service] },
        servicedDate: today,
        locationCodeableConcept: { coding: [{ system: placeOfService, code: request.placeOfService }] },
      }],
    }],
    [`${base}/Organization/clinic`, {
      resourceType: 'Organization', id: 'clinic', meta: { profile: [`${structure}/profile-requestor`] }, active: true,
      identifier: [{ system: systemOf.npi, value: request.clinic ?? usualClinic }], type: [{ coding: [{ system: systemOf.entity, code: '1P' }] }], name: 'Harbor Street Clinic',
    }],
    [`${base}/Organization/payer`, {
      resourceType: 'Organization', id: 'payer', meta: { profile: [`${structure}/profile-insurer`] }, active: true,
      identifier: [{ system: systemOf.npi, value: '1234567893' }], type: [{ coding: [{ system: systemOf.entity, code: 'PR' }] }], name: 'Demo Health Plan',
    }],
    [`${base}/Coverage/${member.id}`, {
      resourceType: 'Coverage', id: member.id, meta: { profile: [`${structure}/profile-coverage`] }, status: 'active',
      identifier: [{ type: { coding: [{ system: systemOf.identifierType, code: 'MB' }] }, system: memberNumberSystem, value: member.number }],
      subscriberId: member.number, beneficiary: { reference: patient }, payor: [{ reference: `${base}/Organization/payer` }],
      relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }, { system: x12System('1069'), code: '18' }] },
    }],
    [patient, {
      resourceType: 'Patient', id: member.id, meta: { profile: [`${structure}/profile-beneficiary`] },
      identifier: [{ type: { coding: [{ system: systemOf.identifierType, code: 'MB' }] }, system: memberNumberSystem, value: member.number }],
      name: [{ family: member.family, given: [member.given] }], gender: member.gender, ...(member.birthDate !== undefined && { birthDate: member.birthDate }),
    }],
  ];
  if (request.saturation !== undefined) {
    entries.push([`${base}/Observation/saturation`, {
      resourceType: 'Observation', id: 'saturation', status: 'final', category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
      // By pulse oximeter; the vital signs profile wants the general code as well.
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }, { system: 'http://loinc.org', code: '2708-6' }] },
      subject: { reference: patient }, effectiveDateTime: dayBefore,
      valueQuantity: { value: request.saturation, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    } satisfies Observation]);
  }
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${structure}/profile-pas-request-bundle`] },
    identifier: { system: 'https://clinic.example/request', value: request.run },
    type: 'collection',
    timestamp: request.at,
    entry: entries.map(([fullUrl, resource]) => ({ fullUrl, resource })),
  };
}
