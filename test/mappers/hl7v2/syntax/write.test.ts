/** Segments to bytes, and back to the same segments. */
import fc from 'fast-check';
import { encodeText, writeMessage, writeText } from '../../../../mappers/hl7v2/syntax/write.ts';
import { type Hl7Delimiters, type Hl7Field, type Hl7Message, STANDARD_DELIMITERS } from '../../../../mappers/hl7v2/syntax/message.ts';
import { parseMessage } from '../../../../mappers/hl7v2/syntax/parse.ts';

const header = (characterSet?: string): Hl7Field[] => [[], [], [], [[['A']]], ...Array.from({ length: 13 }, () => []), [], characterSet === undefined ? [] : [[[characterSet]]]];
const messageOf = (fields: readonly Hl7Field[], delimiters: Hl7Delimiters = STANDARD_DELIMITERS, characterSet = 'UNICODE UTF-8'): Hl7Message => ({
  segments: [{ id: 'MSH', position: 1, fields: header(characterSet) }, { id: 'ZZZ', position: 2, fields: [[], ...fields] }], delimiters,
});

test.each([
  ['a character that the set does not have', '8859/1', '山'],
  ['a set that is not known', 'KLINGON', 'x'],
  ['a set that is not written beyond ASCII', 'GB 18030-2000', '中'],
  ['beyond ASCII in ASCII', 'ASCII', 'é'],
])('%s is not written as something else', (_, characterSet, text) => {
  expect(writeMessage(messageOf([[[[text]]]], STANDARD_DELIMITERS, characterSet))).toBeUndefined();
});

test.each([['8859/1', 'é', [0xe9]], ['8859/5', 'А', [0xb0]], ['UNICODE UTF-8', 'é', [0xc3, 0xa9]], ['8859/15', '€', [0xa4]]])('%s', (characterSet, text, bytes) => {
  expect(Buffer.from(writeMessage(messageOf([[[[text]]]], STANDARD_DELIMITERS, characterSet))!).subarray(-bytes.length - 1, -1)).toEqual(Buffer.from(bytes));
});

test('without a name it is ASCII, or UTF-8 where that is not enough', () => {
  expect(Buffer.from(encodeText('a', undefined)!).toString('hex')).toBe('61');
  expect(Buffer.from(encodeText('é', undefined)!).toString('hex')).toBe('c3a9');
});

test('blank parts at the end are left out, those between are kept', () => {
  expect(writeText(messageOf([[], [[['a'], [''], ['']]], [[['a']], [['']], [['', 'b', '']]], [], []])).split('\r')[1]).toBe('ZZZ||a|a~~&b');
});

test('what is written is read as the same values, whatever they and the delimiters are', () => {
  const value = fc.oneof({ weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...Array.from('ab|^~\\&#é\n\r "')) }) }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) })
    .map((text) => text.replaceAll(/\p{Cc}/gu, (character) => (character === '\n' || character === '\r' ? character : '')));
  const field = fc.array(fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }), { maxLength: 3 });
  const delimiters = fc.uniqueArray(fc.constantFrom(...Array.from('|^~\\&$%*!@')), { minLength: 5, maxLength: 5 })
    .map(([a, component, repetition, escape, subcomponent]): Hl7Delimiters => ({ field: a!, component: component!, repetition: repetition!, escape: escape!, subcomponent: subcomponent! }));
  fc.assert(fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), delimiters, (fields, declared) => {
    const read = parseMessage(writeMessage(messageOf(fields, declared))!);
    expect(read.issues.filter(({ code }) => code !== 'delimiters-doubled')).toEqual([]);
    expect(read.message!.delimiters).toEqual(declared);
    expect(values(read.message!)).toEqual(values(messageOf(fields, declared)));
  }), { numRuns: 400 });
});

/** Nonblank values by their place. */
function values({ segments }: Hl7Message): readonly string[] {
  return segments[1]!.fields.flatMap((field, f) => field.flatMap((repetition, r) => repetition.flatMap((component, c) => component.flatMap((value, s) => (value === '' ? [] : [`${f} ${r} ${c} ${s} ${value}`])))));
}
