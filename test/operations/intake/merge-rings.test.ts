/** Merges (HL7v2 A40) by somebody else than the records' sender, and merges that lead in a ring. */
import type { Patient } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

let control = 0;
interface Told { readonly from?: string; readonly number: string; readonly merged?: string; readonly names?: string }
function adt({ from = 'HOSPA', number, merged, names = 'Marsh^Ada' }: Told): Promise<TestAnswer> {
  control += 1;
  const event = merged === undefined ? 'A28' : 'A40';
  const text = `MSH|^~\\&|EHR|${from}|PRIORA|PLAN|20260302085500+0000||ADT^${event}^ADT_${merged === undefined ? 'A05' : 'A39'}|RG${control}|P|2.5.1\rEVN|${event}|20260302\rPID|1||${number}^^^HOSPA^MR||${names}|||\r${merged === undefined ? 'PV1|1|N\r' : `MRG|${merged}^^^HOSPA^MR\r`}`;
  return send('POST', `${house.origin}/inbox/hl7v2`, text, { 'content-type': 'x-application/hl7-v2+er7' });
}
const found = async (number: string): Promise<Patient[]> => ((await send('GET', `${house.fhir}/Patient?identifier=${number}`)).json as { entry?: { resource: Patient }[] }).entry?.map(({ resource }) => resource) ?? [];
const stateOf = async (): Promise<string> => (await house.sql.query<{ state: string }>('select state from inbox_message where message_key like $1', [`%RG${control}`])).rows[0]!.state;
const isOut = ({ active, link }: Patient): boolean => active === false || (link ?? []).some(({ type }) => type === 'replaced-by');

test('somebody else than who told of two records does not merge them', async () => {
  for (const number of ['F1', 'F2']) await adt({ number });
  await adt({ from: 'HOSPB', number: 'F1', merged: 'F2' });
  expect(await stateOf()).toBe('review');
  expect((await found('F2')).map(isOut)).toEqual([false]);
});

test.each([[['R1', 'R2'], [['R1', 'R2'], ['R2', 'R1']]], [['S1', 'S2', 'S3'], [['S1', 'S2'], ['S2', 'S3'], ['S3', 'S1']]]])('merges of %j in a ring leave one of them in force', async (numbers, merges) => {
  for (const number of numbers) await adt({ number });
  for (const [number, merged] of merges) await adt({ number: number!, merged: merged! });
  expect(await stateOf()).toBe('accepted');
  const all = (await Promise.all(numbers.map(found))).flat();
  const records = [...new Map(all.map((record) => [record.id, record])).values()];
  expect(records.filter((record) => !isOut(record))).toHaveLength(1);
});
