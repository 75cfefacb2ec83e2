/**
 * Questionnaire/$next-question on a real server, with the demo's questionnaire on power mobility: what is refused, which
 * questions follow, and what the rules say in the end.
 */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Parameters, Questionnaire, QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes';
import { call, firstSaidIn, informationUrl, order, orderSign } from '../../support/cds-calls.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
const url = 'https://priora.health/demo/Questionnaire/power-mobility';

/** What CRD said of the order. */
let asserted: object[];

beforeAll(async () => {
  house = await openHouse({ demo: true });
  const answer = await call(house, 'order-sign-crd', orderSign('demo-daniel-reyes', [order({ code: 'K0823' })]));
  asserted = [{ url: informationUrl, extension: [{ url: 'coverage-assertion-id', valueString: firstSaidIn(answer)['coverage-assertion-id']![0] }] }];
});
afterAll(() => house.close());

const ask = (response: unknown, base = house.fhir): Promise<TestAnswer> => send('POST', `${base}/Questionnaire/$next-question`, response);
const codesIn = ({ json }: TestAnswer): string[] => (json as { issue: { details: { coding: { code: string }[] } }[] }).issue.map(({ details }) => details.coding[0]!.code);
const pagesIn = (response: QuestionnaireResponse): string[] => (response.contained![0] as Questionnaire).item?.map(({ linkId }) => linkId) ?? [];

/** The draft of a package for an order of a power wheelchair. */
async function draft(ordered: object = {}, extension = asserted, code = 'K0823'): Promise<QuestionnaireResponse> {
  const answer = await send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [
    { name: 'coverage', resource: { resourceType: 'Coverage', id: 'c', status: 'active', subscriberId: 'PD1000002', beneficiary: { reference: 'Patient/p' }, payor: [{ display: 'Demo' }] } },
    { name: 'order', resource: { resourceType: 'DeviceRequest', id: 'o', status: 'draft', intent: 'order', codeCodeableConcept: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code }] }, subject: { reference: 'Patient/p' }, extension, ...ordered } },
  ] });
  const bundle = (answer.json as Parameters).parameter!.find(({ name }) => name === 'packagebundle')!.resource as Bundle;
  return bundle.entry!.at(-1)!.resource as QuestionnaireResponse;
}

const bool = (linkId: string, valueBoolean: boolean): QuestionnaireResponseItem => ({ linkId, answer: [{ valueBoolean }] });
const answering = (response: QuestionnaireResponse, ...item: QuestionnaireResponseItem[]): QuestionnaireResponse => ({ ...response, item: [...(response.item ?? []), ...item] });
const walks = (value: boolean) => ({ linkId: 'mobility-walking', item: [bool('mobility-walks', value)] });
const propels = (value: boolean) => ({ linkId: 'mobility-manual', item: [bool('mobility-propels', value)] });
const operates = (safely: boolean) => ({ linkId: 'mobility-power', item: [bool('mobility-operates', safely), bool('mobility-examined', true)] });

describe('refused', () => {
  const changed: readonly [string, (response: QuestionnaireResponse) => object, number, string][] = [
    ['another resource', () => ({ resourceType: 'Patient' }), 400, 'documentation-response-invalid'],
    ['a response without the form of one', (response) => ({ ...response, item: 'no' }), 400, 'documentation-response-invalid'],
    ['a response that is finished', (response) => ({ ...response, status: 'completed' }), 400, 'documentation-response-invalid'],
    ['one without its questionnaire', (response) => ({ ...response, contained: [] }), 400, 'documentation-response-invalid'],
    ['one that refers elsewhere', (response) => ({ ...response, questionnaire: url }), 400, 'documentation-response-invalid'],
    ['a questionnaire that is derived from nothing', (response) => ({ ...response, contained: [{ ...response.contained![0], derivedFrom: undefined }] }), 400, 'documentation-response-invalid'],
    ['one that is not here', (response) => ({ ...response, contained: [{ ...response.contained![0], derivedFrom: ['https://nowhere.example/q'] }] }), 404, 'documentation-adaptive-unknown'],
    ['one that is not adaptive', (response) => ({ ...response, contained: [{ ...response.contained![0], derivedFrom: ['https://priora.health/demo/Questionnaire/home-oxygen'] }] }), 404, 'documentation-adaptive-unknown'],
    ['a question of somebody else', (response) => ({ ...response, contained: [{ ...response.contained![0], item: [{ linkId: 'mine', type: 'string', text: 'Mine?' }] }] }), 400, 'documentation-response-invalid'],
    ['answers to what was not asked', (response) => answering(response, walks(false)), 400, 'documentation-response-invalid'],
  ];
  test.each(changed)('%s', async (_, change, status, code) => {
    const answer = await ask(change(await draft()));
    expect([answer.status, codesIn(answer)[0]]).toEqual([status, code]);
  });

  test('answers that are missing or of another type, with their place', async () => {
    const first = (await ask(await draft())).json as QuestionnaireResponse;
    const missing = await ask(first);
    expect([missing.status, codesIn(missing)]).toEqual([400, ['documentation-response-invalid', 'answer-required']]);
    const wrong = await ask(answering(first, { linkId: 'mobility-walking', item: [{ linkId: 'mobility-walks', answer: [{ valueString: 'SECRET' }] }] }));
    expect([wrong.status, codesIn(wrong)]).toEqual([400, ['documentation-response-invalid', 'answer-type']]);
    expect(wrong.text).toContain('QuestionnaireResponse.item[0].item[0].answer[0]');
    expect(wrong.text).not.toContain('SECRET');
  });

  test('the copy cannot make a question easier than it is', async () => {
    const first = (await ask(await draft())).json as QuestionnaireResponse;
    const copy = structuredClone(first.contained![0] as Questionnaire);
    delete copy.item![0]!.item![0]!.required;
    expect((await ask({ ...first, contained: [copy] })).status).toBe(400);
    expect((await ask({ ...first, contained: [copy], item: [{ linkId: 'mobility-walking' }] })).status).toBe(400);
  });
});

