/**
 * PAS 2.0.1 beside 2.2.1: the same authorizations at an address of their own, answered as the older guide has them.
 * Every answer is held against the older guide's own profiles (spec-5, spec-6, conf-1 to conf-3).
 */
import type { Bundle, ClaimResponse, CommunicationRequest, Extension, Task } from '@medplum/fhirtypes';
import { hcpcsService } from '../../server/demo/requests.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, claimResponseOf, decide, decision, denial, excludedRequest, pendingRequest, request, resourceOf, storedClaimId, submitted, withItems } from '../support/pas-requests.ts';
import { asksAbout, withNumber } from '../support/pas-updates.ts';
import { errorsOf, openGuides, type Guide } from '../suites/ig-examples.ts';

let house: TestHouse;
let older: string;
let guide: Guide | undefined;
beforeAll(async () => {
  [guide] = await openGuides((name) => name === 'hl7.fhir.us.davinci-pas-2.0.1');
  house = await openHouse({ demo: true });
  older = `${house.origin}/pas/2.0.1/fhir`;
});
afterAll(async () => { await house.close(); });

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';

/** What of ours breaks the older guide: the sender's own resources are his, and X12's lists are not to be had. */
function faults(answer: Bundle, asked: Bundle): string[] {
  if (!guide) return [];
  const sent = new Set((asked.entry ?? []).map(({ fullUrl }) => fullUrl));
  const known = new Set((guide.package.resources).map((resource) => String(resource['url'])));
  const ours = (answer.entry ?? []).filter(({ fullUrl }) => !sent.has(fullUrl)).map(({ resource }) => resource!);
  return [
    ...ours.flatMap((resource) => errorsOf(guide!.validate, resource).filter(({ code, expression }) => code !== 'extension-context' || !isContradicted(resource, expression)).map(({ code, expression }) => `${resource.resourceType} ${code} ${expression ?? ''}`)),
    ...ours.flatMap((resource) => [...urlsIn(resource)].filter((url) => url.startsWith(structure) && !known.has(url)).map((url) => `${url} is not of 2.0.1`)),
  ];
}

/** The older guide has these extensions on items, Must Support, and their contexts forget to allow it. */
function isContradicted(resource: unknown, expression: string): boolean {
  const [, item, index] = /^ClaimResponse\.item\[(\d+)\]\.extension\[(\d+)\]$/.exec(expression) ?? [];
  return ['administrationReferenceNumber', 'communicatedDiagnosis'].some((name) => (resource as ClaimResponse).item?.[Number(item)]?.extension?.[Number(index)]?.url === `${structure}/extension-${name}`);
}

function* urlsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const each of value) yield* urlsIn(each);
  else if (typeof value === 'object' && value !== null) for (const [name, each] of Object.entries(value)) {
    if (name === 'url' && typeof each === 'string') yield each;
    else yield* urlsIn(each);
  }
}

const extensionOf = (holder: { extension?: Extension[] } | undefined, name: string): Extension | undefined => holder?.extension?.find(({ url }) => url === `${structure}/extension-${name}` || url === name);
const ofType = <T>(bundle: Bundle, type: string): T[] => bundle.entry!.filter(({ resource }) => resource?.resourceType === type).map(({ resource }) => resource as T);

test.each([
  ['a version that is not served', '/pas/9.9.9/fhir/metadata'], ['no version', '/pas//fhir/metadata'], ['a version alone', '/pas/2.0.1'], ['what is no FHIR base', '/pas/2.0.1/x12'],
  ['health', '/pas/2.0.1/healthz'], ['a version in a version', '/pas/2.0.1/pas/2.2.1/fhir/metadata'], ['a tenant in a version', '/pas/2.0.1/tenant/acme/fhir/metadata'], ['a base that only begins so', '/pas/2.0.1/fhirs'],
])('not there: %s', async (_name, path) => {
  const answer = await send('GET', `${house.origin}${path}`);
  expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([404, 'no-such-route']);
});

test('an empty Bundle is refused as at the current base', async () => {
  for (const operation of ['submit', 'inquire']) {
    const { status, json } = await send('POST', `${older}/Claim/$${operation}`, { resourceType: 'Bundle', type: 'collection', entry: [] });
    expect([status, json.resourceType]).toEqual([400, 'OperationOutcome']);
  }
});

