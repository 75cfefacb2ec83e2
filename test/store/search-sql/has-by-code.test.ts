/** Patients by the code of what refers to them: a page meets what is on it, however large the table, and stays right while things change. */
import fc from 'fast-check';
import pg from 'pg';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { openDatabase, type Database } from '../../../store/database.ts';
import { findPage } from '../../../store/find.ts';
import { compilePage } from '../../../store/search/compile.ts';
import type { Expression, Order, Place } from '../../../store/search/expression.ts';
import { searchSession } from '../../../store/search/session.ts';
import { keyMaker } from '../../../store/search-keys.ts';
import { commit } from '../../../store/write/commit.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';

let database: Database;
let client: pg.Client;
let drop: () => Promise<void>;
beforeAll(async () => {
  const { url, drop: dropDatabase } = await createDatabase();
  drop = dropDatabase;
  database = openDatabase({ connection: { connectionString: url }, size: 2, searchTimeout: 20_000, onIdleError: () => {} });
  client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(searchSession);
});
afterAll(async () => {
  await client.end();
  await database.close();
  await drop();
});

const key = (tenant: number, type: string, name: string, code: string) => keyMaker(tenant, resourceTypeCode(type)).token(name, { form: 'code', code });
const hasCode = (tenant: number, ...codes: readonly string[]): Expression => ({
  kind: 'has', type: 'Condition', parameter: 'patient', viaPatient: true, where: {
    kind: 'key', selective: false, anyOf: codes.map((code) => key(tenant, 'Condition', 'code', code)),
    codes: codes.map((code) => ({ code: keyMaker(tenant, resourceTypeCode('Condition')).principalCode('code', code), more: key(tenant, 'Condition', 'code:more', code) })),
  },
});
const male = (tenant: number): Expression => ({ kind: 'key', selective: false, anyOf: [key(tenant, 'Patient', 'gender', 'male')] });
const patient = (n: number) => ({ resourceType: 'Patient' as const, id: `p${String(n).padStart(5, '0')}`, gender: n % 2 === 0 ? 'male' as const : 'female' as const });
const condition = (n: number, copy: number, ...codes: readonly string[]) => ({ resourceType: 'Condition' as const, id: `c${n}-${copy}`, subject: { reference: `Patient/${patient(n).id}` }, code: { coding: codes.map((code) => ({ code })) } });

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** Rows of the table that a search fetches with the plan that is kept for any values, and the indexes that it may use. */
async function met(where: Expression, order: Order, tenant: number): Promise<{ readonly rows: number; readonly indexes: ReadonlySet<string> }> {
  const { text, values = [] } = compilePage({ of: [{ type: 'Patient', where }], limit: 5, order, include: [] }, { tenant }, database.statistics);
  await client.query(`prepare asked as ${text}`);
  const literals = values.map((value) => client.escapeLiteral(String(value)));
  const { rows: [row] } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(`explain (analyze, format json) execute asked (${literals.join(', ')})`);
  await client.query('deallocate asked');
  const indexes = new Set<string>();
  const rowsOf = (plan: Plan): number => {
    if (plan['Index Name'] !== undefined && plan['Actual Loops'] > 0) indexes.add(plan['Index Name']);
    const own = plan['Relation Name'] === 'resource' ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0;
    return (plan.Plans ?? []).reduce((sum, inner) => sum + rowsOf(inner), own);
  };
  return { rows: rowsOf(row!['QUERY PLAN'][0]!.Plan), indexes };
}

