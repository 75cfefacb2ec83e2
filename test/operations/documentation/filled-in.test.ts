/**
 * What the plan knows is filled in: in the response that a package begins with, and with the pages of $next-question; of
 * the member whom a statement of ours, or the number of a request, shows to be meant, and never of anybody else.
 */
import type { Bundle, Extension, Parameters, Patient, QuestionnaireResponse, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer, Resource } from '@medplum/fhirtypes';
import { hcpcsService } from '../../../server/demo/requests.ts';
import { call, chartOf, firstSaidIn, informationUrl, order, orderSign } from '../../support/cds-calls.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';
import { request, submitted } from '../../support/pas-requests.ts';

let house: TestHouse;
const reyes = 'demo-daniel-reyes';
const numbers: Readonly<Record<string, string>> = { [reyes]: 'PD1000002', 'demo-amara-okafor': 'PD1000001', 'demo-joe-smith': '12345678901', 'demo-mary-smith': '12345678901' };

beforeAll(async () => {
  house = await openHouse({ demo: true });
  for (const id of Object.keys(numbers)) {
    const patient = (await send('GET', `${house.fhir}/Patient/${id}`)).json as Patient;
    const told = { address: [{ use: 'old', city: `Old ${id}` }, { city: `City of ${id}` }], telecom: [{ system: 'email', value: 'a@example.org' }, { system: 'phone', value: `Phone of ${id}` }] };
    expect((await send('PUT', `${house.fhir}/Patient/${id}`, { ...patient, ...told })).status).toBe(200);
  }
});
afterAll(() => house.close());

type Ordered = Resource & { id: string; extension?: Extension[] };
const borne = (id: string): Extension => ({ url: informationUrl, extension: [{ url: 'coverage-assertion-id', valueString: id }] });
const ordered = (code: string, ...statements: string[]): Ordered => ({ ...order({ code }), ...(statements.length > 0 && { extension: statements.map(borne) }) });
/** The id of what CRD says of an order of a member. */
const statementTo = async (member: string, code = 'E1392'): Promise<string> => {
  // Of those with one number the name and birth date tell who is meant.
  const answer = await call(house, 'order-sign-crd', orderSign(member, [order({ code })]));
  return firstSaidIn(answer)['coverage-assertion-id']![0] as string;
};

