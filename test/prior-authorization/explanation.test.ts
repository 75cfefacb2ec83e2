/**
 * Every authorization as Da Vinci PDex has it for members, providers and other payers: an ExplanationOfBenefit that
 * changes with the ClaimResponse, held against PDex's own profile.
 */
import type { Bundle, ExplanationOfBenefit, Extension } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, claimResponseOf, decide, decision, denial, excludedRequest, numberOf, pendingRequest, request, submit, submitted, withItems } from '../support/pas-requests.ts';
import { cancelAll, update } from '../support/pas-updates.ts';
import { errorsOf, openGuides, type Guide } from '../suites/ig-examples.ts';

let house: TestHouse;
let guide: Guide | undefined;
beforeAll(async () => {
  [guide] = await openGuides((name) => name === 'hl7.fhir.us.davinci-pdex-2.0.0');
  house = await openHouse({ demo: true });
});
afterAll(async () => { await house.close(); });

const pdex = 'http://hl7.org/fhir/us/davinci-pdex/StructureDefinition';

/**
 * Where PDex 2.0.0 contradicts itself: its slices ask for extensions of PAS whose contexts do not allow the place, and
 * the binding of all adjudication categories leaves out the codes that three of its own slices fix.
 */
function isContradicted({ item }: ExplanationOfBenefit, code: string, expression: string): boolean {
  const [, at, kind, index] = /^ExplanationOfBenefit\.item\[(\d+)\]\.(extension|adjudication)\[(\d+)\](?:\.category)?$/.exec(expression) ?? [];
  if (code === 'extension-context') return kind === 'extension' && item![Number(at)]!.extension![Number(index)]!.url.startsWith('http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-');
  return code === 'binding-required' && kind === 'adjudication' && item![Number(at)]!.adjudication![Number(index)]!.category.coding?.[0]?.system === 'http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PDexAdjudicationDiscriminator';
}

const faults = (explanation: ExplanationOfBenefit): string[] => guide === undefined ? [] : errorsOf(guide.validate, explanation)
  .filter(({ code, expression }) => !isContradicted(explanation, code, expression)).map(({ code, expression }) => `${code} ${expression}`);

async function explanationOfClaim(claim: string): Promise<ExplanationOfBenefit> {
  const { json } = await send('GET', `${house.fhir}/ExplanationOfBenefit?claim=Claim/${claim}`);
  expect((json as Bundle).entry?.length).toBe(1);
  return (json as Bundle).entry![0]!.resource as ExplanationOfBenefit;
}

const actionOf = (explanation: ExplanationOfBenefit, at = 0): string | undefined => review(explanation, at)?.extension?.find(({ url }) => url === `${pdex}/extension-reviewActionCode`)?.valueCodeableConcept?.coding?.[0]?.code;
const review = (explanation: ExplanationOfBenefit, at = 0): Extension | undefined => explanation.item![at]!.adjudication![0]!.extension?.find(({ url }) => url === `${pdex}/extension-reviewAction`);
const slice = (explanation: ExplanationOfBenefit, code: string): NonNullable<NonNullable<ExplanationOfBenefit['item']>[number]['adjudication']>[number] | undefined => explanation.item![0]!.adjudication!.find(({ category }) => category.coding?.some((coding) => coding.code === code));

test('nobody writes or removes it but the authorization', async () => {
  const { claim } = await submitted(house, request(house));
  const { id, meta: _ours, ...explanation } = await explanationOfClaim(claim);
  for (const [method, body] of [['PUT', { ...explanation, id, disposition: 'denied' }], ['DELETE', undefined]] as const) {
    const answer = await send(method, `${house.fhir}/ExplanationOfBenefit/${id}`, body);
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([409, 'held-by-authorization']);
  }
  expect((await send('GET', `${house.fhir}/ExplanationOfBenefit/${id}`)).status).toBe(200);
});

test('a rejected request has none', async () => {
  const count = async (): Promise<number> => Number((await send('GET', `${house.fhir}/ExplanationOfBenefit?_summary=count`)).json.total);
  const before = await count();
  const asked = request(house);
  asked.entry = asked.entry!.filter(({ resource }) => resource?.resourceType !== 'Coverage');
  claimOf(asked).patient = { reference: 'https://nowhere.example/Patient/1' };
  expect((await submit(house, asked)).status).toBe(422);
  expect(await count()).toBe(before);
});

