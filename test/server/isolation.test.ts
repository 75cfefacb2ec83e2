/**
 * Two tenants with the same ids, numbers and addresses, asked in the same way on every route that is registered: neither
 * is shown, counts or changes what is the other's. A route that is not asked here fails the test.
 */
import pg from 'pg';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { routesOf } from './registered-routes.ts';

let house: TestHouse;
/** Queries with the texts that speak of tenants' rows, and their values. */
const asked: { text: string; values: unknown[] }[] = [];
// oxlint-disable-next-line typescript/unbound-method -- it is called on each client again
const original = pg.Client.prototype.query;

const mine = 'Mayfair';
const theirs = 'Theydon';
let base: string;
let other: string;

beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_TENANTS: 'other', PRIORA_CONDITIONAL_DELETE: 'multiple' } });
  base = house.fhir;
  other = `${house.origin}/tenant/other/fhir`;
  for (const [where, family] of [[base, mine], [other, theirs]] as const) {
    const answer = await send('POST', where, { resourceType: 'Bundle', type: 'transaction', entry: records(family).map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })) });
    expect(answer.status).toBe(200);
    // A second version, so that there is a history.
    await send('PUT', `${where}/Patient/p`, { ...records(family)[0], active: true });
  }
});
afterAll(async () => {
  pg.Client.prototype.query = original;
  await house.close();
});

interface Rec { readonly resourceType: string; readonly id: string; readonly [element: string]: unknown }