test('a page meets no more rows in a larger table, and of an absent code none', async () => {
  const tenant = 51;
  const grow = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += 100) {
      const some = Array.from({ length: 100 }, (_, at) => n + at);
      await commit(database, some.flatMap((one) => [patient(one), ...[0, 1, 2].map((copy) => condition(one, copy, 'common')), condition(one, 3, one % 3 === 0 ? 'third' : `own-${one}`)]).map((resource) => ({ kind: 'update' as const, resource })), contextFor(tenant));
    }
    await client.query('vacuum analyze resource');
    await database.statistics.refresh(database);
  };
  const asked: Readonly<Record<string, readonly [Expression, Order]>> = {
    'common': [hasCode(tenant, 'common'), []],
    'common, upwards': [hasCode(tenant, 'common'), [{ by: 'id', descending: false }]],
    'one in three': [hasCode(tenant, 'third'), []],
    'either': [hasCode(tenant, 'third', 'common'), []],
    'absent': [hasCode(tenant, 'absent'), []],
    'of men': [{ kind: 'all', of: [hasCode(tenant, 'common'), male(tenant)] }, []],
    'both': [{ kind: 'all', of: [hasCode(tenant, 'third'), hasCode(tenant, 'common')] }, []],
    'newest of those with the common one': [hasCode(tenant, 'common'), [{ by: 'changed', descending: true }]],
  };
  const measure = async (): Promise<Record<string, number>> => Object.fromEntries(await Object.entries(asked).reduce(
    async (before, [name, [where, order]]) => [...await before, [name, (await met(where, order, tenant)).rows] as const], Promise.resolve([] as (readonly [string, number])[])));
  await grow(0, 300);
  const small = await measure();
  await grow(300, 1500);
  const large = await measure();
  expect(large).toEqual(small);
  // The patients of the page, one more, and for each what refers to it.
  expect(small).toMatchObject({ 'common': 12, 'common, upwards': 12, 'one in three': 12, 'absent': 0 });
  expect((await met(hasCode(tenant, 'third'), [], tenant)).indexes).toEqual(new Set(['resource_by_code_and_patient', 'resource_by_key', 'resource_pkey']));
}, 120_000);

test('pages hold what stays, each once, while patients and what refers to them come, change and go', async () => {
  let tenant = 200;
  const step = fc.record({ n: fc.integer({ min: 0, max: 29 }), kind: fc.constantFrom('wanted', 'further', 'other', 'gone', 'patient gone') });
  const orders: readonly Order[] = [[], [{ by: 'id', descending: true }], [{ by: 'id', descending: false }]];
  await fc.assert(fc.asyncProperty(fc.constantFrom(...orders), fc.integer({ min: 1, max: 7 }), fc.array(fc.array(step, { maxLength: 3 }), { minLength: 1, maxLength: 12 }), async (order, limit, steps) => {
    tenant += 1;
    const context = contextFor(tenant);
    const write = (...resources: readonly (ReturnType<typeof patient> | ReturnType<typeof condition>)[]) => commit(database, resources.map((resource) => ({ kind: 'update' as const, resource })), context);
    const codesOf = (n: number): string[] => n % 2 === 0 ? ['wanted'] : ['first', 'wanted'];
    await write(...Array.from({ length: 10 }, (_, at) => at * 3).flatMap((n) => [patient(n), condition(n, 0, ...codesOf(n)), ...(n % 4 === 0 ? [condition(n, 1, 'first', 'wanted'), condition(n, 2, 'wanted')] : [])]));
    const touched = new Set<number>();
    const found: string[] = [];
    let after: Place | undefined;
    let round = 0;
    do {
      const page = await findPage(database, { of: [{ type: 'Patient', where: hasCode(tenant, 'wanted') }], limit, order, include: [], ...(after && { after }) }, context);
      found.push(...page.resources.map(({ id }) => id));
      after = page.next;
      for (const { n, kind } of steps[round] ?? []) {
        touched.add(n);
        if (kind === 'patient gone' || kind === 'gone') await commit(database, [{ kind: 'delete', type: kind === 'gone' ? 'Condition' : 'Patient', id: kind === 'gone' ? `c${n}-0` : patient(n).id }], context).catch(() => {});
        else await write(patient(n), condition(n, 0, ...{ wanted: ['wanted'], further: ['first', 'wanted'], other: ['other'] }[kind]));
      }
      round += 1;
    } while (after !== undefined);
    expect(found.toSorted()).toEqual([...new Set(found)].toSorted());
    for (const n of Array.from({ length: 10 }, (_, at) => at * 3).filter((one) => !touched.has(one))) expect(found).toContain(patient(n).id);
  }), { numRuns: 30 });
}, 120_000);
