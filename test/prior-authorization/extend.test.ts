/** Claim/[id]/$extend and $downgrade, and pauses: when a clock may move, who hears of it, and when it may not. */
import { createHash } from 'node:crypto';
import type { Bundle, Claim, Communication, OperationOutcome, Parameters, Task } from '@medplum/fhirtypes';
import { pasExtension, x12System } from '../../profiles/pas/names.ts';
import { shardOf } from '../../store/shard.ts';
import { update } from '../support/pas-updates.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { certification, claimOf, claimResponseOf, decide, decision, inquire, pendingRequest, returnedBundles, submitted, withItems } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, startAt: '2026-05-04T16:00:00.000Z' }); });
afterAll(async () => { await house.close(); });

const hour = 3_600_000;
const day = 24 * hour;
const author = { name: 'author', valueReference: { display: 'Dr. Ines Moreau' } };
const parameters = (reason: string, ...more: NonNullable<Parameters['parameter']>): Parameters => ({
  resourceType: 'Parameters',
  parameter: [author, { name: 'reason', valueCode: reason }, { name: 'text', valueString: 'The sleep study is missing.' }, { name: 'notice', valueString: 'We need 14 more days to decide.' }, ...more],
});
const move = (operation: 'extend' | 'downgrade', claim: string, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> => send('POST', `${house.fhir}/Claim/${claim}/$${operation}`, body, headers);
const extend = (claim: string, body: unknown = parameters('information-needed'), headers: Record<string, string> = {}): Promise<TestAnswer> => move('extend', claim, body, headers);
const urgent = (bundle: Bundle): Bundle => {
  claimOf(bundle).extension = [...claimOf(bundle).extension ?? [], { url: pasExtension.levelOfServiceCode, valueCodeableConcept: { coding: [{ system: x12System('1338'), code: 'U' }] } }];
  return bundle;
};
const rulesOf = (answer: TestAnswer): string[] => (answer.json as OperationOutcome).issue.map((issue) => issue.details?.text ?? '');
interface Columns { due_at: Date; at_risk_at: Date; expedited: boolean; line_of_business: string; state: string | null; clock_rule: string; paused_until: Date | null; received_at: Date }
const columns = async (claim: string): Promise<Columns> => (await house.sql.query<Columns>('select due_at, at_risk_at, expedited, line_of_business, state, clock_rule, paused_until, received_at from prior_authorization where claim = $1', [claim])).rows[0]!;
const kinds = async (claim: string): Promise<string[]> => (await house.sql.query<{ kind: string }>('select e.kind from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 order by e.sequence', [claim])).rows.map(({ kind }) => kind);
const taskOf = async (claim: string): Promise<Task> => (await send('GET', `${house.fhir}/Task/${(await house.sql.query<{ task: string }>('select task from prior_authorization where claim = $1', [claim])).rows[0]!.task}`)).json as Task;

describe('more time is refused', () => {
  test('without a person, a reason, words and a notice: all told at once', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const answer = await extend(claim, { resourceType: 'Parameters', parameter: [{ name: 'author', valueReference: { display: ' ' } }, { name: 'reason', valueCode: 'because' }, { name: 'notice', valueString: '\u200b' }] });
    expect(answer.status).toBe(422);
    expect(rulesOf(answer)).toEqual([
      'author must name the person who does so (valueReference.display).',
      'reason must be one of requested-by-member, requested-by-provider, information-needed, exceptional-circumstances.',
      'text must say why, in words that the provider can understand.', 'notice must say what the member and the provider are told.',
    ]);
    expect(await kinds(claim)).not.toContain('extended');
  });

  test('in the name of the server itself', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const answer = await extend(claim, { ...parameters('information-needed'), parameter: [{ name: 'author', valueReference: { display: 'Priora rule engine' } }, ...parameters('information-needed').parameter!.filter(({ name }) => name !== 'author')] });
    expect([answer.status, rulesOf(answer)]).toEqual([422, ['author must name the person who does so (valueReference.display).']]);
    expect(await kinds(claim)).not.toContain('extended');
  });

  test.each<[string, unknown, number]>([
    ['nothing', '', 400], ['a Patient', { resourceType: 'Patient' }, 400], ['an unknown parameter', parameters('information-needed', { name: 'days', valueInteger: 30 }), 422],
    ['an item that is not there', parameters('information-needed', { name: 'item', valuePositiveInt: 7 }), 422], ['an item twice', parameters('information-needed', { name: 'item', valuePositiveInt: 1 }, { name: 'item', valuePositiveInt: 1 }), 422],
    ['a ground that its rule does not know', parameters('requested-by-provider'), 409], ['two reasons', parameters('information-needed', { name: 'reason', valueCode: 'information-needed' }), 422],
  ])('%s', async (_, body, status) => {
    const { claim } = await submitted(house, pendingRequest(house));
    const before = await columns(claim);
    expect((await extend(claim, body)).status).toBe(status);
    expect(await columns(claim)).toEqual(before);
  });

  test('of a Claim that is not there, or another version of which was read', async () => {
    expect((await extend('nobody')).status).toBe(404);
    const { claim } = await submitted(house, pendingRequest(house));
    expect((await extend(claim, parameters('information-needed'), { 'if-match': 'W/"2"' })).status).toBe(412);
    expect((await extend(claim, parameters('information-needed'), { 'if-match': 'W/"1"' })).status).toBe(200);
  });

  test('a second time, when all is decided, and when it is overdue', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    expect((await extend(claim)).status).toBe(200);
    const again = await extend(claim);
    expect([again.status, rulesOf(again)]).toEqual([409, ['The clock of item 1 cannot be moved so: its time has been extended already.']]);
    await decide(house, claim, decision(certification));
    expect((await extend(claim)).status).toBe(422);
    const late = await submitted(house, pendingRequest(house));
    house.clock.advance(7 * day + 1);
    const overdue = await extend(late.claim);
    expect([overdue.status, rulesOf(overdue)]).toEqual([409, ['The clock of item 1 cannot be moved so: it is overdue.']]);
  });

  test('a downgrade of what is standard, and one without its ground', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    expect((await move('downgrade', claim, parameters('not-urgent'))).status).toBe(409);
    const quick = await submitted(house, urgent(pendingRequest(house)));
    expect((await move('downgrade', quick.claim, parameters('information-needed'))).status).toBe(422);
  });
});

