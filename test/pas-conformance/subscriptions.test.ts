/** Statements of the Subscriptions Backport 1.1.0 for R4 about reading, writing and asking for the state of Subscriptions. */
import { changeTopic, eventsIn, openReceiver, pasTopic, subscriptionTo, type Asked, type Receiver } from '../delivery/subscriptions/receiver.ts';
import { validateWith } from '../delivery/subscriptions/validate.ts';
import { packagesAreHere } from '../support/definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let receiver: Receiver;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_OUTBOUND_ALLOW: '127.0.0.1' } }); });
afterAll(async () => { await house.close(); });
beforeEach(async () => { receiver = await openReceiver(); });
afterEach(async () => { await receiver.close(); });

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport';
const settled = (): Promise<void> => house.server.subscriptions!.settled();
const read = async (id: string): Promise<Record<string, never>> => (await send('GET', `${house.fhir}/Subscription/${id}`)).json;
const change = async (id: string, family = 'Any'): Promise<void> => { expect((await send('PUT', `${house.fhir}/Patient/${id}`, { resourceType: 'Patient', id, identifier: [{ system: 'urn:mrn', value: id }], name: [{ family }] })).status).toBeLessThan(300); };

async function subscribe(patient: string, asked: Asked = {}): Promise<string> {
  const { status, json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { filters: [`identifier=urn:mrn|${patient}`], ...asked }));
  expect(status).toBe(201);
  await receiver.until('handshake', 1);
  await settled();
  return json.id as string;
}

const statusOf = ({ resource }: { resource: { parameter: { name: string; valueReference?: { reference: string }; valueCode?: string }[] } }): { reference: string; status: string } => ({
  reference: resource.parameter.find(({ name }) => name === 'subscription')!.valueReference!.reference, status: resource.parameter.find(({ name }) => name === 'status')!.valueCode!,
});

test('sub-19, sub-20, sub-29, sub-30, sub-78: a rest-hook begins as requested and is active after its handshake', async () => {
  const { json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url));
  expect(json.status).toBe('requested');
  await receiver.until('handshake', 1);
  await settled();
  expect((await read(json.id))['status']).toBe('active');
});

test('sub-21, sub-31, sub-79: one whose handshake fails is in error, and $status says so', async () => {
  receiver.answer = { status: 500 };
  const { json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url));
  await receiver.until('handshake', 1);
  await settled();
  const answer = await send('GET', `${house.fhir}/Subscription/${json.id}/$status`);
  expect([answer.status, answer.json.entry.map(statusOf)]).toEqual([200, [{ reference: `${house.fhir}/Subscription/${json.id}`, status: 'error' }]]);
});

test('sub-106, sub-109, sub-112: $status of one asks for that one, whatever ids and statuses are named', async () => {
  const id = await subscribe('one');
  const answer = await send('GET', `${house.fhir}/Subscription/${id}/$status?id=another&status=off`);
  expect([answer.status, answer.json.type]).toEqual([200, 'searchset']);
  expect(answer.json.entry.map(statusOf)).toEqual([{ reference: `${house.fhir}/Subscription/${id}`, status: 'active' }]);
});

test('sub-108, sub-111: without ids and statuses all are told', async () => {
  const ids = [await subscribe('first'), await subscribe('second')];
  await send('PUT', `${house.fhir}/Subscription/${ids[1]!}`, { ...await read(ids[1]!), status: 'off' });
  await settled();
  const told = (await send('GET', `${house.fhir}/Subscription/$status`)).json.entry.map(statusOf) as { reference: string; status: string }[];
  for (const [index, status] of ['active', 'off'].entries()) expect(told).toContainEqual({ reference: `${house.fhir}/Subscription/${ids[index]!}`, status });
});

test('sub-33, sub-35, sub-67: what was asked for is told and nothing beside it', async () => {
  const id = await subscribe('content', { content: 'id-only' });
  await change('content', 'Hidden');
  await receiver.until('event-notification', 1);
  const [{ json, text }] = receiver.of('event-notification') as [ReturnType<Receiver['of']>[number]];
  expect(json.entry.slice(1).map((entry: { resource?: object; fullUrl: string }) => [entry.fullUrl, entry.resource])).toEqual([[`${house.fhir}/Patient/content`, undefined]]);
  expect([text.includes('Hidden'), eventsIn(json).length]).toEqual([false, 1]);
  expect(id).toBeDefined();
});

test('sub-14, sub-15, sub-69, sub-70, sub-101: a notification is a history that begins with the status; its entries are those of a history', async () => {
  const id = await subscribe('history');
  await change('history');
  await receiver.until('event-notification', 1);
  const [{ json }] = receiver.of('event-notification') as [ReturnType<Receiver['of']>[number]];
  expect([json.type, json.entry[0].resource.resourceType, statusOf(json.entry[0])]).toEqual(['history', 'Parameters', { reference: `${house.fhir}/Subscription/${id}`, status: 'active' }]);
  for (const entry of json.entry) expect(entry).toMatchObject({ request: { method: expect.any(String) as string, url: expect.any(String) as string }, response: { status: expect.any(String) as string } });
  expect(json.entry[1].resource.resourceType).toBe('Patient');
});

