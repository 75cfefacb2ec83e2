/**
 * Criteria judged on a resource before it is stored (store/search/judge.ts) say what a search says of it when it is: the
 * same random resources and criteria, judged in memory and searched for in PostgreSQL.
 */
import * as fc from 'fast-check';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '@medplum/fhirtypes';
import { standardParameters } from '../../fhir/search-parameters.ts';
import { compartmentKey } from '../../store/search-keys.ts';
import { isMet, judgedOf, type Judged } from '../../store/search/judge.ts';
import { readConditions } from '../../store/search/language/read-search.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { counts, type ChartType } from './search-model/chart.ts';
import { chainOf, criteria, hasOf, linksOf, simpleCriteria, type Criterion } from './search-model/queries.ts';
import { storeChart } from './search-model/stored-chart.ts';

let house: TestHouse;
interface One {
  readonly name: string;
  readonly type: string;
  readonly judged: Judged;
}
let resources: readonly One[];
const judgedAs = (resource: Resource, id: string): One => ({ name: `${resource.resourceType}/${id}`, type: resource.resourceType, judged: judgedOf(resource, id, { tenant, parameters: standardParameters }) });
const tenant = { id: 1, name: 'default' };

beforeAll(async () => {
  // The random resources keep the shape of FHIR, but not all of its rules.
  house = await openHouse({ environment: { PRIORA_VALIDATION: 'off' } });
  resources = (await storeChart(house)).map(({ resource: { id }, text }) => judgedAs(parseJson(text) as Resource, id));
}, 120_000);
afterAll(async () => { await house.close(); });

const types = Object.keys(counts) as ChartType[];
const now = (): number => house.clock.now.getTime();
const runs = (count: number): { numRuns: number } => ({ numRuns: Number(process.env['PRIORA_MODEL_RUNS'] ?? count) });
type Answers = ReadonlyMap<string, boolean | undefined>;
type Asked = Pick<Criterion, 'name' | 'value'>;

async function judge(type: ChartType, asked: readonly Asked[]): Promise<Answers> {
  const where = await readConditions(type, asked.map(({ name, value }) => [name, value] as const), { context: { tenant, base: house.fhir, parameters: standardParameters, now: () => house.clock.now } });
  return new Map(resources.filter((one) => one.type === type).map(({ name, judged }) => [name, isMet(where, judged)]));
}

