/**
 * What is wanted from the provider: CommunicationRequests and the PAS Task, in answers and in the store, as long as
 * it is wanted. Their form is checked against the profiles of PAS 2.2.1, read from the specification.
 */
import type { Bundle, CommunicationRequest, Task } from '@medplum/fhirtypes';
import { shapeIssues } from '../../fhir/shape.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import {
  certification, claimOf, claimResponseOf, decide, decision, inquire, pendingRequest, request, returnedBundles, submitted, withItems,
} from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const temporary = 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes';

const communicationsIn = (bundle: Bundle): CommunicationRequest[] => bundle.entry!.flatMap(({ resource }) => resource?.resourceType === 'CommunicationRequest' ? [resource] : []);
const tasksIn = (bundle: Bundle): Task[] => bundle.entry!.flatMap(({ resource }) => resource?.resourceType === 'Task' ? [resource] : []);

/** profile-communicationrequest and profile-task of hl7.fhir.us.davinci-pas 2.2.1: what is mandatory or fixed. */
function profileFaults(resource: CommunicationRequest | Task): string[] {
  const faults = shapeIssues(resource).map((issue) => `${issue.expression} ${issue.reason}`);
  const fault = (condition: boolean, text: string): void => { if (condition) faults.push(text); };
  if (resource.resourceType === 'CommunicationRequest') {
    fault(resource.meta?.profile?.[0] !== `${structure}/profile-communicationrequest`, 'profile');
    fault(resource.status !== 'active', 'status');
    fault(resource.identifier?.length !== 1 || resource.identifier[0]!.value === undefined, 'identifier');
    fault((resource.payload?.length ?? 0) > 1 || !/^\d{1,7}-\d$/.test(resource.payload?.[0]?.contentString ?? ''), 'payload');
    fault(resource.extension?.[0]?.url !== `${structure}/extension-serviceLineNumber` || resource.extension[0].valuePositiveInt === undefined, 'serviceLineNumber');
    fault((resource.category?.length ?? 0) > 1, 'category');
    return faults;
  }
  const inputs = (code: string): NonNullable<Task['input']> => (resource.input ?? []).filter((input) => input.type.coding?.[0]?.system === temporary && input.type.coding[0].code === code);
  fault(resource.meta?.profile?.[0] !== `${structure}/profile-task`, 'profile');
  fault((resource.identifier?.length ?? 0) === 0, 'identifier');
  fault(resource.intent !== 'order', 'intent');
  fault(resource.status !== 'requested', 'status');
  fault(resource.code?.coding?.[0]?.system !== temporary || resource.code.coding[0].code !== 'attachment-request-code', 'code');
  fault(resource.for?.reference === undefined, 'for');
  fault(resource.requester?.identifier?.value === undefined || resource.owner?.identifier?.value === undefined, 'requester or owner');
  fault(resource.reasonCode?.coding?.[0]?.system !== temporary || resource.reasonCode.coding[0].code !== 'priorAuthorization', 'reasonCode');
  fault(resource.reasonReference === undefined, 'reasonReference');
  fault((resource.input?.length ?? 0) < 2 || inputs('payer-url').length !== 1 || inputs('payer-url')[0]!.valueUrl === undefined, 'payer-url');
  fault(inputs('attachments-needed').length === 0 || inputs('attachments-needed').some((input) => input.extension?.filter((extension) => extension.url === `${structure}/extension-serviceLineNumber` && extension.valuePositiveInt !== undefined).length !== 1
    || input.valueCodeableConcept?.coding?.[0]?.system !== 'http://loinc.org'), 'attachments-needed');
  return faults;
}

test('nothing is asked for where nothing is wanted', async () => {
  const { response } = await submitted(house, request(house));
  expect([...communicationsIn(response), ...tasksIn(response)]).toEqual([]);
  expect(claimResponseOf(response).communicationRequest).toBeUndefined();
});

test.each<[string, { system: string }[] | undefined]>([['no number', undefined], ['a number without a value', [{ system: 'https://clinic.example/claims' }]]])('a request that has %s is no reference that leads nowhere', async (_, identifier) => {
  const bundle = pendingRequest(house);
  Object.assign(claimOf(bundle), { identifier });
  const { response } = await submitted(house, bundle);
  expect(tasksIn(response).length).toBeGreaterThan(0);
  const claim = bundle.entry![0]!.fullUrl!;
  // The ClaimResponse alone names the Claim as its sender does, who holds it (spec-30).
  expect(response.entry!.filter(({ resource }) => JSON.stringify(resource).includes(claim)).map(({ resource }) => resource?.resourceType)).toEqual(['ClaimResponse']);
  expect(JSON.stringify(response)).not.toContain('[]');
});

