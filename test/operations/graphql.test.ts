/** $graphql: what is refused, what is followed, what is searched, and how much of it at most. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { statementsOf } from '../support/statements.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const put = async (resource: { resourceType: string; id: string }): Promise<void> => { expect((await send('PUT', `${house.fhir}/${resource.resourceType}/${resource.id}`, resource)).status).toBe(201); };
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' } as never);
  for (const [index, family] of ['Abel', 'Baker', 'Chan', 'Chandler'].entries()) {
    await put({ resourceType: 'Patient', id: `p${index}`, active: index < 3, birthDate: `195${index}-01-01`, managingOrganization: { reference: 'Organization/clinic' }, name: [{ use: 'official', family, given: ['A', 'B', 'C'] }, { use: 'usual', given: ['Z'] }], identifier: [{ system: 'urn:mrn', value: String(index) }] } as never);
    await put({ resourceType: 'Observation', id: `o${index}`, status: 'final', code: { coding: [{ system: 'urn:c', code: 'x' }] }, subject: { reference: `Patient/p${index}` }, contained: [{ resourceType: 'Device', id: 'd', status: 'active' }], device: { reference: '#d' }, valueQuantity: { value: index, unit: 'kg' } } as never);
  }
  await send('PUT', `${house.fhir}/Observation/exact`, '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50},"subject":{"reference":"Patient/nobody"}}');
});
afterAll(async () => { await house.close(); });

const post = (path: string, body: unknown, type = 'application/json'): Promise<TestAnswer> => send('POST', `${house.fhir}/${path}`, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': type });
const ask = (query: string, variables?: object, path = '$graphql'): Promise<TestAnswer> => post(path, { query, ...(variables && { variables }) });
const codeOf = (answer: TestAnswer): string => answer.json.errors[0].extensions.code as string;
async function dataOf(query: string, variables?: object, path?: string): Promise<Record<string, unknown>> {
  const answer = await ask(query, variables, path);
  expect([answer.status, answer.json.errors]).toEqual([200, undefined]);
  return answer.json.data as Record<string, unknown>;
}

/** The answer to a query, and how many statements it took. */
async function counted(query: string): Promise<{ data: Record<string, unknown>; statements: number }> {
  const { result: data, statements } = await statementsOf(house, () => dataOf(query));
  return { data, statements };
}

