/**
 * Documents that come after a request, by CDex $submit-attachment: they find their authorization, join its evidence and
 * bring the review on. Source: PAS 2.2.1 "Requesting additional information"; CDex 2.1.0 "Attachments".
 */
import type { Bundle, Claim, CommunicationRequest, Parameters, Resource, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { announcing as announcingIn, asking as askingOf, attach as attachTo, document, parametersOf, problemsOf, type Asking } from '../support/pas-attachments.ts';
import { actionsOf, certification, decide, decision, pendingRequest, request, resourceOf, submitted, tableCounts } from '../support/pas-requests.ts';
import { sharedJson } from '../support/shared.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const attach = (parameters: unknown): Promise<TestAnswer> => attachTo(house, parameters);
const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;

const asking = (lines = 1): Promise<Asking> => askingOf(house, lines);
const current = async (claim: string): Promise<Bundle> => (await decide(house, claim, decision({ action: 'pend' }))).json as Bundle;

describe('what is refused', () => {
  test.each<[string, (parameters: Parameters) => unknown, number, unknown[]]>([
    ['a Bundle', () => ({ resourceType: 'Bundle', type: 'collection' }), 422, ['attachment-invalid']],
    ['nothing in it', () => ({ resourceType: 'Parameters', parameter: [] }), 422, ['attachment-invalid', 'attachment-invalid', 'attachment-invalid', 'attachment-invalid']],
    ['an attachment to a claim', (sent) => ({ ...sent, parameter: sent.parameter!.map((each) => each.name === 'AttachTo' ? { ...each, valueCode: 'claim' } : each) }), 422, ['attachment-invalid']],
    ['two members', (sent) => ({ ...sent, parameter: [...sent.parameter!, sent.parameter!.find(({ name }) => name === 'MemberId')] }), 422, ['attachment-invalid']],
    ['an attachment without a content', (sent) => ({ ...sent, parameter: sent.parameter!.map((each) => each.name === 'Attachment' ? { name: 'Attachment', part: [] } : each) }), 422, ['attachment-invalid']],
  ])('%s', async (_, change, status, codes) => {
    const { tracking, member } = await asking();
    const answer = await attach(change(parametersOf({ tracking: tracking[0]!, member })));
    expect([answer.status, problemsOf(answer)]).toEqual([status, codes]);
  });

  test('a right tracking number with the number of nobody; what is no document and was not asked for: nothing is recorded', async () => {
    const { tracking, member } = await asking();
    const before = await tableCounts(house.sql);
    const observation = resourceOf(pendingRequest(house), 'Observation');
    const answers = [await attach(parametersOf({ tracking: tracking[0]!, member: 'PD0000000' })), await attach(parametersOf({ tracking: 'NOBODYS-1', member, contents: [{ ...observation, subject: { display: 'The member' } }] }))];
    expect(answers.map((answer) => [answer.status, problemsOf(answer)])).toEqual([[422, ['attachment-unmatched']], [422, ['attachment-unmatched']]]);
    expect(await tableCounts(house.sql)).toEqual({ ...before, landing: before['landing']! + 2 });
  });

  test('a right tracking number with another member\'s: the review hears of nothing', async () => {
    const { claim, tracking } = await asking();
    const other = resourceOf(request(house, { member: 'demo-lena-fischer' }), 'Coverage').identifier![0]!.value!;
    expect((await attach(parametersOf({ tracking: tracking[0]!, member: other }))).json.issue[0].details.text).toContain('kept');
    expect((await stored<Claim>(`Claim/${claim}`)).meta!.versionId).toBe('1');
  });

  test('a document about somebody else', async () => {
    const { tracking, member } = await asking();
    const other = { ...document(), subject: { identifier: { value: 'PD0000000' } } } as Resource;
    expect(problemsOf(await attach(parametersOf({ tracking: tracking[0]!, member, contents: [other] })))).toEqual(['attachment-of-another']);
  });

  test('a line that is not there; a line in words', async () => {
    const { tracking, member } = await asking();
    expect(problemsOf(await attach(parametersOf({ tracking: tracking[0]!, member, items: [7] })))).toEqual(['attachment-invalid']);
    expect(problemsOf(await attach(parametersOf({ tracking: tracking[0]!, member, items: [Number.NaN] })))).toEqual(['attachment-invalid']);
  });

  test('what is no evidence: a decision, a Task', async () => {
    const { tracking, member } = await asking();
    for (const resource of [{ resourceType: 'ClaimResponse', status: 'active' }, { resourceType: 'Task', status: 'completed', intent: 'order' }] as unknown as Resource[]) {
      expect([(await attach(parametersOf({ tracking: tracking[0]!, member, contents: [resource] }))).status]).toEqual([422]);
    }
  });
});

describe('what comes of documents', () => {
  test('the Task of PAS is found by its tracking number, and follows: asked for, and completed when all has come', async () => {
    const { tracking, member, reference } = await asking();
    const taskNow = async (): Promise<(string | undefined)[]> => ((await stored<Bundle>(`Task?identifier=https://priora.health/fhir/information-request|${reference}`)).entry ?? []).map(({ resource }) => (resource as Task).status);
    expect(await taskNow()).toEqual(['requested']);
    for (const number of tracking) expect((await attach(parametersOf({ tracking: number, member }))).status).toBe(200);
    expect(await taskNow()).toEqual(['completed']);
  });

  test('one that was asked for joins the record; it is asked for no more, and the reviewer\'s Task says that it has come', async () => {
    const { claim, tracking, member, requests, response } = await asking();
    const answer = await attach(parametersOf({ tracking: tracking[0]!, member }));
    expect([answer.status, answer.json.issue[0].severity, answer.headers.get('priora-delivery-outcome')]).toEqual([200, 'information', 'answered']);
    const now = await stored<Claim>(`Claim/${claim}`);
    const added = now.supportingInfo!.at(-1)!;
    const kept = await stored<{ subject: { reference: string }; meta: { versionId: string } }>(added.valueReference!.reference!);
    expect([now.meta!.versionId, now.item![0]!.informationSequence?.includes(added.sequence), kept.subject.reference]).toEqual(['2', true, now.patient.reference]);
    expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[0]!.id}`)).status).toBe('completed');
    const tasks = (await send('GET', `${house.fhir}/Task?focus=ClaimResponse/${response}&code=review-prior-authorization`)).json as Bundle;
    expect((tasks.entry![0]!.resource as Task).businessStatus?.text).toContain('information has come');
    expect(actionsOf(await current(claim))).toEqual({ 1: 'A4' });
  });

  test('evidence that settles the criterion certifies, by the rule that had asked for it', async () => {
    const { claim, reference, member } = await asking();
    const observation = resourceOf(pendingRequest(house, { saturation: 85 }), 'Observation');
    // Measured later than what came with the request, and about whom is said by the member's number alone.
    const { subject: _whom, ...rest } = { ...observation, effectiveDateTime: new Date(house.clock.now.getTime() - 1000).toISOString() };
    const answer = await attach(parametersOf({ tracking: reference, member, contents: [rest] }));
    expect(answer.status).toBe(200);
    const { rows } = await house.sql.query('select status from prior_authorization_item i join prior_authorization a on a.id = i.authorization_id where a.claim = $1', [claim]);
    expect(rows).toEqual([{ status: 'certified' }]);
  });

  test('more to come (Final false): kept, and still asked for', async () => {
    const { claim, tracking, member, requests } = await asking();
    expect((await attach(parametersOf({ tracking: tracking[0]!, member, more: [{ name: 'Final', valueBoolean: false }] }))).status).toBe(200);
    expect((await stored<Claim>(`Claim/${claim}`)).meta!.versionId).toBe('2');
    expect((await stored<CommunicationRequest>(`CommunicationRequest/${requests[0]!.id}`)).status).toBe('active');
  });

  test('for one line of several: only what was asked for there has come', async () => {
    const { requests, reference, member } = await asking(2);
    const [first, second] = [1, 2].map((item) => requests.find(({ extension }) => extension![0]!.valuePositiveInt === item)!);
    expect((await attach(parametersOf({ tracking: reference, member, items: [2], code: second!.payload![0]!.contentString! }))).status).toBe(200);
    expect([(await stored<CommunicationRequest>(`CommunicationRequest/${first!.id}`)).status, (await stored<CommunicationRequest>(`CommunicationRequest/${second!.id}`)).status]).toEqual(['active', 'completed']);
  });

  test('the same again gets the same answer and makes nothing', async () => {
    const { tracking, member } = await asking();
    const text = JSON.stringify(parametersOf({ tracking: tracking[0]!, member }));
    const first = await attach(text);
    const before = await tableCounts(house.sql);
    const again = await attach(text);
    expect([again.text, again.headers.get('priora-delivery-outcome'), await tableCounts(house.sql)]).toEqual([first.text, 'repeated', before]);
  });

  test('after the decision: kept with the request, nothing is decided anew', async () => {
    const { claim, reference, member } = await asking();
    await decide(house, claim, decision(certification));
    expect((await attach(parametersOf({ tracking: reference, member }))).status).toBe(200);
    const { rows } = await house.sql.query(`select kind from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 order by sequence desc limit 1`, [claim]);
    expect(rows).toEqual([{ kind: 'received' }]);
  });

  test('a Bundle is taken apart, a document stays whole', async () => {
    const { claim, reference, member } = await asking();
    const collection: Resource = { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:6f1a2b3c-0000-4000-8000-000000000001', resource: document() }, { fullUrl: 'urn:uuid:6f1a2b3c-0000-4000-8000-000000000002', resource: document('18842-5') }] };
    const signed: Resource = { resourceType: 'Bundle', type: 'document', timestamp: '2026-03-01T10:00:00Z', entry: [{ resource: { resourceType: 'Composition', status: 'final', type: { text: 'Note' }, date: '2026-03-01', author: [{ display: 'Dr. Moreau' }], title: 'Note' } as never }] };
    expect((await attach(parametersOf({ tracking: reference, member, contents: [collection, signed] }))).status).toBe(200);
    const references = (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.slice(-3).map(({ valueReference }) => valueReference!.reference!);
    const kinds = await Promise.all(references.map(async (each) => (await stored<{ content: { attachment: { contentType: string } }[] }>(each)).content[0]!.attachment.contentType));
    expect(kinds).toEqual(['text/plain', 'text/plain', 'application/fhir+json']);
  });
});

describe('documents that nobody asked for', () => {
  let numbers = 0;
  const ownNumber = (): string => { numbers += 1; return `CLINIC-${numbers}`; };
  const member = (): string => resourceOf(pendingRequest(house), 'Coverage').identifier![0]!.value!;

  const announcing = (number: string): Bundle => announcingIn(house, number);

  test('are kept, and become the evidence of the request that names their number, without a copy', async () => {
    const number = ownNumber();
    const answer = await attach(parametersOf({ tracking: number, member: member() }));
    expect([answer.status, answer.json.issue[0].details.text]).toEqual([200, '1 attachment has been kept for a prior authorization request that names the tracking number.']);
    const kept = ((await send('GET', `${house.fhir}/DocumentReference?identifier=${number}`)).json as Bundle).entry!.map(({ resource }) => resource!);
    expect(kept).toHaveLength(1);
    const { claim } = await submitted(house, announcing(number));
    const info = (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.find(({ sequence }) => sequence === 40)!;
    expect(info.valueReference?.reference).toBe(`DocumentReference/${kept[0]!.id}`);
    expect(((await send('GET', `${house.fhir}/DocumentReference?identifier=${number}`)).json as Bundle).entry).toHaveLength(1);
    // And it is still the same document when the request is changed.
    const again = await attach(parametersOf({ tracking: number, member: member(), contents: [document('18842-5')] }));
    expect(again.json.issue[0].details.text).toContain('whose review goes on');
    expect((await stored<Claim>(`Claim/${claim}`)).supportingInfo!.find(({ sequence }) => sequence === 40)!.valueReference?.reference).toBe(`DocumentReference/${kept[0]!.id}`);
  });

  test('come after the request that has named their number', async () => {
    const number = ownNumber();
    const { claim } = await submitted(house, announcing(number));
    expect((await attach(parametersOf({ tracking: number, member: member() }))).json.issue[0].details.text).toContain('whose review goes on');
    expect((await stored<Claim>(`Claim/${claim}`)).meta!.versionId).toBe('2');
  });

  test('of another member stay where they are, whatever the request names', async () => {
    const number = ownNumber();
    const other = resourceOf(request(house, { member: 'demo-lena-fischer' }), 'Coverage').identifier![0]!.value!;
    await attach(parametersOf({ tracking: number, member: other }));
    const { claim } = await submitted(house, announcing(number));
    expect((await stored<Claim>(`Claim/${claim}`)).supportingInfo!.find(({ sequence }) => sequence === 40)!.valueReference?.reference).toBeUndefined();
  });
});

test.each(['5'])('the official example %s of CDex, under our numbers', async (name) => {
  const example = sharedJson('pas-examples', 'cdex-2.1.0')?.get(`cdex-parameters-example${name}.json`);
  if (example === undefined) return;
  const { reference, member, claim } = await asking();
  const parameters = JSON.parse(example.text.replaceAll('Member123', member)) as Parameters;
  for (const each of parameters.parameter!) if (each.name === 'TrackingId' || each.name === 'AdminRefNumber') each.valueIdentifier = { value: reference };
  const answer = await attach(parameters);
  expect([answer.status, answer.status === 200 ? [] : answer.json.issue]).toEqual([200, []]);
  expect((await stored<Claim>(`Claim/${claim}`)).supportingInfo!.at(-1)!.valueReference!.reference).toMatch(/^QuestionnaireResponse\//);
});
