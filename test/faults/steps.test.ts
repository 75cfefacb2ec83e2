/**
 * The server is killed between any two steps of taking a request: while it waits for each of the tables that it
 * writes, which another session holds. Afterwards the sender does what senders do and sends the same again: there is
 * one authorization, whole, and one answer.
 */
import type { Bundle } from '@medplum/fhirtypes';
import pg from 'pg';
import { createDatabase, send, type TestAnswer } from '../support/house.ts';
import { actionsOf, claimResponseOf, decision, certification, pendingRequest } from '../support/pas-requests.ts';
import { cancelAll, update } from '../support/pas-updates.ts';
import { startedProcess, type ServerProcess } from '../support/server-process.ts';

const clock = { now: new Date('2026-03-02T09:00:00.000Z'), advance: (): void => {} };

let url: string;
let drop: () => Promise<void>;
let sql: pg.Pool;
let server: ServerProcess;

beforeAll(async () => {
  ({ url, drop } = await createDatabase());
  sql = new pg.Pool({ connectionString: url, max: 4 });
  server = await start();
});
afterAll(async () => {
  await server.end('SIGKILL');
  await sql.end();
  await drop();
});

const start = (): Promise<ServerProcess> => startedProcess({ DATABASE_URL: url, PRIORA_LOG_LEVEL: 'warn' });
const post = (path: string, body: unknown): Promise<TestAnswer> => send('POST', `${server.origin}/fhir/${path}`, body);

/** Kills the server while it waits for the table, and starts it again. What was sent gets no answer. */
async function killedAt(table: string, sending: () => Promise<TestAnswer>): Promise<void> {
  const lock = await sql.connect();
  let answer: Promise<TestAnswer | undefined>;
  try {
    // Whoever writes waits; whoever reads does not.
    await lock.query(`begin; lock table ${table} in share mode`);
    answer = sending().catch(() => undefined);
    await waits(table);
    await server.end('SIGKILL');
    expect(await answer).toBeUndefined();
    // What the dead server had asked for must be over before its lock is free.
    await gone();
  } finally {
    lock.release(true);
  }
  server = await start();
}

async function waits(table: string): Promise<void> {
  for (;;) {
    const { rowCount } = await sql.query(`select from pg_locks where relation = $1::regclass and not granted`, [table]);
    if (rowCount !== 0) return;
  }
}

/** Sessions of the dead server, ended as PostgreSQL ends those whose client has gone. */
async function gone(): Promise<void> {
  for (;;) {
    const { rowCount } = await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
    if (rowCount === 0) return;
  }
}

/** What must hold of the whole record at any time. */
async function assertSound(): Promise<void> {
  const broken = await sql.query<{ what: string }>(`
    select 'an authorization without its first event' as what from prior_authorization a
      where not exists (select from prior_authorization_event e where e.authorization_id = a.id and e.sequence = 1)
    union all
    select 'a log with a gap' from prior_authorization a
      where a.last_sequence <> (select count(*) from prior_authorization_event e where e.authorization_id = a.id)
    union all
    select 'events of nothing' from prior_authorization_event e where not exists (select from prior_authorization a where a.id = e.authorization_id)
    union all
    select 'no ' || t.type from prior_authorization a cross join (values ('Claim'), ('ClaimResponse'), ('ExplanationOfBenefit')) as t (type)
      where not exists (select from resource r where r.authorization_id = a.id and r.content::jsonb ->> 'resourceType' = t.type)
    union all
    select 'events that nobody is told of' from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id
      where not exists (select from outbox o where o.id = a.claim_response and o.version = e.sequence and o.interaction = 'authorization-' || e.kind)`);
  expect(broken.rows).toEqual([]);
}

const authorizations = async (): Promise<number> => Number((await sql.query<{ count: string }>('select count(*) from prior_authorization')).rows[0]!.count);

const tables = ['landing', 'resource', 'resource_history', 'index_string', 'prior_authorization_member', 'prior_authorization', 'prior_authorization_item', 'prior_authorization_event', 'prior_authorization_request', 'outbox'];

test.each(tables.filter((table) => table !== 'resource_history'))('a new request, killed before it writes %s', async (table) => {
  const before = await authorizations();
  const asked = pendingRequest({ clock });
  await killedAt(table, () => post('Claim/$submit', asked));
  await assertSound();
  expect(await authorizations()).toBe(before);
  const first = await post('Claim/$submit', asked);
  expect([first.status, actionsOf(first.json as Bundle)]).toEqual([200, { 1: 'A4' }]);
  const second = await post('Claim/$submit', asked);
  expect([second.text, second.headers.get('priora-delivery-outcome')]).toEqual([first.text, 'repeated']);
  expect(await authorizations()).toBe(before + 1);
  await assertSound();
}, 60_000);

test.each(['landing', 'resource', 'prior_authorization', 'prior_authorization_event', 'prior_authorization_request', 'outbox'])('a cancellation, killed before it writes %s', async (table) => {
  const asked = pendingRequest({ clock });
  expect((await post('Claim/$submit', asked)).status).toBe(200);
  const cancelled = update(asked, cancelAll);
  await killedAt(table, () => post('Claim/$submit', cancelled));
  await assertSound();
  for (const outcome of ['answered', 'repeated']) {
    const answer = await post('Claim/$submit', cancelled);
    expect([answer.status, actionsOf(answer.json as Bundle), answer.headers.get('priora-delivery-outcome')]).toEqual([200, { 1: 'C' }, outcome]);
  }
  await assertSound();
}, 60_000);

test.each(['resource', 'prior_authorization', 'prior_authorization_item', 'prior_authorization_event', 'outbox'])('a decision, killed before it writes %s: not taken, and taken when it is made again', async (table) => {
  const { json } = await post('Claim/$submit', pendingRequest({ clock }));
  const { json: stored } = await send('GET', `${server.origin}/fhir/ClaimResponse/${claimResponseOf(json as Bundle).id}`);
  const path = `${String(stored.request.reference)}/$decide`;
  await killedAt(table, () => post(path, decision(certification)));
  await assertSound();
  const decided = await post(path, decision(certification));
  expect([decided.status, actionsOf(decided.json as Bundle)]).toEqual([200, { 1: 'A1' }]);
  expect((await post(path, decision(certification))).status).toBe(409);
  await assertSound();
}, 60_000);
