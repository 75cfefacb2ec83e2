/** HL7v2 by MLLP into the real server: what is stored, what is said of it, and what happens when it is sent again. */
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { framed, openClient, type MllpClient } from './client.ts';
import { adt, codeOf, segment, segmentsOf } from './messages.ts';

let house: TestHouse;
let client: MllpClient;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_MLLP_PORT: '0', PRIORA_MLLP_MESSAGE_LIMIT: '20000' } });
  client = await openClient(house.server.mllp!.port);
});
afterAll(async () => {
  client.close();
  await house.close();
});

const landings = async (): Promise<number> => Number((await house.sql.query<{ count: string }>('select count(*) from landing')).rows[0]!.count);
const counted = async (state: string): Promise<number> => Number((await house.sql.query<{ count: string }>('select count(*) from inbox_message where state = $1', [state])).rows[0]!.count);
const total = async (type: string): Promise<number> => (await send('GET', `${house.fhir}/${type}?_summary=count`)).json.total as number;
const errors = (text: string): readonly string[] => segmentsOf(text).filter(([id]) => id === 'ERR').map((fields) => `${fields[2]} ${fields[3]!.split('^')[0]} ${fields[4]}`);

describe('refused', () => {
  test.each([
    ['no control id', adt({ id: '' }), 'AR', ['MSH^1^10^1^1 101 E']],
    ['no type', adt({ id: 'R1', type: '' }), 'AR', ['MSH^1^9^1^1 101 E']],
    ['another standard', adt({ id: 'R2', version: '3' }), 'AR', ['MSH^1^12^1^1 203 E']],
    ['a character set that nobody reads', adt({ id: 'R3', characterSet: 'KLINGON' }), 'AR', ['MSH^1^18^1 103 E']],
    ['a type that HL7 does not have, with an event that it does not have', adt({ id: 'R5', type: 'QQQ^Z99' }), 'AR', ['MSH^1^9^1^1 200 E']],
    ['a type that HL7 does not have, of a structure that it has', adt({ id: 'R6', type: 'QQQ^A01^ADT_A01' }), 'AR', ['MSH^1^9^1^1 200 E']],
    ['delimiters that divide nothing', 'MSH|||\r', 'AR', ['MSH^1^2^1 102 E']],
    ['nothing of this kind', 'hello', 'AR', [' 100 E']],
  ])('%s: kept with the reason, nothing of it stored', async (_, text, code, expected) => {
    const before = [await landings(), await total('Patient'), await counted('quarantined')];
    const answer = await client.ask(text);
    expect([codeOf(answer), errors(answer)]).toEqual([code, expected]);
    expect([await landings(), await total('Patient'), await counted('quarantined')]).toEqual([before[0]! + 1, before[1], before[2]! + 1]);
  });

  test('bytes that are not of the declared character set', async () => {
    const answer = await client.ask(Buffer.from(adt({ id: 'R4', characterSet: 'UNICODE UTF-8', family: 'Zo\u00eb' }), 'latin1'));
    expect([codeOf(answer), errors(answer)]).toEqual(['AE', ['MSH^1^18^1 102 E']]);
  });

  test('larger than allowed: answered, not stored, and the connection goes on', async () => {
    const before = await landings();
    const answer = await client.ask(adt({ id: 'BIG', family: 'x'.repeat(30_000) }));
    expect([codeOf(answer), segment(answer, 'MSA')?.[2], errors(answer)]).toEqual(['AR', 'BIG', [' 207 E']]);
    expect(await landings()).toBe(before);
    expect(codeOf(await client.ask(adt({ id: 'NEXT' })))).toBe('AA');
  });

  test('the same control id with other content: the first stays, the second is told so', async () => {
    expect(codeOf(await client.ask(adt({ id: 'TWICE', family: 'First' })))).toBe('AA');
    const answer = await client.ask(adt({ id: 'TWICE', family: 'Second' }));
    expect([codeOf(answer), errors(answer)]).toEqual(['AR', ['MSH^1^10^1^1 205 E']]);
    expect(await counted('duplicate')).toBe(1);
  });
});

