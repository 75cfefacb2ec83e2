/** The record of a prior authorization changes with its decisions alone: no interaction of FHIR REST rewrites or removes it. */
import type { ClaimResponse, OperationOutcome, Resource, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { whole } from './made-instances.ts';
import { actionOf, certification, decide, decision, denial, pendingRequest, request, submitted, tableCounts } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

type Stored = Resource & { id: string };

const codesOf = (answer: TestAnswer): unknown => [answer.status, (answer.json as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code];
const held = [409, 'held-by-authorization'];
const operationOnly = [422, 'decision-by-operation-only'];
const transaction = (...entry: unknown[]): Promise<TestAnswer> => send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry });
const read = async <T extends Stored>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;

/** A pended authorization, and every resource that is its record, by `Type/id`. */
async function pended(): Promise<{ claim: string; claimResponse: string; record: Stored[] }> {
  const { claim } = await submitted(house, pendingRequest(house));
  const { rows } = await house.sql.query<{ content: string }>(
    'select r.content from resource r join prior_authorization a on a.id = r.authorization_id where a.claim = $1 order by r.type, r.id', [claim]);
  const record = rows.map((row) => JSON.parse(row.content) as Stored);
  return { claim, claimResponse: record.find((resource) => resource.resourceType === 'ClaimResponse')!.id, record };
}

const actions = async (id: string): Promise<unknown[]> => (await read<ClaimResponse & Stored>(`ClaimResponse/${id}`)).item!.map((item) => actionOf(item.adjudication));

/** A4 replaced by A3: what a clinical denial looks like. */
const denied = <T>(resource: T): T => JSON.parse(JSON.stringify(resource).replaceAll('"A4"', '"A3"')) as T;

test('the record of an authorization is its Claim, ClaimResponse, ExplanationOfBenefit, Tasks, CommunicationRequests and Provenance', async () => {
  const { record, claim } = await pended();
  expect(record.map((resource) => resource.resourceType).toSorted()).toEqual(['Claim', 'ClaimResponse', 'CommunicationRequest', 'ExplanationOfBenefit', 'Provenance', 'Task', 'Task']);
  expect(record).toContainEqual(expect.objectContaining({ resourceType: 'Claim', id: claim }));
  expect(record).toContainEqual(expect.objectContaining({ resourceType: 'Task', code: expect.objectContaining({ text: 'Review a prior authorization' }) as unknown }));
});

