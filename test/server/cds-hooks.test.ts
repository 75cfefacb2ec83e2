/** Da Vinci CRD over HTTP: discovery, what a call must be, and what is said of orders. */
import { randomUUID } from 'node:crypto';
import { bundle, call, chartOf, firstSaidIn, hcpcs, order, orderSign, saidIn, saturation, type Json } from '../support/cds-calls.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { request, submit } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'other' } }); });
afterAll(() => house.close());

const member = 'demo-amara-okafor';
const codesOf = (answer: { json: { issue: { details: { coding: { code: string }[] } }[] } }): string[] => answer.json.issue.map(({ details }) => details.coding[0]!.code);

describe('a call that cannot be answered', () => {
  const good = (): ReturnType<typeof orderSign> => orderSign(member, [order()]);

  test.each<[string, string, (body: ReturnType<typeof orderSign>) => unknown, number, string]>([
    ['of a service that there is not', 'order-cancel-crd', (body) => body, 404, 'cds-service-unknown'],
    ['that is no object', 'order-sign-crd', () => [1], 400, 'cds-request-invalid'],
    ['of another hook', 'order-sign-crd', (body) => ({ ...body, hook: 'order-select' }), 400, 'cds-request-invalid'],
    ['without a hook', 'order-sign-crd', (body) => ({ ...body, hook: undefined }), 400, 'cds-request-invalid'],
    ['without a hookInstance', 'order-sign-crd', (body) => ({ ...body, hookInstance: undefined }), 400, 'cds-request-invalid'],
    ['whose hookInstance is no UUID', 'order-sign-crd', (body) => ({ ...body, hookInstance: '1' }), 400, 'cds-request-invalid'],
    ['without a context', 'order-sign-crd', (body) => ({ ...body, context: undefined }), 400, 'cds-request-invalid'],
    ['without a patient', 'order-sign-crd', (body) => ({ ...body, context: { ...body.context, patientId: undefined } }), 400, 'cds-request-invalid'],
    ['whose patient is no id', 'order-sign-crd', (body) => ({ ...body, context: { ...body.context, patientId: 'Patient/p' } }), 400, 'cds-request-invalid'],
    ['without a user', 'order-sign-crd', (body) => ({ ...body, context: { ...body.context, userId: undefined } }), 400, 'cds-request-invalid'],
    ['without orders', 'order-sign-crd', (body) => ({ ...body, context: { ...body.context, draftOrders: bundle() } }), 400, 'cds-request-invalid'],
    ['whose orders have not the form of FHIR', 'order-sign-crd', (body) => ({ ...body, context: { ...body.context, draftOrders: bundle({ ...order(), code: 'oxygen' } as never) } }), 400, 'cds-request-invalid'],
    ['whose order has no id', 'order-sign-crd', (body) => ({ ...body, context: { ...body.context, draftOrders: bundle({ ...order(), id: undefined } as never) } }), 422, 'cds-request-rule'],
    ['whose fhirServer is no address', 'order-sign-crd', (body) => ({ ...body, fhirServer: 'file:///etc/passwd' }), 400, 'cds-request-invalid'],
    ['that lends a token of no use', 'order-sign-crd', (body) => ({ ...body, fhirServer: 'https://ehr.example/fhir', fhirAuthorization: { token_type: 'Bearer', access_token: 'a b' } }), 400, 'cds-request-invalid'],
    ['whose selection is no draft order', 'order-select-crd', (body) => ({ ...body, hook: 'order-select', context: { ...body.context, selections: ['ServiceRequest/other'] } }), 422, 'cds-request-rule'],
    ['whose coverage is with another payer', 'order-sign-crd', (body) => ({ ...body, prefetch: { ...body.prefetch, coverage: bundle({ ...chartOf(member).coverage, payor: [{ identifier: { value: '9999999999' } }] } as never) } }), 400, 'cds-other-payer'],
    ['with a prefetch that found no coverage', 'order-sign-crd', (body) => ({ ...body, prefetch: { ...body.prefetch, coverage: bundle() } }), 400, 'cds-no-coverage'],
    ['without the patient anywhere', 'order-sign-crd', (body) => ({ ...body, prefetch: { ...body.prefetch, patient: undefined } }), 412, 'cds-prefetch-missing'],
    ['without the coverage anywhere', 'order-sign-crd', (body) => ({ ...body, prefetch: { ...body.prefetch, coverage: undefined } }), 412, 'cds-prefetch-missing'],
  ])('crd-hook-9, crd-hook-10, crd-hook-13: %s is refused', async (_, service, change, status, code) => {
    const answer = await call(house, service, change(good()));
    expect([answer.status, codesOf(answer)[0]]).toEqual([status, code]);
    expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
  });

  test('all that is wrong is named at once, with its place', async () => {
    const answer = await call(house, 'order-sign-crd', { hook: 'order-sign', hookInstance: 'x', context: {} });
    expect(answer.json.issue.map((issue: { expression: string[] }) => issue.expression[0])).toEqual(['hookInstance', 'context.patientId', 'context.userId', 'context.draftOrders']);
  });

  test('a body that is no JSON, or of another type, is refused', async () => {
    expect((await call(house, 'order-sign-crd', '{')).status).toBe(400);
    expect((await call(house, 'order-sign-crd', good(), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await call(house, 'order-sign-crd', good(), { 'content-type': 'application/fhir+json' })).status).toBe(415);
  });
});

test('crd-found-33, crd-hook-23, crd-dev-17: unknown elements, empty keys and unknown configuration are passed over', async () => {
  const body = orderSign(member, [order()], [], { extension: { 'davinci-crd.configuration': { unheard: 7, 'coverage-info': 'no' }, other: 1 }, more: { a: 1 } });
  const answer = await call(house, 'order-sign-crd', { ...body, context: { ...body.context, unheard: [1] }, prefetch: { ...body.prefetch, nothing: null, odd: 'text' } });
  expect(answer.status).toBe(200);
  expect(saidIn(answer)).toHaveLength(1);
});

describe('discovery', () => {
  test('crd-hook-4, crd-dev-1, crd-dev-2, crd-dev-4, crd-dev-7, crd-dev-8, crd-dev-9, crd-dev-10, crd-found-15, crd-found-24, crd-found-29, crd-ops-1: lists a service for each hook, each with prefetch, version and an option for what it answers', async () => {
    const answer = await send('GET', `${house.origin}/cds-services`, undefined, { origin: 'https://ehr.example' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { services } = answer.json as { services: (Json & { prefetch: Json; extension: Json })[] };
    expect(new Set(services.map(({ hook }) => hook))).toEqual(new Set(['appointment-book', 'encounter-discharge', 'encounter-start', 'order-dispatch', 'order-select', 'order-sign']));
    expect(new Set(services.map(({ id }) => id)).size).toBe(6);
    for (const { description, prefetch, extension } of services) {
      expect(typeof description).toBe('string');
      expect(prefetch).toMatchObject({ patient: 'Patient/{{context.patientId}}', coverage: 'Coverage?patient={{context.patientId}}&status=active' });
      expect(extension['davinci-crd.version']).toEqual(['2.0', '2.2']);
      const options = extension['davinci-crd.configuration-options'] as Json[];
      for (const option of options) expect(option).toEqual({ code: expect.any(String), type: 'boolean', name: expect.any(String), description: expect.any(String), default: true });
      for (const name of ['code', 'name', 'description']) expect(new Set(options.map((option) => option[name])).size).toBe(options.length);
      expect(options[0]).toMatchObject({ code: 'coverage-info' });
    }
  });

  test.each([['of no listed origin', 'https://evil.example', null], ['of a listed one', 'https://ehr.example', 'https://ehr.example'], ['without one', undefined, null]])('a page %s: %s', async (_, origin, allowed) => {
    const listed = await openHouse({ demo: true, environment: { PRIORA_CDS_ORIGINS: 'https://ehr.example, https://other.example' } });
    try {
      const headers = { ...(origin !== undefined && { origin }), 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
      const answer = await send('OPTIONS', `${listed.origin}/cds-services/order-sign-crd`, undefined, headers);
      expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([204, allowed, 'origin']);
      expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
      expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization/);
      expect((await send('POST', `${listed.origin}/cds-services/order-sign-crd`, {}, headers)).headers.get('access-control-allow-origin')).toBe(allowed);
    } finally {
      await listed.close();
    }
  });

  test.each(['ehr.example', 'https://ehr.example/', 'https://ehr.example/app', '*'])('a list with what is no origin is refused: %s', (text) => {
    expect(() => readConfiguration({ PRIORA_CDS_ORIGINS: text })).toThrow(/^PRIORA_CDS_ORIGINS: /);
  });
});

describe('coverage information', () => {
  test('crd-resp-14, crd-resp-30, crd-resp-37, crd-hook-16: says what is missing where the criteria are open', async () => {
    const sent = order();
    const answer = await call(house, 'order-sign-crd', orderSign(member, [sent]));
    expect(answer.status).toBe(200);
    const [action] = answer.json.systemActions;
    expect(action).toMatchObject({ type: 'update', description: expect.stringContaining('Demo Health Plan') });
    // Nothing but the extension changes (resp-37).
    const { extension: _, ...rest } = action.resource;
    expect(rest).toEqual(sent);
    const said = firstSaidIn(answer);
    expect(said).toMatchObject({
      coverage: [{ reference: 'Coverage/cov' }], covered: ['covered'], 'pa-needed': ['auth-needed'], 'doc-needed': ['clinical'], 'doc-purpose': ['withpa'], date: ['2026-03-02'],
      billingCode: [{ system: hcpcs, code: 'E1390' }], 'expiry-date': ['2026-05-31'], 'coverage-assertion-id': [expect.stringMatching(/^[0-9a-f-]{36}$/)],
    });
    expect(said['reason']).toContainEqual({ text: expect.stringContaining('oxygen saturation') });
  });

  test('says that authorization will be given where the record meets the criteria', async () => {
    const said = firstSaidIn(await call(house, 'order-sign-crd', orderSign(member, [order()], [saturation(86)])));
    expect(said).toMatchObject({ covered: ['covered'], 'pa-needed': ['auth-needed'], 'doc-needed': ['clinical'], reason: [{ text: expect.stringContaining('meets') }] });
    expect(said['questionnaire']).toBeUndefined();
  });

  test('crd-resp-42, crd-resp-44, crd-resp-45: says that no authorization is needed, that a service is excluded, that coverage has ended, that nobody is known', async () => {
    const consultation = order({ system: 'https://codesystem.x12.org/005010/1365', code: '3', place: '11' });
    expect(saidIn(await call(house, 'order-sign-crd', orderSign(member, [consultation])))[0]![0]).toMatchObject({ covered: ['covered'], 'pa-needed': ['no-auth'] });
    const excluded = firstSaidIn(await call(house, 'order-sign-crd', orderSign('demo-lena-fischer', [order({ code: 'A9270' })])));
    expect(excluded).toMatchObject({ covered: ['not-covered'], reason: [{ text: expect.stringContaining('benefit') }] });
    expect(excluded['pa-needed']).toBeUndefined();
    expect(saidIn(await call(house, 'order-sign-crd', orderSign('demo-victor-lindqvist', [order()])))[0]![0]).toMatchObject({ covered: ['not-covered'], reason: [{ coding: [{ code: 'no-active-coverage' }] }] });
    const stranger = orderSign(member, [order()]);
    stranger.prefetch['patient'] = { ...(stranger.prefetch['patient'] as Json), name: [{ family: 'Nobody' }], birthDate: '1900-01-01' };
    expect(saidIn(await call(house, 'order-sign-crd', stranger))[0]![0]).toMatchObject({ covered: ['not-covered'], reason: [{ coding: [{ code: 'no-member-found' }] }], 'coverage-assertion-id': [expect.any(String)] });
  });

  test('says that an authorization stands, with its number', async () => {
    const joe = 'demo-joe-smith';
    const certified = await submit(house, request(house, { member: joe }));
    const number = JSON.stringify(certified.json).match(/"preAuthRef":"([^"]+)"/)![1];
    const consultation = order({ system: 'https://codesystem.x12.org/005010/1365', code: '3', place: '11' });
    expect(saidIn(await call(house, 'order-sign-crd', orderSign(joe, [consultation])))[0]![0]).toMatchObject({ covered: ['covered'], 'pa-needed': ['satisfied'], 'satisfied-pa-id': [number] });
  });

  test('crd-found-34, crd-conf-12: says what it depends on where no rule speaks of the service, and where the order names none', async () => {
    expect(saidIn(await call(house, 'order-sign-crd', orderSign(member, [order({ code: 'K0001' })])))[0]![0]).toMatchObject({ covered: ['conditional'], 'pa-needed': ['auth-needed'], 'info-needed': ['OTH'], reason: [{ text: expect.any(String) }] });
    const nameless = { ...order(), code: { text: 'oxygen' } } as ReturnType<typeof order>;
    expect(saidIn(await call(house, 'order-sign-crd', orderSign(member, [nameless])))[0]![0]).toMatchObject({ covered: ['conditional'], 'pa-needed': ['conditional'], 'info-needed': ['OTH'] });
    const asked = orderSign(member, [nameless], [], { extension: { 'davinci-crd.requestedVersion': '2.2' } });
    expect(saidIn(await call(house, 'order-sign-crd', asked))[0]![0]).toMatchObject({ 'info-needed': ['detail-code'] });
  });

  test('crd-dev-14, crd-resp-28: is not given where the client does not want it', async () => {
    const answer = await call(house, 'order-sign-crd', orderSign(member, [order()], [], { extension: { 'davinci-crd.configuration': { 'coverage-info': false } } }));
    expect(answer.json.systemActions).toBeUndefined();
  });

  test('crd-resp-29, crd-resp-35: is not sent again where nothing is new, and is where something is', async () => {
    const first = await call(house, 'order-sign-crd', orderSign(member, [order()]));
    const told = first.json.systemActions[0].resource;
    expect((await call(house, 'order-sign-crd', orderSign(member, [told]))).json.systemActions).toBeUndefined();
    const renewed = await call(house, 'order-sign-crd', orderSign(member, [told], [saturation(86)]));
    expect(saidIn(renewed)).toEqual([[expect.objectContaining({ reason: [{ text: expect.stringContaining('meets') }] })]]);
    // An id that is not of ours, or of somebody else, is nothing that was said.
    const forged = JSON.parse(JSON.stringify(told).replaceAll(saidIn(first)[0]![0]!['coverage-assertion-id']![0] as string, randomUUID())) as never;
    expect(saidIn(await call(house, 'order-sign-crd', orderSign(member, [forged])))).toHaveLength(1);
    expect(saidIn(await call(house, 'order-sign-crd', orderSign('demo-jesse-smith', [told])))).toHaveLength(1);
  });

  test('crd-billopt-3, crd-covinfo-1: of billing codes that an order may come to is told by answer', async () => {
    const options = ['E1390', 'E0431', 'A9270'].map((code) => ({ url: 'http://hl7.org/fhir/us/davinci-crd/StructureDefinition/ext-billing-options', valueCodeableConcept: { coding: [{ system: hcpcs, code }] } }));
    const [said] = saidIn(await call(house, 'order-sign-crd', orderSign(member, [{ ...order(), code: { extension: options, text: 'oxygen' } } as never])));
    expect(said).toHaveLength(2);
    expect(said![0]).toMatchObject({ covered: ['covered'], billingCode: [{ code: 'E1390' }, { code: 'E0431' }] });
    expect(said![1]).toMatchObject({ covered: ['not-covered'], billingCode: [{ code: 'A9270' }] });
    expect(said![0]!['coverage-assertion-id']).not.toEqual(said![1]!['coverage-assertion-id']);
  });
});

test('crd-found-37: what was answered is kept, without the token that was lent; a tenant has its own', async () => {
  const body = orderSign(member, [order()], [], { fhirServer: 'https://ehr.example/fhir', fhirAuthorization: { access_token: 'secret-token', token_type: 'Bearer', expires_in: 300, scope: 'patient/Patient.read', subject: 'cds' } });
  const answer = await call(house, 'order-sign-crd', body);
  const { rows } = await house.sql.query<{ request: string; response: string }>('select request, response from coverage_call where hook_instance = $1', [body['hookInstance']]);
  expect(rows).toHaveLength(1);
  expect(JSON.parse(rows[0]!.response)).toEqual(answer.json);
  expect(rows[0]!.request).not.toContain('secret-token');
  expect(house.log.join('\n')).not.toContain('secret-token');
  const elsewhere = await send('POST', `${house.origin}/tenant/other/cds-services/order-sign-crd`, orderSign(member, [order()]), { 'content-type': 'application/json' });
  expect(saidIn(elsewhere)[0]![0]).toMatchObject({ covered: ['not-covered'], reason: [{ coding: [{ code: 'no-member-found' }] }] });
});

describe('feedback', () => {
  const feedback = (entry: Json): Promise<{ status: number }> => call(house, 'order-sign-crd/feedback', { feedback: [entry] });

  test('that cannot be read is refused', async () => {
    expect((await call(house, 'other/feedback', { feedback: [] })).status).toBe(404);
    expect((await call(house, 'order-sign-crd/feedback', { feedback: [] })).status).toBe(400);
    expect((await feedback({ card: 'x', outcome: 'accepted', outcomeTimestamp: '2026-03-02T09:00:00Z' })).status).toBe(400);
    expect((await feedback({ card: randomUUID(), outcome: 'loved', outcomeTimestamp: '2026-03-02T09:00:00Z' })).status).toBe(400);
    expect((await feedback({ card: randomUUID(), outcome: 'accepted', outcomeTimestamp: 'yesterday' })).status).toBe(400);
  });

  test('is kept and counted, and nobody\'s words are', async () => {
    const card = randomUUID();
    expect((await feedback({ card, outcome: 'overridden', outcomeTimestamp: '2026-03-02T09:00:00Z', overrideReason: { reason: { code: 'other', system: 'urn:reasons' }, userComment: 'Amara said so' } })).status).toBe(200);
    const { rows } = await house.sql.query('select service, outcome, detail from coverage_feedback where card = $1', [card]);
    expect(rows).toEqual([{ service: 'order-sign-crd', outcome: 'overridden', detail: '{"reason":{"system":"urn:reasons","code":"other"}}' }]);
    expect((await send('GET', `${house.origin}/metrics`)).text).toMatch(/priora_card_feedback_total\{service="order-sign-crd",outcome="overridden"\} 1/);
  });
});