describe('step by step', () => {
  test('one page after the other, as the answers lead, to the end', async () => {
    const first = (await ask(await draft())).json as QuestionnaireResponse;
    expect([first.status, pagesIn(first)]).toEqual(['in-progress', ['mobility-walking']]);
    expect(first.contained![0]).toMatchObject({ derivedFrom: [`${url}|1.0.0`], meta: { profile: ['http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/dtr-questionnaire-adapt'] } });
    const second = (await ask(answering(first, walks(false)))).json as QuestionnaireResponse;
    expect(pagesIn(second)).toEqual(['mobility-walking', 'mobility-manual']);
    expect(JSON.stringify(second.contained)).not.toContain('enableWhen');
    expect(JSON.stringify(second.contained)).toContain('initialExpression');
    const third = (await ask(answering(second, propels(false)))).json as QuestionnaireResponse;
    expect([third.status, pagesIn(third)]).toEqual(['in-progress', ['mobility-walking', 'mobility-manual', 'mobility-power']]);
    const last = (await ask(answering(third, operates(true)))).json as QuestionnaireResponse;
    expect([last.status, pagesIn(last)]).toEqual(['completed', pagesIn(third)]);
    expect(last.item).toEqual([walks(false), propels(false), operates(true)]);
  });

  test('another answer ends it sooner', async () => {
    const first = (await ask(await draft())).json as QuestionnaireResponse;
    const last = (await ask(answering(first, walks(true)))).json as QuestionnaireResponse;
    expect([last.status, pagesIn(last)]).toEqual(['completed', ['mobility-walking']]);
  });

  test('an answer that is changed takes back what followed from it', async () => {
    const first = (await ask(await draft())).json as QuestionnaireResponse;
    const second = (await ask(answering(first, walks(false)))).json as QuestionnaireResponse;
    const last = (await ask({ ...second, item: [walks(true), propels(false)] })).json as QuestionnaireResponse;
    expect([last.status, pagesIn(last), last.item]).toEqual(['completed', ['mobility-walking'], [walks(true)]]);
  });

  test('Parameters are taken as well, and the same at the base of PAS 2.0.1', async () => {
    const response = await draft();
    const wrapped = { resourceType: 'Parameters', parameter: [{ name: 'questionnaire-response', resource: response }] };
    for (const base of [house.fhir, `${house.origin}/pas/2.0.1/fhir`]) expect(pagesIn((await ask(wrapped, base)).json as QuestionnaireResponse)).toEqual(['mobility-walking']);
  });

  const kit = join(process.cwd(), '..', 'shared/pas-examples/inferno-dtr');
  (existsSync(kit) ? test : test.skip)('the payload of the public kit: a questionnaire known by its own address (skipped where ../shared is absent)', async () => {
    const questionnaire = JSON.parse(readFileSync(join(kit, 'questionnaire_dinner_order_adaptive.json'), 'utf8')).entry[0].resource as Questionnaire;
    const pages = (JSON.parse(readFileSync(join(kit, 'dinner_order_adaptive_next_question_initial.json'), 'utf8')) as Questionnaire).item;
    expect((await send('PUT', `${house.fhir}/Questionnaire/${questionnaire.id!}`, { ...questionnaire, item: pages })).status).toBe(201);
    const initial = JSON.parse(readFileSync(join(kit, 'next_question_initial_input_params_conformant.json'), 'utf8')) as Parameters;
    const answer = await ask(initial);
    expect([answer.status, pagesIn(answer.json as QuestionnaireResponse)]).toEqual([200, ['PBD', 'LOC', '3']]);
  });
});

