/**
 * The whole circle on a real server: a request pends and asks by a questionnaire, DTR gives it under the number of what
 * asked, and the completed response, sent as an attachment or with an update, completes that and brings the decision.
 * Source: PAS 2.2.1, ainfo-2, ainfo-3; DTR 2.2.0, spec-109, spec-110.
 */
import type { Bundle, ClaimResponse, CommunicationRequest, Parameters, QuestionnaireResponse, Task } from '@medplum/fhirtypes';
import { hcpcsService } from '../../../server/demo/requests.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { attach, parametersOf } from '../../support/pas-attachments.ts';
import { actionOf, actionsOf, claimOf, claimResponseOf, request, resourceOf, submit, submitted } from '../../support/pas-requests.ts';
import { update } from '../../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

const memberNumber = 'PD1000002';
const demo = 'https://priora.health/demo/Questionnaire';
const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;

interface Pended { readonly asked: Bundle; readonly claim: string; readonly decision: string; readonly requests: readonly CommunicationRequest[]; readonly task: Task }

let day = 0;
/** A request that pends for want of answers. */
async function pended(service: string): Promise<Pended> {
  const asked = request(house, { member: 'demo-daniel-reyes', service: hcpcsService(service), category: '12', placeOfService: '12', diagnosis: 'J44.9' });
  day += 1;
  claimOf(asked).item![0]!.servicedDate = new Date(house.clock.now.getTime() + day * 86_400_000).toISOString().slice(0, 10);
  const { claim, response } = await submitted(house, asked);
  expect(actionsOf(response)).toEqual({ 1: 'A4' });
  const all = response.entry!.map(({ resource }) => resource!);
  return { asked, claim, decision: claimResponseOf(response).id!, requests: all.filter((each): each is CommunicationRequest => each.resourceType === 'CommunicationRequest'), task: all.find((each): each is Task => each.resourceType === 'Task')! };
}

async function packageFor(context: string, subscriberId = memberNumber): Promise<{ status: number; bundles: Bundle[] }> {
  const { status, json } = await send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [
    { name: 'coverage', resource: { resourceType: 'Coverage', id: 'c', status: 'active', subscriberId, beneficiary: { reference: 'https://clinic.example/fhir/Patient/demo-daniel-reyes' }, payor: [{ display: 'Demo' }] } }, { name: 'context', valueString: context },
  ] });
  return { status, bundles: ((json as Parameters).parameter ?? []).filter(({ name }) => name === 'packagebundle').map(({ resource }) => resource as Bundle) };
}

const draftIn = (bundle: Bundle): QuestionnaireResponse => bundle.entry!.at(-1)!.resource as QuestionnaireResponse;
const numberOf = ({ identifier }: CommunicationRequest): string => identifier![0]!.value!;

/** What the provider's system makes of the oxygen form. */
function completed(draft: QuestionnaireResponse, saturation: number, status: QuestionnaireResponse['status'] = 'completed'): QuestionnaireResponse {
  return {
    ...draft, status, item: [
      { linkId: 'oxygen-saturation', answer: [{ valueQuantity: { value: saturation, unit: '%', system: 'http://unitsofmeasure.org', code: '%' } }] },
      { linkId: 'oxygen-saturation-day', answer: [{ valueDate: '2026-02-20' }] }, { linkId: 'oxygen-saturation-recent', answer: [{ valueBoolean: true }] },
      { linkId: 'oxygen-use', answer: [{ valueCoding: { system: 'https://priora.health/demo/CodeSystem/oxygen-use', code: 'exertion' } }] },
    ],
  };
}

const current = async ({ decision }: Pended): Promise<string | undefined> => actionOf((await stored<ClaimResponse>(`ClaimResponse/${decision}`)).item![0]!.adjudication);

test('the request asks for questionnaires by LOINC 102089-0, and the Task says under which number', async () => {
  const { requests, task } = await pended('E1392');
  expect(requests.map(({ payload }) => payload![0]!.contentString)).toEqual(['102089-0', '102089-0']);
  expect(new Set(requests.map(numberOf)).size).toBe(2);
  expect(task.code!.coding![0]!.code).toBe('attachment-request-questionnaire');
  expect(task.input!.filter(({ type }) => type.coding![0]!.code === 'questionnaire-context').map(({ valueString }) => valueString)).toEqual(requests.map(numberOf));
});

test('under a number there is the questionnaire that it asks for; under that of the authorization all of them', async () => {
  const { requests } = await pended('E1392');
  const names = await Promise.all(requests.map(async (each) => (await packageFor(numberOf(each))).bundles.map((bundle) => (bundle.entry![0]!.resource as { url: string }).url)));
  expect(names).toEqual([[`${demo}/home-oxygen`], [`${demo}/equipment-delivery`]]);
  expect((await packageFor(numberOf(requests[0]!).split('-')[0]!)).bundles).toHaveLength(2);
  const draft = draftIn((await packageFor(numberOf(requests[0]!))).bundles[0]!);
  expect(draft.extension!.map(({ valueReference }) => valueReference?.identifier?.value).filter((each) => each !== undefined)).toEqual([numberOf(requests[0]!)]);
});

