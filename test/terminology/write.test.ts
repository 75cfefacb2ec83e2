/** What CodeSystem, ValueSet and ConceptMap resources leave in the tables of terminology. */
import type { CodeSystem } from '@medplum/fhirtypes';
import { removeInstalledSystems } from '../../store/terminology/import-list.ts';
import { installTerminology } from '../../store/terminology/write.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_TENANTS: 'other' } }); });
afterAll(async () => { await house.close(); });

const rows = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => (await house.sql.query<Record<string, unknown>>(text, values)).rows;
const count = async (table: string): Promise<number> => Number((await rows(`select count(*) as n from ${table}`))[0]!['n']);

const animals = {
  resourceType: 'CodeSystem', id: 'animals', url: 'urn:animals', version: '1', status: 'active', content: 'complete', caseSensitive: false,
  property: [{ code: 'legs', type: 'integer' }, { code: 'above', uri: 'http://hl7.org/fhir/concept-properties#parent', type: 'code' }],
  concept: [
    { code: 'Animal', display: 'Animal', property: [{ code: 'notSelectable', valueBoolean: true }], concept: [{ code: 'Dog', display: 'Good dog', designation: [{ language: 'de', value: 'Hündin' }], property: [{ code: 'legs', valueInteger: 4 }], concept: [{ code: 'Puppy' }] }] },
    { code: 'Bat', property: [{ code: 'above', valueCode: 'ANIMAL' }, { code: 'status', valueCode: 'retired' }] },
    // The same code in another case, in a system where case does not matter.
    { code: 'DOG', display: 'Another' },
  ],
};

test('a hierarchy with more pairs than may be is refused, and nothing of it is written', async () => {
  // Each of 2000 below all before it: 1,999,000 pairs.
  const concept = Array.from({ length: 2000 }, (_, index) => ({ code: `c${index}`, ...(index > 0 && { property: [{ code: 'parent', valueCode: `c${index - 1}` }] }) }));
  const answer = await send('PUT', `${house.fhir}/CodeSystem/deep`, { ...animals, id: 'deep', concept });
  expect(answer.status).toBe(422);
  expect(answer.json.issue[0].details.coding[0].code).toBe('hierarchy-too-large');
  expect(await count('code_system')).toBe(0);
  expect((await send('GET', `${house.fhir}/CodeSystem/deep`)).status).toBe(404);
});

test('a circle is refused; one that a package brings ends: its concepts are above themselves', async () => {
  const circle = { ...animals, id: 'circle', url: 'urn:circle', concept: [{ code: 'a', property: [{ code: 'parent', valueCode: 'b' }] }, { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] }, { code: 'c', property: [{ code: 'parent', valueCode: 'a' }] }] };
  expect((await send('PUT', `${house.fhir}/CodeSystem/circle`, circle)).json.issue[0].details.coding[0].code).toBe('hierarchy-circle');
  await installTerminology(house.server.house.database, [circle as CodeSystem], 'a package', new Date('2026-03-02T09:00:00Z'));
  expect(await rows('select ancestor, descendant from code_system_closure order by 1, 2')).toEqual([{ ancestor: 1, descendant: 1 }, { ancestor: 1, descendant: 2 }, { ancestor: 1, descendant: 3 }, { ancestor: 2, descendant: 1 }, { ancestor: 2, descendant: 2 }, { ancestor: 2, descendant: 3 }]);
  expect(await removeInstalledSystems(house.server.house.database, 0, 'urn:circle', undefined)).toEqual(['1']);
  expect(await count('code_system_closure')).toBe(0);
});

test('concepts are rows with designations, properties, words, links and closure; an update replaces them, a deletion removes them', async () => {
  expect((await send('PUT', `${house.fhir}/CodeSystem/animals`, animals)).status).toBe(201);
  expect(await rows('select concept, code, key, display, inactive, abstract from code_system_concept order by concept')).toEqual([
    { concept: 1, code: 'Animal', key: 'animal', display: 'Animal', inactive: false, abstract: true },
    { concept: 2, code: 'Dog', key: 'dog', display: 'Good dog', inactive: false, abstract: false },
    { concept: 3, code: 'Puppy', key: 'puppy', display: null, inactive: false, abstract: false },
    { concept: 4, code: 'Bat', key: 'bat', display: null, inactive: true, abstract: false },
  ]);
  expect(await rows('select parent, child from code_system_link order by 1, 2')).toEqual([{ parent: 1, child: 2 }, { parent: 1, child: 4 }, { parent: 2, child: 3 }]);
  expect(await rows('select ancestor, descendant from code_system_closure order by 1, 2')).toEqual([{ ancestor: 1, descendant: 2 }, { ancestor: 1, descendant: 3 }, { ancestor: 1, descendant: 4 }, { ancestor: 2, descendant: 3 }]);
  expect(await rows('select concept, language, value from code_system_designation')).toEqual([{ concept: 2, language: 'de', value: 'Hündin' }]);
  expect(await rows(`select concept, type, value from code_system_property where code = 'legs'`)).toEqual([{ concept: 2, type: 'integer', value: '4' }]);
  expect(await rows(`select concept from code_system_concept where words @@ ('''' || system || ':hund'':*')::tsquery`)).toEqual([{ concept: 2 }]);
  expect((await send('PUT', `${house.fhir}/CodeSystem/animals`, { ...animals, concept: [{ code: 'Cat' }] })).status).toBe(200);
  expect(await rows('select code from code_system_concept')).toEqual([{ code: 'Cat' }]);
  expect(await count('code_system')).toBe(1);
  expect((await send('DELETE', `${house.fhir}/CodeSystem/animals`)).status).toBeLessThan(300);
  for (const table of ['code_system', 'code_system_concept', 'code_system_designation', 'code_system_property', 'code_system_link', 'code_system_closure']) expect(await count(table)).toBe(0);
});

