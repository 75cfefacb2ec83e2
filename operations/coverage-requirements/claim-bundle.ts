/**
 * An order as the request for authorization that it would become: a PAS request Bundle of what the client has shown, one
 * item for each service. The rules that will decide the request read this one too. Pure.
 */
import type { Bundle, Claim, ClaimCareTeam, ClaimDiagnosis, ClaimItem, Coverage, Patient, Resource } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';
import type { Requested } from './orders.ts';
import type { ClientResource } from './read-call.ts';

/** Addresses of what comes from a client that names no server. */
export const unnamedBase = 'https://client.invalid/fhir';

export interface Shown {
  /** The base of the client's server: addresses of the entries are under it. */
  readonly base: string;
  readonly patient: Patient & { readonly id: string };
  readonly coverage: Coverage & { readonly id: string };
  /** Everything else that is known of the patient: evidence, providers. */
  readonly others: readonly ClientResource[];
  /** Instant of the call, ISO 8601. */
  readonly at: string;
}

export function claimBundleOf(requested: Requested, shown: Shown): Bundle {
  const { base, patient, coverage, at } = shown;
  const diagnosis: ClaimDiagnosis[] = requested.reasons.map((diagnosisCodeableConcept, index) => ({ sequence: index + 1, diagnosisCodeableConcept }));
  const careTeam: ClaimCareTeam[] = (requested.performers ?? []).map((provider, index) => ({ sequence: index + 1, provider: provider as ClaimCareTeam['provider'] }));
  const claim: Claim = {
    resourceType: 'Claim', id: 'coverage-requirements', status: 'active', use: 'preauthorization', created: at,
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
    patient: { reference: `${base}/Patient/${patient.id}` },
    provider: (requested.requester ?? { display: 'not known yet' }) as Claim['provider'],
    priority: { coding: [{ system: systemOf.processPriority, code: 'normal' }] },
    insurance: [{ sequence: 1, focal: true, coverage: { reference: `${base}/Coverage/${coverage.id}` } }],
    ...(careTeam.length > 0 && { careTeam }),
    ...(diagnosis.length > 0 && { diagnosis }),
    item: requested.services.map((productOrService, index): ClaimItem => ({
      sequence: index + 1, productOrService,
      // What is ordered is not authorized yet.
      extension: [{ url: pasExtension.certificationType, valueCodeableConcept: { coding: [{ system: systemOf.certificationType, code: 'I' }] } }],
      ...(theOnly(requested.categories) && { category: theOnly(requested.categories)! }),
      ...(requested.quantity && { quantity: requested.quantity }),
      ...(theOnly(requested.places) && { locationCodeableConcept: theOnly(requested.places)! }),
      ...(requested.date === undefined ? requested.period && { servicedPeriod: requested.period } : { servicedDate: requested.date }),
    })),
  };
  const entries: Resource[] = [claim, patient, coverage, ...shown.others.filter((other) => other !== patient && other !== coverage)];
  return { resourceType: 'Bundle', type: 'collection', timestamp: at, entry: entries.map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id!}`, resource })) };
}

/** Of several nobody knows which it will be: a rule that asks for one of them proves nothing. */
function theOnly<T>(choices: readonly T[]): T | undefined {
  const [first, ...others] = new Map(choices.map((choice) => [JSON.stringify(choice), choice])).values();
  return others.length === 0 ? first : undefined;
}