test('another member, a number that is made up: nothing is told', async () => {
  const { requests } = await pended('E1392');
  expect((await packageFor(numberOf(requests[0]!), 'PD1000001')).status).toBe(422);
  expect((await packageFor(`${numberOf(requests[0]!).slice(0, -1)}x`)).status).toBe(422);
});

test('a completed response as an attachment completes what asked for it, and the rules certify', async () => {
  const wanted = await pended('E1392');
  const { claim, requests } = wanted;
  const [oxygen, delivery] = requests.map(numberOf) as [string, string];
  const draft = draftIn((await packageFor(oxygen)).bundles[0]!);
  expect((await attach(house, parametersOf({ tracking: oxygen, member: memberNumber, contents: [completed(draft, 85)] }))).status).toBe(200);
  expect(await current(wanted)).toBe('A1');
  expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[0]!.id!}`)).status).toBe('completed');
  expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[1]!.id!}`)).status).toBe('revoked');
  expect((await stored<{ meta: { versionId: string } }>(`Claim/${claim}`)).meta.versionId).toBe('2');
  // What has come, or is not wanted any more, is no context.
  expect([(await packageFor(oxygen)).status, (await packageFor(delivery)).status]).toEqual([422, 422]);
});

test('answers that do not meet the criteria are for a person, and complete the one that asked, and only that', async () => {
  const wanted = await pended('E1392');
  const { requests } = wanted;
  const draft = draftIn((await packageFor(numberOf(requests[0]!))).bundles[0]!);
  expect((await attach(house, parametersOf({ tracking: numberOf(requests[0]!), member: memberNumber, contents: [completed(draft, 95)] }))).status).toBe(200);
  expect(await current(wanted)).toBe('A4');
  expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[0]!.id!}`)).status).toBe('completed');
});

test('a response that is still being filled in completes nothing', async () => {
  const wanted = await pended('E1392');
  const { requests } = wanted;
  const draft = draftIn((await packageFor(numberOf(requests[0]!))).bundles[0]!);
  expect((await attach(house, parametersOf({ tracking: numberOf(requests[0]!), member: memberNumber, contents: [completed(draft, 85, 'in-progress')] }))).status).toBe(200);
  expect(await current(wanted)).toBe('A4');
  expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[0]!.id!}`)).status).toBe('active');
});

test('with an update by $submit, the same', async () => {
  const { asked, requests } = await pended('E1392');
  const draft = draftIn((await packageFor(numberOf(requests[0]!))).bundles[0]!);
  const patient = claimOf(asked).patient;
  const next = update(asked, (claim) => {
    claim.supportingInfo = [...claim.supportingInfo ?? [], { sequence: 50, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes', code: 'additionalInformation' }] }, valueReference: { reference: 'https://harbor.example.org/fhir/QuestionnaireResponse/answers' } }];
    claim.item![0]!.informationSequence = [50];
  });
  next.entry!.push({ fullUrl: 'https://harbor.example.org/fhir/QuestionnaireResponse/answers', resource: { ...completed(draft, 85), id: 'answers', subject: patient } });
  const answer = await submit(house, next);
  expect([answer.status, actionsOf(answer.json as Bundle)]).toEqual([200, { 1: 'A1' }]);
  expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[0]!.id!}`)).status).toBe('completed');
});

test('an adaptive questionnaire goes the same way', async () => {
  const wanted = await pended('K0823');
  const { asked, requests } = wanted;
  const draft = draftIn((await packageFor(numberOf(requests[0]!))).bundles[0]!);
  let response = draft;
  for (const item of [undefined, { linkId: 'mobility-walking', item: [{ linkId: 'mobility-walks', answer: [{ valueBoolean: false }] }] }, { linkId: 'mobility-manual', item: [{ linkId: 'mobility-propels', answer: [{ valueBoolean: false }] }] }, { linkId: 'mobility-power', item: [{ linkId: 'mobility-operates', answer: [{ valueBoolean: true }] }, { linkId: 'mobility-examined', answer: [{ valueBoolean: true }] }] }]) {
    const answer = await send('POST', `${house.fhir}/Questionnaire/$next-question`, item === undefined ? response : { ...response, item: [...response.item ?? [], item] });
    expect(answer.status).toBe(200);
    response = answer.json as QuestionnaireResponse;
  }
  expect(response.status).toBe('completed');
  expect(JSON.stringify(response)).not.toContain('satisfied');
  expect((await attach(house, parametersOf({ tracking: numberOf(requests[0]!), member: memberNumber, contents: [response] }))).status).toBe(200);
  expect(await current(wanted)).toBe('A1');
  expect(resourceOf(asked, 'Coverage').identifier![0]!.value).toBe(memberNumber);
});
