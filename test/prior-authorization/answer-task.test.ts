/** The Task by which a provider is asked for information, answered by his own update of it (CDex): completed with what was asked for, or rejected. */
import type { Bundle, Claim, CommunicationRequest, Resource, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { asking as askingOf, attach, document, parametersOf, problemsOf, type Asking } from '../support/pas-attachments.ts';
import { fullRequest } from '../support/pas-full-request.ts';
import { certification, claimResponseOf, decide, decision, pendingRequest, resourceOf, submitted, tableCounts } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;
const taskOf = async ({ reference }: Asking): Promise<Task & { id: string }> => (await stored<Bundle>(`Task?identifier=https://priora.health/fhir/information-request|${reference}`)).entry![0]!.resource as Task & { id: string };
const reviewOf = async ({ response }: Asking): Promise<string | undefined> => ((await stored<Bundle>(`Task?focus=ClaimResponse/${response}&code=review-prior-authorization`)).entry![0]!.resource as Task).businessStatus?.text;
const put = (task: Task & { id: string }, headers: Record<string, string> = {}): Promise<TestAnswer> => send('PUT', `${house.fhir}/Task/${task.id}`, task, headers);
const versionOf = async ({ claim }: Asking): Promise<string | undefined> => (await stored<Claim>(`Claim/${claim}`)).meta!.versionId;
const attachments = { coding: [{ system: 'http://hl7.org/fhir/us/davinci-hrex/CodeSystem/hrex-temp', code: 'data-value' }] };
/** Completed with these as its output. */
const completed = (task: Task & { id: string }, outputs: readonly Resource[]): Task & { id: string } => ({
  ...task, status: 'completed', contained: outputs.map((resource, index) => ({ ...resource, id: `out${index}` })), output: outputs.map((_, index) => ({ type: attachments, valueReference: { reference: `#out${index}` } })),
});
const create = async (resource: Resource): Promise<string> => `${resource.resourceType}/${(await send('POST', `${house.fhir}/${resource.resourceType}`, resource)).json.id as string}`;
const about = (resource: Resource, patient: string): Resource => ({ ...resource, subject: { reference: patient } }) as Resource;

describe('what is refused, and changes nothing', () => {
  const cases: [string, (task: Task & { id: string }) => Promise<Task & { id: string }> | (Task & { id: string }), number, string[]][] = [
    ['completed without an output', (task) => ({ ...task, status: 'completed' }), 422, ['attachment-invalid']],
    ['an output that leads nowhere', (task) => ({ ...task, status: 'completed', output: [{ type: attachments, valueReference: { reference: '#nothing' } }] }), 422, ['attachment-invalid']],
    ['an output of another server', (task) => ({ ...task, status: 'completed', output: [{ type: attachments, valueReference: { reference: 'https://harbor.example.org/fhir/DocumentReference/1' } }] }), 422, ['attachment-invalid']],
    ['an output that is not there', (task) => ({ ...task, status: 'completed', output: [{ type: attachments, valueReference: { reference: 'DocumentReference/nobody' } }] }), 404, ['not-found']],
    ['a document that is stored here, of another patient', async (task) => ({ ...task, status: 'completed', output: [{ type: attachments, valueReference: { reference: await create(about(document(), 'Patient/demo-lena-fischer')) } }] }), 422, ['attachment-of-another']],
    ['a contained document of another patient', (task) => completed(task, [about(document(), 'Patient/demo-lena-fischer')]), 422, ['attachment-of-another']],
    ['a document of another member\'s number', (task) => completed(task, [{ ...document(), subject: { identifier: { value: 'PD0000000' } } } as Resource]), 422, ['attachment-of-another']],
    ['by another owner', (task) => ({ ...completed(task, [document()]), owner: { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1888888885' } } }), 403, ['task-of-another']],
    ['by nobody', ({ owner: _nobody, ...task }) => completed(task, [document()]), 403, ['task-of-another']],
    ['for another patient', (task) => ({ ...completed(task, [document()]), for: { reference: 'Patient/demo-lena-fischer' } }), 403, ['task-of-another']],
    ['of another request', (task) => ({ ...completed(task, [document()]), reasonReference: { reference: 'Claim/another' } }), 403, ['task-of-another']],
    ['rejected by another', (task) => ({ ...task, status: 'rejected', owner: { identifier: { value: '1888888885' } } }), 403, ['task-of-another']],
    ['what is no evidence', (task) => completed(task, [document(), { resourceType: 'Organization', name: 'Harbor Clinic' }]), 422, ['attachment-invalid']],
    ['put off', (task) => ({ ...task, status: 'on-hold' }), 409, ['held-by-authorization']],
  ];
  test.each(cases)('%s', async (_, change, status, codes) => {
    const asked = await askingOf(house);
    const sent = await change(await taskOf(asked));
    const before = await tableCounts(house.sql);
    const answer = await put(sent);
    expect([answer.status, [...new Set(problemsOf(answer))]]).toEqual([status, codes]);
    expect({ ...await tableCounts(house.sql), landing: 0 }).toEqual({ ...before, landing: 0 });
    expect([await versionOf(asked), (await taskOf(asked)).status]).toEqual(['1', 'requested']);
  });

  test('of a version that is not there any more', async () => {
    const asked = await askingOf(house);
    const answer = await put(completed(await taskOf(asked), [document()]), { 'if-match': 'W/"7"' });
    expect([answer.status, problemsOf(answer)]).toEqual([412, ['version-conflict']]);
  });

  test('in a transaction it is the record of the authorization, as ever', async () => {
    const task = await taskOf(await askingOf(house));
    const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: completed(task, [document()]), request: { method: 'PUT', url: `Task/${task.id}` } }] });
    expect([answer.status, problemsOf(answer)]).toEqual([409, ['held-by-authorization']]);
  });
});

test('completed with what was asked for: it is evidence of the request, asked for no more, and the reviewer knows; the same again changes nothing', async () => {
  const asked = await askingOf(house);
  const sent = completed(await taskOf(asked), [document(), document(null, 'Whatever else there was.')]);
  const answer = await put(sent);
  const { status, output } = answer.json as Task;
  expect([answer.status, status, output!.length, answer.headers.get('etag')]).toEqual([200, 'completed', 2, 'W/"2"']);
  const claim = await stored<Claim>(`Claim/${asked.claim}`);
  const added = claim.supportingInfo!.slice(-2).map(({ valueReference }) => valueReference!.reference!);
  expect(output!.map(({ valueReference }) => valueReference!.reference)).toEqual(added);
  expect((await stored<{ subject: { reference: string } }>(added[0]!)).subject.reference).toBe(claim.patient.reference);
  for (const { id } of asked.requests) expect((await stored<CommunicationRequest>(`CommunicationRequest/${id}`)).status).toBe('completed');
  expect(await reviewOf(asked)).toBe('pended; information has come');
  const counts = await tableCounts(house.sql);
  const again = await put(sent);
  expect([again.status, (again.json as Task).status, again.headers.get('priora-delivery-outcome')]).toEqual([200, 'completed', 'repeated']);
  expect(await tableCounts(house.sql)).toEqual(counts);
  expect(problemsOf(await put(completed(sent, [document(null, 'Something new.')])))).toEqual(['task-not-open']);
});

test('a document that is stored here already, of the member, by PATCH: the rules look again and certify', async () => {
  const asked = await askingOf(house);
  const task = await taskOf(asked);
  const claim = await stored<Claim>(`Claim/${asked.claim}`);
  const observation = resourceOf(pendingRequest(house, { saturation: 85 }), 'Observation');
  const { id: _theirs, ...rest } = { ...observation, effectiveDateTime: new Date(house.clock.now.getTime() - 1000).toISOString() };
  const reference = await create(about(rest, claim.patient.reference!));
  const answer = await send('PATCH', `${house.fhir}/Task/${task.id}`, [{ op: 'replace', path: '/status', value: 'completed' }, { op: 'add', path: '/output', value: [{ type: attachments, valueReference: { reference } }] }], { 'content-type': 'application/json-patch+json' });
  expect([answer.status, await versionOf(asked), await reviewOf(asked)]).toEqual([200, '2', 'certified']);
});

test('rejected: it is awaited no more, no rule asks again, and the reviewer is told; asked by a person it is open again', async () => {
  const asked = await askingOf(house);
  const task = await taskOf(asked);
  const answer = await put({ ...task, status: 'rejected', statusReason: { text: 'The study was made elsewhere.' } });
  expect([answer.status, (answer.json as Task).status, (answer.json as Task).statusReason]).toEqual([200, 'rejected', { text: 'The study was made elsewhere.' }]);
  for (const { id } of asked.requests) expect((await stored<CommunicationRequest>(`CommunicationRequest/${id}`)).status).toBe('revoked');
  expect(await reviewOf(asked)).toBe('pended; information was declined');
  expect(problemsOf(await put(completed(task, [document()])))).toEqual(['task-not-open']);
  const pend = decision({ action: 'pend', more: [{ name: 'information', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '18776-5' }], text: 'Treatment plan' } }] });
  expect((await decide(house, asked.claim, pend)).status).toBe(200);
  expect([(await taskOf(asked)).status, await reviewOf(asked)]).toEqual(['requested', 'pended']);
  const second = await put({ ...await taskOf(asked), status: 'rejected' });
  expect([second.status, await reviewOf(asked)]).toEqual([200, 'pended; information was declined']);
  await decide(house, asked.claim, decision(certification));
  expect(await reviewOf(asked)).toBe('certified');
});

