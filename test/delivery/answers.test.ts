/**
 * Decisions after the first answer, on the rail that the question came by: what is offered to whom, in which order, by
 * which numbers, and until when. On the wire, with the real server; the outbox is waited for, never slept for.
 */
import type { Bundle, Communication } from '@medplum/fhirtypes';
import { readDelivery, readResponse, requestInterchange } from '../../mappers/x12/index.ts';
import { readConfiguration } from '../../server/configuration.ts';
import { startServer } from '../../server/main.ts';
import { purgeLaterAnswers } from '../../store/later-answers.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { openMllpHouse } from '../support/mllp-house.ts';
import { certification, decide, decision, denial, pendingRequest, request, resourceOf, submit, submitted, withItems } from '../support/pas-requests.ts';
import { cancelItem, setQuantity, update, withNumber } from '../support/pas-updates.ts';
import { framed, type MllpClient } from '../channels/mllp/client.ts';
import { segment } from '../channels/mllp/messages.ts';
import { amara, daniel, lena, oxygen, rqa } from '../channels/hl7v2/requests.ts';

let house: TestHouse;
let client: MllpClient;
let close: () => Promise<void>;
beforeAll(async () => { ({ house, client, close } = await openMllpHouse()); });
afterAll(async () => { await close(); });

const settled = (): Promise<void> => house.server.laterAnswers!.settled();
const edi = { 'content-type': 'application/edi-x12' };
const x12 = (text: string): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, Buffer.from(text, 'latin1'), edi);
let controlNumber = 0;
function x12Of(bundle: Bundle, sender: string): string {
  controlNumber += 1;
  const { bytes } = requestInterchange(bundle, {
    sender: { qualifier: 'ZZ', id: sender }, receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' }, usage: 'T', date: '20260302', time: '0900', controlNumber,
    applicationSender: 'APP', applicationReceiver: 'PLANAPP', groupControlNumber: controlNumber, transactionControlNumber: '0001', traceOrganization: '9012345678',
  });
  return Buffer.from(bytes).toString('latin1');
}

/** A sender and a clinic of its own for each test. */
let clinics = 0;
function clinic(bundle: Bundle): { readonly bundle: Bundle; readonly sender: string } {
  clinics += 1;
  resourceOf(bundle, 'Organization').identifier![0]!.value = `16${String(clinics).padStart(8, '0')}`;
  return { bundle, sender: `CLINIC${clinics}` };
}

async function waiting(channel: 'x12' | 'hl7v2', partner: string, query = ''): Promise<TestAnswer> {
  await settled();
  return send('GET', `${house.origin}/outbox/${channel}?partner=${encodeURIComponent(partner)}${query}`);
}
const offered = async (sender: string): Promise<TestAnswer> => waiting('x12', `ZZ:${sender}`);
const hcr = ({ text }: Pick<TestAnswer, 'text'>): (string | undefined)[][] => readResponse(Buffer.from(text, 'latin1')).map(({ event, services }) => (services.length > 0 ? services : [event!]).map(({ review }) => review?.action));
const numbersIn = ({ text }: TestAnswer): string[] => readDelivery(Buffer.from(text, 'latin1')).interchanges.map(({ control }) => control.controlNumber);
const interchangeFrom = (sender: string, body: readonly string[], groups: number): string => {
  controlNumber += 1;
  const number = String(controlNumber).padStart(9, '0');
  return [`ISA*00*          *00*          *ZZ*${sender.padEnd(15)}*ZZ*DEMOPLAN       *260302*0900*^*00501*${number}*0*T*:`, ...body, `IEA*${groups}*${number}`, ''].join('~');
};
const ta1 = (sender: string, about: string, code: string): string => interchangeFrom(sender, [`TA1*${about}*260302*0900*${code}*000`], 0);
const functional = (sender: string, about: string, code: string): string => interchangeFrom(sender, ['GS*FA*APP*PLANAPP*20260302*0900*1*X*005010X231A1', 'ST*999*0001*005010X231A1', `AK1*HI*${Number(about)}*005010X217`, 'AK2*278*0001*005010X217', `IK5*${code}`, `AK9*${code}*1*1*${code === 'R' ? 0 : 1}`, 'SE*6*0001', 'GE*1*1'], 1);
/** Claims that a delivery in which this stands has made. */
async function claimsOf(told: string): Promise<string[]> {
  const { rows } = await house.sql.query<{ claim: string }>(`select a.claim from prior_authorization a join prior_authorization_request r on r.authorization_id = a.id and r.version = 1 join landing l on l.id = r.landing_id where convert_from(l.body, 'LATIN1') like $1`, [`%${told}%`]);
  return rows.map(({ claim }) => claim);
}
async function pendedByX12(count = 1): Promise<{ bundle: Bundle; sender: string; claim: string; answer: TestAnswer }> {
  const { bundle, sender } = clinic(withItems(pendingRequest(house), count, (item, index) => { item.servicedDate = `2027-03-0${index + 1}`; }));
  const answer = await x12(x12Of(bundle, sender));
  expect(hcr(answer).at(-1)).toEqual(Array.from({ length: count }, () => 'A4'));
  return { bundle, sender, claim: (await claimsOf(`${sender} `))[0]!, answer };
}

