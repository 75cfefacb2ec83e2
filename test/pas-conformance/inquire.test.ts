/** PAS 2.2.1, $inquire statement by statement: by example, by number, for the one who asked and for others. */
import type { Bundle, Claim, ClaimItem, Coding, OperationOutcome, Parameters, Practitioner } from '@medplum/fhirtypes';
import { sensitiveCareOf } from '../../operations/prior-authorization/disclosure.ts';
import type { LoadedAuthorization } from '../../operations/prior-authorization/load.ts';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { interchangeFor } from '../../server/demo/interchange.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, claimResponseOf, decide, decision, inquire, numberOf, pendingRequest, request, returnedBundles, submit, submitted } from '../support/pas-requests.ts';
import { asksAbout, cancelItem, setQuantity, update, withNumber } from '../support/pas-updates.ts';

let house: TestHouse;
beforeEach(async () => { house = await openHouse({ demo: true }); });
afterEach(async () => { await house.close(); });

const base = 'https://clinic.example/fhir';
const found = (answer: TestAnswer): Bundle[] => returnedBundles(answer).filter(({ resourceType }) => resourceType === 'Bundle');
const remarks = (answer: TestAnswer): OperationOutcome[] => ((answer.json as Parameters).parameter ?? []).flatMap(({ resource }) => resource?.resourceType === 'OperationOutcome' ? [resource] : []);

/** The request with a surgeon named on the care team, and the surgeon's own inquiry about the member. */
function withSurgeon(bundle: Bundle): { asked: Bundle; byTheSurgeon: (change?: (claim: Claim, surgeon: Practitioner) => void) => Bundle } {
  const surgeon: Practitioner = { resourceType: 'Practitioner', id: 'surgeon', name: [{ family: 'Stone' }], identifier: [{ system: systemOf.npi, value: '1234567810' }, { system: 'https://clinic.example/staff', value: '7' }] };
  const asked = structuredClone(bundle);
  asked.entry!.push({ fullUrl: `${base}/Practitioner/surgeon`, resource: surgeon });
  claimOf(asked).careTeam = [{ sequence: 1, provider: { reference: `${base}/Practitioner/surgeon` } }];
  claimOf(asked).item![0]!.careTeamSequence = [1];
  return {
    asked,
    byTheSurgeon(change = () => {}) {
      const own = asksAbout(asked, (claim) => {
        delete claim.careTeam;
        claim.provider = { reference: `${base}/Practitioner/surgeon` };
      });
      change(claimOf(own), own.entry!.find(({ resource }) => resource?.resourceType === 'Practitioner')!.resource as Practitioner);
      return own;
    },
  };
}

test('spec-43: not-applicable asks about every service, another code about that alone', async () => {
  const [one, other] = [request(house), pendingRequest(house, { member: 'demo-joe-smith' })];
  for (const each of [one, other]) await submitted(house, each);
  const asking = (item: Partial<ClaimItem>): Bundle => asksAbout(one, (claim) => { claim.item = [{ ...claim.item![0]!, ...item }]; });
  expect(found(await inquire(house, asking({})))).toHaveLength(2);
  expect(found(await inquire(house, asking({ productOrService: claimOf(other).item![0]!.productOrService })))).toHaveLength(1);
});

