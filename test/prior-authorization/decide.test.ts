/** Claim/[id]/$decide: a person decides; who may not, what is missing, who comes second. */
import type { Bundle, ClaimResponse, OperationOutcome, Parameters, Provenance, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import {
  actionsOf, certification, claimResponseOf, decide, decision, denial, excludedRequest, inquire, numberOf, pendingRequest, request, resourceOf, returnedBundles, submitted, withItems,
} from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const rulesOf = (answer: TestAnswer): string[] => (answer.json as OperationOutcome).issue.map((issue) => issue.details?.text ?? '');
const events = async (claim: string): Promise<{ kind: string; item: number | null; author: string | null }[]> =>
  (await house.sql.query<{ kind: string; item: number | null; author: string | null }>(
    'select e.kind, e.item, e.author from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 order by e.sequence', [claim])).rows;

describe('refused', () => {
  test('an unknown Claim is 404, an address that is none 400', async () => {
    expect((await decide(house, 'nobody', decision(certification))).status).toBe(404);
    expect((await decide(house, 'no_body', decision(certification))).status).toBe(400);
  });

  test('every unknown item is named, and nothing is decided on the known one', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const answer = await decide(house, claim, decision(certification, { ...certification, sequence: 7 }, { ...certification, sequence: 8 }));
    expect(answer.status).toBe(422);
    expect(rulesOf(answer)).toEqual(['There is no item 7 in this authorization.', 'There is no item 8 in this authorization.']);
    expect(await events(claim)).toHaveLength(3);
  });

  test('no author, no reason, no words, an item that is none: all told at once', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const body: Parameters = { resourceType: 'Parameters', parameter: [
      { name: 'author', valueReference: { identifier: { value: '1' }, display: ' ' } },
      { name: 'item', part: [{ name: 'sequence', valuePositiveInt: 1 }, { name: 'action', valueCode: 'deny' }] },
      { name: 'item', part: [{ name: 'sequence', valuePositiveInt: 2 }, { name: 'action', valueCode: 'modify' }, { name: 'period', valuePeriod: { start: '2026-05-01', end: '2026-04-01' } }] },
      { name: 'item', part: [{ name: 'action', valueCode: 'reduce' }] },
    ] };
    const answer = await decide(house, claim, body);
    expect(answer.status).toBe(422);
    expect(rulesOf(answer)).toEqual([
      'author must name the person who decides (valueReference.display).',
      'To deny needs a reason with a code.', 'To deny needs a text that the patient and the provider can understand.',
      'To modify needs a reason with a code.', 'To modify needs a text that the patient and the provider can understand.',
      'period must not end before it begins.', 'To modify needs what is approved: productOrService, quantity or unitPrice.',
      'sequence must be the number of an item.', 'action must be one of certify, modify, deny, pend.',
    ]);
    expect(await events(claim)).toHaveLength(3);
  });

  test.each<[string, unknown, number]>([
    ['nothing', '', 400], ['no JSON', '{', 400], ['null', 'null', 400], ['a list', '[]', 400], ['a Patient', { resourceType: 'Patient' }, 400],
    ['no parameter', { resourceType: 'Parameters' }, 422], ['a parameter that is null', { resourceType: 'Parameters', parameter: [null] }, 422],
    ['a name that is a number', { resourceType: 'Parameters', parameter: [{ name: 'author', valueReference: { display: 7 } }] }, 422],
    ['parts that are a word', { resourceType: 'Parameters', parameter: [{ name: 'item', part: 'all' }] }, 422],
    ['an item decided twice', decision(certification, denial), 422],
    ['a negative quantity', decision({ action: 'modify', reason: 'x', text: 'Less.', more: [{ name: 'quantity', valueQuantity: { value: -1 } }] }), 422],
  ])('%s', async (_, body, status) => {
    const { claim } = await submitted(house, pendingRequest(house));
    const answer = await decide(house, claim, body);
    expect(answer.status).toBe(status);
    expect((answer.json as OperationOutcome).resourceType).toBe('OperationOutcome');
  });

  test('more than was asked for is no modification, and is told with what else is wrong', async () => {
    const bundle = withItems(pendingRequest(house), 2, (item) => { item.quantity = { value: 3, unit: 'month' }; });
    const { claim } = await submitted(house, bundle);
    const less = (sequence: number, value: number, unit?: string) => ({
      action: 'modify', sequence, reason: '0V', text: 'Another time.', more: [{ name: 'quantity', valueQuantity: { value, ...(unit !== undefined && { unit }) } }],
    });
    const answer = await decide(house, claim, decision(less(1, 6, 'month'), less(2, 4), less(3, 1)));
    expect(answer.status).toBe(422);
    expect(rulesOf(answer)).toEqual(['quantity of item 1 must not be more than was asked for.', 'quantity of item 2 must not be more than was asked for.', 'There is no item 3 in this authorization.']);
    expect((await events(claim)).some((event) => event.kind === 'modified')).toBe(false);
    expect((await decide(house, claim, decision(less(1, 2, 'month'), less(2, 3)))).status).toBe(200);
  });

  test('a body of another type is not quoted', async () => {
    const answer = await decide(house, 'x', { resourceType: 'Jane Roe, 1950-01-01' });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('Jane');
  });

  test('what is decided stays decided: 409, and the answer does not change', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const first = await decide(house, claim, decision(denial));
    expect(first.status).toBe(200);
    for (const again of [denial, certification, { action: 'pend' }]) {
      const answer = await decide(house, claim, decision(again));
      expect(answer.status).toBe(409);
      expect(rulesOf(answer)[0]).toMatch(/^Item 1 is denied; (denied|certified|pended) is not possible any more\.$/);
    }
    expect(await events(claim)).toHaveLength(4);
  });

  test('what a rule certified or denied is not for $decide', async () => {
    for (const bundle of [request(house), excludedRequest(house)]) {
      const { claim } = await submitted(house, bundle);
      expect((await decide(house, claim, decision(certification))).status).toBe(409);
    }
  });
});

