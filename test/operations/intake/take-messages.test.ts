/** The inbox, the same for every rail: recognized, mapped, matched, merged, committed, or kept with the reason. */
import type { Encounter, OperationOutcome, Patient, Provenance, Task } from '@medplum/fhirtypes';
import { takeMessages, type Intake, type TakenMessages } from '../../../operations/intake/take-messages.ts';
import { createTurns } from '../../../operations/intake/turns.ts';
import { readMessage } from '../../../store/inbox.ts';
import { readLedger } from '../../../store/ledger.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import type { Context } from '../../../store/context.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { tableCounts } from '../../support/pas-requests.ts';
import { letterRail, letters, type Letter, type LetterRules } from './letters.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const context = (): Context => ({ ...serverContext(house.server.house, 'test'), actor: 'tester' });
/** As another server on the same store has it: what is under way in this one it does not know. */
const elsewhere = (): Intake => ({ ...house.server.house.intake, turns: createTurns() });
const take = (text: string, rules: LetterRules = {}, sender = 'post', intake = house.server.house.intake): Promise<TakenMessages<Letter>> =>
  takeMessages(intake, letterRail(rules), { sender, mediaType: 'text/plain', body: Buffer.from(text) }, context());

let numbers = 100;
/** A person nobody has heard of. */
function person(more: Record<string, string> = {}): Record<string, string> {
  numbers += 1;
  return { id: `m${numbers}`, record: `r${numbers}`, family: `Family${String.fromCharCode(97 + numbers % 26)}${numbers}`.replaceAll(/\d/g, (digit) => String.fromCharCode(97 + Number(digit))), given: 'Ann', birthDate: '1970-01-02', gender: 'female', ...more };
}
const found = async (type: string, query: string): Promise<Record<string, unknown>[]> =>
  ((await send('GET', `${house.fhir}/${type}?${query}`)).json as { entry?: { resource: Record<string, unknown> }[] }).entry?.map(({ resource }) => resource) ?? [];
const patientOf = async (record: string, sender = 'north'): Promise<Patient & { id: string }> => {
  const [patient, ...others] = await found('Patient', `identifier=urn:letters:${sender}|${record}`) as unknown as (Patient & { id: string })[];
  expect(others).toEqual([]);
  return patient!;
};
const rows = () => tableCounts(house.sql);
const taskOf = async (taken: TakenMessages<Letter>, at = 0): Promise<Task> => {
  const { rows: [row] } = await house.sql.query<{ id: string }>('select id from inbox_message where landing_id = $1 and position = $2', [taken.landed.id, at]);
  return (await send('GET', `${house.fhir}/Task/${row!.id}`)).json as Task;
};
const outcomeIn = (task: Task): OperationOutcome => task.contained!.find((one) => one.resourceType === 'OperationOutcome') as OperationOutcome;

describe('A message that cannot be taken', () => {
  test('is quarantined with the reason and its place, and the others of its delivery are not kept waiting', async () => {
    const [one, two, three] = [person(), person({ broken: 'x' }), person()];
    const taken = await take(letters(one, two, three));
    expect(taken.outcome).toBe('partial');
    expect(taken.answer.body).toBe(`accepted ${one['id']}\nquarantined ${two['id']} broken@broken:8\naccepted ${three['id']}`);
    expect(await found('Patient', `identifier=${two['record']}`)).toEqual([]);
    expect((await patientOf(three['record']!)).birthDate).toBe('1970-01-02');
    const task = await taskOf(taken, 1);
    expect(task).toMatchObject({ status: 'failed', intent: 'order', focus: { reference: '#received' }, output: [{ valueReference: { reference: '#outcome' } }] });
    expect(outcomeIn(task).issue).toEqual([{ severity: 'error', code: 'processing', details: { coding: [{ system: 'https://priora.health/fhir/CodeSystem/message-issue', code: 'broken' }], text: 'The letter is broken.' }, diagnostics: 'broken, line 8, column 1' }]);
    expect((await send('POST', `${house.fhir}/Task/$validate`, task)).json).toMatchObject({ issue: expect.not.arrayContaining([expect.objectContaining({ severity: 'error' })]) as unknown });
    const url = (task.contained![0] as { content: { attachment: { url: string } }[] }).content[0]!.attachment.url;
    expect((await fetch(url)).status).toBe(200);
    expect(await (await fetch(url)).text()).toBe(letters(one, two, three));
  });

  test('because the mapper fails: the sender hears nothing of the data, and neither does the log', async () => {
    const who = person({ throws: 'yes' });
    const taken = await take(letters(who));
    expect(taken).toMatchObject({ outcome: 'refused', answer: { body: `quarantined ${who['id']} mapping-failed@-:-` } });
    expect(house.log.join('\n')).toContain('letters.ts');
    expect(house.log.join('\n')).not.toContain(who['family']);
    expect(JSON.stringify(await taskOf(taken))).not.toContain(who['family']);
  });

  test('because base R4 does not allow what it says: told with the place in the message', async () => {
    const taken = await take(letters(person({ birthDate: 'tomorrow', visit: 'v9', start: '2026-13-01' })));
    expect(taken.messages[0]!.outcome.issues).toEqual(expect.arrayContaining([
      expect.objectContaining({ severity: 'error', source: 'birthDate', line: 6, expression: 'Bundle.entry[0].resource.birthDate' }),
      expect.objectContaining({ severity: 'error', source: 'start', line: 9, expression: 'Bundle.entry[1].resource.period.start' }),
    ]));
    expect(taken.messages[0]!.outcome.state).toBe('quarantined');
  });

  test('because the mapper lets a reference dangle', async () => {
    const taken = await take(letters(person({ visit: 'v1', dangling: 'yes' })));
    expect(taken.messages[0]!.outcome).toMatchObject({ state: 'quarantined', issues: [{ code: 'mapping-failed', expression: 'Bundle.entry[1].resource.subject.reference' }] });
  });

  test('because it is nothing of the kind: the delivery is refused, and kept', async () => {
    const taken = await take('nothing at all');
    expect(taken).toMatchObject({ outcome: 'refused', answer: { status: 400, body: 'refused empty-body' }, messages: [] });
    expect((await send('GET', `${house.origin}/landing/${taken.landed.id}`)).json).toMatchObject({ state: 'refused', problems: ['empty-body'] });
  });
});

