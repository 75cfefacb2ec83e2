/** The reader of the outbox on a real one: it looks again as often as it is told, and is done when nobody looks any more. */
import { readOutboxOn, type Reading } from '../../delivery/outbox-reader.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { hasUnread, moveReader, readOutbox } from '../../store/outbox/read.ts';
import { createDatabase } from '../support/house.ts';

const name = 'subscriptions';
let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
});
afterAll(async () => {
  await database.close();
  await drop();
});

const happen = () => database.query({ text: `insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request) values (1, 0, '2026-03-02', 'update', 1, 'one', 1, 'test', 'test')`, values: [] });
/** @returns how many rows there were */
const read = (): Promise<number> => database.transaction(async (connection) => {
  const rows = await readOutbox(connection, name, 10);
  const last = rows?.at(-1);
  if (last) await moveReader(connection, name, last);
  return rows?.length ?? 0;
});
interface Gate { readonly opened: Promise<void>; open(): void }
function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open };
}
/** Something that goes on after the step that began it. */
async function send(order: string[]): Promise<void> {
  await database.query({ text: 'select 1', values: [] });
  order.push('sent');
}
/** Timers never come: tests tell it of news. */
const readerOf = (more: Partial<Reading> & Pick<Reading, 'step'>) => readOutboxOn({ database, name, lookEvery: 2 ** 31 - 1, fault: (error) => { throw error; }, ...more });

test('it is not settled while somebody looks who has moved its place and is not done', async () => {
  const order: string[] = [];
  const moved = gate();
  const answered = gate();
  let news = false;
  const watched: Database = {
    ...database,
    // News come between the question whether anything is unread and its answer, and are read when it comes.
    async query(query) {
      if (news) return database.query(query);
      news = true;
      reader.wake();
      await moved.opened;
      const answer = await database.query(query);
      answered.open();
      return answer as never;
    },
  };
  const reader = readerOf({
    database: watched,
    async step() {
      if (!news || order.length > 0) return false;
      await happen();
      await read();
      moved.open();
      await answered.opened;
      // Longer than whoever has the answer needs to go on.
      await database.query({ text: 'select 1', values: [] });
      order.push('step');
      return false;
    },
  });
  await reader.settled();
  order.push('settled');
  expect(order).toEqual(['step', 'settled']);
  await reader.stop();
});

test('it is not settled while anything is unread, or what came of it is under way', async () => {
  await happen();
  const order: string[] = [];
  const underWay = new Set<Promise<void>>();
  let steps = 0;
  const reader = readerOf({
    async step() {
      steps += 1;
      // Twice another server has the place.
      if (steps <= 2) return false;
      if (await read() > 0) {
        const sent: Promise<void> = send(order).finally(() => { underWay.delete(sent); });
        underWay.add(sent);
      }
      return false;
    },
    underWay: () => [...underWay],
  });
  await reader.settled();
  order.push('settled');
  expect([order, await hasUnread(database, name), steps >= 3]).toEqual([['sent', 'settled'], false, true]);
  await reader.stop();
});

test('news that come during a step bring another one, and one for all of them', async () => {
  const second = gate();
  let steps = 0;
  const reader = readerOf({
    async step() {
      steps += 1;
      if (steps === 1) for (let news = 0; news < 5; news += 1) reader.wake();
      if (steps === 2) second.open();
      return Promise.resolve(false);
    },
  });
  await second.opened;
  await reader.stop();
  expect(steps).toBe(2);
});

test('a step that fails is told, and tried again with the next news', async () => {
  await happen();
  const faults: unknown[] = [];
  let steps = 0;
  const reader = readerOf({
    async step() {
      steps += 1;
      if (steps === 1) throw new Error('no answer');
      return await read() === 10;
    },
    fault: (error) => { faults.push((error as Error).message); },
  });
  await reader.settled();
  expect([faults, await hasUnread(database, name)]).toEqual([['no answer'], false]);
  await reader.stop();
});

test('stopped, it ends what has begun, and begins nothing', async () => {
  await happen();
  const begun = gate();
  const order: string[] = [];
  const underWay = new Set<Promise<void>>();
  let signal: AbortSignal | undefined;
  const reader = readerOf({
    async step(stopping) {
      signal = stopping;
      begun.open();
      await read();
      order.push('step');
      const sent: Promise<void> = send(order).finally(() => { underWay.delete(sent); });
      underWay.add(sent);
      return true;
    },
    underWay: () => [...underWay],
  });
  await begun.opened;
  await reader.stop();
  order.push('stopped');
  reader.wake();
  await reader.settled();
  expect([order, signal?.aborted]).toEqual([['step', 'sent', 'stopped'], true]);
});
