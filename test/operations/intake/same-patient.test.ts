/** Ids that a sender gives to resources of several patients: each keeps its own. */
import type { Bundle, Encounter, Patient, Resource } from '@medplum/fhirtypes';
import { replayMessage } from '../../../operations/intake/replay.ts';
import { takeMessages, type TakenMessages } from '../../../operations/intake/take-messages.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import { listMessages } from '../../../store/inbox.ts';
import { readLedger } from '../../../store/ledger.ts';
import type { Context } from '../../../store/context.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { tableCounts } from '../../support/pas-requests.ts';
import { documentText, section, template } from '../../mappers/ccda/build.ts';
import { adt, codeOf } from '../../channels/mllp/messages.ts';
import { letterRail, letters, type Letter } from './letters.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const context = (): Context => serverContext(house.server.house, 'test');
const take = (text: string): Promise<TakenMessages<Letter>> => {
  house.clock.advance(1000);
  return takeMessages(house.server.house.intake, letterRail(), { sender: 'post', mediaType: 'text/plain', body: Buffer.from(text) }, context());
};
async function found<T extends Resource>(search: string): Promise<(T & { id: string })[]> {
  return ((await send('GET', `${house.fhir}/${search}`)).json as Bundle<T & { id: string }>).entry?.map(({ resource }) => resource!) ?? [];
}
const visits = (number: string): Promise<(Encounter & { id: string })[]> => found<Encounter>(`Encounter?identifier=${number}`);
const patientOf = async (record: string): Promise<Patient & { id: string }> => (await found<Patient>(`Patient?identifier=${record}`))[0]!;
const codes = (taken: TakenMessages<Letter>, at = 0): string[] => taken.messages[at]!.outcome.issues.map(({ code }) => code);
/** Families are each test's own: two of one name and day are for a person to tell apart. */
const ann = (n: string): Record<string, string> => ({ record: `ann-${n}`, family: `Quist${n}`, given: 'Ann', birthDate: '1970-01-02' });
const bob = (n: string): Record<string, string> => ({ record: `bob-${n}`, family: `Ramos${n}`, given: 'Bob', birthDate: '1981-03-04' });
const addressOf = async (record: string): Promise<string> => `Patient/${(await patientOf(record)).id}`;

describe.each(['', 'yes'])('a visit number that two patients share (whole: %j)', (whole) => {
  const [n, number] = [`share${whole}`, `shared${whole}`];

  test('each has a visit of its own; the second sender is told, and the first visit is as it was', async () => {
    const first = await take(letters({ id: `1${n}`, ...ann(n), visit: number, start: '2026-01-01', whole }));
    const [before] = await visits(number);
    const second = await take(letters({ id: `2${n}`, ...bob(n), visit: number, start: '2026-02-02', whole }));
    expect([codes(first), codes(second)]).toEqual([[], ['same-id-other-patient']]);
    expect(second.messages[0]!.outcome).toMatchObject({ state: 'accepted', issues: [{ severity: 'information', source: 'visit', expression: 'Bundle.entry[1].resource' }] });
    const both = (await visits(number)).toSorted((one, other) => one.period!.start!.localeCompare(other.period!.start!));
    expect(both[0]).toEqual(before);
    expect(both.map(({ subject, period, meta }) => [subject!.reference, period!.start, meta!.versionId])).toEqual([[await addressOf(`ann-${n}`), '2026-01-01', '1'], [await addressOf(`bob-${n}`), '2026-02-02', '1']]);
    const [ledger] = await readLedger(house.server.house.database, 'Encounter', both[1]!.id, 9, 10, context());
    expect(ledger!.entries).toContainEqual(expect.objectContaining({ path: 'period.start', source: 'start' }));
  });

  test('later messages find that of their own patient, in whatever order they come', async () => {
    await take(letters({ id: `3${n}`, ...bob(n), visit: number, end: '2026-02-05', whole }));
    await take(letters({ id: `4${n}`, ...ann(n), visit: number, end: '2026-01-05', whole }));
    const ends = (await visits(number)).map(({ period, subject }) => [subject!.reference, period!.end] as const);
    expect(ends).toHaveLength(2);
    expect(new Map(ends)).toEqual(new Map([[await addressOf(`bob-${n}`), '2026-02-05'], [await addressOf(`ann-${n}`), '2026-01-05']]));
  });

  test('a replay of all of them leaves both as they are', async () => {
    const landed = (await listMessages(house.server.house.database, { channel: 'letters', limit: 4 }, context())).toReversed();
    const contents = async (): Promise<unknown> => (await visits(number)).map(({ meta: _meta, ...content }) => content).toSorted((one, other) => one.id.localeCompare(other.id));
    const [before, { resource }] = [await contents(), await tableCounts(house.sql)];
    for (const message of landed) await replayMessage({ intake: house.server.house.intake, rails: new Map([['letters', letterRail()]]) }, message, undefined, context());
    expect(await contents()).toEqual(before);
    expect(await tableCounts(house.sql)).toMatchObject({ resource });
  });
});

