/**
 * Updates and cancellations by PAS (spec-63 to spec-72): a later version of a request that was taken before. What is
 * answered, what is recorded, what stays as it was, and what is refused.
 */
import type { Bundle, Claim, ClaimResponse, Organization, Parameters, Practitioner, Task } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, claimResponseOf, decide, decision, denial, excludedRequest, inquire, numberOf, pendingRequest, request, resourceOf, returnedBundles, storedClaimId, submit, submitted, tableCounts, withItems } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { asksAbout, cancelAll, cancelItem, setQuantity, setType, update } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

/** Said of an answer to a first request: only an update can be answered with items left out, or after a person decided. */
const beyondUpdate = { itemsLeftOut: 'itemSequence is not what was asked', personDecided: 'wasHumanReviewedFlag is not truthful' };

/** The answer, which must be one that PAS knows. */
async function taken(bundle: Bundle, ...but: readonly string[]): Promise<Bundle> {
  const answer = await submit(house, bundle);
  expect([answer.status, answer.status === 200 ? faultsOf(answer.json as Bundle, bundle) : answer.text]).toEqual([200, but]);
  return answer.json as Bundle;
}

const rejected = (answer: TestAnswer): (string | undefined)[] | undefined => claimResponseOf(answer.json as Bundle).error?.map((error) => error.code.coding?.[0]?.code);
const notes = (bundle: Bundle): string[] => (claimResponseOf(bundle).processNote ?? []).map(({ text }) => text);
const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;
/** The same decision by somebody else. */
const byOther = (parameters: Parameters): Parameters => ({ ...parameters, parameter: parameters.parameter!.map((each) => each.name === 'author' ? { name: 'author', valueReference: { display: 'Dr. Tom Alder', identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1730000009' } } } : each) });

/** A clinic of its own, so that nobody else's authorizations answer its inquiries. */
let clinics = 0;
function ofClinic(bundle: Bundle): Bundle {
  clinics += 1;
  resourceOf(bundle, 'Organization').identifier![0]!.value = `16${String(clinics).padStart(8, '0')}`;
  return bundle;
}

describe('what is refused', () => {
  test('an update of what nobody knows: 901 AA, and nothing is stored but the delivery', async () => {
    const prior = request(house);
    const before = await tableCounts(house.sql);
    const answer = await submit(house, update(prior));
    expect(rejected(answer)).toEqual(['AA']);
    expect(await tableCounts(house.sql)).toEqual({ ...before, landing: before['landing']! + 1 });
  });

  test('an update by somebody who neither asked nor is named on it, even by its right number: as if it were not there', async () => {
    const prior = ofClinic(request(house));
    const { response } = await submitted(house, prior);
    const stranger = update(prior, (claim) => {
      claim.extension = [...claim.extension ?? [], { url: pasExtension.authorizationNumber, valueString: numberOf(response)! }];
      cancelAll(claim);
    });
    resourceOf(stranger, 'Organization').identifier![0]!.value = '1888888885';
    expect(rejected(await submit(house, stranger))).toEqual(['AA']);
    expect(actionsOf(returnedBundles(await inquire(house, asksAbout(prior)))[0]!)).toEqual({ 1: 'A1' });
  });

  test('an update about another member by the right number', async () => {
    const prior = ofClinic(request(house));
    const { response } = await submitted(house, prior);
    const other = request(house, { member: 'demo-lena-fischer' });
    resourceOf(other, 'Organization').identifier![0]!.value = resourceOf(prior, 'Organization').identifier![0]!.value!;
    claimOf(other).extension = [...claimOf(other).extension ?? [], { url: pasExtension.authorizationNumber, valueString: numberOf(response)! }];
    expect(rejected(await submit(house, update(other)))).toEqual(['AA']);
  });

  test('a wrong number, though the Claim before is known', async () => {
    const prior = request(house);
    await submitted(house, prior);
    const wrong = update(prior, (claim) => { claim.extension = [...claim.extension ?? [], { url: pasExtension.authorizationNumber, valueString: 'A000000000' }]; });
    expect(rejected(await submit(house, wrong))).toEqual(['AA']);
  });

  test('a change of what is denied as a whole: 33, do not resubmit', async () => {
    const prior = excludedRequest(house);
    await submitted(house, prior);
    const answer = await submit(house, update(prior, (claim) => setQuantity(claim.item![0]!, 3)));
    expect(rejected(answer)).toEqual(['33']);
  });

  test('a request without an item that cancels nothing', async () => {
    const prior = request(house);
    await submitted(house, prior);
    const answer = await submit(house, update(prior, (claim) => { delete claim.item; }));
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([422, 'pas-missing']);
  });

  test('a decision on what was cancelled', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    await taken(update(prior, cancelAll));
    const answer = await decide(house, claim, decision(certification));
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([409, 'decision-not-allowed']);
  });
});

describe('items', () => {
  test('one is cancelled, one added, one stays: all are answered under their sequences', async () => {
    const prior = withItems(request(house), 2);
    const { claim, response } = await submitted(house, prior);
    expect(actionsOf(response)).toEqual({ 1: 'A1', 2: 'A1' });
    const answer = await taken(update(prior, ({ item }) => {
      cancelItem(item![1]!);
      item!.push({ ...structuredClone(item![0]!), sequence: 3, productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] } });
    }));
    expect(actionsOf(answer)).toEqual({ 1: 'A1', 2: 'C', 3: 'A4' });
    expect(claimResponseOf(answer).outcome).toBe('partial');
    expect(numberOf(answer)).toBe(numberOf(response));
    expect(notes(answer)).toContain('Cancelled by the requester.');
    // One record: the same Claim, ClaimResponse and Task, each in its next version.
    expect(await storedClaimId(house, answer)).toBe(claim);
    expect((await stored<Claim>(`Claim/${claim}`)).meta?.versionId).toBe('2');
    expect((await stored<Claim>(`Claim/${claim}`)).related?.[0]?.claim?.reference).toBe(`Claim/${claim}/_history/1`);
    expect((await stored<Claim>(`Claim/${claim}/_history/1`)).item).toHaveLength(2);
    const { rows } = await house.sql.query('select item, status from prior_authorization_item i join prior_authorization a on a.id = i.authorization_id where a.claim = $1 order by item', [claim]);
    expect(rows).toEqual([{ item: 1, status: 'certified' }, { item: 2, status: 'cancelled' }, { item: 3, status: 'pended' }]);
  });

  test('all are cancelled, without naming them', async () => {
    const prior = withItems(pendingRequest(house), 2, (item, index) => { item.servicedDate = `2027-0${index + 1}-01`; });
    const { claim, response } = await submitted(house, prior);
    const answer = await taken(update(prior, cancelAll));
    expect(actionsOf(answer)).toEqual({ 1: 'C', 2: 'C' });
    expect([claimResponseOf(answer).disposition, claimResponseOf(answer).outcome, claimResponseOf(answer).communicationRequest]).toEqual(['Cancelled', 'complete', undefined]);
    const { json: tasks } = await send('GET', `${house.fhir}/Task?focus=ClaimResponse/${claimResponseOf(response).id}&code=review-prior-authorization`);
    expect((tasks as Bundle).entry!.map(({ resource }) => (resource as Task).status)).toEqual(['completed']);
    expect((await send('GET', `${house.fhir}/Provenance?target=Claim/${claim}`)).json.entry.some(({ resource }: { resource: { agent: { who: { display?: string } }[] } }) => resource.agent.some(({ who }) => who.display === 'The requester'))).toBe(true);
  });

  test('the status "cancelled" of an older dialect, with no word about what came before, cancels the request of the same identifier', async () => {
    const prior = request(house);
    await submitted(house, prior);
    const old = structuredClone(prior);
    claimOf(old).status = 'cancelled';
    expect(actionsOf(await taken(old))).toEqual({ 1: 'C' });
  });

  test('infoCancelled of false cancels nothing', async () => {
    const prior = request(house);
    await submitted(house, prior);
    expect(actionsOf(await taken(update(prior, ({ item }) => { item![0]!.modifierExtension = [{ url: pasExtension.infoCancelled, valueBoolean: false }]; })))).toEqual({ 1: 'A1' });
  });

  test('one that the update leaves out is still there, for nobody cancelled it', async () => {
    const prior = withItems(request(house), 2);
    await submitted(house, prior);
    const shorter = update(prior, (claim) => { claim.item = [claim.item![0]!]; });
    expect(actionsOf(await taken(shorter, beyondUpdate.itemsLeftOut))).toEqual({ 1: 'A1', 2: 'A1' });
    // And it is still there when the next one is said.
    expect(actionsOf(await taken(update(shorter, ({ item }) => cancelItem(item![0]!)), beyondUpdate.itemsLeftOut))).toEqual({ 1: 'C', 2: 'A1' });
  });

  test('flags lie, the difference counts: "changed" without a change keeps the decision, a change without a flag is looked at', async () => {
    const prior = withItems(pendingRequest(house), 2, (item, index) => { item.servicedDate = `2028-0${index + 1}-01`; });
    const { claim } = await submitted(house, prior);
    await decide(house, claim, decision({ ...certification, sequence: 1 }, { ...certification, sequence: 2 }));
    const answer = await taken(update(prior, ({ item }) => {
      item![0]!.extension!.push({ url: pasExtension.infoChanged, valueCode: 'changed' });
      setQuantity(item![1]!, 99);
    }), beyondUpdate.personDecided);
    expect(actionsOf(answer)).toEqual({ 1: 'A1', 2: 'A4' });
  });

  test('a changed item waits for its decision, and what was certified stands meanwhile', async () => {
    const prior = pendingRequest(house);
    setQuantity(claimOf(prior).item![0]!, 10);
    const { claim, response } = await submitted(house, prior);
    const certified = (await decide(house, claim, decision(certification))).json as Bundle;
    const number = numberOf(certified)!;
    const extended = update(prior, ({ item }) => { setQuantity(item![0]!, 30); setType(item![0]!, '4'); });
    const answer = await taken(extended);
    expect(actionsOf(answer)).toEqual({ 1: 'A4' });
    const [standing] = claimResponseOf(answer).addItem!;
    expect([standing!.itemSequence, standing!.quantity?.value, JSON.stringify(standing!.adjudication)]).toEqual([[1], 10, expect.stringContaining(number)]);
    expect(notes(answer)).toContain(`What was certified before under ${number} stands.`);
    // Denied: the earlier certification still stands. It goes when the change is certified.
    const refused = (await decide(house, claim, decision(denial))).json as Bundle;
    expect([actionsOf(refused), claimResponseOf(refused).addItem?.[0]?.quantity?.value]).toEqual([{ 1: 'A3' }, 10]);
    expect((await stored<ClaimResponse>(`ClaimResponse/${claimResponseOf(response).id}`)).addItem).toHaveLength(1);
  });

  test('a certified change takes the place of what was certified before', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    await decide(house, claim, decision(certification));
    await taken(update(prior, ({ item }) => setQuantity(item![0]!, 30)));
    const after = (await decide(house, claim, decision(certification))).json as Bundle;
    expect([actionsOf(after), claimResponseOf(after).addItem]).toEqual([{ 1: 'A1' }, undefined]);
  });

  test('a denied item among others: a change of it is not taken and said so, an appeal is, and a person decides it', async () => {
    const prior = withItems(pendingRequest(house), 2, (item, index) => { item.servicedDate = `2029-0${index + 1}-01`; });
    const { claim } = await submitted(house, prior);
    await decide(house, claim, decision({ ...certification, sequence: 1 }, { ...denial, sequence: 2 }));
    const changed = update(prior, ({ item }) => setQuantity(item![1]!, 5));
    const answer = await taken(changed, beyondUpdate.personDecided);
    expect(actionsOf(answer)).toEqual({ 1: 'A1', 2: 'A3' });
    expect(notes(answer)).toContain('A service that was denied is not changed by an update; please send a new request or an appeal.');
    const appeal = await taken(update(changed, ({ item }) => setType(item![1]!, '1')), beyondUpdate.personDecided);
    expect(actionsOf(appeal)).toEqual({ 1: 'A1', 2: 'A4' });
    // A machine does not decide it, whatever the next version brings.
    const again = await taken(update(changed, ({ item }) => { setType(item![1]!, '1'); item![1]!.quantity = { value: 6, unit: 'visits' }; }), beyondUpdate.personDecided);
    expect(actionsOf(again)[2]).toBe('A4');
    // Nor does the person who denied it.
    const same = await decide(house, claim, decision({ ...certification, sequence: 2 }));
    expect([same.status, same.json.issue[0].details.coding[0].code]).toEqual([422, 'decision-invalid']);
    expect(actionsOf((await decide(house, claim, byOther(decision({ ...certification, sequence: 2 })))).json as Bundle)).toEqual({ 1: 'A1', 2: 'A1' });
  });

  test('a cancelled item that is asked for again is decided again', async () => {
    const prior = withItems(request(house), 2);
    await submitted(house, prior);
    const without = update(prior, ({ item }) => cancelItem(item![1]!));
    expect(actionsOf(await taken(without))).toEqual({ 1: 'A1', 2: 'C' });
    const [, kept] = claimOf(prior).item!;
    expect(actionsOf(await taken(update(without, ({ item }) => { item![1] = structuredClone(kept!); })))).toEqual({ 1: 'A1', 2: 'A1' });
  });

  test('an update that was written before a cancellation does not take it back', async () => {
    const prior = withItems(request(house), 2);
    await submitted(house, prior);
    const late = update(prior, ({ item }) => setQuantity(item![0]!, 3));
    expect(actionsOf(await taken(update(prior, ({ item }) => cancelItem(item![1]!))))).toEqual({ 1: 'A1', 2: 'C' });
    expect(actionsOf(await taken(late))).toMatchObject({ 2: 'C' });
    const whole = update(prior, ({ item }) => { for (const each of item!) cancelItem(each); });
    expect(actionsOf(await taken(whole))).toEqual({ 1: 'C', 2: 'C' });
    expect(actionsOf(await taken(update(prior)))).toEqual({ 1: 'C', 2: 'C' });
    // Said, it is asked for again.
    expect(actionsOf(await taken(update(prior, ({ item }) => { item![1]!.extension = [...item![1]!.extension ?? [], { url: pasExtension.infoChanged, valueCode: 'changed' }]; })))).toMatchObject({ 1: 'C', 2: 'A1' });
  });

  test('two updates that add different services under one number: the second is told so, and the first stays', async () => {
    const prior = withItems(request(house), 2);
    await submitted(house, prior);
    const adds = (code: string): Bundle => update(prior, ({ item }) => {
      item!.push({ ...structuredClone(item![0]!), sequence: 3, productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code }] } });
    });
    expect(Object.keys(actionsOf(await taken(adds('E0601'))))).toEqual(['1', '2', '3']);
    const { error } = claimResponseOf((await submit(house, adds('E1390'))).json as Bundle);
    expect(error?.map(({ code, extension }) => [code.coding?.[0]?.code, extension?.at(-1)?.valueString])).toEqual([['33', 'Bundle.entry[0].resource.item[2].sequence']]);
    // The same again is no other service.
    expect(Object.keys(actionsOf(await taken(adds('E0601'))))).toEqual(['1', '2', '3']);
  });

  test('one that is added and cancelled at once is answered', async () => {
    const prior = request(house);
    await submitted(house, prior);
    const answer = await taken(update(prior, ({ item }) => {
      item!.push({ ...structuredClone(item![0]!), sequence: 2 });
      cancelItem(item![1]!);
    }));
    expect(actionsOf(answer)).toEqual({ 1: 'A1', 2: 'C' });
  });
});

