/** From a change to its notification: handshake, events in order, failures, and what is told. */
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { admissionTopic, changeTopic, eventsIn, openReceiver, subscriptionTo, type Asked, type Receiver } from './receiver.ts';

let house: TestHouse;
let receiver: Receiver;
const subscription = (id: string) => send('GET', `${house.fhir}/Subscription/${id}`).then(({ json }) => json);
const settled = () => house.server.subscriptions!.settled();
let number = 0;

beforeAll(async () => { house = await openHouse({ environment: { PRIORA_OUTBOUND_ALLOW: '127.0.0.1' } }); });
afterAll(async () => { await house.close(); });
beforeEach(async () => { receiver = await openReceiver(); });
afterEach(async () => { await receiver.close(); });

/** An active subscription to changes of one patient. */
async function subscribe(asked: Asked = {}): Promise<{ id: string; patient: string }> {
  const patient = `patient-${++number}`;
  const { status, json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { filters: [`identifier=urn:mrn|${patient}`], ...asked }));
  expect([status, json.status]).toEqual([201, 'requested']);
  await receiver.until('handshake', 1);
  await settled();
  expect((await subscription(json.id)).status).toBe('active');
  return { id: json.id, patient };
}

const change = (patient: string, family: string) => send('PUT', `${house.fhir}/Patient/${patient}`, { resourceType: 'Patient', id: patient, identifier: [{ system: 'urn:mrn', value: patient }], name: [{ family }] });

test('a handshake that is refused ends in error, with the reason and without a second try', async () => {
  receiver.answer = { status: 403 };
  const { json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url));
  await receiver.until('handshake', 1);
  await settled();
  expect(await subscription(json.id)).toMatchObject({ status: 'error', error: expect.stringContaining('status 403') as unknown });
  house.clock.advance(3_600_000);
  await settled();
  expect(receiver.received).toHaveLength(1);
});

test('a redirect is an answer that is not followed', async () => {
  const other = await openReceiver();
  receiver.answer = { status: 307, headers: { location: other.url } };
  const { json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url));
  await receiver.until('handshake', 1);
  await settled();
  expect((await subscription(json.id)).status).toBe('error');
  expect(other.received).toEqual([]);
  await other.close();
});

test('sub-25, sub-26, sub-27: a change is told once, with the resource, under addresses that anybody can resolve', async () => {
  const { id, patient } = await subscribe({ headers: ['Authorization: Bearer secret', 'X-One: 1'] });
  await change(patient, 'Told');
  await receiver.until('event-notification', 1);
  const [notification] = receiver.of('event-notification');
  expect(notification!.headers).toMatchObject({ 'authorization': 'Bearer secret', 'x-one': '1', 'content-type': 'application/fhir+json' });
  expect(notification!.json).toMatchObject({
    type: 'history',
    entry: [
      { resource: { resourceType: 'Parameters' }, request: { method: 'GET', url: `${house.fhir}/Subscription/${id}/$status` }, response: { status: '200' } },
      { fullUrl: `${house.fhir}/Patient/${patient}`, resource: { resourceType: 'Patient', name: [{ family: 'Told' }] }, request: { method: 'POST', url: 'Patient' }, response: { status: '201' } },
    ],
  });
  expect(eventsIn(notification!.json)).toEqual([{ number: 1, focus: `${house.fhir}/Patient/${patient}` }]);
});

test('what meets no filter is not told, and numbers have no gaps', async () => {
  const { patient } = await subscribe();
  for (const family of ['A', 'B', 'C']) {
    await change('somebody-else', family);
    await change(patient, family);
  }
  await settled();
  await receiver.until('event-notification', 1);
  await settled();
  expect(receiver.numbers()).toEqual([1, 2, 3]);
  expect(JSON.stringify(receiver.received.map(({ json }) => json))).not.toContain('somebody-else');
});

