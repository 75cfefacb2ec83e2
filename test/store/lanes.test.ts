/** Lanes carry quick reads; what is slow, and what happens to a connection, does not become the others' trouble. */
import pg from 'pg';
import { openDatabase, type Database } from '../../store/database.ts';
import { openLanes, type Lanes } from '../../store/lanes.ts';
import { createDatabase } from '../support/house.ts';

let url: string;
let database: Database;
let lanes: Lanes;
let sql: pg.Pool;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const made = await createDatabase();
  url = made.url;
  database = openDatabase({ connection: { connectionString: url }, size: 4, onIdleError: () => {} });
  lanes = openLanes({ connectionString: url }, () => {});
  sql = new pg.Pool({ connectionString: url, max: 2 });
  sql.on('error', () => {});
  sql.on('connect', (client) => { client.on('error', () => {}); });
  // The database first: where a test has failed, statements may still be waiting.
  dispose = async () => { await made.drop(); await Promise.all([database.close(), lanes.close(), sql.end()]); };
});
afterAll(async () => { await dispose(); });

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const reading = (text: string, ...values: unknown[]) => ({ text, values, replicable: true });
const quick = (value: number): ReturnType<typeof reading> => reading('select $1::integer as value', value);
const valueOf = (answer: pg.QueryResult | undefined): unknown => answer?.rows[0]?.value;

/** A statement cannot go on before the work is done. */
async function whileLocked<T>(work: (waiting: ReturnType<typeof reading>) => Promise<T>): Promise<T> {
  const holder = await sql.connect();
  try {
    await holder.query('select pg_advisory_lock(1)');
    return await work(reading(`select count(*)::integer + 41 as value from (select pg_advisory_xact_lock(1)) as held`));
  } finally {
    await holder.query('select pg_advisory_unlock(1)');
    holder.release();
  }
}

describe('a slow statement', () => {
  test('is cancelled, and all that stand in the lanes with it are answered, each with its own', async () => {
    const [slow, ...answers] = await whileLocked((waiting) => Promise.all([lanes.query(waiting), ...numbers(20).map((value) => lanes.query(quick(value)))]));
    expect(slow).toBeUndefined();
    expect(answers.map(valueOf)).toEqual(numbers(20));
  });

  test('is answered elsewhere, in its own time, and does not hold up those behind it', async () => {
    const slow = await whileLocked(async (waiting) => {
      const answer = database.query(waiting);
      expect((await Promise.all(numbers(20).map((value) => database.query(quick(value))))).map(valueOf)).toEqual(numbers(20));
      return { answer };
    });
    expect(valueOf(await slow.answer)).toBe(42);
  });

  test('does not go into a lane a second time', async () => {
    await sql.query('create sequence runs');
    const slow = reading(`select nextval('runs'), pg_sleep(60)`);
    expect(await lanes.query(slow)).toBeUndefined();
    expect(await lanes.query(slow)).toBeUndefined();
    expect((await sql.query('select last_value::integer as runs from runs')).rows).toEqual([{ runs: 1 }]);
  });
});

test('a statement that is wrong is told so, and those behind it are answered', async () => {
  const results = await Promise.allSettled(numbers(9).map((value) => lanes.query(value % 3 === 0 ? reading('select 1 / $1::integer', 0) : quick(value))));
  expect(results.map((result) => result.status === 'fulfilled' ? valueOf(result.value) : (result.reason as pg.DatabaseError).code)).toEqual(numbers(9).map((value) => value % 3 === 0 ? '22012' : value));
});

describe('a connection that breaks', () => {
  test('takes nobody with it: what stood in its lane is told to go elsewhere, and the lane opens another', async () => {
    const pids = async (): Promise<unknown[]> => (await Promise.all([0, 1].map(() => lanes.query(reading('select pg_backend_pid() as value'))))).map(valueOf);
    const before = await pids();
    expect(new Set(before).size).toBe(2);
    const answers = await Promise.all([lanes.query(reading('select pg_terminate_backend(pg_backend_pid()) as value')), ...numbers(9).map((value) => lanes.query(quick(value)))]);
    expect(valueOf(answers[0])).toBeUndefined();
    // The other lane's were answered, this lane's were not, and none wrongly.
    const others = answers.slice(1).map(valueOf);
    expect(others.every((value, index) => value === undefined || value === index)).toBe(true);
    expect(others).toContain(undefined);
    expect(others.some((value) => value !== undefined)).toBe(true);
    const after = await pids();
    expect(after).not.toContain(undefined);
    expect(after.filter((pid) => before.includes(pid))).toHaveLength(1);
  });

  test('is nothing that a reader notices', async () => {
    await sql.query('create sequence deaths');
    const dying = reading(`select case when nextval('deaths') = 1 then pg_terminate_backend(pg_backend_pid())::text else 'alive' end as value`);
    const answers = await Promise.all([database.query(dying), ...numbers(9).map((value) => database.query(quick(value)))]);
    expect(answers.map(valueOf)).toEqual(['alive', ...numbers(9)]);
  });

  test('and one that cannot be had sends its statements elsewhere; a refusal to connect is told', async () => {
    const nowhere = openLanes({ connectionString: url.replace(/test_[0-9a-f]+/, 'no_such_database') }, () => {});
    await expect(nowhere.query(quick(1))).rejects.toMatchObject({ code: '3D000' });
    await nowhere.close();
    const unreachable = openLanes({ host: '127.0.0.1', port: 1, user: 'nobody' }, () => {});
    expect(await unreachable.query(quick(1))).toBeUndefined();
    expect(await unreachable.query(quick(1))).toBeUndefined();
    await unreachable.close();
  });
});
