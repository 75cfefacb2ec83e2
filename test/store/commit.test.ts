/** Everything that a commit writes is there together or not at all, whoever else writes at the same moment. */
import pg from 'pg';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { readHistory } from '../../store/history.ts';
import { readResource } from '../../store/read.ts';
import type { Change } from '../../store/write/changes.ts';
import { commit, commitAndRead } from '../../store/write/commit.ts';
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

const context = contextFor(1);
type WithId = Resource & { id: string };
const patient = (id: string, more: Partial<Patient> = {}): WithId => ({ resourceType: 'Patient', id, ...more });
const update = (resource: WithId, ifMatch?: number): Change => ({ kind: 'update', resource, ...(ifMatch !== undefined && { ifMatch }) });
const observation = (id: string, subject: string): WithId => ({ resourceType: 'Observation', id, status: 'final', code: {}, subject: { reference: `Patient/${subject}` } });

async function all(id: string): Promise<{ versions: number[]; outbox: string[]; shards: number[] }> {
  const { rows } = await sql.query('select version, shard, true as current from resource where id = $1 union all select version, shard, false from resource_history where id = $1 order by version', [id]);
  const outbox = await sql.query('select interaction, version, actor, request from outbox where id = $1 order by position', [id]);
  return { versions: rows.map((row) => row.version as number), outbox: outbox.rows.map((row) => `${row.interaction} ${row.version} ${row.actor} ${row.request}`), shards: rows.map((row) => row.shard as number) };
}

const settled = async (work: Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(work)).map((result) => result.status === 'fulfilled' ? 'done' : result.reason instanceof Problem ? result.reason.code : String(result.reason)).toSorted();