test('a receiver that is down misses nothing: the same event again, later each time, and the others after it', async () => {
  const { id, patient } = await subscribe({ channel: { 'max-count': 1 } });
  receiver.answer = { status: 503 };
  await change(patient, 'A');
  await receiver.until('event-notification', 1);
  await settled();
  await change(patient, 'B');
  await settled();
  expect(receiver.numbers()).toEqual([1]);
  house.clock.advance(1000);
  await settled();
  expect(receiver.numbers()).toEqual([1, 1]);
  house.clock.advance(900);
  await settled();
  expect(receiver.numbers()).toEqual([1, 1]);
  receiver.answer = { status: 204 };
  house.clock.advance(2000);
  await settled();
  expect(receiver.numbers()).toEqual([1, 1, 1, 2]);
  expect((await subscription(id)).status).toBe('active');
});

test('after the last attempt it is in error, counts on, and its client brings it back with all that it missed', async () => {
  const { id, patient } = await subscribe();
  receiver.answer = { status: 500 };
  await change(patient, 'A');
  for (let attempt = 0; attempt < 14; attempt++) {
    await settled();
    house.clock.advance(700_000);
  }
  await settled();
  expect(await subscription(id)).toMatchObject({ status: 'error', error: expect.stringContaining('status 500') as unknown });
  const tried = receiver.received.length;
  expect(tried).toBe(1 + 12);
  await change(patient, 'B');
  await settled();
  expect(receiver.received).toHaveLength(tried);
  expect((await send('GET', `${house.fhir}/Subscription/${id}/$status`)).json.entry[0].resource.parameter).toEqual(expect.arrayContaining([{ name: 'events-since-subscription-start', valueString: '2' }, { name: 'status', valueCode: 'error' }]));
  receiver.answer = { status: 200 };
  await send('PUT', `${house.fhir}/Subscription/${id}`, await subscription(id));
  await receiver.until('handshake', 2);
  await settled();
  expect((await subscription(id)).status).toBe('active');
  expect(receiver.numbers().slice(-2)).toEqual([1, 2]);
});

test('an active one that is written again misses nothing until it is active once more', async () => {
  const { id, patient } = await subscribe({ channel: { timeout: 1 } });
  receiver.answer = 'hang';
  await send('PUT', `${house.fhir}/Subscription/${id}`, await subscription(id));
  await receiver.until('handshake', 2);
  await change(patient, 'A');
  await settled();
  expect((await subscription(id)).status).toBe('error');
  receiver.answer = { status: 200 };
  await send('PUT', `${house.fhir}/Subscription/${id}`, await subscription(id));
  await receiver.until('handshake', 3);
  await change(patient, 'B');
  await settled();
  expect(receiver.numbers()).toEqual([1, 2]);
});

test('what cannot be sent at all is in error after the last attempt, too', async () => {
  const { id, patient } = await subscribe();
  await house.sql.query(`update resource set content = replace(content, '"application/fhir+json"', '"application/fhir+json\\n"') where id = $1`, [id]);
  await change(patient, 'A');
  for (let attempt = 0; attempt < 14; attempt++) {
    await settled();
    house.clock.advance(700_000);
  }
  await settled();
  expect(await subscription(id)).toMatchObject({ status: 'error', error: expect.stringContaining('12 times') as unknown });
  expect(receiver.of('event-notification')).toEqual([]);
});

