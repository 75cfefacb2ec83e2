/** Cards of rule packs, the six hooks, and what is read from the client's own server. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { bundle, call, chartOf, firstSaidIn, hcpcs, order, orderSign, saidIn, saturation, type Json } from '../support/cds-calls.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_CDS_BUDGET: '1500' } }); });
afterAll(() => house.close());

const member = 'demo-amara-okafor';

interface Card {
  readonly uuid: string; readonly summary: string; readonly indicator: string; readonly source: { label: string; topic: { code: string; system: string } }; readonly selectionBehavior?: string;
  readonly links?: { type: string; url: string; label: string; appContext?: string }[]; readonly suggestions?: { uuid: string; label: string; actions: { type: string; description: string; resource: Json }[] }[];
  readonly extension: Record<string, unknown>;
}
const cardsIn = (answer: { json: { cards: Card[] } }): Card[] => answer.json.cards;

describe('cards', () => {
  test('crd-dev-14: that the client does not want are not given, and others are', async () => {
    const without = orderSign(member, [order()], [], { extension: { 'davinci-crd.configuration': { guideline: false, 'coverage-info': false } } });
    const answer = await call(house, 'order-sign-crd', without);
    expect(answer.json.systemActions).toBeUndefined();
    const topics = cardsIn(answer).map(({ source }) => source.topic.code);
    expect(topics).toContain('clinical-reminder');
    expect(topics).not.toContain('guideline');
  });

  test('of another hook, another service, another plan or nobody are not given', async () => {
    expect(cardsIn(await call(house, 'order-sign-crd', orderSign(member, [order({ code: 'K0001' })])))).toEqual([]);
    expect(cardsIn(await call(house, 'order-sign-crd', orderSign('demo-lena-fischer', [order()])))).toEqual([]);
    const stranger = orderSign(member, [order()]);
    stranger.prefetch['patient'] = { ...(stranger.prefetch['patient'] as Json), name: [{ family: 'Nobody' }], birthDate: '1900-01-01' };
    expect(cardsIn(await call(house, 'order-sign-crd', stranger))).toEqual([]);
  });

  test('crd-resp-1, crd-resp-2, crd-resp-3, crd-resp-4, crd-resp-5, crd-resp-15, crd-resp-18, crd-resp-19, crd-resp-22, crd-resp-24, crd-resp-53, crd-resp-56, crd-resp-58, crd-resp-65, crd-resp-72: are instructions, references, apps, forms, other orders and more orders, each whole', async () => {
    const cards = cardsIn(await call(house, 'order-sign-crd', orderSign(member, [order({ code: 'E0424' })])));
    for (const card of cards) {
      expect(card).toMatchObject({ uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), indicator: 'info', source: { label: 'Demo Health Plan', topic: { code: expect.any(String), system: expect.any(String) } }, extension: { 'davinci-crd.associated-resource': [{ reference: 'ServiceRequest/o1' }] } });
      expect(card.summary.length).toBeLessThan(140);
      expect(card.suggestions === undefined).toBe(card.selectionBehavior === undefined);
      for (const { uuid, actions } of card.suggestions ?? []) {
        expect(uuid).toMatch(/^[0-9a-f-]{36}$/);
        for (const action of actions) expect(action).toMatchObject({ type: expect.stringMatching(/^(create|update)$/), description: expect.any(String), resource: { resourceType: expect.any(String) } });
      }
    }
    expect(cards.some(({ links, suggestions }) => links === undefined && suggestions === undefined)).toBe(true);
    expect(cards.some(({ links }) => links?.every(({ type }) => type === 'absolute'))).toBe(true);
    expect(cards.some(({ links }) => links?.every(({ type, appContext }) => type === 'smart' && appContext !== undefined))).toBe(true);
    const actions = cards.flatMap(({ suggestions = [] }) => suggestions.flatMap((suggestion) => suggestion.actions));
    expect(actions).toContainEqual(expect.objectContaining({ type: 'update', resource: expect.objectContaining({ resourceType: 'ServiceRequest', id: 'o1', code: { coding: [{ system: hcpcs, code: 'E1390' }] } }) }));
    expect(actions).toContainEqual(expect.objectContaining({ type: 'create', resource: expect.objectContaining({ resourceType: 'ServiceRequest', status: 'draft' }) }));
    expect(actions).toContainEqual(expect.objectContaining({ type: 'create', resource: expect.objectContaining({ resourceType: 'Task', status: 'ready' }) }));
    expect(JSON.stringify(cards)).not.toContain('null');
  });

  test('crd-dev-25: that several orders give are given once, and name them', async () => {
    const cards = cardsIn(await call(house, 'order-sign-crd', orderSign(member, [order(), order({ id: 'o2', code: 'E1391' })])));
    const reminders = cards.filter(({ source }) => source.topic.code === 'clinical-reminder');
    expect(reminders).toHaveLength(1);
    expect(reminders[0]!.extension['davinci-crd.associated-resource']).toEqual([{ reference: 'ServiceRequest/o1' }, { reference: 'ServiceRequest/o2' }]);
  });

  test('crd-dev-5: every type that can be given is an option', async () => {
    const { services } = (await send('GET', `${house.origin}/cds-services`)).json as { services: { extension: Record<string, { code: string }[]> }[] };
    const options = new Set(services[0]!.extension['davinci-crd.configuration-options']!.map(({ code }) => code));
    for (const { source } of cardsIn(await call(house, 'order-sign-crd', orderSign(member, [order({ code: 'E0424' })])))) expect(options).toContain(source.topic.code);
  });
});

describe('hooks', () => {
  const { patient, coverage, requester } = chartOf(member);
  const prefetch = { patient, coverage: bundle(coverage), organizations: bundle(requester) };
  const base = (hook: string, context: Json, more: Json = {}): Json => ({ hook, hookInstance: randomUUID(), context: { patientId: 'p', userId: 'Practitioner/doctor', ...context }, prefetch: { ...prefetch, ...more } });

  test('crd-hook-19, crd-hook-34, crd-hook-39: order-select tells of what is selected, and asks for no documents yet', async () => {
    const answer = await call(house, 'order-select-crd', base('order-select', { selections: ['ServiceRequest/o2'], draftOrders: bundle(order(), order({ id: 'o2' })) }));
    expect(answer.json.systemActions.map(({ resource }: { resource: Resource }) => resource.id)).toEqual(['o2']);
    expect(firstSaidIn(answer)).toMatchObject({ covered: ['covered'], 'pa-needed': ['auth-needed'] });
    for (const part of ['doc-needed', 'doc-purpose', 'questionnaire']) expect(firstSaidIn(answer)[part]).toBeUndefined();
  });

  test.each([['dispatchedOrders', ['DeviceRequest/d1']], ['order', 'DeviceRequest/d1']])('crd-hook-30, crd-hook-33: order-dispatch finds the order in the prefetch, by %s', async (name, value) => {
    const device = { resourceType: 'DeviceRequest', id: 'd1', status: 'active', intent: 'order', subject: { reference: 'Patient/p' }, codeCodeableConcept: { coding: [{ system: hcpcs, code: 'E1390' }] } };
    const answer = await call(house, 'order-dispatch-crd', base('order-dispatch', { [name]: value, performer: 'Organization/supplier' }, { deviceRequests: bundle(device as Resource) }));
    expect(answer.json.systemActions).toHaveLength(1);
    expect(firstSaidIn(answer)).toMatchObject({ covered: ['covered'], 'pa-needed': ['auth-needed'] });
  });

  test('an appointment is for what the orders say that it is based on', async () => {
    const asked = order({ code: 'G0299' });
    const appointment = (more: object): Resource => ({
      resourceType: 'Appointment', id: 'a1', status: 'proposed', participant: [{ actor: { reference: 'Patient/p' }, status: 'accepted' }], start: '2026-03-09T09:00:00Z', end: '2026-03-09T10:00:00Z', ...more,
    });
    const said = async (more: object): Promise<unknown> => {
      const body = base('appointment-book', { appointments: bundle(appointment(more)) });
      const answer = firstSaidIn(await call(house, 'appointment-book-crd', { ...body, prefetch: { ...body.prefetch as object, serviceRequests: bundle(asked) } }));
      return [answer['covered'], answer['pa-needed']];
    };
    const [service] = (asked as unknown as { code: { coding: object[] } }).code.coding;
    const known = await said({ serviceType: [{ coding: [service] }] });
    expect(known).not.toEqual(await said({}));
    expect(await said({ basedOn: [{ reference: 'ServiceRequest/o1' }] })).toEqual(known);
    expect(await said({ basedOn: [{ reference: 'ServiceRequest/o1' }], serviceType: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '124' }] }] })).toEqual(known);
  });

  test('crd-hook-26, crd-resp-26, crd-resp-27: appointment-book and the encounter hooks tell of the appointment and the encounter', async () => {
    const appointment = { resourceType: 'Appointment', id: 'a1', status: 'proposed', serviceType: [{ coding: [{ system: 'https://codesystem.x12.org/005010/1365', code: '3' }] }], participant: [{ actor: { reference: 'Patient/p' }, status: 'accepted' }], start: '2026-03-09T09:00:00Z', end: '2026-03-09T10:00:00Z' };
    expect(firstSaidIn(await call(house, 'appointment-book-crd', base('appointment-book', { appointments: bundle(appointment as Resource) })))).toMatchObject({ covered: ['conditional'], 'coverage-assertion-id': [expect.any(String)] });
    const encounter = { resourceType: 'Encounter', id: 'e1', status: 'in-progress', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }, subject: { reference: 'Patient/p' } };
    for (const hook of ['encounter-start', 'encounter-discharge']) {
      const answer = await call(house, `${hook}-crd`, base(hook, { encounterId: 'e1' }, { encounter }));
      expect(answer.json.systemActions[0].resource).toMatchObject({ resourceType: 'Encounter', id: 'e1' });
    }
  });

  test.each([
    ['MedicationRequest', { status: 'draft', intent: 'order', medicationReference: { reference: '#m' }, contained: [{ resourceType: 'Medication', id: 'm', code: { coding: [{ system: hcpcs, code: 'A9270' }] } }] }, 'not-covered'],
    ['NutritionOrder', { status: 'draft', intent: 'order', dateTime: '2026-03-02', oralDiet: { type: [{ coding: [{ system: hcpcs, code: 'A9270' }] }] } }, 'not-covered'],
    ['CommunicationRequest', { status: 'draft', category: [{ coding: [{ system: hcpcs, code: 'A9270' }] }] }, 'not-covered'],
    ['VisionPrescription', { status: 'draft', created: '2026-03-02', dateWritten: '2026-03-02', lensSpecification: [{ product: { coding: [{ system: hcpcs, code: 'A9270' }] }, eye: 'right' }] }, 'not-covered'],
    ['DeviceRequest', { status: 'draft', intent: 'order', codeReference: { reference: 'Device/nowhere' } }, 'conditional'],
  ])('a %s is told of', async (resourceType, elements, covered) => {
    const person = resourceType === 'NutritionOrder' || resourceType === 'VisionPrescription' ? 'patient' : 'subject';
    expect(firstSaidIn(await call(house, 'order-sign-crd', orderSign(member, [{ resourceType, id: 'x', [person]: { reference: 'Patient/p' }, ...elements } as Resource])))).toMatchObject({ covered: [covered] });
  });
});

describe('what is not in the prefetch', () => {
  let server: Server;
  let base: string;
  /** What the clinic's server has, by address; a function answers in its own way. */
  const chart = new Map<string, unknown>();
  const asked: IncomingMessage[] = [];
  beforeAll(async () => {
    server = createServer((incoming, answer) => {
      asked.push(incoming);
      const found = chart.get(incoming.url ?? '');
      if (found === 'never') return;
      answer.writeHead(found === undefined ? 404 : typeof found === 'number' ? found : 200, { 'content-type': 'application/fhir+json' });
      answer.end(JSON.stringify(found ?? {}));
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  });
  afterAll(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => resolve()); }));
  beforeEach(() => {
    const { patient, coverage, requester } = chartOf(member);
    chart.clear();
    asked.length = 0;
    chart.set('/fhir/Patient/p', patient).set('/fhir/Coverage?patient=p&status=active', bundle(coverage)).set('/fhir/Organization/clinic', requester);
  });

  const bare = (): Json => {
    const { prefetch: _, ...rest } = orderSign(member, [order()]);
    return { ...rest, fhirServer: base, fhirAuthorization: { access_token: 'lent-for-once', token_type: 'Bearer', expires_in: 30, scope: 'patient/*.rs', subject: 'priora' } };
  };

  test('is not asked of an address that may not be called', async () => {
    const answer = await call(house, 'order-sign-crd', { ...bare(), fhirServer: 'http://169.254.169.254/latest' });
    expect(answer.status).toBe(412);
    expect(asked).toEqual([]);
  });

  test.each([[404], [401], [500]])('and cannot be read there (%i) is a failed precondition', async (status) => {
    chart.set('/fhir/Patient/p', status);
    expect((await call(house, 'order-sign-crd', bare())).status).toBe(412);
  });

  test('crd-found-5, crd-resp-39: is read there with the token that was lent, and nowhere else', async () => {
    const answer = await call(house, 'order-sign-crd', bare());
    expect(firstSaidIn(answer)).toMatchObject({ covered: ['covered'], 'pa-needed': ['auth-needed'] });
    expect(new Set(asked.map(({ url }) => url))).toEqual(new Set(['/fhir/Patient/p', '/fhir/Coverage?patient=p&status=active', '/fhir/Organization/clinic']));
    for (const { headers } of asked) expect(headers.authorization).toBe('Bearer lent-for-once');
    expect(house.log.join('\n')).not.toContain('lent-for-once');
  });

  test('is not asked for again where the prefetch has it', async () => {
    const answer = await call(house, 'order-sign-crd', { ...bare(), prefetch: orderSign(member, [order()]).prefetch });
    expect(answer.status).toBe(200);
    expect(asked).toEqual([]);
  });

  test('crd-resp-43: and takes longer than there is time, is answered with technical', async () => {
    chart.set('/fhir/Patient/p', 'never');
    const answer = await call(house, 'order-sign-crd', bare());
    expect(answer.status).toBe(200);
    expect(firstSaidIn(answer)).toMatchObject({ covered: ['indeterminate'], 'pa-needed': ['indeterminate'], reason: [{ coding: [{ code: 'technical' }] }] });
    const first = await call(house, 'order-sign-crd', { ...bare(), extension: { 'davinci-crd.requestedVersion': '2.0' } });
    expect(firstSaidIn(first)).toMatchObject({ covered: ['conditional'], 'pa-needed': ['conditional'], 'info-needed': ['OTH'] });
  });

  test('crd-found-32, crd-conf-7, crd-conf-8, crd-hook-22: of evidence is not demanded', async () => {
    expect(saidIn(await call(house, 'order-sign-crd', { ...bare(), prefetch: { evidence: bundle(saturation(86)) } }))[0]![0]).toMatchObject({ reason: [{ text: expect.stringContaining('meets') }] });
  });
});
