/** What claims for payment have used of an authorization is told in its ExplanationOfBenefit, whichever way they come. */
import type { Bundle, Claim, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { bringUpToUse, memberOfRemoved } from '../../operations/prior-authorization/use/bring-up-to-use.ts';
import { unitsUsed, useJobs, usesAuthorization } from '../../operations/prior-authorization/use/claims-that-use.ts';
import { serverContext } from '../../server/publish-definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, claimOf, decide, decision, numberOf, pendingRequest, request, submit, submitted, withItems } from '../support/pas-requests.ts';
import { flag, setQuantity, update } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_JOBS: '0' } }); });
afterAll(async () => { await house.close(); });

const e1390 = { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] };

function payment(patient: string, number: string, units: number, id: string, change: Partial<Claim> = {}): Claim {
  return {
    resourceType: 'Claim', identifier: [{ system: 'https://clinic.example/claims', value: id }], status: 'active', use: 'claim', type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
    patient: { reference: patient }, created: '2026-03-02', provider: { display: 'Clinic' }, priority: { coding: [{ code: 'normal' }] },
    insurance: [{ sequence: 1, focal: true, coverage: { display: 'Coverage' }, preAuthRef: [number] }], item: [{ sequence: 1, productOrService: e1390, quantity: { value: units } }], ...change,
  };
}

const explanation = async (claim: string): Promise<ExplanationOfBenefit> => (await send('GET', `${house.fhir}/ExplanationOfBenefit?claim=Claim/${claim}`)).json.entry[0].resource as ExplanationOfBenefit;
const consumed = ({ item }: ExplanationOfBenefit): number | undefined => item![0]!.adjudication!.find(({ category }) => category.coding?.[0]?.code === 'consumedunits')?.value;
const waiting = async (): Promise<unknown[]> => (await house.sql.query(`select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'authorization_use'`)).rows;

async function certified(): Promise<{ asked: Bundle; claim: string; number: string; patient: string }> {
  const asked = pendingRequest(house);
  claimOf(asked).item![0]!.quantity = { value: 12, unit: 'months' };
  const { claim } = await submitted(house, asked);
  const { json } = await decide(house, claim, decision({ action: 'certify', text: 'The sleep study shows it.' }));
  return { asked, claim, number: numberOf(json)!, patient: (await explanation(claim)).patient.reference! };
}

/** What the job does, done now. */
const workOff = (patient: string): Promise<number> => bringUpToUse(house.server.house.database, patient.slice('Patient/'.length), serverContext(house.server.house, 'test'));

test('a claim for payment asks for the job, in the same commit; a request for authorization, or a claim without its number, does not', async () => {
  const { number, patient } = await certified();
  expect(await waiting()).toEqual([]);
  await send('POST', `${house.fhir}/Claim`, { ...payment(patient, number, 1, 'none'), insurance: [{ sequence: 1, focal: true, coverage: { display: 'Coverage' } }] });
  expect(await waiting()).toEqual([]);
  const refused = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: payment(patient, number, 1, 'rolled back'), request: { method: 'POST', url: 'Claim' } }, { resource: { resourceType: 'Patient', id: 'x' }, request: { method: 'PUT', url: 'Patient/y' } }] });
  expect([refused.status >= 400, await waiting()]).toEqual([true, []]);
  expect((await send('POST', `${house.fhir}/Claim`, payment(patient, number, 2, 'one'))).status).toBe(201);
  expect(await waiting()).toEqual([{ payload: { tenant: 1, member: patient.slice('Patient/'.length) } }]);
});

test('units are added up claim by claim, and told once', async () => {
  const { claim, number, patient } = await certified();
  await workOff(patient);
  expect(consumed(await explanation(claim))).toBeUndefined();
  await send('POST', `${house.fhir}/Claim`, payment(patient, number, 2, 'a'));
  await send('POST', `${house.fhir}/Claim`, payment(patient, number, 3, 'b'));
  await send('POST', `${house.fhir}/Claim`, payment(patient, number, 9, 'c', { status: 'cancelled' }));
  await send('POST', `${house.fhir}/Claim`, payment(patient, 'A-OTHER', 9, 'd'));
  expect(await workOff(patient)).toBe(1);
  const told = await explanation(claim);
  expect([consumed(told), told.total?.map(({ category, extension }) => [category.coding?.[0]?.code, extension?.[0]?.valueQuantity?.value])]).toEqual([5, [['eligible', 12], ['utilized', 5]]]);
  expect(await workOff(patient)).toBe(0);
  expect((await explanation(claim)).meta?.versionId).toBe(told.meta?.versionId);
});

test('a later change of the authorization keeps what was used', async () => {
  const { asked, claim, number, patient } = await certified();
  await send('POST', `${house.fhir}/Claim`, payment(patient, number, 4, 'e'));
  await workOff(patient);
  expect(consumed(await explanation(claim))).toBe(4);
  const { json } = await submit(house, update(asked, ({ item }) => { flag(item![0]!, 'changed'); setQuantity(item![0]!, 10); }));
  expect(actionsOf(json)).toEqual({ 1: 'A4' });
  expect(consumed(await explanation(claim))).toBe(4);
  await decide(house, claim, decision({ action: 'certify', text: 'Ten months.' }));
  expect([consumed(await explanation(claim)), (await explanation(claim)).item![0]!.quantity?.value]).toEqual([4, 10]);
});

test('another tenant\'s or nobody\'s claims do not count', async () => {
  const { claim, number } = await certified();
  const { json } = await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient' });
  await send('POST', `${house.fhir}/Claim`, payment(`Patient/${json.id}`, number, 7, 'f'));
  expect(await workOff(`Patient/${json.id}`)).toBe(0);
  expect(consumed(await explanation(claim))).toBeUndefined();
});

