/**
 * Documentation says of an order what coverage requirements said of it: by the same reading of the order and the same
 * answer, under the id that CRD gave it, and under no other.
 */
import type { Bundle, Extension, Parameters, Questionnaire, QuestionnaireResponse, Resource } from '@medplum/fhirtypes';
import { guidanceOn } from '../../../operations/documentation/guidance.ts';
import { knownCoverage } from '../../../operations/documentation/coverage.ts';
import { questionOf } from '../../../operations/documentation/order-question.ts';
import { hcpcsService } from '../../../server/demo/requests.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import { call, chartOf, firstSaidIn, hcpcs, informationOn, informationUrl, order, orderSign } from '../../support/cds-calls.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';
import { certification, decide, decision, request, submitted } from '../../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

const member = 'demo-daniel-reyes';
type Ordered = Resource & { id: string; extension?: Extension[] };
const coverage = { resourceType: 'Coverage', id: 'cov', status: 'active', subscriberId: 'PD1000002', beneficiary: { reference: 'Patient/p', display: 'SECRET Reyes' }, payor: [{ display: 'Demo' }] };

/** What CRD makes of an order. */
async function told(ordered: Ordered, of = member): Promise<{ said: Record<string, unknown[]>; ordered: Ordered }> {
  const answer = await call(house, 'order-sign-crd', orderSign(of, [ordered]));
  return { said: firstSaidIn(answer), ordered: (answer.json as { systemActions: { resource: Ordered }[] }).systemActions[0]!.resource };
}

const packages = (ordered: Ordered, more: readonly object[] = [{ name: 'referenced', resource: chartOf(member).requester }]): Promise<TestAnswer> =>
  send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [{ name: 'coverage', resource: coverage }, { name: 'order', resource: ordered }, ...more] });
const bundlesIn = ({ json }: TestAnswer): Bundle[] => ((json as Parameters).parameter ?? []).filter(({ name }) => name === 'packagebundle').map(({ resource }) => resource as Bundle);
const draftIn = (answer: TestAnswer): QuestionnaireResponse => bundlesIn(answer)[0]!.entry!.at(-1)!.resource as QuestionnaireResponse;

const wheelchair = (more: object = {}): Ordered => ({ ...order({ code: 'K0823', diagnosis: 'G35' }), ...more });

/** Answers the questionnaire to its end: the patient walks with a cane. */
async function complete(draft: QuestionnaireResponse): Promise<QuestionnaireResponse> {
  const first = (await send('POST', `${house.fhir}/Questionnaire/$next-question`, draft)).json as QuestionnaireResponse;
  const answer = await send('POST', `${house.fhir}/Questionnaire/$next-question`, { ...first, item: [{ linkId: 'mobility-walking', item: [{ linkId: 'mobility-walks', answer: [{ valueBoolean: true }] }] }] });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json as QuestionnaireResponse;
}

