/** Replay: from the bytes that landed, by the rules of today, the oldest first. */
import type { Patient } from '@medplum/fhirtypes';
import { replayMessage, replaySome, type Replaying } from '../../../operations/intake/replay.ts';
import { takeMessages, type TakenMessages } from '../../../operations/intake/take-messages.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import type { Context } from '../../../store/context.ts';
import { land } from '../../../store/landing.ts';
import { listMessages, type StoredMessage } from '../../../store/inbox.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { tableCounts } from '../../support/pas-requests.ts';
import { letterRail, letters, type Letter, type LetterRules } from './letters.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const context = (): Context => serverContext(house.server.house, 'test');
const replaying = (rules: LetterRules = {}): Replaying => ({ intake: house.server.house.intake, rails: new Map([['letters', letterRail(rules)]]) });
const take = (text: string, rules: LetterRules = {}): Promise<TakenMessages<Letter>> =>
  takeMessages(house.server.house.intake, letterRail(rules), { sender: 'post', mediaType: 'text/plain', body: Buffer.from(text) }, context());
const messagesOf = async (taken: TakenMessages<Letter>): Promise<readonly StoredMessage[]> => listMessages(house.server.house.database, { landing: taken.landed.id, limit: 100 }, context());
const patientOf = async (record: string): Promise<Patient> => ((await send('GET', `${house.fhir}/Patient?identifier=${record}`)).json as { entry: { resource: Patient }[] }).entry[0]!.resource;
const ann = { record: 'a1', family: 'Quist', given: 'Ann', birthDate: '1970-01-02' };

test('by the same rules nothing changes, in any table but the count of decisions', async () => {
  const taken = await take(letters({ id: 'same', ...ann, record: 'a0', visit: 'v0', start: '2026-01-01' }));
  const [message] = await messagesOf(taken);
  const before = await tableCounts(house.sql);
  expect(await replayMessage(replaying(), message!, undefined, context())).toEqual([{ id: message!.id, channel: 'letters', kind: 'letter', before: 'accepted', after: 'accepted' }]);
  expect(await tableCounts(house.sql)).toEqual(before);
  expect((await messagesOf(taken))[0]).toMatchObject({ attempts: 2, landing: message!.landing });
});

test('by a rule that is new the record has what was without a place before, and no second record', async () => {
  const taken = await take(letters({ id: 'phone', ...ann, given: 'Zoe', phone: '555-0100' }));
  const [message] = await messagesOf(taken);
  expect(message!.share).toEqual({ mapped: 4, sent: 5 });
  await replayMessage(replaying({ withPhone: true }), message!, undefined, context());
  const patient = await patientOf('a1');
  expect(patient).toMatchObject({ meta: { versionId: '2' }, telecom: [{ system: 'phone', value: '555-0100' }] });
  expect((await messagesOf(taken))[0]!.share).toEqual({ mapped: 5, sent: 5 });
  const provenances = (await send('GET', `${house.fhir}/Provenance?target=Patient/${patient.id}`)).json as { entry: { resource: { target: unknown[] } }[] };
  expect(provenances.entry.map(({ resource }) => resource.target)).toEqual([[{ reference: `Patient/${patient.id}/_history/1` }, { reference: `Patient/${patient.id}/_history/2` }]]);
});

test('what the message alone had made and no longer makes is deleted; what others have touched stays', async () => {
  const taken = await take(letters({ id: 'visits', ...ann, record: 'a2', given: 'Bea', visit: 'v1' }));
  const other = await take(letters({ id: 'visits-2', ...ann, record: 'a2', given: 'Bea', visit: 'v2' }));
  await take(letters({ id: 'visits-3', ...ann, record: 'a2', given: 'Bea', visit: 'v2', end: '2026-01-05' }));
  const visits = async (): Promise<number> => ((await send('GET', `${house.fhir}/Encounter?identifier=v1,v2`)).json as { total: number }).total;
  expect(await visits()).toBe(2);
  for (const each of [taken, other]) await replayMessage(replaying({ withoutVisit: true }), (await messagesOf(each))[0]!, undefined, context());
  expect(await visits()).toBe(1);
});