describe('what is not offered', () => {
  test.each([
    ['GET', '/outbox/x12', 400], ['GET', '/outbox/x12?partner=CLINIC', 400], ['GET', '/outbox/x12?partner=ZZ:CLINIC&limit=0', 400], ['GET', '/outbox/x12?partner=ZZ:CLINIC&since=2026', 400],
    ['GET', '/outbox/x12?partner=ZZ:A%00', 400], ['GET', '/outbox/hl7v2?partner=EHR', 400], ['DELETE', '/outbox/x12/77?partner=ZZ:CLINIC', 404], ['DELETE', '/outbox/x12/A-B?partner=ZZ:CLINIC', 404], ['DELETE', '/outbox/x12/77', 400], ['GET', '/outbox/ccda?partner=x', 404],
  ])('%s %s: %d', async (method, path, status) => {
    expect((await send(method, `${house.origin}${path}`)).status).toBe(status);
  });

  test('what the first answer has said, and what was asked for by FHIR alone', async () => {
    const { bundle, sender } = clinic(request(house));
    expect(hcr(await x12(x12Of(bundle, sender))).at(-1)).toEqual(['A1']);
    const { sender: pended } = await pendedByX12();
    const other = clinic(pendingRequest(house));
    await decide(house, (await submitted(house, other.bundle)).claim, decision(certification));
    for (const each of [sender, pended, other.sender]) expect([(await offered(each)).status, each]).toEqual([204, each]);
  });

  test('anything to another sender; nor does he end it', async () => {
    const { sender, claim } = await pendedByX12();
    await decide(house, claim, decision(certification));
    const [number] = numbersIn(await offered(sender));
    expect((await offered('SOMEBODY')).status).toBe(204);
    await x12(ta1('SOMEBODY', number!, 'A'));
    expect((await send('DELETE', `${house.origin}/outbox/x12/${number}?partner=ZZ:SOMEBODY`)).status).toBe(404);
    expect(numbersIn(await offered(sender))).toEqual([number]);
  });
});

