/** Servers that are killed, and several at once: what was committed is told all the same, in order. */
import { createDatabase, send } from '../../support/house.ts';
import { startedProcess, type ServerProcess } from '../../support/server-process.ts';
import { openReceiver, subscriptionTo, type Receiver } from './receiver.ts';

let receiver: Receiver;
let database: Awaited<ReturnType<typeof createDatabase>>;
const running: ServerProcess[] = [];

beforeAll(async () => {
  receiver = await openReceiver();
  database = await createDatabase();
});
afterAll(async () => {
  for (const server of running) await server.end('SIGKILL');
  await receiver.close();
  await database.drop();
});

async function start(jobs: boolean): Promise<ServerProcess> {
  const server = await startedProcess({ DATABASE_URL: database.url, PRIORA_JOBS: jobs ? '1' : '0', PRIORA_LOG_LEVEL: 'silent' });
  running.push(server);
  return server;
}

test('killed between commit and notification, another server tells it', async () => {
  const first = await start(true);
  const fhir = `${first.origin}/fhir`;
  expect((await send('POST', `${fhir}/Subscription`, subscriptionTo(receiver.url, { filters: ['identifier=urn:mrn|restart'], channel: { 'max-count': 1, 'timeout': 1 } }))).status).toBe(201);
  await receiver.until('handshake', 1);
  const change = (origin: string, family: string) => send('PUT', `${origin}/fhir/Patient/restart`, { resourceType: 'Patient', id: 'restart', identifier: [{ system: 'urn:mrn', value: 'restart' }], name: [{ family }] });
  await change(first.origin, 'A');
  await receiver.until('event-notification', 1);
  await first.end('SIGKILL');

  const second = await start(false);
  for (const family of ['B', 'C', 'D']) expect((await change(second.origin, family)).status).toBe(200);
  await second.end('SIGKILL');

  await Promise.all([start(true), start(true)]);
  await receiver.heard(4);
  // An event may come twice, and never behind a later one.
  const numbers = receiver.numbers();
  expect([...new Set(numbers)]).toEqual([1, 2, 3, 4]);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  // Starting takes its time, and what was in the hands of the first is given back after half a minute.
}, 240_000);
