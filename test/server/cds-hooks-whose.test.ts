/**
 * Whom and what guidance is given on: the patient's of the context, what is still to be done, the coverage that counts on
 * the day; and what an order that was asked about before bears from others, or changed.
 */
import { call, chartOf, bundle, informationOn, informationUrl, order, orderSign, saidIn, type Json } from '../support/cds-calls.ts';
import { openHouse, type TestHouse } from '../support/house.ts';
import { request, submit } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

const member = 'demo-amara-okafor';
const code = (answer: { json: { issue?: { details: { coding: { code: string }[] }; expression?: string[] }[] } }): unknown => answer.json.issue?.[0]?.details.coding[0]?.code;
const ask = (orders: Parameters<typeof orderSign>[1], change: (body: ReturnType<typeof orderSign>) => Json = (body) => body): ReturnType<typeof call> => call(house, 'order-sign-crd', change(orderSign(member, orders)));

describe('what is asked about', () => {
  test.each<[string, Json, string]>([
    ['of another patient', { subject: { reference: 'Patient/other' } }, 'ServiceRequest.subject'],
    ['of a group', { subject: { reference: 'Group/p' } }, 'ServiceRequest.subject'],
    ['of whoever has the same id on another server', { subject: { reference: 'https://elsewhere.example/fhir/Patient/p' } }, 'ServiceRequest.subject'],
    ['a prescription of another patient', { resourceType: 'VisionPrescription', subject: undefined, code: undefined, requester: undefined, intent: undefined, occurrenceDateTime: undefined, reasonCode: undefined, status: 'draft', created: '2026-03-02', dateWritten: '2026-03-02', prescriber: { reference: 'Practitioner/doctor' }, lensSpecification: [{ product: { text: 'lens' }, eye: 'left' }], patient: { reference: 'Patient/other' } }, 'VisionPrescription.patient'],
  ])('%s is refused with its place, and nothing is said', async (_, change, place) => {
    const other = JSON.parse(JSON.stringify({ ...order({ id: 'o2' }), ...change })) as ReturnType<typeof order>;
    const answer = await ask([order(), other], (body) => ({ ...body, fhirServer: 'https://ehr.example/fhir' }));
    expect([answer.status, code(answer as never), answer.json.issue[0].expression]).toEqual([422, 'cds-request-rule', [place]]);
    expect(answer.json.systemActions).toBeUndefined();
  });

  test.each<[string, Json]>([
    ['by an address of the client\'s server', { subject: { reference: 'https://ehr.example/fhir/Patient/p' } }],
    ['without a subject that can be read', { subject: { display: 'Amara Okafor' } }],
  ])('of the patient %s is answered', async (_, change) => {
    const answer = await ask([{ ...order(), ...change }], (body) => ({ ...body, fhirServer: 'https://ehr.example/fhir/' }));
    expect(saidIn(answer)).toHaveLength(1);
  });

  test.each<[string, Json]>([
    ['revoked', { status: 'revoked' }], ['entered in error', { status: 'entered-in-error' }], ['that it is not to be done', { doNotPerform: true }],
  ])('%s gets no guidance, and what stands beside it does', async (_, change) => {
    const answer = await ask([{ ...order({ id: 'o2' }), ...change }, order()]);
    expect(answer.json.systemActions.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual(['o1']);
    expect((await ask([{ ...order(), ...change }])).json).toEqual({ cards: [] });
  });
});

describe('of several coverages', () => {
  const own = chartOf(member).coverage as unknown as Json;
  const of = (change: Json): ReturnType<typeof order> => ({ ...own, ...change }) as never;
  const cited = async (...coverages: ReturnType<typeof order>[]): Promise<unknown> => {
    // The chart has no number of the plan's: what leads to the member is the card.
    const answer = await ask([order()], (body) => ({ ...body, prefetch: { ...body.prefetch, patient: { ...body.prefetch['patient'] as Json, identifier: undefined }, coverage: bundle(...coverages) } }));
    return saidIn(answer)[0]?.[0]?.['coverage'] ?? code(answer);
  };
  const other = { payor: [{ identifier: { value: '9999999999' } }] };

  test.each<[string, () => ReturnType<typeof order>[], unknown]>([
    ['all with other payers: refused', () => [of({ id: 'a', ...other }), of({ id: 'b', ...other })], 'cds-other-payer'],
    ['the one with this payer, though another comes first', () => [of({ id: 'a', ...other }), of({ id: 'b' })], [{ reference: 'Coverage/b' }]],
    ['the active one', () => [of({ id: 'a', status: 'cancelled' }), of({ id: 'b' })], [{ reference: 'Coverage/b' }]],
    ['the one in force on the day of the service', () => [of({ id: 'a', period: { start: '2021-01-01', end: '2026-03-01' } }), of({ id: 'b', period: { start: '2026-03-02' } })], [{ reference: 'Coverage/b' }]],
    ['the one that pays first', () => [of({ id: 'a', order: 2 }), of({ id: 'b', order: 1 })], [{ reference: 'Coverage/b' }]],
    ['the one that leads to a member', () => [of({ id: 'a', subscriberId: 'NOBODY-1', identifier: undefined }), of({ id: 'b' })], [{ reference: 'Coverage/b' }]],
  ])('%s', async (_, coverages, expected) => {
    expect(await cited(...coverages().map((each) => JSON.parse(JSON.stringify(each)) as never))).toEqual(expected);
  });
});

describe('an order that bears statements', () => {
  const told = async (change: (body: ReturnType<typeof orderSign>) => Json = (body) => body): Promise<ReturnType<typeof order> & { extension: { url: string; extension: Json[] }[] }> => (await ask([order()], change)).json.systemActions[0].resource;
  const again = (resource: unknown, change: (body: ReturnType<typeof orderSign>) => Json = (body) => body): ReturnType<typeof call> => ask([resource as never], change);
  const withPart = <T extends { extension: { url: string; extension: Json[] }[] }>(resource: T, name: string, value: Json): T => ({ ...resource, extension: resource.extension.map((each) => ({ ...each, extension: each.extension.map((part) => part['url'] === name ? { url: name, ...value } : part) })) });

  test('as they were made gets none again, in whatever order its server keeps their parts', async () => {
    const resource = await told();
    expect((await again(resource)).json.systemActions).toBeUndefined();
    expect((await again({ ...resource, extension: resource.extension.map((each) => ({ ...each, extension: each.extension.toReversed() })) })).json.systemActions).toBeUndefined();
  });

  test.each<[string, Json]>([
    ['pa-needed', { valueCode: 'no-auth' }], ['covered', { valueCode: 'not-covered' }], ['expiry-date', { valueDate: '2099-12-31' }], ['reason', { valueCodeableConcept: { text: 'Whatever you like.' } }],
  ])('whose %s somebody has changed gets a true one in its place', async (name, value) => {
    const resource = await told();
    const truth = informationOn(resource as never)[0]!;
    const answer = await again(withPart(resource, name, value));
    const [said] = saidIn(answer);
    expect(said).toHaveLength(1);
    expect(said![0]![name]).toEqual(truth[name]);
  });

  test('about the same coverage by an address gets no second one beside it; what another payer said stays', async () => {
    const onServer = (body: ReturnType<typeof orderSign>): Json => ({ ...body, fhirServer: 'https://ehr.example/fhir' });
    const stale = withPart(withPart(await told(onServer), 'coverage', { valueReference: { reference: 'https://ehr.example/fhir/Coverage/cov' } }), 'pa-needed', { valueCode: 'no-auth' });
    const others = { url: informationUrl, extension: [{ url: 'coverage', valueReference: { reference: 'https://elsewhere.example/fhir/Coverage/cov' } }, { url: 'covered', valueCode: 'covered' }, { url: 'pa-needed', valueCode: 'no-auth' }, { url: 'date', valueDate: '2026-01-01' }, { url: 'coverage-assertion-id', valueString: 'theirs' }] };
    const answer = await again({ ...stale, extension: [...stale.extension, others] }, onServer);
    expect(saidIn(answer)[0]!.map(({ coverage }) => coverage)).toEqual([[{ reference: 'https://elsewhere.example/fhir/Coverage/cov' }], [{ reference: 'Coverage/cov' }]]);
    expect(saidIn(answer)[0]![1]!['pa-needed']).not.toEqual(['no-auth']);
  });
});

test('what an authorization satisfies, it satisfies no longer than it lasts', async () => {
  const joe = 'demo-joe-smith';
  const certified = await submit(house, request(house, { member: joe }));
  const number = JSON.stringify(certified.json).match(/"preAuthRef":"([^"]+)"/)![1];
  const period = JSON.stringify(certified.json).match(/"valuePeriod":\{"start":"([^"]+)","end":"([^"]+)"\}/);
  const answer = await call(house, 'order-sign-crd', orderSign(joe, [order({ system: 'https://codesystem.x12.org/005010/1365', code: '3', place: '11' })], [], { extension: { 'davinci-crd.requestedVersion': '2.2' } }));
  const [said] = saidIn(answer)[0]!;
  expect(said).toMatchObject({ 'pa-needed': ['satisfied'], 'satisfied-pa-id': [number] });
  const { rows } = await house.sql.query<{ expires_on: string; until: string }>(`
    select a.expires_on::text, (select max(serviced_to)::text from prior_authorization_item where number = $1) as until from coverage_assertion a where a.id = $2`, [number, said!['coverage-assertion-id']![0]]);
  expect(said!['expiry-date']).toEqual([rows[0]!.expires_on]);
  expect([rows[0]!.until, period?.[2]?.slice(0, 10)]).toContain(rows[0]!.expires_on);
});
