/** Requests at the same instant: what is decided on the same records is decided one after another, on one server or two. */
import { randomBytes } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import { pino } from 'pino';
import { interchangeFor } from '../../server/demo/interchange.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { startServer, type RunningServer } from '../../server/main.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, decide, decision, numberOf, pendingRequest, request, submitted, tableCounts } from '../support/pas-requests.ts';
import { update } from '../support/pas-updates.ts';

let house: TestHouse;
/** A second server on the same database: it takes no turns with the first. */
let other: RunningServer;
beforeAll(async () => {
  house = await openHouse({ demo: true });
  other = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: house.databaseUrl, PRIORA_DEMO: '1', PRIORA_DATABASE_CONNECTIONS: '8' }), {
    clock: { now: () => new Date(house.clock.now), monotonic: () => 0, random: (count) => randomBytes(count) }, log: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await other.stop();
  await house.close();
});

const origins = (): Record<'one server' | 'two servers', readonly string[]> => ({ 'one server': [house.origin], 'two servers': [house.origin, other.address] });
const authorizations = async (): Promise<number> => (await tableCounts(house.sql))['prior_authorization']!;
const x12 = (text: string, origin = house.origin): Promise<TestAnswer> => send('POST', `${origin}/x12`, Buffer.from(text, 'latin1'), { 'content-type': 'application/edi-x12' });
const codes = (answer: TestAnswer): string[] => answer.text.split('~').map((segment) => segment.trim()).filter((segment) => segment.startsWith('HCR*')).map((segment) => segment.split('*').slice(0, 3).join('*'));

let controlNumber = 0;
const renumbered = (text: string, number: number): string => text.replace(/^(ISA(?:\*[^*]*){12}\*)\d{9}/, `$1${number}`).replace(/IEA\*1\*\d{9}/, `IEA*1*${number}`);
function interchange(bundle: Bundle): string {
  controlNumber += 1;
  const text = Buffer.from(interchangeFor(bundle, `R${controlNumber.toString(16).padStart(7, '0')}A`, house.clock.now.toISOString())).toString('latin1');
  return renumbered(text, 100_000_000 + controlNumber);
}

describe.each(['one server', 'two servers'] as const)('at %s', (where) => {
  const each = <T>(values: readonly T[], work: (value: T, origin: string) => Promise<TestAnswer>): Promise<TestAnswer[]> =>
    Promise.all(values.map((value, index) => work(value, origins()[where][index % origins()[where].length]!)));

  test('one 278 in ten interchanges is one authorization', async () => {
    const before = await authorizations();
    const text = interchange(pendingRequest(house));
    const answers = await each(Array.from({ length: 10 }, (_, index) => renumbered(text, 200_000_000 + 100 * controlNumber + index)), x12);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.flatMap(codes).map((code) => code.slice(0, 6)))).toEqual(new Set(['HCR*A4']));
    expect(await authorizations()).toBe(before + 1);
  });

  test('one interchange control number with ten contents is one authorization; nine are told so', async () => {
    const before = await authorizations();
    const members = ['demo-joe-smith', 'demo-daniel-reyes', 'demo-amara-okafor'];
    const texts = Array.from({ length: 10 }, (_, index) => interchange(pendingRequest(house, { member: members[index % members.length]! })));
    const number = 300_000_000 + controlNumber;
    const answers = await each(texts.map((text) => renumbered(text, number)), x12);
    expect(answers.filter((answer) => /TA1\*[^~]*\*R\*025~/.test(answer.text))).toHaveLength(9);
    expect(answers.flatMap(codes)).toHaveLength(1);
    expect(await authorizations()).toBe(before + 1);
    // And it stays so: the one is answered as before, the others are refused again.
    const again = await each(texts.map((text) => renumbered(text, number)), x12);
    expect(again.flatMap(codes)).toEqual(answers.flatMap(codes));
    expect(await authorizations()).toBe(before + 1);
  });

  test('eight requests for one service, each another delivery: one certification', async () => {
    const member = where === 'one server' ? 'demo-joe-smith' : 'demo-amara-okafor';
    const bundles = Array.from({ length: 8 }, () => request(house, { member }));
    const answers = await each(bundles, (bundle, origin) => send('POST', `${origin}/fhir/Claim/$submit`, bundle));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map((answer) => actionsOf(answer.json as Bundle)[1]))).toEqual(new Set(['A1']));
    expect(new Set(answers.map((answer) => numberOf(answer.json as Bundle))).size).toBe(1);
  });

  test('by both rails at once: one certification', async () => {
    const member = where === 'one server' ? 'demo-mary-smith' : 'demo-daniel-reyes';
    const bundles = Array.from({ length: 6 }, () => request(house, { member }));
    const answers = await each(bundles.map((bundle, index) => ({ bundle, rail: index % 2 })), ({ bundle, rail }, origin) =>
      rail === 0 ? send('POST', `${origin}/fhir/Claim/$submit`, bundle) : x12(interchange(bundle), origin));
    const numbers = answers.map((answer, index) => index % 2 === 0 ? numberOf(answer.json as Bundle) : codes(answer)[0]?.split('*')[2]);
    expect(new Set(numbers).size).toBe(1);
    expect(numbers[0]).toMatch(/^A\w{9}$/);
  });

  test('requests that have nothing in common but the member are all taken', async () => {
    const before = await authorizations();
    const bundles = Array.from({ length: 16 }, () => pendingRequest(house));
    const answers = await each(bundles, (bundle, origin) => send('POST', `${origin}/fhir/Claim/$submit`, bundle));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(new Set(bundles.map((bundle) => claimOf(bundle).item![0]!.servicedDate)).size).toBe(16);
    expect(await authorizations()).toBe(before + 16);
  });
});