describe('refused, and nothing is changed', () => {
  test('a member is not deleted while authorizations are his: by id, by criteria, in a transaction', async () => {
    const { claim } = await pended();
    const member = (await read<Stored & { patient: { reference: string } }>(`Claim/${claim}`)).patient.reference;
    const id = member.replace('Patient/', '');
    const isOf = [409, 'member-of-authorization'];
    expect(codesOf(await send('DELETE', `${house.fhir}/${member}`))).toEqual(isOf);
    expect(codesOf(await send('DELETE', `${house.fhir}/Patient?_id=${id}`))).toEqual(isOf);
    expect(codesOf(await transaction({ request: { method: 'DELETE', url: member } }))).toEqual(isOf);
    expect((await send('GET', `${house.fhir}/${member}`)).status).toBe(200);
    const other = (await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient' })).json as Stored;
    expect((await send('DELETE', `${house.fhir}/Patient/${other.id}`)).status).toBe(204);
  });

  test('a denial by PUT, POST or transaction', async () => {
    const { claimResponse, record } = await pended();
    const before = await tableCounts(house.sql);
    const forged = denied(await read<ClaimResponse & Stored>(`ClaimResponse/${claimResponse}`));
    expect(forged.item!.map((item) => actionOf(item.adjudication))).toEqual(['A3']);
    expect(codesOf(await send('PUT', `${house.fhir}/ClaimResponse/${claimResponse}`, forged))).toEqual(operationOnly);
    expect(codesOf(await send('PUT', `${house.fhir}/ClaimResponse/${claimResponse}`, forged, { 'if-match': 'W/"1"' }))).toEqual(operationOnly);
    expect(codesOf(await send('PUT', `${house.fhir}/ClaimResponse/of-my-own`, { ...forged, id: 'of-my-own' }))).toEqual(operationOnly);
    const { id: _id, ...fresh } = forged;
    expect(codesOf(await send('POST', `${house.fhir}/ClaimResponse`, fresh))).toEqual(operationOnly);
    const { use: _use, ...silent } = fresh;
    expect(codesOf(await send('POST', `${house.fhir}/ClaimResponse`, silent))).toEqual(operationOnly);
    for (const entry of [
      { resource: fresh, request: { method: 'POST', url: 'ClaimResponse' } },
      { resource: silent, request: { method: 'POST', url: '/ClaimResponse' } },
      { resource: forged, request: { method: 'PUT', url: `ClaimResponse/${claimResponse}` } },
    ]) {
      const answer = await transaction({ resource: { resourceType: 'Basic', code: { text: 'allowed' } }, request: { method: 'POST', url: 'Basic' } }, entry);
      expect(codesOf(answer)).toEqual(operationOnly);
      expect((answer.json as OperationOutcome).issue[0]!.expression).toEqual(['Bundle.entry[1].resource.use']);
    }
    // Called something else, it is not the record's any less.
    expect(codesOf(await send('PUT', `${house.fhir}/ClaimResponse/${claimResponse}`, { ...forged, use: 'claim' }))).toEqual(held);
    expect(codesOf(await transaction({ resource: { ...forged, use: 'claim' }, request: { method: 'PUT', url: `ClaimResponse/${claimResponse}` } }))).toEqual(held);
    expect(await actions(claimResponse)).toEqual(['A4']);
    for (const resource of record) expect(await read(`${resource.resourceType}/${resource.id}`)).toEqual(resource);
    expect(await tableCounts(house.sql)).toEqual(before);
  });

  test.each(['alone', 'in a transaction', 'in a transaction, after what is allowed'] as const)('an update or a deletion of each, %s', async (way) => {
    const { record } = await pended();
    const before = await tableCounts(house.sql);
    for (const resource of record) {
      const address = `${resource.resourceType}/${resource.id}`;
      // Not a preauthorization any more, and no longer marked as it was: what the client writes into it does not matter,
      // unless it is a provider's answer to the Task that asks him (test/prior-authorization/answer-task.test.ts).
      const { meta: _meta, ...changed } = { ...resource, language: 'de', ...(resource.resourceType === 'ClaimResponse' && { use: 'claim' }), ...(resource.resourceType === 'Task' && { status: 'cancelled' }) };
      const answers = way === 'alone'
        ? [await send('DELETE', `${house.fhir}/${address}`), await send('DELETE', `${house.fhir}/${address}`, undefined, { 'if-match': 'W/"1"' }), await send('PUT', `${house.fhir}/${address}`, changed), await send('PUT', `${house.fhir}/${address}`, changed, { 'if-match': 'W/"1"' })]
        : await Promise.all([{ request: { method: 'DELETE', url: address } }, { resource: changed, request: { method: 'PUT', url: address } }].map((entry) => way === 'in a transaction'
          ? transaction(entry)
          : transaction({ resource: { resourceType: 'Basic', code: { text: 'allowed' } }, request: { method: 'POST', url: 'Basic' } }, { resource: { resourceType: 'Patient', id: 'free' }, request: { method: 'PUT', url: 'Patient/free' } }, entry)));
      for (const answer of answers) expect([address, codesOf(answer)]).toEqual([address, held]);
      expect(await read(address)).toEqual(resource);
    }
    expect(await tableCounts(house.sql)).toEqual(before);
  });

  test('what a later decision adds is held as well', async () => {
    const { claim } = await pended();
    expect((await decide(house, claim, decision({ action: 'pend', text: 'A sleep study is needed.', more: [{ name: 'information', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '28633-6' }], text: 'Sleep study' } }] }))).status).toBe(200);
    const { rows } = await house.sql.query<{ type: string; id: string; deleted: boolean }>(
      `select r.content::jsonb ->> 'resourceType' as type, r.id from resource r join prior_authorization a on a.id = r.authorization_id where a.claim = $1`, [claim]);
    expect(rows.filter((row) => row.type === 'Provenance')).toHaveLength(2);
    for (const row of rows) expect([row.type, codesOf(await send('DELETE', `${house.fhir}/${row.type}/${row.id}`))]).toEqual([row.type, held]);
  });

  test('beside a decision at the same moment', async () => {
    const { claim, claimResponse, record } = await pended();
    const task = record.find((resource): resource is Task & Stored => resource.resourceType === 'Task' && resource.code?.text === 'Review a prior authorization')!;
    const attempts = record.flatMap((resource) => [
      send('DELETE', `${house.fhir}/${resource.resourceType}/${resource.id}`),
      transaction({ request: { method: 'DELETE', url: `${resource.resourceType}/${resource.id}` } }),
    ]);
    const [decided, ...refused] = await Promise.all([decide(house, claim, decision(denial)), ...attempts]);
    expect(decided.status).toBe(200);
    expect(refused.map(codesOf)).toEqual(attempts.map(() => held));
    expect(await actions(claimResponse)).toEqual(['A3']);
    expect((await read<Task & Stored>(`Task/${task.id}`)).status).toBe('completed');
  });
});