describe('A message that comes again', () => {
  test('in the same delivery: the same answer, byte for byte, and no row anywhere', async () => {
    const text = letters(person({ visit: 'again', start: '2026-01-01' }), person());
    const first = await take(text);
    const before = await rows();
    house.clock.advance(60_000);
    const second = await take(text);
    expect(second).toMatchObject({ outcome: 'repeated', answer: first.answer });
    expect(await rows()).toEqual(before);
  });

  test('in another delivery: its own acknowledgement again, and nothing but the delivery is new', async () => {
    const [one, two] = [person(), person()];
    const first = await take(letters(one));
    const before = await rows();
    const second = await take(letters(one, two), {}, 'another way');
    expect(second.messages[0]).toMatchObject({ repeated: true, acknowledgement: first.messages[0]!.acknowledgement, outcome: { state: 'accepted' } });
    expect(second.messages[1]).toMatchObject({ repeated: false });
    const after = await rows();
    expect(after['inbox_message']! - before['inbox_message']!).toBe(1);
    expect(after['ledger']! - before['ledger']!).toBe(1);
  });

  test('under its key with other content: refused as a duplicate, however often, and nothing is changed', async () => {
    const who = person();
    await take(letters(who));
    const other = letters({ ...who, birthDate: '1999-09-09' });
    const taken = await take(other);
    expect(taken).toMatchObject({ outcome: 'answered', answer: { body: `duplicate ${who['id']} duplicate-key@-:-` } });
    expect((await patientOf(who['record']!)).birthDate).toBe('1970-01-02');
    const before = await rows();
    expect((await take(other, {}, 'another way')).answer.body).toBe(taken.answer.body);
    expect((await rows())['inbox_message']).toBe(before['inbox_message']);
  });

  test('mended, under the key of what was quarantined: taken, and its Task is completed', async () => {
    const who = person({ broken: 'x' });
    const first = await take(letters(who));
    const { broken: _, ...mended } = who;
    const second = await take(letters(mended));
    expect(second.answer.body).toBe(`accepted ${who['id']}`);
    expect(await taskOf(second)).toMatchObject({ status: 'completed', meta: { versionId: '2' } });
    expect((await house.sql.query('select 1 from inbox_message where landing_id = $1', [first.landed.id])).rowCount).toBe(0);
  });

  test.each(['one server', 'servers of their own'])('at the same instant, twenty times in as many deliveries to %s: taken once, acknowledged alike', async (where) => {
    const who = person({ visit: `race-${where.length}`, start: '2026-02-02' });
    const text = letters(who);
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => take(text, {}, `way ${index}`, where === 'one server' ? undefined : elsewhere())));
    expect(new Set(all.map(({ answer }) => answer.body)).size).toBe(1);
    expect((await patientOf(who['record']!)).meta!.versionId).toBe('1');
    expect((await house.sql.query('select 1 from inbox_message where message_key = $1', [`north|${who['id']}`])).rowCount).toBe(1);
  });

  test('under its key with other content at the same instant on several servers: one of them is taken', async () => {
    const all = Array.from({ length: 8 }, () => person({ id: 'contended' }));
    const taken = await Promise.all(all.map((who) => take(letters(who), {}, 'post', elsewhere())));
    expect(taken.map(({ messages }) => messages[0]!.outcome.state).toSorted()).toEqual(['accepted', ...Array.from({ length: 7 }, () => 'duplicate')]);
    const stored = await Promise.all(all.map((who) => found('Patient', `identifier=${who['record']}`)));
    expect(stored.flat()).toHaveLength(1);
  });

  test('different messages about one person at the same instant: all of them are in the record', async () => {
    const who = person();
    const fields: Record<string, string>[] = [{ city: 'Bremen' }, { gender: 'male' }, { visit: 'p1' }, { visit: 'p2' }, { birthDate: '1970-01-02' }];
    await Promise.all(fields.map((more, index) => take(letters({ id: `${who['id']}-${index}`, record: who['record']!, family: who['family']!, ...more }), {}, 'post', elsewhere())));
    const patient = await patientOf(who['record']!);
    expect(patient).toMatchObject({ gender: 'male', birthDate: '1970-01-02', address: [{ city: 'Bremen' }] });
    expect(await found('Encounter', `subject=Patient/${patient.id}`)).toHaveLength(2);
  });
});