test('sub-49, sub-50, sub-51, sub-53, sub-54, sub-59, sub-60: a channel in the extension is read, and rest-hook alone is taken', async () => {
  const asked = subscriptionTo(receiver.url) as { channel: Record<string, unknown> };
  const custom = { ...asked, channel: { ...asked.channel, _type: { extension: [{ url: `${guide}/StructureDefinition/backport-channel-type`, valueCoding: { system: 'urn:channels', code: 'carrier-pigeon' } }] } } };
  const refused = await send('POST', `${house.fhir}/Subscription`, custom);
  expect([refused.status, refused.json.issue[0].expression]).toEqual([422, ['Subscription.channel.type']]);
  expect((await send('POST', `${house.fhir}/Subscription`, asked)).status).toBe(201);
});

test('sub-65, sub-72, sub-73, sub-74, sub-114, sub-120: what was written is read again: the topic, the filters, the content', async () => {
  const id = await subscribe('written');
  expect(await read(id)).toMatchObject({
    criteria: changeTopic, _criteria: { extension: [{ url: `${guide}/StructureDefinition/backport-filter-criteria`, valueString: 'identifier=urn:mrn|written' }] },
    channel: { _payload: { extension: [{ url: `${guide}/StructureDefinition/backport-payload-content`, valueCode: 'full-resource' }] } },
  });
  const { json } = await send('GET', `${house.fhir}/metadata`);
  const topics = json.rest[0].resource.find(({ type }: { type: string }) => type === 'Subscription').extension.map(({ valueCanonical }: { valueCanonical: string }) => valueCanonical);
  expect(topics).toEqual(expect.arrayContaining([changeTopic, pasTopic]));
});

test('sub-124, sub-125, sub-126, sub-127, sub-128, sub-129, sub-130, sub-133, sub-134: a Subscription is created, read, changed, found and deleted', async () => {
  const endpoint = `${receiver.url}?of=this`;
  const { json, status } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(endpoint));
  expect([status, (await read(json.id))['resourceType']]).toEqual([201, 'Subscription']);
  expect((await send('GET', `${house.fhir}/Subscription?url=${encodeURIComponent(endpoint)}`)).json.total).toBe(1);
  expect((await send('PUT', `${house.fhir}/Subscription/${json.id}`, { ...json, status: 'off', reason: 'changed' })).status).toBe(200);
  const found = (await send('GET', `${house.fhir}/Subscription?status=off&url=${encodeURIComponent(endpoint)}`)).json;
  expect(found.entry.map(({ resource }: { resource: { reason: string } }) => resource.reason)).toEqual(['changed']);
  expect((await send('DELETE', `${house.fhir}/Subscription/${json.id}`)).status).toBeLessThan(300);
  expect((await send('GET', `${house.fhir}/Subscription/${json.id}`)).status).toBe(410);
});

test('spec-55, sub-52, sub-57, sub-58: the CapabilityStatement instantiates that of the guide and says all that it says', async () => {
  const { json } = await send('GET', `${house.fhir}/metadata`);
  expect(json.instantiates).toContain(`${guide}/CapabilityStatement/backport-subscription-server-r4`);
  const own = json.rest[0].resource.find(({ type }: { type: string }) => type === 'Subscription');
  expect(own.interaction.map(({ code }: { code: string }) => code)).toEqual(expect.arrayContaining(['read', 'create', 'update', 'delete', 'search-type']));
  expect(own.extension).toContainEqual(expect.objectContaining({ valueCanonical: expect.stringContaining(pasTopic) as string }));
  expect(own.searchParam.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['url', 'status']));
  expect(own.operation.map(({ definition }: { definition: string }) => definition.split('|')[0])).toContain(`${guide}/OperationDefinition/backport-subscription-status`);
});

(packagesAreHere ? test : test.skip)('sub-28, sub-137, sub-138, sub-139: Subscriptions, notifications and statuses are by their profiles', async () => {
  const id = await subscribe('valid');
  await change('valid');
  await receiver.until('event-notification', 1);
  await settled();
  const validate = await validateWith(['unofficial-sushi/hl7.fhir.uv.subscriptions-backport.r4-1.1.0.UNOFFICIAL']);
  const profile = (name: string): string => `${guide}/StructureDefinition/${name}`;
  expect(await validate(await read(id), profile('backport-subscription'))).toEqual([]);
  for (const { json } of receiver.received) {
    expect(await validate(json, profile('backport-subscription-notification-r4'))).toEqual([]);
    expect(await validate(json.entry[0].resource, profile('backport-subscription-status-r4'))).toEqual([]);
  }
  // A check that could not fail would show nothing.
  expect(await validate({ ...await read(id), channel: undefined }, profile('backport-subscription'))).not.toEqual([]);
}, 120_000);

(packagesAreHere ? test : test.skip)('spec-56, spec-57: a Subscription to the topic of PAS is by its profile, which has rest-hook alone', async () => {
  const { json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { topic: pasTopic, filters: ['org-identifier=1999999984'], end: '2027-01-01T00:00:00Z' }));
  const validate = await validateWith(['hl7.fhir.us.davinci-pas-2.2.1', 'unofficial-sushi/hl7.fhir.uv.subscriptions-backport.r4-1.1.0.UNOFFICIAL']);
  const profile = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-subscription';
  expect(await validate(await read(json.id), profile)).toEqual([]);
  const other = await read(json.id) as unknown as { channel: object };
  expect(await validate({ ...other, channel: { ...other.channel, type: 'message' } }, profile)).not.toEqual([]);
}, 120_000);