test('each tenant has its own rows, whatever the ids', async () => {
  const other = `${house.origin}/tenant/other/fhir`;
  await send('PUT', `${house.fhir}/CodeSystem/animals`, animals);
  await send('PUT', `${other}/CodeSystem/animals`, { ...animals, concept: [{ code: 'theirs' }] });
  expect(await rows('select tenant, count(*)::integer as n from code_system_concept group by tenant order by tenant')).toEqual([{ tenant: 1, n: 4 }, { tenant: 2, n: 1 }]);
  await send('DELETE', `${house.fhir}/CodeSystem/animals`);
  expect(await rows('select tenant, count(*)::integer as n from code_system_concept group by tenant')).toEqual([{ tenant: 2, n: 1 }]);
});

test('a transaction that fails leaves no terminology', async () => {
  const answer = await send('POST', house.fhir, {
    resourceType: 'Bundle', type: 'transaction', entry: [
      { resource: { ...animals, id: 'rolled', url: 'urn:rolled' }, request: { method: 'PUT', url: 'CodeSystem/rolled' } },
      { resource: { resourceType: 'Basic', id: 'b', code: {} }, request: { method: 'PUT', url: 'Basic/b', ifMatch: 'W/"7"' } },
    ],
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await rows(`select * from code_system where url = 'urn:rolled'`)).toEqual([]);
});

test('compositions and maps are rows; an expansion without a composition is one', async () => {
  const entry = [
    { resourceType: 'ValueSet', id: 'v', url: 'urn:v', status: 'active', compose: { include: [{ system: 'urn:animals', concept: [{ code: 'Dog', display: 'Hound' }] }, { system: 'urn:animals', filter: [{ property: 'concept', op: 'is-a', value: 'Animal' }], valueSet: ['urn:w'] }], exclude: [{ system: 'urn:animals', version: '1', concept: [{ code: 'Bat' }] }] } },
    { resourceType: 'ValueSet', id: 'x', url: 'urn:x', status: 'active', expansion: { timestamp: '2026-01-01', contains: [{ system: 'urn:a', code: '1', contains: [{ system: 'urn:a', code: '2' }] }, { abstract: true, system: 'urn:a', code: '3' }] } },
    { resourceType: 'ConceptMap', id: 'm', url: 'urn:m', status: 'active', group: [{ source: 'urn:a', target: 'urn:b', element: [{ code: '1', target: [{ code: 'one', equivalence: 'equal' }, { code: 'uno', equivalence: 'wider' }] }, { code: '2' }] }] },
  ].map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } }));
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
  expect(await rows(`select position, exclude, system, i.version, value_sets, listed from value_set_include i join value_set using (tenant, value_set) where url = 'urn:v' order by position`)).toEqual([
    { position: 0, exclude: false, system: 'urn:animals', version: null, value_sets: [], listed: 1 },
    { position: 1, exclude: false, system: 'urn:animals', version: null, value_sets: ['urn:w'], listed: null },
    { position: 2, exclude: true, system: 'urn:animals', version: '1', value_sets: [], listed: 1 },
  ]);
  expect(await rows(`select code from value_set_concept join value_set using (tenant, value_set) where url = 'urn:x' order by position`)).toEqual([{ code: '1' }, { code: '2' }]);
  expect(await rows('select source_code, target_code, equivalence from concept_map_element order by position')).toEqual([
    { source_code: '1', target_code: 'one', equivalence: 'equal' }, { source_code: '1', target_code: 'uno', equivalence: 'wider' }, { source_code: '2', target_code: null, equivalence: 'unmatched' },
  ]);
});

test('a code system has as many concepts as a request has room for, and is found by each of them', async () => {
  const big = { ...animals, id: 'big', url: 'urn:big', concept: Array.from({ length: 150_000 }, (_, index) => ({ code: `b${index}`, display: `Number ${index}` })) };
  expect((await send('PUT', `${house.fhir}/CodeSystem/big`, big)).status).toBe(201);
  expect(await rows(`select concept_count from code_system where url = 'urn:big'`)).toEqual([{ concept_count: 150_000 }]);
  for (const [code, total] of [['b0', 1], ['b149999', 1], ['b150000', 0]] as const) expect((await send('GET', `${house.fhir}/CodeSystem?code=${code}&_summary=count`)).json.total).toBe(total);
});
