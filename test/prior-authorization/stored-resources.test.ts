/** What becomes of a submitted Bundle in the store, and what a sender cannot make of it. */
import type { Bundle, Claim, ClaimResponse, Coverage, Observation, Organization, Patient, Resource } from '@medplum/fhirtypes';
import { startServer } from '../../server/main.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import {
  actionsOf, certification, claimOf, claimResponseOf, decide, decision, inquire, pendingRequest, request, resourceOf, returnedBundles, submit, submitted, tableCounts,
} from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const base = 'https://clinic.example/fhir';
const read = async <T extends Resource>(reference: string): Promise<T> => (await send('GET', `${house.fhir}/${reference}`)).json as T;
const search = async (query: string): Promise<Resource[]> => (((await send('GET', `${house.fhir}/${query}`)).json as Bundle).entry ?? []).map((entry) => entry.resource!);
const add = (bundle: Bundle, resource: Resource, fullUrl = `${base}/${resource.resourceType}/${resource.id}`): Bundle => {
  bundle.entry!.push({ fullUrl, resource });
  return bundle;
};

describe('what a sender cannot do', () => {
  test('make a Patient or a Coverage, or change one, whatever ids it gives', async () => {
    const before = { patient: await read('Patient/demo-jesse-smith'), coverage: await read('Coverage/demo-jesse-smith-coverage'), payer: await read('Organization/demo-payer') };
    const counts = async (): Promise<number[]> => [(await search('Patient?_count=100')).length, (await search('Coverage?_count=100')).length];
    const rows = await counts();
    const bundle = request(house, { member: 'demo-jesse-smith' });
    Object.assign(resourceOf(bundle, 'Patient'), { id: 'demo-jesse-smith', telecom: [{ system: 'phone', value: '555-0199' }] });
    Object.assign(resourceOf(bundle, 'Coverage'), { id: 'demo-jesse-smith-coverage' });
    Object.assign(bundle.entry![2]!.resource!, { id: 'demo-payer', name: 'Another name' });
    expect((await submit(house, bundle)).status).toBe(200);
    expect(await counts()).toEqual(rows);
    expect({ patient: await read('Patient/demo-jesse-smith'), coverage: await read('Coverage/demo-jesse-smith-coverage'), payer: await read('Organization/demo-payer') }).toEqual(before);
  });

  test('give itself coverage: what it says of plan, status and period counts for nothing', async () => {
    const bundle = request(house, { member: 'demo-victor-lindqvist' });
    Object.assign(resourceOf(bundle, 'Coverage'), {
      status: 'active', period: { start: '2020-01-01', end: '2030-12-31' },
      class: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'plan' }] }, value: 'DEMO-GOLD' }],
    } satisfies Partial<Coverage>);
    const { response } = await submitted(house, bundle);
    expect(actionsOf(response)).toEqual({ 1: 'A3' });
    expect(JSON.stringify(claimResponseOf(response).processNote)).toContain('coverage');
  });

  test('borrow the coverage of somebody else', async () => {
    const bundle = request(house, { member: 'demo-victor-lindqvist' });
    const coverage = resourceOf(bundle, 'Coverage');
    coverage.identifier![0]!.value = 'PD1000001';
    coverage.subscriberId = 'PD1000001';
    expect(claimResponseOf((await submit(house, bundle)).json as Bundle).error?.[0]?.code.coding?.[0]?.code).toBe('73');
  });

  test('become a payer of this server by sending one', async () => {
    const insurer: Organization & { id: string } = {
      resourceType: 'Organization', id: 'own-payer', active: true, name: 'Own payer', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1888888884' }],
      type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'pay' }] }],
    };
    expect((await submit(house, add(request(house), insurer))).status).toBe(200);
    const next = request(house);
    (next.entry![2]!.resource as Organization).identifier = structuredClone(insurer.identifier!);
    expect(claimResponseOf((await submit(house, next)).json as Bundle).error?.[0]?.code.coding?.[0]?.code).toBe('79');
  });

  test('forge a decision, a task, a provenance, another Claim, a definition', async () => {
    const count = async (): Promise<Record<string, number>> => Object.fromEntries(await Promise.all(['ClaimResponse', 'Task', 'Provenance', 'Claim', 'OperationDefinition', 'AuditEvent', 'Subscription', 'List'].map(async (type) => [type, (await search(`${type}?_count=500`)).length] as const)));
    const before = await count();
    const bundle = request(house, { member: 'demo-jesse-smith' });
    const patient = { reference: `${base}/Patient/demo-jesse-smith` };
    add(bundle, { resourceType: 'ClaimResponse', id: 'forged', status: 'active', type: claimOf(bundle).type, use: 'preauthorization', patient, created: '2026-03-02', insurer: { display: 'x' }, outcome: 'complete', preAuthRef: 'A000000000' });
    add(bundle, { resourceType: 'Task', id: 'forged', status: 'completed', intent: 'order' });
    add(bundle, { resourceType: 'Provenance', id: 'forged', target: [patient], recorded: '2026-03-02T00:00:00Z', agent: [{ who: { display: 'x' } }] });
    add(bundle, { ...structuredClone(claimOf(bundle)), id: 'forged' });
    add(bundle, { resourceType: 'OperationDefinition', id: 'Claim-decide', name: 'x', status: 'active', kind: 'operation', code: 'decide', system: false, type: false, instance: true });
    expect((await submit(house, bundle)).status).toBe(200);
    expect(await count()).toEqual({ ...before, ClaimResponse: before['ClaimResponse']! + 1, Provenance: before['Provenance']! + 1, Claim: before['Claim']! + 1 });
    expect((await send('GET', `${house.fhir}/ClaimResponse/forged`)).status).toBe(404);
  });

  test.each([
    ['by a relative reference', 'Patient/demo-mary-smith'], ['by one that climbs', '/Patient/demo-mary-smith'], ['by a reference with a version', 'Patient/demo-mary-smith/_history/1'],
  ])('write into another member\'s record %s', async (_, reference) => {
    const bundle = request(house, { member: 'demo-jesse-smith' });
    add(bundle, { resourceType: 'Observation', id: 'planted', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] }, subject: { reference }, valueString: `planted ${reference}` });
    expect((await submit(house, bundle)).status).toBe(200);
    expect(await search('Observation?subject=Patient/demo-mary-smith')).toEqual([]);
    const { rows } = await house.sql.query<{ patient: string | null; content: string }>('select patient, content from resource where content like $1', [`%planted ${reference}%`]);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.patient).toBeNull();
    expect((JSON.parse(rows[0]!.content) as Observation).subject!.reference).toMatch(/^https:\/\/clinic\.example\/fhir\/\/?Patient\/demo-mary-smith/);
  });

  test('write into another member\'s record by sending a Patient of that id', async () => {
    const bundle = request(house, { member: 'demo-jesse-smith' });
    add(bundle, { resourceType: 'Patient', id: 'demo-mary-smith', name: [{ family: 'Smith' }] }, 'urn:uuid:6f1c2b3a-1111-4222-8333-444455556666');
    add(bundle, { resourceType: 'Condition', id: 'planted', code: { text: 'planted by Patient' }, subject: { reference: 'Patient/demo-mary-smith' } });
    expect((await submit(house, bundle)).status).toBe(200);
    expect(await search('Condition?subject=Patient/demo-mary-smith')).toEqual([]);
  });

  test('let the subscriber\'s evidence count as the patient\'s', async () => {
    const bundle = request(house, { member: 'demo-mary-smith' });
    add(bundle, { resourceType: 'Patient', id: 'parent', name: [{ family: 'Smith', given: ['Joe'] }] });
    resourceOf(bundle, 'Coverage').subscriber = { reference: `${base}/Patient/parent` };
    add(bundle, { resourceType: 'Observation', id: 'of-parent', status: 'final', code: { text: 'of the parent' }, subject: { reference: `${base}/Patient/parent` } });
    const { response } = await submitted(house, bundle);
    expect(actionsOf(response)).toEqual({ 1: 'A1' });
    expect(await search('Observation?subject=Patient/demo-mary-smith')).toEqual([]);
  });

  test('rename a provider that is known', async () => {
    await submitted(house, request(house));
    const bundle = request(house);
    (bundle.entry![1]!.resource as Organization).name = 'Renamed Clinic';
    await submitted(house, bundle);
    expect((await search('Organization?identifier=http://hl7.org/fhir/sid/us-npi|1999999984')).map((resource) => (resource as Organization).name)).toEqual(['Harbor Street Clinic']);
  });

  test('an inquiry for others: who did not ask, or names a provider only on a care team of its own, hears nothing', async () => {
    const bundle = pendingRequest(house);
    const { response } = await submitted(house, bundle);
    const other = structuredClone(bundle);
    (other.entry![1]!.resource as Organization).identifier![0]!.value = '1777777771';
    expect(returnedBundles(await inquire(house, other))).toEqual([]);
    add(other, { resourceType: 'Practitioner', id: 'named', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1999999984' }] });
    claimOf(other).careTeam = [{ sequence: 1, provider: { reference: `${base}/Practitioner/named` } }];
    expect(returnedBundles(await inquire(house, other))).toEqual([]);
    expect(returnedBundles(await inquire(house, bundle)).map((each) => each.entry![0]!.fullUrl)).toContain(response.entry![0]!.fullUrl);
  });
});