describe('a 278 that was pended and is decided by a person', () => {
  test('is answered by a 278 response of its own: to its sender, with its references, by new control numbers, the same each time', async () => {
    const { sender, claim, answer } = await pendedByX12();
    await decide(house, claim, decision(certification));
    const later = await offered(sender);
    expect([later.status, later.headers.get('content-type'), later.headers.get('priora-more'), hcr(later)]).toEqual([200, 'application/edi-x12', 'false', [['A1']]]);
    const segmentsOf = (text: string, id: string): string[] => text.split('~').map((each) => each.trim()).filter((each) => each.startsWith(`${id}*`));
    const [isa] = segmentsOf(later.text, 'ISA');
    expect(isa!.split('*').slice(5, 9).map((each) => each.trim())).toEqual(['ZZ', 'DEMOPLAN', 'ZZ', sender]);
    expect(segmentsOf(later.text, 'GS')[0]!.split('*').slice(1, 4)).toEqual(['HI', 'PLANAPP', 'APP']);
    // BHT03 and the traces of the request, and the number of the plan, are those of the first answer.
    for (const id of ['TRN', 'REF']) expect(segmentsOf(later.text, id)).toEqual(segmentsOf(answer.text, id));
    expect(segmentsOf(later.text, 'BHT')[0]!.split('*')[3]).toBe(segmentsOf(answer.text, 'BHT')[0]!.split('*')[3]);
    expect(numbersIn(later)[0]).not.toBe(numbersIn(answer)[0]);
    expect(readDelivery(Buffer.from(later.text, 'latin1')).interchanges[0]!.rejection).toBeUndefined();
    expect((await offered(sender)).text).toBe(later.text);
    const { rows: [row] } = await house.sql.query('select fetches, done_at, outcome from later_answer where control_number = $1', [String(Number(numbersIn(later)[0]))]);
    expect(row).toEqual({ fetches: 2, done_at: null, outcome: null });
  });

  test.each([
    ['a TA1 that accepts', 'accepted', (sender: string, number: string) => x12(ta1(sender, number, 'A'))],
    ['a TA1 that refuses', 'rejected', (sender: string, number: string) => x12(ta1(sender, number, 'R'))],
    ['a 999 that accepts', 'accepted', (sender: string, number: string) => x12(functional(sender, number, 'A'))],
    ['a 999 that refuses, after a TA1 that did not', 'rejected', async (sender: string, number: string) => { await x12(ta1(sender, number, 'A')); await x12(functional(sender, number, 'R')); }],
    ['DELETE', 'accepted', (sender: string, number: string) => send('DELETE', `${house.origin}/outbox/x12/${number}?partner=ZZ:${sender}`)],
  ])('is offered until %s has come', async (_, outcome, acknowledge) => {
    const { sender, claim } = await pendedByX12();
    await decide(house, claim, decision(denial));
    const later = await offered(sender);
    expect(hcr(later)).toEqual([['A3']]);
    const [number] = numbersIn(later);
    await acknowledge(sender, number!);
    expect((await offered(sender)).status).toBe(204);
    const { rows } = await house.sql.query('select outcome from later_answer where control_number = $1', [String(Number(number))]);
    expect(rows).toEqual([{ outcome }]);
  });

  test('item by item: an answer for each decision, in their order, a part at a time', async () => {
    const { sender, claim } = await pendedByX12(2);
    await decide(house, claim, decision({ ...certification, sequence: 2 }));
    await settled();
    await decide(house, claim, decision({ ...denial, sequence: 1 }));
    const both = await offered(sender);
    expect(hcr(both)).toEqual([['A4', 'A1'], ['A3', 'A1']]);
    const first = await waiting('x12', `ZZ:${sender}`, '&limit=1');
    expect([hcr(first), first.headers.get('priora-more')]).toEqual([[['A4', 'A1']], 'true']);
    await x12(ta1(sender, numbersIn(first)[0]!, 'A'));
    expect(hcr(await offered(sender))).toEqual([['A3', 'A1']]);
  });

  test('two decisions that are read together are one answer', async () => {
    const { sender, claim } = await pendedByX12(2);
    // Nobody reads in between: the reader's place is held until both are committed.
    const reader = await house.sql.connect();
    await reader.query('begin');
    await reader.query(`select from outbox_reader where name = 'later-answers' for update`);
    await decide(house, claim, decision({ ...certification, sequence: 1 }));
    await decide(house, claim, decision({ ...certification, sequence: 2 }));
    await reader.query('commit');
    reader.release();
    expect(hcr(await offered(sender))).toEqual([['A1', 'A1']]);
  });

  test('of several requests in one delivery each is answered with its own references', async () => {
    const asked = [clinic(pendingRequest(house)), clinic(pendingRequest(house, { member: 'demo-lena-fischer' }))];
    const sender = asked[0]!.sender;
    await x12(asked.map(({ bundle }) => x12Of(bundle, sender)).join(''));
    for (const claim of await claimsOf(`${sender} `)) await decide(house, claim, decision(certification));
    const later = await offered(sender);
    expect(hcr(later)).toEqual([['A1'], ['A1']]);
    expect(new Set(readResponse(Buffer.from(later.text, 'latin1')).map(({ referenceIdentification }) => referenceIdentification)).size).toBe(2);
  });
});