describe('refused', () => {
  test.each([
    ['no query', 'graphql-request', { variables: {} }],
    ['a query that is a number', 'graphql-request', { query: 1 }],
    ['variables that are a list', 'graphql-request', { query: '{ Patient(id: p0) { id } }', variables: [] }],
    ['an operation name that is a number', 'graphql-request', { query: '{ Patient(id: p0) { id } }', operationName: 1 }],
    ['a list of requests', 'graphql-request', [{ query: '{ Patient(id: p0) { id } }' }]],
    ['no GraphQL', 'graphql-query', { query: '{ Patient(id: p0) { id }' }],
    ['two operations and no name', 'graphql-query', { query: 'query a { Patient(id: p0) { id } } query b { Patient(id: p0) { id } }' }],
    ['an operation that is not there', 'graphql-query', { query: 'query a { Patient(id: p0) { id } }', operationName: 'b' }],
    ['a field that there is not', 'graphql-query', { query: '{ Patient(id: p0) { colour } }' }],
    ['a type that there is not', 'graphql-query', { query: '{ Nothing(id: p0) { id } }' }],
    ['a field of no resource, behind a reference', 'graphql-query', { query: '{ ObservationList { subject { resource { colour } } } }' }],
    ['a field of no resource, deeper behind a reference', 'graphql-query', { query: '{ ObservationList { subject { resource { name { colour } } } } }' }],
    ['an argument that there is not', 'graphql-query', { query: '{ Patient(id: p0) { name(colour: red) { family } } }' }],
    ['a search parameter that there is not', 'graphql-query', { query: '{ PatientList(colour: "red") { id } }' }],
    ['a leaf with fields', 'graphql-query', { query: '{ Patient(id: p0) { id { x } } }' }],
    ['a structure without fields', 'graphql-query', { query: '{ Patient(id: p0) { name } }' }],
    ['a mutation', 'graphql-query', { query: 'mutation { PatientCreate { id } }' }],
    ['a subscription', 'graphql-query', { query: 'subscription { Patient(id: p0) { id } }' }],
    ['a fragment that spreads itself', 'graphql-query', { query: '{ Patient(id: p0) { ...f } } fragment f on Patient { ...f }' }],
    ['a variable that is missing', 'graphql-query', { query: 'query q($id: ID!) { Patient(id: $id) { id } }' }],
    ['a directive that there is not', 'graphql-query', { query: '{ Patient(id: p0) { id @red } }' }],
    ['a reverse list that does not say by what', 'graphql-query', { query: '{ Patient(id: p0) { ObservationList { id } } }' }],
  ])('%s', async (_name, code, body) => {
    const answer = await post('$graphql', body);
    expect([answer.status, codeOf(answer), answer.json.data]).toEqual([400, code, undefined]);
    expect(answer.json.errors[0].extensions.resource.resourceType).toBe('OperationOutcome');
  });

  test('by GET: parameters that there are not, or twice; by POST: media types that are not taken, bytes that are no text', async () => {
    for (const query of ['', '?query=', '?colour=red', '?query={a}&query={b}', '?query={Patient(id:p0){id}}&variables={']) expect([query, (await send('GET', `${house.fhir}/$graphql${query}`)).status]).toEqual([query, 400]);
    expect((await post('$graphql', '{}', 'text/plain')).status).toBe(415);
    expect((await post('$graphql', '{}', 'application/fhir+json')).status).toBe(415);
    expect((await send('POST', `${house.fhir}/$graphql`, new Uint8Array([0xff, 0xfe]), { 'content-type': 'application/graphql' })).status).toBe(400);
  });

  test('a resource that is not there', async () => {
    expect((await ask('{ id }', undefined, 'Patient/nobody/$graphql')).status).toBe(404);
    const answer = await ask('{ Patient(id: nobody) { id } }');
    expect([answer.json.data.Patient, codeOf(answer)]).toEqual([null, 'not-found']);
    expect(codeOf(await ask('{ Patient(id: "../etc") { id } }'))).toBe('invalid-id');
  });

  test('no value of a query is repeated in an error', async () => {
    for (const query of ['{ Patient(id: "Mary Smith" { id } }', '{ Patient(id: "Smith") "Smith" }', '{ PatientList(_count: "Smith") { id } }', '{ PatientList(_count: Smith) { id } }', '{ PatientList(birthdate: "Smith") { id } }', '{ PatientList(_search: "birthdate=Smith") { id } }', '{ Patient(id: p0) { name(fhirpath: "Smith(") { family } } }', '"Smith"']) {
      const answer = await ask(query);
      expect([query, answer.json.errors.length > 0, answer.text.includes('Smith')]).toEqual([query, true, false]);
    }
    expect((await ask('query q($count: Int) { PatientList(_count: $count) { id } }', { count: 'Smith' })).text).not.toContain('Smith');
    expect(house.log.join('\n')).not.toContain('Smith');
  });
});

