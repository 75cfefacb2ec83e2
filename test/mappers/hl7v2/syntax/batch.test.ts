/** Batches and files (HL7 v2.5.1, 2.10.3): every message is found, whatever is wrong with what is around it. */
import { readFile } from '../../../../mappers/hl7v2/syntax/batch.ts';
import { valueAt } from '../../../../mappers/hl7v2/syntax/message.ts';

const msh = (id: string): string => `MSH|^~\\&|A|B|C|D|20260302||ADT^A01|${id}|P|2.5.1`;
const read = (...lines: string[]) => readFile(Buffer.from(lines.map((line) => `${line}\r`).join('')));
const shape = ({ header, batches, issues }: ReturnType<typeof readFile>) => ({
  file: header?.id, batches: batches.map((batch) => [batch.header?.id, ...batch.messages.map((bytes) => Buffer.from(bytes).toString().split('|')[9])]), issues: issues.map(({ code, severity }) => `${severity} ${code}`),
});

test.each([
  ['nothing', [], { batches: [], issues: ['error nothing-sent'] }],
  ['a batch of nothing', ['BHS|^~\\&|A', 'BTS|0'], { batches: [['BHS']], issues: ['error nothing-sent'] }],
  ['a count that is not right', ['BHS|^~\\&|A', msh('1'), 'BTS|2'], { batches: [['BHS', '1']], issues: ['error batch-count'] }],
  ['a count of batches that is not right', ['FHS|^~\\&|A', 'BHS|^~\\&|A', msh('1'), 'BTS|1', 'FTS|3'], { file: 'FHS', batches: [['BHS', '1']], issues: ['error file-count'] }],
  ['a trailer without a header', [msh('1'), 'FTS|1'], { batches: [[undefined, '1']], issues: ['warning batch-structure', 'error file-count'] }],
  ['a batch in a batch', ['BHS|^~\\&|A', msh('1'), 'BHS|^~\\&|A', msh('2'), 'BTS|1'], { batches: [['BHS', '1'], ['BHS', '2']], issues: ['warning batch-structure'] }],
])('%s', (_, lines, expected) => {
  expect(shape(read(...lines))).toEqual({ file: undefined, ...expected });
});

test.each([
  ['a message', [msh('1'), 'PID|1'], { batches: [[undefined, '1']] }],
  ['several, without a batch', [msh('1'), 'PID|1', msh('2')], { batches: [[undefined, '1', '2']] }],
  ['a batch', ['BHS|^~\\&|A', msh('1'), 'PID|1', msh('2'), 'BTS|2'], { batches: [['BHS', '1', '2']] }],
  ['a file', ['FHS|^~\\&|A', 'BHS|^~\\&|A', msh('1'), 'BTS|1', 'BHS|^~\\&|A', msh('2'), msh('3'), 'BTS|2', 'FTS|2'], { file: 'FHS', batches: [['BHS', '1'], ['BHS', '2', '3']] }],
  ['trailers without counts', ['FHS|^~\\&|A', 'BHS|^~\\&|A', msh('1'), 'BTS', 'FTS'], { file: 'FHS', batches: [['BHS', '1']] }],
  ['delimiters of its own', ['FHS$%~\\&$A', 'BHS$%~\\&$A', msh('1'), 'BTS$1', 'FTS$1'], { file: 'FHS', batches: [['BHS', '1']] }],
])('%s', (_, lines, expected) => {
  expect(shape(read(...lines))).toEqual({ file: undefined, issues: [], ...expected });
});

test('the bytes of a message are its own, and are not changed', () => {
  const file = Buffer.concat([Buffer.from('BHS|^~\\&|A\r'), Buffer.from(`${msh('1')}\rPID|1||\xe9\r`, 'latin1'), Buffer.from('BTS|1\r')]);
  expect(Buffer.from(readFile(file).batches[0]!.messages[0]!)).toEqual(Buffer.from(`${msh('1')}\rPID|1||\xe9\r`, 'latin1'));
});

test('line feeds and a byte order mark do not hide a message', () => {
  const { batches } = readFile(Buffer.from(`\ufeff${['BHS|^~\\&|A', msh('1'), 'PID|1', msh('2'), 'BTS|2'].join('\n')}`));
  expect(batches.flatMap(({ messages }) => messages)).toHaveLength(2);
});

test('what is no message is handed on as one, so that somebody says so', () => {
  expect(readFile(Buffer.from('hello')).batches[0]!.messages[0]).toEqual(Buffer.from('hello'));
});

test('header fields are read', () => {
  const { header, batches } = read('FHS|^~\\&|APP|FAC', 'BHS|^~\\&|X||||||||||7', msh('1'), 'BTS|1', 'FTS|1');
  expect([valueAt(header, 3), valueAt(header, 4), valueAt(batches[0]!.header, 12)]).toEqual(['APP', 'FAC', undefined]);
});

test('a batch of many messages is taken apart in time that grows with it', () => {
  const many = Buffer.from(`BHS|^~\\&|A\r${`${msh('1')}\rPID|1\r`.repeat(20_000)}BTS|20000\r`);
  expect(readFile(many).batches[0]!.messages).toHaveLength(20_000);
});
