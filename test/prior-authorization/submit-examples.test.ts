/**
 * Claim/$submit on Bundles that others wrote: the official examples of PAS and those of reference implementations.
 * Every Bundle of the shared folders is in the table; every answer is a business answer or says precisely what is wrong.
 */
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { openHouse, type TestHouse } from '../support/house.ts';
import { actionsOf, claimResponseOf, submit } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { sharedJson } from '../support/shared.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

/** Actions by item; or the X12 reject codes; or HTTP status, problem and place of the first issue. */
type Expected = { readonly actions: Record<number, string> } | { readonly rejected: readonly string[] } | { readonly refused: readonly [number, string, string] };

const noRequest: Expected = { refused: [422, 'pas-bundle-rule', 'Bundle.entry[0].resource'] };

const table: Record<string, Expected> = {
  // The demo has no criteria for these services, so a person must look.
  'ig-pas-2.2.1/Bundle-HomecareAuthorizationBundleExample.json': { actions: { 1: 'A4', 2: 'A4' } },
  'ig-pas-2.2.1/Bundle-MedicalServicesAuthorizationBundleExample.json': { actions: { 1: 'A4' } },
  'ig-pas-2.2.1/Bundle-SurgicalRequestBundleExample.json': { actions: { 1: 'A4' } },
  // A consultation in an office, which the plan asks no authorization for.
  'ig-pas-2.2.1/Bundle-ReferralAuthorizationBundleExample.json': { actions: { 1: 'A1' } },
  // An update of the first one: the second item cancelled, a third added.
  'ig-pas-2.2.1/Bundle-HomecareAuthorizationUpdateBundleExample.json': { actions: { 1: 'A4', 2: 'C', 3: 'A4' } },
  // An inquiry sent to the wrong operation reads as a request.
  'ig-pas-2.2.1/Bundle-PASClaimInquiryBundleExample.json': { actions: { 1: 'A4', 2: 'A4' } },
  'ig-pas-2.2.1/Bundle-ErrorResponseBundleExample.json': noRequest,
  'ig-pas-2.2.1/Bundle-PASClaimInquiryResponseBundleExample.json': noRequest,
  'ig-pas-2.2.1/Bundle-PASSubscriptionNotification.json': noRequest,
  'ig-pas-2.2.1/Bundle-ReferralAuthorizationResponseBundleExample.json': noRequest,
  'ig-pas-2.2.1/Bundle-ReferralPendingAuthorizationResponseBundleExample.json': noRequest,
  'ig-pas-2.2.1/Bundle-RejectionResponseBundleExample.json': noRequest,
  // The older version is read as well; its updates do not say what they update.
  'ig-pas-2.0.1/Bundle-HomecareAuthorizationBundleExample.json': { actions: { 1: 'A4', 2: 'A4' } },
  'ig-pas-2.0.1/Bundle-HomecareAuthorizationDifferentialBundleExample.json': { actions: { 2: 'A4', 3: 'A4' } },
  'ig-pas-2.0.1/Bundle-HomecareAuthorizationUpdateBundleExample.json': { actions: { 1: 'A4', 2: 'A4', 3: 'A4' } },
  'ig-pas-2.0.1/Bundle-MedicalServicesAuthorizationBundleExample.json': { actions: { 1: 'A4' } },
  'ig-pas-2.0.1/Bundle-SurgicalRequestBundleExample.json': { actions: { 1: 'A4' } },
  'ig-pas-2.0.1/Bundle-ReferralAuthorizationBundleExample.json': { actions: { 1: 'A1' } },
  'ig-pas-2.0.1/Bundle-PASClaimInquiryBundleExample.json': { actions: { 1: 'A4', 2: 'A4' } },
  'ig-pas-2.0.1/Bundle-ErrorResponseBundleExample.json': noRequest,
  'ig-pas-2.0.1/Bundle-PASClaimInquiryResponseBundleExample.json': noRequest,
  'ig-pas-2.0.1/Bundle-ReferralAuthorizationResponseBundleExample.json': noRequest,
  // The Java reference implementation: fullUrls that are bare ids; its patient is no member here.
  'ri-prior-auth/Claim.json': { rejected: ['75'] },
  'ri-prior-auth/ClaimUpdate1.json': { rejected: ['75'] },
  'ri-prior-auth/ClaimUpdate2.json': { rejected: ['75'] },
  'ri-prior-auth/bundle-items.json': { rejected: ['75'] },
  'ri-prior-auth/DeniedResponse.json': noRequest,
  'ri-prior-auth/GrantedResponse.json': noRequest,
  'ri-prior-auth/PendedClaimResponse.json': noRequest,
  'ri-prior-auth/PendedFinalResponse.json': noRequest,
  'ri-prior-auth/bundle-response.json': noRequest,
  'ri-prior-auth/claimresponse-minimal.json': noRequest,
  'ri-prior-auth/claimresponse-pended.json': noRequest,
  // `Coverage.grouping` went away with FHIR R4.
  'ri-prior-auth/bundle-dtr.json': { refused: [422, 'pas-bundle-rule', 'Bundle.entry[7].resource'] },
  'ri-prior-auth/claim-complete.json': { refused: [422, 'pas-bundle-rule', 'Bundle.entry[6].resource'] },
  'ri-prior-auth/bundle-minimal.json': { refused: [400, 'pas-empty-bundle', 'Bundle.entry'] },
  'ri-prior-auth/bundle-prior-auth.json': { refused: [422, 'pas-missing', 'Claim.item'] },
  'ri-prior-auth/bundle-request.json': { refused: [422, 'pas-missing', 'Claim.item'] },
  'ri-prior-auth/bundle-with-only-claim.json': { refused: [422, 'pas-missing', 'Claim.patient'] },
  'br-provider/Bundle-home-o2-questionnairepackage-bundle-2.json': noRequest,
  'br-provider/Bundle-home-o2-questionnairepackage-bundle.json': noRequest,
  'br-provider/Bundle-home-o2-questionnaireresponse-bundle.json': noRequest,
};

