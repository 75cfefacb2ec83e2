/** What a sender's message may say of a person whom the plan's own record names: what senders know better, and never who he is. */
import type { Patient } from '@medplum/fhirtypes';
import { membersNumbered } from '../../../operations/prior-authorization/member.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

let control = 0;
interface Told { readonly event?: string; readonly numbers: string; readonly names?: string; readonly born?: string; readonly gender?: string; readonly address?: string; readonly dead?: string; readonly merged?: string }

/** An ADT of a clinic about a person. */
function adt({ event = 'A31', numbers, names = 'Reyes^Daniel', born = '19681123', gender = 'M', address = '', dead = '', merged }: Told): Promise<TestAnswer> {
  control += 1;
  const pid = ['PID', '1', '', numbers, '', names, '', born, gender, '', '', address, ...Array<string>(18).fill(''), dead].join('|').replace(/\|+$/, '');
  const text = `MSH|^~\\&|EHR|CLINIC|PRIORA|PLAN|20260302085500+0000||ADT^${event}^ADT_${event === 'A40' ? 'A39' : event === 'A08' ? 'A01' : 'A05'}|PR${control}|P|2.5.1\rEVN|${event}|20260302\r${pid}\r${merged === undefined ? 'PV1|1|N\r' : `MRG|${merged}\r`}`;
  return send('POST', `${house.origin}/inbox/hl7v2`, text, { 'content-type': 'x-application/hl7-v2+er7' });
}

const numbered = async (number: string): Promise<(Patient & { id: string })[]> =>
  ((await send('GET', `${house.fhir}/Patient?identifier=${number}`)).json as { entry?: { resource: Patient & { id: string } }[] }).entry?.map(({ resource }) => resource) ?? [];
const own = async (number: string): Promise<Patient & { id: string }> => (await numbered(number)).find(({ id }) => id.startsWith('demo-'))!;
const whoOf = ({ name, birthDate, gender, active, link, deceasedBoolean, deceasedDateTime, identifier }: Patient): unknown => ({ name, birthDate, gender, active, link, deceasedBoolean, deceasedDateTime, members: identifier!.filter(({ type }) => type?.coding?.every(({ code }) => code !== 'MR') ?? true) });
/** What the inbox has told of its last message. */
async function told(): Promise<{ state: string; codes: string[] }> {
  const { rows: [row] } = await house.sql.query<{ state: string; issues: string }>('select state, issues from inbox_message where message_key like $1', [`%PR${control}`]);
  return { state: row!.state, codes: [...new Set((JSON.parse(row!.issues) as { code: string }[]).map(({ code }) => code))] };
}

test('another name and another member\'s number: neither is added to the plan\'s record, and it is told', async () => {
  const before = await own('PD1000002');
  expect((await adt({ numbers: 'PD1000002^^^PLAN^MB~PD1000003^^^PLAN^MB', names: 'Reyes^Daniel~Evil^Mallory' })).text).toMatch(/MSA\|AA/);
  expect(whoOf(await own('PD1000002'))).toEqual(whoOf(before));
  expect((await numbered('PD1000003')).map(({ id }) => id)).toEqual(['demo-lena-fischer']);
  expect(await told()).toEqual({ state: 'accepted', codes: expect.arrayContaining(['plan-record-kept']) as unknown });
});

test('in three steps, by a record number of the sender\'s own: the name and the birth date stay', async () => {
  const before = await own('PD1000002');
  await adt({ event: 'A08', numbers: 'PD1000002^^^PLAN^MB~MR777^^^CLINIC^MR' });
  const numbers = (await own('PD1000002')).identifier!.map(({ value }) => value);
  expect(numbers).toContain('MR777');
  await adt({ event: 'A08', numbers: 'MR777^^^CLINIC^MR', born: '19800101' });
  await adt({ event: 'A08', numbers: 'MR777^^^CLINIC^MR', names: 'Evil^Mallory', born: '19800101' });
  await adt({ event: 'A08', numbers: 'MR777^^^CLINIC^MR', names: '""', born: '19681123', gender: '""' });
  expect(whoOf(await own('PD1000002'))).toEqual(whoOf(before));
});

test('a number of the plan\'s under the name of a record number stays what it is', async () => {
  const before = await own('PD1000002');
  const { system } = before.identifier![0]!;
  await adt({ numbers: `PD1000002^^^PLAN^MB~PD1000002^^^&${system}&URI^MR~PD1000003^^^&${system}&URI^MR~NOBODYS^^^^MR~UNTOLD^^^CLINIC` });
  const after = await own('PD1000002');
  expect(after.identifier!.slice(0, before.identifier!.length)).toEqual(before.identifier);
  expect(after.identifier!.map(({ value }) => value)).not.toEqual(expect.arrayContaining(['PD1000003']));
  for (const value of ['NOBODYS', 'UNTOLD']) expect(after.identifier!.map((each) => each.value)).not.toContain(value);
});