/** The same records but for the family, and one more that only one of them has. */
function records(family: string): Rec[] {
  const subject = { reference: 'Patient/p' };
  const own = family === mine ? 'solely-mine' : 'solely-theirs';
  return [
    { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:mrn', value: 'same' }, { system: 'urn:own', value: own }], name: [{ family }], managingOrganization: { reference: 'Organization/o' } },
    { resourceType: 'Organization', id: 'o', name: family, identifier: [{ system: 'urn:npi', value: 'same' }] },
    { resourceType: 'Observation', id: 'ob', status: 'final', code: { text: family, coding: [{ system: 'urn:codes', code: 'same' }] }, subject, valueString: family },
    { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, subject, type: [{ text: family }] },
    { resourceType: 'Basic', id: 'only', code: { text: family }, subject, identifier: [{ system: 'urn:own', value: own }] },
    { resourceType: 'Basic', id: own, code: { text: family }, subject },
    { resourceType: 'Binary', id: 'bin', contentType: 'text/plain', data: Buffer.from(family).toString('base64') },
    { resourceType: 'List', id: 'l', status: 'current', mode: 'working', title: family, entry: [{ item: subject }] },
    { resourceType: 'CodeSystem', id: 'cs', url: 'urn:terms', version: '1', name: family, language: 'en', status: 'active', content: 'complete', concept: [{ code: 'same', display: family, concept: [{ code: own, display: family }] }] },
    { resourceType: 'ValueSet', id: 'vs', url: 'urn:set', name: family, status: 'active', compose: { include: [{ system: 'urn:terms' }] } },
    { resourceType: 'ConceptMap', id: 'cm', url: 'urn:map', name: family, status: 'active', group: [{ source: 'urn:terms', target: 'urn:targets', element: [{ code: 'same', target: [{ code: own, display: family, equivalence: 'equal' }] }] }] },
    { resourceType: 'Subscription', id: 'sub', status: 'off', reason: family, criteria: 'urn:topic', channel: { type: 'rest-hook' } },
    { resourceType: 'Claim', id: 'c', status: 'draft', type: { text: family }, use: 'claim', patient: subject, created: '2026-03-02', provider: { reference: 'Organization/o' }, priority: { text: 'normal' }, insurance: [{ sequence: 1, focal: true, coverage: { display: family } }] },
  ];
}

const fhir = { 'content-type': 'application/fhir+json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

interface Ask {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** How each route is asked: in ways that would find something of the other's if it could be found. */
const asks: Readonly<Record<string, readonly Ask[]>> = {
  'GET /fhir': [{ path: '?_type=Patient,Basic' }, { path: '?_type=Basic&_lastUpdated=gt2000' }],
  'POST /fhir/_search': [{ path: '/_search?_type=Patient,Organization', body: '_count=50', headers: form }],
  'GET /fhir/:type': [
    'Patient', 'Patient?_id=p', 'Patient?identifier=same', 'Patient?identifier=urn:mrn|same', 'Patient?name=T', 'Patient?family:contains=e', 'Patient?_lastUpdated=gt2000', 'Patient?_sort=-_lastUpdated', 'Patient?_sort=family', 'Patient?_total=accurate&_count=1',
    'Patient?_summary=count', 'Patient?organization.name=T', 'Patient?organization.identifier=same', 'Patient?_has:Observation:patient:code=same', 'Patient?_list=l', 'Patient?identifier:not=x', 'Patient?birthdate:missing=true', 'Patient?_text=Theydon', 'Patient?_content=Theydon',
    'Patient?_filter=name%20co%20%22e%22', 'Observation?code=same', 'Observation?patient=p', 'Observation?patient.identifier=same', 'Observation?subject:Patient.organization.name=T', 'Observation?code:text=T', 'Observation?_include=Observation:patient', 'Observation?_include=Observation:patient&_include:iterate=Patient:organization',
    'Organization?_revinclude=Patient:organization', 'Organization?_revinclude=Patient:organization&_revinclude:iterate=Observation:patient', 'Patient?_revinclude=*', 'Observation?_include=*', 'Basic', 'Basic?subject=Patient/p', 'Basic?identifier=urn:own|solely-theirs', 'Binary', 'OperationDefinition?_count=1&_total=accurate', 'Claim',
  ].map((path) => ({ path: `/${path}` })),
  'POST /fhir/:type/_search': [{ path: '/Patient/_search', body: 'identifier=same', headers: form }],
  'GET /fhir/:type/:id': ['Patient/p', 'Basic/only', 'Basic/solely-theirs', 'Organization/o', 'Claim/c'].map((path) => ({ path: `/${path}` })),
  'GET /fhir/:type/:id/:member': [{ path: '/Patient/p/Observation' }, { path: '/Patient/p/*' }, { path: '/Encounter/e/*' }],
  'POST /fhir/:type/:id/_search': [{ path: '/Patient/p/_search', body: '', headers: form }],
  'POST /fhir/:type/:id/:member/_search': [{ path: '/Patient/p/Observation/_search', body: 'code=same', headers: form }],
  'GET /fhir/_history': [{ path: '/_history?_count=1000' }, { path: '/_history?_since=2000-01-01T00:00:00Z' }],
  'GET /fhir/:type/_history': [{ path: '/Patient/_history' }, { path: '/Basic/_history?_at=2026' }],
  'GET /fhir/:type/:id/_history': [{ path: '/Patient/p/_history' }, { path: '/Basic/solely-theirs/_history' }],
  'GET /fhir/:type/:id/_history/:version': [{ path: '/Patient/p/_history/1' }, { path: '/Patient/p/_history/2' }, { path: '/Basic/solely-theirs/_history/1' }],
  'GET /fhir/Binary/:id': [{ path: '/Binary/bin' }, { path: '/Binary/bin', headers: { accept: 'application/fhir+json' } }],
  'GET /fhir/Binary/:id/_history/:version': [{ path: '/Binary/bin/_history/1' }],
  'GET /fhir/metadata': [{ path: '/metadata' }, { path: '/metadata?mode=terminology' }],
  'POST /fhir': [
    { path: '', body: bundleOf('batch', ['Patient/p', 'Patient?identifier=same', 'Basic/solely-theirs', '_history?_count=1000', 'Patient/p/_history', 'Patient/p/$everything']), headers: fhir },
    { path: '', body: bundleOf('transaction', ['Patient/p', 'Patient?identifier=same', 'Observation?_include=Observation:patient', '_history', 'Patient/p/*']), headers: fhir },
    { path: '', body: { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: 'Patient?identifier=urn:own|solely-theirs' } }, request: { method: 'POST', url: 'Basic' } }] }, headers: fhir },
  ],
  'POST /fhir/:type': [{ path: '/Patient', body: { resourceType: 'Patient', name: [{ family: mine }] }, headers: { ...fhir, 'if-none-exist': 'identifier=urn:own|solely-theirs' } }],
  'POST /fhir/Binary': [{ path: '/Binary', body: 'text', headers: { 'content-type': 'text/plain' } }],
  'PUT /fhir/:type/:id': [{ path: '/Basic/solely-theirs', body: { resourceType: 'Basic', id: 'solely-theirs', code: { text: mine } }, headers: { ...fhir, 'if-match': 'W/"1"' } }, { path: '/Basic/solely-theirs', body: { resourceType: 'Basic', id: 'solely-theirs', code: { text: mine } }, headers: { ...fhir, 'if-none-match': '*' } }],
  'PUT /fhir/Binary/:id': [{ path: '/Binary/new', body: 'text', headers: { 'content-type': 'text/plain' } }],
  'PUT /fhir/:type': [{ path: '/Patient?identifier=urn:own|solely-theirs', body: { resourceType: 'Patient', name: [{ family: mine }] }, headers: fhir }],
  'PATCH /fhir/:type/:id': [{ path: '/Basic/only', body: [{ op: 'add', path: '/language', value: 'de' }], headers: { 'content-type': 'application/json-patch+json' } }, { path: '/Patient/solely-theirs', body: [], headers: { 'content-type': 'application/json-patch+json' } }],
  'PATCH /fhir/:type': [{ path: '/Patient?identifier=urn:own|solely-theirs', body: [], headers: { 'content-type': 'application/json-patch+json' } }],
  'DELETE /fhir/:type/:id': [{ path: '/Basic/solely-theirs' }, { path: '/List/l' }],
  'DELETE /fhir/:type': [{ path: '/Basic?identifier=urn:own|solely-theirs' }, { path: '/Observation?code=same' }],
  'POST /x12': [{ path: '../x12', body: 'ISA', headers: { 'content-type': 'application/edi-x12' } }],
  'GET /.well-known/davinci-configuration': [{ path: '../.well-known/davinci-configuration' }],
  'GET /cds-services': [{ path: '../cds-services' }],
  'POST /cds-services/:service': [{ path: '../cds-services/order-sign-crd', body: { hook: 'order-sign', hookInstance: '0e1f6c1e-2f6b-4a4e-9a0f-1d1d1f2b0c11', context: { userId: 'Practitioner/x', patientId: 'p', draftOrders: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'ServiceRequest', id: 's', status: 'draft', intent: 'order', subject: { reference: 'Patient/p' }, code: { coding: [{ system: 'urn:codes', code: 'same' }] } } }] } }, prefetch: { patient: { resourceType: 'Patient', id: 'p', identifier: [{ value: 'solely-theirs' }], name: [{ family: theirs }] }, coverage: { resourceType: 'Coverage', id: 'cov', status: 'active', beneficiary: { reference: 'Patient/p' }, payor: [{ display: 'x' }] } } }, headers: { 'content-type': 'application/json' } }],
  'POST /cds-services/:service/feedback': [{ path: '../cds-services/order-sign-crd/feedback', body: { feedback: [{ card: '0e1f6c1e-2f6b-4a4e-9a0f-1d1d1f2b0c11', outcome: 'accepted', outcomeTimestamp: '2026-03-02T09:00:00Z' }] }, headers: { 'content-type': 'application/json' } }],
  'OPTIONS /cds-services': [{ path: '../cds-services' }],
  'OPTIONS /cds-services/:service': [{ path: '../cds-services/order-sign-crd' }],
  'OPTIONS /cds-services/:service/feedback': [{ path: '../cds-services/order-sign-crd/feedback' }],
  'POST /inbox/ccda': [{ path: '../inbox/ccda', body: '<theirs/>', headers: { 'content-type': 'application/cda+xml' } }],
  'POST /inbox/hl7v2': [{ path: '../inbox/hl7v2', body: 'MSH', headers: { 'content-type': 'x-application/hl7-v2+er7' } }],
  'GET /outbox/x12': [{ path: '../outbox/x12?partner=ZZ:THEIRS' }],
  'DELETE /outbox/x12/:number': [{ path: '../outbox/x12/4711?partner=ZZ:THEIRS' }],
  'GET /outbox/hl7v2': [{ path: '../outbox/hl7v2?partner=THEIRS%7CTHEIRS' }],
  'DELETE /outbox/hl7v2/:number': [{ path: '../outbox/hl7v2/K4711?partner=THEIRS%7CTHEIRS' }],
  'GET /report/:year': [{ path: '../report/2026' }],
  'GET /inbox': [{ path: '../inbox' }, { path: '../inbox?state=quarantined&limit=1000' }, { path: '../inbox?landing=DELIVERY' }],
  'GET /inbox/:id': [{ path: '../inbox/MESSAGE' }],
  'GET /inbox/:id/raw': [{ path: '../inbox/MESSAGE/raw' }],
  'POST /inbox/:id/replay': [{ path: '../inbox/MESSAGE/replay' }],
  'POST /inbox/replay': [{ path: '../inbox/replay?state=quarantined,received' }],
  'GET /landing/:id': [{ path: '../landing/DELIVERY' }],
  'GET /landing/:id/raw': [{ path: '../landing/DELIVERY/raw' }],
};