test('fourteen days more, told to everybody: the answer, the inquiry, the Task, a Communication', async () => {
  const bundle = pendingRequest(house);
  const { claim } = await submitted(house, bundle);
  const before = await columns(claim);
  expect(before).toMatchObject({ line_of_business: 'medicare-advantage', state: 'NY', clock_rule: 'ma-standard', expedited: false, due_at: new Date(house.clock.now.getTime() + 7 * day), at_risk_at: new Date(house.clock.now.getTime() + 5 * day) });
  house.clock.advance(day);
  const answer = await extend(claim);
  expect(answer.status).toBe(200);
  const due = new Date(before.due_at.getTime() + 14 * day);
  expect(await columns(claim)).toMatchObject({ due_at: due, at_risk_at: new Date(due.getTime() - 2 * day), received_at: before.received_at });
  const [asked] = returnedBundles(await inquire(house, inquiryOf(bundle)));
  for (const response of [claimResponseOf(answer.json as Bundle), claimResponseOf(asked!)]) {
    expect(response.item![0]!.adjudication[0]!.extension![0]!.extension![0]!.valueCodeableConcept!.coding![0]!.code).toBe('A4');
    const notes = response.item![0]!.noteNumber!.map((number) => response.processNote!.find((note) => note.number === number)!.text);
    expect(notes).toEqual(expect.arrayContaining(['The time to decide has been extended: The sleep study is missing.', 'We need 14 more days to decide.', `A decision is due by ${due.toISOString()}.`]));
  }
  expect((await taskOf(claim)).restriction).toEqual({ period: { end: due.toISOString() } });
  const found = ((await send('GET', `${house.fhir}/Communication?subject=Patient/demo-daniel-reyes&_sort=-_lastUpdated`)).json as Bundle).entry!.map(({ resource }) => resource as Communication);
  const notices = found.filter(({ about }) => about?.some(({ reference }) => reference === `Claim/${claim}`)).toSorted((a, b) => b.status.localeCompare(a.status));
  expect(notices).toMatchObject([
    { status: 'preparation', recipient: [{ reference: 'Patient/demo-daniel-reyes' }] }, { status: 'in-progress', recipient: [{ reference: expect.stringMatching(/^(Organization|Practitioner)/) as string }] },
  ]);
  for (const notice of notices) expect(notice).toMatchObject({ basedOn: [{ reference: `Claim/${claim}` }], payload: [{ contentString: 'We need 14 more days to decide.' }], reasonCode: [{ coding: [{ code: 'information-needed' }], text: 'The sleep study is missing.' }] });
});