test('the stored Claim points to the plan\'s own records and to its evidence, and says where it came from', async () => {
  const bundle = pendingRequest(house);
  const { claim } = await submitted(house, bundle);
  const stored = await read<Claim>(`Claim/${claim}`);
  expect(stored).toMatchObject({
    patient: { reference: 'Patient/demo-daniel-reyes' }, insurer: { reference: 'Organization/demo-payer' }, insurance: [{ coverage: { reference: 'Coverage/demo-daniel-reyes-coverage' } }],
    identifier: claimOf(bundle).identifier, meta: { tag: [{ code: 'submitted' }] },
  });
  expect(stored.meta?.source).toMatch(/^urn:uuid:/);
  const evidence = await read<Observation>(stored.supportingInfo![0]!.valueReference!.reference!);
  expect(evidence).toMatchObject({ resourceType: 'Observation', subject: { reference: 'Patient/demo-daniel-reyes' }, valueQuantity: { value: 93 } });
  expect((await read<Organization>(stored.provider.reference!)).name).toBe('Harbor Street Clinic');
});

test('ClaimResponse, Task and Provenance are there over REST', async () => {
  const { claim, response } = await submitted(house, pendingRequest(house));
  const id = claimResponseOf(response).id!;
  expect(await read<ClaimResponse>(`ClaimResponse/${id}`)).toMatchObject({ request: { reference: `Claim/${claim}` }, patient: { reference: 'Patient/demo-daniel-reyes' }, outcome: 'complete' });
  expect(await search(`Task?focus=ClaimResponse/${id}`)).toMatchObject([{ reasonReference: { reference: `Claim/${claim}` }, for: { reference: 'Patient/demo-daniel-reyes' } }]);
  expect(await search(`Provenance?target=Claim/${claim}`)).toMatchObject([{ activity: { coding: [{ code: 'CREATE' }] } }]);
  expect((await search('ClaimResponse?patient=Patient/demo-daniel-reyes&_count=100')).map((resource) => resource.id)).toContain(id);
});

