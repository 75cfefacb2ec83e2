/** What a provider was told beforehand is honoured when authorization is asked for; what nobody was told is not. */
import { randomUUID } from 'node:crypto';
import type { Bundle, Extension } from '@medplum/fhirtypes';
import { call, firstSaidIn, informationUrl, order, orderSign } from '../../support/cds-calls.ts';
import { openHouse, type TestHouse } from '../../support/house.ts';
import { claimOf, request, submit } from '../../support/pas-requests.ts';

let house: TestHouse;
beforeEach(async () => { house = await openHouse({ demo: true, startAt: '2025-12-20T09:00:00.000Z', environment: { PRIORA_TENANTS: 'other' } }); });
afterEach(() => house.close());

const member = 'demo-amara-okafor';
const x12 = 'https://codesystem.x12.org/005010/1365';

/** The id of a statement about a consultation in an office, which needs no authorization. */
async function told(who = member, place = '11'): Promise<string> {
  const said = firstSaidIn(await call(house, 'order-sign-crd', orderSign(who, [order({ system: x12, code: '3', place, date: '2026-01-10' })])));
  expect(said['pa-needed']).toEqual(['no-auth']);
  return said['coverage-assertion-id']![0] as string;
}

const information = (id: string): Extension => ({ url: informationUrl, extension: [{ url: 'coverage', valueReference: { reference: 'Coverage/cov' } }, { url: 'covered', valueCode: 'covered' }, { url: 'pa-needed', valueCode: 'no-auth' }, { url: 'date', valueDate: '2025-12-20' }, { url: 'coverage-assertion-id', valueString: id }] });

/** A consultation at home, which the rules say nothing of: it pends unless something else is honoured. */
function asked(id: string, options: Parameters<typeof request>[1] = {}): Bundle {
  const bundle = request(house, { member, placeOfService: '12', ...options });
  bundle.entry!.push({ fullUrl: 'https://clinic.example/fhir/ServiceRequest/o1', resource: { resourceType: 'ServiceRequest', id: 'o1', status: 'active', intent: 'order', subject: { reference: bundle.entry!.find(({ resource }) => resource?.resourceType === 'Patient')!.fullUrl! }, code: { text: 'consultation' }, extension: [information(id)] } });
  const [item] = claimOf(bundle).item!;
  item!.extension!.push({ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-requestedService', valueReference: { reference: 'https://clinic.example/fhir/ServiceRequest/o1' } });
  return bundle;
}

interface Event { readonly kind: string; readonly asserted?: unknown; readonly authority?: { readonly rule: Record<string, string> }; readonly period?: { readonly start: string; readonly end: string }; readonly explanation?: string }

/** The log that a request came to. */
async function logOf(bundle: unknown): Promise<Event[]> {
  // So that the newest is this one.
  house.clock.advance(1000);
  const answer = await submit(house, bundle);
  expect(answer.status).toBe(200);
  const { rows } = await house.sql.query<{ detail: string }>(`
    select detail from prior_authorization_event
    where authorization_id = (select id from prior_authorization order by received_at desc, id desc limit 1) order by sequence`);
  return rows.map(({ detail }) => JSON.parse(detail) as Event);
}

async function later(days: number): Promise<void> {
  house.clock.advance(days * 86_400_000);
}

describe('not honoured, and noted, is', () => {
  test('an id that nobody gave out, whatever it looks like', async () => {
    await later(20);
    expect(await logOf(asked(randomUUID()))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'unknown' }] }, { kind: 'pended' }]);
    const invented = (await told()).replace(/.{4}$/, '0000');
    expect(await logOf(asked(invented))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'unknown' }] }, { kind: 'pended' }]);
    expect(await logOf(asked("'; drop table coverage_assertion; --"))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'unknown' }] }, { kind: 'pended' }]);
  });

  test('a statement about somebody else', async () => {
    const id = await told('demo-daniel-reyes');
    expect(await logOf(asked(id))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'other-member', id }] }, { kind: 'pended' }]);
  });

  test('a statement about another service', async () => {
    const id = await told();
    expect(await logOf(asked(id, { service: { system: x12, code: '1' }, category: '1' }))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'other-service', id }] }, { kind: 'pended' }]);
  });

  test('a statement after its last day', async () => {
    const id = await told();
    await later(91);
    expect(await logOf(asked(id))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'expired', id }] }, { kind: 'pended' }]);
  });

  test('a statement of another tenant', async () => {
    const said = await call({ origin: `${house.origin}/tenant/other` }, 'order-sign-crd', orderSign(member, [order()]));
    expect(await logOf(asked(firstSaidIn(said)['coverage-assertion-id']![0] as string))).toMatchObject([{ kind: 'received', asserted: [{ item: 1, outcome: 'unknown' }] }, { kind: 'pended' }]);
  });

  test('what was not said beforehand is decided by the rules of the day', async () => {
    const [received, decided] = await logOf(request(house, { member, placeOfService: '12' }));
    expect(received!.asserted).toBeUndefined();
    expect(decided!.kind).toBe('pended');
  });
});

test.each<[string, Parameters<typeof request>[1], string]>([
  ['as it was asked about', { placeOfService: '11' }, 'certified'], ['for another place', { placeOfService: '12' }, 'pended'], ['for a hospital', { placeOfService: '21' }, 'pended'],
])('crd-found-11: guidance that none is needed holds for the service %s: %s', async (_, options, outcome) => {
  const id = await told();
  const [received, decided] = await logOf(asked(id, options));
  expect(received).toMatchObject({ asserted: [{ item: 1, outcome: 'honoured', id }] });
  expect(decided).toMatchObject({ kind: outcome, authority: { rule: { pack: 'demo-gold', packVersion: '2025.1' } } });
});

test('a request is decided by the rules that guidance was given by, though others are in force now', async () => {
  const id = await told();
  await later(20);
  const office = (bundle: Bundle): Bundle => { claimOf(bundle).item![0]!.locationCodeableConcept!.coding![0]!.code = '11'; return bundle; };
  const [, decided] = await logOf(office(asked(id)));
  expect(decided).toMatchObject({ kind: 'certified', authority: { rule: { packVersion: '2025.1' } }, period: { start: '2026-01-09', end: '2026-04-09' } });
  const [, today] = await logOf(office(asked(randomUUID(), { clinic: '1999999992', member: 'demo-daniel-reyes' })));
  expect(today).toMatchObject({ kind: 'certified', authority: { rule: { packVersion: '2026.1' } }, period: { end: '2026-07-08' } });
});

test('guidance does not outlive the contract', async () => {
  const id = await told();
  await house.sql.query(`update resource set content = replace(content, '"period":{"start":"2021-01-01"}', '"period":{"start":"2021-01-01","end":"2025-12-31"}') where id = $1`, [`${member}-coverage`]);
  await later(20);
  const [, decided] = await logOf(asked(id));
  expect(decided).toMatchObject({ kind: 'denied', authority: { kind: 'administrative-rule', rule: { rule: 'coverage-on-service-date' } } });
});