describe('under which id', () => {
  test('the one that CRD gave, with the answer that CRD gives', async () => {
    const { said, ordered } = await told(wheelchair());
    const [information, ...others] = informationOn(await complete(draftIn(await packages(ordered))));
    expect(others).toEqual([]);
    for (const part of ['covered', 'pa-needed', 'doc-needed', 'doc-purpose', 'coverage-assertion-id', 'date', 'expiry-date', 'billingCode']) expect({ part, value: information![part] }).toEqual({ part, value: said[part] });
    expect(information).toMatchObject({ coverage: [{ reference: 'Coverage/cov' }], dependency: [{ reference: 'ServiceRequest/o1' }] });
    expect(information!['questionnaire']).toBeUndefined();
  });

  test('none is made up: without one, with one that is nobody\'s, of another member, of another service nothing is said', async () => {
    const borne = (id: string): Ordered => wheelchair({ extension: [{ url: informationUrl, extension: [{ url: 'coverage-assertion-id', valueString: id }] }] });
    const ofAnother = (await told(wheelchair(), 'demo-joe-smith')).said['coverage-assertion-id']![0] as string;
    const otherService = (await told(order({ code: 'E1392' }))).said['coverage-assertion-id']![0] as string;
    for (const ordered of [wheelchair(), borne('crd-1'), borne('<b>Approved</b>'), borne('0198c0de-0000-7000-8000-000000000000'), borne(ofAnother), borne(otherService)]) {
      const completed = await complete(draftIn(await packages(ordered)));
      expect(completed.status).toBe('completed');
      expect(informationOn(completed)).toEqual([]);
    }
  });

  test('one that has ended is used no more', async () => {
    const { said, ordered } = await told(wheelchair());
    const draft = draftIn(await packages(ordered));
    await house.sql.query('alter table coverage_assertion disable trigger user');
    await house.sql.query('update coverage_assertion set expires_on = $1 where id = $2', ['2026-03-01', said['coverage-assertion-id']![0]]);
    await house.sql.query('alter table coverage_assertion enable trigger user');
    expect(informationOn(await complete(draft))).toEqual([]);
  });

  test('an id that is the context of the package stands for the order that comes with it', async () => {
    const id = (await told(wheelchair())).said['coverage-assertion-id']![0] as string;
    expect(informationOn(await complete(draftIn(await packages(wheelchair(), [{ name: 'context', valueString: id }]))))).toMatchObject([{ 'coverage-assertion-id': [id] }]);
  });

  test('nothing that a client wrote comes back as ours', async () => {
    const { ordered } = await told(wheelchair({ code: { text: 'SECRET', coding: [{ system: hcpcs, code: 'K0823', display: 'SECRET chair' }] } }));
    const draft = draftIn(await packages(ordered));
    const forged = JSON.parse(JSON.stringify(draft).replaceAll('"Coverage/cov"', '"Coverage/cov","display":"SECRET coverage"').replaceAll('"ServiceRequest/o1"', '"ServiceRequest/o1","display":"SECRET order"')) as QuestionnaireResponse;
    const information = (await complete(forged)).extension!.filter(({ url }) => url === informationUrl);
    expect(information).toHaveLength(1);
    expect(JSON.stringify(information)).not.toContain('SECRET');
  });
});

describe('what is asked for', () => {
  test('an authorization that stands: CRD says so, and then no form is asked for; to whom CRD said nothing, nothing is told of it', async () => {
    const asked = request(house, { member, service: hcpcsService('K0823'), category: '12', placeOfService: '12', diagnosis: 'G35' });
    const { claim } = await submitted(house, asked);
    expect((await decide(house, claim, decision(certification))).status).toBe(200);
    const atHome = order({ code: 'K0823', diagnosis: 'G35', place: '12' }) as Ordered;
    const { said, ordered } = await told(atHome);
    expect(said['pa-needed']).toEqual(['satisfied']);
    const answer = await packages(ordered);
    expect([bundlesIn(answer).length, answer.text.includes('documentation-not-needed')]).toEqual([0, true]);
    expect(bundlesIn(await packages(atHome))).toHaveLength(1);
  });

  test('place, category and requester are read as CRD reads them', async () => {
    const consultation = order({ system: 'https://codesystem.x12.org/005010/1365', code: '3', place: '11' }) as Ordered;
    const { said } = await told(consultation);
    const context = serverContext(house.server.house, 'documentation');
    const known = await knownCoverage(house.server.house.database, coverage as never, context);
    const answersOn = async (ordered: Ordered): Promise<string[]> => (await guidanceOn(house.server.house.database, questionOf(ordered as never, [], undefined)!, known, house.server.house.policies, context)).map(({ answer }) => answer.paNeeded ?? '');
    expect([said['pa-needed'], await answersOn(consultation)]).toEqual([['no-auth'], ['no-auth']]);
    const elsewhere = order({ system: 'https://codesystem.x12.org/005010/1365', code: '3', place: '21' }) as Ordered;
    expect(await answersOn(elsewhere)).toEqual((await told(elsewhere)).said['pa-needed']);
    const { requested, requester } = questionOf({ ...consultation, category: [{ coding: [{ code: 'c' }] }] } as never, [chartOf(member).requester], undefined)!;
    expect([requested.categories, requester.map(({ value }) => value)]).toEqual([[{ coding: [{ code: 'c' }] }], ['1999999984']]);
  });

  test('the session carries all of it to its end', async () => {
    const place = { coding: [{ system: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set', code: '12' }] };
    const draft = draftIn(await packages(wheelchair({ locationCode: [place], category: [{ coding: [{ code: 'c' }] }], occurrencePeriod: { start: '2026-03-05', end: '2026-04-05' }, occurrenceDateTime: undefined })));
    const carried = draft.extension!.find(({ url }) => url.endsWith('documentation-order'))!.extension!;
    expect(carried.map(({ url }) => url)).toEqual(['service', 'category', 'place', 'diagnosis', 'period', 'requester', 'member', 'order']);
    expect((draft.contained![0] as Questionnaire).item).toBeUndefined();
  });
});
