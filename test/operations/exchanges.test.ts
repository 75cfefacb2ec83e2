/** What was exchanged with providers: one record for each request, on each rail, and nothing of patients in it. */
import type { Bundle, Parameters } from '@medplum/fhirtypes';
import { interchangeFor } from '../../server/demo/interchange.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { claimOf, excludedRequest, inquire, pendingRequest, request, submit, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
let since: string;
beforeAll(async () => { house = await openHouse({ demo: true, startAt: '2026-05-04T16:00:00.000Z' }); });
beforeEach(() => {
  house.clock.advance(60_000);
  since = house.clock.now.toISOString();
});
afterAll(async () => { await house.close(); });

interface Data {
  source: string; providerId: { value: string; system?: string }; groupId: { value: string }; payerId: { value: string };
  exchange: { type: string; method: string; requestTime: string; responseTime: string; httpResponse: string }[];
  issue?: { details: { coding: { code: string }[] } }[]; aaaCodes?: { loopID: string; aaaCode: string }[]; requestedDoc?: { docRequest: { coding: { code: string }[] }[] }[];
  itemDetail?: { item: { coding: { code: string }[] }; result: string; denialReason?: string; initialSubmissionTime: string; finalResponseTime?: string }[]; businessLine?: { coding: { code: string }[] };
}
async function records(query = ''): Promise<Data[]> {
  await house.server.house.priorAuthorization.settled();
  const answer = await send('GET', `${house.fhir}/$pa-exchanges?since=${since}${query}`);
  expect(answer.status).toBe(200);
  return ((answer.json as Parameters).parameter ?? []).filter(({ name }) => name === 'record').map(({ part }) => JSON.parse(part!.find(({ name }) => name === 'data')!.valueString!) as Data);
}
const kinds = async (): Promise<string[]> => (await records()).map(({ exchange }) => `${exchange[0]!.method} ${exchange[0]!.type} ${exchange[0]!.httpResponse}`);

test.each(['?since=today', '?until=2026-05-04', '?exchange=letter', '?rail=pigeon', '?_count=0', '?_count=10001', '?after=1', '?patient=p'])('%s is refused', async (query) => {
  expect((await send('GET', `${house.fhir}/$pa-exchanges${query}`)).status).toBe(400);
});

test('what cannot be processed, and what cannot be reviewed: the codes of what was wrong', async () => {
  expect((await submit(house, '{')).status).toBe(400);
  const nobody = request(house);
  const patient = nobody.entry!.find(({ resource }) => resource?.resourceType === 'Patient')!.resource as { name: { family: string }[] };
  patient.name = [{ family: 'Nobody' }];
  await submit(house, nobody);
  const [malformed, rejected, ...more] = (await records()).toSorted((a, b) => b.exchange[0]!.httpResponse.localeCompare(a.exchange[0]!.httpResponse));
  expect(more).toEqual([]);
  expect(malformed).toMatchObject({ exchange: [{ type: 'initial', method: 'restful', httpResponse: '400' }], issue: [{ details: { coding: [{ code: 'malformed-json' }] } }], providerId: { value: 'unknown' } });
  expect(rejected).toMatchObject({ exchange: [{ type: 'initial', httpResponse: '200' }], aaaCodes: [{ loopID: expect.stringMatching(/^2010/) as string, aaaCode: '73' }] });
  expect(rejected!.itemDetail).toBeUndefined();
});

test('a Bundle that breaks the rules is one exchange, and another one when it comes again', async () => {
  const broken = { resourceType: 'Bundle', type: 'collection', entry: [] };
  await submit(house, broken);
  expect((await records()).map(({ issue }) => issue![0]!.details.coding[0]!.code)).toEqual(['pas-empty-bundle']);
  house.clock.advance(1000);
  await submit(house, broken);
  expect(await records()).toHaveLength(2);
});

