/** The showcase is the demo's, and the demo is the tenant's without a name: another payer's plan of that name is a plan like any other. */
import { demoCoverage, demoMembers, demoPatient, demoPayer } from '../../server/demo/records.ts';
import type { Bundle, Parameters } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, claimResponseOf } from '../support/pas-requests.ts';
import { fullRequest } from '../support/pas-full-request.ts';

let house: TestHouse;
let acme: string;
beforeAll(async () => {
  house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'acme' } });
  acme = `${house.origin}/tenant/acme/fhir`;
  const sam = demoMembers.find(({ plan }) => plan === 'DEMO-SHOWCASE')!;
  for (const resource of [demoPayer, demoPatient(sam), demoCoverage(sam)]) expect((await send('PUT', `${acme}/${resource.resourceType}/${resource.id}`, resource)).status).toBe(201);
});
afterAll(async () => { await house.close(); });

let runs = 0;
const submit = async (base: string, services: readonly string[]): Promise<Bundle> => {
  const answer = await send('POST', `${base}/Claim/$submit`, fullRequest({
    run: `S${(++runs).toString(16).padStart(7, '0')}A`, at: house.clock.now.toISOString(), asks: 'organization', services,
    member: { number: 'PD1000005', family: 'Tester', given: 'Sam', birthDate: '1980-01-01' },
  }));
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json as Bundle;
};
const jobs = async (): Promise<number> => (await house.sql.query<{ count: number }>(`select count(*)::int as count from graphile_worker.jobs where task_identifier = 'decide_showcase'`)).rows[0]!.count;
const played = async (): Promise<string[]> => (await house.sql.query<{ name: string }>(`select t.name from prior_authorization_event e join tenant t on t.id = e.tenant where e.author like '%showcase%'`)).rows.map(({ name }) => name);

test('another tenant: nothing is modified, nothing is put in the queue for a reviewer, the Claim is not hidden', async () => {
  const answer = await submit(acme, ['E0601', 'E1390', 'B4150', 'A9999']);
  expect(Object.values(actionsOf(answer))).not.toContain('A6');
  expect(claimResponseOf(answer).request?.reference).toEqual(expect.any(String));
  expect([await jobs(), await played()]).toEqual([0, []]);
});

test("the demo's own tenant: all of it", async () => {
  const answer = await submit(house.fhir, ['E0601', 'E1390', 'B4150', 'A9999']);
  expect(actionsOf(answer)).toMatchObject({ 1: 'A6' });
  expect(claimResponseOf(answer).request?.reference).toBeUndefined();
  expect([await jobs(), await played()]).toEqual([1, ['default']]);
});

test('the form that is asked for can be had, by the number of the request for it', async () => {
  const answer = await submit(house.fhir, ['E0470']);
  const context = answer.entry!.flatMap(({ resource }) => resource?.resourceType === 'Task' ? resource.input ?? [] : []).find(({ type }) => type.coding?.[0]?.code === 'questionnaire-context')!.valueString!;
  const coverage = answer.entry!.flatMap(({ resource }) => resource?.resourceType === 'Coverage' ? [resource] : [])[0] ?? demoCoverage(demoMembers.find(({ plan }) => plan === 'DEMO-SHOWCASE')!);
  const { status, json } = await send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [{ name: 'coverage', resource: coverage }, { name: 'context', valueString: context }] });
  expect(status).toBe(200);
  expect((json as Parameters).parameter!.map(({ resource }) => (resource as Bundle).entry?.[0]?.resource?.resourceType)).toEqual(['Questionnaire']);
});
