/** PAS 2.2.1, spec-7: an answer in time, though the store is slow; the decision follows. */
import type { Bundle, Task } from '@medplum/fhirtypes';
import { serverContext } from '../../server/publish-definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { asking, attach, parametersOf } from '../support/pas-attachments.ts';
import { actionsOf, claimResponseOf, excludedRequest, inquire, pendingRequest, request, resourceOf, returnedBundles, storedClaimId, submit } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { asksAbout, cancelItem, update } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

/** Asks while the store answers nobody about authorizations for so long. */
async function slowly<T>(ask: () => Promise<T>, milliseconds: number): Promise<T> {
  const holder = await house.sql.connect();
  await holder.query('begin; lock table prior_authorization_member in access exclusive mode');
  const answer = ask();
  for (let waiting = 0; waiting === 0;) waiting = (await house.sql.query<{ waiting: number }>('select count(*)::int as waiting from pg_locks where not granted')).rows[0]!.waiting;
  house.clock.advance(milliseconds);
  await holder.query('commit');
  holder.release();
  return answer;
}
const submitSlowly = async (bundle: Bundle, milliseconds: number): Promise<Bundle> => (await slowly(() => submit(house, bundle), milliseconds)).json as Bundle;

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

test('an update that cannot be decided in time is pended in what it changes, while what was certified stands, and decided afterwards, once', async () => {
  const asked = request(house);
  expect(actionsOf((await submit(house, asked)).json as Bundle)).toEqual({ 1: 'A1' });
  const more = update(asked, ({ item }) => {
    item![0]!.quantity = { value: 2, unit: 'visits' };
    item!.push({ ...structuredClone(item![0]!), sequence: 2, servicedDate: '2026-04-20' });
  });
  const answer = await submitSlowly(more, 10_001);
  expect(actionsOf(answer)).toEqual({ 1: 'A4', 2: 'A4' });
  expect(claimResponseOf(answer).addItem).toHaveLength(1);
  expect(faultsOf(answer, more)).toEqual([]);
  expect(await decided(asked)).toEqual({ 1: 'A1', 2: 'A1' });
  const claim = (await storedClaimId(house, answer));
  const events = async (): Promise<string[]> => (await house.sql.query<{ kind: string }>('select e.kind from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 order by e.sequence', [claim])).rows.map(({ kind }) => kind);
  const log = await events();
  expect(log).toEqual(['received', 'certified', 'received', 'pended', 'pended', 'certified', 'certified']);
  // The same job again, as after a server that ended before it could say that it was done.
  const { house: { priorAuthorization, tenants } } = house.server;
  await priorAuthorization.decideLate(claim, serverContext(house.server.house, 'late', tenants[0]));
  expect(await events()).toEqual(log);
  // And the same update again has the answer that it had.
  expect(actionsOf((await submit(house, more)).json as Bundle)).toEqual({ 1: 'A4', 2: 'A4' });
});

test('a cancellation needs no rule, and is never put off', async () => {
  const asked = request(house, { member: 'demo-mary-smith' });
  await submit(house, asked);
  expect(actionsOf(await submitSlowly(update(asked, ({ item }) => { cancelItem(item![0]!); }), 20_000))).toEqual({ 1: 'C' });
});

describe('documents for what is pended', () => {
  const log = async (claim: string): Promise<string[]> => (await house.sql.query<{ kind: string }>('select e.kind from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 order by e.sequence', [claim])).rows.map(({ kind }) => kind);
  const begin = ['received', 'pended', 'information-requested', 'received'];
  async function until(claim: string, length: number): Promise<string[]> {
    for (let round = 0; round < 3000; round++) {
      const found = await log(claim);
      if (found.length >= length) return found;
    }
    throw new Error('nobody decided');
  }
  test.each([[9000, [...begin, 'certified']], [10_001, [...begin, 'pended', 'certified']]] as const)('that can be looked at after %d ms: they have arrived, and the rules say what comes of them', async (milliseconds, events) => {
    const { claim, reference, member } = await asking(house);
    // Measured later than what came with the request.
    const { subject: _whom, ...measured } = { ...resourceOf(pendingRequest(house, { saturation: 85 }), 'Observation'), effectiveDateTime: new Date(house.clock.now.getTime() - 1000).toISOString() };
    const answer = await slowly(() => attach(house, parametersOf({ tracking: reference, member, contents: [measured] })), milliseconds);
    expect(answer.status).toBe(200);
    expect(await until(claim, events.length)).toEqual(events);
  });

  test('that come by the Task, and nothing that answers: the same', async () => {
    const { claim, reference } = await asking(house);
    const { json } = await send('GET', `${house.fhir}/Task?identifier=https://priora.health/fhir/information-request|${reference}`);
    const task = json.entry[0].resource as Task & { id: string };
    const answer = await slowly(() => send('PUT', `${house.fhir}/Task/${task.id}`, { ...task, status: 'rejected' }), 10_001);
    expect(answer.status).toBe(200);
    // What the rules say then is what they had said: it pends, for a person.
    expect(await until(claim, begin.length + 2)).toEqual([...begin, 'pended', 'pended']);
  });
});
