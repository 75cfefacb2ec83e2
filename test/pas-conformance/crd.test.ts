/** CRD 2.2.1, statements about answers as a whole that no test of a hook tells of by itself. */
import type { Resource } from '@medplum/fhirtypes';
import { createValidator } from '../../profiles/validator.ts';
import { call, chartOf, bundle, hcpcs, order, orderSign, saidIn, type Json } from '../support/cds-calls.ts';
import { definitionsFor, packagesAreHere } from '../support/definitions.ts';
import { openHouse, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

const member = 'demo-amara-okafor';
interface Card { readonly summary: string; readonly detail?: string; readonly source: { readonly topic: { readonly code: string } }; readonly suggestions?: { readonly actions: { readonly type: string; readonly resource: Resource }[] }[]; readonly extension: Record<string, unknown[]> }

test('crd-billopt-2, crd-dev-15: neither billing options nor a configuration is needed', async () => {
  const body = orderSign(member, [order()]);
  expect(JSON.stringify(body)).not.toMatch(/billing-options|configuration/);
  expect(saidIn(await call(house, 'order-sign-crd', body))).toHaveLength(1);
});

test.each<[string, Json]>([
  ['all switched off, one of them twice', { 'coverage-info': false, guideline: false, 'guideline ': true }], ['of the wrong type', { 'coverage-info': 'no', guideline: 7 }], ['no object', [] as unknown as Json], ['nested', { 'coverage-info': { off: true } }],
])('crd-dev-6: a configuration without sense does no harm: %s', async (_, configuration) => {
  const answer = await call(house, 'order-sign-crd', orderSign(member, [order()], [], { extension: { 'davinci-crd.configuration': configuration } }));
  expect([answer.status, Array.isArray(answer.json.cards)]).toEqual([200, true]);
});

test.each(['3.1.1', '6.1.0', '7.0.0'])('crd-conf-2: resources that claim US Core %s are taken', async (version) => {
  const { patient, coverage } = chartOf(member);
  const claimed = { ...patient, meta: { profile: [`http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|${version}`] } };
  const body = orderSign(member, [order()]);
  const answer = await call(house, 'order-sign-crd', { ...body, prefetch: { ...body.prefetch, patient: claimed, coverage: bundle(coverage) } });
  expect(saidIn(answer)).toHaveLength(1);
});

test('crd-resp-12, crd-resp-25, crd-resp-48: coverage information is carried by system actions, and no card says it too', async () => {
  const answer = await call(house, 'order-sign-crd', orderSign(member, [order()]));
  expect(answer.json.systemActions).toMatchObject([{ type: 'update', resource: { resourceType: 'ServiceRequest' } }]);
  for (const card of answer.json.cards as Card[]) {
    expect(card.source.topic.code).not.toBe('coverage-info');
    expect(JSON.stringify(card)).not.toMatch(/coverage-information|auth-needed/);
  }
});

test('crd-found-40: an answer has no needless blanks', async () => {
  const answer = await call(house, 'order-sign-crd', orderSign(member, [order()]));
  expect(answer.text).toBe(JSON.stringify(answer.json));
});

describe('a card about some of what is asked about', () => {
  const asked = async (...orders: ReturnType<typeof order>[]): Promise<Card[]> => (await call(house, 'order-sign-crd', orderSign(member, orders))).json.cards as Card[];

  test('crd-dev-24: says in its detail what it is about, in words that are no Markdown', async () => {
    const named = { ...order({ code: 'E0424' }), code: { text: 'Oxygen [here](https://evil.example) <b>', coding: [{ system: hcpcs, code: 'E0424' }] } } as ReturnType<typeof order>;
    const other = order({ id: 'o2', code: 'K0823', diagnosis: 'G35' });
    const cards = (await asked(named, other)).filter(({ extension }) => extension['davinci-crd.associated-resource']!.length === 1);
    expect(cards.length).toBeGreaterThan(0);
    for (const { detail, extension } of cards) {
      const isNamed = JSON.stringify(extension).includes('/o1');
      expect(detail).toMatch(isNamed ? /This is about: Oxygen \\\[here\\\]\\\(https:\/\/evil\\.example\\\) \\<b\\>\.$/ : /This is about: K0823\.$/);
    }
  });

  test('and one about all of it does not repeat them', async () => {
    for (const { detail } of await asked(order({ code: 'E0424' }))) expect(detail ?? '').not.toContain('This is about');
  });
});

(packagesAreHere ? test : test.skip)('crd-resp-55, crd-resp-57, crd-resp-62: what cards propose is valid by R4', async () => {
  const validate = createValidator(await definitionsFor(['hl7.fhir.us.davinci-crd-2.0.1']));
  const cards = (await call(house, 'order-sign-crd', orderSign(member, [order({ code: 'E0424' })]))).json.cards as Card[];
  const proposed = cards.flatMap(({ suggestions = [] }) => suggestions.flatMap(({ actions }) => actions.map(({ resource }) => resource)));
  expect(new Set(proposed.map(({ resourceType }) => resourceType))).toEqual(new Set(['ServiceRequest', 'Task']));
  for (const resource of proposed) expect(validate(resource, { now: house.clock.now, profiles: [] }).issues.filter(({ severity }) => severity === 'error')).toEqual([]);
}, 120_000);
