/** Which requests for information a document answers, and that it can stand for nothing else of the request. */
import type { Bundle, Claim, CommunicationRequest, Resource, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { asking, attach, document, loinc, parametersOf, textsOf, type Asking } from '../support/pas-attachments.ts';
import { claimOf } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;
const statuses = async ({ requests }: Asking): Promise<string[]> => Promise.all(requests.map(async ({ id }) => (await stored<{ status: string }>(`CommunicationRequest/${id}`)).status));
const kindOf = ({ payload }: CommunicationRequest): string => payload![0]!.contentString!;
const all = (asked: Asking, status: string): string[] => asked.requests.map(() => status);
const unasked = (): Resource => document('11506-3', 'A progress note.');

describe('a document of a kind that nobody asked for', () => {
  test('under the number of the authorization: kept with it, in front of the reviewer, and what was asked for is still expected', async () => {
    const asked = await asking(house, 2);
    const answer = await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [unasked()] }));
    expect([answer.status, ...textsOf(answer)]).toEqual([200, '1 attachment has been added to the prior authorization, whose review goes on.', 'What was sent is of a kind that was not asked for: the reviewer has it, and what was asked for is still expected.']);
    expect(await statuses(asked)).toEqual(all(asked, 'active'));
    const now = await stored<Claim>(`Claim/${asked.claim}`);
    const added = now.supportingInfo!.at(-1)!;
    expect(added.valueReference!.reference).toMatch(/^DocumentReference\//);
    expect(now.item!.every(({ informationSequence }) => informationSequence!.includes(added.sequence))).toBe(true);
    const tasks = await stored<Bundle>(`Task?focus=ClaimResponse/${asked.response}&code=review-prior-authorization`);
    expect((tasks.entry![0]!.resource as Task).businessStatus?.text).toContain('information has come');
  });

  test.each<[string, () => Resource]>([
    ['said by the attachment alone', () => document(null)],
    ['beside a report type of X12', () => ({ ...document(null), type: { coding: [{ system: 'https://codesystem.x12.org/005010/755', code: 'AE' }, { system: loinc, code: '11506-3' }] } } as Resource)],
    ['as a category', () => ({ ...document(null), category: [{ coding: [{ system: loinc, code: '11506-3' }] }] } as Resource)],
    ['without its system', () => ({ ...document(null), type: { coding: [{ code: '11506-3' }] } } as Resource)],
    ['of a detail that is no document', () => ({ resourceType: 'Observation', status: 'final', code: { text: 'Smokes' } })],
  ])('%s: answers nothing', async (name, content) => {
    const asked = await asking(house);
    const answer = await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [content()], ...(name.includes('alone') && { code: '11506-3' }) }));
    expect([answer.status, textsOf(answer).length, await statuses(asked)]).toEqual([200, 2, all(asked, 'active')]);
  });

  test('beside one that was asked for: only that one answers', async () => {
    const asked = await asking(house, 2);
    const [kind] = asked.requests.map(kindOf);
    const answer = await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, items: [1], contents: [unasked(), document(kind)] }));
    expect(textsOf(answer)[1]).toBe('1 of these is of a kind that was not asked for: the reviewer has it, and what was asked for is still expected.');
    expect(await statuses(asked)).toEqual(asked.requests.map((each) => each.extension![0]!.valuePositiveInt === 1 && kindOf(each) === kind ? 'completed' : 'active'));
  });
});

