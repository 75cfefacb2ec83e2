/** A client's record of a coverage that is not what the plan has: what is offered, when, and when nothing is. */
import { randomUUID } from 'node:crypto';
import type { Coverage } from '@medplum/fhirtypes';
import { bundle, call, chartOf, order, orderSign, type Json } from '../support/cds-calls.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

interface Card { readonly summary: string; readonly source: { topic: { code: string } }; readonly suggestions: { actions: { type: string; resource: Json }[] }[]; readonly extension: Json }

/** Cards of an encounter that begins, by what the client has of the coverage. */
async function offered(member: string, change: Partial<Coverage> | { period: undefined }, more: Json = {}): Promise<Card[]> {
  const { patient, coverage, requester } = chartOf(member);
  const answer = await call(house, 'encounter-start-crd', {
    hook: 'encounter-start', hookInstance: randomUUID(), context: { userId: 'Practitioner/doctor', patientId: 'p', encounterId: 'e' },
    prefetch: { patient, coverage: bundle({ ...coverage, ...change } as never), organizations: bundle(requester), encounter: { resourceType: 'Encounter', id: 'e', status: 'in-progress', class: { code: 'AMB' }, subject: { reference: 'Patient/p' } } }, ...more,
  });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return (answer.json as { cards: Card[] }).cards.filter(({ source }) => source.topic.code === 'insurance');
}
const actionIn = ([card]: Card[]): { type: string; resource: Json } => card!.suggestions[0]!.actions[0]!;

describe('nothing is offered', () => {
  test.each<[string, string, Partial<Coverage> | { period: undefined }]>([
    ['of a record that is as the plan has it', 'demo-daniel-reyes', {}],
    ['of one that says less of what has no end', 'demo-daniel-reyes', { period: undefined }],
    ['of one that tells the time of day too', 'demo-daniel-reyes', { period: { start: '2021-01-01T00:00:00Z' } }],
    ['of one that tells the year alone', 'demo-daniel-reyes', { period: { start: '2021' } }],
  ])('%s', async (_, member, change) => expect(await offered(member, change)).toEqual([]));

  test('to a client that does not want it', async () => {
    expect(await offered('demo-daniel-reyes', { period: { start: '2021-01-01', end: '2025-12-31' } }, { extension: { 'davinci-crd.configuration': { insurance: false } } })).toEqual([]);
  });

  test('crd-resp-70: to whoever signs orders', async () => {
    const body = orderSign('demo-daniel-reyes', [order()]);
    const { coverage } = chartOf('demo-daniel-reyes');
    body.prefetch['coverage'] = bundle({ ...coverage, period: { start: '2022-01-01' } } as never);
    const { cards, systemActions } = (await call(house, 'order-sign-crd', body)).json as { cards: Card[]; systemActions: { resource: Json }[] };
    expect(cards.filter(({ source }) => source.topic.code === 'insurance')).toEqual([]);
    expect(systemActions.map(({ resource }) => resource['resourceType'])).toEqual(['ServiceRequest']);
  });

  test('of somebody whom the plan does not know', async () => {
    const { patient } = chartOf('demo-daniel-reyes');
    expect(await offered('demo-daniel-reyes', {}, { prefetch: { patient: { ...patient, name: [{ family: 'Nobody' }], birthDate: '1900-01-01' }, coverage: bundle({ ...chartOf('demo-daniel-reyes').coverage, period: { start: '2022-01-01' } } as never), encounter: { resourceType: 'Encounter', id: 'e', status: 'in-progress', class: { code: 'AMB' }, subject: { reference: 'Patient/p' } } } })).toEqual([]);
  });
});

describe('the record as the plan has it is offered', () => {
  test('crd-resp-71: its end, on the client\'s own resource, which stays as it is beside that', async () => {
    const cards = await offered('demo-victor-lindqvist', { period: { start: '2021-01-01' }, costToBeneficiary: [{ type: { text: 'copay' } }] });
    expect(cards).toHaveLength(1);
    expect(cards[0]).toMatchObject({ indicator: 'info', source: { label: 'Demo Health Plan', topic: { code: 'insurance', display: 'Insurance' } }, selectionBehavior: 'any', extension: { 'davinci-crd.associated-resource': [{ reference: 'Coverage/cov' }] }, suggestions: [{ uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), label: expect.any(String) }] });
    expect(cards[0]!.summary.length).toBeLessThan(140);
    const { type, resource } = actionIn(cards);
    expect([type, resource]).toEqual(['update', { ...chartOf('demo-victor-lindqvist').coverage, period: { start: '2021-01-01', end: '2024-12-31' }, costToBeneficiary: [{ type: { text: 'copay' } }] }]);
  });

  test('an end that there is none of, and another beginning', async () => {
    expect(actionIn(await offered('demo-daniel-reyes', { period: { start: '2021-01-01', end: '2027-12-31' } }))).toMatchObject({ type: 'update', resource: { id: 'cov', period: { start: '2021-01-01' } } });
    expect(actionIn(await offered('demo-daniel-reyes', { period: { start: '2022-01-01' } })).resource['period']).toEqual({ start: '2021-01-01' });
  });

  test('a number that differs', async () => {
    const { resource } = actionIn(await offered('demo-daniel-reyes', { subscriberId: 'OLD-1' }));
    expect(resource['subscriberId']).toBe('PD1000002');
  });

  test('a coverage of its own where the client\'s ended before it began', async () => {
    const { type, resource } = actionIn(await offered('demo-daniel-reyes', { period: { start: '2015-01-01', end: '2019-12-31' } }));
    expect([type, resource]).toMatchObject(['create', { resourceType: 'Coverage', status: 'active', subscriberId: 'PD1000002', beneficiary: { reference: 'Patient/p' }, period: { start: '2021-01-01' }, payor: chartOf('demo-daniel-reyes').coverage['payor' as never] }]);
    expect(resource['id']).not.toBe('cov');
  });

  test('crd-dev-5, crd-dev-8: it is an option, once', async () => {
    const { services } = (await send('GET', `${house.origin}/cds-services`)).json as { services: { extension: Record<string, { code: string }[]> }[] };
    for (const { extension } of services) expect(extension['davinci-crd.configuration-options']!.filter(({ code }) => code === 'insurance')).toHaveLength(1);
  });
});
