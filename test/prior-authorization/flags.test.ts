/** What a sender says has changed (infoChanged), beside what differs: told in the answer and kept in the log, without a word of the request; and no change, on any rail, puts its words into log lines or metrics. */
import type { Bundle, ClaimItem, ClaimResponse } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { requestInterchange } from '../../mappers/x12/index.ts';
import { amara, oxygen, rqa } from '../channels/hl7v2/requests.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { claimOf, claimResponseOf, numberOf, pendingRequest, submit, submitted, withItems } from '../support/pas-requests.ts';
import { flag, setQuantity, update, withNumber } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const words = 'Quittenbaum limps since the Mirabellenweg accident';
const said = /infoChanged does not say/;
const notesOn = ({ item, processNote }: ClaimResponse, sequence: number): string[] => (item!.find(({ itemSequence }) => itemSequence === sequence)!.noteNumber ?? []).map((each) => processNote!.find(({ number }) => number === each)!.text);
const misflagged = async (claim: string): Promise<unknown> => (await house.sql.query<{ detail: string }>(`select e.detail from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 and e.kind = 'received' order by e.sequence desc limit 1`, [claim])).rows.map(({ detail }) => (JSON.parse(detail) as { misflagged?: number[] }).misflagged)[0];
const unflagged = (item: ClaimItem): void => { item.extension = (item.extension ?? []).filter(({ url }) => url !== pasExtension.infoChanged); };

describe('the flag of an update beside what differs', () => {
  test.each<[string, (items: ClaimItem[]) => void, number[] | undefined]>([
    ['says so of what differs: nothing is told', ([first]) => { setQuantity(first!, 33); flag(first!, 'changed'); }, undefined],
    ['is missing where something differs', ([first]) => { setQuantity(first!, 34); unflagged(first!); }, [1]],
    ['stands where nothing differs', (items) => { flag(items[1]!, 'changed'); }, [2]],
    ['stands with words of the sender in place of a code', (items) => { items[1]!.extension!.push({ url: pasExtension.infoChanged, valueCode: words }); }, [2]],
  ])('%s', async (_, change, expected) => {
    const prior = withItems(pendingRequest(house), 2);
    const { claim } = await submitted(house, prior);
    const answer = await submit(house, update(prior, ({ item }) => { change(item!); }));
    expect(answer.status).toBe(200);
    const response = claimResponseOf(answer.json as Bundle);
    expect([await misflagged(claim), [1, 2].filter((sequence) => notesOn(response, sequence).some((text) => said.test(text)))]).toEqual([expected, expected ?? []]);
    expect(JSON.stringify(response)).not.toContain(words);
  });
});

test('words of an update by PAS, 278 or RQA, and of a result by ORU, are in no log line, metric or note of the log', async () => {
  const prior = pendingRequest(house);
  const { response } = await submitted(house, prior);
  const worded = update(prior, (claim) => {
    setQuantity(claim.item![0]!, 21);
    claim.item![0]!.productOrService.text = words;
    claim.supportingInfo = [...claim.supportingInfo ?? [], { sequence: 91, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASSupportingInfoType', code: 'freeFormMessage' }] }, valueString: words }];
  });
  expect((await submit(house, worded)).status).toBe(200);
  const reference = /R\w{9}/.exec(JSON.stringify(response))![0];
  const byX12 = update(prior, (claim) => {
    withNumber(claim, numberOf(response) ?? reference);
    setQuantity(claim.item![0]!, 22);
    flag(claim.item![0]!, 'changed');
  });
  const { bytes } = requestInterchange(byX12, {
    sender: { qualifier: 'ZZ', id: 'CLINIC' }, receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' }, usage: 'T', date: '20260302', time: '0900', controlNumber: 77, applicationSender: 'A', applicationReceiver: 'B', groupControlNumber: 77, transactionControlNumber: '0001', traceOrganization: '9012345678',
  });
  const message = Buffer.from(bytes).toString('latin1').replace(/(~\s*SE\*)(\d+)/, (_, before: string, count: string) => `~\nMSG*${words.toUpperCase()}${before}${Number(count) + 1}`);
  const x12 = await send('POST', `${house.origin}/x12`, Buffer.from(message, 'latin1'), { 'content-type': 'application/edi-x12' });
  expect(x12.text).toMatch(/IK5\*A/);
  const hl7 = (text: string): Promise<unknown> => send('POST', `${house.origin}/inbox/hl7v2`, text, { 'content-type': 'x-application/hl7-v2+er7' });
  await hl7(rqa({ id: 'WORDS', member: amara, services: [oxygen] }));
  await hl7(rqa({ id: 'WORDS-2', type: 'RQA^I09^RQA_I08', number: 'RQ-WORDS', member: amara, services: [`E1390^${words}^HCPCS`], quantity: '44' }) + `NTE|1||${words}\r`);
  const oru = (value: string): string => `MSH|^~\\&|LAB|CLINIC|PRIORA|PLAN|20260302||ORU^R01^ORU_R01|ORU-${value.length}|P|2.5.1\rPID|1||${amara[0]}^^^PLAN^MB||${amara[1]}^${amara[2]}||${amara[3]}|F\rOBR|1|O9^EHR|F9^LAB|11502-2^Report^LN|||20260301\rOBX|1|TX|11502-2^Report^LN||${value}||||||F\rNTE|1||${value}\r`;
  await hl7(oru('at first'));
  await hl7(oru(words));
  await hl7(oru(words).replace('20260301', words));
  await house.server.laterAnswers!.settled();
  const metrics = (await send('GET', `${house.origin}/metrics`)).text;
  const { rows } = await house.sql.query<{ detail: string }>('select detail from prior_authorization_event');
  for (const [kind, text] of Object.entries({ log: house.log.join(''), metrics, events: rows.map(({ detail }) => detail).join('\n') })) {
    for (const word of ['Quittenbaum', 'Mirabellenweg']) expect([kind, word, text.toLowerCase().includes(word.toLowerCase())]).toEqual([kind, word, false]);
  }
  expect(house.log.length).toBeGreaterThan(20);
  expect(claimOf(worded).item![0]!.productOrService.text).toBe(words);
});
