/** The reader of the outbox under concurrent transactions that end in another order than they began: nothing lost, nothing twice. */
import fc from 'fast-check';
import pg from 'pg';
import { openDatabase, type Database } from '../../../store/database.ts';
import { moveReader, readOutbox } from '../../../store/outbox/read.ts';
import { createDatabase } from '../../support/house.ts';

let database: Database;
let clients: pg.Client[];
let drop: () => Promise<void>;

beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
  clients = await Promise.all(Array.from({ length: 4 }, async () => {
    const client = new pg.Client({ connectionString: created.url });
    await client.connect();
    return client;
  }));
});
afterAll(async () => {
  for (const client of clients) await client.end();
  await database.close();
  await drop();
});

/** Everything that can be read now, a few rows at a time. */
async function readAll(): Promise<string[]> {
  const read: string[] = [];
  for (;;) {
    const ids = await database.transaction(async (connection) => {
      const rows = await readOutbox(connection, 'subscriptions', 3) ?? [];
      if (rows.length > 0) await moveReader(connection, 'subscriptions', rows.at(-1)!);
      return rows.map(({ id }) => id);
    });
    if (ids.length === 0) return read;
    read.push(...ids);
  }
}

const write = (client: pg.Client, id: string) => client.query(`insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request) values (1, 0, now(), 'create', 1, $1, 1, 'test', 'test')`, [id]);

type Step = { readonly who: number; readonly does: 'write' | 'commit' | 'rollback' } | { readonly does: 'read' };

test('whatever order transactions begin, write and end in', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ who: fc.nat(3), does: fc.constantFrom('write' as const, 'write' as const, 'commit' as const, 'rollback' as const) }) },
    { weight: 1, arbitrary: fc.constant({ does: 'read' as const }) },
  );
  let run = 0;
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
    run += 1;
    const open = new Map<number, string[]>();
    const committed: string[] = [];
    const read: string[] = [];
    let written = 0;
    const end = async (who: number, how: 'commit' | 'rollback'): Promise<void> => {
      await clients[who]!.query(how);
      if (how === 'commit') committed.push(...open.get(who) ?? []);
      open.delete(who);
    };
    for (const one of steps) {
      if (one.does === 'read') read.push(...await readAll());
      else if (one.does === 'write') {
        if (!open.has(one.who)) await clients[one.who]!.query('begin');
        const id = `${run}-${written++}`;
        open.set(one.who, [...open.get(one.who) ?? [], id]);
        await write(clients[one.who]!, id);
      } else if (open.has(one.who)) await end(one.who, one.does);
    }
    for (const who of open.keys()) await end(who, 'commit');
    // Other databases of the cluster have transactions, too: what waits for them comes when they have ended.
    while (read.length < committed.length) read.push(...await readAll());
    read.push(...await readAll());
    expect(read.toSorted()).toEqual(committed.toSorted());
  }), { numRuns: 40 });
});

test('two readers do not read the same', async () => {
  await database.transaction(async (connection) => {
    expect(await readOutbox(connection, 'subscriptions', 3)).toEqual([]);
    await expect(database.transaction((other) => readOutbox(other, 'subscriptions', 3))).resolves.toBeUndefined();
  });
});
