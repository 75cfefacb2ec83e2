/**
 * Random searches over random resources find what the words of the specification find, page by page and in order:
 * every type of parameter, prefixes, modifiers, alternatives, composites, chains, _has, sorting and totals, on the real
 * server against a naive search in memory (search-model/).
 */
import * as fc from 'fast-check';
import type { Resource } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { counts, type ChartType } from './search-model/chart.ts';
import { store, targets, type Stored, type World } from './search-model/naive.ts';
import { storeChart } from './search-model/stored-chart.ts';
import { allOf, chainOf, criteria, hasOf, linksOf, simpleCriteria, type Criterion, type Link } from './search-model/queries.ts';

const start = '2026-03-02T09:00:00.000Z';
let house: TestHouse;
let world: World;

beforeAll(async () => {
  house = await openHouse({ startAt: start, environment: { PRIORA_VALIDATION: 'off' } });
  world = new Map((await storeChart(house)).map(({ resource, changed }) => [`${resource.resourceType}/${resource.id}`, store(resource, changed)]));
}, 120_000);
afterAll(async () => { await house.close(); });

const now = (): number => house.clock.now.getTime();
const types = Object.keys(counts) as ChartType[];

interface Found {
  readonly ids: readonly string[];
  readonly included: readonly string[];
  readonly total: number | undefined;
}

/** All pages. */
async function find(path: string, parameters: readonly (readonly [string, string])[]): Promise<Found> {
  const ids: string[] = [];
  const included: string[] = [];
  let total: number | undefined;
  for (let next: string | undefined = `${house.fhir}/${path}?${new URLSearchParams(parameters.map((pair) => [...pair] as [string, string])).toString()}`; next !== undefined;) {
    const answer = await send('GET', next);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    const bundle = answer.json as { total?: number; entry?: { resource: Resource; search: { mode: string } }[]; link: { relation: string; url: string }[] };
    for (const { resource, search } of bundle.entry ?? []) (search.mode === 'match' ? ids : included).push(`${resource.resourceType}/${resource.id}`);
    total ??= bundle.total;
    next = bundle.link.find(({ relation }) => relation === 'next')?.url;
  }
  return { ids, included, total };
}

const expected = (of: readonly ChartType[], asked: readonly Criterion[]): string[] => {
  const test = allOf(asked);
  return [...world].filter(([, one]) => of.includes(one.resource.resourceType as ChartType) && test(one, world)).map(([name]) => name).toSorted();
};

const pairs = (asked: readonly Criterion[]): [string, string][] => asked.map(({ name, value }) => [name, value]);
const runs = (count: number): { numRuns: number } => ({ numRuns: Number(process.env['PRIORA_MODEL_RUNS'] ?? count) });

const foundBy = async (type: ChartType, asked: readonly Criterion[]): Promise<readonly string[]> => (await find(type, [...pairs(asked), ['_count', '1000']])).ids.toSorted();

test.each(types)('%s: each parameter by itself', async (type) => {
  for (const criterion of simpleCriteria(type, now)) await fc.assert(fc.asyncProperty(criterion, async (asked) => expect(await foundBy(type, [asked])).toEqual(expected([type], [asked]))), runs(30));
}, 300_000);

test.each(types)('%s: several conditions together, chains and _has', async (type) => {
  await fc.assert(fc.asyncProperty(fc.array(criteria(type, now), { minLength: 1, maxLength: 3 }), async (asked) => expect(await foundBy(type, asked)).toEqual(expected([type], asked))), runs(type === 'Observation' || type === 'Patient' ? 120 : 40));
}, 300_000);

test.each(Object.keys(linksOf) as ChartType[])('%s: each reference by itself, followed both ways', async (source) => {
  for (const link of linksOf[source]!) {
    const [code, target] = link;
    await fc.assert(fc.asyncProperty(chainOf(link, criteria(target, now, 0)), async (asked) => expect(await foundBy(source, [asked])).toEqual(expected([source], [asked]))), runs(12));
    await fc.assert(fc.asyncProperty(hasOf(source, code, criteria(source, now, 0)), async (asked) => expect(await foundBy(target, [asked])).toEqual(expected([target], [asked]))), runs(12));
  }
}, 300_000);

