/**
 * Whether guidance is to be given on what a call asks about: it is the patient's of the context, and it still stands to
 * be done. Pure.
 * Source: CDS Hooks 2.0, "HTTP Request" (the context is of one patient); CRD 2.2.1, the profiles of orders.
 */
import type { Reference } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { readReference } from '../../fhir/references.ts';
import { localNameOf, type ClientResource, type HookCall } from './read-call.ts';

/** @throws {Problem} `cds-request-rule` where something is somebody else's: guidance on it would tell of that person */
export function assertOfPatient(asked: readonly ClientResource[], { patientId, client }: HookCall): void {
  for (const resource of asked) {
    const { element, references } = patientOf(resource);
    // What names nobody in a form that can be read says nothing against it.
    const named = references.flatMap(({ reference }) => reference !== undefined && readReference(reference) ? [reference] : []);
    if (named.length === 0 || named.some((reference) => localNameOf(reference, client?.base) === `Patient/${patientId}`)) continue;
    throw new Problem('cds-request-rule', { rule: 'What is asked about is of somebody other than the patient of the context.' }, `${resource.resourceType}.${element}`);
  }
}

function patientOf(resource: ClientResource): { readonly element: string; readonly references: readonly Reference[] } {
  const { subject, patient } = resource as { subject?: Reference; patient?: Reference };
  switch (resource.resourceType) {
    case 'Appointment':
      return { element: 'participant', references: (resource.participant ?? []).flatMap(({ actor }) => readReference(actor?.reference ?? '')?.type === 'Patient' ? [actor!] : []) };
    case 'NutritionOrder':
    case 'VisionPrescription':
      return { element: 'patient', references: patient ? [patient] : [] };
    default:
      return { element: 'subject', references: subject ? [subject] : [] };
  }
}

/** States in which nothing is going to be done by it. */
const withdrawn: ReadonlySet<string> = new Set(['revoked', 'cancelled', 'stopped', 'noshow', 'entered-in-error']);

/** False for what was withdrawn, and for an order that something is not to be done. */
export function isToBeDone(resource: ClientResource): boolean {
  const { status, doNotPerform } = resource as { status?: string; doNotPerform?: boolean };
  return doNotPerform !== true && (status === undefined || !withdrawn.has(status));
}
