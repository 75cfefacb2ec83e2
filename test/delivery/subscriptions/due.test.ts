/** The rows that follow subscriptions: which is taken, and what came of it. */
import { openDatabase, type Database } from '../../../store/database.ts';
import { settleActive, settleDelivered, settleFailed, settleStopped, takeDue } from '../../../store/subscriptions/due.ts';
import { followSubscription, forgetSubscription, type FollowedSubscription } from '../../../store/subscriptions/follow.ts';
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

const follow = (id: string, more: Partial<FollowedSubscription> = {}) => followSubscription(database, { tenant: 1, id, version: 1, status: 'requested', topic, owner: 'a', filters: [], endsAt: undefined, heartbeat: undefined, host: 'a.example', ...more }, now);
const happen = (count: number) => recordEvents(database, Array.from({ length: count }, (_, index) => ({ tenant: 1, topic, values: [], at: now, interaction: 'update', type: 'Patient', id: 'p', version: index + 1 })), now);
const rowOf = async (id: string) => (await database.query<{ status: string; events: string; delivered: string; attempts: number }>({ text: 'select status, events, delivered, attempts from subscription where id = $1', values: [id] })).rows[0];

test('what comes of one that was deleted does not concern its successor of the same id', async () => {
  await follow('one');
  const [first] = await takeDue(database, now, until, 1);
  await settleActive(database, first!, now);
  await happen(3);
  const [out] = await takeDue(database, now, until, 1);
  expect(out).toMatchObject({ id: 'one', events: 3 });
  await forgetSubscription(database, 1, 'one');
  await follow('one', { version: 3 });
  await settleDelivered(database, out!, 3, now);
  await settleFailed(database, out!, until);
  await settleStopped(database, out!, 'error');
  expect(await rowOf('one')).toMatchObject({ status: 'requested', events: '0', delivered: '0', attempts: 0 });
  expect(await takeDue(database, now, until, 1)).toMatchObject([{ id: 'one', version: 3 }]);
});