describe('a form that asks the office as well: a hospital bed', () => {
  const position = (raised: boolean) => ({ linkId: 'bed-position', item: [bool('bed-elevation', raised)] });
  const delivery = { linkId: 'bed-delivery', item: [{ linkId: 'bed-phone', answer: [{ valueString: '555-0100' }] }] };
  const first = async (): Promise<QuestionnaireResponse> => (await ask(await draft({ extension: undefined }, asserted, 'E0260'))).json as QuestionnaireResponse;
  const notice = 'priora-care-questions-complete';
  const noticeIn = (response: QuestionnaireResponse): string | undefined => (response.contained![0] as Questionnaire).item!.find(({ linkId }) => linkId === notice)?.text;

  test('dtr-spec-39: with the last clinical questions stands that nothing more is for clinician and patient, before those for the office', async () => {
    const opened = await first();
    expect([pagesIn(opened), noticeIn(opened)]).toEqual([['bed-position'], undefined]);
    const second = (await ask(answering(opened, position(true)))).json as QuestionnaireResponse;
    expect(pagesIn(second)).toEqual(['bed-position', 'bed-alternatives', notice, 'bed-delivery']);
    expect(noticeIn(second)).toBe('The questions for clinician and patient end here. What follows is administrative.');
    const last = (await ask(answering(second, { linkId: 'bed-alternatives', item: [bool('bed-wedges', true)] }, delivery))).json as QuestionnaireResponse;
    expect([last.status, JSON.stringify(last.item).includes(notice)]).toEqual(['completed', false]);
  });

  test('dtr-spec-39: where an answer ends the clinical questions, it is told before administrative questions only', async () => {
    const second = (await ask(answering(await first(), position(false)))).json as QuestionnaireResponse;
    expect(pagesIn(second)).toEqual(['bed-position', notice, 'bed-delivery']);
    expect(((await ask(answering(second, delivery))).json as QuestionnaireResponse).status).toBe('completed');
  });

  test('what is told cannot be answered', async () => {
    const second = (await ask(answering(await first(), position(false)))).json as QuestionnaireResponse;
    const answer = await ask(answering(second, { linkId: notice, answer: [{ valueString: 'Yes' }] }, delivery));
    expect([answer.status, codesIn(answer)[0]]).toEqual([400, 'documentation-response-invalid']);
  });
});

describe('what the rules say in the end', () => {
  type Told = Record<string, string>;
  const told = (response: QuestionnaireResponse): Told[] => (response.extension ?? []).filter((each) => each.url.endsWith('ext-coverage-information')).map(({ extension }) =>
    Object.fromEntries(extension!.map((part) => [part.url, part.valueCode ?? part.valueString ?? part.valueDate ?? part.valueCanonical ?? part.valueReference?.reference ?? part.valueCodeableConcept?.text ?? ''])));

  async function complete(from: QuestionnaireResponse, ...answers: QuestionnaireResponseItem[]): Promise<QuestionnaireResponse> {
    let response = (await ask(from)).json as QuestionnaireResponse;
    for (const item of answers) response = (await ask(answering(response, item))).json as QuestionnaireResponse;
    expect(response.status).toBe('completed');
    return response;
  }

  test('criteria that are met are told as met, and never as an authorization', async () => {
    const [information] = told(await complete(await draft(), walks(false), propels(false), operates(true)));
    expect(information).toMatchObject({ coverage: 'Coverage/c', covered: 'covered', 'pa-needed': 'auth-needed', date: '2026-03-02', dependency: 'DeviceRequest/o', reason: expect.stringContaining('meets the plan\'s criteria "Power wheelchair"') });
    expect(Object.keys(information!)).not.toContain('satisfied-pa-id');
    expect(Object.keys(information!)).not.toContain('questionnaire');
  });

  test('criteria that are not met deny nothing', async () => {
    const [information] = told(await complete(await draft(), walks(true)));
    expect(information).toMatchObject({ covered: 'covered', 'pa-needed': 'auth-needed' });
    expect(information!['reason']).toMatch(/reviewer/);
  });

  test('a second completion replaces the first, and an unknown member is told nothing', async () => {
    const first = await complete(await draft(), walks(true));
    const again = await complete({ ...first, status: 'in-progress', item: undefined, contained: [{ ...first.contained![0] as Questionnaire, item: undefined }] } as unknown as QuestionnaireResponse, walks(true));
    expect(told(again)).toHaveLength(1);
    const stranger = JSON.parse(JSON.stringify(await draft()).replace('PD1000002', 'NOBODY')) as QuestionnaireResponse;
    expect(told(await complete(stranger, walks(true)))).toEqual([]);
  });

  test('nothing of a session is stored', async () => {
    const { rows } = await house.sql.query(`select count(*)::int as count from resource where content like '%mobility-walks%' and content like '%QuestionnaireResponse%'`);
    expect(rows).toEqual([{ count: 0 }]);
  });
});
