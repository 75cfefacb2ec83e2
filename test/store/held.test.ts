/** A commit may change the resources of the authorizations to whose logs it writes, each beside its own log, and no other's. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type Database } from '../../store/database.ts';
import type { Change, RecordAuthorization } from '../../store/write/changes.ts';
import { commit, commitAndRead } from '../../store/write/commit.ts';
import { createDatabase } from '../support/house.ts';
import { contextFor } from './contexts.ts';

let database: Database;
let sql: pg.Pool;
let dispose: () => Promise<void>;
beforeAll(async () => {
  const { url, drop } = await createDatabase();
  database = openDatabase({ connection: { connectionString: url }, size: 4, onIdleError: () => {} });
  sql = new pg.Pool({ connectionString: url, max: 1 });
  dispose = async () => { await Promise.all([database.close(), sql.end()]); await drop(); };
});
afterAll(async () => { await dispose(); });

const context = contextFor(1);
const reviewer = 'Dr. Ines Moreau';

interface Case { readonly id: string; readonly claim: string; readonly claimResponse: string; readonly task: string }
const newCase = (): Case => ({ id: randomUUID(), claim: randomUUID(), claimResponse: randomUUID(), task: randomUUID() });

const resources = ({ claim, claimResponse, task }: Case): Change[] => [
  { kind: 'create', resource: { resourceType: 'Claim' } as never, id: claim },
  { kind: 'create', resource: { resourceType: 'ClaimResponse' } as never, id: claimResponse },
  { kind: 'update', resource: { resourceType: 'Task', id: task } as never },
  { kind: 'ensure', resource: { resourceType: 'Organization', id: `org-${task}` } },
  { kind: 'create', resource: { resourceType: 'Observation' } as never },
];

function log({ id, claim, claimResponse, task }: Case, sequence = 1): RecordAuthorization {
  const at = context.now();
  return {
    kind: 'authorization', items: [], outcomes: [],
    header: { id, shard: 1, administrativeReference: 'R', member: 'm', requester: [], claim, claimResponse, task, receivedAt: at, expedited: false, dueAt: at, open: true, lastSequence: sequence, clock: { lineOfBusiness: 'unspecified', atRiskAt: at } },
    ...(sequence === 1 && { request: { version: 1, rail: 'fhir', landing: { id: randomUUID(), shard: 1 }, trace: [] } }),
    events: [sequence === 1
      ? { sequence, at, kind: 'received', authority: 'intake', detail: JSON.stringify({ kind: 'received', sequence }) }
      : { sequence, at, kind: 'pended', item: 1, authority: 'person', author: reviewer, detail: JSON.stringify({ kind: 'pended', sequence, item: 1, authority: { kind: 'person', name: reviewer } }) }],
  };
}

const remove = (type: string, id: string): Change => ({ kind: 'delete', type, id });
const holders = async (one: Case): Promise<unknown[]> => (await sql.query('select authorization_id from resource where id = any($1) order by type', [[one.claim, one.claimResponse, one.task, `org-${one.task}`]])).rows.map((row: { authorization_id: string | null }) => row.authorization_id);

test('an authorization that comes before its resources, or without them, is refused', async () => {
  const one = newCase();
  await expect(commit(database, [log(one)], context)).rejects.toThrow(RangeError);
  await expect(commit(database, [log(one), ...resources(one)], context)).rejects.toThrow(RangeError);
  const two = newCase();
  await expect(commit(database, [...resources(one), log(two), ...resources(two), log(one)], context)).rejects.toThrow(RangeError);
  expect(await holders(one)).toEqual([]);
});

test('of two in one commit each holds its own; providers and evidence are free', async () => {
  const [one, two] = [newCase(), newCase()];
  await commit(database, [...resources(one), log(one), ...resources(two), log(two)], context);
  // In the order of type codes: Claim, ClaimResponse, Organization, Task.
  expect(await holders(one)).toEqual([one.id, one.id, null, one.id]);
  expect(await holders(two)).toEqual([two.id, two.id, null, two.id]);
  expect((await sql.query(`select 1 from resource where authorization_id is not null and content like '%Observation%'`)).rowCount).toBe(0);
});

test('another log does not help; its own does, and keeps hold', async () => {
  const [one, two] = [newCase(), newCase()];
  await commit(database, [...resources(one), log(one), ...resources(two), log(two)], context);
  const touches: Change[] = [remove('ClaimResponse', one.claimResponse), { kind: 'update', resource: { resourceType: 'Task', id: one.task, language: 'de' } as never, ifMatch: 1 }, remove('Claim', one.claim)];
  for (const touch of touches) {
    for (const changes of [[touch], [touch, log(two, 2)], [log(one, 2), touch], [log(one, 2), touch, log(two, 2)]]) {
      await expect(commit(database, changes, context)).rejects.toMatchObject({ code: 'held-by-authorization' });
      await expect(commitAndRead(database, changes, context, async () => 'read')).rejects.toMatchObject({ code: 'held-by-authorization' });
    }
  }
  expect((await sql.query('select 1 from prior_authorization_event where authorization_id = any($1)', [[one.id, two.id]])).rowCount).toBe(2);
  await commit(database, [...touches, log(one, 2)], context);
  expect(await holders(one)).toEqual([one.id, one.id, null, one.id]);
  // What was deleted by its own log cannot be put back by anybody else.
  await expect(commit(database, [{ kind: 'update', resource: { resourceType: 'ClaimResponse', id: one.claimResponse } as never }], context)).rejects.toMatchObject({ code: 'held-by-authorization' });
});

test('a resource that changes hands keeps its holder', async () => {
  const one = newCase();
  await commit(database, [...resources(one), log(one)], context);
  for (const [sequence, patient] of [[2, 'a'], [3, 'b']] as const) {
    await commit(database, [{ kind: 'update', resource: { resourceType: 'Task', id: one.task, for: { reference: `Patient/${patient}` } } as never }, log(one, sequence)], context);
    expect(await holders(one)).toEqual([one.id, one.id, null, one.id]);
  }
});

test('what somebody put under the id of a resource to come is held once it came', async () => {
  const one = newCase();
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Task', id: one.task } as never }], context);
  await commit(database, [...resources(one), log(one)], context);
  expect(await holders(one)).toEqual([one.id, one.id, null, one.id]);
  await expect(commit(database, [remove('Task', one.task)], context)).rejects.toMatchObject({ code: 'held-by-authorization' });
});
