/**
 * What FHIR requires and the message did not say: the default that R4 has for it where it has one (`unknown` as a
 * status), otherwise that it is absent. Each is told by an issue of the message; no value is made up.
 * Source: FHIR R4, data-absent-reason (https://hl7.org/fhir/R4/extension-data-absent-reason.html).
 */
import type { BundleEntry } from '@medplum/fhirtypes';
import type { Run } from './engine/run.ts';

type Node = Record<string, unknown>;

export const ABSENT = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] };
export const ABSENT_CONCEPT = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] };

/** Elements by type: a default, or that it is absent: as a reference, a concept, or beside a primitive. */
const REQUIRED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Account: { status: 'unknown' },
  AllergyIntolerance: { patient: ABSENT },
  Appointment: { status: 'proposed' },
  ChargeItem: { status: 'unknown', code: ABSENT_CONCEPT, subject: ABSENT },
  Condition: { subject: ABSENT },
  Coverage: { status: 'active', beneficiary: ABSENT, payor: [ABSENT] },
  DiagnosticReport: { status: 'unknown', code: ABSENT_CONCEPT },
  DocumentReference: { status: 'current', content: [{ attachment: ABSENT }] },
  Encounter: { status: 'unknown', class: { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' } },
  Immunization: { status: 'completed', vaccineCode: ABSENT_CONCEPT, patient: ABSENT },
  MedicationRequest: { status: 'unknown', intent: 'order', subject: ABSENT },
  MessageHeader: { eventCoding: { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' } },
  Observation: { status: 'unknown', code: ABSENT_CONCEPT },
  Procedure: { status: 'unknown', subject: ABSENT },
  RelatedPerson: { patient: ABSENT },
  ServiceRequest: { status: 'unknown', intent: 'order', subject: ABSENT },
};

const required: ReadonlyMap<string, readonly (readonly [string, unknown])[]> = new Map(Object.entries(REQUIRED).map(([type, elements]) => [type, Object.entries(elements)]));

/** Completes the resources and takes out those that came to nothing. */
export function finish(entries: BundleEntry[], run: Run): void {
  for (const { resource } of entries) {
    const node = resource as unknown as Node;
    const type = resource!.resourceType;
    for (const [element, value] of required.get(type) ?? []) {
      if (node[element] !== undefined) continue;
      node[element] = structuredClone(value);
      run.issueOnce('information', `absent-${type}-${element}`, `${type}.${element} is required by FHIR and was not sent: it is told as unknown, or has the default of this mapping.`);
    }
    complete(type, node);
  }
}

/** Requirements that are no single element. */
function complete(type: string, node: Node): void {
  switch (type) {
    case 'MessageHeader': {
      const source = (node['source'] ??= {}) as Node;
      if (source['endpoint'] === undefined) source['_endpoint'] = ABSENT;
      for (const destination of (node['destination'] as Node[] | undefined) ?? []) if (destination['endpoint'] === undefined) destination['_endpoint'] = ABSENT;
      const response = node['response'] as Node | undefined;
      if (response !== undefined && response['identifier'] === undefined) response['_identifier'] = ABSENT;
      if (response !== undefined && response['code'] === undefined) response['_code'] = ABSENT;
      return;
    }
    case 'AllergyIntolerance':
      for (const reaction of (node['reaction'] as Node[] | undefined) ?? []) reaction['manifestation'] ??= [ABSENT_CONCEPT];
      return;
    case 'Immunization':
      if (node['occurrenceDateTime'] === undefined && node['occurrenceString'] === undefined) node['_occurrenceDateTime'] = ABSENT;
      return;
    case 'MedicationRequest':
      if (node['medicationCodeableConcept'] === undefined && node['medicationReference'] === undefined) node['medicationCodeableConcept'] = ABSENT_CONCEPT;
      return;
    case 'Appointment': {
      const participants = (node['participant'] ??= [{ actor: { display: 'not told' }, status: 'needs-action' }]) as Node[];
      for (const participant of participants) {
        participant['status'] ??= 'needs-action';
        if (participant['actor'] === undefined && participant['type'] === undefined) participant['actor'] = { display: 'not told' };
      }
      // app-2: both or neither; app-3: neither only of what is proposed, waiting or cancelled.
      const isOpen = ['proposed', 'cancelled', 'waitlist'].includes(String(node['status']));
      if (!isOpen || node['start'] !== undefined || node['end'] !== undefined) for (const end of ['start', 'end']) if (node[end] === undefined) node[`_${end}`] = ABSENT;
      return;
    }
    case 'Encounter':
      for (const location of (node['location'] as Node[] | undefined) ?? []) location['location'] ??= ABSENT;
      for (const diagnosis of (node['diagnosis'] as Node[] | undefined) ?? []) diagnosis['condition'] ??= ABSENT;
      return;
    case 'Condition':
      // con-4: what has ended is not active.
      if (Object.keys(node).some((each) => each.startsWith('abatement'))) node['clinicalStatus'] ??= { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }] };
      return;
    case 'ServiceRequest':
      // prr-1: details are those of a code.
      if (node['orderDetail'] !== undefined) node['code'] ??= ABSENT_CONCEPT;
      return;
    case 'Organization':
      if (node['name'] === undefined && node['identifier'] === undefined) node['_name'] = ABSENT;
      return;
    case 'Patient':
      for (const contact of (node['contact'] as Node[] | undefined) ?? []) if (!['name', 'telecom', 'address', 'organization'].some((each) => contact[each] !== undefined)) contact['name'] = ABSENT;
      return;
    case 'Provenance':
      if (node['recorded'] === undefined) node['_recorded'] = ABSENT;
      node['agent'] ??= [{ who: ABSENT }];
      for (const agent of node['agent'] as Node[]) agent['who'] ??= ABSENT;
      return;
    case 'Observation':
      if (JSON.stringify(node['category'] ?? '').includes('vital-signs')) node['subject'] ??= ABSENT;
      for (const component of (node['component'] as Node[] | undefined) ?? []) component['code'] ??= ABSENT_CONCEPT;
      return;
    default:
  }
}
