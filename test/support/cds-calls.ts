/** Calls of CDS services for tests: orders of the demo's members, and readers of what is said of them. */
import { randomUUID } from 'node:crypto';
import type { Bundle, Extension, Resource } from '@medplum/fhirtypes';
import { demoCoverage, demoMembers, demoPatient } from '../../server/demo/records.ts';
import { send, type TestAnswer, type TestHouse } from './house.ts';

export const hcpcs = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const placeOfService = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';

export type Json = Record<string, unknown>;

/** What a clinic knows of a member: its own ids, and what stands on the insurance card. */
export function chartOf(member: string): { patient: Resource & { id: string }; coverage: Resource & { id: string }; requester: Resource & { id: string } } {
  const known = demoMembers.find(({ id }) => id === member)!;
  return {
    patient: { ...demoPatient(known), id: 'p', managingOrganization: { reference: 'Organization/clinic' } },
    coverage: { ...demoCoverage(known), id: 'cov', beneficiary: { reference: 'Patient/p' }, payor: [{ identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' } }] },
    requester: { resourceType: 'Organization', id: 'clinic', active: true, name: 'Harbor Street Clinic', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1999999984' }] },
  };
}

/** An order of home oxygen, unless told otherwise. */
export function order(options: { readonly id?: string; readonly code?: string; readonly system?: string; readonly diagnosis?: string; readonly date?: string; readonly place?: string } = {}): Resource & { id: string } {
  return {
    resourceType: 'ServiceRequest', id: options.id ?? 'o1', status: 'draft', intent: 'order', subject: { reference: 'Patient/p' }, requester: { reference: 'Organization/clinic' },
    code: { coding: [{ system: options.system ?? hcpcs, code: options.code ?? 'E1390' }] }, occurrenceDateTime: options.date ?? '2026-03-02',
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: options.diagnosis ?? 'J44.9' }] }],
    ...(options.place !== undefined && { locationCode: [{ coding: [{ system: placeOfService, code: options.place }] }] }),
  };
}

export function saturation(value: number): Resource & { id: string } {
  return {
    resourceType: 'Observation', id: 'sat', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] }, subject: { reference: 'Patient/p' },
    effectiveDateTime: '2026-03-01', valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  };
}

export function bundle(...resources: readonly Resource[]): Bundle {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ fullUrl: `https://clinic.example/fhir/${resource.resourceType}/${resource.id}`, resource })) };
}

/** A call of order-sign about these orders of a member. */
export function orderSign(member: string, orders: readonly Resource[], evidence: readonly Resource[] = [], more: Json = {}): Json & { context: Json; prefetch: Json } {
  const { patient, coverage, requester } = chartOf(member);
  return {
    hook: 'order-sign', hookInstance: randomUUID(),
    context: { userId: 'Practitioner/doctor', patientId: 'p', draftOrders: bundle(...orders) },
    prefetch: { patient, coverage: bundle(coverage), organizations: bundle(requester), ...(evidence.length > 0 && { evidence: bundle(...evidence) }) },
    ...more,
  };
}

export function call(house: Pick<TestHouse, 'origin'>, service: string, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
  return send('POST', `${house.origin}/cds-services/${service}`, body, { 'content-type': 'application/json', ...headers });
}

export const informationUrl = 'http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-coverage-information';

/** The coverage information on a resource: each repetition as the values of its parts, by name. */
export function informationOn(resource: { extension?: Extension[] }): Record<string, unknown[]>[] {
  return (resource.extension ?? []).filter(({ url }) => url === informationUrl).map(({ extension = [] }) => {
    const parts: Record<string, unknown[]> = {};
    for (const { url, ...rest } of extension) (parts[url] ??= []).push(Object.values(rest)[0]);
    return parts;
  });
}

/** What an answer says of each resource, in order. */
export function saidIn(answer: TestAnswer): Record<string, unknown[]>[][] {
  const actions = (answer.json as { systemActions?: { resource: { extension?: Extension[] } }[] }).systemActions ?? [];
  return actions.map(({ resource }) => informationOn(resource));
}

/** The first thing that is said of the first resource. */
export function firstSaidIn(answer: TestAnswer): Record<string, unknown[]> {
  const [said] = saidIn(answer)[0] ?? [];
  if (!said) throw new Error('nothing is said');
  return said;
}
