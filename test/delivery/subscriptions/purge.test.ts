/** What was told is removed after its days, and nothing that somebody has still to hear of or that a history is made from. */
import type { Sql } from 'sql-template-tag';
import { purgeOutbox, purgeSubscriptionEvents, readEvents, takenEvents } from '../../../store/outbox/purge.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
let tenant: number;
beforeAll(async () => {
  // Nothing reads the outbox by itself here.
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  tenant = house.server.house.tenant.id;
  // The readers are those that the tests move.
  await house.sql.query(`delete from outbox_reader where name <> 'subscriptions'`);
});
afterAll(() => house.close());

const days = (count: number): Date => new Date(house.clock.now.getTime() + count * 86_400_000);
const number = async (text: string, values: unknown[] = []): Promise<number> => Number((await house.sql.query(text, values)).rows[0].n);

describe('rows of the outbox', () => {
  const write = (id: string, interaction: string, at: Date, of = tenant) => house.sql.query(`insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request) values ($4, 0, $2, $3, 1, $1, 1, 'test', 'test')`, [id, at, interaction, of]);
  const left = async (): Promise<string[]> => (await house.sql.query(`select id from outbox where actor = 'test' order by id`)).rows.map(({ id }) => String(id));
  const readTo = (id: string, reader: string) => house.sql.query(`insert into outbox_reader (name, transaction, position) select $2, transaction, position from outbox where id = $1 on conflict (name) do update set transaction = excluded.transaction, position = excluded.position`, [id, reader]);

  test('stay while one reader has not read them, while they are young, of other tenants, and of resources', async () => {
    await write('a-old', 'authorization-received', days(-40));
    await write('b-resource', 'update', days(-40));
    await write('c-young', 'authorization-certified', days(-10));
    await write('d-other', 'authorization-certified', days(-40), 99);
    await write('e-slow', 'authorization-certified', days(-40));
    await write('f-last', 'authorization-certified', days(-10));
    await readTo('f-last', 'subscriptions');
    await readTo('d-other', 'slow');
    expect(await purgeOutbox(house.server.house.database, tenant, days(-30))).toBe(1);
    expect(await left()).toEqual(['b-resource', 'c-young', 'd-other', 'e-slow', 'f-last']);
    await readTo('f-last', 'slow');
    expect(await purgeOutbox(house.server.house.database, tenant, days(-30))).toBe(1);
    expect(await left()).toEqual(['b-resource', 'c-young', 'd-other', 'f-last']);
  });

  test('more than one batch', async () => {
    await house.sql.query(`insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request) select $1, 0, $2, 'authorization-certified', 1, 'many-' || n, 1, 'many', 'test' from generate_series(1, 2500) n`, [tenant, days(-40)]);
    await readTo('many-2500', 'subscriptions');
    await readTo('many-2500', 'slow');
    const stop = new AbortController();
    stop.abort();
    expect(await purgeOutbox(house.server.house.database, tenant, days(-30), stop.signal)).toBe(0);
    expect(await purgeOutbox(house.server.house.database, tenant, days(-30))).toBe(2500);
  });

  test('a history is whole after it', async () => {
    await send('PUT', `${house.fhir}/Patient/kept`, { resourceType: 'Patient', id: 'kept' });
    await house.sql.query(`update outbox_reader set transaction = pg_current_xact_id(), position = 1000000`);
    await purgeOutbox(house.server.house.database, tenant, days(400));
    expect((await send('GET', `${house.fhir}/Patient/_history`)).json.entry).toHaveLength(1);
  });
});