describe('evidence and time', () => {
  test('a pended item is certified by a rule when the update brings what was missing', async () => {
    const prior = pendingRequest(house);
    const { response } = await submitted(house, prior);
    expect(actionsOf(response)).toEqual({ 1: 'A4' });
    const better = pendingRequest(house, { saturation: 85 });
    const now = update(prior);
    const observed = now.entry!.find(({ resource }) => resource!.resourceType === 'Observation')!;
    observed.resource = { ...resourceOf(better, 'Observation'), id: observed.resource!.id! };
    expect(actionsOf(await taken(now))).toEqual({ 1: 'A1' });
  });

  test('evidence that comes again under the same address is the same resource; only what says something new is written', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    const before = await tableCounts(house.sql);
    await taken(update(prior, ({ item }) => setQuantity(item![0]!, 2)));
    const after = await tableCounts(house.sql);
    // The Provenance of the update, and nothing else that is new.
    expect(after['resource']! - before['resource']!).toBe(1);
    const supporting = (await stored<Claim>(`Claim/${claim}`)).supportingInfo?.[0]?.valueReference?.reference;
    expect(supporting).toBe((await stored<Claim>(`Claim/${claim}/_history/1`)).supportingInfo?.[0]?.valueReference?.reference);
  });

  test('what waits keeps its time; what is added has its own; a cancellation starts none', async () => {
    const due = async (claim: string): Promise<string> => (await house.sql.query('select due_at from prior_authorization where claim = $1', [claim])).rows[0].due_at.toISOString() as string;
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    const first = await due(claim);
    house.clock.advance(86_400_000);
    const more = update(prior, ({ item }) => { item!.push({ ...structuredClone(item![0]!), sequence: 2, servicedDate: '2030-01-01' }); });
    expect(actionsOf(await taken(more))).toEqual({ 1: 'A4', 2: 'A4' });
    expect(await due(claim)).toBe(first);
    await taken(update(more, ({ item }) => cancelItem(item![0]!)));
    expect(new Date(await due(claim)).getTime() - new Date(first).getTime()).toBe(86_400_000);
  });

  test('an item that was pended for the same reason adds nothing to the log', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    await taken(update(prior));
    const { rows } = await house.sql.query('select kind from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 order by sequence', [claim]);
    const kinds = rows.map(({ kind }) => kind as string);
    expect([kinds.filter((kind) => kind === 'received').length, kinds.filter((kind) => kind === 'pended').length]).toEqual([2, 1]);
  });
});