test('the whole FHIR base is there, and speaks of itself', async () => {
  expect((await send('GET', `${older}/metadata`)).json.implementation.url).toBe(older);
  expect((await send('GET', `${house.fhir}/metadata`)).json.implementation.url).toBe(house.fhir);
  const guideAt = async (base: string): Promise<unknown> => (await send('GET', `${base}/metadata`)).json.implementationGuide;
  expect([await guideAt(older), await guideAt(house.fhir)]).toEqual(['2.0.1', '2.2.1'].map((version) => [`http://hl7.org/fhir/us/davinci-pas/ImplementationGuide/hl7.fhir.us.davinci-pas|${version}`]));
  const created = await send('POST', `${older}/Patient`, { resourceType: 'Patient' });
  expect(created.headers.get('location')).toBe(`${older}/Patient/${String(created.json.id)}/_history/1`);
  expect((await send('GET', `${house.fhir}/Patient/${String(created.json.id)}`)).text).toBe(created.text);
});

test('certified at once', async () => {
  const asked = request(house);
  const { status, json } = await send('POST', `${older}/Claim/$submit`, asked);
  expect(status).toBe(200);
  expect(faults(json, asked)).toEqual([]);
  expect(actionsOf(json)).toEqual({ 1: 'A1' });
  const response = claimResponseOf(json);
  expect([response.outcome, response.preAuthRef === undefined, response.extension, response.adjudication]).toEqual(['complete', false, undefined, undefined]);
  expect(extensionOf(extensionOf(response.item![0], 'itemAuthorizedProvider'), 'providerType')?.valueCodeableConcept).toBeDefined();
  expect(json.entry[0].fullUrl.startsWith(`${older}/ClaimResponse/`)).toBe(true);
  expect(JSON.stringify(json)).not.toContain(`"${house.fhir}/`);
});

describe('time that is taken or given back is told in the older shape, at the older base', () => {
  const moved = (claim: string, action: 'extend' | 'downgrade', base = older): ReturnType<typeof send> => send('POST', `${base}/Claim/${claim}/$${action}`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'author', valueReference: { display: 'Dr. Ines Moreau' } }, { name: 'reason', valueCode: action === 'extend' ? 'information-needed' : 'not-urgent' }, { name: 'text', valueString: 'The sleep study is missing.' },
      { name: 'notice', valueString: 'We tell you by then.' },
    ],
  });
  const pended = async (isUrgent: boolean): Promise<{ asked: Bundle; claim: string }> => {
    const asked = pendingRequest(house);
    if (isUrgent) claimOf(asked).extension = [...claimOf(asked).extension ?? [], { url: `${structure}/extension-levelOfServiceCode`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/1338', code: 'U' }] } }];
    const { json } = await send('POST', `${older}/Claim/$submit`, asked);
    return { asked, claim: await storedClaimId(house, json as Bundle) };
  };

  test('refused as at the current base, in its own words', async () => {
    const { claim } = await pended(false);
    for (const base of [older, house.fhir]) {
      const answer = await moved(claim, 'downgrade', base);
      expect([answer.status, answer.json.resourceType, answer.json.issue[0].details.coding[0].code]).toEqual([409, 'OperationOutcome', 'clock-not-allowed']);
    }
    expect((await moved('nobody', 'extend')).status).toBe(404);
  });

  test.each([['extend', false, 14 + 7], ['downgrade', true, 7]] as const)('$%s', async (action, isUrgent, days) => {
    const { asked, claim } = await pended(isUrgent);
    const { status, json } = await moved(claim, action);
    expect(status).toBe(200);
    expect(faults(json as Bundle, asked)).toEqual([]);
    const response = claimResponseOf(json as Bundle);
    expect([actionsOf(json as Bundle), response.extension, response.item![0]!.noteNumber!.length > 0]).toEqual([{ 1: 'A4' }, undefined, true]);
    const due = new Date(house.clock.now.getTime() + days * 86_400_000).toISOString();
    expect(response.processNote!.map(({ text }) => text)).toEqual(expect.arrayContaining(['We tell you by then.', `A decision is due by ${due}.`]));
    expect((json as Bundle).entry![0]!.fullUrl!.startsWith(`${older}/ClaimResponse/`)).toBe(true);
    expect(JSON.stringify(json)).not.toContain(`"${house.fhir}/`);
    // And what it moved is the same authorization's time.
    const { rows } = await house.sql.query<{ due_at: Date }>('select due_at from prior_authorization where claim = $1', [claim]);
    expect(rows[0]!.due_at.toISOString()).toBe(due);
  });
});

