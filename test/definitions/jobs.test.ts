/** A job is enqueued by the commit that needs it: it is there when the commit is, and not otherwise. */
import type { Patient } from '@medplum/fhirtypes';
import { standardParameters } from '../../fhir/search-parameters.ts';
import type { Context } from '../../store/context.ts';
import { commit } from '../../store/write/commit.ts';
import type { Change, EnqueueJob } from '../../store/write/changes.ts';
import { openHouse, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_JOBS: '0' } }); });
afterAll(async () => { await house.close(); });

const context = (): Context => {
  const { tenant, clock } = house.server.house;
  return { tenant, base: house.fhir, parameters: standardParameters, access: { tenant: tenant.id }, actor: 'test', request: 'test', now: clock.now, random: clock.random };
};
const write = (...changes: Change[]): Promise<unknown> => commit(house.server.house.database, changes, context());
const patient = (id: string): Patient & { id: string } => ({ resourceType: 'Patient', id });
const job = (more: Partial<EnqueueJob> = {}): EnqueueJob => ({ kind: 'job', name: 'reindex', payload: { tenant: 1, subject: 'nobody' }, ...more });
const queued = async (): Promise<number> => Number((await house.sql.query<{ n: string }>('select count(*) as n from graphile_worker.jobs')).rows[0]!.n);

test('a commit that is refused enqueues nothing', async () => {
  await write({ kind: 'update', resource: patient('p1') });
  await expect(write({ kind: 'update', resource: patient('p1'), ifMatch: 7 }, job())).rejects.toMatchObject({ code: 'version-conflict' });
  await expect(write({ kind: 'create', resource: patient('p1'), id: 'p1' }, job())).rejects.toMatchObject({ code: 'concurrent-change' });
  expect(await queued()).toBe(0);
});

test('with what is created, with what is updated, and alone', async () => {
  await write({ kind: 'create', resource: patient('p2') }, job());
  expect(await queued()).toBe(1);
  await write({ kind: 'update', resource: patient('p1') }, job(), job());
  expect(await queued()).toBe(3);
  await write(job());
  expect(await queued()).toBe(4);
});

test('one of a key waits at most', async () => {
  const before = await queued();
  await write(job({ key: 'once' }));
  await write({ kind: 'create', resource: patient('p3') }, job({ key: 'once' }));
  expect(await queued()).toBe(before + 1);
});
