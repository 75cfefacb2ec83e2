/** Reads from a replica: nobody ever sees less than was acknowledged before, whatever the replica does. Two real servers. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { readConfiguration } from '../../server/configuration.ts';
import { startServer, type RunningServer } from '../../server/main.ts';
import { shared } from '../../store/replica.ts';
import { send } from '../support/house.ts';
import { startReplicatedPostgres, type ReplicatedPostgres } from './replicated-postgres.ts';

let postgres: ReplicatedPostgres;
let servers: RunningServer[] = [];

beforeAll(async () => { postgres = await startReplicatedPostgres(); });
afterAll(async () => { await postgres.stop(); });
afterEach(async () => {
  await postgres.onReplica.query('select pg_wal_replay_resume()').catch(() => {});
  for (const server of servers) await server.stop();
  servers = [];
});

async function start(environment: Record<string, string> = {}): Promise<RunningServer> {
  const configuration = readConfiguration({ PORT: '0', DATABASE_URL: postgres.primaryUrl, DATABASE_REPLICA_URL: postgres.replicaUrl, PRIORA_DATABASE_CONNECTIONS: '6', ...environment });
  const server = await startServer(configuration, { clock: { now: () => new Date('2026-03-02T09:00:00Z'), monotonic: () => 0, random: (count) => randomBytes(count) }, log: pino({ level: 'silent' }) });
  servers.push(server);
  return server;
}

async function reads(server: RunningServer): Promise<Record<string, number>> {
  const { values } = await server.house.metrics.replicaReads.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['outcome']), value]));
}

async function put(server: RunningServer, id: string, number: number): Promise<void> {
  const answer = await send('PUT', `${server.address}/fhir/Patient/${id}`, { resourceType: 'Patient', id, multipleBirthInteger: number, identifier: [{ system: 'urn:example:run', value: id }] });
  if (answer.status > 201) throw new Error(answer.text);
}

async function numberOf(server: RunningServer, id: string): Promise<number> {
  const answer = await send('GET', `${server.address}/fhir/Patient/${id}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return (answer.json as { multipleBirthInteger: number }).multipleBirthInteger;
}

/** Waits until the replica takes reads: the pause after a miss is over. */
async function untilReplicaReads(server: RunningServer, id: string): Promise<void> {
  const before = (await reads(server))['replica'] ?? 0;
  const deadline = performance.now() + 30_000;
  while (((await reads(server))['replica'] ?? 0) === before) {
    if (performance.now() > deadline) throw new Error(`the replica took no read: ${JSON.stringify(await reads(server))}`);
    await numberOf(server, id);
  }
}

test('a replica that stands still is passed by: what was acknowledged is read, by the process that wrote it and by any other', async () => {
  const [one, two] = [await start(), await start({ PRIORA_JOBS: '0' })];
  await put(one, 'still', 1);
  await untilReplicaReads(two, 'still');
  await postgres.onReplica.query('select pg_wal_replay_pause()');
  await put(one, 'still', 2);
  expect(await numberOf(two, 'still')).toBe(2);
  expect(await numberOf(one, 'still')).toBe(2);
  expect((await reads(two))['lagging']).toBeGreaterThan(0);
  const found = await send('GET', `${two.address}/fhir/Patient?identifier=urn:example:run|still`);
  expect(found.json.entry[0].resource.multipleBirthInteger).toBe(2);
  // It is behind, and would have said 1.
  const { rows } = await postgres.onReplica.query<{ content: string }>(`select content from resource where id = 'still'`);
  expect(rows[0]!.content).toContain('"multipleBirthInteger":1');
});

test('when it has caught up it answers: the statement is seen there, and not on the primary', async () => {
  const server = await start();
  await put(server, 'quiet', 1);
  await untilReplicaReads(server, 'quiet');
  const { rows } = await postgres.onReplica.query<{ query: string }>(`select query from pg_stat_activity where application_name = 'priora reads'`);
  expect(rows.some(({ query }) => query.includes('from resource'))).toBe(true);
  const searches = (await reads(server))['replica']!;
  expect((await send('GET', `${server.address}/fhir/Patient?identifier=urn:example:run|quiet`)).json.entry).toHaveLength(1);
  expect((await send('GET', `${server.address}/fhir/Patient/quiet/_history`)).json.entry).toHaveLength(1);
  expect((await reads(server))['replica']!).toBeGreaterThanOrEqual(searches + 2);
});