test('certified: numbers, period, units that may be used', async () => {
  const asked = request(house);
  claimOf(asked).item![0]!.quantity = { value: 3, unit: 'visits' };
  const { claim, response } = await submitted(house, asked);
  const explanation = await explanationOfClaim(claim);
  expect(faults(explanation)).toEqual([]);
  expect([actionsOf(response)[1], actionOf(explanation), explanation.outcome, explanation.status]).toEqual(['A1', 'A1', 'complete', 'active']);
  expect([explanation.preAuthRef, explanation.preAuthRefPeriod?.length]).toEqual([[numberOf(response)], 1]);
  expect([slice(explanation, 'allowedunits')?.value, slice(explanation, 'consumedunits'), slice(explanation, 'denialreason')]).toEqual([3, undefined, undefined]);
  expect(explanation.total?.[0]?.extension?.[0]?.valueQuantity?.value).toBe(3);
  expect([explanation.claim?.reference, explanation.claimResponse?.reference]).toEqual([`Claim/${claim}`, `ClaimResponse/${claimResponseOf(response).id}`]);
  for (const reference of [explanation.patient, explanation.insurer, explanation.provider, explanation.insurance[0]!.coverage]) expect((await send('GET', `${house.fhir}/${reference.reference}`)).status).toBe(200);
});

test('denied: a reason that PDex knows, the plan\'s own, and words', async () => {
  const { claim } = await submitted(house, excludedRequest(house));
  const explanation = await explanationOfClaim(claim);
  expect(faults(explanation)).toEqual([]);
  expect(actionOf(explanation)).toBe('A3');
  const reason = slice(explanation, 'denialreason')?.reason;
  expect([reason?.coding?.[0], reason?.coding?.length, reason?.text]).toEqual([{ system: 'https://x12.org/codes/claim-adjustment-reason-codes', code: '39' }, 2, explanation.processNote?.[0]?.text]);
});

test('pended, then modified by a person: changed at once, every version kept', async () => {
  const asked = pendingRequest(house);
  claimOf(asked).item![0]!.quantity = { value: 4, unit: 'months' };
  const { claim } = await submitted(house, asked);
  const first = await explanationOfClaim(claim);
  expect([faults(first), actionOf(first), first.outcome, slice(first, 'allowedunits')]).toEqual([[], 'A4', 'queued', undefined]);
  await decide(house, claim, decision({ action: 'modify', reason: '0V', text: 'Two months will do.', more: [{ name: 'quantity', valueQuantity: { value: 2, unit: 'months' } }] }));
  const second = await explanationOfClaim(claim);
  expect([faults(second), actionOf(second), second.outcome, slice(second, 'allowedunits')?.value, second.processNote?.[0]?.text]).toEqual([[], 'A6', 'complete', 2, 'Two months will do.']);
  expect([second.id, second.meta?.versionId]).toEqual([first.id, '2']);
});

test('some certified, some waiting', async () => {
  const asked = withItems(request(house), 2, (item, index) => { if (index === 1) item.productOrService = { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] }; });
  const { claim } = await submitted(house, asked);
  const explanation = await explanationOfClaim(claim);
  expect([faults(explanation), explanation.outcome, actionOf(explanation), actionOf(explanation, 1)]).toEqual([[], 'partial', 'A1', 'A4']);
  expect(explanation.item![1]!.productOrService?.coding?.[0]?.system).toBe('https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets');
});

test('cancelled by its requester', async () => {
  const asked = pendingRequest(house);
  const { claim } = await submitted(house, asked);
  expect((await submit(house, update(asked, cancelAll))).status).toBe(200);
  const explanation = await explanationOfClaim(claim);
  expect([faults(explanation), explanation.status, actionOf(explanation)]).toEqual([[], 'cancelled', 'C']);
});

test('a member finds all of his', async () => {
  const { claim } = await submitted(house, pendingRequest(house));
  await decide(house, claim, decision(denial));
  await decide(house, (await submitted(house, pendingRequest(house))).claim, decision(certification));
  const { patient } = await explanationOfClaim(claim);
  const { json } = await send('GET', `${house.fhir}/ExplanationOfBenefit?patient=${patient.reference}&_count=100`);
  const all = (json as Bundle).entry!.map(({ resource }) => resource as ExplanationOfBenefit);
  expect(all.every((each) => each.use === 'preauthorization')).toBe(true);
  expect(all.map((each) => actionOf(each))).toEqual(expect.arrayContaining(['A1', 'A3']));
  expect(all.flatMap(faults)).toEqual([]);
});