test('turned off, it is off, whatever else it says', async () => {
  const { id, patient } = await subscribe();
  const kept = await subscription(id);
  const heartbeat = { url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period', valueUnsignedInt: 2_147_483_647 };
  for (const written of [
    { ...kept, status: 'off', _criteria: { extension: [{ url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria', valueString: 'colour=red' }] } },
    { ...kept, status: 'off', channel: { ...kept.channel, extension: [heartbeat] } },
  ]) {
    expect((await send('PUT', `${house.fhir}/Subscription/${id}`, kept)).status).toBe(200);
    await settled();
    expect((await send('PUT', `${house.fhir}/Subscription/${id}`, written)).status).toBe(200);
    await settled();
    expect((await house.sql.query('select status, due_at from subscription where id = $1', [id])).rows).toEqual([{ status: 'off', due_at: null }]);
  }
  await change(patient, 'A');
  await settled();
  expect(receiver.of('event-notification')).toEqual([]);
});

test('what happened before it was changed to another topic is told as an event of the old one', async () => {
  const { id, patient } = await subscribe();
  receiver.answer = { status: 500 };
  await change(patient, 'A');
  await receiver.until('event-notification', 1);
  await settled();
  receiver.answer = { status: 200 };
  await send('PUT', `${house.fhir}/Subscription/${id}`, { ...subscriptionTo(receiver.url, { topic: admissionTopic }), id });
  await receiver.until('event-notification', 2);
  await settled();
  const { json } = receiver.of('event-notification')[1]!;
  expect(json.entry[0].resource.parameter).toContainEqual({ name: 'topic', valueCanonical: changeTopic });
  expect(json.entry[1].fullUrl).toBe(`${house.fhir}/Patient/${patient}`);
});

test('a heartbeat comes when nothing else has, and not without being asked for', async () => {
  const { patient } = await subscribe({ channel: { 'heartbeat-period': 60 } });
  house.clock.advance(59_000);
  await settled();
  expect(receiver.of('heartbeat')).toHaveLength(0);
  await change(patient, 'A');
  await receiver.until('event-notification', 1);
  await settled();
  house.clock.advance(59_000);
  await settled();
  expect(receiver.of('heartbeat')).toHaveLength(0);
  house.clock.advance(2000);
  await settled();
  expect(receiver.of('heartbeat')).toHaveLength(1);
  expect(eventsIn(receiver.of('heartbeat')[0]!.json)).toEqual([]);
});

test('no answer in the time that the subscription gives is a failure', async () => {
  const { patient } = await subscribe({ channel: { timeout: 1 } });
  receiver.answer = 'hang';
  await change(patient, 'A');
  await receiver.until('event-notification', 1);
  await settled();
  receiver.answer = { status: 200 };
  house.clock.advance(2000);
  await settled();
  expect(receiver.numbers()).toEqual([1, 1]);
});

test('at most as many events at once as were asked for', async () => {
  const { patient } = await subscribe({ channel: { 'max-count': 2 } });
  await send('POST', house.fhir, { resourceType: 'Bundle', type: 'batch', entry: ['A', 'B', 'C', 'D', 'E'].map((family) => ({ resource: { resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value: patient }], name: [{ family }] }, request: { method: 'POST', url: 'Patient' } })) });
  await receiver.until('event-notification', 3);
  await settled();
  expect(Math.max(...receiver.of('event-notification').map(({ json }) => eventsIn(json).length))).toBeLessThanOrEqual(2);
  expect(receiver.numbers()).toEqual([1, 2, 3, 4, 5]);
});

test.each([['empty', undefined, 1], ['id-only', 'Patient', 2]] as const)('content %s tells no more', async (content, focus, entries) => {
  const { patient } = await subscribe({ content });
  await change(patient, 'Hidden');
  await receiver.until('event-notification', 1);
  const [{ json, text }] = receiver.of('event-notification') as [ReturnType<Receiver['of']>[number]];
  expect(json.entry).toHaveLength(entries);
  expect(text).not.toContain('Hidden');
  expect(eventsIn(json)[0]!.focus === undefined).toBe(focus === undefined);
});

test('as XML where that was asked for', async () => {
  const { json } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { payload: 'application/fhir+xml' }));
  await settled();
  expect(receiver.received[0]).toMatchObject({ headers: { 'content-type': 'application/fhir+xml' }, text: expect.stringContaining('<Bundle xmlns="http://hl7.org/fhir">') as unknown });
  expect((await subscription(json.id)).status).toBe('active');
});

test('turned off or deleted, it hears no more', async () => {
  const { id, patient } = await subscribe();
  await send('PUT', `${house.fhir}/Subscription/${id}`, { ...await subscription(id), status: 'off' });
  await change(patient, 'A');
  await settled();
  expect(receiver.of('event-notification')).toHaveLength(0);
  const second = await subscribe();
  await send('DELETE', `${house.fhir}/Subscription/${second.id}`);
  await change(second.patient, 'A');
  await settled();
  expect(receiver.of('event-notification')).toHaveLength(0);
  expect((await house.sql.query('select 1 from subscription where id = $1', [second.id])).rows).toEqual([]);
  expect((await send('GET', `${house.fhir}/Subscription/${second.id}/$status`)).status).toBe(410);
});

test('when its end comes it is off', async () => {
  const { id, patient } = await subscribe({ end: new Date(house.clock.now.getTime() + 60_000).toISOString() });
  house.clock.advance(61_000);
  await settled();
  expect((await subscription(id)).status).toBe('off');
  await change(patient, 'A');
  await settled();
  expect(receiver.of('event-notification')).toHaveLength(0);
});

test('$events tells again what was told, and never more than was asked for', async () => {
  const { id, patient } = await subscribe({ content: 'id-only' });
  for (const family of ['A', 'B', 'C']) await change(patient, family);
  await settled();
  const { json } = await send('GET', `${house.fhir}/Subscription/${id}/$events?eventsSinceNumber=2&eventsUntilNumber=3&content=full-resource`);
  expect(json.type).toBe('history');
  expect(eventsIn(json).map((event) => event.number)).toEqual([2, 3]);
  expect(JSON.stringify(json)).not.toContain('"family"');
  expect((await send('GET', `${house.fhir}/Subscription/${id}/$events?eventsSinceNumber=-1`)).status).toBe(400);
});

test('$status of several: by id, by status, or all', async () => {
  const { id } = await subscribe();
  const idsOf = async (query: string): Promise<string[]> => (await send('GET', `${house.fhir}/Subscription/$status${query}`)).json.entry.map(({ resource }: { resource: { parameter: { valueReference?: { reference: string } }[] } }) => resource.parameter[0]!.valueReference!.reference.split('/').at(-1)!);
  expect(await idsOf(`?id=${id}&id=unknown`)).toEqual([id]);
  expect(await idsOf(`?id=${id}&status=error,off`)).toEqual([]);
  expect(await idsOf('?status=active')).toContain(id);
  expect(await idsOf('')).toContain(id);
});

test('$events and $status leave nothing out without saying so', async () => {
  const { id, patient } = await subscribe();
  await change(patient, 'A');
  await settled();
  await house.sql.query('insert into subscription_event select tenant, shard, subscription, number + more, at, interaction, type, id, version, topic from subscription_event, generate_series(1, 120) as more where subscription = $1', [id]);
  const first = (await send('GET', `${house.fhir}/Subscription/${id}/$events`)).json;
  expect(eventsIn(first)).toHaveLength(100);
  expect(first.link).toMatchObject([{ relation: 'next', url: expect.stringContaining('eventsSinceNumber=101') as unknown }]);
  const second = (await send('GET', first.link[0].url)).json;
  expect([eventsIn(second).length, second.link]).toEqual([21, undefined]);
  await house.sql.query(`insert into subscription (tenant, shard, id, version, status, topic, owner, filters) select tenant, shard, '-' || more, 1, 'off', topic, owner, 1 from subscription, generate_series(1, 1100) as more where id = $1`, [id]);
  const active = (await send('GET', `${house.fhir}/Subscription/$status?status=active`)).text;
  expect(active).toContain(id);
  expect((await send('GET', `${house.fhir}/Subscription/$status`)).status).toBe(400);
  await house.sql.query(`delete from subscription where id like '-%'`);
});

test('the CapabilityStatement has the topics', async () => {
  const { json } = await send('GET', `${house.fhir}/metadata`);
  const own = json.rest[0].resource.find(({ type }: { type: string }) => type === 'Subscription');
  expect(own.extension.map(({ valueCanonical }: { valueCanonical: string }) => valueCanonical)).toContain(changeTopic);
});