describe('finding what an update follows', () => {
  test('by the number alone, where the Claim before is not in the Bundle', async () => {
    const prior = request(house);
    const { response } = await submitted(house, prior);
    const bare = update(prior, (claim) => {
      claim.extension = [...claim.extension ?? [], { url: pasExtension.authorizationNumber, valueString: numberOf(response)! }];
      cancelAll(claim);
    });
    bare.entry!.pop();
    expect(actionsOf(await taken(bare))).toEqual({ 1: 'C' });
  });

  test('by the address of the Claim in this server', async () => {
    const prior = request(house);
    const { claim } = await submitted(house, prior);
    const bare = update(prior, (each) => { cancelAll(each); each.related![0]!.claim = { reference: `${house.fhir}/Claim/${claim}` }; });
    bare.entry!.pop();
    expect(actionsOf(await taken(bare))).toEqual({ 1: 'C' });
  });

  test('an update of an update, by the identifier of the one in between', async () => {
    const prior = request(house);
    const { claim } = await submitted(house, prior);
    const second = update(prior, ({ item }) => { item!.push({ ...structuredClone(item![0]!), sequence: 2 }); });
    await taken(second);
    const answer = await taken(update(second, ({ item }) => cancelItem(item![0]!)));
    expect([Object.keys(actionsOf(answer)), await storedClaimId(house, answer)]).toEqual([['1', '2'], claim]);
    expect((await stored<Claim>(`Claim/${claim}`)).meta?.versionId).toBe('3');
  });

  test('of two requests with one identifier, the newer', async () => {
    const older = ofClinic(withItems(request(house), 2));
    await submitted(house, older);
    house.clock.advance(1000);
    const newer = structuredClone(older);
    newer.timestamp = house.clock.now.toISOString();
    const { claim } = await submitted(house, newer);
    expect(await storedClaimId(house, await taken(update(newer, cancelAll)))).toBe(claim);
  });
});