test('one item of two: each has its own time, and the first to be due is shown', async () => {
  const { claim } = await submitted(house, withItems(pendingRequest(house), 2));
  const { due_at: due } = await columns(claim);
  expect((await extend(claim, parameters('exceptional-circumstances', { name: 'item', valuePositiveInt: 1 }))).status).toBe(200);
  expect((await columns(claim)).due_at).toEqual(due);
  await decide(house, claim, decision({ ...certification, sequence: 2 }));
  expect((await columns(claim)).due_at).toEqual(new Date(due.getTime() + 14 * day));
  expect((await house.sql.query('select o.item, o.expedited, o.extended, o.appeal, o.outcome, o.line_of_business from prior_authorization_outcome o join prior_authorization a on a.id = o.authorization_id where a.claim = $1', [claim])).rows)
    .toEqual([{ item: 2, expedited: false, extended: false, appeal: false, outcome: 'certified', line_of_business: 'medicare-advantage' }]);
});

test('not urgent: standard time from receipt, and no longer urgent on the list', async () => {
  const { claim } = await submitted(house, urgent(pendingRequest(house)));
  const received = house.clock.now.getTime();
  expect(await columns(claim)).toMatchObject({ clock_rule: 'ma-expedited', expedited: true, due_at: new Date(received + 72 * hour) });
  expect((await taskOf(claim)).priority).toBe('urgent');
  house.clock.advance(hour);
  const answer = await move('downgrade', claim, parameters('not-urgent'));
  expect(answer.status).toBe(200);
  expect(claimResponseOf(answer.json as Bundle).processNote!.map(({ text }) => text)).toContain('The request is decided in standard time: The sleep study is missing.');
  expect(await columns(claim)).toMatchObject({ clock_rule: 'ma-standard', expedited: false, due_at: new Date(received + 7 * day) });
  expect((await taskOf(claim)).priority).toBe('routine');
});

test('where the rule says so the clock stands still while information is awaited, and goes on when it has come', async () => {
  const bundle = pendingRequest(house, { member: 'demo-lena-fischer' });
  const { claim } = await submitted(house, bundle);
  const running = await columns(claim);
  expect(running).toMatchObject({ line_of_business: 'commercial', state: 'CA', clock_rule: 'demo-state-standard', paused_until: null });
  house.clock.advance(hour);
  const pend = decision({ action: 'pend', more: [{ name: 'information', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '18776-5' }], text: 'Treatment plan' } }] });
  const asked = await decide(house, claim, pend);
  const until = new Date(house.clock.now.getTime() + 14 * day);
  expect(await columns(claim)).toMatchObject({ paused_until: until, due_at: new Date(running.due_at.getTime() + 14 * day) });
  expect(claimResponseOf(asked.json as Bundle).processNote!.map(({ text }) => text)).toContain(`The time to decide stands still until what was asked for has come, until ${until.toISOString()} at most.`);
  expect(await kinds(claim)).toEqual(expect.arrayContaining(['paused']));
  expect((await extend(claim)).status).toBe(409);
  // Asked once more, it does not stop twice.
  await decide(house, claim, pend);
  expect((await kinds(claim)).filter((kind) => kind === 'paused')).toHaveLength(1);
  house.clock.advance(3 * day);
  const reference = (await house.sql.query<{ administrative_reference: string }>('select administrative_reference from prior_authorization where claim = $1', [claim])).rows[0]!.administrative_reference;
  const sent = await send('POST', `${house.fhir}/$submit-attachment`, { resourceType: 'Parameters', parameter: [
    { name: 'TrackingId', valueIdentifier: { value: reference } }, { name: 'AttachTo', valueCode: 'preauthorization' }, { name: 'MemberId', valueIdentifier: { value: 'PD1000003' } },
    { name: 'Attachment', part: [{ name: 'Code', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '18776-5' }] } }, { name: 'Content', resource: { resourceType: 'DocumentReference', status: 'current', type: { coding: [{ system: 'http://loinc.org', code: '18776-5' }] }, content: [{ attachment: { contentType: 'text/plain', data: 'UGxhbg==' } }] } }] },
  ] });
  expect(sent.status).toBe(200);
  expect(await kinds(claim)).toContain('resumed');
  expect(await columns(claim)).toMatchObject({ paused_until: null, due_at: new Date(running.due_at.getTime() + 3 * day) });
});

test('a change of what is not decided yet keeps its time, however often it comes: what is overdue stays so, and is extended once', async () => {
  const bundle = pendingRequest(house);
  const { claim } = await submitted(house, bundle);
  const { due_at: due } = await columns(claim);
  let last = bundle;
  for (const value of [2, 3]) {
    house.clock.advance(4 * day);
    last = update(last, ({ item }) => { item![0]!.quantity = { value }; });
    expect((await send('POST', `${house.fhir}/Claim/$submit`, last)).status).toBe(200);
    expect(await columns(claim)).toMatchObject({ due_at: due, expedited: false });
  }
  expect((await extend(claim)).status).toBe(409);
  await decide(house, claim, decision(certification));
  const outcome = await house.sql.query<{ submitted_at: Date; decided_at: Date }>('select o.submitted_at, o.decided_at from prior_authorization_outcome o join prior_authorization a on a.id = o.authorization_id where a.claim = $1', [claim]);
  expect(outcome.rows).toEqual([{ submitted_at: new Date(due.getTime() - 7 * day), decided_at: house.clock.now }]);
});

