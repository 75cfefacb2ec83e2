/**
 * What the server suites of the Inferno PAS kit (2.2.1) look at, group by group, on the showcase of the demo: decisions,
 * the pended flow, updates, must-support elements of all answers, errors. The kit's payloads were not looked at; requests
 * are our own, and what is checked is more than the kit does (PAS 2.2.1, and ../shared/reference/pas.md section 4).
 */
import type { Bundle, Parameters, Resource, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { profileNamed, unseen } from '../support/must-support.ts';
import { fullRequest, type FullRequest } from '../support/pas-full-request.ts';
import { actionsOf, claimResponseOf, inquire, resourceOf, returnedBundles, submit } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { asksAbout, cancelAll, cancelItem, flag, setQuantity, update } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

let runs = 0;
const asking = (services: readonly string[], options: Partial<FullRequest> = {}): Bundle => {
  const bundle = fullRequest({
    run: `K${(++runs).toString(16).padStart(7, '0')}A`, at: house.clock.now.toISOString(), asks: 'organization', services,
    member: { number: 'PD1000005', family: 'Tester', given: 'Sam', birthDate: '1980-01-01' }, ...options,
  });
  return bundle;
};
const answered = async (bundle: Bundle): Promise<Bundle> => {
  const answer = await submit(house, bundle);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json as Bundle;
};

const tasksOf = (answer: Bundle): Task[] => answer.entry!.flatMap(({ resource }) => resource?.resourceType === 'Task' && resource.status === 'requested' && resource.input ? [resource] : []);

/** The kit's structure checks: every reference resolves once, addresses are URLs or UUIDs of version 4, nothing of ours is relative. */
function structureFaults(answer: Bundle): string[] {
  const urls = answer.entry!.map(({ fullUrl }) => fullUrl!);
  const faults = urls.filter((url) => !/^https?:\/\//.test(url) && !/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(url)).map((url) => `address ${url}`);
  for (const { fullUrl, resource } of answer.entry!) {
    JSON.stringify(resource, (name, value: unknown) => {
      if (name === 'request' && resource!.resourceType === 'ClaimResponse') return undefined;
      if (name === 'reference' && typeof value === 'string') {
        const absolute = /^(https?:|urn:)/.test(value) ? value : `${fullUrl!.split('/').slice(0, -2).join('/')}/${value}`;
        if (urls.filter((url) => url === absolute).length !== 1) faults.push(`${resource!.resourceType}: ${value} is there ${urls.filter((url) => url === absolute).length} times`);
        if (absolute !== value && absolute.startsWith(house.fhir)) faults.push(`${resource!.resourceType}: ${value} is relative`);
      }
      return value;
    });
  }
  return faults;
}

test.each<[string, string[], Record<number, string>]>([
  ['an approval', ['A4253'], { 1: 'A1' }], ['a denial, on a fact of the contract', ['A9270'], { 1: 'A3' }], ['what is pended', ['E1390'], { 1: 'A4' }],
  ['a modification', ['E0601'], { 1: 'A6' }], ['some of each', ['A4253', 'A9270', 'E1390', 'E0601'], { 1: 'A1', 2: 'A3', 3: 'A4', 4: 'A6' }],
])('group 2: %s is decided as the showcase says, whoever asks', async (_, services, actions) => {
  for (const asks of ['organization', 'role'] as const) {
    const asked = asking(services, { asks });
    const answer = await answered(asked);
    expect(actionsOf(answer)).toEqual(actions);
    expect(structureFaults(answer)).toEqual([]);
    expect(faultsOf(answer, asked, { human: services.includes('E0601') })).toEqual([]);
  }
});

test('the same services on another plan are not played: nobody but a person modifies there', async () => {
  const asked = asking(['E0601'], { member: { number: 'PD1000001', family: 'Okafor', given: 'Amara', birthDate: '1951-03-09' } });
  expect(actionsOf(await answered(asked))).not.toEqual({ 1: 'A6' });
  const { rows } = await house.sql.query<{ count: number }>(`select count(*)::int as count from prior_authorization_event e join prior_authorization a on a.tenant = e.tenant and a.id = e.authorization_id where e.author like '%showcase%' and a.plan <> 'DEMO-SHOWCASE'`);
  expect(rows[0]!.count).toBe(0);
});

test('group 2.3: what is pended is decided by the reviewer of the showcase shortly after, certified or denied, by name', async () => {
  const asked = asking(['E1390', 'B4150', 'A4253']);
  const answer = await answered(asked);
  expect(actionsOf(answer)).toEqual({ 1: 'A4', 2: 'A4', 3: 'A1' });
  // The queue has it for some seconds from now; the test does not wait for them.
  await house.sql.query(`update graphile_worker._private_jobs set run_at = now()`);
  for (let round = 0; round < 3000; round++) {
    const now = returnedBundles(await inquire(house, asksAbout(asked, (claim) => { delete claim.extension; }))).find((each) => each.entry![0]!.fullUrl === answer.entry![0]!.fullUrl);
    if (actionsOf(now!)[1] === 'A4') continue;
    expect(actionsOf(now!)).toEqual({ 1: 'A1', 2: 'A3', 3: 'A1' });
    expect(JSON.stringify(claimResponseOf(now!).extension)).toContain('"wasHumanReviewedFlag","valueBoolean":true');
    return;
  }
  throw new Error('nobody decided');
});

test('group 2.4: updates echo the sequences that were sent, and have the current result of every item', async () => {
  const first = asking(['E0470', 'A4253']);
  const second = update(first, (claim) => { const { servicedPeriod: _days, ...line } = structuredClone(claim.item![1]!); claim.item!.push({ ...line, sequence: 3, servicedDate: '2026-09-09' }); flag(claim.item![2]!, 'added'); });
  const third = update(second, (claim) => { setQuantity(claim.item![0]!, 2); flag(claim.item![0]!, 'changed'); cancelItem(claim.item![1]!); });
  const fourth = update(third, (claim) => cancelAll(claim));
  const answers: Bundle[] = [];
  for (const each of [first, second, third, fourth]) answers.push(await answered(each));
  expect(answers.map((each) => Object.keys(actionsOf(each)))).toEqual([['1', '2'], ['1', '2', '3'], ['1', '2', '3'], ['1', '2', '3']]);
  expect(Object.values(actionsOf(answers[3]!))).toEqual(['C', 'C', 'C']);
  for (const each of answers) expect(structureFaults(each)).toEqual([]);
});

/** Profiles of answers, and the resources that the kit takes for them. */
const ofAnswers: readonly [string, (resource: Resource, bundle: Bundle) => boolean][] = [
  ['communication_request', ({ resourceType }) => resourceType === 'CommunicationRequest'], ['task', ({ resourceType }) => resourceType === 'Task'],
  ['beneficiary', ({ resourceType }) => resourceType === 'Patient'], ['practitioner', ({ resourceType }) => resourceType === 'Practitioner'], ['practitioner_role', ({ resourceType }) => resourceType === 'PractitionerRole'],
  ['insurer', ({ resourceType, id }) => resourceType === 'Organization' && id === 'payer'], ['requestor', ({ resourceType, id }) => resourceType === 'Organization' && id === 'clinic'],
];

function missing(bundles: readonly Bundle[], profiles: readonly [string, (resource: Resource, bundle: Bundle) => boolean][]): string[] {
  return profiles.flatMap(([name, takes]) => {
    const profile = profileNamed(name);
    return profile ? unseen(profile, bundles.flatMap((bundle) => [bundle, ...bundle.entry!.map(({ resource }) => resource!)].filter((resource) => takes(resource, bundle)))).map((path) => `${name}: ${path}`) : [];
  });
}

const unknownMember = (): Bundle => {
  const bundle = asking(['A4253']);
  for (const { resource } of bundle.entry!) if (resource?.resourceType === 'Patient' || resource?.resourceType === 'Coverage') resource.identifier![0]!.value = 'PD0000000';
  resourceOf(bundle, 'Coverage').subscriberId = 'PD0000000';
  return bundle;
};

test('conf-6: the answers of the showcase to $submit have every must-support element', async () => {
  const answers: Bundle[] = [];
  for (const each of [asking(['A4253']), asking(['E0601', 'A4253'], { asks: 'role' }), asking(['E0470']), asking(['A9999']), unknownMember()]) answers.push(await answered(each));
  expect(missing(answers, [['claimresponse', ({ resourceType }) => resourceType === 'ClaimResponse'], ['pas_response_bundle', ({ resourceType }) => resourceType === 'Bundle'], ...ofAnswers])).toEqual([]);
});

test('conf-6: its answers to $inquire have them too', async () => {
  const asked = [asking(['A4253', 'A4253']), asking(['E0601'], { asks: 'role' }), asking(['E0470']), asking(['A9999'])];
  for (const each of asked) await answered(each);
  const answers: Bundle[] = [];
  for (const each of [...asked, unknownMember()]) {
    const answer = await inquire(house, asksAbout(each, (claim) => { delete claim.extension; }));
    expect([answer.status, (answer.json as Parameters).resourceType]).toEqual([200, 'Parameters']);
    answers.push(...returnedBundles(answer));
  }
  for (const each of answers) expect(structureFaults(each)).toEqual([]);
  expect(missing(answers, [['claiminquiryresponse', ({ resourceType }) => resourceType === 'ClaimResponse'], ['pas_inquiry_response_bundle', ({ resourceType }) => resourceType === 'Bundle'], ...ofAnswers])).toEqual([]);
});

test('ainfo-3, ainfo-6: with LOINC 102089-0 the number of the request is the context of the questionnaire, on the Task too', async () => {
  const answer = await answered(asking(['E0470']));
  const asked = answer.entry!.flatMap(({ resource }) => resource?.resourceType === 'CommunicationRequest' && resource.payload?.[0]?.contentString === '102089-0' ? [resource.identifier![0]!.value] : []);
  const context = tasksOf(answer).flatMap(({ input }) => input!).flatMap(({ type, valueString }) => type.coding![0]!.code === 'questionnaire-context' ? [valueString] : []);
  expect([asked.length, context]).toEqual([1, asked]);
});

test('ainfo-7: what codes ask for and what questionnaires ask for are in Tasks of their own, in the answer and over REST', async () => {
  const answer = await answered(asking(['E0470', 'E0470']));
  const told = (tasks: readonly Task[]): unknown => Object.fromEntries(tasks.map(({ code, input }) => [code!.coding![0]!.code, input!.map(({ type, extension }) => [type.coding![0]!.code, extension?.[0]?.valuePositiveInt])]));
  expect(told(tasksOf(answer))).toEqual({
    'attachment-request-code': [['payer-url', undefined], ['attachments-needed', 1], ['attachments-needed', 2]],
    'attachment-request-questionnaire': [['payer-url', undefined], ['questionnaire-context', 1], ['questionnaire-context', 2]],
  });
  const stored = (await send('GET', `${house.fhir}/Task?identifier=${tasksOf(answer)[0]!.identifier![0]!.system}|${tasksOf(answer)[0]!.identifier![0]!.value}`)).json as Bundle;
  expect(told(tasksOf(stored))).toEqual(told(tasksOf(answer)));
  expect(tasksOf(await answered(asking(['E1390'])))).toEqual([]);
});

test('the metadata would notice what is missing', async () => {
  const answer = await answered(asking(['A4253']));
  const found = missing([answer], [['claimresponse', ({ resourceType }) => resourceType === 'ClaimResponse'], ...ofAnswers]);
  const wanted = ['claimresponse: ClaimResponse.request.extension:DataAbsentReason', 'claimresponse: addItem', 'claimresponse: error', 'task: status'];
  expect(profileNamed('task') ? found : wanted).toEqual(expect.arrayContaining(wanted));
});

test('group 4: an empty Bundle is answered with an OperationOutcome, and no 2xx', async () => {
  const empty = { resourceType: 'Bundle', type: 'collection', entry: [] };
  for (const answer of [await submit(house, empty), await inquire(house, empty)]) {
    expect(Math.floor(answer.status / 100)).toBe(4);
    expect((answer.json as { resourceType: string }).resourceType).toBe('OperationOutcome');
  }
});
