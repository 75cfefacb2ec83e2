/** Claim/$inquire: found by example, by number, by date; one Bundle for each authorization, in its current state. */
import type { Bundle, Claim, ClaimItem, Extension, HumanName, Parameters } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';
import { openHouse, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, claimResponseOf, decide, decision, denial, inquire, numberOf, pendingRequest, resourceOf, returnedBundles, submitted } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { sharedJson } from '../support/shared.ts';

let house: TestHouse;
let pended: Bundle;
let certified: Bundle;
let denied: Bundle;
let bundle: Bundle;

/** One member with three authorizations of the same service, for three days: pended, certified, denied. */
beforeAll(async () => {
  house = await openHouse({ demo: true });
  const asked = ['2026-05-01', '2026-06-01', '2026-07-01'].map((day) => {
    const each = pendingRequest(house);
    claimOf(each).item![0]!.servicedDate = day;
    return each;
  });
  const made = [];
  for (const each of asked) made.push(await submitted(house, each));
  pended = made[0]!.response;
  certified = (await decide(house, made[1]!.claim, decision({ ...certification, more: [{ name: 'period', valuePeriod: { start: '2026-06-01', end: '2026-08-31' } }] }))).json as Bundle;
  denied = (await decide(house, made[2]!.claim, decision(denial))).json as Bundle;
  bundle = asked[0]!;
});
afterAll(async () => { await house.close(); });

/** The inquiry of the clinic about its patient, asking for everything. */
function inquiry(change: (claim: Claim, item: ClaimItem) => void = () => {}): Bundle {
  const copy = structuredClone(bundle);
  const claim = claimOf(copy);
  claim.identifier = [{ system: 'urn:trnorg:9012345678', value: 'INQUIRY-1' }];
  delete claim.diagnosis;
  delete claim.supportingInfo;
  claim.item = [{ sequence: 1, productOrService: { coding: [{ system: systemOf.dataAbsent, code: 'not-applicable' }] } }];
  copy.entry = copy.entry!.filter((entry) => entry.resource?.resourceType !== 'Observation');
  change(claim, claim.item[0]!);
  return copy;
}

const urlOf = (each: Bundle): string => each.entry![0]!.fullUrl!;
const found = async (asked: Bundle): Promise<string[]> => {
  const answer = await inquire(house, asked);
  expect(answer.status).toBe(200);
  expect((answer.json as Parameters).resourceType).toBe('Parameters');
  return returnedBundles(answer).map((each) => {
    const day = claimResponseOf(each).item?.[0]?.extension?.find((extension) => extension.url === pasExtension.itemRequestedServiceDate);
    return (day?.valueDateTime ?? day?.valueDate ?? '????-??').slice(5, 7);
  }).toSorted();
};
const date = (name: string, value: Partial<Extension>): Extension => ({ url: `http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-itemCertification${name}Date`, ...value });
const action = (code: string): Extension => ({ url: pasExtension.reviewActionCode, valueCodeableConcept: { coding: [{ system: systemOf.reviewAction, code }] } });

describe('nothing is found', () => {
  test.each<[string, (claim: Claim, item: ClaimItem) => void]>([
    ['by a number that nobody has', (claim) => { claim.extension = [{ url: pasExtension.authorizationNumber, valueString: 'A000000000' }]; }],
    ['for another service', (_, item) => { item.productOrService = { coding: [{ code: 'E0601' }] }; }],
    ['for another day', (_, item) => { item.servicedDate = '2026-05-02'; }],
    ['for a period before', (claim) => { claim.billablePeriod = { start: '2026-01-01', end: '2026-04-30' }; }],
    ['for another diagnosis', (claim) => { claim.diagnosis = [{ sequence: 1, diagnosisCodeableConcept: { coding: [{ code: 'C34.1' }] } }]; }],
    ['that is modified', (_, item) => { item.extension = [action('A6')]; }],
    ['that was certified a year ago', (_, item) => { item.extension = [date('Issue', { valueDate: '2025-03-02' })]; }],
  ])('%s: Parameters without a return', async (_, change) => {
    expect(await found(inquiry(change))).toEqual([]);
  });
});