/** What belongs to the server and to no tenant. */
const untenanted = new Set(['GET /healthz', 'GET /readyz', 'GET /metrics']);

function bundleOf(type: string, urls: readonly string[]): object {
  return { resourceType: 'Bundle', type, entry: urls.map((url) => ({ request: { method: 'GET', url } })) };
}

const terms: Readonly<Record<string, string>> = { Subscription: 'sub', CodeSystem: 'cs', ValueSet: 'vs', ConceptMap: 'cm' };

/** Operations by their form; a name that is not here fails the test. */
function operationAsks(method: string, url: string): readonly Ask[] | undefined {
  const code = /\$(:?[\w-]+)$/.exec(url)?.[1];
  const path = url.replace('/fhir', '').replace(':type', 'Patient').replace(':id', url.startsWith('/fhir/Encounter') ? 'e' : url.startsWith('/fhir/Claim') ? 'c' : terms[url.split('/')[2]!] ?? 'p').replace(':version', '1');
  const parameters = (...parameter: object[]): Ask => ({ path, body: { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }, headers: fhir });
  const either = (ask: Ask, query = ''): readonly Ask[] => [method === 'GET' ? { path: `${path}${query}` } : ask];
  switch (code) {
    case 'pa-worklist': case 'pa-exchanges': return either(parameters());
    case 'pa-metrics': return either(parameters({ name: 'year', valueInteger: 2026 }), '?year=2026');
    case 'everything': case 'ccda': case 'meta': case 'reindex-status': case 'source': return either(parameters());
    case 'meta-add': case 'meta-delete': return [parameters({ name: 'meta', valueMeta: { tag: [{ system: 'urn:tags', code: mine }] } })];
    case 'validate': return either(parameters({ name: 'resource', resource: { resourceType: 'Patient', id: 'p' } }), '?mode=delete');
    case 'graphql': {
      const query = url.includes(':id') ? '{ id name { family } }' : '{ PatientList { id name { family } } Patient(id: "p") { name { family } } ObservationList(patient: "p") { subject { resource { ... on Patient { name { family } } } } } }';
      return either({ path, body: { query }, headers: { 'content-type': 'application/json' } }, `?query=${encodeURIComponent(query)}`);
    }
    case 'versions': case 'status': case 'events': return either(parameters());
    case 'lookup': case 'validate-code': return either(parameters({ name: 'coding', valueCoding: { system: 'urn:terms', code: 'same' } }, ...(path.startsWith('/ValueSet/$') ? [{ name: 'url', valueUri: 'urn:set' }] : [])), '?system=urn:terms&code=solely-theirs&url=urn:set'.replace(path.includes('$lookup') ? '&url=urn:set' : 'nothing', ''));
    case 'batch-validate-code': return [parameters({ name: 'url', valueUri: 'urn:set' }, { name: 'validation', resource: { resourceType: 'Parameters', parameter: [{ name: 'coding', valueCoding: { system: 'urn:terms', code: 'solely-theirs' } }] } })];
    case 'subsumes': return either(parameters({ name: 'system', valueUri: 'urn:terms' }, { name: 'codeA', valueCode: 'same' }, { name: 'codeB', valueCode: 'solely-theirs' }), '?system=urn:terms&codeA=same&codeB=solely-theirs');
    case 'find-matches': return either(parameters({ name: 'system', valueUri: 'urn:terms' }, { name: 'property', part: [{ name: 'code', valueCode: 'display' }, { name: 'value', valueString: theirs }] }), '?system=urn:terms');
    case 'expand': return either(parameters({ name: 'url', valueUri: 'urn:set' }, { name: 'filter', valueString: 'T' }), '?url=urn:set');
    case 'translate': return either(parameters({ name: 'coding', valueCoding: { system: 'urn:terms', code: 'same' } }), '?system=urn:terms&code=same');
    case 'closure': return [parameters({ name: 'name', valueString: 'table' }), parameters({ name: 'name', valueString: 'table' }, { name: 'concept', valueCoding: { system: 'urn:terms', code: 'same' } }, { name: 'concept', valueCoding: { system: 'urn:terms', code: 'solely-theirs' } })];
    case 'submit': case 'inquire': case 'decide': case 'extend': case 'downgrade': return [{ path, body: { resourceType: 'Bundle', type: 'collection', entry: [] }, headers: fhir }];
    case 'log-questionnaire-errors': return [parameters({ name: 'questionnaire', valueCanonical: 'urn:questionnaire' }, { name: 'operationOutcome', resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found', diagnostics: theirs }] } })];
    case 'questionnaire-errors': return either(parameters());
    case 'next-question': return [{ path, body: { resourceType: 'QuestionnaireResponse', status: 'in-progress', questionnaire: '#q', contained: [{ resourceType: 'Questionnaire', id: 'q', status: 'active', derivedFrom: ['urn:questionnaire'] }] }, headers: fhir }];
    case 'questionnaire-package': return [parameters({ name: 'coverage', resource: { resourceType: 'Coverage', status: 'active', subscriberId: 'solely-theirs', beneficiary: { display: 'x' }, payor: [{ display: 'x' }] } }, { name: 'questionnaire', valueCanonical: 'urn:questionnaire' })];
    case 'submit-attachment': return [parameters({ name: 'TrackingId', valueIdentifier: { value: theirs } }, { name: 'AttachTo', valueCode: 'preauthorization' }, { name: 'MemberId', valueIdentifier: { value: theirs } }, { name: 'Attachment', part: [{ name: 'Content', resource: { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { url: 'https://example.org/d' } }] } }] })];
    case undefined: return undefined;
    case ':operation': return [method === 'GET' ? { path: path.replace(':operation', 'nothing') } : { ...parameters(), path: path.replace(':operation', 'nothing') }];
    default: return undefined;
  }
}

function asksOf(route: string): readonly Ask[] | undefined {
  const [method = '', url = ''] = route.split(' ');
  return asks[route] ?? operationAsks(method, url);
}

const routes = async (): Promise<readonly string[]> => {
  await house.server.http.ready();
  return routesOf(house.server.http).map(({ method, url }) => `${method} ${url}`);
};

test('every registered route is asked here, and none that is not there', async () => {
  const registered = await routes();
  expect(registered.filter((route) => !untenanted.has(route) && asksOf(route) === undefined)).toEqual([]);
  expect(Object.keys(asks).filter((route) => !registered.includes(route) && !route.includes('$'))).toEqual([]);
});

/** All rows of a tenant, whatever the table. */
async function rowsOf(tenant: number): Promise<unknown> {
  const { rows: tables } = await house.sql.query<{ table_name: string }>(`select table_name from information_schema.columns where table_schema = 'public' and column_name = 'tenant' order by 1`);
  const found: unknown[] = [];
  for (const { table_name: table } of tables) found.push([table, (await house.sql.query(`select md5(coalesce(string_agg(t::text, '' order by t::text), '')) as sum, count(*) from ${table} t where tenant = $1`, [tenant])).rows]);
  return found;
}

test('whatever is asked of one tenant shows nothing of the other, and changes nothing of it', async () => {
  const otherTenant = house.server.house.tenants[1]!;
  const landed = await send('POST', `${other}/Claim/$submit`, { resourceType: 'Bundle', type: 'collection', identifier: { value: theirs }, entry: [] });
  const delivery = landed.headers.get('priora-delivery') ?? (await house.sql.query<{ id: string }>('select id from landing where tenant = $1', [otherTenant.id])).rows[0]!.id;
  // A document that nobody can read is a message that waits, with a Task.
  await send('POST', `${house.origin}/tenant/other/inbox/ccda`, `<${theirs}/>`, { 'content-type': 'application/cda+xml' });
  const message = ((await send('GET', `${house.origin}/tenant/other/inbox`)).json as { messages: { id: string }[] }).messages[0]!.id;
  // Answers that wait for partners who are called so in both.
  for (const [channel, partner, number] of [['x12', 'ZZ:THEIRS', '4711'], ['hl7v2', 'THEIRS|THEIRS', 'K4711']]) {
    await house.sql.query(`insert into later_answer (tenant, shard, id, channel, partner, control_number, authorization_id, sequence, content, at) values ($1, 1, gen_random_uuid(), $2, $3, $4, gen_random_uuid(), 1, $5, now())`, [otherTenant.id, channel, partner, number, theirs]);
  }
  // What was written has been followed by whoever reads the outbox: nothing of it happens later by itself.
  await house.server.subscriptions!.settled();
  await house.server.laterAnswers!.settled();
  const before = await rowsOf(otherTenant.id);
  pg.Client.prototype.query = function query(this: pg.Client, ...parameters: unknown[]): unknown {
    const [statement, values] = parameters as [string | { text?: string; values?: unknown[] } | undefined, unknown[]?];
    if (typeof statement === 'string') asked.push({ text: statement, values: values ?? [] });
    else if (typeof statement?.text === 'string') asked.push({ text: statement.text, values: statement.values ?? [] });
    return (original as (...all: unknown[]) => unknown).apply(this, parameters);
  } as typeof original;
  const shown: string[] = [];
  const answers = new Map<string, TestAnswer[]>();
  // Reads first: what the writes make under the other's names is this tenant's own.
  for (const route of (await routes()).toSorted((a, b) => Number(b.startsWith('GET')) - Number(a.startsWith('GET')))) {
    for (const { path, body, headers } of asksOf(route) ?? []) {
      const [method = ''] = route.split(' ');
      const address = path.startsWith('../') ? `${house.origin}/${path.slice(3).replace('DELIVERY', delivery).replace('MESSAGE', message)}` : `${base}${path}`;
      const answer = await send(method, address, body, headers);
      answers.set(route, [...(answers.get(route) ?? []), answer]);
      // What was asked stands in the links of the answer.
      if (answer.text.replaceAll(/_(?:text|content)=Theydon/g, '').includes(theirs)) shown.push(`${method} ${path}: ${answer.text.slice(0, 300)}`);
      expect([method, path, answer.status < 500 || answer.status === 501]).toEqual([method, path, true]);
    }
  }
  expect(shown).toEqual([]);
  await house.server.subscriptions!.settled();
  await house.server.laterAnswers!.settled();
  expect(await rowsOf(otherTenant.id)).toEqual(before);
  const statuses = (route: string): number[] => (answers.get(route) ?? []).map(({ status }) => status);
  // What only they have is not there; what is theirs under the same number is made anew.
  expect(statuses('GET /fhir/:type/:id')).toEqual([200, 200, 404, 200, 200]);
  expect(statuses('GET /fhir/:type/:id/_history/:version')).toEqual([200, 200, 404]);
  expect(statuses('GET /landing/:id')).toEqual([404]);
  expect(statuses('GET /landing/:id/raw')).toEqual([404]);
  for (const route of ['GET /inbox/:id', 'GET /inbox/:id/raw', 'POST /inbox/:id/replay']) expect(statuses(route)).toEqual([404]);
  for (const channel of ['x12', 'hl7v2']) expect([statuses(`GET /outbox/${channel}`), statuses(`DELETE /outbox/${channel}/:number`)]).toEqual([[204], [404]]);
  expect(statuses('POST /fhir/:type')).toEqual([201]);
});

test('a cursor, a version and a transaction of one are worth nothing to the other', async () => {
  const next = (await send('GET', `${other}/Basic?_count=1`)).json.link.find(({ relation }: { relation: string }) => relation === 'next').url as string;
  expect(next.startsWith(`${other}/`)).toBe(true);
  expect((await send('GET', next.replace(other, base))).status).toBe(400);
  const history = (await send('GET', `${other}/_history?_count=1`)).json.link[1].url as string;
  expect((await send('GET', history.replace(other, base))).status).toBe(400);
});

/** Tables whose rows belong to tenants. */
const tenanted = /\b(?:from|join|into|update|table)\s+(?:only\s+)?(resource|resource_history|resource_object|outbox|index_\w+|landing|inbox_message|ledger|interchange_control|prior_authorization\w*|display|code_system\w*|value_set\w*|concept_map\w*|closure_\w+)\b/i;

/** Tables in which tenant 0 is everybody's (store/terminology/scope.ts). */
const shared = /\b(?:from|join|into|update)\s+(?:code_system|value_set|concept_map)/i;

test('every statement over rows of tenants has been given a tenant', () => {
  const own = house.server.house.tenants.map(({ id }) => id);
  // The place that a reader of the outbox has come to is the server's own, of all tenants.
  const about = asked.filter(({ text }) => tenanted.test(text) && !/\bfrom outbox_reader\b/.test(text));
  expect(about.length).toBeGreaterThan(100);
  const hasTenant = (values: readonly unknown[], tenants: ReadonlySet<number>): boolean => values.some((value) => (typeof value === 'number' && tenants.has(value)) || (typeof value === 'string' && (/^\d+$/.test(value) || /^\{\d+(?:,\d+)*\}$/.test(value))) || (Array.isArray(value) && value.some((one) => tenants.has(one as number))));
  const isTheirs = (text: string, values: readonly unknown[]): boolean => {
    const tenants = new Set(shared.test(text) ? [0, ...own] : own);
    const named = [...text.matchAll(/\btenant = \$(\d+)/g)].map(([, number]) => values[Number(number) - 1]);
    return named.length > 0 ? named.every((value) => tenants.has(Number(value))) : hasTenant(values, tenants);
  };
  const without = about.filter(({ text, values }) => !/\btenant\b/.test(text) || !isTheirs(text, values)).map(({ text }) => text.replace(/\s+/g, ' ').slice(0, 200));
  expect([...new Set(without)]).toEqual([]);
});
