/** A call of a CDS service that is large on purpose: it ends with its budget, and nobody else waits for it. */
import { call, order, orderSign } from '../support/cds-calls.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, startAt: '2025-12-20T09:00:00.000Z', environment: { PRIORA_CDS_BUDGET: '200' } }); });
afterAll(async () => { await house.close(); });

const billing = 'http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options';
const x12 = 'https://codesystem.x12.org/005010/1365';

function large(): ReturnType<typeof orderSign> {
  const orders = Array.from({ length: 50 }, (_, index) => {
    const each = order({ system: x12, code: '3', place: '11', date: '2026-01-10' }) as unknown as { id: string; code: { extension?: unknown[] } };
    each.id = `o${index}`;
    each.code.extension = Array.from({ length: 100 }, (__, option) => ({ url: billing, valueCodeableConcept: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: `9${String(option).padStart(4, '0')}` }] } }));
    return each;
  });
  const asked = orderSign('demo-amara-okafor', orders as never) as { prefetch?: Record<string, unknown> };
  asked.prefetch = { ...asked.prefetch, observations: { resourceType: 'Bundle', type: 'collection', entry: Array.from({ length: 1500 }, (_, index) => ({ resource: { resourceType: 'Observation', id: `ob${index}`, status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '2708-6' }] }, subject: { reference: 'Patient/okafor' }, valueQuantity: { value: 90 } } })) } };
  return asked as never;
}

test('crd-found-2: others are answered while it is worked on, and it ends with "technical"', async () => {
  const asked = call(house, 'order-sign-crd', large());
  let others = 0;
  const progress = { isDone: false };
  const done = asked.then((answer) => { progress.isDone = true; return answer; });
  while (!progress.isDone) {
    expect((await send('GET', `${house.origin}/readyz`)).status).toBe(200);
    others += 1;
  }
  const answer = await done;
  expect(JSON.stringify(answer)).toContain('technical');
  expect(others).toBeGreaterThan(3);
}, 60_000);
