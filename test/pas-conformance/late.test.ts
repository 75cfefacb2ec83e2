/** PAS 2.2.1, spec-7: an answer in time, though the store is slow; the decision follows. */
import type { Bundle } from '@medplum/fhirtypes';
import { openHouse, type TestHouse } from '../support/house.ts';
import { actionsOf, excludedRequest, inquire, request, returnedBundles, submit } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { asksAbout } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

/** Submits while the store answers nobody about authorizations for so long. */
async function submitSlowly(bundle: Bundle, milliseconds: number): Promise<Bundle> {
  const holder = await house.sql.connect();
  await holder.query('begin; lock table prior_authorization_member in access exclusive mode');
  const answer = submit(house, bundle);
  for (let waiting = 0; waiting === 0;) waiting = (await house.sql.query<{ waiting: number }>('select count(*)::int as waiting from pg_locks where not granted')).rows[0]!.waiting;
  house.clock.advance(milliseconds);
  await holder.query('commit');
  holder.release();
  return (await answer).json as Bundle;
}

async function decided(bundle: Bundle): Promise<Record<number, string | undefined>> {
  for (let round = 0; round < 3000; round++) {
    const actions = actionsOf(returnedBundles(await inquire(house, asksAbout(bundle)))[0]!);
    if (actions[1] !== 'A4') return actions;
  }
  throw new Error('nobody decided');
}

test('spec-7: a request that cannot be decided within ten seconds is answered as pended, and the rules decide it afterwards', async () => {
  const asked = request(house);
  const answer = await submitSlowly(asked, 10_001);
  expect(actionsOf(answer)).toEqual({ 1: 'A4' });
  expect(faultsOf(answer, asked)).toEqual([]);
  expect(await decided(asked)).toEqual({ 1: 'A1' });
});

test('so is what the contract denies; and within the time it is decided at once', async () => {
  const [late, inTime] = [excludedRequest(house), request(house)];
  expect(actionsOf(await submitSlowly(late, 20_000))).toEqual({ 1: 'A4' });
  expect(await decided(late)).toEqual({ 1: 'A3' });
  expect(actionsOf(await submitSlowly(inTime, 9_000))).toEqual({ 1: 'A1' });
});
