/** What messages became, committed at the same moment: in one transaction, each for itself. */
import pg from 'pg';
import { Problem } from '../../fhir/problems.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { messageOfKey, messageShard } from '../../store/inbox.ts';
import { answerOfLanding, land, type Landed } from '../../store/landing.ts';
import { newId } from '../../store/shard.ts';
import type { Change, InboxRow, UpdateResource } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let sql: pg.Pool;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  database = openDatabase({ connection: { connectionString: url }, size: 8, onIdleError: () => {} });
  sql = new pg.Pool({ connectionString: url, max: 8 });
  dispose = async () => { await Promise.all([database.close(), sql.end()]); await drop(); };
});
afterAll(async () => { await dispose(); });

const context = contextFor(1);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const landing = (text: string): Promise<Landed> => land(database, { channel: 'hl7v2', sender: 'tester', mediaType: 'text/plain', body: Buffer.from(text) }, context);

function recordOf(key: string, landed: Landed, more: Partial<InboxRow> = {}): Change {
  const shard = messageShard(context, 'hl7v2', key);
  return {
    kind: 'message', message: {
      id: newId(context, shard), shard, channel: 'hl7v2', key, sha256: landed.sha256, kind: 'ADT^A08', landing: { id: landed.id, shard: landed.shard }, position: 0,
      receivedAt: context.now(), state: 'accepted', issues: '[]', unmapped: '[]', acknowledgement: `MSA|AA|${key}`, ...more,
    },
  };
}

const answerTo = (landed: Landed, body: string): Change => ({ kind: 'answer', landing: landed, status: 200, mediaType: 'text/plain', body });
const patient = (id: string, ifMatch: UpdateResource['ifMatch'] = 'absent'): Change => ({ kind: 'update', resource: { resourceType: 'Patient', id }, ifMatch });

/** All at once, behind two that are under way. */
async function together(commits: readonly (readonly Change[])[]): Promise<string[]> {
  const ahead = numbers(2).map(() => commit(database, [{ kind: 'create', resource: { resourceType: 'Basic', code: {} } }], context));
  const all = commits.map((changes) => commit(database, changes, context));
  await Promise.all(ahead);
  return (await Promise.allSettled(all)).map((result) => result.status === 'fulfilled' ? 'done' : result.reason instanceof Problem ? result.reason.code : String(result.reason));
}

const transactions = async (prefix: string): Promise<number> => (await sql.query<{ count: number }>(`
  select count(distinct xmin)::integer as count
  from (select xmin::text from resource where id like $1 union all select xmin::text from inbox_message where message_key like $1) as written`, [`${prefix}%`])).rows[0]!.count;

test('one that may not be written is refused as a whole, its message and its answer with it; the others are written, in one transaction', async () => {
  await commit(database, [patient('refused-there')], context);
  const landed = await Promise.all(numbers(4).map((index) => landing(`refused-${index}`)));
  const commits = landed.map((one, index) => [patient(`refused-${index}`), ...(index === 2 ? [patient('refused-there')] : []), recordOf(`refused-${index}`, one), answerTo(one, `answer ${index}`)]);
  expect(await together(commits)).toEqual(['done', 'done', 'version-conflict', 'done']);
  expect((await sql.query(`select id from resource where id like 'refused-%' order by id`)).rows.map(({ id }) => id as string)).toEqual(['refused-0', 'refused-1', 'refused-3', 'refused-there']);
  for (const [index, one] of landed.entries()) {
    expect((await messageOfKey(database, 'hl7v2', `refused-${index}`, context))?.acknowledgement).toBe(index === 2 ? undefined : `MSA|AA|refused-${index}`);
    expect((await answerOfLanding(database, one, context))?.body).toBe(index === 2 ? undefined : `answer ${index}`);
  }
  // The patient that was there, and the group.
  expect(await transactions('refused-')).toBe(2);
});