describe('what is told afterwards', () => {
  test('$inquire by the number, old or new, finds the authorization as it stands now (spec-46 to spec-48)', async () => {
    const prior = ofClinic(withItems(request(house), 2));
    const { response } = await submitted(house, prior);
    const number = numberOf(response)!;
    await taken(update(prior, cancelAll));
    const found = returnedBundles(await inquire(house, asksAbout(prior, (claim) => { claim.extension = [{ url: pasExtension.authorizationNumber, valueString: number }]; })));
    expect(found.map(actionsOf)).toEqual([{ 1: 'C', 2: 'C' }]);
  });

  test('the same update sent again gets the same answer, and makes nothing', async () => {
    const prior = request(house);
    await submitted(house, prior);
    const text = JSON.stringify(update(prior, ({ item }) => setQuantity(item![0]!, 3)));
    const first = await send('POST', `${house.fhir}/Claim/$submit`, text);
    const before = await tableCounts(house.sql);
    const again = await send('POST', `${house.fhir}/Claim/$submit`, text);
    expect([again.text, again.headers.get('priora-delivery-outcome')]).toEqual([first.text, 'repeated']);
    expect(await tableCounts(house.sql)).toEqual(before);
  });

  test('two updates at once are both taken, one after the other', async () => {
    const prior = withItems(request(house), 2);
    const { claim } = await submitted(house, prior);
    const answers = await Promise.all([submit(house, update(prior, ({ item }) => cancelItem(item![0]!))), submit(house, update(prior, ({ item }) => cancelItem(item![1]!)))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await stored<Claim>(`Claim/${claim}`)).meta?.versionId).toBe('3');
  });

  test('a changed item is no duplicate of itself', async () => {
    const prior = request(house);
    // A day of its own, so that it is no duplicate of another.
    claimOf(prior).item![0]!.servicedDate = '2027-02-03';
    const { response } = await submitted(house, prior);
    expect(actionsOf(response)).toEqual({ 1: 'A1' });
    const answer = await taken(update(prior, ({ item }) => setQuantity(item![0]!, 4)));
    expect([actionsOf(answer), numberOf(answer)]).toEqual([{ 1: 'A1' }, numberOf(response)]);
  });
});