test('events of subscriptions: those that were taken and are old, of this tenant', async () => {
  const make = async (id: string, of: number, delivered: number): Promise<void> => {
    await house.sql.query(`insert into subscription (tenant, shard, id, version, status, topic, owner, filters, events, delivered) values ($1, 0, $2, 1, 'active', 't', 'o', 0, 5, $3)`, [of, id, delivered]);
    for (let each = 1; each <= 5; each += 1) await house.sql.query(`insert into subscription_event (tenant, shard, subscription, number, at, interaction, type, id, version) values ($1, 0, $2, $3, $4, 'update', 1, 'x', 1)`, [of, id, each, days(each <= 4 ? -40 : -5)]);
  };
  await make('some', tenant, 3);
  await make('all', tenant, 5);
  await make('theirs', 99, 5);
  expect(await purgeSubscriptionEvents(house.server.house.database, tenant, days(-30))).toBe(7);
  const numbers = async (id: string): Promise<number[]> => (await house.sql.query(`select number::integer as n from subscription_event where subscription = $1 order by number`, [id])).rows.map(({ n }) => Number(n));
  expect(await Promise.all(['some', 'all', 'theirs'].map(numbers))).toEqual([[4, 5], [5], [1, 2, 3, 4, 5]]);
  expect(await number(`select events as n from subscription where id = 'some'`)).toBe(5);
});

describe('what is old is found by an index', () => {
  const rows = Number(process.env['PRIORA_PURGE_ROWS'] ?? 40_000);
  interface Explained { readonly plan: string; readonly milliseconds: number; readonly pages: number }
  const explain = async ({ text, values }: Sql): Promise<Explained> => {
    const { rows: [row] } = await house.sql.query<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number }; 'Execution Time': number }] }>(`explain (analyze, buffers, format json) ${text}`, [...values]);
    const [{ Plan: plan, 'Execution Time': milliseconds }] = row!['QUERY PLAN'];
    return { plan: JSON.stringify(plan), milliseconds, pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
  };

  test('events of authorizations among the rows of resources, which stay', async () => {
    await house.sql.query(`insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request) select $1, 0, $2::timestamptz + n * interval '1 second', case when n % 20 = 0 and n > $3 / 2 then 'authorization-certified' else 'create' end, 1, 'plan-' || n, 1, 'plan', 'test' from generate_series(1, $3::integer) n`, [tenant, days(-400), rows]);
    await house.sql.query('update outbox_reader set transaction = pg_current_xact_id(), position = 1000000000');
    await house.sql.query('vacuum analyze outbox');
    const { plan, milliseconds, pages } = await explain(readEvents(tenant, days(-30)));
    expect(plan).toContain('outbox_of_authorizations');
    if (process.env['PRIORA_PURGE_ROWS']) process.stderr.write(`outbox ${milliseconds} ms ${pages} pages\n`);
    expect(pages).toBeLessThan(2000);
  });

  test('events of subscriptions among the young ones', async () => {
    await house.sql.query(`insert into subscription (tenant, shard, id, version, status, topic, owner, filters, events, delivered) select $1, 0, 'plan-' || n, 1, 'active', 't', 'o', 0, $2::integer / 100, $2::integer / 100 from generate_series(1, 100) n`, [tenant, rows]);
    await house.sql.query(`insert into subscription_event (tenant, shard, subscription, number, topic, at, interaction, type, id, version) select $1, 0, 'plan-' || (n % 100 + 1), n / 100 + 1, 't', $2::timestamptz + n * interval '1 second', 'update', 1, 'x', 1 from generate_series(0, $3::integer - 1) n`, [tenant, days(-20), rows]);
    await house.sql.query(`insert into subscription_event (tenant, shard, subscription, number, topic, at, interaction, type, id, version) values ($1, 0, 'plan-100', 0, 't', $2, 'update', 1, 'x', 1)`, [tenant, days(-40)]);
    await house.sql.query('vacuum analyze subscription_event, subscription');
    const { plan, milliseconds, pages } = await explain(takenEvents(tenant, days(-30)));
    expect(plan).toContain('subscription_event_by_time');
    if (process.env['PRIORA_PURGE_ROWS']) process.stderr.write(`subscription_event ${milliseconds} ms ${pages} pages\n`);
    expect(pages).toBeLessThan(20);
  });
});
