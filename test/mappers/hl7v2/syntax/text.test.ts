/** Character sets: refused where nothing reads them, read where declared, assumed only where nothing else is possible. */
import { parseMessage } from '../../../../mappers/hl7v2/syntax/parse.ts';
import { valueAt } from '../../../../mappers/hl7v2/syntax/message.ts';

const message = (characterSet: string, family: readonly (string | readonly number[])[]): Buffer => Buffer.concat([
  Buffer.from(`MSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5.1||||||${characterSet}\rPID|1||4711||`),
  ...family.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  Buffer.from('|M\r'),
]);
const ESC = 0x1b;
const family = (bytes: Uint8Array, characterSet?: string): string | undefined => valueAt(parseMessage(bytes, characterSet === undefined ? {} : { characterSet }).message?.segments[1], 5);
const codes = (bytes: Uint8Array): string[] => parseMessage(bytes).issues.map(({ code }) => code);

describe('refused, and its header can still be answered', () => {
  test.each([
    ['a set nobody knows', message('KLINGON', ['x']), 'charset-unknown'],
    ['UTF-32', message('UNICODE UTF-32', ['x']), 'charset-unknown'],
    ['bytes that are not UTF-8', message('UNICODE UTF-8', [[0xff, 0xfe]]), 'charset-invalid'],
    ['bytes beyond ASCII that are no UTF-8, undeclared', message('', [[0xe9, 0x20]]), 'charset-undeclared'],
    ['the same, declared as ASCII', message('ASCII', [[0xe9, 0x20]]), 'charset-undeclared'],
    ['a broken pair of Shift JIS', message('ISO IR14', [[0xfd]]), 'charset-invalid'],
    ['a switch to a set that is not read', message('ASCII~ISO IR159', [[ESC, 0x24, 0x28, 0x44, 0x30, 0x21]]), 'charset-alternate-used'],
    ['an escape that designates nothing', message('ASCII', [[ESC, 0x41]]), 'charset-alternate-used'],
  ])('%s', (_, bytes, code) => {
    const parsed = parseMessage(bytes);
    expect(parsed.message).toBeUndefined();
    expect(parsed.issues).toMatchObject([{ severity: 'error', code, source: 'MSH-18', segment: 1 }]);
    expect(valueAt(parsed.header?.segments[0], 10)).toBe('1');
  });
});

test.each([
  ['UNICODE UTF-8', [[0xc3, 0xa9]], 'é'],
  ['UNICODE', [[0xf0, 0x9f, 0x8e, 0xb6]], '🎶'],
  ['8859/1', [[0xe9]], 'é'],
  ['8859/2', [[0xb1]], 'ą'],
  ['8859/5', [[0xb0]], 'А'],
  ['8859/7', [[0xe1]], 'α'],
  ['8859/8', [[0xe0]], 'א'],
  ['8859/9', [[0xfd]], 'ı'],
  ['8859/15', [[0xa4]], '€'],
  ['ISO IR14', [[0xb1]], 'ｱ'],
  ['GB 18030-2000', [[0xd6, 0xd0]], '中'],
  ['KS X 1001', [[0xb0, 0xa1]], '가'],
  ['BIG-5', [[0xa4, 0x5c]], '么'],
])('%s', (name, bytes, expected) => {
  expect(family(message(name, bytes))).toBe(expected);
  expect(codes(message(name, bytes))).toEqual([]);
});

test.each([
  ['UTF-8', [[0xc3, 0xa9]], 'é', 'charset-name'],
  ['ISO-8859-1', [[0xe9]], 'é', 'charset-name'],
  ['', [[0xc3, 0xa9]], 'é', 'charset-assumed'],
  ['ASCII', [[0xc3, 0xa9]], 'é', 'charset-assumed'],
  ['8859/1', [[0x93]], '“', 'charset-windows'],
  ['ASCII~KLINGON', ['x'], 'x', 'charset-alternate-unknown'],
])('%j is read, and something told of it', (name, bytes, expected, code) => {
  expect(family(message(name, bytes))).toBe(expected);
  expect(codes(message(name, bytes))).toEqual([code]);
});

test('a sender that declares nothing may have agreed on a set', () => {
  expect(family(message('', [[0xe9]]), '8859/1')).toBe('é');
  expect(family(message('UNICODE UTF-8', [[0xc3, 0xa9]]), '8859/1')).toBe('é');
});

describe('marks and wide characters', () => {
  const text = 'MSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5.1||||||8859/1\rPID|1||4711||Zoë\r';
  test.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), ['byte-order-mark']],
    ['UTF-16, small end first', Buffer.from(`\ufeff${text}`, 'utf16le'), ['byte-order-mark']],
    ['UTF-16, big end first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), ['byte-order-mark']],
    ['UTF-16 without a mark', Buffer.from(text, 'utf16le'), []],
  ])('%s', (_, bytes, expected) => {
    expect(family(bytes)).toBe('Zoë');
    expect(codes(bytes)).toEqual(expected);
  });
});

describe('switching', () => {
  const kanji = [0x3b, 0x33, 0x45, 0x44];
  test.each([
    ['escape bytes', 'ASCII~ISO IR87', [[ESC, 0x24, 0x42, ...kanji, ESC, 0x28, 0x42], '^Taro'], '山田'],
    ['spelled', 'ASCII~ISO IR87', ['\\M2442\\', kanji, '\\C2842\\^Taro'], '山田'],
    ['with a second byte that looks like an escape character', 'ISO IR87', [[ESC, 0x24, 0x42, 0x3b, 0x5c, ESC, 0x28, 0x42], '^x'], '施'],
    ['with second bytes that spell an escape sequence', 'ISO IR87', [[ESC, 0x24, 0x42, 0x3b, 0x5c, 0x43, 0x32, 0x38, 0x34, 0x32, 0x5c, ESC, 0x28, 0x42], '^x'], '施嘆鹸蝦'],
    ['to Cyrillic and back', '8859/1~8859/5', [[0xe9], '\\C2D4C\\', [0xb0], '\\C2D41\\', [0xe9]], 'éАé'],
  ])('%s', (_, name, bytes, expected) => {
    const parsed = parseMessage(message(name, bytes));
    expect(parsed.issues).toEqual([]);
    expect(valueAt(parsed.message?.segments[1], 5)).toBe(expected);
    expect(valueAt(parsed.message?.segments[1], 6)).toBe('M');
  });

  test('a segment begins in the default set, whatever the one before ended in', () => {
    const bytes = Buffer.concat([message('ASCII~ISO IR87', []).subarray(0, -4), Buffer.from([ESC, 0x24, 0x42, ...kanji]), Buffer.from('\rNTE|1||plain\r')]);
    expect(valueAt(parseMessage(bytes).message?.segments[2], 3)).toBe('plain');
    const cyrillic = Buffer.concat([message('8859/1~8859/5', []).subarray(0, -4), Buffer.from('\\C2D4C\\\xb0\rNTE|1||\xe9\r', 'latin1')]);
    expect(valueAt(parseMessage(cyrillic).message?.segments[2], 3)).toBe('é');
  });
});