describe('an answer that has come', () => {
  interface Noted { exchange: { type: string; method: string; requestTime: string; responseTime: string; httpResponse: string }[]; itemDetail: { result: string }[] }
  const exchanges = async (claim: string): Promise<Noted[]> => (await house.sql.query<{ detail: string }>(`select e.detail from prior_authorization_exchange e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 and e.exchange = 'subsequent' order by e.requested_at`, [claim])).rows.map(({ detail }) => JSON.parse(detail) as Noted);
  const notices = async (claim: string): Promise<string[]> => (((await send('GET', `${house.fhir}/Communication?based-on=Claim/${claim}`)).json as Bundle).entry ?? []).map(({ resource }) => resource as Communication).map(({ recipient, status, sent }) => `${recipient![0]!.reference!.startsWith('Patient/') ? 'member' : 'requester'} ${status} ${sent ?? ''}`.trim()).toSorted();
  const extend = (claim: string): Promise<TestAnswer> => send('POST', `${house.fhir}/Claim/${claim}/$extend`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'author', valueReference: { display: 'Dr. Ines Moreau' } }, { name: 'reason', valueCode: 'information-needed' }, { name: 'text', valueString: 'The sleep study is missing.' }, { name: 'notice', valueString: 'We need 14 more days to decide.' }],
  });

  test('is an exchange, once, from its writing to its acknowledgement; not when it is fetched, refused, or spoken of by another', async () => {
    const { sender, claim } = await pendedByX12(2);
    await decide(house, claim, decision({ ...certification, sequence: 1 }));
    const written = house.clock.now.toISOString();
    const [number] = numbersIn(await offered(sender));
    await x12(ta1('SOMEBODY', number!, 'A'));
    expect(await exchanges(claim)).toEqual([]);
    house.clock.advance(60_000);
    await x12(ta1(sender, number!, 'A'));
    await x12(functional(sender, number!, 'A'));
    await send('DELETE', `${house.origin}/outbox/x12/${number}?partner=ZZ:${sender}`);
    expect(await exchanges(claim)).toMatchObject([{ exchange: [{ type: 'subsequent', method: 'x12', requestTime: written, responseTime: house.clock.now.toISOString(), httpResponse: '200' }], itemDetail: [{ result: 'approved' }, { result: 'pended' }] }]);
    await decide(house, claim, decision({ ...denial, sequence: 2 }));
    await x12(ta1(sender, numbersIn(await offered(sender))[0]!, 'R'));
    expect(await exchanges(claim)).toHaveLength(1);
  });

  test('has brought the notice of an extension to whoever asked, if it was told in it; the member has his by letter', async () => {
    const { sender, claim } = await pendedByX12(2);
    await decide(house, claim, decision({ ...certification, sequence: 2 }));
    const [before] = numbersIn(await offered(sender));
    expect((await extend(claim)).status).toBe(200);
    const both = await offered(sender);
    const [, told] = numbersIn(both);
    expect(both.text.toUpperCase().match(/WE NEED 14 MORE DAYS/g)).toHaveLength(1);
    const waits = ['member preparation', 'requester in-progress'];
    expect(await notices(claim)).toEqual(waits);
    await x12(ta1(sender, before!, 'A'));
    expect(await notices(claim)).toEqual(waits);
    house.clock.advance(60_000);
    await send('DELETE', `${house.origin}/outbox/x12/${told}?partner=ZZ:${sender}`);
    expect(await notices(claim)).toEqual(['member preparation', `requester completed ${house.clock.now.toISOString()}`]);
    expect(await exchanges(claim)).toHaveLength(2);
  });

  test('goes after its days, as one does that nobody acknowledges; what is younger stays', async () => {
    const { sender, claim } = await pendedByX12(3);
    const answers = async (): Promise<number> => (await house.sql.query('select 1 from later_answer where partner = $1', [`ZZ:${sender}`])).rows.length;
    for (const sequence of [1, 2, 3]) {
      await decide(house, claim, decision({ ...certification, sequence }));
      await settled();
    }
    await x12(ta1(sender, numbersIn(await offered(sender))[0]!, 'A'));
    const { database, tenant } = house.server.house;
    const purge = (acknowledged: number, written: number): Promise<number> => purgeLaterAnswers(database, tenant.id, { acknowledged: new Date(house.clock.now.getTime() + acknowledged), written: new Date(house.clock.now.getTime() + written) });
    await purge(-1, -1);
    expect(await answers()).toBe(3);
    await purge(1, -1);
    expect(await answers()).toBe(2);
    expect(numbersIn(await offered(sender))).toHaveLength(2);
    await house.sql.query(`update later_answer set at = at - interval '2 days' where id = (select id from later_answer where partner = $1 order by position limit 1)`, [`ZZ:${sender}`]);
    await purge(-86_400_000, -86_400_000);
    expect(await answers()).toBe(1);
  });
});

