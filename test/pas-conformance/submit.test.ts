/** PAS 2.2.1, $submit statement by statement: what is taken, what is refused, and what every answer keeps. */
import type { Bundle, Claim, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { interchangeFor } from '../../server/demo/interchange.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionOf, actionsOf, claimOf, claimResponseOf, decide, decision, excludedRequest, inquire, pendingRequest, request, resourceOf, submit, submitted, withItems } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { sharedJson } from '../support/shared.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const examples = (): Bundle[] => [...sharedJson('pas-examples', 'ig-pas-2.2.1') ?? []].filter(([name]) => /AuthorizationBundleExample|SurgicalRequest/.test(name)).map(([, { json }]) => json as Bundle);
const base = 'https://clinic.example/fhir';

/** Refused with one OperationOutcome, and nothing is answered beside it. */
function expectRefused(answer: TestAnswer): OperationOutcome {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  const outcome = answer.json as OperationOutcome;
  expect(outcome.resourceType).toBe('OperationOutcome');
  expect(outcome.issue.some(({ severity }) => severity === 'error')).toBe(true);
  return outcome;
}

function expectAnswered(answer: TestAnswer): Bundle {
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  claimResponseOf(answer.json as Bundle);
  return answer.json as Bundle;
}

describe('what a request must be', () => {
  test('spec-11: a request is read as JSON; what is no JSON is refused', async () => {
    expectAnswered(await submit(house, request(house)));
    expectRefused(await send('POST', `${house.fhir}/Claim/$submit`, '{"resourceType": "Bundle",'));
    expectRefused(await send('POST', `${house.fhir}/Claim/$submit`, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }));
  });

  test('spec-12: a Bundle whose first entry is no Claim is refused, with the place', async () => {
    const { entry, ...rest } = request(house);
    const outcome = expectRefused(await submit(house, { ...rest, entry: [...entry!.slice(1), entry![0]] }));
    expect(outcome.issue[0]!.expression).toEqual(['Bundle.entry[0].resource']);
  });

  test('spec-13, spec-18, spec-67: the member must be in the Bundle; what else is not there is no reason to fail', async () => {
    const without = (type: string): Bundle => { const bundle = pendingRequest(house); return { ...bundle, entry: bundle.entry!.filter(({ resource }) => resource?.resourceType !== type) }; };
    expectRefused(await submit(house, without('Patient')));
    for (const type of ['Observation', 'Organization']) expectAnswered(await submit(house, without(type)));
  });

  test('spec-14: two entries under one address are refused', async () => {
    const bundle = request(house);
    expectRefused(await submit(house, { ...bundle, entry: [...bundle.entry!, structuredClone(bundle.entry![1]!)] }));
  });

  test('spec-15: the same person sent twice is taken', async () => {
    const bundle = request(house);
    const twice = structuredClone(bundle.entry![1]!);
    expectAnswered(await submit(house, { ...bundle, entry: [...bundle.entry!, { fullUrl: `${base}/Organization/again`, resource: { ...twice.resource!, id: 'again' } as Resource }] }));
  });

  test('spec-16: URLs and URNs of UUIDs are addresses, and come back', async () => {
    const bundle = request(house);
    let text = JSON.stringify(bundle);
    for (const [index, { fullUrl }] of bundle.entry!.entries()) text = text.replaceAll(`"${fullUrl!}"`, `"urn:uuid:0000000${index}-1111-4222-8333-444444444444"`);
    const moved = JSON.parse(text) as Bundle;
    expect(faultsOf(expectAnswered(await submit(house, moved)), moved)).toEqual([]);
    expect(faultsOf(expectAnswered(await submit(house, bundle)), bundle)).toEqual([]);
  });

  test('spec-17: what another submission sent under the same address is not taken for what this one sends', async () => {
    const [one, other] = [request(house), request(house)];
    claimOf(other).id = claimOf(one).id!;
    other.entry![0]!.fullUrl = one.entry![0]!.fullUrl!;
    other.identifier = one.identifier!;
    resourceOf(other, 'Organization').name = 'Another Clinic';
    const answers = [expectAnswered(await submit(house, one)), expectAnswered(await submit(house, other))];
    expect(answers[0]!.entry![0]!.fullUrl).not.toBe(answers[1]!.entry![0]!.fullUrl);
    const clinicIn = (answer: Bundle): unknown => answer.entry!.find(({ fullUrl }) => fullUrl === `${base}/Organization/clinic`)!.resource;
    expect(answers.map(clinicIn)).toMatchObject([{ name: 'Harbor Street Clinic' }, { name: 'Another Clinic' }]);
  });

  test('spec-20: supporting information that nothing points to hinders nobody', async () => {
    const bundle = request(house);
    bundle.entry!.push({ fullUrl: `${base}/Observation/loose`, resource: { ...resourceOf(pendingRequest(house), 'Observation'), id: 'loose' } });
    expectAnswered(await submit(house, bundle));
  });

  test('spec-21: a PDF comes as a DocumentReference and is kept', async () => {
    const bundle = pendingRequest(house);
    const claim = claimOf(bundle);
    claim.supportingInfo!.push({ sequence: 2, category: claim.supportingInfo![0]!.category, valueReference: { reference: `${base}/DocumentReference/letter` } });
    bundle.entry!.push({ fullUrl: `${base}/DocumentReference/letter`, resource: { resourceType: 'DocumentReference', id: 'letter', status: 'current', subject: { reference: claim.patient.reference! }, content: [{ attachment: { contentType: 'application/pdf', data: Buffer.from('%PDF-1.4').toString('base64') } }] } });
    const { claim: id } = await submitted(house, bundle);
    const stored = (await send('GET', `${house.fhir}/Claim/${id}`)).json as Claim;
    const document = (await send('GET', `${house.fhir}/${stored.supportingInfo!.find(({ valueReference }) => valueReference?.reference?.startsWith('DocumentReference/'))!.valueReference!.reference!}`)).json as { content: { attachment: { data?: string } }[] };
    expect(Buffer.from(document.content[0]!.attachment.data!, 'base64').toString()).toBe('%PDF-1.4');
  });

  test('spec-22: supporting information with one number twice is refused', async () => {
    const bundle = pendingRequest(house);
    claimOf(bundle).supportingInfo!.push(structuredClone(claimOf(bundle).supportingInfo![0]!));
    expectRefused(await submit(house, bundle));
  });

  test('spec-23: what a decision rests on must have the form of FHIR', async () => {
    const bundle = request(house);
    Object.assign(resourceOf(bundle, 'Patient'), { birthDate: 'last week' });
    expectRefused(await submit(house, bundle));
  });

  test('spec-1, spec-2, spec-19: supporting information by US Core, of whatever version, and by other profiles is taken and kept', async () => {
    const bundle = pendingRequest(house);
    const claim = claimOf(bundle);
    const subject = { reference: claim.patient.reference! };
    const sent: Resource[] = [
      { resourceType: 'Condition', id: 'c', meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition|3.1.1'] }, clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] }, category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' }] }], code: { coding: [{ system: 'http://snomed.info/sct', code: '13645005' }] }, subject },
      { resourceType: 'Procedure', id: 'p', meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-procedure|7.0.0'] }, status: 'completed', code: { text: 'Spirometry' }, subject },
      { resourceType: 'MedicationRequest', id: 'm', meta: { profile: ['http://clinic.example/StructureDefinition/of-our-own'] }, status: 'active', intent: 'order', medicationCodeableConcept: { text: 'Tiotropium' }, subject },
    ];
    for (const [index, resource] of sent.entries()) {
      bundle.entry!.push({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource });
      claim.supportingInfo!.push({ sequence: index + 2, category: claim.supportingInfo![0]!.category, valueReference: { reference: `${base}/${resource.resourceType}/${resource.id}` } });
    }
    const { claim: id } = await submitted(house, bundle);
    const kept = ((await send('GET', `${house.fhir}/Claim/${id}`)).json as Claim).supportingInfo!.map(({ valueReference }) => valueReference?.reference?.split('/')[0]);
    expect(kept).toEqual(['Observation', 'Condition', 'Procedure', 'MedicationRequest']);
  });

  test('spec-24, spec-25: an element that nobody knows is ignored and kept with the bytes', async () => {
    const bundle = request(house);
    claimOf(bundle).extension = [{ url: 'https://clinic.example/StructureDefinition/whatever', valueString: 'x' }];
    claimOf(bundle).fundsReserve = { coding: [{ code: 'patient' }] };
    expect(actionsOf(expectAnswered(await submit(house, bundle)))).toEqual({ 1: 'A1' });
  });

  test('spec-26: the payer has the Bundle byte for byte', async () => {
    const text = JSON.stringify(request(house), undefined, 3);
    const answer = await submit(house, text);
    expect((await send('GET', `${house.origin}/landing/${answer.headers.get('priora-delivery')}/raw`)).text).toBe(text);
  });
});

