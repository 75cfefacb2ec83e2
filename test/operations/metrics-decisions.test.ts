/** What counts as a decision of a year, and which services a part of the page lists. */
import { servicesOf } from '../../operations/metrics/services.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, decide, decision, excludedRequest, numberOf, pendingRequest, request, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, startAt: '2026-05-04T16:00:00.000Z' }); });
afterAll(async () => { await house.close(); });

/** Of a year, by urgency and measure: the numerators of the CSV. */
async function counts(): Promise<Record<string, string>> {
  const { text } = await send('GET', `${house.fhir}/$pa-metrics?year=2026&_format=csv`);
  return Object.fromEntries(text.split('\r\n').map((row) => row.split(',')).map((row) => [`${row[5]} ${row[6]}`, row[7]!]));
}

test('what needs no authorization, and what an earlier one answers, is no decision; what a rule denies and a person certifies is', async () => {
  expect(actionsOf((await submitted(house, request(house))).response)).toEqual({ 1: 'A1' });
  expect(await counts()).toMatchObject({ 'all decided': '0', 'standard approved': '0' });

  const pended = pendingRequest(house);
  const { claim } = await submitted(house, pended);
  await decide(house, claim, decision(certification));
  expect(await counts()).toMatchObject({ 'all decided': '1', 'standard approved': '1' });

  const again = pendingRequest(house);
  claimOf(again).item![0]!.servicedDate = claimOf(pended).item![0]!.servicedDate!;
  const answered = await submitted(house, again);
  expect([actionsOf(answered.response), numberOf(answered.response)]).toEqual([{ 1: 'A1' }, expect.any(String)]);
  expect(await counts()).toMatchObject({ 'all decided': '1', 'standard approved': '1' });

  expect(actionsOf((await submitted(house, excludedRequest(house))).response)).toEqual({ 1: 'A3' });
  expect(await counts()).toMatchObject({ 'all decided': '2', 'standard denied': '1' });
});

test('the log says which rules these are, and every word of it is read back', async () => {
  const { rows } = await house.sql.query<{ category: string | null; kind: string }>(`select detail::jsonb #>> '{authority,category}' as category, kind from prior_authorization_event where authority = 'administrative-rule' and kind in ('certified', 'denied') order by category`);
  expect(rows).toEqual([{ category: 'benefit-exclusion', kind: 'denied' }, { category: 'duplicate', kind: 'certified' }, { category: 'no-authorization-needed', kind: 'certified' }]);
});

describe('services that need authorization', () => {
  const plansOn = async (query: string): Promise<string[]> => {
    const { text } = await send('GET', `${house.origin}/report/2026${query}`);
    const [, section] = text.split('id="services"');
    return [...new Set([...section!.split('</section>')[0]!.matchAll(/<li>(DEMO-[A-Z]+):/g)].map(([, plan]) => plan!))].toSorted();
  };

  test('of a line of business or a state: those of its plans alone', async () => {
    expect(await plansOn('')).toEqual(expect.arrayContaining(['DEMO-BASIC', 'DEMO-GOLD']));
    expect(await plansOn('?line-of-business=medicare-advantage')).toEqual(['DEMO-GOLD']);
    expect(await plansOn('?line-of-business=commercial')).toEqual(['DEMO-BASIC']);
    expect(await plansOn('?state=NY')).toEqual(['DEMO-GOLD']);
    expect(await plansOn('?state=TX')).toEqual([]);
    expect(await plansOn('?plan=DEMO-GOLD&state=CA')).toEqual([]);
  });

  test('a plan of which no file says it is under no line of business but "unspecified"', () => {
    const pack = { plan: 'OTHER', effective: { from: '2026-01-01' }, clinical: [{ title: 'T', source: 'S', applies: { fact: 'service', in: [] } }] } as unknown as Parameters<typeof servicesOf>[0][number];
    const of = (lineOfBusiness: string): number => servicesOf([pack], { plans: [], rules: [] }, { from: '2026-01-01', to: '2027-01-01', lineOfBusiness }).length;
    expect([of('unspecified'), of('qhp')]).toEqual([1, 0]);
  });
});