const folders = ['ig-pas-2.2.1', 'ig-pas-2.0.1', 'ri-prior-auth', 'br-provider'];
const files = folders.flatMap((folder) => [...sharedJson('pas-examples', folder) ?? []].map(([name, file]) => ({ name: `${folder}/${name}`, ...file })));
const bundles = files.filter(({ json }) => json.resourceType === 'Bundle');

if (bundles.length === 0) {
  test.todo('skipped: the shared examples are not beside the repository');
} else {
  test('every Bundle of the shared examples is in the table', () => {
    expect(bundles.map(({ name }) => name).toSorted()).toEqual(Object.keys(table).toSorted());
  });

  test.each(bundles)('$name', async ({ name, text, json }) => {
    const answer = await submit(house, text);
    const expected = table[name]!;
    if ('refused' in expected) {
      const [status, code, expression] = expected.refused;
      expect(answer.status).toBe(status);
      const outcome = answer.json as OperationOutcome;
      expect(outcome.resourceType).toBe('OperationOutcome');
      expect(outcome.issue[0]).toMatchObject({ severity: 'error', details: { coding: [{ code }] }, expression: [expression] });
      return;
    }
    expect(answer.status).toBe(200);
    const response = answer.json as Bundle;
    expect(faultsOf(response, json as Bundle)).toEqual([]);
    if ('actions' in expected) expect(actionsOf(response)).toEqual(expected.actions);
    else expect(claimResponseOf(response).error?.map((error) => error.code.coding?.[0]?.code)).toEqual(expected.rejected);
  });

  test.each(files.filter(({ json }) => json.resourceType !== 'Bundle'))('$name, which is no Bundle, is refused', async ({ text }) => {
    const answer = await submit(house, text);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ details: { coding: [{ code: 'pas-not-a-bundle' }] } }] });
  });
}