describe('What a message says of what is stored', () => {
  test('replaces what it speaks of, leaves what it does not, and takes away what it erases', async () => {
    const who = person({ city: 'Kiel', visit: 'u1', start: '2026-01-01T08:00:00Z' });
    await take(letters(who));
    await take(letters({ id: `${who['id']}b`, record: who['record']!, family: who['family']!, given: 'Anna', birthDate: '1970-01-02', gender: '""', visit: 'u1', end: '2026-01-03T10:00:00Z' }));
    const patient = await patientOf(who['record']!);
    expect(patient).toMatchObject({ name: [{ family: who['family'], given: ['Anna'] }], birthDate: '1970-01-02', address: [{ city: 'Kiel' }], meta: { versionId: '2' } });
    expect(patient.gender).toBeUndefined();
    const [visit] = await found('Encounter', `subject=Patient/${patient.id}`) as unknown as Encounter[];
    expect(visit).toMatchObject({ status: 'finished', period: { start: '2026-01-01T08:00:00Z', end: '2026-01-03T10:00:00Z' } });
  });

  test('that is there already makes no version', async () => {
    const who = person();
    await take(letters(who));
    await take(letters({ ...who, id: `${who['id']}b` }));
    expect((await patientOf(who['record']!)).meta!.versionId).toBe('1');
  });

  test('a document of a lower version that comes late changes nothing', async () => {
    const who = person({ series: 'doc-1', version: '2', city: 'Bonn' });
    await take(letters(who));
    const late = await take(letters({ ...who, id: `${who['id']}-old`, version: '1', city: 'Berlin' }));
    expect(late.messages[0]!.outcome).toMatchObject({ state: 'accepted', issues: [{ code: 'superseded', severity: 'information' }] });
    await take(letters({ ...who, id: `${who['id']}-new`, version: '3', city: 'Ulm' }));
    expect((await patientOf(who['record']!)).address).toEqual([{ city: 'Ulm' }]);
  });
});

