/** Every kind of condition finds what the words of the specification find, however it is planned and in whatever order. */
import fc from 'fast-check';
import { openDatabase, type Database, type Queryable } from '../../../store/database.ts';
import { countResources, estimateResources } from '../../../store/count.ts';
import { findPage } from '../../../store/find.ts';
import type { Expression, Order, Place } from '../../../store/search/expression.ts';
import type { Statistics } from '../../../store/search/statistics.ts';
import { commit } from '../../../store/write/commit.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';
import { conditions, hasCoded, isFurther, orders, tenant } from './conditions.ts';
import { corpus } from './corpus.ts';
import { hold, Naive, nameOf, type Held } from './naive.ts';

let database: Database;
let drop: () => Promise<void>;
let naive: Naive;

/** Changed in steps, so that an order by change has ties and more. */
const changedAt = (index: number): Date => new Date(Date.UTC(2026, 0, 1, 0, Math.floor(index / 60)));

beforeAll(async () => {
  const { url, drop: dropDatabase } = await createDatabase();
  drop = dropDatabase;
  database = openDatabase({ connection: { connectionString: url }, size: 4, searchTimeout: 20_000, onIdleError: () => {} });
  const held: Held[] = [];
  for (const [index, resource] of corpus().entries()) held.push(hold(tenant, resource, changedAt(index)));
  for (const now of new Set(held.map(({ changed }) => changed.getTime()))) {
    await commit(database, held.filter(({ changed }) => changed.getTime() === now).map(({ resource }) => ({ kind: 'update' as const, resource })), contextFor(tenant, { now: () => new Date(now) }));
  }
  // Another tenant has the same, and a deleted resource is nobody's.
  await commit(database, corpus().map((resource) => ({ kind: 'update' as const, resource })), contextFor(tenant + 1));
  await commit(database, [{ kind: 'update', resource: { resourceType: 'Patient', id: 'gone', gender: 'male', identifier: [{ value: 'm7' }] } }], contextFor(tenant));
  await commit(database, [{ kind: 'delete', type: 'Patient', id: 'gone' }], contextFor(tenant));
  naive = new Naive(held);
});
afterAll(async () => {
  await database.close();
  await drop();
});

/** Every way of planning: keys that are rare are fetched, keys that are common are walked past, and chains are collected or looked up. */
const plans: Readonly<Record<string, Statistics>> = {
  'everything is rare': { rowsOf: () => 1_000_000, withKey: () => undefined, rare: 1 },
  'everything is common': { rowsOf: () => 10, withKey: () => 1_000_000, rare: 1_000_000 },
  'a large table of which much is common': { rowsOf: () => 1_000_000, withKey: () => 800_000, rare: 800_000 },
  'a large table in which further codings are rare': { rowsOf: () => 1_000_000, withKey: (key) => isFurther(key) ? undefined : 800_000, rare: 1 },
};

const under = (statistics: Statistics): Queryable => ({ query: (statement) => database.query(statement), statistics });
const names = (page: { resources: readonly { type: string; id: string }[] }): string[] => page.resources.map(({ type, id }) => `${type}/${id}`);

async function pages(queryable: Queryable, type: string | readonly string[], where: Expression, order: Order, limit: number): Promise<string[]> {
  const found: string[] = [];
  let after: Place | undefined;
  do {
    const page = await findPage(queryable, { of: [type].flat().map((one) => ({ type: one, where })), limit, order, include: [], ...(after && { after }) }, contextFor(tenant));
    found.push(...names(page));
    // As a cursor has it.
    after = page.next && JSON.parse(JSON.stringify(page.next)) as Place;
  } while (after !== undefined);
  return found;
}

describe.each(Object.entries(plans))('where %s', (_plan, statistics) => {
  test.each(Object.entries(conditions))('each condition on %s', async (type, list) => {
    for (const where of list) {
      const wanted = naive.sorted(naive.find(type, where), []).map(nameOf);
      expect({ where, found: await pages(under(statistics), type, where, [], 500) }).toEqual({ where, found: wanted });
      expect(await countResources(under(statistics), { type, where }, contextFor(tenant))).toBe(wanted.length);
      expect(await estimateResources(under(statistics), { type, where }, contextFor(tenant))).toEqual({ count: wanted.length, exact: true });
    }
  });

  test.each(Object.entries(orders))('pages of %s in each order', async (type, list) => {
    for (const order of list) {
      for (const where of [{ kind: 'all', of: [] }, conditions[type]![0]!, conditions[type]!.at(-1)!, ...(type === 'Patient' ? hasCoded : []), ...conditions[type]!.filter((one) => one.kind === 'date' && one.scope === 'principal').slice(12, 48)] satisfies Expression[]) {
        const wanted = naive.sorted(naive.find(type, where), order).map(nameOf);
        expect({ order, where, found: await pages(under(statistics), type, where, order, 7) }).toEqual({ order, where, found: wanted });
      }
    }
  });

  test('trees of conditions in any order and size of page', async () => {
    const tree = (type: string): fc.Arbitrary<Expression> => fc.letrec<{ tree: Expression }>((tie) => ({
      tree: fc.oneof({ maxDepth: 2, withCrossShrink: true },
        fc.constantFrom(...conditions[type]!),
        fc.record({ kind: fc.constantFrom('all' as const, 'any' as const), of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ kind: fc.constant('not' as const), of: tie('tree') })),
    })).tree;
    const search = fc.constantFrom('Patient', 'Observation', 'Encounter').chain((type) => fc.record({ type: fc.constant(type), where: tree(type), order: fc.constantFrom(...orders[type]!), limit: fc.constantFrom(1, 3, 10, 100) }));
    await fc.assert(fc.asyncProperty(search, async ({ type, where, order, limit }) => {
      const wanted = naive.sorted(naive.find(type, where), order).map(nameOf);
      expect(await pages(under(statistics), type, where, order, Math.max(limit, Math.ceil(wanted.length / 5)))).toEqual(wanted);
    }), { numRuns: 150 });
  });

  test('several types in one order, equal ids among them', async () => {
    const types = ['Patient', 'Practitioner', 'Encounter', 'Organization'];
    for (const order of [[], [{ by: 'id', descending: false }], [{ by: 'changed', descending: true }], [{ by: 'changed', descending: false }], [{ by: 'principal-date', descending: true }]] satisfies Order[]) {
      for (const where of [{ kind: 'changed' }, hasCoded[8]!] satisfies Expression[]) {
        const wanted = naive.sorted(types.flatMap((type) => naive.find(type, where)), order).map(nameOf);
        for (const limit of [1, 9]) expect(await pages(under(statistics), types, where, order, limit)).toEqual(wanted);
      }
    }
  });
});
