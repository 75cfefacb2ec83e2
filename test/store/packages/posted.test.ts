/** Definitions that a tenant posts: each is made once, is seen as soon as it is committed, and costs what one may cost. */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { Problem } from '../../../fhir/problems.ts';
import type { Definitions } from '../../../profiles/definitions.ts';
import { readShippedPackages } from '../../../profiles/packages/shipped.ts';
import { openDatabase, type Database, type Queryable } from '../../../store/database.ts';
import { createDefinitionsCache } from '../../../store/packages/cache.ts';
import { ensureTenant } from '../../../store/tenants.ts';
import { commit } from '../../../store/write/commit.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';

let database: Database;
let drop: () => Promise<void>;
let tenant: number;
const shipped = readShippedPackages();

beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
});
afterAll(async () => {
  await database.close();
  await drop();
});
beforeEach(async () => {
  tenant = (await ensureTenant(database, expect.getState().currentTestName!.slice(-60), new Date('2026-03-02T09:00:00Z'))).id;
});

const url = (id: string): string => `http://example.org/${id}`;

function profile(id: string, element: readonly object[] = [], more: object = {}): StructureDefinition {
  return { resourceType: 'StructureDefinition', id, url: url(id), version: '1', name: 'Own', status: 'active', kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint', baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', differential: { element }, ...more } as StructureDefinition;
}

const put = async (resource: StructureDefinition): Promise<unknown> => commit(database, [{ kind: 'update', resource: resource as StructureDefinition & { id: string } }], contextFor(tenant));

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open };
}

function slices(count: number): object[] {
  const each = Array.from({ length: count }, (_, at) => [
    { id: `Patient.identifier:s${at}`, path: 'Patient.identifier', sliceName: `s${at}`, max: '1' },
    { id: `Patient.identifier:s${at}.system`, path: 'Patient.identifier.system', min: 1, fixedUri: `http://s/${at}` },
  ]);
  return [{ id: 'Patient.identifier', path: 'Patient.identifier', slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' } }, ...each.flat()];
}

async function reasonOf(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(() => 'it was done', (reason: unknown) => reason);
  return error instanceof Problem ? `${error.status} ${error.message}` : String(error);
}

describe('A posted definition is refused', () => {
  test.each([
    ['with more slices of one element than others could wait for', profile('a', slices(201)), 'an element of its differential has more than 200 slices'],
    ['with a longer differential', profile('a', Array.from({ length: 1001 }, () => ({ path: 'Patient.name', max: '1' }))), 'its differential has more than 1000 elements'],
    ['with a longer snapshot', { ...profile('a'), snapshot: { element: Array.from({ length: 4001 }, () => ({ id: 'Patient', path: 'Patient' })) } }, 'its snapshot has more than 4000 elements'],
  ])('%s', async (_, resource, reason) => {
    expect(await reasonOf(put(resource))).toBe(`422 This StructureDefinition cannot be used: ${reason}.`);
    expect((await database.query({ text: `select from resource where tenant = ${tenant}` })).rows).toEqual([]);
  });
});

describe('A posted definition that cannot be used tells why:', () => {
  test.each([
    ['its base is missing', [profile('a', [], { baseDefinition: url('nobody') })], 'what it is based on is not known'],
    ['bases in a circle', [profile('a', [], { baseDefinition: url('b') }), profile('b', [], { baseDefinition: url('a') })], 'what it is based on goes in a circle'],
    ['an element that does not exist', [profile('a', [{ path: 'Patient.nothing', min: 1 }])], 'there is no element Patient.nothing to constrain'],
    ['what is wrong with its base', [profile('a', [], { baseDefinition: url('b') }), profile('b', [{ path: 'Patient.nothing', min: 1 }])], `${url('b')}, which it stands on: there is no element Patient.nothing to constrain`],
    ['what it stands on is too much together', Array.from({ length: 6 }, (_, at) => profile(at === 0 ? 'a' : `p${at}`, Array.from({ length: 1000 }, () => ({ path: 'Patient.name', max: '1' })), at === 5 ? {} : { baseDefinition: url(`p${at + 1}`) })), 'it and the posted definitions that it stands on have more than 2000 elements together'],
  ])('%s', async (_, resources, reason) => {
    for (const resource of resources) await put(resource);
    const { definitions } = await createDefinitionsCache(database, shipped).of(tenant);
    expect(definitions.structure(url('a'))).toBeUndefined();
    expect(definitions.unusable!(url('a'))).toEqual({ url: url('a'), version: '1', type: 'Patient', reason });
    // What is there, and what nobody has, has no reason.
    expect([definitions.unusable!('http://hl7.org/fhir/StructureDefinition/Patient'), definitions.unusable!(url('other'))]).toEqual([undefined, undefined]);
  });
});

describe('What was made of a posted definition', () => {
  test('stays when another one is written, and goes with what it stands on', async () => {
    const cache = createDefinitionsCache(database, shipped);
    const now = async (): Promise<Definitions> => (await cache.of(tenant)).definitions;
    await put(profile('base', [{ path: 'Patient.name', max: '5' }]));
    await put(profile('middle', [], { baseDefinition: url('base') }));
    await put(profile('top', [], { baseDefinition: url('middle') }));
    await put(profile('broken', [], { baseDefinition: url('later') }));
    const before = await now();
    const [top, broken] = [before.structure(url('top')), before.unusable!(url('broken'))];
    expect([top !== undefined, broken !== undefined]).toEqual([true, true]);

    await put(profile('another'));
    expect(await now()).not.toBe(before);
    expect((await now()).structure(url('top'))).toBe(top);
    expect((await now()).unusable!(url('broken'))).toBe(broken);

    await put(profile('base', [{ path: 'Patient.name', max: '6' }]));
    await put(profile('later'));
    expect((await now()).structure(url('top'))!.elements.find(({ path }) => path === 'Patient.name')).toMatchObject({ max: '6' });
    expect((await now()).structure(url('broken'))).toBeDefined();
  });

  test('is seen by whoever begins after it was committed, also while an older question is open', async () => {
    const [answered, goOn] = [gate(), gate()];
    let questions = 0;
    // The first question is answered by the database at once, and its answer is held back.
    const slow = { query: async (statement: never) => {
      const held = questions++ === 0;
      const answer = await database.query(statement);
      if (held) {
        answered.open();
        await goOn.opened;
      }
      return answer;
    } } as Queryable;
    const cache = createDefinitionsCache(slow, shipped);
    const early = cache.of(tenant);
    await answered.opened;
    await put(profile('new'));
    const late = cache.of(tenant);
    goOn.open();
    expect((await late).definitions.structure(url('new'))).toBeDefined();
    await early;
    // Those who begin in one turn are answered together.
    expect(await cache.of(tenant)).toBe(await late);
  });
});