describe('all or nothing', () => {
  const tables = ['resource', 'resource_history', 'outbox', 'prior_authorization', 'prior_authorization_event', 'prior_authorization_item', 'prior_authorization_request', 'landing'];
  const counts = async (): Promise<number[]> => Promise.all(tables.map(async (table) => ((await sql.query(`select count(*)::integer as count from ${table}`)).rows[0] as { count: number }).count));
  const changes = (): Change[] => [
    { kind: 'create', resource: { resourceType: 'Patient' } }, update(patient('there')), { kind: 'ensure', resource: patient('ensured') },
    { kind: 'delete', type: 'Patient', id: 'there-too' },
  ];
  beforeAll(async () => { await commit(database, [update(patient('there')), update(patient('there-too'))], context); });

  test.each(['resource', 'resource_history', 'outbox'])('a failure in %s', async (table) => {
    await sql.query(`create function fail() returns trigger language plpgsql as 'begin raise exception ''broken''; end'; create trigger fail before insert on ${table} for each row execute function fail()`);
    const before = await counts();
    await expect(commit(database, changes(), context)).rejects.toThrow('broken');
    // A lone create goes in by a statement of its own, and writes no history.
    const lone = commit(database, [{ kind: 'create', resource: { resourceType: 'Patient' } }], context);
    if (table === 'resource_history') await lone;
    else await expect(lone).rejects.toThrow('broken');
    await sql.query('drop function fail cascade');
    const [resource, ...others] = before;
    expect(await counts()).toEqual(table === 'resource_history' ? [resource! + 1, others[0], others[1]! + 1, ...others.slice(2)] : before);
  });

  test('a condition that does not hold, an answer that is given already, a read that fails', async () => {
    const before = await counts();
    await expect(commit(database, [...changes(), update(patient('x'), 3)], context)).rejects.toMatchObject({ code: 'version-conflict' });
    const landing = { id: '019cadc6-9a80-72e5-b7f9-5bf5d27ddbc6', shard: 1 };
    await expect(commit(database, [...changes(), { kind: 'answer', landing, status: 200, mediaType: 'x', body: 'y' }], context)).rejects.toMatchObject({ code: 'concurrent-change' });
    await expect(commitAndRead(database, changes(), context, async () => { throw new Problem('not-found', { type: 'Patient', id: 'x' }); })).rejects.toMatchObject({ code: 'not-found' });
    await expect(commit(database, [update(patient('x')), update(patient('x'))], context)).rejects.toThrow(RangeError);
    expect(await counts()).toEqual(before);
  });

  test('a connection that is lost in the middle: a clean refusal, and the next commit works', async () => {
    const before = await counts();
    const lost = commitAndRead(database, changes(), context, async (connection) => {
      const { rows } = await connection.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      await sql.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
      await connection.query({ text: 'select 1' });
    });
    await expect(lost).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await counts()).toEqual(before);
    await commit(database, [update(patient('after-the-loss'))], context);
  });

  test('a connection that is lost at the commit: nobody is told that nothing was changed', async () => {
    await sql.query(`create function die_at_commit() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
    await sql.query('create constraint trigger die after insert on outbox deferrable initially deferred for each row execute function die_at_commit()');
    try {
      await expect(commitAndRead(database, [update(patient('lost-at-commit'))], context, async () => {})).rejects.toMatchObject({ code: 'outcome-unknown' });
    } finally {
      await sql.query('drop function die_at_commit() cascade');
    }
  });
});

test('versions count up, history keeps what was, the outbox has a row for each with actor and request', async () => {
  const id = 'counted';
  await commit(database, [update(patient(id, { active: true }))], contextFor(1, { actor: 'ada', request: 'r1' }));
  await commit(database, [update(patient(id, { active: false }), 1)], contextFor(1, { actor: 'ben', request: 'r2' }));
  await commit(database, [{ kind: 'delete', type: 'Patient', id, ifMatch: 2 }], context);
  const [again] = await commit(database, [{ kind: 'delete', type: 'Patient', id }], context);
  expect(again).toMatchObject({ version: 3, deleted: true });
  const [revived] = await commit(database, [update(patient(id, { gender: 'other' }))], context);
  expect(revived).toMatchObject({ version: 4, created: true });
  expect((await all(id))).toMatchObject({ versions: [1, 2, 3, 4], outbox: ['create 1 ada r1', 'update 2 ben r2', 'delete 3 tester request-1', 'create 4 tester request-1'] });
  const { versions } = await readHistory(database, 'Patient', id, { limit: 10 }, context);
  expect(versions.map((version) => version.deleted ? 'deleted' : (JSON.parse(version.content) as Patient).active ?? (JSON.parse(version.content) as Patient).gender)).toEqual(['other', 'deleted', false, true]);
});

test('deleting what was never there changes nothing', async () => {
  expect(await commit(database, [{ kind: 'delete', type: 'Patient', id: 'never' }], context)).toMatchObject([{ version: 0, deleted: true, created: false }]);
  expect(await all('never')).toEqual({ versions: [], outbox: [], shards: [] });
});

test('a later version is never older, whatever the clock says', async () => {
  await commit(database, [update(patient('clock'))], contextFor(1, { now: () => new Date('2026-03-02T10:00:00Z') }));
  const [second] = await commit(database, [update(patient('clock'))], contextFor(1, { now: () => new Date('2026-03-02T09:59:00Z') }));
  expect(second!.lastUpdated.toISOString()).toBe('2026-03-02T10:00:00.000Z');
});

describe('at the same moment', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => index);

  test('updates of one resource: every one is a version', async () => {
    await commit(database, [update(patient('busy'))], context);
    expect(new Set(await settled(twenty.map(() => commit(database, [update(patient('busy'))], context))))).toEqual(new Set(['done']));
    const { versions, outbox } = await all('busy');
    expect([versions, outbox.length]).toEqual([Array.from({ length: 21 }, (_, index) => index + 1), 21]);
  });

  test('updates of one version: one wins, the others are told', async () => {
    await commit(database, [update(patient('matched'))], context);
    expect(await settled(twenty.map(() => commit(database, [update(patient('matched'), 1)], context)))).toEqual(['done', ...twenty.slice(1).map(() => 'version-conflict')]);
    expect((await all('matched')).versions).toEqual([1, 2]);
  });

  test('the same unknown id, for different patients: one row, every version kept', async () => {
    expect(new Set(await settled(twenty.map((index) => commit(database, [update(observation('contested', `p${index}`))], context))))).toEqual(new Set(['done']));
    expect((await sql.query(`select count(*)::integer as count from resource where id = 'contested'`)).rows).toEqual([{ count: 1 }]);
    expect((await all('contested')).versions).toEqual(twenty.map((index) => index + 1));
  });

  test('ensure: one makes it, whatever else is going on', async () => {
    const work = twenty.map((index) => commit(database, [{ kind: 'ensure', resource: observation('ensured-once', `p${index}`) }, { kind: 'create', resource: { resourceType: 'Patient' } }], context));
    const made = (await Promise.all(work)).filter(([ensured]) => ensured!.created);
    expect(made).toHaveLength(1);
    expect((await all('ensured-once'))).toMatchObject({ versions: [1], outbox: ['create 1 tester request-1'] });
  });

  test('ensure and update of one unknown id: no version is lost', async () => {
    const work = twenty.map((index) => commit(database, [index % 2 === 0 ? { kind: 'ensure', resource: observation('both', `p${index}`) } : update(observation('both', `p${index}`))], context));
    const results = (await Promise.all(work)).flat();
    const { versions, outbox } = await all('both');
    expect(outbox.length).toBe(versions.length);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
    expect(Math.max(...results.map((result) => result.version))).toBe(versions.length);
  });

  test('resources in crossed order: nobody waits for ever, nobody is refused', async () => {
    const names = ['cross-a', 'cross-b', 'cross-c', 'cross-d'];
    await commit(database, names.slice(0, 2).map((id) => update(patient(id))), context);
    const work = twenty.map((index) => {
      const turned = [...names.slice(index % 4), ...names.slice(0, index % 4)];
      return commit(database, (index % 2 === 0 ? turned : turned.toReversed()).map((id, at): Change => (at === 3 && index % 3 === 0 ? { kind: 'ensure', resource: patient(id) } : update(patient(id)))), context);
    });
    expect(new Set(await settled(work))).toEqual(new Set(['done']));
    for (const name of names) {
      const { versions } = await all(name);
      expect(versions).toEqual(versions.map((_, index) => index + 1));
    }
  });
});

describe('ensure', () => {
  test('finds what is there, whatever patient it is about now', async () => {
    const ensure = (subject: string): Promise<unknown> => commit(database, [{ kind: 'ensure', resource: observation('stays', subject) }], context);
    await ensure('first');
    await commit(database, [update(observation('stays', 'second'))], context);
    await ensure('first');
    expect((await all('stays')).versions).toEqual([1, 2]);
    expect((await sql.query(`select patient from resource where id = 'stays'`)).rows).toEqual([{ patient: 'second' }]);
  });

  test('makes again what was deleted', async () => {
    await commit(database, [update(patient('deleted-once'))], context);
    await commit(database, [{ kind: 'delete', type: 'Patient', id: 'deleted-once' }], context);
    expect(await commit(database, [{ kind: 'ensure', resource: patient('deleted-once') }], context)).toMatchObject([{ version: 3, created: true }]);
    expect((await readResource(database, 'Patient', 'deleted-once', context)).version).toBe(3);
  });

  test('the same twice in one commit, and together with an update', async () => {
    const results = await commit(database, [{ kind: 'ensure', resource: patient('double') }, { kind: 'ensure', resource: patient('double') }, { kind: 'ensure', resource: patient('double-2') }, update(patient('double-2'))], context);
    expect(results.map(({ id, version, created }) => [id, version, created])).toEqual([['double', 1, true], ['double', 1, false], ['double-2', 1, false], ['double-2', 1, true]]);
  });
});

test('a resource that changes hands goes to the other patient\'s shard, once, with its history', async () => {
  const shardOfPatient = async (id: string): Promise<number> => (await all(id)).shards.at(-1)!;
  await commit(database, [update(patient('from')), update(patient('to')), update(observation('moved', 'from'))], context);
  await commit(database, [update(observation('moved', 'to'))], context);
  expect(await shardOfPatient('moved')).toBe(await shardOfPatient('to'));
  expect(await shardOfPatient('from')).not.toBe(await shardOfPatient('to'));
  expect((await sql.query(`select shard, patient from resource where id = 'moved'`)).rows).toEqual([{ shard: await shardOfPatient('to'), patient: 'to' }]);
  expect((await readHistory(database, 'Observation', 'moved', { limit: 10 }, context)).total).toBe(2);
  await commit(database, [{ kind: 'delete', type: 'Observation', id: 'moved' }], context);
  await commit(database, [update(observation('moved', 'from'))], context);
  expect((await all('moved')).versions).toEqual([1, 2, 3, 4]);
});

test.each(['0001-01-01T00:00:00+14:00', '0001', '9999-12-31T23:59:59-14:00', '9999-12-31T23:59:59.999Z', '2020-02-30', 'no date at all'])('a date at the edge: %s', async (effectiveDateTime) => {
  await expect(commit(database, [update({ ...observation('edge', 'p'), effectiveDateTime } as WithId)], context)).resolves.toHaveLength(1);
});
