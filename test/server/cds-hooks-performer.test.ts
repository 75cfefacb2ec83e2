/** Who performs an order is a fact for rules: as the order, the hook or its Task says, in CRD and in DTR alike. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Reference, Resource } from '@medplum/fhirtypes';
import { knownCoverage } from '../../operations/documentation/coverage.ts';
import { guidanceOn } from '../../operations/documentation/guidance.ts';
import { questionOf } from '../../operations/documentation/order-question.ts';
import { serverContext } from '../../server/publish-definitions.ts';
import { bundle, call, chartOf, firstSaidIn, hcpcs, order, orderSign, type Json } from '../support/cds-calls.ts';
import { openHouse, type TestHouse } from '../support/house.ts';

const folder = mkdtempSync(join(tmpdir(), 'priora-packs-'));
writeFileSync(join(folder, 'network.yaml'), `
schemaVersion: 1
plan: DEMO-GOLD
pack: network
version: '1'
title: A network
effective: { from: '2000-01-01' }
administrative:
  - id: in-network
    title: Suppliers of the network
    category: no-authorization-needed
    when:
      all:
        - { fact: service, in: [{ system: '${hcpcs}', codes: [E1390] }] }
        - { fact: performer, in: [{ system: 'http://hl7.org/fhir/sid/us-npi', codes: ['1111111112'] }] }
    then: { effect: certify, reason: { text: In the network. } }
clinical: []
`);
let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_POLICIES_DIR: folder } }); });
afterAll(async () => { await house.close(); rmSync(folder, { recursive: true, force: true }); });

const member = 'demo-daniel-reyes';
const supplier = (id: string, npi: string): Resource & { id: string } => ({ resourceType: 'Organization', id, active: true, name: id, identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: npi }] });
const suppliers = [supplier('near', '1111111112'), supplier('far', '2222222228')];
const by = (...performers: string[]): Resource & { id: string } => ({ ...order(), ...(performers.length > 0 && { performer: performers.map((id): Reference => ({ reference: `Organization/${id}` })) }) } as Resource & { id: string });

async function signed(ordered: Resource): Promise<unknown> {
  return firstSaidIn(await call(house, 'order-sign-crd', orderSign(member, [ordered], suppliers)))['pa-needed'];
}

async function dispatched(ordered: Resource, context: Json): Promise<unknown> {
  const { patient, coverage, requester } = chartOf(member);
  return firstSaidIn(await call(house, 'order-dispatch-crd', {
    hook: 'order-dispatch', hookInstance: randomUUID(), context: { patientId: 'p', dispatchedOrders: ['ServiceRequest/o1'], ...context },
    prefetch: { patient, coverage: bundle(coverage), organizations: bundle(requester, ...suppliers), serviceRequests: bundle(ordered) },
  }))['pa-needed'];
}

async function documented(ordered: Resource): Promise<unknown> {
  const context = serverContext(house.server.house, 'documentation');
  const known = await knownCoverage(house.server.house.database, { resourceType: 'Coverage', status: 'active', subscriberId: 'PD1000002', beneficiary: { reference: 'Patient/p' }, payor: [{ display: 'Demo' }] }, context);
  return (await guidanceOn(house.server.house.database, questionOf(ordered, suppliers, undefined)!, known, house.server.house.policies, context)).map(({ answer }) => answer.paNeeded);
}

test.each<[string, string[], string]>([
  ['nobody', [], 'auth-needed'],
  ['one of another network', ['far'], 'auth-needed'],
  ['one of the network', ['near'], 'no-auth'],
  ['either of two, one of another network', ['near', 'far'], 'auth-needed'],
])('an order that names %s, signed and documented', async (_, performers, needed) => {
  expect(await signed(by(...performers))).toEqual([needed]);
  expect(await documented(by(...performers))).toEqual([needed]);
});

test('who the order is given to counts more than whom it names', async () => {
  expect(await dispatched(by('near'), { performer: 'Organization/far' })).toEqual(['auth-needed']);
  expect(await dispatched(by('far'), { performer: 'Organization/near' })).toEqual(['no-auth']);
  expect(await dispatched(by(), { performer: 'Organization/nobody' })).toEqual(['auth-needed']);
});

test('the owner of the order\'s Task counts before that; Tasks of other orders and what is none say nothing', async () => {
  const task = (id: string, owner: string, focus = 'ServiceRequest/o1'): Resource & { id: string } => ({ resourceType: 'Task', id, status: 'requested', intent: 'order', focus: { reference: focus }, owner: { reference: `Organization/${owner}` } });
  expect(await dispatched(by(), { performer: 'Organization/far', fulfillmentTasks: bundle(task('t1', 'near')) })).toEqual(['no-auth']);
  expect(await dispatched(by(), { performer: 'Organization/near', fulfillmentTasks: bundle(task('t1', 'far')) })).toEqual(['auth-needed']);
  expect(await dispatched(by(), { performer: 'Organization/near', fulfillmentTasks: bundle(task('t1', 'far', 'ServiceRequest/o2')) })).toEqual(['no-auth']);
  for (const fulfillmentTasks of [{ resourceType: 'Bundle', type: 'collection' }, 'tasks', { resourceType: 'Bundle', type: 'collection', entry: [{}] }]) expect(await dispatched(by(), { performer: 'Organization/near', fulfillmentTasks })).toEqual(['no-auth']);
});
