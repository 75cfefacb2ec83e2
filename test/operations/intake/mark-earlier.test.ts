/** Records that messages made before it was noted whose word they are: which of them are marked, by the ledger, and which cannot be told. */
import type { Patient, Resource } from '@medplum/fhirtypes';
import { markEarlier } from '../../../operations/intake/mark-earlier.ts';
import { takeMessages } from '../../../operations/intake/take-messages.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import type { Context } from '../../../store/context.ts';
import { listMessages } from '../../../store/inbox.ts';
import { commit } from '../../../store/write/commit.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { letterRail, letters } from './letters.ts';

let house: TestHouse;
let message: { id: string; shard: number };
let enrollment: { id: string; shard: number };
const context = (): Context => serverContext(house.server.house, 'test');

async function messageOf(id: string): Promise<{ id: string; shard: number }> {
  const { landed } = await takeMessages(house.server.house.intake, letterRail(), { sender: 'post', mediaType: 'text/plain', body: Buffer.from(letters({ id, record: id, family: 'Quist', given: id, birthDate: '1970-01-02' })) }, context());
  const [found] = await listMessages(house.server.house.database, { landing: landed.id, limit: 1 }, context());
  return { id: found!.id, shard: found!.shard };
}

beforeAll(async () => {
  house = await openHouse();
  [message, enrollment] = [await messageOf('note'), await messageOf('enrollment')];
  await house.sql.query(`update inbox_message set kind = '834 005010X220A1', author = 'ZZ PLAN' where id = $1`, [enrollment.id]);
});
afterAll(async () => { await house.close(); });

/** A version as a release before made it: by the message, without a mark. */
async function told(resource: Resource & { id: string }, by: { id: string; shard: number }, version: number): Promise<void> {
  await commit(house.server.house.database, [{ kind: 'update', resource, ifMatch: version === 1 ? 'absent' : version - 1, ledger: { message: by, entries: 'active\tPID-1\tr' } }], context());
}
const patient = (id: string, active = true): Patient & { id: string } => ({ resourceType: 'Patient', id, active, meta: { source: 'urn:uuid:019cadc6-9a80-7b7b-8acc-0974bd8f9222' } });
const isMarked = async (name: string): Promise<boolean> => {
  const found = (await send('GET', `${house.fhir}/${name.replace('/', '?_id=')}&_tag=https://priora.health/fhir/CodeSystem/origin|submitted`)).json as { total: number };
  return found.total === 1;
};
const isEnrollment = ({ kind }: { kind: string }): boolean => kind.startsWith('834');
const mark = (): ReturnType<typeof markEarlier> => markEarlier(house.server.house.database, isEnrollment, context());

test('what the plan has written or taken for its own is not marked; what messages alone made is, once', async () => {
  await told(patient('of-message'), message, 1);
  await told(patient('of-message', false), message, 2);
  await told({ resourceType: 'Coverage', id: 'of-message', status: 'active', beneficiary: { reference: 'Patient/of-message' }, payor: [{ display: 'Plan' }] }, message, 1);
  await told({ resourceType: 'Encounter', id: 'of-message', status: 'finished', class: { code: 'AMB' } }, message, 1);
  await told(patient('of-enrollment'), enrollment, 1);
  await told(patient('enrolled-later'), message, 1);
  await told(patient('enrolled-later', false), enrollment, 2);
  await told(patient('written-to'), message, 1);
  expect((await send('PUT', `${house.fhir}/Patient/written-to`, patient('written-to', false))).status).toBe(200);
  await send('PUT', `${house.fhir}/Patient/of-plan`, patient('of-plan'));
  await told(patient('gone'), message, 1);
  await send('DELETE', `${house.fhir}/Patient/gone`);
  expect(await mark()).toEqual({ marked: 2, untold: 1 });
  const names = ['Patient/of-message', 'Coverage/of-message', 'Encounter/of-message', 'Patient/of-enrollment', 'Patient/enrolled-later', 'Patient/written-to', 'Patient/of-plan'];
  expect(await Promise.all(names.map(isMarked))).toEqual([true, true, false, false, false, false, false]);
  const marked = (await send('GET', `${house.fhir}/Patient/of-message`)).json as Patient;
  expect([marked.active, marked.meta?.versionId, marked.meta?.source]).toEqual([false, '3', 'urn:uuid:019cadc6-9a80-7b7b-8acc-0974bd8f9222']);
  expect(await mark()).toEqual({ marked: 0, untold: 1 });
});

test('records of another tenant are none of it', async () => {
  const other = { ...context(), tenant: { id: 99, name: 'other' }, access: { tenant: 99 } };
  expect(await markEarlier(house.server.house.database, () => false, other)).toEqual({ marked: 0, untold: 0 });
});

test('more than are looked at together', async () => {
  for (let index = 0; index < 205; index += 1) await told(patient(`many-${index}`), message, 1);
  expect((await mark()).marked).toBe(205);
});

test('the job does it, by who may enroll, and is done then', async () => {
  await told(patient('by-job'), message, 1);
  await house.sql.query(`insert into upgrade_work (name) values ('mark_submitted')`);
  await house.sql.query(`select graphile_worker.add_job('mark_submitted', '{}')`);
  while ((await house.sql.query('select from upgrade_work')).rowCount !== 0) await new Promise((resolve) => { setImmediate(resolve); });
  expect([await isMarked('Patient/by-job'), await isMarked('Patient/of-enrollment')]).toEqual([true, false]);
});
