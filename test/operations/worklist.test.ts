/** What waits, and how it stands to its clock: by time alone. */
import type { Parameters } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { certification, decide, decision, pendingRequest, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ startAt: '2026-05-04T16:00:00.000Z', demo: true }); });
afterAll(async () => { await house.close(); });

const day = 86_400_000;
interface Listed { claim: string; forecast: string; remaining: number; due: string }
async function list(query = ''): Promise<{ listed: Listed[]; next: string | undefined }> {
  const answer = await send('GET', `${house.fhir}/$pa-worklist${query}`);
  expect(answer.status).toBe(200);
  const { parameter = [] } = answer.json as Parameters;
  const part = (each: (typeof parameter)[number], name: string) => each.part!.find((one) => one.name === name)!;
  return {
    listed: parameter.filter(({ name }) => name === 'authorization').map((each) => ({ claim: part(each, 'claim').valueReference!.reference!.slice(6), forecast: part(each, 'forecast').valueCode!, remaining: part(each, 'remaining').valueDecimal!, due: part(each, 'due').valueInstant! })),
    next: parameter.find(({ name }) => name === 'next')?.valueString,
  };
}
const gauge = async (forecast: string): Promise<number> => Number(new RegExp(`^priora_open_authorizations\\{forecast="${forecast}",urgency="standard"\\} (\\d+)`, 'm').exec((await send('GET', `${house.origin}/metrics`)).text)?.[1]);

test.each(['?forecast=late', '?forecast=', '?line-of-business=dental', '?expedited=yes', '?_count=0', '?_count=1001', '?after=1', '?after=2026-99-99T00:00:00.000Z_00000000-0000-0000-0000-000000000000', '?plan=A&plan=B', '?sort=due'])('%s is refused', async (query) => {
  expect((await send('GET', `${house.fhir}/$pa-worklist${query}`)).status).toBe(400);
});

test('on time, then at risk, then late; decided, it is gone. The gauge says the same', async () => {
  const { claim } = await submitted(house, pendingRequest(house));
  const mine = async (query = ''): Promise<Listed | undefined> => (await list(query)).listed.find((each) => each.claim === claim);
  expect(await mine()).toEqual({ claim, forecast: 'on-time', remaining: 168, due: new Date(house.clock.now.getTime() + 7 * day).toISOString() });
  expect(await mine('?forecast=at-risk,breached')).toBeUndefined();
  house.clock.advance(5 * day - 1);
  expect((await mine())?.forecast).toBe('on-time');
  const before = await gauge('at-risk');
  house.clock.advance(1);
  expect(await mine('?forecast=at-risk')).toMatchObject({ forecast: 'at-risk', remaining: 48 });
  expect(await gauge('at-risk')).toBeGreaterThan(before);
  house.clock.advance(2 * day);
  expect((await mine())?.forecast).toBe('at-risk');
  house.clock.advance(360_000);
  expect(await mine('?forecast=breached&plan=DEMO-GOLD&expedited=false')).toMatchObject({ forecast: 'breached', remaining: -0.1 });
  expect(await gauge('breached')).toBeGreaterThan(0);
  expect(await mine('?plan=DEMO-BASIC')).toBeUndefined();
  await decide(house, claim, decision(certification));
  expect(await mine()).toBeUndefined();
});

test('page by page, each once, due first first; and as CSV', async () => {
  for (let count = 0; count < 4; count += 1) {
    await submitted(house, pendingRequest(house));
    house.clock.advance(count * 60_000);
  }
  const { listed: all } = await list();
  expect(all.map(({ due }) => due)).toEqual(all.map(({ due }) => due).toSorted());
  const paged: Listed[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await list(`?_count=2${after === '' ? '' : `&after=${after}`}`);
    expect(page.listed.length).toBeLessThanOrEqual(2);
    paged.push(...page.listed);
    after = page.next;
  }
  expect(paged).toEqual(all);
  const csv = await send('GET', `${house.fhir}/$pa-worklist?_format=csv`);
  expect(csv.headers.get('content-type')).toContain('text/csv');
  expect(csv.text.trim().split('\r\n')).toHaveLength(all.length + 1);
  expect(csv.text).not.toMatch(/Reyes|Daniel/);
});
