/** The PAS topic: who hears of which authorization, and what; on every rail and in each version. */
import type { Bundle, CapabilityStatement, Communication, Parameters } from '@medplum/fhirtypes';
import { validateWith } from './validate.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { packagesAreHere } from '../../support/definitions.ts';
import { certification, decide, decision, pendingRequest, resourceOf, submitted } from '../../support/pas-requests.ts';
import { admissionTopic, changeTopic, eventsIn, openReceiver, pasTopic, subscriptionTo, type Receiver } from './receiver.ts';

let house: TestHouse;
let receiver: Receiver;
const settled = () => house.server.subscriptions!.settled();

beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });
beforeEach(async () => { receiver = await openReceiver(); });
afterEach(async () => { await receiver.close(); });

/** The number of the organization that asks, as it stands in a request. */
function requesterOf(bundle: Bundle): { system: string; value: string } {
  const claim = resourceOf(bundle, 'Claim');
  const provider = bundle.entry!.find(({ fullUrl }) => fullUrl?.endsWith(claim.provider.reference!) === true)!.resource as { identifier: { system: string; value: string }[] };
  return provider.identifier[0]!;
}

async function subscribe(filters: readonly string[], base = house.fhir, content = 'full-resource'): Promise<string> {
  const { status, json, text } = await send('POST', `${base}/Subscription`, subscriptionTo(receiver.url, { topic: pasTopic, filters, content }));
  expect([status, text]).toEqual([201, expect.any(String)]);
  await settled();
  return json.id as string;
}

test('topics are found as the backport has it in R4: by their canonicals in the CapabilityStatement, at each base', async () => {
  for (const base of [house.fhir, `${house.origin}/pas/2.0.1/fhir`]) {
    const { resource } = ((await send('GET', `${base}/metadata`)).json as CapabilityStatement).rest![0]!;
    const topics = resource!.find(({ type }) => type === 'Subscription')!.extension!.filter(({ url }) => url === 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical');
    expect(topics.map(({ valueCanonical }) => valueCanonical)).toEqual(expect.arrayContaining([pasTopic, admissionTopic, changeTopic]));
  }
});

test('whoever is meant by another number hears nothing', async () => {
  await subscribe(['org-identifier=1234567893']);
  await submitted(house, pendingRequest(house));
  await settled();
  expect(receiver.of('event-notification')).toEqual([]);
});

test('a pended request and its decision are told, each with the whole answer', async () => {
  const bundle = pendingRequest(house);
  const { value } = requesterOf(bundle);
  const id = await subscribe([`orgIdentifier=none,${value}`]);
  const { claim } = await submitted(house, bundle);
  await settled();
  expect(receiver.numbers()).toEqual([1]);
  expect((await decide(house, claim, decision(certification))).status).toBe(200);
  await settled();
  expect(receiver.numbers()).toEqual([1, 2]);
  const { json, text } = receiver.of('event-notification')[1]!;
  const [status, answer] = json.entry;
  expect(status.request.url).toBe(`${house.fhir}/Subscription/${id}/$status`);
  expect(eventsIn(json)[0]!.focus).toBe(answer.fullUrl);
  expect(answer).toMatchObject({ fullUrl: expect.stringMatching(/^urn:uuid:.{14}4/) as unknown, resource: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'ClaimResponse', outcome: 'complete' } }, ...json.entry[1].resource.entry.slice(1)] } });
  expect(text).toContain('"A1"');
  for (const { request: asked, response } of json.entry) expect([asked, response]).toEqual([expect.objectContaining({ method: expect.any(String) as unknown }), expect.objectContaining({ status: expect.any(String) as unknown })]);
});

test('several filters must all be met; the sender is known by ISA06 or by its organization, also with the system', async () => {
  const bundle = pendingRequest(house);
  const { system, value } = requesterOf(bundle);
  const both = await openReceiver();
  await send('POST', `${house.fhir}/Subscription`, subscriptionTo(both.url, { topic: pasTopic, filters: [`ORG-IDENTIFIER=${system}|${value}`, 'org-identifier=nobody'] }));
  await subscribe([`ORG-IDENTIFIER=${system}|${value}`]);
  await submitted(house, bundle);
  await settled();
  expect(receiver.numbers()).toEqual([1]);
  expect(both.of('event-notification')).toEqual([]);
  await both.close();
});

test('at the base of 2.0.1 its id alone may be wanted, and what is told is of that version', async () => {
  const older = `${house.origin}/pas/2.0.1/fhir`;
  const bundle = pendingRequest(house);
  const { value } = requesterOf(bundle);
  const refused = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { topic: pasTopic, content: 'id-only' }));
  expect([refused.status, refused.json.issue[0].expression]).toEqual([422, ['Subscription.channel.payload.extension']]);
  await subscribe([`org-identifier=${value}`], older, 'id-only');
  await submitted(house, bundle);
  await settled();
  const { json } = receiver.of('event-notification')[0]!;
  expect(eventsIn(json)[0]!.focus).toMatch(new RegExp(`^${older}/ClaimResponse/`));
  expect(json.entry[0].request.url).toMatch(new RegExp(`^${older}/Subscription/`));
  expect(json.entry[1].resource).toBeUndefined();
});