describe('still possible', () => {
  test.each([['certify', certification, 'A1'], ['deny', denial, 'A3']] as const)('$decide: %s, which changes ClaimResponse and Task', async (_, what, action) => {
    const { claim, claimResponse, record } = await pended();
    expect(codesOf(await send('DELETE', `${house.fhir}/ClaimResponse/${claimResponse}`))).toEqual(held);
    expect((await decide(house, claim, decision(what))).status).toBe(200);
    expect(await actions(claimResponse)).toEqual([action]);
    expect((await read(`ClaimResponse/${claimResponse}`)).meta!.versionId).toBe('2');
    for (const task of record.filter((resource) => resource.resourceType === 'Task')) {
      expect((await read<Task & Stored>(`Task/${task.id}`)).status).toMatch(/completed|cancelled/);
    }
    // Once decided, it is as little the client's.
    for (const resource of record) expect(codesOf(await send('DELETE', `${house.fhir}/${resource.resourceType}/${resource.id}`))).toEqual(held);
  });

  test('evidence and providers that came with a request are not held', async () => {
    const { claim } = await submitted(house, request(house));
    const { rows } = await house.sql.query<{ type: string }>(
      `select distinct r.content::jsonb ->> 'resourceType' as type from resource r where r.authorization_id = (select id from prior_authorization where claim = $1) order by 1`, [claim]);
    expect(rows.map((row) => row.type)).toEqual(['Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Provenance']);
    const { rows: others } = await house.sql.query<{ count: number }>(`select count(*)::integer as count from resource where authorization_id is not null and content::jsonb ->> 'resourceType' not in ('Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Task', 'CommunicationRequest', 'Provenance')`);
    expect(others[0]!.count).toBe(0);
  });

  test.each([
    { resourceType: 'Claim', use: 'preauthorization', status: 'active' }, { resourceType: 'Task', status: 'requested', intent: 'order' }, { resourceType: 'CommunicationRequest', status: 'active' },
    { resourceType: 'Provenance', recorded: '2026-03-02T09:00:00Z' }, { resourceType: 'ClaimResponse', use: 'claim' }, { resourceType: 'ClaimResponse', use: 'predetermination' },
  ].map(whole))('a resource of the client: $resourceType $use', async (resource) => {
    const created = await send('POST', `${house.fhir}/${resource.resourceType}`, resource);
    expect(created.status).toBe(201);
    const { id } = created.json as Stored;
    expect((await send('PUT', `${house.fhir}/${resource.resourceType}/${id}`, { ...resource, id, language: 'de' })).status).toBe(200);
    expect((await send('DELETE', `${house.fhir}/${resource.resourceType}/${id}`)).status).toBe(204);
  });
});
