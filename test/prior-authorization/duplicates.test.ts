/** A request under the number of an earlier one: never for more than a person approved. */
import { openHouse, type TestHouse } from '../support/house.ts';
import type { ClaimItem } from '@medplum/fhirtypes';
import { actionsOf, certification, claimOf, decide, decision, numberOf, pendingRequest, submitted } from '../support/pas-requests.ts';

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