describe('what an update cannot do', () => {
  test('change what it did not make: the plan\'s payer, or a provider whom all share', async () => {
    const prior = request(house);
    const insurer = prior.entry!.find(({ fullUrl }) => fullUrl === claimOf(prior).insurer!.reference || fullUrl?.endsWith(claimOf(prior).insurer!.reference!))!;
    await submitted(house, prior);
    const payers = async (): Promise<unknown> => ((await send('GET', `${house.fhir}/Organization?type=pay`)).json as Bundle).entry!.map(({ resource }) => [(resource as Organization).id, (resource as Organization).name, resource!.meta!.versionId]);
    const before = await payers();
    const hostile = update(prior, (claim) => { claim.insurer = { reference: 'urn:uuid:6f1a2b3c-0000-4000-8000-00000000aaaa' }; });
    for (const entry of hostile.entry!) if (entry.fullUrl === insurer.fullUrl) entry.resource = { resourceType: 'Organization', name: 'EVIL' };
    hostile.entry!.push({ fullUrl: 'urn:uuid:6f1a2b3c-0000-4000-8000-00000000aaaa', resource: structuredClone(insurer.resource!) });
    await submit(house, hostile);
    expect(await payers()).toEqual(before);
  });

  test('nor a shared practitioner by sending him without his number under the same address', async () => {
    const victim: Practitioner = { resourceType: 'Practitioner', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1999999992' }], name: [{ family: 'Victim' }] };
    const prior = request(house);
    claimOf(prior).careTeam = [...claimOf(prior).careTeam ?? [], { sequence: 9, provider: { reference: 'urn:uuid:6f1a2b3c-0000-4000-8000-00000000bbbb' } }];
    prior.entry!.push({ fullUrl: 'urn:uuid:6f1a2b3c-0000-4000-8000-00000000bbbb', resource: victim });
    await submitted(house, prior);
    const hostile = update(prior);
    for (const entry of hostile.entry!) if (entry.resource?.resourceType === 'Practitioner' && entry.fullUrl?.endsWith('bbbb')) entry.resource = { resourceType: 'Practitioner', name: [{ family: 'HACKED' }] };
    await submit(house, hostile);
    const found = (await send('GET', `${house.fhir}/Practitioner?identifier=1999999992`)).json as Bundle;
    expect(found.entry!.map(({ resource }) => (resource as Practitioner).name![0]!.family)).toEqual(['Victim']);
  });

  test('have a machine decide what a person denied: by an appeal and another change, or by cancelling and asking again', async () => {
    const better = (bundle: Bundle): Bundle => {
      const observed = bundle.entry!.find(({ resource }) => resource!.resourceType === 'Observation')!;
      observed.resource = { ...resourceOf(pendingRequest(house, { saturation: 80 }), 'Observation'), id: observed.resource!.id! };
      return bundle;
    };
    const prior = withItems(pendingRequest(house), 2, (item, index) => { item.servicedDate = `2031-0${index + 1}-01`; });
    const { claim } = await submitted(house, prior);
    await decide(house, claim, decision({ ...certification, sequence: 1 }, { ...denial, sequence: 2 }));
    const appeal = update(prior, ({ item }) => setType(item![1]!, '1'));
    await submit(house, appeal);
    const changed = better(update(appeal, ({ item }) => setQuantity(item![1]!, 7)));
    expect(actionsOf((await submit(house, changed)).json as Bundle)).toMatchObject({ 2: 'A4' });
    const without = update(changed, ({ item }) => cancelItem(item![1]!));
    await submit(house, without);
    const [, kept] = claimOf(changed).item!;
    const again = better(update(without, ({ item }) => { item![1] = structuredClone(kept!); }));
    expect(actionsOf((await submit(house, again)).json as Bundle)).toMatchObject({ 2: 'A4' });
  });

  test('lose what came after the request', async () => {
    const prior = withItems(pendingRequest(house), 2, (item, index) => { item.servicedDate = `2032-0${index + 1}-01`; });
    const { claim, response } = await submitted(house, prior);
    const wanted = response.entry!.flatMap(({ resource }) => resource?.resourceType === 'CommunicationRequest' ? [resource] : []);
    const reference = wanted[0]!.identifier![0]!.value!.split('-')[0]!;
    const member = resourceOf(prior, 'Coverage').identifier![0]!.value!;
    const sent = await send('POST', `${house.fhir}/$submit-attachment`, {
      resourceType: 'Parameters', parameter: [
        { name: 'TrackingId', valueIdentifier: { value: reference } }, { name: 'AttachTo', valueCode: 'preauthorization' }, { name: 'MemberId', valueIdentifier: { value: member } },
        { name: 'Attachment', part: [{ name: 'LineItem', valueString: '1' }, { name: 'Content', resource: { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { contentType: 'text/plain', data: 'QQ==' } }] } }] },
      ],
    });
    expect(sent.status).toBe(200);
    const document = (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.at(-1)!.valueReference!.reference;
    await submit(house, update(prior, ({ item }) => cancelItem(item![1]!)));
    const now = await stored<Claim>(`Claim/${claim}`);
    const kept = now.supportingInfo!.find(({ valueReference }) => valueReference?.reference === document)!;
    expect([kept !== undefined, now.item![0]!.informationSequence?.includes(kept.sequence)]).toEqual([true, true]);
    const ofFirst = wanted.filter(({ extension }) => extension![0]!.valuePositiveInt === 1);
    expect(await Promise.all(ofFirst.map(async ({ id }) => (await stored<{ status: string }>(`CommunicationRequest/${id}`)).status))).toEqual(ofFirst.map(() => 'completed'));
  });

  test('leave open what it cancels, with what it adds at once', async () => {
    const prior = request(house);
    await submitted(house, prior);
    const answer = await taken(update(prior, (claim) => {
      setType(claim, '3');
      claim.item!.push({ ...structuredClone(claim.item![0]!), sequence: 9 });
    }));
    expect([actionsOf(answer), claimResponseOf(answer).outcome]).toEqual([{ 1: 'C', 9: 'C' }, 'complete']);
  });

  test('keep a standing certification from being cancelled', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    await decide(house, claim, decision(certification));
    const extended = update(prior, ({ item }) => setQuantity(item![0]!, 30));
    await submit(house, extended);
    expect(claimResponseOf((await decide(house, claim, decision(denial))).json as Bundle).addItem).toHaveLength(1);
    const gone = (await submit(house, update(extended, cancelAll))).json as Bundle;
    expect([actionsOf(gone), claimResponseOf(gone).addItem]).toEqual([{ 1: 'C' }, undefined]);
  });

  test('be decided unseen: a reviewer who has read an earlier version is told so', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    await submit(house, update(prior, ({ item }) => setQuantity(item![0]!, 500)));
    const stale = await send('POST', `${house.fhir}/Claim/${claim}/$decide`, decision(certification), { 'if-match': 'W/"1"' });
    expect([stale.status, stale.json.issue[0].details.coding[0].code]).toEqual([412, 'version-conflict']);
    expect((await send('POST', `${house.fhir}/Claim/${claim}/$decide`, decision(certification), { 'if-match': 'W/"2"' })).status).toBe(200);
  });

  test('ask for more than can be decided together', async () => {
    const prior = withItems(request(house), 301);
    const answer = await submit(house, prior);
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([422, 'pas-bundle-rule']);
  });

  test('an appeal of the whole is one of each denied item', async () => {
    const prior = pendingRequest(house);
    const { claim } = await submitted(house, prior);
    await decide(house, claim, decision(denial));
    expect(actionsOf((await submit(house, update(prior, (each) => setType(each, '1')))).json as Bundle)).toEqual({ 1: 'A4' });
  });
});