function packages(member: string, parameters: readonly object[], base = house.fhir): Promise<TestAnswer> {
  return send('POST', `${base}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [
    { name: 'coverage', resource: { resourceType: 'Coverage', id: 'cov', status: 'active', subscriberId: numbers[member], beneficiary: { reference: 'Patient/p' }, payor: [{ display: 'Demo' }] } }, ...parameters,
  ] });
}
const bundlesIn = ({ json }: TestAnswer): Bundle[] => ((json as Parameters).parameter ?? []).flatMap(({ resource }) => resource?.resourceType === 'Bundle' ? [resource] : []);
const draftsIn = (answer: TestAnswer): QuestionnaireResponse[] => bundlesIn(answer).map((bundle) => bundle.entry!.at(-1)!.resource as QuestionnaireResponse);
function answersIn(items: readonly QuestionnaireResponseItem[] = []): [string, QuestionnaireResponseItemAnswer][] {
  return items.flatMap(({ linkId, answer = [], item }) => [...answer.map((each): [string, QuestionnaireResponseItemAnswer] => [linkId, each]), ...answersIn(item)]);
}
const filledIn = (answer: TestAnswer): Record<string, string | undefined> => Object.fromEntries(draftsIn(answer).flatMap(({ item }) => answersIn(item)).map(([linkId, { valueString }]) => [linkId, valueString]));
const ofMember = (member: string) => ({ 'delivery-city': `City of ${member}`, 'delivery-phone': `Phone of ${member}` });

describe('nothing of the plan\'s record is told', () => {
  test('to whoever has a member\'s number alone', async () => {
    const answer = await packages(reyes, [{ name: 'order', resource: ordered('E1392') }]);
    expect([draftsIn(answer).length, filledIn(answer), answer.text.includes('City of')]).toEqual([2, {}, false]);
  });

  test('by an id that is made up, or of what was said to another member', async () => {
    for (const id of ['crd-1', '0198c0de-0000-7000-8000-000000000000', await statementTo('demo-amara-okafor')]) {
      const answer = await packages(reyes, [{ name: 'order', resource: ordered('E1392', id) }]);
      expect([draftsIn(answer).length, filledIn(answer), answer.text.includes('City of')]).toEqual([2, {}, false]);
    }
  });

  test('where orders show two different people of one number', async () => {
    const answer = await packages('demo-joe-smith', [
      { name: 'order', resource: ordered('E1392', await statementTo('demo-joe-smith')) }, { name: 'order', resource: { ...ordered('E1392', await statementTo('demo-mary-smith')), id: 'o2' } },
    ]);
    expect([draftsIn(answer).length, answer.text.includes('City of')]).toEqual([2, false]);
  });

  test('by the statement to one member, of another whose coverage stands first', async () => {
    const other = { name: 'coverage', resource: { resourceType: 'Coverage', id: 'second', status: 'active', subscriberId: numbers['demo-amara-okafor'], beneficiary: { reference: 'Patient/q' }, payor: [{ display: 'Demo' }] } };
    const answer = await packages(reyes, [other, { name: 'order', resource: ordered('E1392', await statementTo('demo-amara-okafor')) }]);
    expect([answer.status, answer.text.includes('City of')]).toEqual([200, false]);
  });

  test('by a statement that has ended', async () => {
    const id = await statementTo(reyes);
    const before = house.clock.now.getTime();
    house.clock.advance(91 * 86_400_000);
    const parameters = [{ name: 'order', resource: ordered('E1392', id) }];
    const late = [await packages(reyes, parameters), await packages(reyes, [...parameters, { name: 'context', valueString: id }])];
    house.clock.advance(before - house.clock.now.getTime());
    for (const answer of late) expect([answer.status, answer.text.includes('City of')]).toEqual([200, false]);
  });
});

describe('dtr-spec-40: what the plan knows is filled in', () => {
  test('dtr-spec-40: by a statement of CRD on the order, or as context, each answer as the server\'s (spec-65)', async () => {
    const id = await statementTo(reyes);
    for (const parameters of [[{ name: 'order', resource: ordered('E1392', id) }], [{ name: 'order', resource: ordered('E1392') }, { name: 'context', valueString: id }]]) {
      const answer = await packages(reyes, parameters);
      expect(filledIn(answer)).toEqual(ofMember(reyes));
      const origin = { url: 'http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin', extension: [{ url: 'source', valueCode: 'auto-server' }] };
      for (const [, { extension }] of draftsIn(answer).flatMap(({ item }) => answersIn(item))) expect(extension).toEqual([origin]);
      expect(answer.text).not.toContain('documentation-plan-record');
      for (const draft of draftsIn(answer)) expect(JSON.stringify((await send('POST', `${house.fhir}/QuestionnaireResponse/$validate`, draft)).json)).not.toMatch(/"severity":"(error|fatal)"/);
    }
  });

  test('by the number of a request for information, as long as that is open, and with 2.0.1 in its words', async () => {
    const asked = request(house, { member: reyes, service: hcpcsService('E1392'), category: '12', placeOfService: '12', diagnosis: 'J44.9' });
    const { response } = await submitted(house, asked);
    const trace = response.entry!.flatMap(({ resource }) => resource?.resourceType === 'CommunicationRequest' ? [resource.identifier![0]!.value!] : []);
    const contexts = await Promise.all(trace.map((valueString) => packages(reyes, [{ name: 'context', valueString }])));
    expect(Object.assign({}, ...contexts.map(filledIn))).toEqual(ofMember(reyes));
    const older = await packages(reyes, [{ name: 'context', valueString: trace[1] }], `${house.origin}/pas/2.0.1/fhir`);
    expect(answersIn(draftsIn(older)[0]!.item).map(([, { extension }]) => extension![0]!.extension![0]!.valueCode)).toEqual(['auto', 'auto']);
    expect((await packages('demo-amara-okafor', [{ name: 'context', valueString: trace[1] }])).status).toBe(422);
  });

  test('of two with one number the one whom the statement is to', async () => {
    for (const member of ['demo-joe-smith', 'demo-mary-smith']) {
      const answer = await packages('demo-joe-smith', [{ name: 'order', resource: ordered('E1392', await statementTo(member)) }]);
      expect(filledIn(answer)).toEqual(ofMember(member));
    }
  });

  test('from the order that was sent, whoever asks; of several orders none', async () => {
    const questionnaire = { resourceType: 'Questionnaire', id: 'of-order', url: 'https://plan.example/of-order', version: '1', name: 'O', title: 'O', status: 'active', subjectType: ['Patient'], item: [{ linkId: 'note', type: 'string', text: 'Note?', extension: [{ url: 'https://priora.health/fhir/StructureDefinition/documentation-plan-record', valueExpression: { language: 'text/fhirpath', expression: '%order.note.text' } }] }] };
    expect((await send('PUT', `${house.fhir}/Questionnaire/of-order`, questionnaire)).status).toBe(201);
    const noted = (id: string): object => ({ name: 'order', resource: { ...ordered('A4253'), id, note: [{ text: `Note of ${id}` }] } });
    const named = { name: 'questionnaire', valueCanonical: questionnaire.url };
    expect(filledIn(await packages(reyes, [noted('o1'), named]))).toEqual({ note: 'Note of o1' });
    expect(filledIn(await packages(reyes, [noted('o1'), noted('o2'), named]))).toEqual({});
  });
});

describe('pages of an adaptive questionnaire', () => {
  const draftFor = async (...statements: string[]): Promise<QuestionnaireResponse> => draftsIn(await packages(reyes, [{ name: 'order', resource: ordered('E0260', ...statements) }]))[0]!;
  const next = (response: QuestionnaireResponse): Promise<TestAnswer> => send('POST', `${house.fhir}/Questionnaire/$next-question`, response);
  const position = { linkId: 'bed-position', item: [{ linkId: 'bed-elevation', answer: [{ valueBoolean: false }] }] };
  const second = async (draft: QuestionnaireResponse): Promise<TestAnswer> => next({ ...(await next(draft)).json as QuestionnaireResponse, item: [position] });

  test('dtr-spec-40: what is known of a page is there when it is asked, and the response can be sent on as it is', async () => {
    const draft = await draftFor(await statementTo(reyes, 'E0260'));
    expect(draft.item).toBeUndefined();
    const answer = await second(draft);
    const response = answer.json as QuestionnaireResponse;
    expect(answersIn(response.item).map(([linkId, { valueString, extension }]) => [linkId, valueString, extension?.[0]?.extension?.[0]?.valueCode])).toEqual([['bed-elevation', undefined, undefined], ['bed-city', `City of ${reyes}`, 'auto-server'], ['bed-phone', `Phone of ${reyes}`, 'auto-server']]);
    expect(answer.text).not.toContain('documentation-plan-record');
    expect(((await next(response)).json as QuestionnaireResponse).status).toBe('completed');
  });

  test('what the user has made of an answer stays', async () => {
    const response = (await second(await draftFor(await statementTo(reyes, 'E0260')))).json as QuestionnaireResponse;
    const changed = JSON.parse(JSON.stringify(response).replace(`Phone of ${reyes}`, 'Another')) as QuestionnaireResponse;
    expect(answersIn(((await next(changed)).json as QuestionnaireResponse).item).map(([, { valueString }]) => valueString)).toContain('Another');
  });

  test('nothing is there without a statement, with one to another member, or under another\'s number', async () => {
    const id = await statementTo(reyes, 'E0260');
    const draft = await draftFor(id);
    const tampered = JSON.parse(JSON.stringify(draft).replace(numbers[reyes]!, numbers['demo-amara-okafor']!)) as QuestionnaireResponse;
    const swapped = JSON.parse(JSON.stringify(draft).replaceAll(id, await statementTo('demo-amara-okafor', 'E0260'))) as QuestionnaireResponse;
    for (const each of [await draftFor(), tampered, swapped]) {
      const answer = await second(each);
      expect([answer.status, answer.text.includes('City of')]).toEqual([200, false]);
    }
  });
});

test('a chart of the clinic is no record of the plan', async () => {
  const answer = await packages(reyes, [{ name: 'order', resource: ordered('E1392', await statementTo(reyes)) }, { name: 'referenced', resource: { ...chartOf(reyes).patient, id: 'p', address: [{ city: 'City of the chart' }] } }]);
  expect(filledIn(answer)).toEqual(ofMember(reyes));
});
