/** A mapped request that breaks a rule of the request Bundle: an AAA on the event, "input errors", and the reason. */
import type { Bundle, Claim, ClaimResponse } from '@medplum/fhirtypes';
import { textOf, type Problem } from '../../fhir/problems.ts';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';

export function unreviewable(request: Bundle, problem: Problem): Bundle {
  const claim = request.entry?.[0]?.resource as Claim;
  const response: ClaimResponse = {
    resourceType: 'ClaimResponse',
    status: 'active',
    type: claim.type,
    use: 'preauthorization',
    patient: claim.patient,
    created: claim.created,
    insurer: claim.insurer ?? { display: 'Payer' },
    outcome: 'error',
    error: problem.issues.map((issue) => ({
      extension: [
        { url: pasExtension.errorFollowupAction, valueCodeableConcept: { coding: [{ system: systemOf.followUp, code: 'C' }] } },
        { url: pasExtension.errorElement, extension: [{ url: 'error', valueString: '2000E-UM01' }] },
      ],
      code: { coding: [{ system: systemOf.rejectReason, code: '33' }], text: textOf(issue) },
    })),
  };
  return { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:priora:unreviewable', resource: response }] };
}