describe('what another rail changes of it', () => {
  test('a line cancelled by FHIR is told to the sender of the 278', async () => {
    const { bundle, sender } = await pendedByX12(2);
    expect((await submit(house, update(bundle, ({ item }) => { cancelItem(item![0]!); }))).status).toBe(200);
    expect(hcr(await offered(sender))).toEqual([['C', 'A4']]);
  });

  test('a change by a second 278 is answered to that one; what is decided later goes to who spoke of it last, each by its own lines', async () => {
    const { bundle, sender, claim } = await pendedByX12(2);
    await decide(house, claim, decision({ ...certification, sequence: 1 }));
    const number = /HCR\*A1\*(\w+)/.exec((await offered(sender)).text)![1]!;
    await x12(ta1(sender, numbersIn(await offered(sender))[0]!, 'A'));
    const change = update(bundle, (each) => { withNumber(each, number); each.item!.splice(1); setQuantity(each.item![0]!, 40); });
    const second = `${sender}B`;
    expect(hcr(await x12(x12Of(change, second))).at(-1)).toContain('A4');
    expect([(await offered(sender)).status, (await offered(second)).status]).toEqual([204, 204]);
    await decide(house, claim, decision({ ...certification, sequence: 1 }));
    expect([(await offered(sender)).status, hcr(await offered(second))]).toEqual([204, [['A1']]]);
    await decide(house, claim, decision({ ...denial, sequence: 2 }));
    expect(hcr(await offered(sender))).toEqual([['A1', 'A3']]);
  });
});

describe('an RQA that was pended', () => {
  const texts = ({ text }: TestAnswer): string[] => text.split(/(?=MSH\|)/).filter((each) => each !== '');

  test.each([['original', '', '', amara], ['enhanced', 'AL', 'AL', daniel]] as const)('in %s mode is answered by an RPA of its own once it is decided, until it is acknowledged by MLLP', async (mode, accept, application, member) => {
    await client.ask(rqa({ id: `P-${mode}`, accept, application, member, services: [oxygen], number: `RQ-L-${mode}` }));
    if (mode === 'enhanced') await client.next();
    const [claim] = await claimsOf(`RQ-L-${mode}`);
    expect((await decide(house, claim!, decision(certification))).status).toBe(200);
    const later = await waiting('hl7v2', 'EHR|CLINIC');
    const message = texts(later).find((each) => segment(each, 'MSA')![2] === `P-${mode}`)!;
    const header = segment(message, 'MSH')!;
    expect([header[8], segment(message, 'MSA')!.slice(1, 3), segment(message, 'RF1')![1]!.split('^')[0]]).toEqual(['RPA^I08^RPA_I08', ['AA', `P-${mode}`], 'A']);
    expect(header.slice(14, 16)).toEqual(mode === 'enhanced' ? ['AL', 'NE'] : [header[14], header[15]]);
    const id = header[9]!;
    const acknowledgement = (from: string, code: string): string => `MSH|^~\\&|${from}|CLINIC|PRIORA|PLAN|20260302||ACK^I08^ACK|K-${mode}-${from}|P|2.5.1\rMSA|${code}|${id}\r`;
    client.write(framed(acknowledgement('OTHER', 'AA')));
    await client.ask(`MSH|^~\\&|EHR|CLINIC|PRIORA|PLAN|20260302||ADT^A01^ADT_A01|BARRIER-${mode}-1|P|2.5.1\rEVN||20260302\r`);
    expect((await waiting('hl7v2', 'EHR|CLINIC')).text).toContain(id);
    client.write(framed(acknowledgement('EHR', mode === 'enhanced' ? 'CA' : 'AA')));
    await client.ask(`MSH|^~\\&|EHR|CLINIC|PRIORA|PLAN|20260302||ADT^A01^ADT_A01|BARRIER-${mode}-2|P|2.5.1\rEVN||20260302\r`);
    expect((await waiting('hl7v2', 'EHR|CLINIC')).text).not.toContain(id);
    expect((await house.sql.query(`select e.rail from prior_authorization_exchange e join prior_authorization a on a.id = e.authorization_id where a.claim = $1 and e.exchange = 'subsequent'`, [claim])).rows).toEqual([{ rail: 'hl7v2' }]);
  });
});

