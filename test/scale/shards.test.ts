/** Where rows live: all that is a patient's is in one shard, which follows from the patient's id; what belongs to a row is where the row is. */
import { shardOf } from '../../store/shard.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { decide, decision, certification, pendingRequest, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

test('every row of a member is in the shard of the member, whatever wrote it and whoever chose its id', async () => {
  const { claim } = await submitted(house, pendingRequest(house));
  expect((await decide(house, claim, decision(certification))).status).toBe(200);
  const about = { reference: 'Patient/chosen-by-client' };
  const entry = [
    { resource: { resourceType: 'Patient', id: 'chosen-by-client', name: [{ family: 'Shard', given: ['Sam'] }] }, request: { method: 'PUT', url: 'Patient/chosen-by-client' } },
    { resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: about, valueQuantity: { value: 1 }, issued: '2026-01-01T00:00:00Z' }, request: { method: 'POST', url: 'Observation' } },
    { resource: { resourceType: 'Condition', id: 'chosen-too', subject: about, recordedDate: '2026-01-01' }, request: { method: 'PUT', url: 'Condition/chosen-too' } },
  ];
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
  expect((await send('PUT', `${house.fhir}/Condition/chosen-too`, { resourceType: 'Condition', id: 'chosen-too', subject: about, recordedDate: '2026-01-02' })).status).toBe(200);

  const { rows: resources } = await house.sql.query<{ tenant: number; id: string; shard: number; patient: string | null }>('select tenant, id, shard, patient from resource');
  expect(resources.length).toBeGreaterThan(20);
  for (const { tenant, id, shard, patient } of resources) expect([id, shard]).toEqual([id, shardOf(tenant, patient ?? id)]);
  const { rows: members } = await house.sql.query<{ tenant: number; member: string; shard: number }>(`select tenant, member, shard from prior_authorization union select tenant, member, shard from prior_authorization_member`);
  expect(members.length).toBeGreaterThan(0);
  for (const { tenant, member, shard } of members) expect(shard).toBe(shardOf(tenant, member));
});

test.each(['index_date', 'index_string', 'index_number', 'index_narrative', 'resource_history', 'outbox', 'resource_object'])('rows of %s are where their resource is', async (table) => {
  const { rows } = await house.sql.query(`select x.id from ${table} x join resource r on r.tenant = x.tenant and r.type = x.type and r.id = x.id where x.shard <> r.shard`);
  expect(rows).toEqual([]);
});

test.each(['prior_authorization_item', 'prior_authorization_request', 'prior_authorization_event'])('rows of %s are where their authorization is', async (table) => {
  const { rows } = await house.sql.query(`select x.authorization_id from ${table} x left join prior_authorization p on p.tenant = x.tenant and p.shard = x.shard and p.id = x.authorization_id where p.id is null`);
  expect(rows).toEqual([]);
  expect((await house.sql.query(`select from ${table}`)).rowCount).toBeGreaterThan(0);
});