test('a request that is certified, one that pends, one that is denied: who asked, when, and what came of each item', async () => {
  const { claim } = await submitted(house, pendingRequest(house));
  const [pended] = await records();
  expect(pended).toMatchObject({
    source: 'payer', exchange: [{ type: 'initial', with: 'provider', method: 'restful', requestTime: since, responseTime: since, httpResponse: '200' }],
    itemDetail: [{ item: { coding: [{ code: 'E1390' }] }, result: 'pended', initialSubmissionTime: since }], businessLine: { coding: [{ code: 'medicare-advantage' }] },
  });
  expect(pended!.itemDetail![0]!.finalResponseTime).toBeUndefined();
  expect(pended!.providerId.value).toMatch(/^\d{10}$/);
  expect(pended!.payerId).toHaveProperty('system');
  await submitted(house, request(house));
  await submitted(house, excludedRequest(house));
  const results = (await records()).flatMap(({ itemDetail }) => itemDetail!.map(({ result, denialReason, finalResponseTime }) => `${result} ${typeof denialReason} ${finalResponseTime}`));
  expect(results.toSorted((a, b) => a.localeCompare(b))).toEqual([`approved undefined ${since}`, `denied string ${since}`, 'pended undefined undefined']);
  const { rows } = await house.sql.query<{ id: string }>('select a.id from prior_authorization a join prior_authorization_exchange e on e.authorization_id = a.id where a.claim = $1', [claim]);
  expect(rows).toHaveLength(1);
});

test('a question, the same request by X12, and a repetition, which is the same exchange', async () => {
  const bundle = pendingRequest(house);
  await submitted(house, bundle);
  await submit(house, bundle);
  await inquire(house, bundle);
  const other = pendingRequest(house);
  const x12 = interchangeFor(other, `E${claimOf(other).id!.slice(1, 8)}A`, house.clock.now.toISOString());
  await send('POST', `${house.origin}/x12`, Buffer.from(x12).toString('latin1'), { 'content-type': 'application/edi-x12' });
  expect((await kinds()).toSorted()).toEqual(['restful initial 200', 'restful query 200', 'x12 initial 200']);
  expect(await records('&rail=x12')).toHaveLength(1);
  expect(await records('&exchange=query')).toHaveLength(1);
  expect(await records('&plan=DEMO-BASIC')).toHaveLength(0);
});

test('in NDJSON, CSV and pages; no name, number or birth date of a member is in any record', async () => {
  for (let count = 0; count < 3; count += 1) await submitted(house, pendingRequest(house));
  await house.server.house.priorAuthorization.settled();
  const ndjson = await send('GET', `${house.fhir}/$pa-exchanges?since=${since}`, undefined, { accept: 'application/x-ndjson' });
  const lines = ndjson.text.trim().split('\n').map((line) => JSON.parse(line) as { id: string });
  expect([ndjson.headers.get('content-type'), lines.length]).toEqual(['application/x-ndjson; charset=utf-8', 3]);
  const first = await send('GET', `${house.fhir}/$pa-exchanges?since=${since}&_count=2&_format=csv`);
  const rest = await send('GET', `${house.fhir}/$pa-exchanges?since=${since}&after=${first.headers.get('priora-next')}&_format=csv`);
  expect([first, rest].map(({ text }) => text.trim().split('\r\n').length)).toEqual([3, 2]);
  expect(rest.headers.get('priora-next')).toBeNull();
  const { rows } = await house.sql.query<{ detail: string }>('select detail from prior_authorization_exchange');
  expect(rows.length).toBeGreaterThan(8);
  for (const { detail } of rows) expect(detail).not.toMatch(/Reyes|Daniel|Smith|Fischer|Lena|PD1000002|12345678901|1968-11-23/);
});

test('what is not committed is not told as exchanged', async () => {
  const bundle: Bundle = pendingRequest(house);
  await house.sql.query(`create function fail() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'disk_full'; end $$;
    create trigger fails before insert on prior_authorization for each row execute function fail()`);
  expect((await submit(house, bundle)).status).toBeGreaterThanOrEqual(500);
  await house.sql.query('drop trigger fails on prior_authorization');
  expect(await records()).toEqual([]);
});