describe('limits', () => {
  test('levels', async () => {
    const nested = (levels: number): string => (levels === 0 ? 'id' : `extension { ${nested(levels - 1)} }`);
    expect(codeOf(await ask(`{ Patient(id: p0) { ${nested(30)} } }`))).toBe('graphql-too-deep');
    expect((await ask(`{ Patient(id: p0) { ${nested(5)} } }`)).status).toBe(200);
  });

  test.each([
    ['lists within lists', '{ PatientList(_count: 1000) { ObservationList(_reference: subject, _count: 1000) { id } } }'],
    ['a hundred aliases', `{ ${Array.from({ length: 100 }, (_, index) => `a${index}: PatientList(_count: 1000) { id }`).join(' ')} }`],
    ['fragments that double each other', `{ PatientList { ...f0 } } ${Array.from({ length: 40 }, (_, index) => `fragment f${index} on Patient { a${index}: id ...f${index + 1} ...f${index + 1} }`).join(' ')} fragment f40 on Patient { id }`],
    ['an expression on every name of a thousand', '{ PatientList(_count: 1000) { a: name(fhirpath: "family.exists()") { family } b: name(fhirpath: "family.exists()") { family } } }'],
    ['a count that is a variable', 'query q($n: Int) { PatientList(_count: $n) { ObservationList(_reference: subject, _count: $n) { id } } }'],
  ])('cost: %s', async (_name, query) => {
    const answer = await ask(query, { n: 1000 });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'graphql-too-costly']);
  });

  test('as they are set', async () => {
    const strict = await openHouse({ environment: { PRIORA_GRAPHQL_DEPTH: '2', PRIORA_GRAPHQL_COST: '200' } });
    const refused = async (query: string): Promise<string> => codeOf(await send('POST', `${strict.fhir}/$graphql`, JSON.stringify({ query }), { 'content-type': 'application/json' }));
    expect(await refused('{ PatientList(_count: 1) { name { family } } }')).toBe('graphql-too-deep');
    expect(await refused('{ PatientList(_count: 200) { id } }')).toBe('graphql-too-costly');
    await strict.close();
  });

  test('time', async () => {
    const start = house.clock.now;
    let looks = 0;
    // Time that passes whenever somebody looks at the clock.
    Object.defineProperty(house.clock, 'now', { configurable: true, get: () => new Date(start.getTime() + 1000 * (looks += 1)) });
    try {
      const answer = await ask(`{ ${Array.from({ length: 40 }, (_, index) => `a${index}: PatientList(_count: 1) { id }`).join(' ')} }`);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'graphql-too-slow']);
    } finally {
      Object.defineProperty(house.clock, 'now', { configurable: true, writable: true, value: start });
    }
  });

  test('size: of the answer, and of what is read for it', async () => {
    const text = 'x'.repeat(900_000);
    for (let index = 0; index < 20; index += 1) await send('PUT', `${house.fhir}/Basic/heavy${index}`, { resourceType: 'Basic', id: `heavy${index}`, code: { text } });
    expect(codeOf(await ask('{ BasicList(_count: 20) { code { text } } }'))).toBe('graphql-too-large');
    expect(codeOf(await ask(`{ ${['a', 'b', 'c', 'd'].map((name) => `${name}: BasicList(_count: 20) { id }`).join(' ')} }`))).toBe('graphql-too-large');
    expect((await ask('{ BasicList(_count: 20) { id } }')).status).toBe(200);
  });

  test('a field that is asked for over and over', async () => {
    for (const query of [`{ Patient(id: p0) { ${'id '.repeat(3000)} } }`, `{ Patient(id: p0) { ...f } } fragment f on Patient { ${'active '.repeat(3000)} }`]) {
      expect((await ask(query)).json.errors[0].message).toMatch(/more than 5 times/);
    }
  });

  test('a query of more words than anybody writes', async () => {
    expect(codeOf(await ask(`{ Patient(id: p0) { ${'id '.repeat(6000)} } }`))).toBe('graphql-query');
  });

  test.each(['resolve().exists()', "trace('x')", 'now() > now()', `family = '${'x'.repeat(500)}'`, '%elsewhere.exists()', 'family =', 'given.single()'])('an expression that does more than look at an element: %s', async (expression) => {
    expect(codeOf(await ask('query q($e: String) { Patient(id: p0) { name(fhirpath: $e) { family } } }', { e: expression }))).toBe('graphql-argument');
  });

  test.each(['_count: -1', '_offset: -1', '_offset: 900, _count: 200'])('a window that is none: %s', async (window) => {
    expect(codeOf(await ask(`{ PatientList(${window}) { id } }`))).toBe('graphql-argument');
  });

  test('what belongs to a search URL and not to a list', async () => {
    for (const search of ['_include=Patient:organization', '_count=1000', '_elements=id', '_type=Patient', '_cursor=x']) expect([search, codeOf(await ask('query q($s: String) { PatientList(_search: $s) { id } }', { s: search }))]).toEqual([search, 'graphql-argument']);
  });
});

describe('one resource', () => {
  test('elements, choices, primitives with extensions, names for fields', async () => {
    expect(await dataOf('{ id resourceType born: birthDate _birthDate { id } name { family given } multipleBirthBoolean }', undefined, 'Patient/p0/$graphql'))
      .toEqual({ id: 'p0', resourceType: 'Patient', born: '1950-01-01', _birthDate: null, name: [{ family: 'Abel', given: ['A', 'B', 'C'] }, { family: null, given: ['Z'] }], multipleBirthBoolean: null });
  });

  test('a decimal keeps its digits', async () => {
    expect((await ask('{ valueQuantity { value } }', undefined, 'Observation/exact/$graphql')).text).toBe('{"data":{"valueQuantity":{"value":1.50}}}');
  });

  test('lists of elements: by a part, by a condition, by place', async () => {
    const data = await dataOf('{ usual: name(use: usual) { given } both: name(use: "official", family: "Abel") { use } none: name(use: old) { use } by: name(fhirpath: "given.count() = 1") { use } given: name { given(_offset: 1, _count: 1) } }', undefined, 'Patient/p0/$graphql');
    expect(data).toEqual({ usual: [{ given: ['Z'] }], both: [{ use: 'official' }], none: null, by: [{ use: 'usual' }], given: [{ given: ['B'] }, { given: null }] });
  });

  test('by GET and by POST, as JSON and as text', async () => {
    const expected = { data: { id: 'p0' } };
    expect((await send('GET', `${house.fhir}/Patient/p0/$graphql?query={id}`)).json).toEqual(expected);
    expect((await send('GET', `${house.fhir}/Patient/p0/$graphql?query=query%20q($a:Boolean!)%7Bid%20active@include(if:$a)%7D&operationName=q&variables=%7B%22a%22:false%7D`, undefined, { accept: 'application/json' })).json).toEqual(expected);
    const answer = await post('Patient/p0/$graphql', '{id}', 'application/graphql');
    expect([answer.json, answer.headers.get('content-type')]).toEqual([expected, 'application/json; charset=utf-8']);
  });
});