async function search(type: ChartType, asked: readonly Asked[]): Promise<ReadonlySet<string>> {
  const answer = await send('GET', `${house.fhir}/${type}?${new URLSearchParams([...asked.map(({ name, value }): [string, string] => [name, value]), ['_count', '1000']]).toString()}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return new Set((answer.json as { entry?: { resource: { id: string } }[] }).entry?.map(({ resource: { id } }) => `${type}/${id}`));
}

interface Both {
  readonly judged: readonly string[];
  readonly searched: readonly string[];
}

/** The same asked both ways. What is not told stands out. */
async function both(type: ChartType, asked: readonly Asked[]): Promise<Both> {
  const judged = [...await judge(type, asked)].flatMap(([name, met]) => (met === false ? [] : met === true ? [name] : [`${name}?`]));
  return { judged: judged.toSorted(), searched: [...await search(type, asked)].toSorted() };
}

test.each(types)('%s: each parameter by itself, with its prefixes and modifiers', async (type) => {
  for (const criterion of simpleCriteria(type, now)) await fc.assert(fc.asyncProperty(criterion, async (asked) => { const { judged, searched } = await both(type, [asked]); expect(judged).toEqual(searched); }), runs(20));
}, 300_000);

test.each(types)('%s: several together', async (type) => {
  await fc.assert(fc.asyncProperty(fc.array(criteria(type, now, 0), { minLength: 2, maxLength: 3 }), async (asked) => { const { judged, searched } = await both(type, asked); expect(judged).toEqual(searched); }), runs(20));
}, 300_000);

test('_filter: and, or, not, beginnings, ends and parts of texts', async () => {
  const leaf = fc.constantFrom('family sw mul', 'family ew er', 'family co mit', 'family eq smith', 'birthdate ge 2020-02', 'birthdate pr true', 'identifier eq a', 'gender ne male');
  const { filter } = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof({ maxDepth: 3 }, leaf, tie('filter').map((inner) => `not (${inner})`), fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map(([left, word, right]) => `(${left}) ${word} (${right})`)),
  }));
  await fc.assert(fc.asyncProperty(filter, async (value) => { const { judged, searched } = await both('Patient', [{ name: '_filter', value }]); expect(judged).toEqual(searched); }), runs(40));
}, 300_000);

describe('what other resources have a say in', () => {
  const linked = (Object.keys(linksOf) as ChartType[]).flatMap((source) => linksOf[source]!.map((link) => [source, link] as const));
  const asked = fc.constantFrom(...linked).chain(([source, link]) => fc.oneof(
    fc.tuple(fc.constant(source), chainOf(link, criteria(link[1], now, 0))), fc.tuple(fc.constant(link[1]), hasOf(source, link[0], criteria(source, now, 0)))));

  test('is left open or told right, alone and together with what can be told', async () => {
    await fc.assert(fc.asyncProperty(asked.chain(([type, one]) => fc.tuple(fc.constant(type), fc.constant(one), fc.array(criteria(type, now, 0), { maxLength: 1 }))), async ([type, one, more]) => {
      const expected = await search(type, [one, ...more]);
      const told = [...await judge(type, [one, ...more])].filter(([, met]) => met !== undefined);
      expect(told).toEqual(told.map(([name]) => [name, expected.has(name)]));
    }), runs(100));
  }, 300_000);

  test('is false where nothing is referred to, and where something else is not met', async () => {
    const chained: Asked = { name: 'organization.name', value: 'Smith' };
    const open = await judge('Patient', [chained]);
    const refers = await judge('Patient', [{ name: 'organization:missing', value: 'false' }]);
    for (const [name, met] of open) expect(met).toBe(refers.get(name) === true ? undefined : false);
    expect(new Set(open.values())).toEqual(new Set([undefined, false]));
    expect(new Set((await judge('Patient', [chained, { name: 'gender', value: 'nobody' }])).values())).toEqual(new Set([false]));
  });

  test.each([['_has:Observation:subject:status', 'final'], ['_list', 'a'], ['_text', 'a'], ['_content', 'a'], ['_lastUpdated', 'gt2020']])('%s is left open', async (name, value) => {
    expect(new Set((await judge('Patient', [{ name, value }])).values())).toEqual(new Set([undefined]));
  });
});

describe('at the edges', () => {
  const system = 'urn:edges';
  const observed = (effectiveDateTime: string): object => ({ resourceType: 'Observation', status: 'final', code: { coding: [{ system, code: 'edge' }] }, effectiveDateTime });
  const risk = (probabilityDecimal: number): object => ({ resourceType: 'RiskAssessment', status: 'final', subject: { reference: 'Patient/edge' }, prediction: [{ probabilityDecimal }] });
  const sequence = (start: number, end: number): object => ({
    resourceType: 'MolecularSequence', coordinateSystem: 0, referenceSeq: { chromosome: { coding: [{ system, code: '7' }] }, windowStart: 1, windowEnd: 9 }, variant: [{ start, end }] });
  const edges: Readonly<Record<string, object>> = {
    'day': observed('2020-02-29'), 'before-now': observed('2026-03-02T08:59:59.999Z'), 'now': observed('2026-03-02T09:00:00.000Z'), 'after-now': observed('2026-03-02T09:00:00.001Z'),
    'grams': { ...observed('2019'), valueQuantity: { value: 5, unit: 'mg', system, code: 'g' } },
    'p-35': risk(0.35), 'p-45': risk(0.45), 'p-50': risk(0.5), 'p-55': risk(0.55), 's-1-5': sequence(1, 5), 's-1-6': sequence(1, 6),
  };
  const others = (): readonly One[] => resources.filter(({ name }) => !Object.hasOwn(edges, name.slice(name.indexOf('/') + 1)));

  beforeAll(async () => {
    house.clock.now = new Date('2026-03-02T09:00:00.000Z');
    for (const [id, resource] of Object.entries(edges)) {
      const { resourceType } = resource as Resource;
      const answer = await send('PUT', `${house.fhir}/${resourceType}/${id}`, { id, ...resource });
      if (answer.status !== 201) throw new Error(answer.text);
    }
    resources = [...others(), ...Object.entries(edges).map(([id, resource]) => judgedAs(parseJson(JSON.stringify(resource)) as Resource, id))];
  });

  const dated = `code=${system}|edge`;
  test.each<[type: string, query: string, found: readonly string[]]>([
    ['Observation', `${dated}&date=gt2020-02-29&date=lt2021`, []],
    ['Observation', `${dated}&date=ge2020-02-29&date=lt2021`, ['day']],
    ['Observation', `${dated}&date=ap2026-03-02T09:00:00.000Z`, ['now']],
    ['Observation', `${dated}&value-quantity=5|${system}|mg`, []],
    ['Observation', `${dated}&value-quantity=5||mg`, ['grams']],
    ['RiskAssessment', 'subject=Patient/edge&probability=ne0.3', ['p-35', 'p-45', 'p-50', 'p-55']],
    ['RiskAssessment', 'subject=Patient/edge&probability=lt0.45', ['p-35']],
    ['RiskAssessment', 'subject=Patient/edge&probability=ap0.5', ['p-45', 'p-50', 'p-55']],
    ['MolecularSequence', `chromosome-variant-coordinate=${system}|7$1$5`, ['s-1-5']],
    ['MolecularSequence', `chromosome-variant-coordinate=7$ge1$ge6`, ['s-1-6']],
  ])('%s?%s', async (type, query, found) => {
    const asked = query.split('&').map((pair) => pair.split('=') as [string, string]).map(([name, value]) => ({ name, value }));
    const names = found.map((id) => `${type}/${id}`).toSorted();
    expect(await both(type as ChartType, asked)).toEqual({ judged: names, searched: names });
  });

  test('a compartment is told by its patient and by its key', () => {
    const { judged } = judgedAs({ resourceType: 'Observation', status: 'final', code: {}, subject: { reference: 'Patient/a' }, performer: [{ reference: 'Patient/b' }] }, 'x');
    const inside = (id: string): boolean | undefined => isMet({ kind: 'patient', id, key: compartmentKey(tenant.id, id) }, judged);
    expect([inside('a'), inside('b'), inside('c')]).toEqual([true, true, false]);
  });

  test('the opposite of what cannot be told cannot be told', async () => {
    expect(new Set((await judge('Patient', [{ name: '_filter', value: 'not (_lastUpdated gt 2020)' }])).values())).toEqual(new Set([undefined]));
  });
});

test('an id that nobody can know is none that is asked for', async () => {
  const where = await readConditions('Patient', [['_id', 'a,b']], { context: { tenant, base: house.fhir, parameters: standardParameters, now: () => house.clock.now } });
  const judged = judgedOf({ resourceType: 'Patient' }, undefined, { tenant, parameters: standardParameters });
  expect([isMet(where, judged), isMet({ kind: 'not', of: where }, judged), isMet(where, { ...judged, id: 'b' })]).toEqual([false, true, true]);
});
