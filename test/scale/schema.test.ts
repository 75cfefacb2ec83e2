/**
 * What the schema promises to a PostgreSQL that is spread over machines (docs/scale.md), read from the catalog: every table
 * is one of those that are told there, a distributed one has its shard, and no constraint crosses a shard.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase } from '../support/house.ts';

let client: pg.Client;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await createDatabase();
  drop = database.drop;
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await drop();
});

/** Names of tables in the first column of the table under a heading. */
function tablesUnder(heading: string): string[] {
  const text = readFileSync(join(process.cwd(), 'docs', 'scale.md'), 'utf8');
  const [, after = ''] = text.split(`### ${heading}\n`);
  const [section = ''] = after.split('\n#');
  return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!).toSorted();
}

async function tables(): Promise<{ name: string; columns: string[] }[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select c.relname as name, array_agg(a.attname::text) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    group by c.oid order by 1`);
  return rows;
}

test('every table is told of, as distributed or as a reference table', async () => {
  const distributed = tablesUnder('Distributed by `shard`');
  const reference = tablesUnder('Reference tables');
  expect(distributed.length).toBeGreaterThan(10);
  const all = await tables();
  expect(all.filter(({ columns }) => columns.includes('shard')).map(({ name }) => name)).toEqual(distributed);
  expect(all.filter(({ columns }) => !columns.includes('shard')).map(({ name }) => name)).toEqual(reference);
});

test('a distributed table has tenant and shard in every row, and shard in every unique index', async () => {
  const { rows: nullable } = await client.query(`
    select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname in ('tenant', 'shard') and not a.attnotnull
      and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'shard')`);
  expect(nullable).toEqual([]);
  const { rows: crossing } = await client.query(`
    select c.relname as "table", i.indexrelid::regclass::text as index
    from pg_index i join pg_class c on c.oid = i.indrelid
    where i.indisunique and c.relnamespace = 'public'::regnamespace
      and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'shard')
      and not exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'shard' and s.attnum = any (i.indkey))`);
  expect(crossing).toEqual([]);
});

test('there are no foreign keys and no exclusion constraints, and all shards have one type', async () => {
  const { rows: constraints } = await client.query(`
    select conrelid::regclass::text as "table", conname from pg_constraint
    where connamespace = 'public'::regnamespace and contype in ('f', 'x')`);
  expect(constraints).toEqual([]);
  const { rows: types } = await client.query<{ type: string }>(`
    select distinct format_type(a.atttypid, a.atttypmod) as type from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'shard'`);
  expect(types).toEqual([{ type: 'smallint' }]);
});
