/** Acknowledgements (HL7 v2.5.1, 2.9): by mode and version, with the place of what is wrong and nothing of what was sent. */
import { acknowledge, acknowledgementMode, type AcknowledgementCode, acknowledgeUnreadable, isAcknowledgement, isWanted, type Wanted } from '../../../../mappers/hl7v2/syntax/acknowledgement.ts';
import { headerIssues } from '../../../../mappers/hl7v2/syntax/accept.ts';
import { issueFor } from '../../../../mappers/hl7v2/syntax/issue.ts';
import { type Hl7Message, sourceOf } from '../../../../mappers/hl7v2/syntax/message.ts';
import { parseMessage } from '../../../../mappers/hl7v2/syntax/parse.ts';
import { writeMessage, writeText } from '../../../../mappers/hl7v2/syntax/write.ts';

const stamps = { controlId: 'OURS1', now: new Date('2026-03-02T09:00:00.125Z') };
const received = ({ version = '2.5.1', type = 'ADT^A01^ADT_A01', accept = '', application = '', set = '', id = 'THEIRS' } = {}): Hl7Message =>
  parseMessage(Buffer.from(`MSH|^~\\&|APP|FAC^1.2&x|PRIORA|PLAN|20260302||${type}|${id}|T|${version}|||${accept}|${application}||${set}\rEVN|A01\rNTE|1\rPID|1||4711||Hidden^Name\rNTE|2||bad\r`)).message!;
const lines = (message: Hl7Message): string[] => writeText(message).split('\r').slice(0, -1);
const problem = issueFor('charset-invalid', { source: 'MSH-18', segment: 1 });

test('sender and receiver change places; version, processing id, and control id are those of the message', () => {
  expect(lines(acknowledge(received(), 'AA', [], stamps))).toEqual(['MSH|^~\\&|PRIORA|PLAN|APP|FAC^1.2&x|20260302090000.125+0000||ACK^A01^ACK|OURS1|T|2.5.1', 'MSA|AA|THEIRS']);
});

describe('versions', () => {
  test.each([
    ['2.1', 'ACK'], ['2.2', 'ACK'], ['2.3', 'ACK^A01'], ['2.3.1', 'ACK^A01^ACK'], ['2.4', 'ACK^A01^ACK'], ['2.8.2', 'ACK^A01^ACK'],
  ])('%s names the type %s', (version, type) => {
    expect(lines(acknowledge(received({ version }), 'AA', [], stamps))[0]!.split('|')[8]).toBe(type);
  });

  test('a type without an event is acknowledged without one', () => {
    expect(lines(acknowledge(received({ type: 'ADT' }), 'AA', [], stamps))[0]!.split('|')[8]).toBe('ACK');
  });

  test('from 2.5 on each error has an ERR segment of its own: where, which, how grave', () => {
    const message = received();
    const issues = [issueFor('escape-unknown', sourceOf(message.segments[4]!, 3)), issueFor('control-id-missing', { source: 'MSH-10[1].1', segment: 1 })];
    expect(lines(acknowledge(message, 'AE', issues, stamps)).slice(2)).toEqual([
      'ERR||NTE^2^3^1^1|102^Data type error^HL70357|W|escape-unknown^^L|||A value holds an escape character that begins no known sequence; it is kept as it was sent.',
      'ERR||MSH^1^10^1^1|101^Required field missing^HL70357|E|control-id-missing^^L|||MSH-10 has no control id: the message could not be told from others.',
    ]);
  });

  test('a segment is counted among those of its name, up to itself', () => {
    const message = received();
    expect([2, 3, 4].map((index) => lines(acknowledge(message, 'AE', [issueFor('escape-unknown', sourceOf(message.segments[index]!, 1))], stamps))[2]!.split('|')[2])).toEqual(['NTE^1^1^1^1', 'PID^1^1^1^1', 'NTE^2^1^1^1']);
  });

  test('before that there is one, whose ERR-1 repeats, and before 2.4 a text in MSA-3', () => {
    const issues = [issueFor('charset-unknown', { source: 'MSH-18', segment: 1 }), issueFor('escape-unknown', { source: 'NTE-3[1].1', segment: 5 })];
    expect(lines(acknowledge(received({ version: '2.3.1' }), 'AR', issues, stamps)).slice(1)).toEqual([
      'MSA|AR|THEIRS|MSH-18 names a character set that this server cannot read.',
      'ERR|MSH^1^18^103&Table value not found&HL70357~NTE^2^3^102&Data type error&HL70357',
    ]);
    expect(lines(acknowledge(received({ version: '2.4' }), 'AR', issues, stamps))[1]).toBe('MSA|AR|THEIRS');
  });
});

