/** A request under the number of an earlier one: never for more than a person approved. */
import { openHouse, send, type TestHouse } from '../support/house.ts';
import type { Bundle, Claim, ClaimItem } from '@medplum/fhirtypes';
import { actionsOf, certification, claimOf, decide, decision, numberOf, pendingRequest, submit, submitted, withItems } from '../support/pas-requests.ts';
import { cancelItem, update } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, startAt: '2026-05-04T16:00:00.000Z' }); });
afterAll(async () => { await house.close(); });

const asked = (servicedDate: string, value: number, more: Partial<ClaimItem> = {}): ReturnType<typeof pendingRequest> => {
  const bundle = pendingRequest(house);
  Object.assign(claimOf(bundle).item![0]!, { servicedDate, quantity: { value, unit: 'visits' }, ...more });
  return bundle;
};

test('two visits were certified: two more times asked for are certified under that number, five hundred are not', async () => {
  const first = await submitted(house, asked('2026-06-01', 2));
  expect(actionsOf(first.response)).toEqual({ 1: 'A4' });
  const { json } = await decide(house, first.claim, decision(certification));
  const number = numberOf(json as typeof first.response);
  const again = await submitted(house, asked('2026-06-01', 2));
  expect([actionsOf(again.response), numberOf(again.response)]).toEqual([{ 1: 'A1' }, number]);
  for (const more of [asked('2026-06-01', 3), asked('2026-06-01', 500), asked('2026-06-01', 2, { quantity: { value: 2, unit: 'days' } }), asked('2026-06-02', 2)]) expect(actionsOf((await submitted(house, more)).response)).toEqual({ 1: 'A4' });
});

test('what a person approved counts, and not what was asked for', async () => {
  const first = await submitted(house, asked('2026-07-01', 12));
  const part = [{ name: 'quantity', valueQuantity: { value: 6, unit: 'visits' } }];
  await decide(house, first.claim, decision({ action: 'modify', reason: '0V', text: 'Six instead of twelve.', more: part }));
  expect(actionsOf((await submitted(house, asked('2026-07-01', 12))).response)).toEqual({ 1: 'A4' });
  expect(actionsOf((await submitted(house, asked('2026-07-01', 6))).response)).toEqual({ 1: 'A1' });
});

/** Ten visits on a day, approved by a person. */
const approveTen = async (day: string): Promise<string> => {
  const { claim } = await submitted(house, asked(day, 10));
  return numberOf((await decide(house, claim, decision(certification))).json as Bundle)!;
};
const answered = async (bundle: Bundle): Promise<string> => {
  const answer = (await submit(house, bundle)).json as Bundle;
  return `${actionsOf(answer)[1]} ${numberOf(answer) ?? ''}`.trim();
};

test('what was approved is there once: requests that take parts of it come to no more than the whole', async () => {
  const number = await approveTen('2026-07-13');
  for (const [visits, comes] of [[4, 'A1'], [4, 'A1'], [4, 'A4'], [2, 'A1'], [1, 'A4'], [10, 'A4']] as const) expect([visits, await answered(asked('2026-07-13', visits))]).toEqual([visits, comes === 'A1' ? `A1 ${number}` : 'A4']);
});

test.each([0, -1, -8, 0.000001])('%p visits give nothing back', async (visits) => {
  const day = `2026-06-${String(10 + [0, -1, -8, 0.000001].indexOf(visits))}`;
  const number = await approveTen(day);
  // None, or fewer, are rejected before rules look.
  expect(await answered(asked(day, visits))).toBe(visits > 0 ? `A1 ${number}` : 'undefined');
  expect(await answered(asked(day, visits > 0 ? 9 : 10))).toBe(`A1 ${number}`);
  expect(await answered(asked(day, 1))).toBe('A4');
});

test('two lines of one request are two that take', async () => {
  const number = await approveTen('2026-07-14');
  const answer = (await submit(house, withItems(asked('2026-07-14', 6), 3, (item, index) => { item.quantity = { value: [6, 6, 4][index]!, unit: 'visits' }; }))).json as Bundle;
  expect([actionsOf(answer), numberOf(answer)]).toEqual([{ 1: 'A1', 2: 'A4', 3: 'A1' }, number]);
  expect(await answered(asked('2026-07-14', 1))).toBe('A4');
});