describe('a document that answers', () => {
  test.each<[string, () => Resource]>([
    ['no kind at all', () => document(null)],
    ['only a report type of X12', () => ({ ...document(null), type: { coding: [{ system: 'https://codesystem.x12.org/005010/755', code: 'AE' }] } } as Resource)],
  ])('%s: everything under the number of the authorization', async (_, content) => {
    const asked = await asking(house, 2);
    const answer = await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [content()] }));
    expect([textsOf(answer).length, await statuses(asked)]).toEqual([1, all(asked, 'completed')]);
  });

  test('the request for information whose number it gives, whatever it calls itself', async () => {
    const asked = await asking(house, 2);
    await attach(house, parametersOf({ tracking: asked.tracking[0]!, member: asked.member, contents: [unasked()] }));
    expect(await statuses(asked)).toEqual(asked.requests.map((_, index) => index === 0 ? 'completed' : 'active'));
  });

  test('a document of FHIR says its kind in its Composition', async () => {
    const asked = await asking(house);
    const composition = (code: string): Resource => ({ resourceType: 'Bundle', type: 'document', timestamp: '2026-03-01T10:00:00Z', entry: [{ resource: { resourceType: 'Composition', status: 'final', type: { coding: [{ system: loinc, code }] }, date: '2026-03-01', author: [{ display: 'Dr. Moreau' }], title: 'Note' } as never }] });
    await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [composition('11506-3')] }));
    expect(await statuses(asked)).toEqual(all(asked, 'active'));
    for (const kind of new Set(asked.requests.map(kindOf))) await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [composition(kind)] }));
    expect(await statuses(asked)).toEqual(all(asked, 'completed'));
  });
});

describe('what an attachment brings stands for nothing of the request', () => {
  const left = 'urn:uuid:6f1a2b3c-0000-4000-8000-00000000000a';
  const nowhere = (reference: string) => (bundle: Bundle): void => {
    const claim = claimOf(bundle);
    claim.supportingInfo = [...claim.supportingInfo ?? [], { sequence: 41, category: { coding: [{ code: 'info' }] }, valueReference: { reference } }];
  };
  const referenced = async (claim: string): Promise<string | undefined> => (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.find(({ sequence }) => sequence === 41)!.valueReference!.reference;

  test.each<[string, string, Resource]>([
    ['by its fullUrl', left, { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: left, resource: document() }] }],
    ['by its id', 'DocumentReference/left-open', { ...document(), id: 'left-open' }],
  ])('a reference that led nowhere leads nowhere still: %s', async (_, reference, content) => {
    const asked = await asking(house, 1, nowhere(reference));
    const before = await referenced(asked.claim);
    expect((await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [content] }))).status).toBe(200);
    expect([(await stored<Claim>(`Claim/${asked.claim}`)).meta!.versionId, await referenced(asked.claim)]).toEqual(['2', before]);
  });

  test('an entry of the request is that of the request, whatever an attachment calls by its id', async () => {
    const asked = await asking(house, 1, (bundle) => {
      const observation = bundle.entry!.find(({ resource }) => resource?.resourceType === 'Observation')!;
      // By id alone, as older dialects refer.
      observation.resource!.id = 'o1';
      nowhere('Observation/o1')(bundle);
    });
    const before = await referenced(asked.claim);
    expect(before).not.toBe('Observation/o1');
    const content: Resource = { resourceType: 'Observation', id: 'o1', status: 'final', code: { text: 'Something else' } };
    expect((await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [content] }))).status).toBe(200);
    expect([(await stored<Claim>(`Claim/${asked.claim}`)).meta!.versionId, await referenced(asked.claim)]).toEqual(['2', before]);
  });

  test('what came together refers to each other', async () => {
    const asked = await asking(house);
    const practitioner = 'https://clinic.example/fhir/Practitioner/7';
    const content: Resource = { resourceType: 'Bundle', type: 'collection', entry: [
      { fullUrl: 'https://clinic.example/fhir/DocumentReference/1', resource: { ...document(), author: [{ reference: 'Practitioner/7' }, { reference: 'Practitioner/8' }] } as never },
      { fullUrl: practitioner, resource: { resourceType: 'Practitioner', id: '7', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1487000006' }], name: [{ family: 'Moreau' }] } },
    ] };
    expect((await attach(house, parametersOf({ tracking: asked.reference, member: asked.member, contents: [content] }))).status).toBe(200);
    const kept = await stored<{ author: { reference: string }[] }>((await stored<Claim>(`Claim/${asked.claim}`)).supportingInfo!.at(-1)!.valueReference!.reference!);
    expect(kept.author.map(({ reference }) => reference)).toEqual([expect.stringMatching(/^Practitioner\/[0-9a-f-]{36}$/), 'https://clinic.example/fhir/Practitioner/8']);
  });
});