test('an old message does not win over newer ones about the same patient', async () => {
  const first = await take(letters({ id: 'old', ...ann, record: 'a3', given: 'Cleo', city: 'Kiel' }));
  house.clock.advance(1000);
  await take(letters({ id: 'new', ...ann, record: 'a3', given: 'Cleo', city: 'Bonn' }));
  house.clock.advance(1000);
  const replayed = await replayMessage(replaying(), (await messagesOf(first))[0]!, undefined, context());
  expect(replayed).toHaveLength(2);
  expect((await patientOf('a3')).address).toEqual([{ city: 'Bonn' }]);
});

test('what was quarantined because of a fault of ours is taken when that is mended, with its neighbours of one delivery', async () => {
  const taken = await take(letters({ id: 'q1', ...ann, record: 'a4', given: 'Dana', throws: 'x' }, { id: 'q2', ...ann, record: 'a5', given: 'Eve' }, { id: 'q3', ...ann, record: 'a6', given: 'Fay', throws: 'x' }));
  expect(taken.outcome).toBe('partial');
  const mended = letterRail();
  const rail = { ...mended, * read(body: Uint8Array, type: string) { for (const message of mended.read(Buffer.from(Buffer.from(body).toString().replaceAll('throws', 'thrown')), type)) yield { ...message, content: new TextEncoder().encode(Buffer.from(message.content).toString().replaceAll('thrown', 'throws')) }; } };
  const answer = await replaySome({ ...replaying(), rails: new Map([['letters', rail]]) }, { states: ['quarantined'], channel: 'letters' }, context());
  expect(answer).toMatchObject({ more: false, deliveries: 0 });
  expect(answer.messages.map(({ before, after }) => [before, after])).toEqual([['quarantined', 'accepted'], ['quarantined', 'accepted']]);
  const [third] = await messagesOf(taken);
  expect((await send('GET', `${house.fhir}/Task?status=failed`)).json).toMatchObject({ total: 0 });
  expect((await send('GET', `${house.fhir}/Task/${third!.id}`)).json).toMatchObject({ status: 'completed' });
});

test.each(['new', 'chosen'])('a message in review is taken when a person has said whose it is: %s', async (choice) => {
  const record = `r-${choice}`;
  await take(letters({ id: `${choice}-1`, ...ann, record, given: `Gil${choice}` }));
  const taken = await take(letters({ id: `${choice}-2`, sender: 'south', ...ann, record: `${record}x`, given: `Gil${choice}` }));
  const known = await patientOf(record);
  expect(taken.messages[0]!.outcome.state).toBe('review');
  const [message] = await messagesOf(taken);
  const [replayed] = await replayMessage(replaying(), message!, choice === 'new' ? 'new' : known.id!, context());
  expect(replayed).toMatchObject({ before: 'review', after: 'accepted' });
  expect((await patientOf(`${record}x`)).id === known.id).toBe(choice === 'chosen');
  // The person is not asked again.
  await replayMessage(replaying(), message!, undefined, context());
  expect((await messagesOf(taken))[0]).toMatchObject({ state: 'accepted', chosenPatient: choice === 'new' ? 'new' : known.id });
});

test('deliveries that landed when the server ended are taken', async () => {
  const text = letters({ id: 'left', ...ann, record: 'a9', given: 'Hanna' });
  await land(house.server.house.database, { channel: 'letters', sender: 'post', mediaType: 'text/plain', body: Buffer.from(text) }, context());
  house.clock.advance(1000);
  expect(await replaySome(replaying(), { states: ['received'] }, context())).toMatchObject({ deliveries: 1 });
  expect((await patientOf('a9')).name![0]!.given).toEqual(['Hanna']);
  expect((await take(text)).outcome).toBe('repeated');
});

test('what is not there, or of a channel that is closed, is refused', async () => {
  const taken = await take(letters({ id: 'closed', ...ann, record: 'a10', given: 'Ina' }));
  const [message] = await messagesOf(taken);
  await expect(replayMessage({ ...replaying(), rails: new Map() }, message!, undefined, context())).rejects.toMatchObject({ code: 'channel-closed' });
  await expect(replayMessage(replaying(), { id: taken.landed.id, shard: taken.landed.shard }, undefined, context())).rejects.toMatchObject({ code: 'message-not-found' });
});