test('denied, with the reason', async () => {
  const asked = excludedRequest(house);
  const { json } = await send('POST', `${older}/Claim/$submit`, asked);
  expect(faults(json, asked)).toEqual([]);
  expect(actionsOf(json)).toEqual({ 1: 'A3' });
});

test('rejected, with the X12 code', async () => {
  const asked = request(house);
  resourceOf(asked, 'Patient').identifier![0]!.value = 'PD0000000';
  const coverage = resourceOf(asked, 'Coverage');
  coverage.identifier![0]!.value = 'PD0000000';
  coverage.subscriberId = 'PD0000000';
  const { status, json } = await send('POST', `${older}/Claim/$submit`, asked);
  expect([status, claimResponseOf(json).outcome]).toEqual([200, 'error']);
  expect(faults(json, asked)).toEqual([]);
});

test('pended: queued, and what is wanted as the older guide asks for it', async () => {
  const asked = request(house, { member: 'demo-daniel-reyes', service: hcpcsService('E1390'), category: '12', placeOfService: '12', diagnosis: 'J44.9' });
  const { json } = await send('POST', `${older}/Claim/$submit`, asked);
  expect(faults(json, asked)).toEqual([]);
  expect([actionsOf(json), claimResponseOf(json).outcome]).toEqual([{ 1: 'A4' }, 'queued']);
  const [wanted] = ofType<CommunicationRequest>(json, 'CommunicationRequest');
  expect([wanted?.extension, extensionOf(wanted?.payload?.[0], 'serviceLineNumber')?.valuePositiveInt]).toEqual([undefined, 1]);
  const [task] = ofType<Task>(json, 'Task');
  const document = task?.input?.find((input) => input.type.coding?.[0]?.code === 'attachments-needed');
  expect([extensionOf(document, 'paLineNumber')?.valueInteger, task?.requester !== undefined, task?.owner !== undefined]).toEqual([1, true, true]);
  expect(task?.input?.find((input) => input.valueUrl)?.valueUrl).toBe(older);
});

test('modified by a person: what was authorized is on the item', async () => {
  const asked = pendingRequest(house);
  const { json: first } = await send('POST', `${older}/Claim/$submit`, asked);
  const { claim } = await submitted(house, asked);
  await decide(house, claim, decision({ action: 'modify', reason: '0V', text: 'Half of it is needed.', more: [{ name: 'quantity', valueQuantity: { value: 1 } }] }));
  const { json } = await send('POST', `${older}/Claim/$inquire`, asksAbout(asked, (each) => withNumber(each, extensionOf(claimResponseOf(first).item![0], 'administrationReferenceNumber')!.valueString!)));
  expect(faults(json, asked)).toEqual([]);
  expect(actionsOf(json)).toEqual({ 1: 'A6' });
  const response: ClaimResponse = claimResponseOf(json);
  expect([response.addItem, extensionOf(extensionOf(response.item![0], 'itemAuthorizedDetail'), 'quantity')?.valueQuantity?.value]).toEqual([undefined, 1]);
});

test('a decision is answered in the older shape too', async () => {
  const asked = pendingRequest(house);
  const { claim } = await submitted(house, asked);
  const { status, json } = await send('POST', `${older}/Claim/${claim}/$decide`, decision(certification));
  expect([status, actionsOf(json), claimResponseOf(json).extension]).toEqual([200, { 1: 'A1' }, undefined]);
  expect(faults(json, asked)).toEqual([]);
  expect(JSON.stringify(json)).not.toContain(`"${house.fhir}/`);
});