test('what senders know better is taken: an address; that he has died is told and not recorded', async () => {
  await adt({ numbers: 'PD1000002^^^PLAN^MB', address: '7 Elm Way^^Dayton^OH^45402', dead: 'Y' });
  const after = await own('PD1000002');
  expect([after.address?.[0]?.city, after.deceasedBoolean]).toEqual(['Dayton', undefined]);
  expect((await told()).codes).toContain('plan-record-kept');
});

test('a sender\'s merge never puts a member out of force: a person judges', async () => {
  const before = await own('PD1000002');
  await adt({ event: 'A40', numbers: 'NEW1^^^CLINIC^MR', names: 'Evil^Mallory', born: '19990909', merged: 'PD1000002^^^PLAN^MB||||||Reyes^Daniel' });
  expect(await told()).toMatchObject({ state: 'review', codes: ['merge-of-plan-record'] });
  expect([await own('PD1000002'), await numbered('NEW1')]).toEqual([before, []]);
  // Nor where both say the same of him.
  await adt({ event: 'A40', numbers: 'NEW2^^^CLINIC^MR', merged: 'PD1000002^^^PLAN^MB||||||Reyes^Daniel' });
  expect((await told()).state).toBe('review');
  expect((await own('PD1000002')).meta!.versionId).toBe(before.meta!.versionId);
});

test('a merge of a sender\'s records that contradict each other waits for a person, who chooses the one that stays', async () => {
  const merge = (old: string, kept: Omit<Told, 'event' | 'merged'>): Promise<TestAnswer> => adt({ ...kept, event: 'A40', merged: `${old}^^^CLINIC^MR` });
  await adt({ event: 'A08', numbers: 'OLD1^^^CLINIC^MR', names: 'Okafor^Ada', born: '19500505', gender: 'F' });
  for (const [number, other] of Object.entries({ KEPT1: { names: 'Svensson^Ada' }, KEPT2: { born: '19510505' }, KEPT3: { gender: 'M' } })) {
    const kept = { numbers: `${number}^^^CLINIC^MR`, names: 'Okafor^Ada', born: '19500505', gender: 'F', ...other };
    await merge('OLD1', kept);
    expect(await told()).toMatchObject({ state: 'review', codes: ['merge-of-different-people'] });
    expect((await numbered('OLD1'))[0]).toMatchObject({ meta: { versionId: '1' } });
  }
  await adt({ event: 'A08', numbers: 'KEPT4^^^CLINIC^MR', names: 'Lindqvist^Bo', born: '19600606' });
  await merge('OLD1', { numbers: 'KEPT4^^^CLINIC^MR', names: 'Lindqvist^Bo', born: '19600606' });
  const [[old], [kept]] = [await numbered('OLD1'), await numbered('KEPT4')];
  const { rows: [row] } = await house.sql.query<{ id: string }>('select id from inbox_message where message_key like $1', [`%PR${control}`]);
  // The record that goes is no choice of the one that stays.
  await send('POST', `${house.origin}/inbox/${row!.id}/replay`, { patient: old!.id }, { 'content-type': 'application/json' });
  expect((await told()).state).toBe('review');
  await send('POST', `${house.origin}/inbox/${row!.id}/replay`, { patient: kept!.id }, { 'content-type': 'application/json' });
  expect((await told()).state).toBe('accepted');
  expect((await numbered('OLD1'))[0]).toMatchObject({ active: false, link: [{ type: 'replaced-by', other: { reference: `Patient/${kept!.id}` } }] });
});

test('a merge of records that agree is done without a person', async () => {
  await adt({ event: 'A08', numbers: 'AGREE1^^^CLINIC^MR', names: 'Haugen^Siri', born: '', gender: 'F' });
  await adt({ event: 'A08', numbers: 'AGREE2^^^CLINIC^MR', names: 'Haugen^Siri', born: '19550101', gender: 'F' });
  await adt({ event: 'A40', numbers: 'AGREE2^^^CLINIC^MR', names: 'Haugen^Siri', born: '19550101', gender: 'F', merged: 'AGREE1^^^CLINIC^MR||||||Haugen^Siri' });
  expect((await told()).state).toBe('accepted');
  expect((await numbered('AGREE1'))[0]).toMatchObject({ active: false });
});

test('a record number of a sender that reads like another member\'s number makes nobody a second holder of it', async () => {
  await adt({ event: 'A08', numbers: 'PD1000002^^^PLAN^MB~PD1000001^^^CLINIC^MR' });
  expect((await own('PD1000002')).identifier!.map(({ value }) => value)).toContain('PD1000001');
  const { house: { database } } = house.server;
  expect((await membersNumbered(database, ['PD1000001'], serverContext(house.server.house, 'test'))).map(({ id }) => id)).toEqual(['demo-amara-okafor']);
});
