/** The rows that follow subscriptions: which is taken, and what came of it. */
import fc from 'fast-check';
import { openDatabase, type Database } from '../../../store/database.ts';
import { findDue, settleActive, settleDelivered, settleFailed, settleStopped, takeDue, type Candidate } from '../../../store/subscriptions/due.ts';
import { followSubscriptions, forgetSubscription, type FollowedSubscription } from '../../../store/subscriptions/follow.ts';
import { admitted, excluded } from '../../../delivery/subscriptions/slots.ts';
import { recordEvents } from '../../../store/subscriptions/record-events.ts';
import { createDatabase } from '../../support/house.ts';

let database: Database;
let drop: () => Promise<void>;
const now = new Date('2026-01-01T00:00:00Z');
const until = new Date('2026-01-01T00:00:30Z');
const topic = 'urn:topic';

beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 2, onIdleError: () => {} });
});
afterAll(async () => {
  await database.close();
  await drop();
});
beforeEach(() => database.query({ text: 'truncate subscription, subscription_filter, subscription_event', values: [] }));

const followed = (id: string, more: Partial<FollowedSubscription> = {}): FollowedSubscription => ({ tenant: 1, id, version: 1, status: 'requested', topic, owner: 'a', filters: [], endsAt: undefined, heartbeat: undefined, host: 'a.example', ...more });
const follow = (id: string, more: Partial<FollowedSubscription> = {}) => followSubscriptions(database, [followed(id, more)], now);
const take = async (held: readonly Candidate[] = []) => takeDue(database, now, until, admitted(await findDue(database, now, excluded(held), 256), held));
const happen = (count: number) => recordEvents(database, Array.from({ length: count }, (_, index) => ({ tenant: 1, topic, values: [], at: now, interaction: 'update', type: 'Patient', id: 'p', version: index + 1 })), now);
const rowOf = async (id: string) => (await database.query<{ status: string; events: string; delivered: string; attempts: number }>({ text: 'select status, events, delivered, attempts from subscription where id = $1', values: [id] })).rows[0];

test('what comes of one that was deleted does not concern its successor of the same id', async () => {
  await follow('one');
  const [first] = await take();
  await settleActive(database, first!, now);
  await happen(3);
  const [out] = await take();
  expect(out).toMatchObject({ id: 'one', events: 3 });
  await forgetSubscription(database, 1, 'one');
  await follow('one', { version: 3 });
  await settleDelivered(database, out!, 3, now);
  await settleFailed(database, out!, until);
  await settleStopped(database, out!, 'error');
  expect(await rowOf('one')).toMatchObject({ status: 'requested', events: '0', delivered: '0', attempts: 0 });
  expect(await take()).toMatchObject([{ id: 'one', version: 3 }]);
});

test.each([['the outbox has told of it', 'active', 1], ['its client has changed it', 'requested', 0], ['its client has ended it', 'off', undefined]] as const)('a handshake that was answered when %s keeps nobody waiting', async (_, status, events) => {
  await follow('one');
  const [first] = await take();
  await follow('one', { version: 2, status, owner: undefined });
  await happen(1);
  await settleActive(database, first!, now);
  expect(await rowOf('one')).toMatchObject({ status, attempts: 0 });
  expect(await take()).toMatchObject(events === undefined ? [] : [{ id: 'one', version: 2, status, events }]);
});

test('one host has four slots, and those behind it are not kept waiting', async () => {
  for (let index = 0; index < 300; index++) await follow(`slow-${index}`, { host: 'slow.example' });
  await follow('well', { host: 'well.example' });
  const held = await take();
  expect(held.map(({ host }) => host)).toEqual(Array.from({ length: 4 }, () => 'slow.example'));
  expect(await take(held)).toMatchObject([{ id: 'well' }]);
});

test('those that failed or never answered leave room for others, and so does a tenant', () => {
  const many = (count: number, more: Partial<Candidate>): Candidate[] => Array.from({ length: count }, (_, index) => ({ tenant: 1, id: `${index}`, status: 'active', attempts: 0, host: `host-${index}.example`, ...more }));
  expect(admitted(many(100, { attempts: 3 }), [])).toHaveLength(24);
  expect(admitted(many(100, { status: 'requested' }), [])).toHaveLength(24);
  const failing = many(24, { attempts: 1 });
  expect(admitted(many(100, {}), failing)).toHaveLength(24);
  expect(admitted([...many(100, {}), ...many(100, { tenant: 2 })], []).filter(({ tenant }) => tenant === 2)).toHaveLength(16);
});

test('versions of many that are followed at once are followed as one after the other', async () => {
  const one = fc.record({
    tenant: fc.constantFrom(1, 2), id: fc.constantFrom('a', 'b', 'c'), version: fc.integer({ min: 1, max: 4 }),
    status: fc.constantFrom('requested' as const, 'active' as const, 'error' as const, 'off' as const), owner: fc.constantFrom(undefined, 'a', 'b'), topic: fc.constantFrom('urn:topic', 'urn:other'),
    filters: fc.array(fc.array(fc.constantFrom('x=1', 'x=2', 'y=1'), { maxLength: 2 }), { maxLength: 2 }), endsAt: fc.constantFrom(undefined, until), heartbeat: fc.constantFrom(undefined, 60), host: fc.constantFrom('', 'a.example'),
  });
  const clear = () => database.query({ text: 'truncate subscription, subscription_filter, subscription_event', values: [] });
  const rows = async () => [
    (await database.query({ text: 'select * from subscription order by tenant, id', values: [] })).rows,
    (await database.query({ text: 'select * from subscription_filter order by tenant, subscription, filter, value', values: [] })).rows,
  ];
  await fc.assert(fc.asyncProperty(fc.array(one, { maxLength: 8 }), async (many) => {
    await clear();
    for (const each of many) await followSubscriptions(database, [each], now);
    const expected = await rows();
    await clear();
    await followSubscriptions(database, many, now);
    expect(await rows()).toEqual(expected);
  }), { numRuns: 60 });
});