test('at the same instant: one visit for each of them', async () => {
  const people = Array.from({ length: 6 }, (_, at) => ({ id: `race${at}`, record: `race-${at}`, family: `Race${'abcdef'[at]}`, given: 'Rae', birthDate: `1990-01-0${at + 1}`, visit: 'race' }));
  await Promise.all(people.map((one) => take(letters(one))));
  const subjects = (await visits('race')).map(({ subject }) => subject!.reference);
  expect(new Set(subjects)).toEqual(new Set(await Promise.all(people.map(({ record }) => addressOf(record)))));
  expect(subjects).toHaveLength(6);
});

describe('records that were merged are one patient', () => {
  test('a visit under the old record is that of the new one, also in the message that merges them', async () => {
    await take(letters({ id: 'm1', ...ann('old'), visit: 'merged', start: '2026-01-01' }));
    // One person under two numbers: records that contradict each other are for a person to merge.
    const kept = { record: 'ann-kept', family: 'Quistold' };
    await take(letters({ id: 'm2', ...kept }));
    const merge = await take(letters({ id: 'm3', ...kept, replaces: 'ann-old', visit: 'merged', end: '2026-01-04' }));
    expect(codes(merge)).toEqual([]);
    const after = await take(letters({ id: 'm4', ...kept, visit: 'merged', end: '2026-01-09' }));
    expect(codes(after)).toEqual([]);
    expect(await visits('merged')).toMatchObject([{ period: { start: '2026-01-01', end: '2026-01-09' } }]);
  });

  test('what was put aside under the old record is found for the new one', async () => {
    await take(letters({ id: 'p1', ...ann('aside'), visit: 'aside', start: '2026-01-01' }));
    await take(letters({ id: 'p2', ...bob('was'), visit: 'aside', start: '2026-02-01' }));
    await take(letters({ id: 'p3', record: 'bob-is', family: 'Ramoswas', given: 'Bob', birthDate: '1981-03-04' }));
    await take(letters({ id: 'p4', record: 'bob-is', family: 'Ramoswas', replaces: 'bob-was' }));
    await take(letters({ id: 'p5', record: 'bob-is', family: 'Ramoswas', birthDate: '1981-03-04', visit: 'aside', end: '2026-02-09' }));
    expect((await visits('aside')).map(({ period }) => period).toSorted((one, other) => one!.start!.localeCompare(other!.start!))).toEqual([{ start: '2026-01-01' }, { start: '2026-02-01', end: '2026-02-09' }]);
  });
});

test('a C-CDA document with the problem id of another patient\'s leaves that problem alone, and refers to its own', async () => {
  const problem = (code: string): string => `<act classCode="ACT" moodCode="EVN">${template('3')}<id root="1.2.3.4" extension="ACT"/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/><effectiveTime><low value="2010"/></effectiveTime><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template('4')}<id root="1.2.3.4" extension="ALWAYS"/><code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><value xsi:type="CD" code="${code}" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></act>`;
  for (const [name, code] of [['Anna', '44054006'], ['Berta', '73211009']] as const) {
    const text = documentText({ body: section('11450-4', [problem(code)]) }).replace('extension="D1"', `extension="D-${name}"`).replace('extension="P1"', `extension="P-${name}"`).replace('Secretname', name);
    expect((await send('POST', `${house.origin}/inbox/ccda`, text, { 'content-type': 'application/cda+xml' })).status).toBe(200);
  }
  for (const [name, code] of [['Anna', '44054006'], ['Berta', '73211009']] as const) {
    const subject = await addressOf(`P-${name}`);
    const conditions = await found(`Condition?subject=${subject}`);
    expect(conditions).toMatchObject([{ code: { coding: [{ code }] } }]);
    expect(await found(`Composition?subject=${subject}`)).toMatchObject([{ section: [{ entry: [{ reference: `Condition/${conditions[0]!.id}` }] }] }]);
  }
});

test('a result with the filler number of another patient\'s, or of nobody\'s, moves no Observation', async () => {
  const result = (id: string, value: string, pid: readonly string[]): string => adt({ id, type: 'ORU^R01^ORU_R01', segments: [...pid, 'OBR|1||F-1^LAB|2345-7^Glucose^LN|||20260301', `OBX|1|NM|2345-7^Glucose^LN|1|${value}|mg/dL|||||F`] });
  const pidOf = (number: string, family: string): string => `PID|1||${number}^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||${family}^Case||19700214|F`;
  for (const message of [result('O1', '5', [pidOf('ORU-A', 'Alpha')]), result('O2', '6', [pidOf('ORU-B', 'Beta')]), result('O3', '7', [])]) {
    expect(codeOf((await send('POST', `${house.origin}/inbox/hl7v2`, message, { 'content-type': 'x-application/hl7-v2+er7' })).text)).toBe('AA');
  }
  const values = async (record: string): Promise<unknown[]> => (await found(`Observation?subject=${await addressOf(record)}`)).map((one) => (one as { valueQuantity?: { value: number } }).valueQuantity?.value);
  expect([await values('ORU-A'), await values('ORU-B')]).toEqual([[5], [6]]);
  for (const record of ['ORU-A', 'ORU-B']) {
    const [report] = await found<Resource & { resourceType: 'DiagnosticReport' }>(`DiagnosticReport?subject=${await addressOf(record)}`);
    const [observation] = await found(`Observation?subject=${await addressOf(record)}`);
    expect(report).toMatchObject({ result: [{ reference: `Observation/${observation!.id}` }] });
  }
});