test.each([
  ['duplicate-key', undefined, '205'], ['structure-unknown', 'MSH-9[1].1', '200'], ['event-unknown', 'MSH-9[1].2', '201'], ['patient-missing', 'PID', '100'], ['code-unknown', 'PV1-2[1].1', '103'], ['date-unreadable', 'PID-7[1].1', '102'], ['something-else', undefined, '207'],
])('what others tell of a message has a code of table 0357: %s', (code, source, expected) => {
  const issue = { severity: 'error' as const, code, text: 'x', ...(source !== undefined && { source, segment: 1 }) };
  expect(lines(acknowledge(received(), 'AE', [issue], stamps))[2]!.split('|')[3]!.split('^')[0]).toBe(expected);
});

test('nothing of the message is in it but its header', () => {
  const text = writeText(acknowledge(received(), 'AE', [problem, issueFor('escape-unknown', sourceOf(received().segments[3]!, 5))], stamps));
  expect(text).not.toMatch(/Hidden|Name|4711|bad/);
});

test('what is only told is no error, and errors have an end', () => {
  expect(lines(acknowledge(received(), 'AA', [issueFor('byte-order-mark')], stamps))).toHaveLength(2);
  expect(lines(acknowledge(received(), 'AE', Array.from({ length: 500 }, () => problem), stamps))).toHaveLength(52);
});

test('a control id with delimiters in it is echoed as it was sent', () => {
  const echoed = lines(acknowledge(received({ id: 'A\\T\\B^C&D~E' }), 'AA', [], stamps))[1];
  expect(echoed).toBe('MSA|AA|A\\T\\B^C&D~E');
});

test('it is written with the delimiters of the message', () => {
  const message = parseMessage(Buffer.from('MSH$*!@%$APP$FAC$P$Q$20260302$$ADT*A01$7$P$2.5.1\r')).message!;
  expect(lines(acknowledge(message, 'AA', [], stamps))).toEqual(['MSH$*!@%$P$Q$APP$FAC$20260302090000.125+0000$$ACK*A01*ACK$OURS1$P$2.5.1', 'MSA$AA$7']);
});

test.each([['8859/1', '8859/1'], ['KLINGON', 'UNICODE UTF-8'], ['', undefined]])('character set %j is answered in %j', (set, expected) => {
  const header = parseMessage(Buffer.from(`MSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5.1||||||${set}\r`)).header!;
  const answer = acknowledge(header, 'AR', [], stamps);
  expect(answer.segments[0]!.fields[18]?.[0]?.[0]?.[0]).toBe(expected);
  expect(writeMessage(answer)).toBeDefined();
});

test('what cannot be read is answered without a control id', () => {
  expect(lines(acknowledgeUnreadable('AR', [issueFor('no-header')], stamps)).slice(0, 2)).toEqual(['MSH|^~\\&|||||20260302090000.125+0000||ACK|OURS1|P|2.5.1', 'MSA|AR']);
});

describe('modes', () => {
  test.each([
    ['', '', { kind: 'original' }],
    ['AL', 'NE', { kind: 'enhanced', accept: 'AL', application: 'NE' }],
    ['', 'AL', { kind: 'enhanced', accept: 'NE', application: 'AL' }],
    ['ER', 'SU', { kind: 'enhanced', accept: 'ER', application: 'SU' }],
    ['XX', '', { kind: 'enhanced', accept: 'AL', application: 'NE' }],
  ])('MSH-15 %j and MSH-16 %j', (accept, application, mode) => {
    expect(acknowledgementMode(received({ accept, application }).segments[0]!)).toEqual(mode);
  });

  test.each<[Wanted, AcknowledgementCode[], AcknowledgementCode[]]>([
    ['AL', ['AA', 'AE', 'AR', 'CA', 'CE', 'CR'], []],
    ['NE', [], ['AA', 'AE', 'AR', 'CA', 'CE', 'CR']],
    ['ER', ['AE', 'AR', 'CE', 'CR'], ['AA', 'CA']],
    ['SU', ['AA', 'CA'], ['AE', 'AR', 'CE', 'CR']],
  ])('%s', (wanted, given, kept) => {
    for (const code of given) expect(isWanted(wanted, code)).toBe(true);
    for (const code of kept) expect(isWanted(wanted, code)).toBe(false);
  });

  test('in enhanced mode nobody is to acknowledge an acknowledgement', () => {
    expect(lines(acknowledge(received({ accept: 'AL' }), 'CA', [], stamps))[0]!.split('|').slice(14, 16)).toEqual(['NE', 'NE']);
    expect(isAcknowledgement(received({ type: 'ACK^A01' }).segments[0]!)).toBe(true);
    expect(isAcknowledgement(received().segments[0]!)).toBe(false);
  });
});

describe('a header must say', () => {
  test.each([
    ['its type', { type: '' }, ['type-missing']], ['its name', { id: '' }, ['control-id-missing']], ['a name with an end', { id: 'x'.repeat(200) }, ['control-id-long']],
    ['a version of version 2', { version: '3.0' }, ['version-unknown']], ['or none', { version: '' }, []], ['all of it', {}, []],
  ])('%s', (_, said, codes) => {
    expect(headerIssues(received(said).segments[0]!).map(({ code }) => code)).toEqual(codes);
  });
});
