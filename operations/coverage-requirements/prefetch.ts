/**
 * What a service asks to be sent along: the standard prefetch of CRD, whose expressions clients know by heart. A key may be
 * called anything, and so may what a client sends: resources are known by their type and id (found-30).
 * Source: http://hl7.org/fhir/us/davinci-crd/2.2.1/foundation.html#standard-prefetch; CDS Hooks 2.0, "Prefetch template".
 */
import type { Hook } from '../../profiles/crd/names.ts';

/** References that lead to people, organizations and places, as paths of the call; `%name` is what another key gave. */
interface People {
  readonly role: readonly string[];
  readonly practitioner: readonly string[];
  readonly organization: readonly string[];
  readonly location: readonly string[];
}

const always = {
  patient: 'Patient/{{context.patientId}}',
  encounter: 'Encounter/{{context.encounterId}}',
  coverage: 'Coverage?patient={{context.patientId}}&status=active',
} as const;

const ofEncounter: People = {
  role: ['%encounter.participant.individual'],
  practitioner: ['%encounter.participant.individual'],
  organization: ['%encounter.serviceProvider'],
  location: [],
};

export function prefetchOf(hook: Hook): Readonly<Record<string, string>> {
  switch (hook) {
    case 'encounter-start':
    case 'encounter-discharge':
      return { ...always, ...peopleBy(ofEncounter, { organization: [], location: [] }) };
    case 'order-select':
    case 'order-sign': {
      const draft = 'context.draftOrders.entry.resource';
      const people = ['sender', 'recipient', 'requester', 'performer', 'orderer', 'prescriber'].map((name) => `${draft}.${name}`);
      return {
        ...always,
        devices: `Device?_id={{${draft}.ofType(DeviceRequest).code.resolve().id}}`,
        medications: `Medication?_id={{${draft}.ofType(MedicationRequest).medication.resolve().id}}`,
        ...peopleBy({ ...ofEncounter, role: [...ofEncounter.role, ...people], practitioner: [...ofEncounter.practitioner, ...people] }, {
          organization: [`${draft}.dispenseRequest.performer.resolve().id`, ...['sender', 'recipient', 'performer'].map((name) => `${draft}.${name}.resolve().ofType(Organization).id`)],
          location: [`${draft}.locationReference.resolve().id`],
        }),
      };
    }
    case 'order-dispatch': {
      const types = { communicationRequests: 'CommunicationRequest', deviceRequests: 'DeviceRequest', medicationRequests: 'MedicationRequest', nutritionOrders: 'NutritionOrder', serviceRequests: 'ServiceRequest', visionPrescriptions: 'VisionPrescription' };
      const people = [
        ...['sender', 'recipient', 'requester'].map((name) => resource('communicationRequests', name)),
        ...['deviceRequests', 'medicationRequests', 'serviceRequests'].flatMap((key) => [resource(key, 'performer'), resource(key, 'requester')]),
        resource('nutritionOrders', 'orderer'), resource('visionPrescriptions', 'prescriber'),
      ];
      return {
        ...always,
        ...Object.fromEntries(Object.entries(types).map(([key, type]) => [key, `${type}?_id={{context.dispatchedOrders.resolve().ofType(${type}).id}}`])),
        ...ofThings,
        ...peopleBy({ ...ofEncounter, role: [...ofEncounter.role, ...people], practitioner: [...ofEncounter.practitioner, ...people] }, {
          organization: [
            `${resource('communicationRequests', 'recipient')}.resolve().ofType(Organization).id`, `${resource('communicationRequests', 'sender')}.resolve().ofType(Organization).id`,
            `${resource('medicationRequests', 'dispenseRequest.performer')}.resolve().id`, `${resource('serviceRequests', 'performer')}.resolve().ofType(Organization).id`,
          ],
          location: [`${resource('serviceRequests', 'locationReference')}.resolve().id`],
        }),
      };
    }
    case 'appointment-book': {
      const basedOn = 'context.appointments.entry.resource.basedOn';
      // R4 knows a ServiceRequest there alone; other orders stand in an extension that later versions replace.
      const alternate = `${basedOn}.extension('http://hl7.org/fhir/StructureDefinition/alternate-reference').value`;
      const actor = 'context.appointments.entry.resource.participant.actor';
      const people = [actor, ...['deviceRequests', 'medicationRequests', 'serviceRequests'].flatMap((key) => [resource(key, 'performer'), resource(key, 'requester')])];
      return {
        ...always,
        deviceRequests: `DeviceRequest?_id={{${alternate}.resolve().ofType(DeviceRequest).id}}`,
        serviceRequests: `ServiceRequest?_id={{${basedOn}.resolve().ofType(ServiceRequest).id}}`,
        medicationRequests: `MedicationRequest?_id={{${alternate}.resolve().ofType(MedicationRequest).id}}`,
        ...ofThings,
        ...peopleBy({ ...ofEncounter, role: [...ofEncounter.role, ...people], practitioner: [...ofEncounter.practitioner, ...people] }, {
          organization: [`${resource('medicationRequests', 'dispenseRequest.performer')}.resolve().ofType(Organization).id`, `${resource('serviceRequests', 'performer')}.resolve().ofType(Organization).id`],
          location: [`${actor}.resolve().ofType(Location).id`, `${resource('serviceRequests', 'locationReference')}.resolve().ofType(Location).id`],
        }),
      };
    }
  }
}

const resource = (key: string, element: string): string => `%${key}.entry.resource.${element}`;

/** What orders that were sent along refer to. */
const ofThings = {
  devices: `Device?_id={{${resource('deviceRequests', 'code')}.resolve().id}}`,
  medications: `Medication?_id={{${resource('medicationRequests', 'medication')}.resolve().id}}`,
};

function peopleBy(people: People, more: { readonly organization: readonly string[]; readonly location: readonly string[] }): Record<string, string> {
  const of = (type: string, paths: readonly string[]): string[] => paths.map((path) => `${path}.resolve().ofType(${type}).id`);
  const union = (paths: readonly string[]): string => `{{${paths.join('|')}}}`;
  return {
    practitionerRoles: `PractitionerRole?_id=${union(of('PractitionerRole', people.role))}`,
    practitioners: `Practitioner?_id=${union([`${resource('practitionerRoles', 'practitioner')}.resolve().id`, ...of('Practitioner', people.practitioner)])}`,
    organizations: `Organization?_id=${union([`${resource('practitionerRoles', 'organization')}.resolve().id`, ...of('Organization', people.organization), ...more.organization])}`,
    locations: `Location?_id=${union([`${resource('practitionerRoles', 'location')}.resolve().id`, '%encounter.location.location.resolve().id', ...more.location])}`,
  };
}