describe.each(['one server', 'two servers'] as const)('parts of what was approved, at %s', (where) => {
  const day = where === 'one server' ? '2026-05-03' : '2026-05-04';
  const visits = (value: number, servicedDate = day): Bundle => {
    const bundle = pendingRequest(house);
    Object.assign(claimOf(bundle).item![0]!, { servicedDate, quantity: { value, unit: 'visits' } });
    return bundle;
  };
  const all = (bundles: readonly Bundle[]): Promise<TestAnswer[]> => Promise.all(bundles.map((bundle, index) => send('POST', `${origins()[where][index % origins()[where].length]!}/fhir/Claim/$submit`, bundle)));
  const actions = (answers: readonly TestAnswer[]): string[] => answers.map((answer) => actionsOf(answer.json as Bundle)[1] ?? answer.text).toSorted();

  test('ten requests for three of ten visits, at once: three are certified under the number', async () => {
    const { claim } = await submitted(house, visits(10));
    await decide(house, claim, decision(certification));
    expect(actions(await all(Array.from({ length: 10 }, () => visits(3))))).toEqual([...Array.from({ length: 3 }, () => 'A1'), ...Array.from({ length: 7 }, () => 'A4')]);
  });

  test('updates that come to take them, at once with new requests', async () => {
    const until = where === 'one server' ? '2026-05-13' : '2026-05-14';
    const { claim } = await submitted(house, visits(10, until));
    await decide(house, claim, decision(certification));
    const waiting = Array.from({ length: 4 }, () => pendingRequest(house));
    for (const bundle of waiting) await submitted(house, bundle);
    const updates = waiting.map((bundle) => update(bundle, ({ item }) => { Object.assign(item![0]!, { servicedDate: until, quantity: { value: 6, unit: 'visits' } }); }));
    expect(actions(await all([...updates, visits(6, until), visits(6, until)]))).toEqual(['A1', 'A4', 'A4', 'A4', 'A4', 'A4']);
  });
});

test('the count of a member is the number of authorizations where no update took a part of another', async () => {
  const { rows } = await house.sql.query('select m.member from prior_authorization_member m where recorded <> (select count(*) from prior_authorization a where a.member = m.member and a.tenant = m.tenant) and not exists (select from prior_authorization_item i where i.member = m.member and i.tenant = m.tenant and i.under_item is not null and i.asked_version > 1)');
  expect(rows).toEqual([]);
  expect((await tableCounts(house.sql))['prior_authorization_member']).toBeGreaterThan(1);
});