test('a line that is cancelled gives back what it had; one that is changed has what it has then', async () => {
  const number = await approveTen('2026-07-15');
  const first = asked('2026-07-15', 8);
  expect(await answered(first)).toBe(`A1 ${number}`);
  expect(await answered(asked('2026-07-15', 3))).toBe('A4');
  const more = update(first, ({ item }) => { item![0]!.quantity = { value: 10, unit: 'visits' }; });
  expect(await answered(more)).toBe(`A1 ${number}`);
  expect(await answered(asked('2026-07-15', 1))).toBe('A4');
  expect(await answered(update(more, ({ item }) => { cancelItem(item![0]!); }))).toMatch(/^C/);
  expect(await answered(asked('2026-07-15', 10))).toBe(`A1 ${number}`);
});

test('while a change waits, what was certified before stands and is not there for others, its own lines included', async () => {
  const number = await approveTen('2026-07-16');
  const first = asked('2026-07-16', 8);
  expect(await answered(first)).toBe(`A1 ${number}`);
  const more = update(withItems(structuredClone(first), 2, (item, index) => { item.quantity = { value: [12, 3][index]!, unit: 'visits' }; }));
  more.entry!.find(({ fullUrl }) => fullUrl === first.entry![0]!.fullUrl)!.resource = first.entry![0]!.resource!;
  expect(actionsOf((await submit(house, more)).json as Bundle)).toEqual({ 1: 'A4', 2: 'A4' });
  expect(await answered(asked('2026-07-16', 3))).toBe('A4');
  expect(await answered(asked('2026-07-16', 2))).toBe(`A1 ${number}`);
});

test('what was certified under another number is no approval of its own', async () => {
  const number = await approveTen('2026-07-17');
  expect(await answered(asked('2026-07-17', 10))).toBe(`A1 ${number}`);
  expect(await answered(asked('2026-07-17', 10))).toBe('A4');
  const { rows } = await house.sql.query('select under_item, taken, taken_unit from prior_authorization_item where number = $1 and under_item is not null', [number]);
  expect(rows).toEqual([{ under_item: 1, taken: 10, taken_unit: 'visits' }]);
});

test('what was approved without a quantity is one thing, under one number however often it is asked for', async () => {
  const without = (): Bundle => {
    const bundle = asked('2026-07-20', 1);
    delete claimOf(bundle).item![0]!.quantity;
    return bundle;
  };
  const { claim } = await submitted(house, without());
  const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle)!;
  for (let time = 0; time < 3; time += 1) expect(await answered(without())).toBe(`A1 ${number}`);
});

describe('units that claims for payment have used', () => {
  const e1390 = { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] };
  async function paid(number: string, value: number, more: Partial<Claim> = {}): Promise<void> {
    const { rows: [row] } = await house.sql.query<{ member: string }>('select member from prior_authorization_item where number = $1', [number]);
    const claim: Claim = {
      resourceType: 'Claim', status: 'active', use: 'claim', type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
      patient: { reference: `Patient/${row!.member}` }, created: '2026-03-02', provider: { display: 'Clinic' }, priority: { coding: [{ code: 'normal' }] },
      insurance: [{ sequence: 1, focal: true, coverage: { display: 'Coverage' }, preAuthRef: [number] }], item: [{ sequence: 1, productOrService: e1390, quantity: { value } }], ...more,
    };
    expect((await send('POST', `${house.fhir}/Claim`, claim)).status).toBe(201);
  }

  test('are no longer there; cancelled claims and those of other numbers use nothing', async () => {
    const number = await approveTen('2026-07-21');
    await paid(number, 4);
    await paid(number, 9, { status: 'cancelled' });
    await paid(await approveTen('2026-07-22'), 9);
    expect(await answered(asked('2026-07-21', 7))).toBe('A4');
    expect(await answered(asked('2026-07-21', 5))).toBe(`A1 ${number}`);
    expect(await answered(asked('2026-07-21', 2))).toBe('A4');
    expect(await answered(asked('2026-07-21', 1))).toBe(`A1 ${number}`);
  });

  test('of an approval without a quantity: it is used up, and asked for again it is for a person', async () => {
    const bundle = asked('2026-07-23', 1);
    delete claimOf(bundle).item![0]!.quantity;
    const { claim } = await submitted(house, structuredClone(bundle));
    const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle)!;
    await paid(number, 1);
    const again = asked('2026-07-23', 1);
    delete claimOf(again).item![0]!.quantity;
    expect(await answered(again)).toBe('A4');
  });
});