test('a pended request says what is wanted, in $submit, in $inquire and over REST', async () => {
  const bundle = withItems(pendingRequest(house), 2);
  const { claim, response } = await submitted(house, bundle);
  const inquired = returnedBundles(await inquire(house, bundle)).find((each) => each.entry![0]!.fullUrl === response.entry![0]!.fullUrl)!;
  for (const [answer, inquiry] of [[response, false], [inquired, true]] as const) {
    expect(faultsOf(answer, bundle, { inquiry })).toEqual([]);
    const communications = communicationsIn(answer);
    expect(communications).toHaveLength(2);
    expect(communications.flatMap(profileFaults)).toEqual([]);
    expect(communications.map((each) => each.extension![0]!.valuePositiveInt)).toEqual([1, 2]);
    expect(new Set(communications.map((each) => each.identifier![0]!.value)).size).toBe(2);
    // Every one is referred to, and refers to the sender's own resources.
    expect(claimResponseOf(answer).communicationRequest?.map((each) => each.reference)).toEqual(communications.map((each) => `${house.fhir}/CommunicationRequest/${each.id}`));
    expect(communications[0]).toMatchObject({ subject: { reference: claimOf(bundle).patient.reference }, sender: { reference: claimOf(bundle).provider.reference }, requester: { reference: claimOf(bundle).insurer!.reference } });
    const [task, ...others] = tasksIn(answer);
    expect(others).toEqual([]);
    expect(profileFaults(task!)).toEqual([]);
    expect(task).toMatchObject({
      requester: { identifier: { value: '1234567893' } }, owner: { identifier: { value: '1999999984' } }, input: [{ valueUrl: house.fhir }, {}, {}],
      reasonReference: { type: 'Claim', identifier: claimOf(bundle).identifier![0] },
    });
  }
  const [first] = communicationsIn(response);
  const stored = (await send('GET', `${house.fhir}/CommunicationRequest/${first!.id}`)).json as CommunicationRequest;
  expect(stored).toMatchObject({ status: 'active', subject: { reference: 'Patient/demo-daniel-reyes' }, requester: { reference: 'Organization/demo-payer' }, payload: first!.payload });
  const storedTask = (await send('GET', `${house.fhir}/Task/${tasksIn(response)[0]!.id}`)).json as Task;
  expect(storedTask).toMatchObject({ for: { reference: 'Patient/demo-daniel-reyes' }, reasonReference: { reference: `Claim/${claim}` } });
  expect(((await send('GET', `${house.fhir}/ClaimResponse/${claimResponseOf(response).id}`)).json as { communicationRequest: unknown }).communicationRequest)
    .toEqual(communicationsIn(response).map((each) => ({ reference: `CommunicationRequest/${each.id}` })));
});

test('what a person asks for takes the place of what the rule asked for; decided, nothing is wanted', async () => {
  const bundle = pendingRequest(house);
  const { claim, response } = await submitted(house, bundle);
  const [byRule] = communicationsIn(response);
  const asked = (await decide(house, claim, decision({ action: 'pend', text: 'One more document.', more: [
    { name: 'information', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '11488-4' }], text: 'The consultation note of the pulmonologist.' } },
  ] }))).json as Bundle;
  expect(faultsOf(asked, bundle, { human: true })).toEqual([]);
  const [byPerson, ...others] = communicationsIn(asked);
  expect(others).toEqual([]);
  expect(profileFaults(byPerson!)).toEqual([]);
  expect(byPerson).toMatchObject({ payload: [{ contentString: '11488-4' }], note: [{ text: 'The consultation note of the pulmonologist.' }] });
  const statusOf = async (type: string, id: string): Promise<unknown> => ((await send('GET', `${house.fhir}/${type}/${id}`)).json as { status: unknown }).status;
  expect(await statusOf('CommunicationRequest', byRule!.id!)).toBe('revoked');
  expect(await statusOf('CommunicationRequest', byPerson!.id!)).toBe('active');

  const decided = (await decide(house, claim, decision(certification))).json as Bundle;
  expect([...communicationsIn(decided), ...tasksIn(decided)]).toEqual([]);
  expect(await statusOf('CommunicationRequest', byPerson!.id!)).toBe('revoked');
  expect(await statusOf('Task', tasksIn(asked)[0]!.id!)).toBe('cancelled');
});

test('wanted without a LOINC code: told in words, and no Task of a profile that has no place for it', async () => {
  const bundle = pendingRequest(house);
  const { claim } = await submitted(house, bundle);
  const asked = (await decide(house, claim, decision({ action: 'pend', more: [{ name: 'information', valueCodeableConcept: { text: 'Who will be at home with the patient?' } }] }))).json as Bundle;
  expect(faultsOf(asked, bundle, { human: true })).toEqual([]);
  expect(communicationsIn(asked)).toMatchObject([{ note: [{ text: 'Who will be at home with the patient?' }] }]);
  expect(communicationsIn(asked)[0]!.payload).toBeUndefined();
  expect(tasksIn(asked)).toEqual([]);
  expect(JSON.stringify(claimResponseOf(asked).processNote)).toContain('Who will be at home');
});
