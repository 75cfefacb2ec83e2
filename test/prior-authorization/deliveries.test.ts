/** Landing and repetition: bytes kept as they came, the same answer for the same bytes, and nothing made twice. */
import { createHash } from 'node:crypto';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, claimOf, claimResponseOf, excludedRequest, inquire, numberOf, pendingRequest, request, resourceOf, returnedBundles, submit, tableCounts } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const authorizations = async (): Promise<number> => (await tableCounts(house.sql))['prior_authorization']!;
const made = (bundle: Bundle): string => bundle.entry![0]!.fullUrl!;

test('the bytes are kept to the last blank, with their hash', async () => {
  const text = `\ufeff  ${JSON.stringify(request(house), null, 3).replaceAll('"active"', '"\\u0061ctive"')}\r\n\t`;
  const bytes = Buffer.from(text, 'utf8');
  const answer = await submit(house, bytes);
  expect(answer.status).toBe(200);
  const id = answer.headers.get('priora-delivery')!;
  const { rows } = await house.sql.query<{ body: Buffer; hash: Buffer; state: string }>('select body, sha256 as hash, state from landing where id = $1', [id]);
  expect(rows[0]!.body.equals(bytes)).toBe(true);
  expect(rows[0]!.hash.equals(createHash('sha256').update(bytes).digest())).toBe(true);
  expect(rows[0]!.state).toBe('answered');
  expect(Buffer.from(await (await fetch(`${house.origin}/landing/${id}/raw`)).arrayBuffer()).equals(bytes)).toBe(true);
  // The mark in front of the text is no hindrance later either.
  expect((await inquire(house, bytes)).status).toBe(200);
});

test('decimals keep their digits in what is stored', async () => {
  const text = JSON.stringify(pendingRequest(house)).replace('"servicedDate"', '"quantity":{"value":1.500},"servicedDate"');
  const answer = await submit(house, text);
  const stored = (await send('GET', made(answer.json as Bundle))).json as { request: { reference: string } };
  expect((await send('GET', `${house.fhir}/${stored.request.reference}`)).text).toContain('1.500');
});

test.each([['certified', request], ['pended', pendingRequest], ['denied', excludedRequest]] as const)('a repeated delivery that was %s: the same bytes back, and no new row in any table', async (_, bundleFor) => {
  const text = JSON.stringify(bundleFor(house));
  const first = await submit(house, text);
  const before = await tableCounts(house.sql);
  house.clock.advance(3_600_000);
  const second = await submit(house, text);
  expect(second.text).toBe(first.text);
  expect(second.status).toBe(first.status);
  expect([first, second].map((answer) => answer.headers.get('priora-delivery-outcome'))).toEqual(['answered', 'repeated']);
  expect(await tableCounts(house.sql)).toEqual(before);
  expect((await house.sql.query<{ deliveries: number }>('select deliveries from landing where id = $1', [first.headers.get('priora-delivery')])).rows[0]!.deliveries).toBe(2);
});

test('a repeated delivery that was refused: the same bytes back as well', async () => {
  const broken = { ...request(house), entry: [] };
  const stranger = request(house);
  resourceOf(stranger, 'Coverage').identifier![0]!.value = 'PD0000000';
  resourceOf(stranger, 'Coverage').subscriberId = 'PD0000000';
  resourceOf(stranger, 'Patient').identifier![0]!.value = 'PD0000000';
  for (const body of [JSON.stringify(broken), JSON.stringify(stranger)]) {
    const first = await submit(house, body);
    const before = await tableCounts(house.sql);
    house.clock.advance(60_000);
    const second = await submit(house, body);
    expect(second.text).toBe(first.text);
    expect([first, second].map((answer) => answer.headers.get('priora-delivery-outcome'))).toEqual(['refused', 'refused']);
    expect(await tableCounts(house.sql)).toEqual(before);
  }
});

test('twenty identical deliveries at once make one authorization', async () => {
  const text = JSON.stringify(pendingRequest(house));
  const before = await authorizations();
  const answers = await Promise.all(Array.from({ length: 20 }, () => submit(house, text)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  expect(await authorizations()).toBe(before + 1);
});

test('refused because nobody has the number, authorized once the member is loaded', async () => {
  const bundle = request(house, { member: 'demo-amara-okafor' });
  const number = 'PD1009999';
  resourceOf(bundle, 'Coverage').identifier![0]!.value = number;
  resourceOf(bundle, 'Coverage').subscriberId = number;
  const patient = resourceOf(bundle, 'Patient');
  patient.identifier![0]!.value = number;
  patient.name = [{ family: 'Newcomer', given: ['Nia'] }];
  const text = JSON.stringify(bundle);
  expect(claimResponseOf((await submit(house, text)).json as Bundle).error?.[0]?.code.coding?.[0]?.code).toBe('75');

  const known = (await send('GET', `${house.fhir}/Patient/demo-amara-okafor`)).json as Patient;
  await send('PUT', `${house.fhir}/Patient/newcomer`, { ...known, id: 'newcomer', name: [{ family: 'Newcomer', given: ['Nia'] }], identifier: [{ ...known.identifier![0], value: number }] });
  const coverage = (await send('GET', `${house.fhir}/Coverage/demo-amara-okafor-coverage`)).json as object;
  await send('PUT', `${house.fhir}/Coverage/newcomer-coverage`, { ...coverage, id: 'newcomer-coverage', beneficiary: { reference: 'Patient/newcomer' } });
  const again = await submit(house, text);
  expect(actionsOf(again.json as Bundle)).toEqual({ 1: 'A1' });
  expect(again.headers.get('priora-delivery-outcome')).toBe('answered');
});

test('C6: clients reuse Bundle.identifier, Claim.id and fullUrl; other content is another request', async () => {
  const one = pendingRequest(house);
  const other = structuredClone(one);
  claimOf(other).item![0]!.servicedDate = '2027-08-01';
  const before = await authorizations();
  const [a, b] = [(await submit(house, one)).json as Bundle, (await submit(house, other)).json as Bundle];
  expect(await authorizations()).toBe(before + 2);
  expect(made(a)).not.toBe(made(b));
  expect(claimResponseOf(a).identifier).toEqual(claimResponseOf(b).identifier);
  expect(returnedBundles(await inquire(house, one)).map(made)).toContain(made(a));
});

test('each certification has a number of its own, ten characters that survive a phone call', async () => {
  const numbers = [];
  for (const member of ['demo-joe-smith', 'demo-jesse-smith', 'demo-amara-okafor']) {
    const bundle = request(house, { member });
    claimOf(bundle).item![0]!.servicedDate = '2028-01-01';
    numbers.push(numberOf((await submit(house, bundle)).json as Bundle));
  }
  expect(new Set(numbers).size).toBe(3);
  for (const number of numbers) expect(number).toMatch(/^A[0-9A-HJKMNP-TV-Z]{9}$/);
});

test('the same bytes to another rail are another delivery', async () => {
  const text = JSON.stringify(request(house, { member: 'demo-jesse-smith' }));
  const fhir = await submit(house, text);
  const x12 = await send('POST', `${house.origin}/x12`, text, { 'content-type': 'application/edi-x12' });
  expect(x12.headers.get('priora-delivery')).not.toBe(fhir.headers.get('priora-delivery'));
  expect(x12.text).toMatch(/^ISA\*.*TA1\*/s);
});