describe('references', () => {
  test('to stored and to contained resources, with and without a type', async () => {
    expect(await dataOf('{ subject { resource { id ... on Patient { active } } only: resource(type: Group) { id } } device { resource { id ... on Device { status } } } }', undefined, 'Observation/o1/$graphql'))
      .toEqual({ subject: { resource: { id: 'p1', active: true }, only: null }, device: { resource: { id: 'd', status: 'active' } } });
  });

  test('to nothing: an error, unless it is optional', async () => {
    const answer = await ask('{ id subject { resource { id } } }', undefined, 'Observation/exact/$graphql');
    expect([answer.status, answer.json.data, codeOf(answer), answer.json.errors[0].path]).toEqual([200, { id: 'exact', subject: { resource: null } }, 'graphql-unresolved', ['subject', 'resource']]);
    expect(await dataOf('{ subject { resource(optional: true) { id } } }', undefined, 'Observation/exact/$graphql')).toEqual({ subject: { resource: null } });
  });

  test('those of a level are read together', async () => {
    const { data, statements } = await counted('{ ObservationList(_search: "subject:Patient.active=true,false") { subject { resource { id ... on Patient { managingOrganization { resource { id ... on Organization { name } } } } } } } }');
    expect((data['ObservationList'] as unknown[]).length).toBe(4);
    // The search, the patients, the organization.
    expect(statements).toBe(3);
  });
});