describe('taken', () => {
  test('a message is stored, and answered in the version and with the control id of the sender', async () => {
    const answer = await client.ask(adt({ id: 'T1', version: '2.4', segments: ['EVN|A01|20260302', 'PID|1||T1^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Taken^Case||19700214|F'] }));
    expect(segmentsOf(answer)).toEqual([
      ['MSH', '^~\\&', 'PRIORA', 'PLAN', 'ADT1', 'GENERAL', '20260302090000.000+0000', '', 'ACK^A01^ACK', expect.stringMatching(/^[0-9A-Z]{20}$/), 'P', '2.4'], ['MSA', 'AA', 'T1'],
    ]);
    const { json } = await send('GET', `${house.fhir}/Patient?identifier=T1`);
    expect(json.total).toBe(1);
    expect(json.entry[0].resource.name[0].family).toBe('Taken');
  });

  test.each([
    ['an event that its type does not have', 'ADT^Z99', '201'],
    ['a type that HL7 has, and no structure is known for', 'BTS^Z01', '200'],
  ])('%s: what its segments say is taken, and the sender is told', async (_, type, code) => {
    const answer = await client.ask(adt({ id: `U-${code}`, type }));
    expect([codeOf(answer), errors(answer).filter((each) => each.startsWith('MSH'))]).toEqual(['AA', [`MSH^1^9^1^${code === '201' ? 2 : 1} ${code} W`]]);
  });

  test('an update that says the same of a patient again makes no second contact, diagnosis or allergy, and changes none', async () => {
    const about = (record: string, phone: string): string[] => [
      'EVN|A08|20260302', `PID|1||${record}^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Same^Words${record}||19700214|F`, `NK1|1|Same^Other|SPO^Spouse^HL70063||${phone}`, `PV1|1|O|||||||||||||||||V${record}^^^GENERAL&2.16.840.1.113883.19.5&ISO^VN`,
      'AL1|1|DA|^Penicillin', 'DG1|1||R07.9^Chest pain^I10|||W',
    ];
    const ask = async (id: string, record: string, phone = '555-0100'): Promise<void> => { expect(codeOf(await client.ask(adt({ id, type: 'ADT^A08^ADT_A01', segments: about(record, phone) })))).toBe('AA'); };
    const versions = async (): Promise<readonly string[]> => (await house.sql.query<{ named: string }>(`
      select content::json->>'resourceType' || '/' || version as named from resource
      where content::json->>'resourceType' in ('RelatedPerson', 'Condition', 'AllergyIntolerance') and content like '%' || (select id from resource where content like '%WordsW1%') || '%' or content like '%"VW1"%'
      order by 1`)).rows.map(({ named }) => named);
    await ask('W1', 'W1');
    const first = ['AllergyIntolerance/1', 'Condition/1', 'Encounter/1', 'RelatedPerson/1'];
    expect(await versions()).toEqual(first);
    await ask('W2', 'W1');
    expect(await versions()).toEqual(first);
    // The same words about somebody else, and other words about the same patient.
    await ask('W3', 'W2');
    expect(await versions()).toEqual(first);
    await ask('W4', 'W1', '555-0199');
    expect(await versions()).toEqual([...first, 'RelatedPerson/1']);
    expect((await send('GET', `${house.fhir}/RelatedPerson?patient.identifier=W2`)).json.total).toBe(1);
  });

  test('MSH-10 of answers is never the same', async () => {
    const answers = [await client.ask(adt({ id: 'U1' })), await client.ask(adt({ id: 'U2' }))];
    expect(new Set(answers.map((answer) => segment(answer, 'MSH')![9])).size).toBe(2);
  });

  test('the same message again has the same answer, byte for byte, and changes nothing', async () => {
    const message = adt({ id: 'AGAIN' });
    const first = await client.ask(message);
    const resources = (await house.sql.query('select count(*) from resource')).rows[0];
    const other = await openClient(house.server.mllp!.port);
    house.clock.advance(60_000);
    expect(await client.ask(message)).toBe(first);
    expect(await other.ask(message)).toBe(first);
    other.close();
    expect((await house.sql.query('select count(*) from resource')).rows[0]).toEqual(resources);
  });

  test('the same message at the same time by several connections is taken once', async () => {
    const message = adt({ id: 'AT-ONCE', segments: ['EVN|A01|20260302', 'PID|1||ONCE^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Once^Case||19700214|F'] });
    const clients = await Promise.all([1, 2, 3, 4].map(() => openClient(house.server.mllp!.port)));
    const answers = await Promise.all(clients.map((one) => one.ask(message)));
    for (const one of clients) one.close();
    expect(new Set(answers).size).toBe(1);
    expect(codeOf(answers[0]!)).toBe('AA');
    expect((await send('GET', `${house.fhir}/Patient?identifier=ONCE`)).json.total).toBe(1);
  });

  test('a batch is answered as a batch, and a bad message stops no other', async () => {
    const answer = await client.ask(`BHS|^~\\&|ADT1|GENERAL\r${adt({ id: 'B1' })}${adt({ id: 'B2', version: '9' })}${adt({ id: 'B3' })}BTS|3\r`);
    expect(segmentsOf(answer).map(([id, code, control]) => (id === 'MSA' ? `${code} ${control}` : id))).toEqual(['BHS', 'MSH', 'AA B1', 'MSH', 'AR B2', 'ERR', 'MSH', 'AA B3', 'BTS']);
    expect(segment(answer, 'BTS')?.[1]).toBe('3');
  });

  test('a character set beyond ASCII is read, and answered in', async () => {
    client.write(framed(Buffer.from(adt({ id: 'L1', sender: 'KR\u00c4MER|G', characterSet: '8859/1', segments: ['PID|1||L1^^^G&2.16.840.1.113883.19.6&ISO^MR||M\u00fcller^Case||19700214|F'] }), 'latin1')));
    expect(segment(await client.next(), 'MSA')).toEqual(['MSA', 'AA', 'L1']);
    expect((await send('GET', `${house.fhir}/Patient?identifier=L1`)).json.entry[0].resource.name[0].family).toBe('M\u00fcller');
  });
});