describe('what every answer keeps', () => {
  const answered = async (): Promise<[Bundle, Bundle][]> => {
    const asked = [request(house), pendingRequest(house), excludedRequest(house), withItems(request(house), 3), ...examples()];
    const pairs: [Bundle, Bundle][] = [];
    for (const each of asked) pairs.push([each, expectAnswered(await submit(house, each))]);
    return pairs;
  };

  test('spec-30: the ClaimResponse comes first, and is the only one', async () => {
    for (const [, answer] of await answered()) expect(answer.entry!.map(({ resource }) => resource!.resourceType).flatMap((type, index) => type === 'ClaimResponse' ? [index] : [])).toEqual([0]);
  });

  test('spec-31, spec-32: each resource is there once, under one address', async () => {
    for (const [, answer] of await answered()) {
      const urls = answer.entry!.map(({ fullUrl }) => fullUrl);
      expect(new Set(urls).size).toBe(urls.length);
      const bodies = answer.entry!.map(({ resource }) => JSON.stringify({ ...resource, id: undefined }));
      expect(new Set(bodies).size).toBe(bodies.length);
    }
  });

  test('spec-33: what was sent comes back under its address, to the letter, and with what it refers to', async () => {
    for (const [asked, answer] of await answered()) {
      const sent = new Map(asked.entry!.map(({ fullUrl, resource }) => [fullUrl, resource]));
      const echoed = answer.entry!.filter(({ fullUrl }) => sent.has(fullUrl));
      expect(echoed.length).toBeGreaterThan(1);
      for (const { fullUrl, resource } of echoed) expect(resource).toEqual(sent.get(fullUrl));
      expect(faultsOf(answer, asked)).toEqual([]);
    }
  });

  test('spec-34: every item comes back under its sequence, and no other', async () => {
    const numbers = [7, 3, 40];
    const bundle = withItems(request(house), 3, (item, index) => { item.sequence = numbers[index]!; });
    const answer = expectAnswered(await submit(house, bundle));
    expect(claimResponseOf(answer).item!.map(({ itemSequence }) => itemSequence)).toEqual(numbers);
    for (const [asked, each] of await answered()) expect(claimResponseOf(each).item!.map(({ itemSequence }) => itemSequence)).toEqual(claimOf(asked).item!.map(({ sequence }) => sequence));
  });

  test('spec-36, spec-37: what a person authorizes in another form says A6, and addItem says what', async () => {
    const bundle = pendingRequest(house);
    claimOf(bundle).item![0]!.quantity = { value: 12, unit: 'months' };
    const { claim } = await submitted(house, bundle);
    const answer = (await decide(house, claim, decision({ action: 'modify', reason: '0V', text: 'Six months first.', more: [{ name: 'quantity', valueQuantity: { value: 6, unit: 'months' } }] }))).json as Bundle;
    expect(actionsOf(answer)).toEqual({ 1: 'A6' });
    const [added, ...more] = claimResponseOf(answer).addItem!;
    expect(more).toEqual([]);
    expect([added!.itemSequence, added!.quantity, actionOf(added!.adjudication)]).toEqual([[1], { value: 6, unit: 'months' }, 'A1']);
  });

  test('conf-15: a date, a number, a provider and a reason stand in the elements that PAS has for them', async () => {
    const answer = claimResponseOf(expectAnswered(await submit(house, request(house))));
    const urls = answer.item![0]!.extension!.map(({ url }) => url);
    for (const name of ['itemPreAuthIssueDate', 'itemPreAuthPeriod', 'administrationReferenceNumber', 'itemAuthorizedProvider', 'itemTraceNumber'] as const) expect(urls).toContain(pasExtension[name]);
    expect(answer.item![0]!.adjudication[0]!.extension![0]!.url).toBe(pasExtension.reviewAction);
  });
});

