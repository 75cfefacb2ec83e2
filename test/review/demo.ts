/** Hand-made requests for the tests of the demo packs. */
import type { Bundle, ClaimItem, Resource } from '@medplum/fhirtypes';
import type { ReviewRequest } from '../../review/engine/types.ts';

export const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
export const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
export const LOINC = 'http://loinc.org';
export const UCUM = 'http://unitsofmeasure.org';
const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const BASE = 'https://provider.example/fhir';

export interface Wanted {
  readonly service?: { system: string; code: string };
  readonly diagnosis?: string;
  readonly item?: Partial<ClaimItem>;
  readonly claim?: object;
  readonly resources?: readonly object[];
  readonly patient?: object;
}

function entry(resource: object): { fullUrl: string; resource: Resource } {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  return { fullUrl: `${BASE}/${resourceType}/${id}`, resource: resource as Resource };
}

/** A PAS request Bundle with one item, its patient P and its requester (NPI 1234567893). */
export function requestBundle({ service = { system: HCPCS, code: 'E1390' }, diagnosis = 'J44.9', item = {}, claim = {}, resources = [], patient = {} }: Wanted = {}): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      entry({
        resourceType: 'Claim',
        id: 'C',
        patient: { reference: 'Patient/P' },
        provider: { reference: 'Organization/O' },
        diagnosis: [{ sequence: 1, diagnosisCodeableConcept: { coding: [{ system: ICD10, code: diagnosis }] } }],
        item: [
          {
            sequence: 1,
            extension: [
              { url: `${PAS}/extension-serviceItemRequestType`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/1525', code: 'HS' }] } },
              { url: `${PAS}/extension-certificationType`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/1322', code: 'I' }] } },
            ],
            productOrService: { coding: [service] },
            servicedDate: '2026-06-15',
            ...item,
          },
        ],
        ...claim,
      }),
      entry({ resourceType: 'Patient', id: 'P', birthDate: '1950-02-01', gender: 'female', ...patient }),
      entry({ resourceType: 'Organization', id: 'O', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }] }),
      ...resources.map(entry),
    ],
  };
}

export function observation(code: string, value: number, unit: string, effectiveDateTime: string | undefined, more: object = {}): object {
  return {
    resourceType: 'Observation',
    id: `obs-${code}-${effectiveDateTime ?? 'undated'}`,
    status: 'final',
    code: { coding: [{ system: LOINC, code }] },
    subject: { reference: 'Patient/P' },
    ...(effectiveDateTime === undefined ? {} : { effectiveDateTime }),
    valueQuantity: { value, unit, system: UCUM, code: unit },
    ...more,
  };
}

/** A request received on 2026-06-10 for a member with coverage all year. */
export function reviewRequest(wanted: Wanted = {}, more: Partial<ReviewRequest> = {}): ReviewRequest {
  return {
    receivedOn: '2026-06-10',
    claimBundle: requestBundle(wanted),
    member: { birthDate: '1950-02-01', gender: 'female' },
    coverage: { plan: 'DEMO-GOLD', status: 'active', periodStart: '2026-01-01', periodEnd: '2026-12-31' },
    itemSequences: [1],
    existing: [],
    ...more,
  };
}
