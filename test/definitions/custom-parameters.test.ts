/** A SearchParameter that is posted becomes searchable: what is refused, what is indexed, and what happens meanwhile. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeEach(async () => { house = await openHouse(); });
afterEach(async () => { await house.close(); });

const parameter = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  resourceType: 'SearchParameter', url: 'urn:example:eye-color', name: 'EyeColor', status: 'active', description: 'Color of the eyes', code: 'eye-color', base: ['Patient'], type: 'token',
  expression: "Patient.extension('urn:example:eye').value.as(code)", ...more,
});
const patient = (color: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({ resourceType: 'Patient', extension: [{ url: 'urn:example:eye', valueCode: color }], ...more });

async function indexed(subject?: string): Promise<void> {
  for (;;) {
    const { rows } = await house.sql.query<{ state: string }>(`select state from reindex where subject = coalesce($1, subject) and subject <> '' and state <> 'done'`, [subject ?? null]);
    if (rows.length === 0) return;
  }
}

/** What is found, once the server has heard that all is indexed. */
async function found(query: string): Promise<string[]> {
  let answer = await send('GET', `${house.fhir}/${query}`);
  while (answer.status === 503) answer = await send('GET', `${house.fhir}/${query}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return (answer.json.entry ?? []).filter((entry: { search: { mode: string } }) => entry.search.mode === 'match').map((entry: { resource: { id: string } }) => entry.resource.id);
}

const total = async (): Promise<number> => Number((await house.sql.query<{ total: string }>(`select total from reindex where subject <> ''`)).rows[0]!.total);

const put = async (resource: Record<string, unknown>): Promise<void> => {
  const answer = await send('PUT', `${house.fhir}/${String(resource['resourceType'])}/${String(resource['id'])}`, resource);
  if (answer.status > 201) throw new Error(answer.text);
};

describe('is refused, with the element that is wrong', () => {
  test.each<[string, Record<string, unknown>, number, string]>([
    ['no code', { code: undefined }, 400, 'SearchParameter'],
    ['a code that would be no parameter name', { code: 'a:b' }, 422, 'SearchParameter.code'],
    ['a code of the specification\'s own kind', { code: '_eyes' }, 422, 'SearchParameter.code'],
    ['a base that is no resource type', { base: ['Eye'] }, 422, 'SearchParameter.base'],
    ['no base', { base: undefined }, 400, 'SearchParameter'],
    ['a type that is not indexed', { type: 'special' }, 422, 'SearchParameter.type'],
    ['no expression', { expression: undefined }, 422, 'SearchParameter.expression'],
    ['an expression that is no FHIRPath', { expression: 'Patient.name.(' }, 422, 'SearchParameter.expression'],
    ['an element that is not there', { expression: 'Patient.eyes' }, 422, 'SearchParameter.expression'],
    ['an element of another kind than the parameter', { type: 'quantity', expression: 'Patient.name' }, 422, 'SearchParameter.expression'],
    ['one base of two that it selects nothing in', { base: ['Patient', 'Claim'] , expression: 'Patient.gender' }, 422, 'SearchParameter.expression'],
    ['a function whose time nobody can bound', { expression: "Patient.name.where(family.matches('(a+)+$'))" }, 422, 'SearchParameter.expression'],
    ['the clock', { expression: 'Patient.where(now() > @2000).contact' }, 422, 'SearchParameter.expression'],
    ['the clock', { expression: 'Patient.birthDate.where($this < today())' }, 422, 'SearchParameter.expression'],
    ['a composite without parts', { type: 'composite', expression: 'Patient' }, 422, 'SearchParameter.component'],
    ['a composite of what nobody knows', { type: 'composite', expression: 'Patient', component: [{ definition: 'urn:example:x', expression: 'gender' }, { definition: 'urn:example:y', expression: 'gender' }] }, 422, 'SearchParameter.component[0].definition'],
    ['a code that the type has already', { code: 'gender' }, 409, 'SearchParameter.code'],
    ['a code that all types have', { base: ['Resource'], code: 'identifier', expression: 'Resource.id' }, 409, 'SearchParameter.code'],
  ])('%s', async (_, wrong, status, expression) => {
    const answer = await send('POST', `${house.fhir}/SearchParameter`, parameter(wrong));
    expect([answer.status, answer.json.resourceType, answer.json.issue?.[0]?.expression?.[0]]).toEqual([status, 'OperationOutcome', expression]);
    expect((await house.sql.query(`select from resource where content like '%urn:example:eye-color%'`)).rowCount).toBe(0);
    expect((await house.sql.query('select from search_definitions')).rowCount).toBe(0);
  });

  test('the url of a parameter of the standard, unless it is the same parameter', async () => {
    const url = 'http://hl7.org/fhir/SearchParameter/individual-gender';
    expect((await send('POST', `${house.fhir}/SearchParameter`, parameter({ url }))).status).toBe(409);
  });

  test('in a transaction, all of it', async () => {
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [
      { resource: patient('blue', { id: 'p1' }), request: { method: 'PUT', url: 'Patient/p1' } },
      { resource: parameter({ expression: 'Patient.eyes' }), request: { method: 'POST', url: 'SearchParameter' } },
    ] };
    expect((await send('POST', house.fhir, bundle)).status).toBe(422);
    expect((await send('GET', `${house.fhir}/Patient/p1`)).status).toBe(404);
  });

  test('one of two that come at once with the same code', async () => {
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => send('POST', `${house.fhir}/SearchParameter`, parameter({ url: `urn:example:${name}` }))));
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
  });
});

test('a draft is kept and changes nothing', async () => {
  expect((await send('POST', `${house.fhir}/SearchParameter`, parameter({ status: 'draft', expression: 'nonsense(' }))).status).toBe(201);
  expect((await send('GET', `${house.fhir}/Patient?eye-color=blue`)).status).toBe(400);
});

test('what was there before and what comes after is found by it, no version is made, and others are not touched', async () => {
  for (const [index, color] of ['blue', 'green', 'blue'].entries()) await put(patient(color, { id: `p${index}` }));
  expect((await send('POST', `${house.fhir}/SearchParameter`, parameter())).status).toBe(201);
  await put(patient('blue', { id: 'p3' }));
  await indexed();
  expect((await found('Patient?eye-color=blue')).toSorted()).toEqual(['p0', 'p2', 'p3']);
  expect((await send('GET', `${house.fhir}/Patient/p0`)).headers.get('etag')).toBe('W/"1"');
  const status = await send('GET', `${house.fhir}/$reindex-status`);
  expect(status.json.parameter.map((one: { part: { name: string; valueString?: string; valueCode?: string; valueDecimal?: number }[] }) => Object.fromEntries(one.part.map((part) => [part.name, part.valueString ?? part.valueCode ?? part.valueDecimal]))))
    .toEqual([expect.objectContaining({ what: 'eye-color', kind: 'addition', state: 'done', done: await total(), total: await total() })]);
});

test('until what was there is indexed a search by it is refused with how far it is; writing and other searches go on', async () => {
  await put(patient('blue', { id: 'p0', gender: 'female' }));
  const blocker = await house.sql.connect();
  // Reindexing begins behind the transactions that were under way.
  await blocker.query('begin');
  try {
    await blocker.query('select 1');
    const created = await send('POST', `${house.fhir}/SearchParameter`, parameter());
    expect(created.status).toBe(201);
    for (const query of ['eye-color=blue', '_sort=eye-color', '_has:Patient:link:eye-color=blue', 'link.eye-color=blue', 'eye-color:missing=true']) {
      const answer = await send('GET', `${house.fhir}/Patient?${query}`);
      expect([query, answer.status, answer.json.issue?.[0].details.text]).toEqual([query, 503, expect.stringMatching(/eye-color is being indexed: 0 %/)]);
    }
    // It passes by itself: a warning, and nobody is woken.
    const levels = house.log.filter((line) => line.includes('"search-parameter-building"')).map((line) => (JSON.parse(line) as { level: number }).level);
    expect([...new Set(levels)]).toEqual([40]);
    expect(await found('Patient?gender=female')).toEqual(['p0']);
    await put(patient('blue', { id: 'p1' }));
  } finally {
    await blocker.query('rollback');
    blocker.release();
  }
  await indexed();
  expect((await found('Patient?eye-color=blue')).toSorted()).toEqual(['p0', 'p1']);
});

test('of one payer it is nobody else\'s, though they share a server', async () => {
  await house.close();
  house = await openHouse({ environment: { PRIORA_TENANTS: 'acme' } });
  const acme = `${house.origin}/tenant/acme/fhir`;
  for (const base of [house.fhir, acme]) expect((await send('PUT', `${base}/Patient/p0`, patient('blue', { id: 'p0' }))).status).toBe(201);
  expect((await send('POST', `${acme}/SearchParameter`, parameter())).status).toBe(201);
  await indexed();
  let answer = await send('GET', `${acme}/Patient?eye-color=blue`);
  while (answer.status === 503) answer = await send('GET', `${acme}/Patient?eye-color=blue`);
  expect(answer.json.entry).toHaveLength(1);
  expect((await send('GET', `${house.fhir}/Patient?eye-color=blue`)).status).toBe(400);
  expect((await send('GET', `${house.fhir}/$reindex-status`)).json.parameter).toBeUndefined();
  expect((await send('POST', `${house.fhir}/SearchParameter`, parameter({ type: 'string' }))).status).toBe(201);
});

test('several in one transaction, also of each other, after one alone on the same connections', async () => {
  await put(patient('blue', { id: 'p0', gender: 'female' }));
  for (let number = 0; number < 4; number += 1) await put(parameter({ id: `s${number}`, url: `urn:example:s${number}`, code: `s${number}` }));
  const entry = [
    parameter({ id: 'm0', url: 'urn:example:m0', code: 'm0' }), parameter({ id: 'm1', url: 'urn:example:m1', code: 'm1' }),
    parameter({ id: 'm2', url: 'urn:example:m2', code: 'm2', type: 'composite', expression: 'Patient', component: [
      { definition: 'urn:example:m0', expression: "extension('urn:example:eye').value.as(code)" }, { definition: 'urn:example:m1', expression: "extension('urn:example:eye').value.as(code)" }] }),
  ].map((resource) => ({ resource, request: { method: 'PUT', url: `SearchParameter/${String(resource['id'])}` } }));
  for (let times = 0; times < 3; times += 1) expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
  const same = { ...entry[0]!, resource: parameter({ id: 'm9', url: 'urn:example:m9', code: 'm0' }), request: { method: 'PUT', url: 'SearchParameter/m9' } };
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [same] })).status).toBe(409);
  await indexed();
  expect(await found('Patient?s2=blue')).toEqual(['p0']);
  expect(await found('Patient?m2=blue$blue')).toEqual(['p0']);
});

test('deleted or retired, it is unknown at once, and what it had in the index goes', async () => {
  await put(patient('blue', { id: 'p0' }));
  await put(parameter({ id: 'eye' }));
  await indexed();
  const keys = async (): Promise<number> => (await house.sql.query<{ n: number }>(`select cardinality(keys) as n from resource where id = 'p0'`)).rows[0]!.n;
  const withIt = await keys();
  await put(parameter({ id: 'eye', status: 'retired' }));
  await indexed();
  expect((await send('GET', `${house.fhir}/Patient?eye-color=blue`)).status).toBe(400);
  expect(await keys()).toBeLessThan(withIt);
  await put(parameter({ id: 'eye' }));
  await indexed();
  expect(await keys()).toBe(withIt);
  expect((await send('DELETE', `${house.fhir}/SearchParameter/eye`)).status).toBe(204);
  await indexed();
  expect((await send('GET', `${house.fhir}/Patient?eye-color=blue`)).status).toBe(400);
  expect(await keys()).toBeLessThan(withIt);
});

test('another expression under the same code: nothing is found by the old one any more', async () => {
  await put(patient('blue', { id: 'p0', name: [{ family: 'Green' }], maritalStatus: { coding: [{ code: 'M' }] } }));
  await put(parameter({ id: 'eye' }));
  await indexed();
  await put(parameter({ id: 'eye', expression: 'Patient.maritalStatus' }));
  await indexed();
  expect(await found('Patient?eye-color=M')).toEqual(['p0']);
  expect(await found('Patient?eye-color=blue')).toEqual([]);
});

test.each<[string, Record<string, unknown>, string]>([
  ['a string', { type: 'string', expression: 'Patient.contact.name.family' }, 'eye-color=smi'],
  ['a date', { type: 'date', expression: 'Patient.identifier.period' }, 'eye-color=2020'],
  ['a reference', { type: 'reference', expression: 'Patient.identifier.assigner', target: ['Organization'] }, 'eye-color=Organization/o1'],
  ['a number', { type: 'number', expression: 'Patient.multipleBirth as integer' }, 'eye-color=2'],
  ['a quantity', { type: 'quantity', expression: "Patient.extension('urn:example:height').value as Quantity" }, 'eye-color=180'],
  ['a uri', { type: 'uri', expression: 'Patient.identifier.system' }, 'eye-color=urn:example:ids'],
  ['a path beyond the compiler', { type: 'string', expression: "Patient.contact.first().name.select(family.lower())" }, 'eye-color=smith'],
])('works for %s', async (_, more, query) => {
  const some = { resourceType: 'Patient', contact: [{ name: { family: 'Smith' } }, { name: { family: 'Other' } }], multipleBirthInteger: 2, extension: [{ url: 'urn:example:height', valueQuantity: { value: 180, unit: 'cm' } }],
    identifier: [{ system: 'urn:example:ids', value: '1', period: { start: '2020-02-01', end: '2020-03-01' }, assigner: { reference: 'Organization/o1' } }] };
  await put({ ...some, id: 'p0' });
  await put({ resourceType: 'Patient', id: 'p9' });
  const answer = await send('POST', `${house.fhir}/SearchParameter`, parameter(more));
  expect(answer.status).toBe(201);
  await put({ ...some, id: 'p1' });
  await indexed();
  expect((await found(`Patient?${query}`)).toSorted()).toEqual(['p0', 'p1']);
  expect((await found('Patient?eye-color:missing=true')).toSorted()).toEqual(['p9']);
  // Sorted by it, or refused in words where there is no order.
  const sorted = await send('GET', `${house.fhir}/Patient?_sort=eye-color`);
  expect([200, 400]).toContain(sorted.status);
  if (sorted.status === 200) expect(sorted.json.entry.at(-1).resource.id).toBe('p9');
  const { rest } = (await send('GET', `${house.fhir}/metadata`)).json;
  expect(rest[0].resource.find(({ type }: { type: string }) => type === 'Patient').searchParam).toContainEqual(expect.objectContaining({ name: 'eye-color', type: (more as { type: string }).type, definition: 'urn:example:eye-color' }));
});

test('a reference is followed in chains and includes, and a composite of one\'s own parameters finds what both say', async () => {
  await put({ resourceType: 'Organization', id: 'o1', name: 'Eye Clinic' });
  await put(patient('blue', { id: 'p0', identifier: [{ value: '1', assigner: { reference: 'Organization/o1' } }], gender: 'female' }));
  await put(patient('blue', { id: 'p1', gender: 'male' }));
  await put(parameter({ id: 'eye' }));
  await put(parameter({ id: 'assigner', url: 'urn:example:assigner', code: 'assigner', type: 'reference', expression: 'Patient.identifier.assigner', target: ['Organization'] }));
  await put(parameter({ id: 'both', url: 'urn:example:both', code: 'eye-and-gender', type: 'composite', expression: 'Patient', component: [
    { definition: 'urn:example:eye-color', expression: "extension('urn:example:eye').value.as(code)" }, { definition: 'http://hl7.org/fhir/SearchParameter/individual-gender', expression: 'gender' }] }));
  await indexed();
  expect(await found('Patient?assigner.name=eye')).toEqual(['p0']);
  expect(await found('Organization?_has:Patient:assigner:eye-color=blue')).toEqual(['o1']);
  expect(await found('Patient?eye-and-gender=blue$female')).toEqual(['p0']);
  const included = await send('GET', `${house.fhir}/Patient?assigner=Organization/o1&_include=Patient:assigner`);
  for (const change of [{ status: 'retired' }, { type: 'string' }]) expect((await send('PUT', `${house.fhir}/SearchParameter/eye`, parameter({ id: 'eye', ...change }))).json.issue[0].details.coding[0].code).toBe('search-parameter-in-use');
  expect((await send('DELETE', `${house.fhir}/SearchParameter/eye`)).status).toBe(409);
  await put(parameter({ id: 'eye', description: 'Another description' }));
  expect((await send('DELETE', `${house.fhir}/SearchParameter/both`)).status).toBe(204);
  expect((await send('DELETE', `${house.fhir}/SearchParameter/eye`)).status).toBe(204);
  expect(included.json.entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual(['p0', 'o1']);
});