describe('errors', () => {
  test.each<[string, unknown]>([
    ['an empty Bundle', { resourceType: 'Bundle', type: 'collection', entry: [] }], ['no Bundle', { resourceType: 'Claim' }], ['no resource', []], ['a Bundle in parts', { resourceType: 'Bundle', type: 'collection', entry: [{}] }],
  ])('spec-35: %s is answered with one OperationOutcome, by $submit and by $inquire', async (_, body) => {
    for (const answer of [await submit(house, body), await inquire(house, body)]) {
      const outcome = expectRefused(answer);
      expect(outcome.issue.every(({ diagnostics, details }) => (diagnostics ?? details?.text ?? '') !== '')).toBe(true);
    }
  });

  test('spec-38: what can be understood and not reviewed is a ClaimResponse in error, with code, follow-up and place', async () => {
    const bundle = request(house);
    resourceOf(bundle, 'Coverage').identifier![0]!.value = 'PD7777777';
    resourceOf(bundle, 'Coverage').subscriberId = 'PD7777777';
    resourceOf(bundle, 'Patient').identifier![0]!.value = 'PD7777777';
    const answer = expectAnswered(await submit(house, bundle));
    expect(claimResponseOf(answer).outcome).toBe('error');
    expect(faultsOf(answer, bundle)).toEqual([]);
    expect(claimResponseOf(answer).error![0]!.code.coding![0]!.code).toBe('75');
  });

  test('spec-39: every call is answered at once, with 2xx or 4xx', async () => {
    const statuses = [await submit(house, request(house)), await submit(house, pendingRequest(house)), await submit(house, '{'), await submit(house, { resourceType: 'Bundle' })].map(({ status }) => Math.floor(status / 100));
    expect(statuses).toEqual([2, 2, 4, 4]);
  });

  test('spec-41: what was wrong with a delivery is kept for the technical staff, without a word of the patient', async () => {
    const bundle = request(house);
    Object.assign(resourceOf(bundle, 'Patient'), { birthDate: 'never', name: [{ family: 'Wollstonecraft' }] });
    expectRefused(await submit(house, bundle));
    const [row] = (await house.sql.query<{ state: string; problems: string[] }>('select state, problems from landing order by received_at desc, id desc limit 1')).rows;
    expect([row!.state, row!.problems.length > 0]).toEqual(['refused', true]);
    expect(house.log.join('')).not.toContain('Wollstonecraft');
  });
});