test('an acknowledgement by HTTP ends what was fetched there, and is not answered', async () => {
  await client.ask(rqa({ id: 'P-HTTP', member: lena, services: [oxygen], number: 'RQ-HTTP' }));
  const [claim] = await claimsOf('RQ-HTTP');
  expect((await decide(house, claim!, decision(certification))).status).toBe(200);
  const fetched = (await waiting('hl7v2', 'EHR|CLINIC')).text.split(/(?=MSH\|)/).find((each) => segment(each, 'MSA')?.[2] === 'P-HTTP')!;
  const id = segment(fetched, 'MSH')![9]!;
  const outcomes = async (code: string): Promise<unknown> => {
    const answer = await send('POST', `${house.origin}/inbox/hl7v2`, `MSH|^~\\&|EHR|CLINIC|PRIORA|PLAN|20260302||ACK^I08^ACK|K-${code}|P|2.5.1\rMSA|${code}|${id}\r`, { 'content-type': 'x-application/hl7-v2+er7' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    return (await house.sql.query('select outcome from later_answer where control_number = $1', [id])).rows;
  };
  // What may pass ends nothing: the decision is offered again.
  for (const code of ['AE', 'CE']) expect(await outcomes(code)).toEqual([{ outcome: null }]);
  expect((await waiting('hl7v2', 'EHR|CLINIC')).text).toContain(id);
  expect(await outcomes('AR')).toEqual([{ outcome: 'rejected' }]);
});

test('what was decided while nobody read the outbox is written by the server that does, once', async () => {
  const idle = await openHouse({ demo: true, environment: { PRIORA_JOBS: '0' } });
  try {
    const { bundle, sender } = clinic(pendingRequest(idle));
    await send('POST', `${idle.origin}/x12`, Buffer.from(x12Of(bundle, sender), 'latin1'), edi);
    const { rows: [row] } = await idle.sql.query<{ claim: string }>(`select a.claim from prior_authorization a join prior_authorization_request r on r.authorization_id = a.id where r.rail = 'x12' order by a.received_at desc limit 1`);
    await decide(idle, row!.claim, decision(certification));
    expect(await idle.sql.query('select from later_answer')).toMatchObject({ rowCount: 0 });
    for (let start = 0; start < 2; start += 1) {
      const server = await startServer(readConfiguration({ PORT: '0', DATABASE_URL: idle.databaseUrl, PRIORA_DEMO: '0', PRIORA_LOG_LEVEL: 'silent', PRIORA_DATABASE_CONNECTIONS: '4', PRIORA_OBJECTS: `file:${idle.objects}` }));
      await server.laterAnswers!.settled();
      await server.stop();
    }
    const { rows } = await idle.sql.query<{ partner: string; content: string }>('select partner, content from later_answer');
    expect(rows.map(({ partner, content }) => [partner, hcr({ text: content })])).toEqual([[`ZZ:${sender}`, [['A1']]]]);
  } finally {
    await idle.close();
  }
});
