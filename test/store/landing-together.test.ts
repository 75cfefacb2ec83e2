/** Deliveries that come at the same moment land together, each as if it had come alone. */
import pg from 'pg';
import { openDatabase, type Database } from '../../store/database.ts';
import { land, type Delivery } from '../../store/landing.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let sql: pg.Pool;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  database = openDatabase({ connection: { connectionString: url }, size: 8, onIdleError: () => {} });
  sql = new pg.Pool({ connectionString: url, max: 2 });
  dispose = async () => { await Promise.all([database.close(), sql.end()]); await drop(); };
});
afterAll(async () => { await dispose(); });

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const delivery = (body: Uint8Array, more: Partial<Delivery> = {}): Delivery => ({ channel: 'hl7v2', sender: 'tester', mediaType: 'text/plain', body, ...more });

test('with their own bytes, sender, tenant and time, in one transaction', async () => {
  const bodies = numbers(40).map((index) => Buffer.from(Array.from({ length: index * 3 }, (_, at) => (at * 7 + index) % 256)));
  const contexts = numbers(40).map((index) => contextFor(1 + (index % 2), { now: () => new Date(Date.UTC(2026, 2, 2, 9, index)) }));
  const landed = await Promise.all(bodies.map((body, index) => land(database, delivery(body, { sender: `s"{},\\\u001f${index}` }), contexts[index]!)));
  const { rows } = await sql.query<{ id: string; body: Buffer; sender: string; tenant: number; shard: number; received_at: Date; transaction: string }>('select id, body, sender, tenant, shard, received_at, xmin::text as transaction from landing');
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const [index, one] of landed.entries()) {
    const row = byId.get(one.id)!;
    expect([row.body.equals(bodies[index]!), row.sender, row.tenant, row.shard, row.received_at.getUTCMinutes()]).toEqual([true, `s"{},\\\u001f${index}`, 1 + (index % 2), one.shard, index]);
    expect([one.deliveries, one.receivedAt.getUTCMinutes(), one.answered]).toEqual([1, index, undefined]);
  }
  expect(new Set(rows.map(({ transaction }) => transaction)).size).toBe(1);
});

test('a sender whose name the store cannot hold lands with what it can, and its company is answered', async () => {
  const context = contextFor(4);
  const landed = await Promise.all([...['half \ud83d', 'nul \0 within', 'plain'].entries()].map(([index, sender]) => land(database, delivery(Buffer.from(`named ${index}`), { sender }), context)));
  expect(landed.map(({ deliveries }) => deliveries)).toEqual([1, 1, 1]);
  expect((await sql.query('select sender from landing where tenant = 4 order by sender')).rows).toEqual([{ sender: 'half \ufffd' }, { sender: 'nul \ufffd within' }, { sender: 'plain' }]);
});

test('the same bytes at the same moment land once, and each time is counted', async () => {
  const context = contextFor(3);
  const landed = await Promise.all(numbers(12).map((index) => land(database, delivery(Buffer.from(`same ${index % 3}`)), context)));
  expect(new Set(landed.map(({ id }) => id)).size).toBe(3);
  expect(landed.map(({ deliveries }) => deliveries).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
});
