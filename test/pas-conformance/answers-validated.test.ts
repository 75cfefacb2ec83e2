/**
 * Answers to the official examples, to requests with every element and to what comes after them, held against their
 * profiles of PAS 2.2.1 by our own validator. What the answers repeat is the examples' own and not always valid, so
 * only what is ours is judged: the Bundle, the ClaimResponse, and what is asked for.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { validateWith } from '../delivery/subscriptions/validate.ts';
import { packagesAreHere } from '../support/definitions.ts';
import { openHouse, type TestHouse } from '../support/house.ts';
import { fullRequest } from '../support/pas-full-request.ts';
import { certification, decide, decision, inquire, pendingRequest, returnedBundles, storedClaimId, submit, withItems } from '../support/pas-requests.ts';
import { asksAbout } from '../support/pas-updates.ts';
import { sharedJson } from '../support/shared.ts';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-';
const packages = ['hl7.fhir.us.davinci-pas-2.2.1'];
let house: TestHouse;
let validate: Awaited<ReturnType<typeof validateWith>>;
beforeAll(async () => {
  house = await openHouse({ demo: true });
  if (packagesAreHere) validate = await validateWith(packages);
});
afterAll(async () => { await house.close(); });

const ours = new Set(['ClaimResponse', 'CommunicationRequest', 'Task']);

async function faultsOf(answer: Bundle, kind: 'response' | 'inquiry-response'): Promise<string[]> {
  const repeated = new Set(answer.entry!.flatMap(({ resource }, index) => ours.has(resource!.resourceType) ? [] : [index]));
  const faults = await validate(answer, `${structure}pas-${kind}-bundle`);
  return faults.filter((fault) => !repeated.has(Number(/^Bundle\.entry\[(\d+)\]/.exec(fault)?.[1] ?? -1)));
}

const examples = ['Homecare', 'MedicalServices', 'Referral'].map((name) => `Bundle-${name}AuthorizationBundleExample.json`).concat('Bundle-SurgicalRequestBundleExample.json', 'Bundle-HomecareAuthorizationUpdateBundleExample.json');

test.each<[string, () => unknown]>([
  ...examples.map((name): [string, () => unknown] => [name, () => sharedJson('pas-examples', 'ig-pas-2.2.1')?.get(name)?.text]),
  ['a request with every element', () => fullRequest({ run: 'validated', at: house.clock.now.toISOString(), asks: 'organization', services: ['E0470', 'B4150', 'A4253', 'E0601'], member: { number: 'PD1000005', family: 'Tester', given: 'Sam', birthDate: '1980-01-01' } })], ['two items that wait for documents', () => withItems(pendingRequest(house), 2)],
])('%s: $submit, $inquire and a decision', async (_, make) => {
  const sent = make();
  if (sent === undefined || !packagesAreHere) return;
  const answer = await submit(house, sent);
  expect(answer.status).toBe(200);
  expect(await faultsOf(answer.json as Bundle, 'response')).toEqual([]);
  // By the member and the requester alone: the numbers of examples are none of ours.
  const asked = asksAbout(typeof sent === 'string' ? JSON.parse(sent) as Bundle : sent as Bundle, (claim) => { delete claim.extension; });
  const found = returnedBundles(await inquire(house, asked));
  expect(found.length).toBeGreaterThan(0);
  for (const each of found) expect(await faultsOf(each, 'inquiry-response')).toEqual([]);
  const decided = await decide(house, await storedClaimId(house, answer.json as Bundle), decision(certification));
  if (decided.status === 200) for (const each of returnedBundles(await inquire(house, asked))) expect(await faultsOf(each, 'inquiry-response')).toEqual([]);
});
