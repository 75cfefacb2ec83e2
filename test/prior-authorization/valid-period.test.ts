/** For how long a certification is good where nobody says so. */
import { validPeriod } from '../../operations/prior-authorization/valid-period.ts';
import { certification, claimOf, claimResponseOf, decide, decision, inquire, pendingRequest, returnedBundles, submitted } from '../support/pas-requests.ts';
import { openHouse, type TestHouse } from '../support/house.ts';

const on = '2026-03-10';

test.each<[string, string | undefined, string | undefined, string]>([
  ['a service without days', undefined, undefined, on], ['later', '2026-09-01', '2026-09-30', '2026-09-01'], ['later, without an end', '2026-09-01', undefined, '2026-09-01'],
  ['before', '2026-02-01', '2026-02-03', '2026-02-01'], ['begun and not ended', '2026-02-01', '2026-04-01', on], ['begun, without an end', '2026-02-01', undefined, on],
  ['on the day', on, on, on], ['until a day', undefined, '2026-02-01', on],
])('%s', (_, from, to, start) => {
  expect(validPeriod({ from, to }, on, 30)).toEqual({ start, end: new Date(Date.parse(start) + 30 * 86_400_000).toISOString().slice(0, 10) });
});

test('ninety days where the rule says nothing', () => {
  expect(validPeriod({ from: undefined, to: undefined }, on)).toEqual({ start: on, end: '2026-06-08' });
});

describe('by a person', () => {
  let house: TestHouse;
  beforeAll(async () => { house = await openHouse({ demo: true }); });
  afterAll(async () => { await house.close(); });

  test('the service lies in the period of its certification', async () => {
    const bundle = pendingRequest(house);
    claimOf(bundle).item![0]!.servicedDate = '2099-08-15';
    const { claim } = await submitted(house, bundle);
    expect((await decide(house, claim, decision(certification))).status).toBe(200);
    const [found] = returnedBundles(await inquire(house, bundle));
    expect(claimResponseOf(found!).preAuthPeriod).toMatchObject({ start: '2099-08-15' });
  });
});
