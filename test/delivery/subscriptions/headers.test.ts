/** Headers of Subscriptions are credentials: sent with every notification, and told to nobody. */
import type { Subscription } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { openReceiver, subscriptionTo, type Receiver } from './receiver.ts';

let house: TestHouse;
let receiver: Receiver;
const settled = () => house.server.subscriptions!.settled();
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_OUTBOUND_ALLOW: '127.0.0.1' } }); });
afterAll(async () => { await house.close(); });
beforeEach(async () => { receiver = await openReceiver(); });
afterEach(async () => { await receiver.close(); });

const credential = 'Bearer s3cr3t-0f-nobody';
const headers = [`Authorization: ${credential}`, 'X-Tenant:blue'];
const made = async (more = {}): Promise<Subscription & { id: string }> => {
  const { status, json, text } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { headers, ...more }));
  expect([status, text.includes('s3cr3t')]).toEqual([201, false]);
  await settled();
  return json as Subscription & { id: string };
};
const read = async (id: string): Promise<Subscription & { id: string }> => (await send('GET', `${house.fhir}/Subscription/${id}`)).json as Subscription & { id: string };
const told = (): unknown[] => receiver.received.map(({ headers: sent }) => [sent['authorization'], sent['x-tenant']]);

test('no way of reading gives them back, nor does the store have them in a resource', async () => {
  const { id } = await made();
  const patched = await send('PATCH', `${house.fhir}/Subscription/${id}`, [{ op: 'replace', path: '/reason', value: 'Another' }], { 'content-type': 'application/json-patch+json', prefer: 'return=representation' });
  expect(patched.status).toBe(200);
  await settled();
  const put = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { ...await read(id), reason: 'A third' }, request: { method: 'PUT', url: `Subscription/${id}` } }] }, { prefer: 'return=representation' });
  expect(put.status).toBe(200);
  await settled();
  const answers = await Promise.all([
    `Subscription/${id}`, `Subscription/${id}/_history/1`, `Subscription/${id}/_history`, 'Subscription/_history', '_history', `Subscription?_id=${id}`, `Subscription?url=${encodeURIComponent(receiver.url)}`,
    'Subscription/$status', `Subscription/${id}/$status`, `Subscription/${id}/$events`, `Subscription/${id}?_format=xml`, `Subscription/${id}/$graphql?query={channel{header}}`,
  ].map((path) => send('GET', `${house.fhir}/${path}`)));
  for (const { text } of [patched, put, ...answers]) expect(text).not.toMatch(/s3cr3t|blue/);
  expect((await read(id)).channel.header).toEqual([expect.stringMatching(/^Authorization: sealed\.v1\.[\w-]+$/), expect.stringMatching(/^X-Tenant: sealed\.v1\.[\w-]+$/)]);
  const { rows } = await house.sql.query(`select type, id from resource where content like '%s3cr3t%' union all select type, id from resource_history where content like '%s3cr3t%'`);
  expect(rows).toEqual([]);
  expect(receiver.received.some(({ text }) => /s3cr3t|blue/.test(text))).toBe(false);
  expect(house.log.join('')).not.toContain('s3cr3t');
  // All the same they were sent each time.
  expect(told()).toEqual([[credential, 'blue'], [credential, 'blue'], [credential, 'blue']]);
});

test('an update that sends back what was read keeps them; one that leaves one out drops it, one with new words replaces it', async () => {
  const { id } = await made();
  const before = await read(id);
  const update = async (header: string[]): Promise<void> => {
    const { status } = await send('PUT', `${house.fhir}/Subscription/${id}`, { ...before, channel: { ...before.channel, header } });
    expect(status).toBe(200);
    await settled();
  };
  await update(before.channel.header!);
  await update([before.channel.header![1]!]);
  await update(['Authorization: Bearer another', before.channel.header![1]!]);
  expect(told()).toEqual([[credential, 'blue'], [credential, 'blue'], [undefined, 'blue'], ['Bearer another', 'blue']]);
});

test('what was read is good for the same endpoint and name alone: nobody has it sent to himself', async () => {
  const { id } = await made();
  const { channel, ...rest } = await read(id);
  const thief = await openReceiver();
  const [sealed] = channel.header!;
  const attempts: [string, string, unknown][] = [
    ['PUT', `Subscription/${id}`, { ...rest, channel: { ...channel, endpoint: thief.url } }],
    ['POST', 'Subscription', subscriptionTo(thief.url, { headers: [sealed!] })],
    ['POST', 'Subscription', subscriptionTo(receiver.url, { headers: [sealed!.replace('Authorization', 'X-Other')] })],
    ['POST', 'Subscription', subscriptionTo(receiver.url, { headers: [`${sealed!.slice(0, -4)}AAAA`] })],
    ['POST', 'Subscription', subscriptionTo(receiver.url, { headers: ['Authorization: sealed.v1.'] })],
    ['PUT', `Subscription/${id}`, { ...rest, status: 'off', channel: { ...channel, endpoint: thief.url } }],
  ];
  for (const [method, path, body] of attempts) {
    const { status, json } = await send(method, `${house.fhir}/${path}`, body);
    expect([status, json.issue?.[0].expression]).toEqual([422, ['Subscription.channel.header']]);
  }
  await settled();
  expect(thief.received).toEqual([]);
  await thief.close();
});

test('one that is off keeps them sealed too', async () => {
  const { id } = await made({ status: 'off' });
  expect((await read(id)).channel.header![0]).toMatch(/^Authorization: sealed/);
  expect(receiver.received).toEqual([]);
});

test('one that an older release stored is sent as it stands, and sealed as soon as it is written', async () => {
  const { id } = await made();
  await house.sql.query(`update resource set content = jsonb_set(content::jsonb, '{channel,header}', '["Authorization: Bearer older"]')::text where id = $1`, [id]);
  expect((await send('PUT', `${house.fhir}/Subscription/${id}`, await read(id))).status).toBe(200);
  await settled();
  expect(told().at(-1)).toEqual(['Bearer older', undefined]);
  expect((await read(id)).channel.header).toEqual([expect.stringMatching(/^Authorization: sealed/)]);
});