test('spec-44: the answer refers to the Claim; to what came as X12 it says that there is none', async () => {
  const [byFhir, by278] = [request(house), pendingRequest(house, { member: 'demo-joe-smith' })];
  await submitted(house, byFhir);
  await send('POST', `${house.origin}/x12`, interchangeFor(by278, by278.identifier!.value!, house.clock.now.toISOString()), { 'content-type': 'application/edi-x12' });
  const answers = found(await inquire(house, asksAbout(byFhir))).map((each) => claimResponseOf(each).request!);
  expect(answers.filter(({ reference }) => reference === byFhir.entry![0]!.fullUrl)).toHaveLength(1);
  const absent = answers.filter(({ reference }) => reference === undefined);
  expect(absent).toMatchObject([{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unsupported' }], identifier: { value: by278.identifier!.value } }]);
});

test('spec-45: who did not send the Claim gets it with the answer, without the evidence; who sent it does not', async () => {
  const { asked, byTheSurgeon } = withSurgeon(pendingRequest(house));
  await submitted(house, asked);
  const claimsIn = (bundle: Bundle): Claim[] => bundle.entry!.flatMap(({ resource }) => resource?.resourceType === 'Claim' ? [resource] : []);
  const [own, surgeons] = [found(await inquire(house, asksAbout(asked))), found(await inquire(house, byTheSurgeon()))];
  expect([own.map(claimsIn), surgeons.length]).toEqual([[[]], 1]);
  const [claim] = claimsIn(surgeons[0]!);
  expect(claim!.item![0]!.productOrService).toEqual(claimOf(asked).item![0]!.productOrService);
  expect([claim!.supportingInfo, surgeons[0]!.entry!.some(({ resource }) => resource?.resourceType === 'Observation')]).toEqual([undefined, false]);
  // Whatever it refers to is there once.
  const urls = surgeons[0]!.entry!.map(({ fullUrl }) => fullUrl);
  expect(new Set(urls).size).toBe(urls.length);
  for (const reference of [claim!.patient, claim!.insurer!, claim!.provider, claim!.insurance[0]!.coverage, claim!.careTeam![0]!.provider]) expect(urls).toContain(reference.reference);
});

test('spec-47, spec-48: the numbers of a version that an update replaced find what holds now', async () => {
  const first = pendingRequest(house, { member: 'demo-joe-smith' });
  const { claim, response } = await submitted(house, first);
  const reference = claimResponseOf(response).item![0]!.extension!.find(({ url }) => url === pasExtension.administrationReferenceNumber)!.valueString!;
  const certified = (await decide(house, claim, decision(certification))).json as Bundle;
  const changed = (await submit(house, update(first, (each) => { setQuantity(each.item![0]!, 3); withNumber(each, numberOf(certified)!); }))).json as Bundle;
  expect(actionsOf(changed)).toEqual({ 1: 'A4' });
  for (const number of [reference, numberOf(certified)!]) {
    const answers = found(await inquire(house, asksAbout(first, (each) => withNumber(each, number))));
    expect(answers.map((each) => [each.entry![0]!.fullUrl, actionsOf(each)])).toEqual([[changed.entry![0]!.fullUrl, { 1: 'A4' }]]);
  }
});

test('spec-46: after a change, a cancellation and an addition every item has its current result', async () => {
  const first = pendingRequest(house, { member: 'demo-joe-smith' });
  const line = claimOf(first).item![0]!;
  claimOf(first).item = [line, { ...structuredClone(line), sequence: 2, servicedDate: '2026-11-02' }];
  await submitted(house, first);
  const answer = (await submit(house, update(first, (claim) => {
    cancelItem(claim.item![1]!);
    claim.item!.push({ ...structuredClone(line), sequence: 3, servicedDate: '2026-12-03' });
  }))).json as Bundle;
  expect(actionsOf(answer)).toEqual({ 1: 'A4', 2: 'C', 3: 'A4' });
  expect(actionsOf(found(await inquire(house, asksAbout(first)))[0]!)).toEqual({ 1: 'A4', 2: 'C', 3: 'A4' });
});

test('spec-43: by its number, its day or its service one is found behind the fifty newest; that there are more than are told is said', async () => {
  const first = pendingRequest(house);
  const service = { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E0601' }] };
  claimOf(first).item![0]!.productOrService = service;
  const { response } = await submitted(house, first);
  const reference = claimResponseOf(response).item![0]!.extension!.find(({ url }) => url === pasExtension.administrationReferenceNumber)!.valueString!;
  for (let more = 0; more < 50; more += 1) {
    house.clock.now = new Date(house.clock.now.getTime() + 1000);
    await submit(house, pendingRequest(house));
  }
  const byNumber = await inquire(house, asksAbout(first, (each) => withNumber(each, reference)));
  expect([found(byNumber).map((each) => each.entry![0]!.fullUrl), remarks(byNumber)]).toEqual([[response.entry![0]!.fullUrl], []]);
  const byExample = async (change: (item: ClaimItem) => void): Promise<unknown> => {
    const answer = await inquire(house, asksAbout(first, (each) => change(each.item![0]!)));
    return [found(answer).map((each) => each.entry![0]!.fullUrl), remarks(answer)];
  };
  const alone = [[response.entry![0]!.fullUrl], []];
  const [asked] = claimOf(first).item!;
  expect(await byExample((item) => { item.servicedDate = asked!.servicedDate!; })).toEqual(alone);
  expect(await byExample((item) => { item.productOrService = service; })).toEqual(alone);
  expect(await byExample((item) => { item.productOrService = { coding: [{ system: service.coding[0]!.system, code: 'E0602' }] }; })).toEqual([[], []]);
  expect(remarks(await inquire(house, asksAbout(first)))).toMatchObject([{ issue: [{ severity: 'warning', code: 'incomplete' }] }]);
}, 60_000);

describe('others than the one who asked', () => {
  test('spec-52: the provider who is to give the service, known by NPI, hears of it', async () => {
    const { asked, byTheSurgeon } = withSurgeon(pendingRequest(house));
    await submitted(house, asked);
    expect(found(await inquire(house, byTheSurgeon()))).toHaveLength(1);
  });

  test('spec-53: nobody else does: another NPI, the same person without his NPI, another member, a name on a care team of the inquiry\'s own', async () => {
    const { asked, byTheSurgeon } = withSurgeon(pendingRequest(house));
    await submitted(house, asked);
    const inquiries = [
      byTheSurgeon((_, surgeon) => { surgeon.identifier = [{ system: systemOf.npi, value: '1999999992' }]; }),
      byTheSurgeon((_, surgeon) => { surgeon.identifier = [surgeon.identifier![1]!]; }),
      byTheSurgeon((_, surgeon) => { surgeon.identifier = [{ value: '1234567810' }]; }),
      byTheSurgeon((claim, surgeon) => { surgeon.identifier = [{ system: systemOf.npi, value: '1999999992' }]; claim.careTeam = [{ sequence: 1, provider: { reference: asked.entry![1]!.fullUrl! } }]; }),
    ];
    for (const each of inquiries) expect(found(await inquire(house, each))).toEqual([]);
    const stranger = byTheSurgeon();
    for (const { resource } of stranger.entry!) if (resource?.resourceType === 'Coverage' || resource?.resourceType === 'Patient') resource.identifier![0]!.value = 'PD1000001';
    expect(found(await inquire(house, stranger)).flatMap((each) => claimResponseOf(each).item ?? [])).toEqual([]);
  });

  test('spec-49, priv-2: sensitive care, by service or diagnosis, is not told to them, unless they ask by its number; who asked hears of it', async () => {
    const { asked, byTheSurgeon } = withSurgeon(pendingRequest(house, { diagnosis: 'F11.20' }));
    const { response } = await submitted(house, asked);
    const reference = claimResponseOf(response).item![0]!.extension!.find(({ url }) => url === pasExtension.administrationReferenceNumber)!.valueString!;
    expect(found(await inquire(house, byTheSurgeon()))).toEqual([]);
    expect(found(await inquire(house, byTheSurgeon((claim) => withNumber(claim, reference))))).toHaveLength(1);
    const own = await inquire(house, asksAbout(asked));
    expect([found(own).length, remarks(own)]).toEqual([1, []]);
  });

  test.each<[string, Coding[] | undefined, number]>([
    ['under its OID', [{ system: 'urn:oid:2.16.840.1.113883.6.90', code: 'F11.20' }], 0],
    ['without the point, in small letters', [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'f1120' }], 0],
    ['without a system', [{ code: 'F11.20' }], 0],
    ['in a system that the policy has no word on', [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'F11.20' }], 0],
    ['beside another code', [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J44.9' }, { code: 'F1120' }], 0],
    ['without a code', undefined, 0],
    ['that is none, without a system', [{ code: 'J44.9' }], 1],
  ])('spec-49: a sensitive diagnosis %s', (_, coding, count) => {
    const day = '2026-03-02';
    const { stored, request: reading, state } = { stored: { plan: 'P', receivedAt: new Date(day) }, request: { items: [], claim: { diagnosis: [{ sequence: 1, diagnosisCodeableConcept: { text: 'It', ...(coding && { coding }) } }] } }, state: { items: new Map() } };
    const pack = { plan: 'P', effective: { from: '2026-01-01', to: '2026-06-30' }, sensitive: { in: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', codes: [], prefixes: ['F11'] }], phone: '1' } };
    // Its pack is no longer in force on the day of the inquiry.
    for (const today of [day, '2027-01-01']) expect(sensitiveCareOf({ stored, request: reading, state } as unknown as LoadedAuthorization, [pack as unknown as PolicyPack], today)).toEqual(count === 0 ? pack.sensitive : undefined);
  });

  test('spec-49: a sensitive service that was approved in place of another', () => {
    const productOrService = { coding: [{ code: 'H0020' }] };
    const loaded = { stored: { plan: 'P', receivedAt: new Date('2026-03-02') }, request: { items: [], claim: {} }, state: { items: new Map([[1, { decision: { kind: 'modified', approved: { productOrService } } }]]) } };
    const pack = { plan: 'P', effective: { from: '2026-01-01' }, sensitive: { in: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', codes: ['H0020'] }], phone: '1' } };
    expect(sensitiveCareOf(loaded as unknown as LoadedAuthorization, [pack as unknown as PolicyPack], '2026-03-02')).toBe(pack.sensitive);
  });

  test('spec-50: a warning says so once, with the telephone number of the plan and nothing of the care', async () => {
    const { asked, byTheSurgeon } = withSurgeon(pendingRequest(house, { diagnosis: 'F11.20' }));
    await submitted(house, asked);
    const [remark, ...more] = remarks(await inquire(house, byTheSurgeon()));
    expect(more).toEqual([]);
    expect(remark!.issue).toMatchObject([{ severity: 'warning', code: 'suppressed' }]);
    expect(remark!.issue[0]!.details!.text).toContain('+1 800 555 0199');
    expect(JSON.stringify(remark)).not.toMatch(/F11|E1390|Reyes/);
    // At the older address the warning is an entry of the one Bundle.
    const older = (await send('POST', `${house.origin}/pas/2.0.1/fhir/Claim/$inquire`, byTheSurgeon())).json as Bundle;
    expect(older.entry!.map(({ resource }) => resource!.resourceType)).toEqual(['OperationOutcome']);
  });
});

test('spec-73: what was pended can be asked about six months after the services, and longer', async () => {
  const asked = pendingRequest(house);
  const { claim } = await submitted(house, asked);
  await decide(house, claim, decision(certification));
  house.clock.now = new Date('2027-09-30T09:00:00.000Z');
  expect(found(await inquire(house, asksAbout(asked))).map(actionsOf)).toEqual([{ 1: 'A1' }]);
});

test.each<[string, (claim: Claim) => void, number]>([
  ['the patient event in the days of the service', (claim) => { claim.supportingInfo = [event('patientEvent', '2026-03-01', '2027-12-31')]; }, 1],
  ['the patient event in other days', (claim) => { claim.supportingInfo = [event('patientEvent', '2025-03-01', '2025-12-31')]; }, 0],
  ['the days of admission', (claim) => { claim.supportingInfo = [event('admissionDates', '2026-04-01', '2026-04-02')]; }, 1],
  ['other days of admission', (claim) => { claim.supportingInfo = [event('admissionDates', '2026-05-01', '2026-05-02')]; }, 0],
  ['a discharge that the request does not speak of', (claim) => { claim.supportingInfo = [event('dischargeDates', '2026-05-01', '2026-05-02')]; }, 0],
  ['one of several diagnoses', (claim) => { claim.diagnosis = ['Z00.00', 'J44.9'].map((code, index) => ({ sequence: index + 1, diagnosisCodeableConcept: { coding: [{ code }] } })); }, 1],
])('conf-4: an inquiry by %s', async (_, change, count) => {
  const asked = pendingRequest(house);
  claimOf(asked).supportingInfo!.push({ ...event('admissionDates', '2026-04-01', '2026-04-03'), sequence: 2 });
  await submitted(house, asked);
  expect(found(await inquire(house, asksAbout(asked, change)))).toHaveLength(count);
});

function event(code: string, start: string, end: string): NonNullable<Claim['supportingInfo']>[number] {
  return { sequence: 1, category: { coding: [{ system: systemOf.pasTemporary, code }] }, timingPeriod: { start, end } };
}
