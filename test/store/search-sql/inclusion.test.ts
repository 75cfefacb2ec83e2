/** What goes along with the matches: references followed both ways, again and again where that is asked, and never without end. */
import type { Resource } from '@medplum/fhirtypes';
import { openDatabase, type Database } from '../../../store/database.ts';
import { findPage, type Page } from '../../../store/find.ts';
import type { Expression, Inclusion } from '../../../store/search/expression.ts';
import { commit } from '../../../store/write/commit.ts';
import { createDatabase } from '../../support/house.ts';
import { contextFor } from '../contexts.ts';
import { tenant } from './conditions.ts';
import { corpus } from './corpus.ts';

let database: Database;
let drop: () => Promise<void>;
const context = contextFor(tenant);

beforeAll(async () => {
  const { url, drop: dropDatabase } = await createDatabase();
  drop = dropDatabase;
  database = openDatabase({ connection: { connectionString: url }, size: 2, onIdleError: () => {} });
  await commit(database, corpus().map((resource) => ({ kind: 'update' as const, resource })), context);
  // The same ids elsewhere must not be drawn in.
  await commit(database, corpus().map((resource) => ({ kind: 'update' as const, resource })), contextFor(tenant + 1));
});
afterAll(async () => {
  await database.close();
  await drop();
});

const id = (...ids: string[]): Expression => ({ kind: 'id', ids });
const include = (source: string, parameter: string, more: Partial<Inclusion> = {}): Inclusion => ({ direction: 'include', source, parameter, iterate: false, ...more });
const revinclude = (source: string, parameter: string, more: Partial<Inclusion> = {}): Inclusion => ({ ...include(source, parameter, more), direction: 'revinclude' });
const find = (type: string, where: Expression, inclusions: readonly Inclusion[], limit = 100): Promise<Page> => findPage(database, { of: [{ type, where }], limit, order: [], include: inclusions }, context);
const names = (list: readonly { type: string; id: string }[]): string[] => list.map((one) => `${one.type}/${one.id}`).toSorted();
const all: Expression = { kind: 'all', of: [] };

/** Resources of a type in the corpus that refer so. */
const referring = (type: string, to: (resource: Resource) => string | undefined, target: string): string[] =>
  corpus().filter((resource) => resource.resourceType === type && to(resource) === target).map((resource) => `${type}/${resource.id}`).toSorted();
const subjectOf = (resource: Resource): string | undefined => (resource as { subject?: { reference?: string } }).subject?.reference;

test('a target that is not there, of another type than asked, or a match itself does not go along', async () => {
  expect(names((await find('Observation', id('o12'), [include('Observation', 'subject')])).included)).toEqual([]);
  expect(names((await find('Observation', id('o3'), [include('Observation', 'subject', { target: 'Group' }), include('Encounter', 'subject'), include('Observation', 'performer')])).included)).toEqual([]);
  expect(names((await find('Patient', id('p13', 'p12'), [include('Patient', 'link'), revinclude('Patient', 'link')])).included)).toEqual([]);
});

test('forward: one parameter, one of its targets, or all', async () => {
  expect(names((await find('Observation', id('o7'), [include('Observation', 'performer')])).included)).toEqual(['Patient/p8', 'Practitioner/d3']);
  expect(names((await find('Observation', id('o7'), [include('Observation', 'performer', { target: 'Practitioner' })])).included)).toEqual(['Practitioner/d3']);
  expect(names((await find('Observation', id('o7'), [include('Observation', 'performer', { target: 'Patient' })])).included)).toEqual(['Patient/p8']);
  expect(names((await find('Observation', id('o28'), [include('Observation', '*')])).included)).toEqual(['Encounter/e28', 'Patient/p28', 'Patient/p29', 'Practitioner/d0']);
  // Its own patient is its performer, too.
  expect(names((await find('Observation', id('o3', 'o33'), [include('Observation', 'patient')])).included)).toEqual(['Patient/p3']);
});

test('backward: through the patient of the row, and through any other reference', async () => {
  expect(names((await find('Patient', id('p3'), [revinclude('Observation', 'subject')])).included)).toEqual(referring('Observation', subjectOf, 'Patient/p3'));
  expect(names((await find('Patient', id('p8'), [revinclude('Observation', 'performer')])).included)).toContain('Observation/o7');
  expect(names((await find('Patient', id('p8'), [revinclude('Observation', 'performer')])).included)).not.toContain('Observation/o8');
  expect(names((await find('Practitioner', id('d3'), [revinclude('Encounter', 'participant'), revinclude('Patient', 'general-practitioner')])).included)).toEqual(['Encounter/e15', 'Encounter/e27', 'Encounter/e3', 'Encounter/e39', 'Encounter/e51']);
  const everything = names((await find('Patient', id('p8'), [revinclude('Observation', '*')])).included);
  expect(everything).toEqual(names((await find('Patient', id('p8'), [revinclude('Observation', 'subject'), revinclude('Observation', 'performer')])).included));
  expect(everything).toContain('Observation/o7');
});

test('only of the matches on the page', async () => {
  const page = await find('Observation', all, [include('Observation', 'subject', { target: 'Patient' })], 3);
  const matches = new Set(page.resources.map(({ content }) => subjectOf(JSON.parse(content) as Resource)));
  expect(page.resources).toHaveLength(3);
  expect(page.next).toBeDefined();
  expect(new Set(names(page.included))).toEqual(matches);
});

test('again: through what went along, to the end of a cycle', async () => {
  const once = await find('Organization', id('o1'), [include('Organization', 'partof')]);
  expect(names(once.included)).toEqual(['Organization/o2']);
  const again = await find('Organization', id('o1'), [include('Organization', 'partof', { iterate: true })]);
  expect(names(again.included)).toEqual(['Organization/o2']);
  expect(again.includesCut).toBe(false);
  const chain = await find('Observation', id('o0'), [include('Observation', 'subject'), include('Patient', 'general-practitioner', { iterate: true }), include('Organization', 'partof', { iterate: true })]);
  expect(names(chain.included)).toEqual(['Organization/o1', 'Organization/o2', 'Patient/p0', 'Practitioner/d0']);
  expect(names((await find('Observation', id('o0'), [include('Observation', 'subject'), include('Patient', 'general-practitioner')])).included)).toEqual(['Patient/p0']);
});

describe('bounds', () => {
  beforeAll(async () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({ resourceType: 'Basic' as const, id: `b${index}`, code: {}, subject: { reference: 'Organization/hub' } }));
    const links = Array.from({ length: 12 }, (_, index) => ({ resourceType: 'Organization' as const, id: `link${index}`, name: 'link', partOf: { reference: `Organization/link${index + 1}` } }));
    await commit(database, [...many, ...links, { resourceType: 'Organization' as const, id: 'hub', name: 'hub' }].map((resource) => ({ kind: 'update' as const, resource })), context);
  });

  test('a thousand go along at most, and the page says that there are more', async () => {
    const page = await find('Organization', id('hub'), [revinclude('Basic', 'subject')]);
    expect(page.included).toHaveLength(1000);
    expect(page.includesCut).toBe(true);
    expect(page.resources).toHaveLength(1);
  });

  test('so do rounds end', async () => {
    const page = await find('Organization', id('link0'), [include('Organization', 'partof', { iterate: true })]);
    expect(page.included).toHaveLength(9);
    expect(page.includesCut).toBe(true);
  });
});