describe('lists of resources', () => {
  const ids = async (list: string): Promise<string[]> => ((await dataOf(`{ list: ${list} { id } }`))['list'] as { id: string }[]).map(({ id }) => id).toSorted();

  test('by search parameters, written as GraphQL can', async () => {
    expect(await ids('PatientList(name: "chan")')).toEqual(['p2', 'p3']);
    expect(await ids('PatientList(active: true, birthdate: "ge1951")')).toEqual(['p1', 'p2']);
    expect(await ids('PatientList(birthdate: ["ge1951", "lt1953"])')).toEqual(['p1', 'p2']);
    expect(await ids('PatientList(identifier: "urn:mrn|3")')).toEqual(['p3']);
    expect(await ids('PatientList(_id: "p1,p2")')).toEqual(['p1', 'p2']);
    expect(await ids('ObservationList(value_quantity: "gt2")')).toEqual(['o3']);
  });

  test('with modifiers, chains and what refers to them, as a search URL has it', async () => {
    expect(await ids('PatientList(_search: "family:exact=Chan")')).toEqual(['p2']);
    expect(await ids('ObservationList(_search: "subject:Patient.name=abel&status=final")')).toEqual(['o0']);
    expect(await ids('PatientList(_search: "_has:Observation:patient:value-quantity=lt1")')).toEqual(['p0']);
  });

  test('in an order, by windows', async () => {
    expect(await dataOf('{ PatientList(_sort: "-birthdate", _offset: 1, _count: 2) { id } }')).toEqual({ PatientList: [{ id: 'p2' }, { id: 'p1' }] });
  });

  test('what refers to a resource', async () => {
    expect(await dataOf('{ ObservationList(_reference: subject) { id } none: ObservationList(_reference: subject, status: preliminary) { id } ObservationConnection(_reference: patient) { count edges { resource { id } } } }', undefined, 'Patient/p1/$graphql'))
      .toEqual({ ObservationList: [{ id: 'o1' }], none: [], ObservationConnection: { count: 1, edges: [{ resource: { id: 'o1' } }] } });
    expect(codeOf(await ask('{ ObservationList(_reference: status) { id } }', undefined, 'Patient/p1/$graphql'))).toBe('graphql-argument');
    expect(await dataOf('{ PatientList(_id: "p0,p3", _sort: "_id") { id ObservationList(_reference: subject) { id } } }')).toEqual({ PatientList: [{ id: 'p0', ObservationList: [{ id: 'o0' }] }, { id: 'p3', ObservationList: [{ id: 'o3' }] }] });
  });

  test('what refers to each of a list: one search for all, and the windows of each', async () => {
    await send('PUT', `${house.fhir}/Observation/second`, { resourceType: 'Observation', id: 'second', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p1' }, performer: [{ reference: 'Patient/p0' }, { reference: 'Patient/p1' }] });
    const { data, statements } = await counted('{ PatientList(_sort: "_id") { id all: ObservationList(_reference: subject, _sort: "_id") { id } one: ObservationList(_reference: subject, _sort: "_id", _offset: 1, _count: 1) { id } by: ObservationList(_reference: performer) { id } } }');
    expect(data['PatientList']).toEqual([
      { id: 'p0', all: [{ id: 'o0' }], one: [], by: [{ id: 'second' }] },
      { id: 'p1', all: [{ id: 'o1' }, { id: 'second' }], one: [{ id: 'second' }], by: [{ id: 'second' }] },
      { id: 'p2', all: [{ id: 'o2' }], one: [], by: [] },
      { id: 'p3', all: [{ id: 'o3' }], one: [], by: [] },
    ]);
    expect(statements).toBe(4);
    await send('DELETE', `${house.fhir}/Observation/second`);
  });

  test('a connection: pages by cursors, a count where it is asked for', async () => {
    const found: string[] = [];
    let cursor: unknown;
    for (let page = 0; page < 10; page += 1) {
      const { PatientConnection: connection } = await dataOf('query q($c: String) { PatientConnection(_count: 3, _cursor: $c, _sort: "birthdate") { count pagesize offset next edges { mode resource { id } } } }', { c: cursor }) as { PatientConnection: { count: number; next: string | null; pagesize: number; edges: { mode: string; resource: { id: string } }[] } };
      expect([connection.count, connection.pagesize, connection.edges[0]!.mode]).toEqual([4, 3, 'match']);
      found.push(...connection.edges.map(({ resource }) => resource.id));
      cursor = connection.next;
      if (cursor === null) break;
    }
    expect(found).toEqual(['p0', 'p1', 'p2', 'p3']);
    expect(codeOf(await ask('{ PatientConnection(_cursor: "abc") { count } }'))).toBe('invalid-search-value');
  });

  test('by variables of every scalar type', async () => {
    expect(await dataOf('query q($id: ID!, $s: String, $b: Boolean, $n: Int) { Patient(id: $id) { id } PatientList(name: $s, active: $b, _count: $n) { id } }', { id: 'p0', s: 'Chan', b: true, n: 5 })).toEqual({ Patient: { id: 'p0' }, PatientList: [{ id: 'p2' }] });
  });
});

describe('directives', () => {
  test('several values where one is announced', async () => {
    expect(codeOf(await ask('{ name @flatten { family given @singleton } }', undefined, 'Patient/p0/$graphql'))).toBe('graphql-not-one');
  });

  test('flattened lists of resources, fragments within, slices by what is not asked for', async () => {
    expect(await dataOf('{ PatientList(_sort: "_id", _count: 2) @flatten { id name @flatten @slice(path: "use") { ...n } managingOrganization @flatten { resource @flatten { ... on Organization { org: name } } } } } fragment n on HumanName { given @first }'))
      .toEqual({ id: ['p0', 'p1'], 'given.official': ['A', 'A'], 'given.usual': ['Z', 'Z'], org: ['Clinic', 'Clinic'] });
  });
});

test('the schema can be asked for, and is one', async () => {
  const types = (await dataOf('{ __schema { queryType { name } types { name kind } directives { name } } }'))['__schema'] as { queryType: { name: string }; types: { name: string }[]; directives: { name: string }[] };
  expect(types.queryType.name).toBe('Query');
  expect(types.types.map(({ name }) => name)).toEqual(expect.arrayContaining(['Patient', 'PatientContact', 'PatientConnection', 'HumanName', 'Resource']));
  expect(types.directives.map(({ name }) => name)).toEqual(expect.arrayContaining(['flatten', 'first', 'singleton', 'slice', 'skip', 'include']));
  const { __type: patient } = await dataOf('{ __type(name: "Patient") { fields { name } } }') as { __type: { fields: { name: string }[] } };
  expect(patient.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(['birthDate', '_birthDate', 'deceasedBoolean', 'ObservationList', 'ObservationConnection']));
});