describe('Whose it is', () => {
  test('a member is known by number and birth date, and keeps the numbers of others', async () => {
    const stored = await send('PUT', `${house.fhir}/Patient/the-member`, { resourceType: 'Patient', id: 'the-member', identifier: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MB' }] }, system: 'urn:letters:plan', value: 'M-77' }], name: [{ family: 'Quist', given: ['Olga'] }], birthDate: '1950-05-05' });
    expect(stored.status).toBe(201);
    const taken = await take(letters(person({ member: 'M-77', family: 'Quist', given: 'Olga', birthDate: '1950-05-05', visit: 'w1' })));
    expect(taken.outcome).toBe('answered');
    const patient = (await send('GET', `${house.fhir}/Patient/the-member`)).json as Patient;
    expect(patient.identifier!.map(({ value }) => value)).toEqual(['M-77', expect.stringMatching(/^r\d+$/)]);
    expect(await found('Encounter', 'subject=Patient/the-member')).toHaveLength(1);
  });

  test('the number of a member under another name waits for a person, who is shown the candidates, and nothing is merged', async () => {
    const before = (await send('GET', `${house.fhir}/Patient/the-member`)).text;
    const who = person({ member: 'M-77', family: 'Quist', given: 'Olga', birthDate: '1980-08-08', visit: 'w2' });
    const taken = await take(letters(who));
    expect(taken).toMatchObject({ outcome: 'answered', messages: [{ outcome: { state: 'review', issues: [{ code: 'same-number-other-person' }] } }] });
    expect((await send('GET', `${house.fhir}/Patient/the-member`)).text).toBe(before);
    expect(await found('Patient', `identifier=${who['record']}`)).toEqual([]);
    expect(await taskOf(taken)).toMatchObject({ status: 'on-hold', input: [{ valueReference: { reference: 'Patient/the-member' } }] });
  });

  test('somebody of the same name and birth date without a number in common: a person says', async () => {
    const who = person();
    await take(letters(who));
    const taken = await take(letters({ ...who, id: `${who['id']}x`, record: `${who['record']}x`, sender: 'south' }));
    expect(taken.messages[0]!.outcome).toMatchObject({ state: 'review', issues: [{ code: 'same-person-without-number' }] });
  });

  test('after a merge (A40) both records are read, each leads to the other, and messages under the old number are about the new record', async () => {
    const kept = person();
    const old: Record<string, string> = { ...person(), family: kept['family']! };
    await take(letters(old, kept));
    const merged = await take(letters({ id: 'merge-1', record: kept['record']!, family: kept['family']!, replaces: old['record']! }));
    expect(merged.outcome).toBe('answered');
    const [was, is] = [await patientOf(old['record']!), await patientOf(kept['record']!)];
    expect(was).toMatchObject({ active: false, link: [{ type: 'replaced-by', other: { reference: `Patient/${is.id}` } }], name: [{ family: old['family'] }] });
    expect(is).toMatchObject({ link: [{ type: 'replaces', other: { reference: `Patient/${was.id}` } }] });
    await take(letters({ id: 'merge-2', record: old['record']!, family: kept['family']!, birthDate: '1970-01-02', visit: 'after' }));
    expect(await found('Encounter', `subject=Patient/${is.id}`)).toHaveLength(1);
    expect((await send('GET', `${house.fhir}/Patient/${was.id}`)).status).toBe(200);
  });
});

test('the ledger of each version says where each value came from, and a Provenance names versions, bytes and sender', async () => {
  const who = person({ phone: '555' });
  const taken = await take(letters(who));
  const patient = await patientOf(who['record']!);
  const [ledger] = await readLedger(house.server.house.database, 'Patient', patient.id, 9, 10, context());
  expect(ledger).toMatchObject({ version: 1 });
  expect(ledger!.entries).toContainEqual({ path: 'birthDate', source: 'birthDate', rule: 'letter/birthDate', line: 6, column: 1 });
  const [provenance] = await found('Provenance', `target=Patient/${patient.id}`) as unknown as Provenance[];
  expect(provenance).toMatchObject({
    target: [{ reference: `Patient/${patient.id}/_history/1` }], agent: [{ who: { display: 'House north' } }, { who: { display: 'post' } }],
    entity: [{ role: 'source', what: { identifier: { value: `urn:uuid:${taken.landed.id}` } } }],
  });
  expect(patient.meta!.source).toBe(`urn:uuid:${taken.landed.id}`);
  const { id, shard } = ledger!.message;
  const message = await readMessage(house.server.house.database, { id, shard }, context());
  expect(message).toMatchObject({ state: 'accepted', patient: patient.id, share: { mapped: 5, sent: 6 } });
  expect(JSON.parse(message!.unmapped)).toEqual([{ source: 'phone', line: 8, column: 1, reason: 'no map' }]);
});

test('what is counted has channel and outcome, and how much of what was sent has a place', async () => {
  const text = (await send('GET', `${house.origin}/metrics`)).text;
  for (const outcome of ['accepted', 'review', 'quarantined', 'duplicate', 'repeated']) expect(text).toMatch(new RegExp(`priora_messages_total\\{channel="letters",outcome="${outcome}"\\} [1-9]`));
  expect(text).toMatch(/priora_message_values_total\{channel="letters",mapped="no"\} [1-9]/);
});

test('a record of another tenant is nobody here', async () => {
  const who = person();
  await take(letters(who));
  expect((await send('GET', `${house.fhir}/Patient?identifier=${who['record']}`)).json).toMatchObject({ total: 1 });
  const other = { ...context(), tenant: { id: 99, name: 'other' }, access: { tenant: 99 } };
  expect(await readLedger(house.server.house.database, 'Patient', (await patientOf(who['record']!)).id, 9, 10, other)).toEqual([]);
});