test('a change after an extension leaves the date that was given, and gives no second one', async () => {
  const bundle = pendingRequest(house);
  const { claim } = await submitted(house, bundle);
  expect((await extend(claim)).status).toBe(200);
  const { due_at: due } = await columns(claim);
  house.clock.advance(day);
  expect((await send('POST', `${house.fhir}/Claim/$submit`, update(bundle, ({ item }) => { item![0]!.quantity = { value: 2 }; }))).status).toBe(200);
  expect(await columns(claim)).toMatchObject({ due_at: due, clock_rule: 'ma-standard' });
  expect((await extend(claim)).status).toBe(409);
});

test('what a person found not to be urgent is not urgent again because a change repeats it', async () => {
  const bundle = urgent(pendingRequest(house));
  const { claim } = await submitted(house, bundle);
  expect((await move('downgrade', claim, parameters('not-urgent'))).status).toBe(200);
  const { due_at: due } = await columns(claim);
  house.clock.advance(hour);
  expect((await send('POST', `${house.fhir}/Claim/$submit`, update(bundle, ({ item }) => { item![0]!.quantity = { value: 2 }; }))).status).toBe(200);
  expect(await columns(claim)).toMatchObject({ due_at: due, clock_rule: 'ma-standard', expedited: false });
});

test('an update that says no more than that it is urgent: 72 hours from then', async () => {
  const bundle = pendingRequest(house);
  const { claim } = await submitted(house, bundle);
  house.clock.advance(day);
  expect((await send('POST', `${house.fhir}/Claim/$submit`, urgent(update(bundle)))).status).toBe(200);
  expect(await columns(claim)).toMatchObject({ clock_rule: 'ma-expedited', expedited: true, due_at: new Date(house.clock.now.getTime() + 72 * hour) });
  expect((await taskOf(claim)).priority).toBe('urgent');
});

test('pauses together last no longer than one may', async () => {
  const bundle = pendingRequest(house, { member: 'demo-lena-fischer' });
  const { claim } = await submitted(house, bundle);
  const { due_at: due } = await columns(claim);
  const pend = decision({ action: 'pend', more: [{ name: 'information', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '18776-5' }], text: 'Treatment plan' } }] });
  let last = bundle;
  for (const value of [2, 3, 4]) {
    await decide(house, claim, pend);
    house.clock.advance(6 * day);
    last = update(last, ({ item }) => { item![0]!.quantity = { value }; });
    expect((await send('POST', `${house.fhir}/Claim/$submit`, last)).status).toBe(200);
  }
  expect((await columns(claim)).due_at.getTime()).toBeLessThanOrEqual(due.getTime() + 14 * day);
  await decide(house, claim, pend);
  expect((await kinds(claim)).filter((kind) => kind === 'paused')).toHaveLength(3);
});

test('received when its bytes landed: what the server could not finish keeps its time', async () => {
  const [bundle, refused] = [pendingRequest(house), pendingRequest(house)];
  const landed = house.clock.now;
  for (const [each, state] of [[bundle, 'received'], [refused, 'refused']] as const) {
    const body = Buffer.from(JSON.stringify(each));
    const shard = shardOf(1, createHash('sha256').update(body).digest('hex'));
    await house.sql.query(`insert into landing (tenant, shard, id, received_at, channel, sender, media_type, sha256, body, last_delivered_at, state, answer, answer_status, answer_media_type)
      select tenant, $3, gen_random_uuid(), $1, channel, sender, media_type, sha256($2), $2, $1, $4::text, case when $4 = 'refused' then '' end, 422, '' from landing where channel = 'fhir' limit 1`, [landed, body, shard, state]);
  }
  house.clock.advance(2 * hour);
  expect((await columns((await submitted(house, bundle)).claim)).received_at).toEqual(landed);
  // What was answered, with a refusal, and comes again is received again.
  expect((await columns((await submitted(house, refused)).claim)).received_at).toEqual(house.clock.now);
});

function inquiryOf(bundle: Bundle): Bundle {
  const copy = structuredClone(bundle);
  const claim: Claim = claimOf(copy);
  return { ...copy, entry: [{ ...copy.entry![0]!, resource: claim }, ...copy.entry!.slice(1)] };
}