test('of two under one key the later one is refused, and of two that answer one delivery', async () => {
  const [one, other, third] = [await landing('key-1'), await landing('key-2'), await landing('key-3')];
  const results = await together([
    [patient('key-1'), recordOf('key-taken', one), answerTo(one, 'first')], [patient('key-2'), recordOf('key-taken', other), answerTo(other, 'second')], [patient('key-3'), recordOf('key-free', third), answerTo(third, 'third')],
    [patient('key-4'), recordOf('key-beside', third), answerTo(third, 'fourth')],
  ]);
  expect(results).toEqual(['done', 'concurrent-change', 'done', 'concurrent-change']);
  expect((await sql.query(`select id from resource where id like 'key-%' order by id`)).rows.map(({ id }) => id as string)).toEqual(['key-1', 'key-3']);
  expect((await answerOfLanding(database, other, context))).toBeUndefined();
  expect((await answerOfLanding(database, third, context))?.body).toBe('third');
});

test('about one resource they follow each other as they came', async () => {
  await commit(database, [patient('turn-shared')], context);
  const landed = await Promise.all(numbers(6).map((index) => landing(`turn-${index}`)));
  const results = await together(landed.map((one, index) => [patient(`turn-${index}`), patient('turn-shared', index + 1), recordOf(`turn-${index}`, one)]));
  expect(results).toEqual(numbers(6).map(() => 'done'));
  expect((await sql.query(`select version from resource where id = 'turn-shared'`)).rows).toEqual([{ version: 7 }]);
});

test('whatever characters a sender writes, they are kept, and keep nobody else out of place', async () => {
  const texts = ['\u001f', '\u001e', '{}', '"', '\\', 'null', 'NULL', "'", ',', 'ÄÖ\u{1f600}\r\n\t'];
  const landed = await Promise.all(texts.map((text) => landing(`text-${text}`)));
  expect(new Set(await together(landed.map((one, index) => [recordOf(`text-${texts[index]}`, one, { author: `by ${texts[index]}`, kind: texts[index]! }), answerTo(one, texts[index]!)])))).toEqual(new Set(['done']));
  for (const [index, text] of texts.entries()) {
    const stored = await messageOfKey(database, 'hl7v2', `text-${text}`, context);
    expect([stored?.acknowledgement, stored?.author, stored?.kind, stored?.series, stored?.patient, stored?.share]).toEqual([`MSA|AA|text-${text}`, `by ${text}`, text, undefined, undefined, undefined]);
    expect((await answerOfLanding(database, landed[index]!, context))?.body).toBe(text);
  }
});

test('everything that is known of a message is kept, with its own', async () => {
  const landed = await Promise.all(numbers(3).map((index) => landing(`whole-${index}`)));
  const more: readonly Partial<InboxRow>[] = [
    { series: { id: 'set-1', version: 3 }, patient: 'p1', chosenPatient: 'new', share: { mapped: 7, sent: 9 }, issues: '[{"code":"one"}]', unmapped: '[{"source":"PID-1"}]', state: 'review', position: 4 },
    {}, { share: { mapped: 0, sent: 1 }, state: 'quarantined', author: 'somebody' },
  ];
  await together(landed.map((one, index) => [recordOf(`whole-${index}`, one, more[index])]));
  for (const [index, one] of landed.entries()) {
    const { message } = recordOf(`whole-${index}`, one, more[index]) as { message: InboxRow };
    const stored = await messageOfKey(database, 'hl7v2', `whole-${index}`, context);
    expect(stored).toEqual({ ...message, id: stored?.id, attempts: 1, decidedAt: context.now() });
  }
});

/** Until a statement waits for a lock. */
async function someoneWaits(): Promise<void> {
  while ((await sql.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount === 0);
}

test('while messages are being written, others wait and are written together; a single resource does not wait for them', async () => {
  await commit(database, [patient('behind-0')], context);
  const landed = await Promise.all(numbers(3).map((index) => landing(`behind-${index}`)));
  const holder = await sql.connect();
  try {
    await holder.query('begin');
    await holder.query(`select 1 from resource where id = 'behind-0' for update`);
    const first = commit(database, [patient('behind-0', 1), recordOf('behind-0', landed[0]!)], context);
    await someoneWaits();
    const second = commit(database, [patient('behind-1'), recordOf('behind-1', landed[1]!)], context);
    await commit(database, [{ kind: 'create', resource: { resourceType: 'Basic', code: {} } }], context);
    expect(await transactions('behind-')).toBe(1);
    const third = commit(database, [patient('behind-2'), recordOf('behind-2', landed[2]!)], context);
    await holder.query('commit');
    await Promise.all([first, second, third]);
  } finally {
    holder.release(true);
  }
  expect(await transactions('behind-')).toBe(2);
});