describe('endpoints, rails and addresses', () => {
  test('conf-1: 2.2.1 and 2.0.1 have addresses of their own, and an unknown version has none', async () => {
    const other = (version: string): Promise<TestAnswer> => send('POST', `${house.origin}/pas/${version}/fhir/Claim/$submit`, request(house));
    const current = expectAnswered(await other('2.2.1'));
    const older = expectAnswered(await other('2.0.1'));
    expect([claimResponseOf(current).extension, claimResponseOf(older).extension].map((each) => each === undefined)).toEqual([false, true]);
    expect((await other('1.1.0')).status).toBe(404);
  });

  test('conf-3, spec-6: one address takes the requests of members of every plan', async () => {
    for (const each of [request(house), request(house, { member: 'demo-lena-fischer' })]) expectAnswered(await submit(house, each));
  });

  test('use-1, use-2, use-3: the same request by FHIR is answered by FHIR, by X12 278 with a 278', async () => {
    const bundle = request(house);
    const answer = expectAnswered(await submit(house, bundle));
    expect(actionsOf(answer)).toEqual({ 1: 'A1' });
    const other = request(house);
    const by278 = await send('POST', `${house.origin}/x12`, interchangeFor(other, other.identifier!.value!, house.clock.now.toISOString()), { 'content-type': 'application/edi-x12' });
    expect(by278.text).toMatch(/ST\*278\*[\s\S]*HCR\*A1\*/);
  });

  test('prof-ben-1, prof-sub-1: the dash of a ZIP+4 code is taken, and left out in X12', async () => {
    const bundle = request(house);
    resourceOf(bundle, 'Patient').address = [{ line: ['1 Harbor Street'], city: 'Boston', state: 'MA', postalCode: '02110-1234' }];
    expectAnswered(await submit(house, bundle));
    const segments = new TextDecoder().decode(interchangeFor(bundle, bundle.identifier!.value!, house.clock.now.toISOString()));
    expect(segments).toContain('N4*Boston*MA*021101234');
  });
});
