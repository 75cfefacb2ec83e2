/** A mapped request that is not reviewed: an AAA on the event, and the reason. What breaks a rule of the request Bundle has "input errors" (33). */
import type { Bundle, Claim, ClaimResponse } from '@medplum/fhirtypes';
import { textOf, type Problem } from '../../fhir/problems.ts';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';

export function unreviewable(request: Bundle, problem: Problem): Bundle {
  return rejected(request, problem.issues.map((issue) => ({ code: '33', followUp: 'C', text: textOf(issue) })));
}

/** The authorization changes by another request of the same delivery: AAA 42, "unable to respond at current time", to be sent again. */
export function rejectedForNow(request: Bundle): Bundle {
  return rejected(request, [{ code: '42', followUp: 'R', text: 'The same delivery holds another request about this authorization; please send this one again.' }]);
}

function rejected(request: Bundle, errors: readonly { code: string; followUp: string; text: string }[]): Bundle {
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
    error: errors.map(({ code, followUp, text }) => ({
      extension: [
        { url: pasExtension.errorFollowupAction, valueCodeableConcept: { coding: [{ system: systemOf.followUp, code: followUp }] } },
        { url: pasExtension.errorElement, extension: [{ url: 'error', valueString: '2000E-UM01' }] },
      ],
      code: { coding: [{ system: systemOf.rejectReason, code }], text },
    })),
  };
  return { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:priora:unreviewable', resource: response }] };
}