test('page by page, with an exact total', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(...types).chain((type) => fc.tuple(fc.constant(type), fc.array(criteria(type, now, 1), { maxLength: 2 }), fc.integer({ min: 1, max: 30 }))), async ([type, asked, count]) => {
    const { ids, total } = await find(type, [...pairs(asked), ['_count', String(count)], ['_total', 'accurate']]);
    const all = expected([type], asked);
    expect(ids.toSorted()).toEqual(all);
    expect(total).toBe(all.length);
  }), runs(80));
}, 300_000);

/** What sorts a type, and what a resource is sorted by; of several values the smallest, or the largest when descending. */
const keys: Readonly<Partial<Record<ChartType, Readonly<Record<string, (one: Stored) => readonly (string | number)[]>>>>> = {
  Patient: { family: (one) => texts(one, 'family'), birthdate: (one) => dates(one, 'birthdate'), 'death-date': (one) => dates(one, 'death-date'), _id: ({ resource }) => [resource.id], _lastUpdated: ({ changed }) => [changed], gender: ({ resource }) => [(resource as { gender?: string }).gender ?? []].flat() },
  Observation: { date: (one) => dates(one, 'date'), 'value-date': (one) => dates(one, 'value-date'), 'value-quantity': (one) => numbers(one, 'value-quantity'), 'value-string': (one) => texts(one, 'value-string'), status: ({ resource }) => [(resource as { status: string }).status], _lastUpdated: ({ changed }) => [changed] },
  Encounter: { date: (one) => dates(one, 'date'), length: (one) => numbers(one, 'length'), _id: ({ resource }) => [resource.id], _lastUpdated: ({ changed }) => [changed] },
  RiskAssessment: { probability: (one) => numbers(one, 'probability'), _id: ({ resource }) => [resource.id] },
};
const texts = ({ values }: Stored, code: string): string[] => values.flatMap((value) => (value.type === 'string' && value.parameter.code === code ? [value.normalized] : []));
const dates = ({ values }: Stored, code: string): number[] => values.flatMap((value) => (value.type === 'date' && value.parameter.code === code ? [value.low] : []));
const numbers = ({ values }: Stored, code: string): number[] => values.flatMap((value) => ((value.type === 'number' || value.type === 'quantity') && value.parameter.code === code ? [value.low === -Infinity || value.high === Infinity ? value.low : value.value!] : []));

const sortedTypes = Object.keys(keys) as (keyof typeof keys)[];
const sortings = fc.constantFrom(...sortedTypes).chain((type) => fc.tuple(
  fc.constant(type), fc.uniqueArray(fc.tuple(fc.constantFrom(...Object.keys(keys[type]!)), fc.boolean()), { minLength: 1, maxLength: 3, selector: ([name]) => name }), fc.array(criteria(type, now, 0), { maxLength: 1 }), fc.integer({ min: 1, max: 25 }),
));

test('in the order that was asked for, page by page, what has no value last', async () => {
  await fc.assert(fc.asyncProperty(sortings, async ([type, order, asked, count]) => {
    const { ids } = await find(type, [...pairs(asked), ['_sort', order.map(([name, descending]) => (descending ? `-${name}` : name)).join(',')], ['_count', String(count)]]);
    expect(ids.toSorted()).toEqual(expected([type], asked));
    for (let at = 1; at < ids.length; at += 1) {
      const [before, behind] = [world.get(ids[at - 1]!)!, world.get(ids[at]!)!];
      for (const [name, descending] of order) {
        const compared = compare(best(keys[type]![name]!(before), descending), best(keys[type]![name]!(behind), descending), descending);
        if (compared > 0) throw new Error(`${ids[at - 1]} before ${ids[at]} by ${name}`);
        if (compared < 0) break;
      }
    }
  }), runs(120));
}, 300_000);

function best(values: readonly (string | number)[], descending: boolean): string | number | undefined {
  return values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).at(descending ? -1 : 0);
}

function compare(before: string | number | undefined, behind: string | number | undefined, descending: boolean): number {
  if (before === behind) return 0;
  if (before === undefined) return 1;
  if (behind === undefined) return -1;
  return (before < behind ? -1 : 1) * (descending ? -1 : 1);
}