describe('at the same time', () => {
  test('twelve people decide one item: one wins, the others hear 409', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => decide(house, claim, decision(index % 2 === 0 ? certification : denial))));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(11);
    expect((await events(claim)).filter((event) => event.kind === 'certified' || event.kind === 'denied')).toHaveLength(1);
  });

  test('five people decide an item each: all get through', async () => {
    const { claim } = await submitted(house, withItems(pendingRequest(house), 5));
    const answers = await Promise.all([1, 2, 3, 4, 5].map((sequence) => decide(house, claim, decision({ ...(sequence % 2 === 0 ? denial : certification), sequence }))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    const stored = await send('GET', `${house.fhir}/Claim/${claim}`);
    expect(stored.status).toBe(200);
    const { rows } = await house.sql.query<{ item: number; status: string }>('select i.item, i.status from prior_authorization_item i join prior_authorization a on a.id = i.authorization_id where a.claim = $1 order by 1', [claim]);
    expect(rows.map((row) => row.status)).toEqual(['certified', 'denied', 'certified', 'denied', 'certified']);
  });
});

describe('decided', () => {
  test.each([['certify', certification, 'A1', 'complete'], ['deny', denial, 'A3', 'complete'], ['pend again', { action: 'pend', text: 'A second look.' }, 'A4', 'complete']] as const)('%s', async (_, what, action, outcome) => {
    const bundle = pendingRequest(house);
    const { claim } = await submitted(house, bundle);
    const answer = await decide(house, claim, decision(what));
    expect(answer.status).toBe(200);
    const response = answer.json as Bundle;
    expect(faultsOf(response, bundle, { human: true })).toEqual([]);
    expect(actionsOf(response)).toEqual({ 1: action });
    expect(claimResponseOf(response).outcome).toBe(outcome);
    // The same words at $inquire at once.
    const inquired = returnedBundles(await inquire(house, bundle)).find((each) => each.entry![0]!.fullUrl === response.entry![0]!.fullUrl)!;
    expect(faultsOf(inquired, bundle, { human: true, inquiry: true })).toEqual([]);
    expect(claimResponseOf(inquired).item).toEqual(claimResponseOf(response).item);
    expect(claimResponseOf(inquired).processNote).toEqual(claimResponseOf(response).processNote);
  });

  test('a denial carries the reason in words for the patient, and as a code', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const response = claimResponseOf((await decide(house, claim, decision(denial))).json as Bundle);
    expect(response.processNote?.map((note) => note.text)).toContain(denial.text);
    expect(JSON.stringify(response.item![0]!.adjudication)).toContain('"0V"');
    expect(response.extension?.[0]?.extension?.find((part) => part.url === 'reviewerNPI')?.valueIdentifier?.value).toBe('1487000006');
  });

  test('a modification says what is approved: A6 on the item, the rest in addItem', async () => {
    const bundle = pendingRequest(house);
    const { claim } = await submitted(house, bundle);
    const answer = await decide(house, claim, decision({
      action: 'modify', reason: '0V', text: 'Six months instead of a year.', more: [
        { name: 'quantity', valueQuantity: { value: 6, unit: 'month' } }, { name: 'period', valuePeriod: { start: '2026-03-02', end: '2026-09-01' } },
      ],
    }));
    const response = claimResponseOf(answer.json as Bundle);
    expect(faultsOf(answer.json as Bundle, bundle, { human: true })).toEqual([]);
    expect(actionsOf(answer.json as Bundle)).toEqual({ 1: 'A6' });
    expect(response.addItem).toMatchObject([{ itemSequence: [1], quantity: { value: 6 }, productOrService: { coding: [{ code: 'E1390' }] } }]);
    expect(JSON.stringify(response.addItem)).toContain('2026-09-01');
  });

  test('part of the items: partial until all are decided', async () => {
    const bundle = withItems(pendingRequest(house), 3);
    const { claim } = await submitted(house, bundle);
    const first = claimResponseOf((await decide(house, claim, decision({ ...certification, sequence: 2 }))).json as Bundle);
    expect(first).toMatchObject({ outcome: 'partial', disposition: 'Pended' });
    const last = (await decide(house, claim, decision(denial, { ...denial, sequence: 3 }))).json as Bundle;
    expect(claimResponseOf(last)).toMatchObject({ outcome: 'complete', disposition: 'Partially certified' });
    expect(actionsOf(last)).toEqual({ 1: 'A3', 2: 'A1', 3: 'A3' });
  });

  test('Task, ClaimResponse and Provenance follow, under the name of the person', async () => {
    const { claim, response } = await submitted(house, pendingRequest(house));
    const id = claimResponseOf(response).id!;
    const taskOf = async (): Promise<Task> => ((await send('GET', `${house.fhir}/Task?focus=ClaimResponse/${id}`)).json as Bundle).entry![0]!.resource as Task;
    expect((await taskOf()).status).toBe('requested');
    const decided = (await decide(house, claim, decision(certification))).json as Bundle;
    expect(await taskOf()).toMatchObject({ status: 'completed', businessStatus: { text: 'certified' } });
    const stored = (await send('GET', `${house.fhir}/ClaimResponse/${id}`)).json as ClaimResponse;
    expect(stored).toMatchObject({ meta: { versionId: '2' }, request: { reference: `Claim/${claim}` }, patient: { reference: 'Patient/demo-daniel-reyes' }, insurer: { reference: 'Organization/demo-payer' }, preAuthRef: numberOf(decided) });
    const provenances = ((await send('GET', `${house.fhir}/Provenance?target=ClaimResponse/${id}`)).json as Bundle).entry!.map((entry) => entry.resource as Provenance);
    expect(provenances.map((provenance) => provenance.agent?.[0]?.who?.display)).toContain('Dr. Ines Moreau');
    expect(await events(claim)).toMatchObject([{ kind: 'received' }, { kind: 'pended' }, { kind: 'information-requested' }, { kind: 'certified', item: 1, author: 'Dr. Ines Moreau' }]);
    expect(resourceOf(decided, 'ClaimResponse').id).toBe(id);
  });
});
