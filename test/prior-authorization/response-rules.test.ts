/** The rules of a response Bundle: that our answers keep them, and that the checker would notice if they did not. */
import type { Bundle, ClaimResponse, Extension, PractitionerRole } from '@medplum/fhirtypes';
import { openHouse, type TestHouse } from '../support/house.ts';
import { claimOf, claimResponseOf, pendingRequest, request, submit } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const answerTo = async (bundle: Bundle): Promise<Bundle> => (await submit(house, bundle)).json as Bundle;

describe('the checker notices', () => {
  const review = (response: ClaimResponse): Extension => response.item![0]!.adjudication[0]!.extension![0]!;
  test.each<[string, (answer: Bundle, response: ClaimResponse) => void]>([
    ['another type of Bundle', (answer) => { answer.type = 'searchset'; }], ['no timestamp', (answer) => { delete answer.timestamp; }],
    ['an identifier of our own', (answer) => { answer.identifier = { value: 'other' }; }], ['no profile', (answer) => { delete answer.meta; }],
    ['a ClaimResponse that is not first', (answer) => { answer.entry!.reverse(); }], ['two ClaimResponses', (answer) => { answer.entry!.push({ ...structuredClone(answer.entry![0]!), fullUrl: 'https://x.example/ClaimResponse/2' }); }],
    ['a relative fullUrl', (answer) => { answer.entry![0]!.fullUrl = 'ClaimResponse/1'; }], ['a fullUrl twice', (answer) => { answer.entry!.push(structuredClone(answer.entry![1]!)); }],
    ['a search element', (answer) => { answer.entry![1]!.search = { mode: 'match' }; }], ['an echo that was changed', (answer) => { Object.assign(answer.entry![1]!.resource!, { language: 'en' }); }],
    ['a reference that resolves to nothing', (answer) => { answer.entry!.splice(1, 1); }], ['queued', (_, response) => { Object.assign(response, { outcome: 'queued' }); }],
    ['a reviewer who was not', (_, response) => { response.extension!.find((extension) => extension.url.endsWith('claimResponseReviewer'))!.extension![0]!.valueBoolean = true; }],
    ['an item that was not asked for', (_, response) => { response.item![0]!.itemSequence = 9; }], ['an item left out', (_, response) => { response.item = []; }],
    ['an action under a short name', (_, response) => { review(response).extension![0]!.url = 'reviewActionCode'; }],
    ['an action of the value set\'s address', (_, response) => { review(response).extension![0]!.valueCodeableConcept!.coding![0]!.system = 'https://valueset.x12.org/306'; }],
    ['a certification without a number', (_, response) => { review(response).extension!.splice(1, 1); }],
    ['another category', (_, response) => { response.item![0]!.adjudication[0]!.category = { coding: [{ code: 'benefit' }] }; }],
    ['an item without an authorized provider', (_, response) => { delete response.item![0]!.extension; }], ['another identifier', (_, response) => { response.identifier = []; }],
    ['a note that is not there', (_, response) => { response.item![0]!.noteNumber = [77]; }], ['another profile', (_, response) => { response.meta = { profile: ['x'] }; }],
  ])('%s', async (_, spoil) => {
    const bundle = request(house);
    const answer = await answerTo(bundle);
    expect(faultsOf(answer, bundle)).toEqual([]);
    spoil(answer, answer.entry![0]!.resource as ClaimResponse);
    expect(faultsOf(answer, bundle)).not.toEqual([]);
  });
});

test('a role that asks comes back with the person and the organization behind it', async () => {
  const bundle = pendingRequest(house);
  const base = 'https://clinic.example/fhir';
  bundle.entry!.push(
    { fullUrl: `${base}/PractitionerRole/asking`, resource: { resourceType: 'PractitionerRole', id: 'asking', practitioner: { reference: 'Practitioner/asking' }, organization: { reference: `${base}/Organization/clinic` } } satisfies PractitionerRole },
    { fullUrl: `${base}/Practitioner/asking`, resource: { resourceType: 'Practitioner', id: 'asking', name: [{ family: 'Grey' }], identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1222222228' }] } },
  );
  claimOf(bundle).provider = { reference: `${base}/PractitionerRole/asking` };
  // And what is behind those.
  Object.assign(bundle.entry![1]!.resource!, { partOf: { reference: 'Organization/group' } });
  bundle.entry!.push({ fullUrl: `${base}/Organization/group`, resource: { resourceType: 'Organization', id: 'group', name: 'Harbor Group' } });
  const answer = await answerTo(bundle);
  expect(faultsOf(answer, bundle)).toEqual([]);
  expect(claimResponseOf(answer).requestor).toEqual({ reference: `${base}/PractitionerRole/asking` });
  expect(answer.entry!.map((entry) => entry.fullUrl)).toEqual(expect.arrayContaining([`${base}/Practitioner/asking`, `${base}/Organization/clinic`, `${base}/Organization/group`]));
  // Authorized is a person or an organization, never a role.
  expect(JSON.stringify(claimResponseOf(answer).item)).toContain(`"${base}/Practitioner/asking"`);
});

test.each(['urn:uuid:', 'https://other.example/r4/'])('addresses of every lawful kind come back: %s', async (prefix) => {
  const bundle = request(house);
  const ids = new Map(bundle.entry!.map((entry, index) => [entry.fullUrl!, prefix === 'urn:uuid:' ? `urn:uuid:0000000${index}-1111-4222-8333-444444444444` : `${prefix}${entry.resource!.resourceType}/x${index}`]));
  let text = JSON.stringify(bundle);
  for (const [from, to] of ids) text = text.replaceAll(`"${from}"`, `"${to}"`);
  const moved = JSON.parse(text) as Bundle;
  expect(faultsOf(await answerTo(moved), moved)).toEqual([]);
});