test('several clients on two servers, random writes and reads, a replica that stops and goes on: no read is older than what was acknowledged before it', async () => {
  const both = [await start(), await start({ PRIORA_JOBS: '0' })];
  const names = ['a', 'b', 'c'].map((name) => `mix-${name}`);
  const acknowledged = new Map<string, number>();
  for (const name of names) {
    await put(both[0]!, name, 0);
    acknowledged.set(name, 0);
  }
  const over = new AbortController();
  let violations = 0;
  const writers = names.map(async (name, index) => {
    for (let number = 1; !over.signal.aborted; number += 1) {
      await put(both[index % 2]!, name, number);
      acknowledged.set(name, number);
      // Now and then nobody writes, so that the replica can catch up.
      if (number % 7 === 0) for (let pause = 0; pause < 20; pause += 1) await numberOf(both[0]!, name);
    }
  });
  const readers = Array.from({ length: 6 }, async (_, client) => {
    for (let turn = 0; turn < 150; turn += 1) {
      const name = names[(turn + client) % names.length]!;
      const known = acknowledged.get(name)!;
      if (await numberOf(both[(turn * 7 + client) % 2]!, name) < known) violations += 1;
    }
  });
  const disturbance = (async () => {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      await postgres.onReplica.query(turn % 2 === 0 ? 'select pg_wal_replay_pause()' : 'select pg_wal_replay_resume()');
      for (let wait = 0; wait < 40; wait += 1) await postgres.onReplica.query('select 1');
    }
  })();
  await Promise.all(readers);
  over.abort();
  await Promise.all([...writers, disturbance]);
  expect(violations).toBe(0);
  const outcomes = await Promise.all(both.map(reads));
  for (const outcome of ['replica', 'lagging']) expect(outcomes.reduce((sum, one) => sum + (one[outcome] ?? 0), 0)).toBeGreaterThan(0);
}, 120_000);

test('a replica that is gone is a metric and not an error, and it is used again when it is back', async () => {
  const server = await start();
  await put(server, 'gone', 1);
  await untilReplicaReads(server, 'gone');
  await postgres.stopReplica();
  await put(server, 'gone', 2);
  expect(await numberOf(server, 'gone')).toBe(2);
  expect((await reads(server))['failed']).toBeGreaterThan(0);
  await postgres.startReplica();
  await untilReplicaReads(server, 'gone');
}, 120_000);

test('a server that is no replica of the primary is never read from', async () => {
  const other = await start({ DATABASE_REPLICA_URL: postgres.primaryUrl });
  await put(other, 'other', 1);
  expect(await numberOf(other, 'other')).toBe(1);
  expect((await reads(other))['replica']).toBeUndefined();
  expect((await reads(other))['failed']).toBeGreaterThan(0);
});

test('a replica that was promoted goes its own way, and is never read from again', async () => {
  const server = await start();
  await put(server, 'promoted', 1);
  await untilReplicaReads(server, 'promoted');
  await postgres.promoteReplica();
  const writer = new pg.Client({ connectionString: postgres.replicaUrl });
  await writer.connect();
  await writer.query(`update resource set content = replace(content, '"multipleBirthInteger":1', '"multipleBirthInteger":99') where id = 'promoted'`);
  await writer.end();
  await put(server, 'promoted', 2);
  for (let turn = 0; turn < 20; turn += 1) expect(await numberOf(server, 'promoted')).toBe(2);
});

test('one question answers all who wait, and nobody is answered by a question from before he came', async () => {
  const answers: ((value: number) => void)[] = [];
  const ask = shared(() => new Promise<number>((resolve) => { answers.push(resolve); }));
  const first = ask();
  const [second, third] = [ask(), ask()];
  expect(answers).toHaveLength(1);
  answers[0]!(1);
  expect(await first).toBe(1);
  while (answers.length < 2) await new Promise((resolve) => { setImmediate(resolve); });
  answers[1]!(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  expect(answers).toHaveLength(2);
});