describe('enhanced mode', () => {
  test.each([
    ['AL', 'NE', ['CA']], ['AL', 'AL', ['CA', 'AA']], ['NE', 'AL', ['AA']], ['ER', 'SU', ['AA']], ['SU', 'ER', ['CA']],
  ])('MSH-15 %s and MSH-16 %s', async (accept, application, expected) => {
    client.write(framed(adt({ id: `E-${accept}-${application}`, accept, application })));
    client.write(framed(adt({ id: `after-${accept}-${application}` })));
    const answers = [];
    for (let count = 0; count <= expected.length; count += 1) answers.push(await client.next());
    expect(answers.map((answer) => codeOf(answer))).toEqual([...expected, 'AA']);
    expect(segment(answers[0]!, 'MSA')?.[2]).toBe(`E-${accept}-${application}`);
  });

  test('what cannot be accepted has one answer', async () => {
    client.write(framed(adt({ id: 'E-BAD', version: '3', accept: 'AL', application: 'AL' })));
    client.write(framed(adt({ id: 'E-AFTER' })));
    expect([codeOf(await client.next()), codeOf(await client.next())]).toEqual(['CR', 'AA']);
  });

  test('sent again, it is accepted again, and what became of it is told in the same words', async () => {
    const message = framed(adt({ id: 'E-AGAIN', accept: 'AL', application: 'AL' }));
    client.write(message);
    const first = [await client.next(), await client.next()];
    client.write(message);
    const second = [await client.next(), await client.next()];
    expect([codeOf(second[0]!), second[1]]).toEqual(['CA', first[1]]);
  });

  test('an acknowledgement has no answer', async () => {
    const before = await landings();
    client.write(framed(`MSH|^~\\&|A|B|C|D|20260302||ACK^A01^ACK|ACK1|P|2.5.1|||AL|AL\rMSA|AA|1\r`));
    expect(segment(await client.ask(adt({ id: 'AFTER-ACK' })), 'MSA')?.[2]).toBe('AFTER-ACK');
    expect(await landings()).toBe(before + 1);
  });
});

test('nothing of a patient is in the log or the metrics', async () => {
  await client.ask(adt({ id: 'P1', family: 'Unmistakable', segments: ['PID|1||SECRETNUMBER^^^G&2.16.840.1.113883.19.6&ISO^MR||Unmistakable^\\Qx||notadate|F'] }));
  const metrics = await (await fetch(`${house.origin}/metrics`)).text();
  expect(`${house.log.join('\n')}${metrics}`).not.toMatch(/Unmistakable|SECRETNUMBER|notadate/i);
  expect(metrics).toMatch(/priora_mllp_answer_seconds_count\{code="AA"\} [1-9]/);
  expect(metrics).toMatch(/priora_mllp_connections 1/);
  expect(metrics).toMatch(/priora_messages_total\{channel="hl7v2",outcome="accepted"\} [1-9]/);
});
