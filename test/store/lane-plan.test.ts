/** A lane keeps the plan that it made first: also where the tables were known to be empty then, an index leads to what is asked for. */
import pg from 'pg';
import { compileReadMany } from '../../store/search/compile.ts';
import { laneSession } from '../../store/search/session.ts';
import { createDatabase } from '../support/house.ts';

let client: pg.Client;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('vacuum analyze resource');
  await client.query(laneSession);
  dispose = async () => { await client.end(); await drop(); };
});
afterAll(async () => { await dispose(); });

test.each([
  ['by key', `select id from resource r where r.keys && '{1}'::bigint[]`],
  ['by day', `select id from resource r where r.tenant = 1 and r.type = 103 and not r.deleted and r.date_low >= '2026-03-02' and r.date_low < '2026-03-03'`],
  ['by id', `select id from resource r where r.tenant = 1 and r.type = 103 and r.id = 'a'`],
])('%s', async (_, text) => {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`);
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index (Only )?Scan/);
});

test('many by id: by the primary key, and by no index that knows the type alone', async () => {
  const { text, values } = compileReadMany([{ type: 'Patient', id: 'a' }, { type: 'Practitioner', id: 'b' }], { tenant: 1 });
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/using resource_pkey[^]+Index Cond: .*id = wanted\.id/);
});