test('what goes along: each that is referred to, or refers, once', async () => {
  const links = (Object.entries(linksOf) as [ChartType, readonly Link[]][]).flatMap(([source, all]) => all.map((link) => [source, ...link] as const));
  const inclusions = fc.constantFrom(...links).chain(([source, code, target]) => fc.tuple(fc.constant([source, code, target] as const), fc.boolean(), fc.boolean()).chain(([link, backwards, typed]) => fc.tuple(
    fc.constant({ link, backwards, typed }), criteria(backwards ? target : source, now, 0))));
  await fc.assert(fc.asyncProperty(inclusions, async ([{ link: [source, code, target], backwards, typed }, asked]) => {
    const type = backwards ? target : source;
    const { ids, included } = await find(type, [...pairs([asked]), [backwards ? '_revinclude' : '_include', typed ? `${source}:${code}:${target}` : `${source}:${code}`], ['_count', '1000']]);
    const matches = ids.map((id) => world.get(id)!);
    const leads = (from: Stored): readonly Stored[] => targets(from, code, world).filter(({ resource }) => !typed || resource.resourceType === target);
    const wanted = backwards ? [...world.values()].filter((one) => one.resource.resourceType === source && leads(one).some((found) => matches.includes(found))) : matches.flatMap(leads);
    const names = new Set(wanted.filter((one) => !matches.includes(one)).map(({ resource }) => `${resource.resourceType}/${resource.id}`));
    expect(included.toSorted()).toEqual([...names].toSorted());
  }), runs(120));
}, 300_000);

test('several types at once, and compartments', async () => {
  const both: readonly ChartType[] = ['Observation', 'Encounter'];
  const common = fc.oneof(criteria('Encounter', now, 0).filter(({ name }) => /^(patient|subject|_tag|_profile|_source|date)(:|$)/.test(name)));
  await fc.assert(fc.asyncProperty(fc.array(common, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 40 }), async (asked, count) => {
    expect((await find('', [['_type', both.join(',')], ...pairs(asked), ['_count', String(count)]])).ids.toSorted()).toEqual(expected(both, asked));
  }), runs(60));
  await fc.assert(fc.asyncProperty(fc.nat(counts.Patient - 1), criteria('Observation', now, 0), async (at, asked) => {
    const id = `pat-${at}`;
    const inside = (name: string): boolean => ['subject', 'performer'].some((code) => world.get(name)!.values.some((value) => value.type === 'reference' && value.parameter.code === code && value.url === undefined && value.targetType === 'Patient' && value.targetId === id));
    expect((await find(`Patient/${id}/Observation`, [...pairs([asked]), ['_count', '1000']])).ids.toSorted()).toEqual(expected(['Observation'], [asked]).filter(inside));
  }), runs(60));
}, 300_000);

test('_filter finds what the same conditions find', async () => {
  const plain = criteria('Observation', now, 0).filter(({ name, value }) => /^(code|status|date|value-quantity|value-date|component-code)$/.test(name) && !value.includes(',') && !/^(ne)/.test(value)).map((criterion) => {
    const ordered = /^(date|value-quantity|value-date)$/.test(criterion.name);
    const [, prefix = 'eq', rest = ''] = ordered ? /^(eq|gt|lt|ge|le|sa|eb|ap)?(.*)$/.exec(criterion.value)! : [undefined, 'eq', criterion.value];
    return { text: `${criterion.name} ${prefix} ${rest}`, test: criterion.test };
  }).filter(({ text }) => !/[()[\]"]/.test(text));
  type Node = { readonly text: string; readonly test: Criterion['test'] };
  const { filter } = fc.letrec<{ filter: Node }>((tie) => ({
    filter: fc.oneof({ maxDepth: 3 }, plain,
      tie('filter').map((inner) => ({ text: `not (${inner.text})`, test: (one: Stored, all: World) => !inner.test(one, all) })),
      fc.tuple(tie('filter'), tie('filter')).map(([left, right]) => ({ text: `(${left.text}) and (${right.text})`, test: (one: Stored, all: World) => left.test(one, all) && right.test(one, all) })),
      fc.tuple(tie('filter'), tie('filter')).map(([left, right]) => ({ text: `(${left.text}) or (${right.text})`, test: (one: Stored, all: World) => left.test(one, all) || right.test(one, all) }))),
  }));
  await fc.assert(fc.asyncProperty(filter, async ({ text, test }) => {
    expect((await find('Observation', [['_filter', text], ['_count', '1000']])).ids.toSorted()).toEqual(expected(['Observation'], [{ name: '_filter', value: text, test }]));
  }), runs(120));
}, 300_000);