const e1390At = (units: number, paid?: number): NonNullable<ExplanationOfBenefit['item']> => [{ sequence: 1, productOrService: e1390, quantity: { value: units }, ...(paid !== undefined && { adjudication: [{ category: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adjudication', code: 'benefit' }] }, amount: { value: paid, currency: 'USD' } }] }) }];
const payerSays = (claim: Claim, change: Partial<ExplanationOfBenefit> = {}): ExplanationOfBenefit => ({ resourceType: 'ExplanationOfBenefit', id: 'paid', status: 'active', use: 'claim', patient: claim.patient, preAuthRef: ['A1'], item: e1390At(2), identifier: claim.identifier, ...change }) as unknown as ExplanationOfBenefit;

test('a Claim and the payment for it are one use, however they name each other; the payment counts', () => {
  const claim = { ...payment('Patient/1', 'A1', 3, 'same'), id: 'c1' };
  const own = [{ system: 'https://plan.example/icn', value: '77' }];
  expect([usesAuthorization(claim), usesAuthorization(payerSays(claim)), usesAuthorization({ ...claim, use: 'preauthorization' })]).toEqual([true, true, false]);
  expect(unitsUsed([claim, payerSays(claim)], new Set(['A1']), e1390)).toBe(2);
  expect(unitsUsed([claim, payerSays(claim, { identifier: own, claim: { reference: 'Claim/c1' } })], new Set(['A1']), e1390)).toBe(2);
  expect(unitsUsed([claim, payerSays(claim, { item: e1390At(3, 0) })], new Set(['A1']), e1390)).toBe(0);
  expect(unitsUsed([claim, payerSays(claim, { item: e1390At(3, 12) })], new Set(['A1']), e1390)).toBe(3);
  expect(unitsUsed([claim], new Set(['A1']), { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '99213' }] })).toBe(0);
  expect(unitsUsed([claim], new Set(['A2']), e1390)).toBeUndefined();
});

test('the same number of two senders is two claims; a claim that replaces another stands for it', () => {
  const ofSender = (system: string, units: number, change: Partial<Claim> = {}): Claim => payment('Patient/1', 'A1', units, '1', { identifier: [{ system, value: '1' }], ...change });
  expect(unitsUsed([ofSender('urn:a', 3), ofSender('urn:b', 3)], new Set(['A1']), e1390)).toBe(6);
  const prior = { relationship: { coding: [{ code: 'prior' }] } };
  const first = { ...ofSender('urn:a', 3), id: 'first' };
  expect(unitsUsed([first, ofSender('urn:c', 2, { related: [{ ...prior, claim: { reference: 'Claim/first' } }] })], new Set(['A1']), e1390)).toBe(2);
  expect(unitsUsed([first, ofSender('urn:c', 2, { related: [{ ...prior, reference: { system: 'urn:a', value: '1' } }] })], new Set(['A1']), e1390)).toBe(2);
});

test('a claim that is removed, or no longer names the authorization, counts no more', async () => {
  const { claim, number, patient } = await certified();
  const first = (await send('POST', `${house.fhir}/Claim`, payment(patient, number, 2, 'gone'))).json;
  const second = (await send('POST', `${house.fhir}/Claim`, payment(patient, number, 3, 'renamed'))).json;
  await workOff(patient);
  expect(consumed(await explanation(claim))).toBe(5);
  expect((await send('PUT', `${house.fhir}/Claim/${second.id}`, { ...second, insurance: [{ sequence: 1, focal: true, coverage: { display: 'Coverage' } }] })).status).toBe(200);
  expect(await waiting()).toContainEqual({ payload: { tenant: 1, member: patient.slice('Patient/'.length) } });
  await workOff(patient);
  expect(consumed(await explanation(claim))).toBe(2);
  expect((await send('DELETE', `${house.fhir}/Claim/${first.id}`)).status).toBe(204);
  expect(await waiting()).toContainEqual({ payload: { tenant: 1, removed: `Claim/${first.id}` } });
  expect(await memberOfRemoved(house.server.house.database, `Claim/${first.id}`, serverContext(house.server.house, 'test'))).toBe(patient.slice('Patient/'.length));
  await workOff(patient);
  expect(consumed(await explanation(claim))).toBeUndefined();
});

test('two items of one service share what was used; what is not certified uses nothing', async () => {
  const asked = withItems(pendingRequest(house), 3, (item, index) => {
    item.servicedDate = `2028-05-0${index + 1}`;
    item.quantity = { value: 2, unit: 'months' };
  });
  const { claim } = await submitted(house, asked);
  const { json } = await decide(house, claim, decision({ action: 'certify', sequence: 1, text: 'Shown.' }, { action: 'certify', sequence: 2, text: 'Shown.' }));
  const { patient } = await explanation(claim);
  await send('POST', `${house.fhir}/Claim`, payment(patient.reference!, numberOf(json)!, 3, 'shared'));
  await workOff(patient.reference!);
  expect((await explanation(claim)).item!.map(({ adjudication }) => adjudication!.find(({ category }) => category.coding?.[0]?.code === 'consumedunits')?.value)).toEqual([2, 1, undefined]);
});

test('one job for each member', () => {
  const claim = payment('Patient/1', 'A1', 2, 'same');
  expect(useJobs([{ kind: 'create', resource: claim }, { kind: 'create', resource: claim }], 7)).toEqual([{ kind: 'job', name: 'authorization_use', payload: { tenant: 7, member: '1' }, key: 'authorization_use 7 1' }]);
});

test('requests alone ask for nothing', async () => {
  const before = await waiting();
  await submitted(house, request(house));
  expect(await waiting()).toEqual(before);
});
