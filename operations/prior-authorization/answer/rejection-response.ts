/**
 * The answer to a request that cannot be reviewed: a ClaimResponse with `outcome` error and, for each reason, the X12
 * reject code, the follow-up action, the X12 element and the FHIRPath (PAS 2.2.1, "Error handling"). HTTP stays 2xx:
 * the request was processed.
 */
import type { ClaimResponse } from '@medplum/fhirtypes';
import { pasExtension, pasProfile, systemOf } from '../../../profiles/pas/names.ts';
import type { Rejection } from '../rejection.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { Addresses } from '../record/addresses.ts';
import { identifiersBack } from '../record/echoed.ts';

export function rejectionResponseOf(id: string, request: RequestReading, rejections: readonly Rejection[], addresses: Addresses, created: Date, profile: string = pasProfile.claimResponse): ClaimResponse {
  return {
    resourceType: 'ClaimResponse',
    id,
    meta: { profile: [profile] },
    extension: [{ url: pasExtension.claimResponseReviewer, extension: [{ url: 'wasHumanReviewedFlag', valueBoolean: false }] }],
    ...identifiersBack(request.claim),
    status: 'active',
    type: request.claim.type,
    use: 'preauthorization',
    patient: { reference: addresses.patient },
    created: created.toISOString(),
    insurer: addresses.insurer === undefined ? { display: 'Payer' } : { reference: addresses.insurer },
    ...(addresses.requester !== undefined && { requestor: { reference: addresses.requester } }),
    request: { reference: addresses.claim },
    outcome: 'error',
    disposition: rejections.map((rejection) => rejection.text).join(' '),
    error: rejections.map((rejection) => ({
      extension: [
        { url: pasExtension.errorFollowupAction, valueCodeableConcept: { coding: [{ system: systemOf.followUp, code: rejection.followUp }] } },
        { url: pasExtension.errorElement, extension: [{ url: 'error', valueString: rejection.element }] },
        { url: pasExtension.errorPath, valueString: rejection.path },
      ],
      code: { coding: [{ system: systemOf.rejectReason, code: rejection.code }], text: rejection.text },
    })),
  };
}