test('supporting documents of a wrong form hinder nobody and are left out of the record', async () => {
  const bundle = pendingRequest(house);
  add(bundle, { resourceType: 'Condition', id: 'odd', code: 'no concept', subject: { reference: `${base}/Patient/demo-daniel-reyes` } } as unknown as Resource);
  const answer = await submit(house, bundle);
  expect(answer.status).toBe(200);
  const { rows } = await house.sql.query(`select 1 from resource where content like '%no concept%'`);
  expect(rows).toEqual([]);
  const { rows: landed } = await house.sql.query<{ found: boolean }>(`select position('no concept' in convert_from(body, 'UTF8')) > 0 as found from landing where id = $1`, [answer.headers.get('priora-delivery')]);
  expect(landed[0]!.found).toBe(true);
});

test('a new server on the same database answers $inquire and takes decisions', async () => {
  const bundle = pendingRequest(house);
  const { claim, response } = await submitted(house, bundle);
  const second = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: house.databaseUrl, PRIORA_DEMO: '1', PRIORA_LOG_LEVEL: 'silent', PRIORA_DATABASE_CONNECTIONS: '2' }), { clock: { now: () => house.clock.now, monotonic: () => 0, random: (count) => crypto.getRandomValues(new Uint8Array(count)) } });
  try {
    const there = { ...house, fhir: `${second.address}/fhir` };
    const idOf = (each: Bundle): string => each.entry![0]!.resource!.id!;
    const mine = (bundles: readonly Bundle[]): Bundle => bundles.find((each) => idOf(each) === idOf(response))!;
    const inquired = mine(returnedBundles(await inquire(there, bundle)));
    expect(faultsOf(inquired, bundle, { inquiry: true })).toEqual([]);
    const counts = await tableCounts(house.sql);
    expect((await submit(there, JSON.stringify(bundle))).headers.get('priora-delivery-outcome')).toBe('repeated');
    expect(await tableCounts(house.sql)).toEqual(counts);
    expect((await decide(there, claim, decision(certification))).status).toBe(200);
    expect(actionsOf(mine(returnedBundles(await inquire(house, bundle))))).toEqual({ 1: 'A1' });
  } finally {
    await second.stop();
  }
});

test('member matched by the plan\'s Patient alone: a deactivated record is nobody', async () => {
  const known = await read<Patient>('Patient/demo-lena-fischer');
  await send('PUT', `${house.fhir}/Patient/demo-lena-fischer`, { ...known, active: false });
  expect(claimResponseOf((await submit(house, request(house, { member: 'demo-lena-fischer' }))).json as Bundle).error?.[0]?.code.coding?.[0]?.code).toBe('75');
  await send('PUT', `${house.fhir}/Patient/demo-lena-fischer`, known);
});