(packagesAreHere ? test : test.skip)('handshake, event and heartbeat conform to their profiles', async () => {
  const bundle = pendingRequest(house);
  const { value } = requesterOf(bundle);
  await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { topic: pasTopic, filters: [`org-identifier=${value}`], channel: { 'heartbeat-period': 60 } }));
  await settled();
  const { claim } = await submitted(house, bundle);
  await decide(house, claim, decision(certification));
  await settled();
  house.clock.advance(61_000);
  await settled();
  expect(new Set(receiver.received.map(({ type }) => type))).toEqual(new Set(['handshake', 'event-notification', 'heartbeat']));
  const validate = await validateWith(['hl7.fhir.us.davinci-pas-2.2.1', 'unofficial-sushi/hl7.fhir.uv.subscriptions-backport.r4-1.1.0.UNOFFICIAL']);
  for (const { json } of receiver.received) {
    expect(await validate(json, 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-notification-r4')).toEqual([]);
    expect(await validate(json.entry[0].resource, 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4')).toEqual([]);
  }
});

describe('an extension', () => {
  const extend = (claim: string): Promise<unknown> => send('POST', `${house.fhir}/Claim/${claim}/$extend`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'author', valueReference: { display: 'Dr. Ines Moreau' } }, { name: 'reason', valueCode: 'information-needed' }, { name: 'text', valueString: 'The sleep study is missing.' }, { name: 'notice', valueString: 'We need 14 more days to decide.' }],
  });
  const noticesOf = async (claim: string): Promise<Communication[]> => (((await send('GET', `${house.fhir}/Communication?based-on=Claim/${claim}`)).json as Bundle).entry ?? []).map(({ resource }) => resource as Communication);
  const statuses = async (claim: string): Promise<string[]> => (await noticesOf(claim)).map(({ recipient, status, sent }) => `${recipient![0]!.reference!.split('/')[0]} ${status} ${sent ?? ''}`.trim()).toSorted();
  const exchanges = async (): Promise<{ exchange: { type: string; requestTime: string; responseTime: string; httpResponse: string }[]; itemDetail: { result: string; finalResponseTime?: string }[] }[]> =>
    (((await send('GET', `${house.fhir}/$pa-exchanges?exchange=subsequent&since=${house.clock.now.toISOString()}`)).json as Parameters).parameter ?? []).map(({ part }) => JSON.parse(part!.find(({ name }) => name === 'data')!.valueString!) as Awaited<ReturnType<typeof exchanges>>[number]);

  test('is told to the requester by subscription, with the notice and the new date; the notice to him is then completed, that to the member is not', async () => {
    const bundle = pendingRequest(house);
    const { claim } = await submitted(house, bundle);
    await subscribe([`org-identifier=${requesterOf(bundle).value}`]);
    house.clock.advance(60_000);
    await extend(claim);
    expect(await statuses(claim)).toEqual([expect.stringMatching(/^(Organization|Practitioner\w*) in-progress$/), 'Patient preparation']);
    await settled();
    const { json, text } = receiver.of('event-notification').at(-1)!;
    const due = (await house.sql.query<{ due_at: Date }>('select due_at from prior_authorization where claim = $1', [claim])).rows[0]!.due_at.toISOString();
    expect(due.slice(0, 10)).toBe('2026-03-23');
    expect([text.includes('We need 14 more days to decide.'), text.includes(`A decision is due by ${due}.`), json.entry[1].resource.entry[0].resource.resourceType]).toEqual([true, true, 'ClaimResponse']);
    expect(await statuses(claim)).toEqual([expect.stringMatching(new RegExp(`^(Organization|Practitioner\\w*) completed ${house.clock.now.toISOString()}$`)), 'Patient preparation']);
  });

  test('that nobody took has reached nobody, and another than the requester hears nothing of it', async () => {
    const bundle = pendingRequest(house);
    const { claim } = await submitted(house, bundle);
    const another = await openReceiver();
    expect((await send('POST', `${house.fhir}/Subscription`, subscriptionTo(another.url, { topic: pasTopic, filters: ['org-identifier=1234567893'] }))).status).toBe(201);
    await subscribe([`org-identifier=${requesterOf(bundle).value}`]);
    receiver.answer = { status: 500 };
    await extend(claim);
    await settled();
    expect([another.of('event-notification').length, receiver.of('event-notification').length]).toEqual([0, 1]);
    expect(await statuses(claim)).toEqual([expect.stringMatching(/in-progress$/), 'Patient preparation']);
    await another.close();
  });

  test('what was told and taken is an exchange, once; what a reviewer does is none', async () => {
    const bundle = pendingRequest(house);
    const { claim } = await submitted(house, bundle);
    house.clock.advance(60_000);
    await decide(house, claim, decision({ action: 'pend', text: 'Another look.' }));
    await settled();
    expect(await exchanges()).toEqual([]);
    await subscribe([`org-identifier=${requesterOf(bundle).value}`]);
    house.clock.advance(60_000);
    await decide(house, claim, decision(certification));
    await settled();
    const now = house.clock.now.toISOString();
    expect(await exchanges()).toMatchObject([{ source: 'payer', exchange: [{ type: 'subsequent', with: 'provider', method: 'restful', requestTime: now, responseTime: now, httpResponse: '200' }], itemDetail: [{ result: 'approved', finalResponseTime: now }] }]);
    expect((await house.sql.query('select 1 from prior_authorization_exchange e join prior_authorization a on a.id = e.authorization_id where a.claim = $1', [claim])).rows).toHaveLength(2);
  });
});