test.each<[string, (claim: Claim, item: ClaimItem) => void, string[]]>([
  ['every service (not-applicable)', () => {}, ['05', '06', '07']],
  ['no item at all', (claim) => { delete claim.item; }, ['05', '06', '07']],
  ['the service', (_, item) => { item.productOrService = { coding: [{ code: 'E1390' }] }; }, ['05', '06', '07']],
  ['a day', (_, item) => { item.servicedDate = '2026-06-01'; }, ['06']],
  ['a period that two of them touch', (claim) => { claim.billablePeriod = { start: '2026-06-01', end: '2026-07-01' }; }, ['06', '07']],
  ['one of two diagnoses, without its point', (claim) => { claim.diagnosis = ['C341', 'J449'].map((code, index) => ({ sequence: index + 1, diagnosisCodeableConcept: { coding: [{ code }] } })); }, ['05', '06', '07']],
  ['what is pended', (_, item) => { item.extension = [action('A4')]; }, ['05']],
  ['what is denied', (_, item) => { item.extension = [action('A3')]; }, ['07']],
  ['the day of certification', (_, item) => { item.extension = [date('Issue', { valueDate: '2026-03-02' })]; }, ['06']],
  ['the last day of it', (_, item) => { item.extension = [date('Expiration', { valuePeriod: { start: '2026-08-01', end: '2026-08-31' } })]; }, ['06']],
  ['the first day of it', (_, item) => { item.extension = [date('Effective', { valueDate: '2026-06-01' })]; }, ['06']],
  ['the sender\'s own trace number is none of the criteria', (claim) => { claim.identifier = [{ system: 'urn:x', value: 'whatever' }]; }, ['05', '06', '07']],
])('by %s', async (_, change, months) => {
  expect(await found(inquiry(change))).toEqual(months);
});

test.each<[string, HumanName[]]>([
  ['another name as a text', [{ text: 'Completely Other' }]], ['a wrong name beside a text', [{ family: 'Wrong' }, { text: 'x' }]], ['a given name alone', [{ given: ['Daniel'] }]],
])('%s beside the right number opens nobody\'s record', async (_, name) => {
  const asked = inquiry();
  const patient = resourceOf(asked, 'Patient');
  patient.name = name;
  delete patient.birthDate;
  const [only, ...more] = returnedBundles(await inquire(house, asked));
  expect(more).toEqual([]);
  expect(claimResponseOf(only!).error?.map((error) => error.code.coding?.[0]?.code)).toEqual(['73']);
});

test('the member is found by name as a text', async () => {
  const asked = inquiry();
  const patient = resourceOf(asked, 'Patient');
  patient.name = [{ text: 'REYES, Daniel' }];
  delete patient.birthDate;
  expect(await found(asked)).toEqual(['05', '06', '07']);
});

test('by the certification number, and by the administrative reference', async () => {
  const reference = claimResponseOf(pended).item![0]!.extension!.find((extension) => extension.url === pasExtension.administrationReferenceNumber)!.valueString!;
  expect(await found(inquiry((claim) => { claim.extension = [{ url: pasExtension.authorizationNumber, valueString: numberOf(certified)! }]; }))).toEqual(['06']);
  expect(await found(inquiry((_, item) => { item.extension = [{ url: pasExtension.administrationReferenceNumber, valueString: reference }]; }))).toEqual(['05']);
});

test('each answer keeps the rules of a response and says the current state', async () => {
  const answers = new Map(returnedBundles(await inquire(house, inquiry())).map((each) => [urlOf(each), each]));
  for (const [made, human] of [[pended, false], [certified, true], [denied, true]] as const) {
    const each = answers.get(urlOf(made))!;
    expect(actionsOf(each)).toEqual(actionsOf(made));
    // Asked for under its own trace, answered with the resources of the request as they were sent.
    const original = { ...structuredClone(bundle), identifier: each.identifier! };
    claimOf(original).identifier = claimResponseOf(each).identifier!;
    expect(faultsOf(each, original, { human, inquiry: true })).toEqual([]);
  }
});

test('the official inquiry, after the official request', async () => {
  const examples = sharedJson('pas-examples', 'ig-pas-2.2.1');
  if (!examples) return;
  const asked = examples.get('Bundle-HomecareAuthorizationBundleExample.json')!.json as Bundle;
  const { response } = await submitted(house, asked);
  const answer = await inquire(house, examples.get('Bundle-PASClaimInquiryBundleExample.json')!.text);
  expect(returnedBundles(answer).map(urlOf)).toEqual([urlOf(response)]);
  expect(resourceOf(returnedBundles(answer)[0]!, 'ClaimResponse').outcome).toBe('complete');
});