test('some certified, some pended: partial', async () => {
  const asked = withItems(request(house), 2, (item, index) => { if (index === 1) item.productOrService = { coding: [{ system: 'https://bluebutton.cms.gov/resources/codesystem/hcpcs', code: 'E1390' }] }; });
  const { json } = await send('POST', `${older}/Claim/$submit`, asked);
  expect(faults(json, asked)).toEqual([]);
  expect([actionsOf(json), claimResponseOf(json).outcome]).toEqual([{ 1: 'A1', 2: 'A4' }, 'partial']);
});

test('an inquiry is answered by one Bundle, whatever it finds', async () => {
  const [one, two] = [request(house, { member: 'demo-lena-fischer' }), pendingRequest(house, { member: 'demo-lena-fischer' })];
  for (const asked of [one, two]) await send('POST', `${house.fhir}/Claim/$submit`, asked);
  const inquiry = asksAbout(one);
  const { json } = await send('POST', `${older}/Claim/$inquire`, inquiry);
  expect([json.resourceType, json.type]).toEqual(['Bundle', 'collection']);
  const current = (await send('POST', `${house.fhir}/Claim/$inquire`, inquiry)).json;
  expect(ofType(json, 'ClaimResponse').length).toBe(current.parameter.length);
  expect(current.parameter.length).toBeGreaterThan(1);
  const urls = json.entry.map(({ fullUrl }: { fullUrl: string }) => fullUrl);
  expect(new Set(urls).size).toBe(urls.length);
  expect(json.entry[0].resource.resourceType).toBe('ClaimResponse');
});

test('an inquiry that finds nothing says so', async () => {
  const asked = request(house);
  const { status, json } = await send('POST', `${older}/Claim/$inquire`, asksAbout(asked, (each) => withNumber(each, 'A-NOT-GIVEN')));
  expect([status, json.resourceType, json.entry.length, json.entry[0].resource.resourceType]).toEqual([200, 'Bundle', 1, 'OperationOutcome']);
  expect(json.entry[0].fullUrl).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test('the same authorization at both: submitted here, decided, asked for there', async () => {
  const asked = pendingRequest(house);
  await send('POST', `${older}/Claim/$submit`, asked);
  const { claim } = await submitted(house, asked);
  await decide(house, claim, decision(certification));
  const inquiry = asksAbout(asked);
  const there = (await send('POST', `${older}/Claim/$inquire`, inquiry)).json;
  const here = (await send('POST', `${house.fhir}/Claim/$inquire`, inquiry)).json.parameter.map(({ resource }: { resource: Bundle }) => resource);
  const numbers = (bundles: Bundle[]): string[] => bundles.flatMap((bundle) => ofType<ClaimResponse>(bundle, 'ClaimResponse')).map(({ preAuthRef }) => preAuthRef ?? '').toSorted((a, b) => a.localeCompare(b));
  expect(numbers([there])).toEqual(numbers(here));
});

test('a delivery that is repeated at the other base is the same delivery, in that base\'s shape', async () => {
  const asked = request(house);
  const here = await send('POST', `${house.fhir}/Claim/$submit`, asked);
  const there = await send('POST', `${older}/Claim/$submit`, asked);
  expect(there.headers.get('priora-delivery-outcome')).toBe('repeated');
  expect(claimResponseOf(there.json).id).toBe(claimResponseOf(here.json).id);
  expect([claimResponseOf(here.json).extension?.length, claimResponseOf(there.json).extension]).toEqual([expect.any(Number), undefined]);
});

test('a denial by a person keeps its reason', async () => {
  const asked = pendingRequest(house);
  const { claim } = await submitted(house, asked);
  await decide(house, claim, decision(denial));
  const { json } = await send('POST', `${older}/Claim/$inquire`, asksAbout(asked));
  expect(ofType<ClaimResponse>(json, 'ClaimResponse').some(({ processNote }) => processNote?.some(({ text }) => text === denial.text))).toBe(true);
});

test('the current version has an address that stays when there is a newer one', async () => {
  const asked = request(house);
  const { json } = await send('POST', `${house.origin}/pas/2.2.1/fhir/Claim/$submit`, asked);
  expect([json.entry[0].fullUrl.startsWith(`${house.origin}/pas/2.2.1/fhir/`), claimResponseOf(json).extension?.length]).toEqual([true, expect.any(Number)]);
});
