/** Subscriptions that this server could not keep to are refused, and the answer names the element. */
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { readTopic } from '../../../delivery/subscriptions/topic.ts';
import { admissionTopic, changeTopic, pasTopic, subscriptionTo, type Asked } from './receiver.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_JOBS: '0', PRIORA_OUTBOUND_ALLOW: '127.0.0.1' } }); });
afterAll(async () => { await house.close(); });

const endpoint = 'http://127.0.0.1:9/hook';

test.each<[what: string, code: string, element: string, asked: Asked, endpoint?: string]>([
  ['an unknown topic', 'subscription-topic-unknown', 'criteria', { topic: 'http://example.org/topics/other' }],
  ['a topic in a version that is not here', 'subscription-topic-unknown', 'criteria', { topic: `${changeTopic}|9` }],
  ['a search in place of a topic', 'subscription-topic-unknown', 'criteria', { topic: 'Observation?code=1' }],
  ['an unknown filter', 'subscription-filter-unknown', 'criteria.extension[1].value', { filters: ['patient=Patient/1', 'colour=red'] }],
  ['a filter of another topic', 'subscription-filter-unknown', 'criteria.extension[0].value', { topic: pasTopic, filters: ['patient=Patient/1'] }],
  ['a filter without a value', 'subscription-filter-invalid', 'criteria.extension[0].value', { topic: pasTopic, filters: ['org-identifier='] }],
  ['a filter with a comparison', 'subscription-filter-unknown', 'criteria.extension[0].value', { topic: pasTopic, filters: ['org-identifier:not=1'] }],
  ['the PAS topic for everybody', 'subscription-filter-invalid', 'criteria', { topic: pasTopic }],
  ['a filter for anything', 'subscription-filter-invalid', 'criteria.extension[0].value', { topic: pasTopic, filters: ['org-identifier=*'] }],
  ['a filter for a system without a value', 'subscription-filter-invalid', 'criteria.extension[0].value', { topic: pasTopic, filters: ['org-identifier=1,npi|'] }],
  ['too many filters', 'subscription-filter-invalid', 'criteria.extension[20].value', { filters: Array.from({ length: 21 }, () => 'patient=Patient/1') }],
  ['websocket', 'subscription-channel', 'channel.type', {}],
  ['content that PAS does not have: id only', 'subscription-content', 'channel.payload.extension', { topic: pasTopic, content: 'id-only' }],
  ['content that PAS does not have: empty', 'subscription-content', 'channel.payload.extension', { topic: pasTopic, content: 'empty' }],
  ['content that nobody has', 'subscription-content', 'channel.payload.extension', { content: 'everything' }],
  ['a media type that nobody reads', 'subscription-payload', 'channel.payload', { payload: 'text/plain' }],
  ['another FHIR version', 'subscription-payload', 'channel.payload', { payload: 'application/fhir+json; fhirVersion=5.0' }],
  ['a media type with a line break', 'subscription-payload', 'channel.payload', { payload: 'application/fhir+json;\ncharset=utf-8' }],
  ['a media type with a separator that HTTP has not', 'subscription-payload', 'channel.payload', { payload: 'application/fhir+json;\u2028charset=utf-8' }],
  ['a header that is none', 'subscription-header', 'channel.header', { headers: ['no header'] }],
  ['a header with a line break', 'subscription-header', 'channel.header', { headers: ['X-A: 1\r\nX-B: 2'] }],
  ['a header that is ours', 'subscription-header', 'channel.header', { headers: ['Host: 169.254.169.254'] }],
  ['a timeout of hours', 'subscription-number', 'channel.extension', { channel: { timeout: 7200 } }],
  ['a notification of everything', 'subscription-number', 'channel.extension', { channel: { 'max-count': 100_000 } }],
  ['an end that is past', 'subscription-ended', 'end', { end: '2020-12-31T12:00:00Z' }],
  ['an extension of R5', 'subscription-extension', 'extension', { extension: [{ url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.topic', valueCanonical: changeTopic }] }],
  ['http to the public', 'outbound-refused', 'channel.endpoint', {}, 'http://93.184.216.34/hook'],
  ['where clouds keep credentials', 'outbound-refused', 'channel.endpoint', {}, 'https://169.254.169.254/latest'],
  ['a private address', 'outbound-refused', 'channel.endpoint', {}, 'https://10.0.0.1/hook'],
  ['no endpoint', 'subscription-endpoint-missing', 'channel.endpoint', {}, ''],
])('sub-8, sub-9, sub-10, sub-11, sub-12, sub-13, sub-22, sub-32, sub-36, sub-63, sub-66, sub-75, sub-90: refused is %s', async (what, code, element, asked, url = endpoint) => {
  const subscription = subscriptionTo(url, asked);
  const own = subscription['channel'] as Record<string, unknown>;
  if (what === 'websocket') own['type'] = 'websocket';
  if (url === '') delete own['endpoint'];
  const { status, json } = await send('POST', `${house.fhir}/Subscription`, subscription);
  expect([status, json.issue[0].details.coding[0].code, json.issue[0].expression]).toEqual([422, code, [`Subscription.${element}`]]);
  expect((await send('GET', `${house.fhir}/Subscription?_summary=count`)).json.total).toBe(0);
});

test('an update, a patch and an entry of a transaction are judged in the same way', async () => {
  const id = 'kept';
  const kept = { id, ...subscriptionTo(endpoint) };
  expect((await send('PUT', `${house.fhir}/Subscription/${id}`, kept)).json.status).toBe('requested');
  expect((await send('PUT', `${house.fhir}/Subscription/${id}`, { ...kept, criteria: 'http://example.org/other' })).status).toBe(422);
  expect((await send('PATCH', `${house.fhir}/Subscription/${id}`, [{ op: 'replace', path: '/channel/endpoint', value: 'https://127.0.0.2/' }], { 'content-type': 'application/json-patch+json' })).status).toBe(422);
  const bundle = (resource: object) => ({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request: { method: 'POST', url: 'Subscription' } }] });
  const refused = await send('POST', house.fhir, bundle({ ...subscriptionTo(endpoint), criteria: 'http://example.org/other' }));
  expect([refused.status, refused.json.issue[0].expression]).toEqual([422, ['Bundle.entry[0].resource.criteria']]);
  expect((await send('POST', house.fhir, bundle(subscriptionTo(endpoint)))).status).toBe(200);
  await send('DELETE', `${house.fhir}/Subscription?_id=kept`);
});

test('nobody says that his subscription is active, or which version of PAS it is of', async () => {
  const sent = { ...subscriptionTo(endpoint, { topic: pasTopic, filters: ['org-identifier=1'] }), status: 'active', error: 'none', meta: { tag: [{ system: 'https://priora.health/fhir/CodeSystem/pas-version', code: '2.0.1' }] } };
  const { json } = await send('POST', `${house.fhir}/Subscription`, sent);
  expect([json.status, json.error, json.meta.tag]).toEqual(['requested', undefined, undefined]);
  expect((await send('POST', `${house.fhir}/Subscription`, subscriptionTo(endpoint, { topic: `${admissionTopic}|1.0.0`, filters: ['Encounter.patient=Patient/1', 'Encounter?class=IMP'] }))).status).toBe(201);
  for (const query of [`url=${encodeURIComponent(endpoint)}`, 'status=requested']) expect((await send('GET', `${house.fhir}/Subscription?${query}`)).json.total).toBeGreaterThan(0);
});

describe('a topic that cannot be used is told to the operator by file and element', () => {
  const good = { resourceType: 'SubscriptionTopic', id: 't', url: 'https://plan.example/topic', status: 'active', resourceTrigger: [{ resource: 'Encounter' }] };
  test.each<[what: string, topic: object | string, said: RegExp]>([
    ['no JSON', '{', /^t\.json: it is not JSON/],
    ['no trigger', { ...good, resourceTrigger: [] }, /it has no trigger/],
    ['a type that R4 has not', { ...good, resourceTrigger: [{ resource: 'ActorDefinition' }] }, /resourceTrigger\.0\.resource/],
    ['an unknown interaction', { ...good, resourceTrigger: [{ resource: 'Encounter', supportedInteraction: ['read'] }] }, /supportedInteraction/],
    ['a filter that is not a value', { ...good, canFilterBy: [{ filterParameter: 'date' }] }, /Encounter\.date is no search parameter/],
    ['FHIRPath that is none', { ...good, resourceTrigger: [{ resource: 'Encounter', fhirPathCriteria: 'status = (' }] }, /fhirPathCriteria/],
    ['FHIRPath about what was', { ...good, resourceTrigger: [{ resource: 'Encounter', fhirPathCriteria: '%previous.status' }] }, /queryCriteria\.previous/],
  ])('%s', (_, topic, said) => {
    expect(() => readTopic(typeof topic === 'string' ? topic : JSON.stringify(topic), 't.json')).toThrow(said);
  });

  test('one that is not active is passed over', () => {
    expect(readTopic(JSON.stringify({ ...good, status: 'draft' }), 't.json')).toBeUndefined();
    expect(readTopic(JSON.stringify(good), 't.json')).toMatchObject({ url: good.url });
  });
});