describe('a request that asks for documents and by a questionnaire has two Tasks', () => {
  interface Both { readonly asked: Asking; readonly codes: Task & { id: string }; readonly forms: Task & { id: string } }
  let runs = 0;
  const both = async (): Promise<Both> => {
    const bundle = fullRequest({ run: `T${(++runs).toString(16).padStart(7, '0')}A`, at: house.clock.now.toISOString(), asks: 'organization', services: ['E0470'], member: { number: 'PD1000005', family: 'Tester', given: 'Sam', birthDate: '1980-01-01' } });
    const { claim, response } = await submitted(house, bundle);
    const requests = response.entry!.flatMap(({ resource }) => resource?.resourceType === 'CommunicationRequest' ? [resource] : []);
    const tracking = requests.map(({ identifier }) => identifier![0]!.value!);
    const asked = { claim, requests, tracking, reference: tracking[0]!.split('-')[0]!, member: 'PD1000005', response: claimResponseOf(response).id! };
    const find = async (code: string): Promise<Task & { id: string }> => (await stored<Bundle>(`Task?identifier=https://priora.health/fhir/information-request|${asked.reference}&code=${code}`)).entry![0]!.resource as Task & { id: string };
    return { asked, codes: await find('attachment-request-code'), forms: await find('attachment-request-questionnaire') };
  };
  const statusOf = async ({ id }: { id: string }): Promise<string> => (await stored<Task>(`Task/${id}`)).status;
  const wanted = async ({ requests }: Asking): Promise<string[]> => Promise.all(requests.map(async ({ id }) => (await stored<CommunicationRequest>(`CommunicationRequest/${id}`)).status));
  const response: Resource = { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'https://priora.health/demo/Questionnaire/sleep-apnea', item: [{ linkId: '1', answer: [{ valueString: 'Yes' }] }] };

  // CommunicationRequests: by LOINC, by a report type that no Task can name, by questionnaire.
  test('documents of no kind complete the Task that asks for documents, and leave the questionnaire; that is completed by a response', async () => {
    const { asked, codes, forms } = await both();
    const { status, json } = await put(completed(codes, [document(null)]));
    expect([status, (json as Task).status, (json as Task).output!.length]).toEqual([200, 'completed', 1]);
    expect([await statusOf(forms), await wanted(asked)]).toEqual(['requested', ['completed', 'completed', 'active']]);
    expect(problemsOf(await put(completed(codes, [document(null, 'Something new.')])))).toEqual(['task-not-open']);
    const second = await put(completed(forms, [response]));
    expect([second.status, (second.json as Task).status, (second.json as Task).output!.length]).toEqual([200, 'completed', 1]);
    expect([await wanted(asked), await reviewOf(asked)]).toEqual([['completed', 'completed', 'completed'], 'pended; information has come']);
  });

  test('the response first: the documents stay wanted; under the number of the authorization a document of no kind still answers all', async () => {
    const { asked, codes, forms } = await both();
    expect(((await put(completed(forms, [response]))).json as Task).status).toBe('completed');
    expect([await statusOf(codes), await wanted(asked)]).toEqual(['requested', ['active', 'active', 'completed']]);
    const another = await both();
    expect((await attach(house, parametersOf({ tracking: another.asked.reference, member: 'PD1000005', contents: [document(null)] }))).status).toBe(200);
    expect([await statusOf(another.codes), await statusOf(another.forms), await wanted(another.asked)]).toEqual(['completed', 'completed', ['completed', 'completed', 'completed']]);
  });

  test('what comes with the one and answers the other closes the other, which has no output of its own', async () => {
    const { codes, forms } = await both();
    const answer = await put(completed(codes, [response]));
    expect([answer.status, (answer.json as Task).status, await statusOf(forms), (await stored<Task>(`Task/${forms.id}`)).output]).toEqual([200, 'requested', 'completed', undefined]);
  });

  test('rejected: only what that Task asks for is awaited no more; the other can still be answered, or rejected too', async () => {
    const { asked, codes, forms } = await both();
    expect(((await put({ ...forms, status: 'rejected' })).json as Task).status).toBe('rejected');
    expect([await statusOf(codes), await wanted(asked), await reviewOf(asked)]).toEqual(['requested', ['active', 'active', 'revoked'], 'pended; information was declined']);
    expect(((await put({ ...codes, status: 'rejected' })).json as Task).status).toBe('rejected');
    expect([await statusOf(forms), await wanted(asked)]).toEqual(['rejected', ['revoked', 'revoked', 'revoked']]);
    const third = await both();
    expect(((await put({ ...third.codes, status: 'rejected' })).json as Task).status).toBe('rejected');
    expect(((await put(completed(third.forms, [response]))).json as Task).status).toBe('completed');
    expect([await statusOf(third.codes), await wanted(third.asked)]).toEqual(['rejected', ['revoked', 'revoked', 'completed']]);
  });

  test('decided meanwhile, both are cancelled', async () => {
    const { asked, codes, forms } = await both();
    await decide(house, asked.claim, decision(certification));
    expect([await statusOf(codes), await statusOf(forms)]).toEqual(['cancelled', 'cancelled']);
  });
});

test('a Task of another kind is written as ever', async () => {
  const task = { resourceType: 'Task', id: 'own-task', status: 'completed', intent: 'order', identifier: [{ system: 'https://priora.health/fhir/information-request', value: 'R000000000' }] } as Task & { id: string };
  expect((await put({ ...task, status: 'requested' })).status).toBe(201);
  expect((await put(task)).status).toBe(200);
});
