/** Escape sequences (HL7 v2.5.1, 2.7), read and written. */
import fc from 'fast-check';
import { decodeEscapes, encodeEscapes } from '../../../../mappers/hl7v2/syntax/escapes.ts';
import { type Hl7Delimiters, STANDARD_DELIMITERS } from '../../../../mappers/hl7v2/syntax/message.ts';

const truncating: Hl7Delimiters = { ...STANDARD_DELIMITERS, truncation: '#' };
const utf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
const decode = (value: string, delimiters = truncating) => decodeEscapes(value, delimiters, utf8);

describe('kept as sent, and told', () => {
  test.each([
    ['an escape character at the end', 'C:\\'],
    ['one alone', 'a\\b'],
    ['a path', 'C:\\dir\\sub'],
    ['an unknown letter', '\\Q\\'],
    ['an odd number of digits', '\\X0\\'],
    ['no digits', '\\X\\'],
    ['no hexadecimal', '\\XGG\\'],
    ['bytes that are not of the character set', '\\XFF\\'],
    ['an unknown command', '\\.zz\\'],
    ['a word between', '\\hello\\'],
  ])('%s', (_, value) => {
    expect(decode(value).text).toBe(value);
    expect(new Set(decode(value).conditions)).toEqual(new Set(['escape-unknown']));
  });

  test('a sequence of the sender\'s own', () => {
    expect(decode('a\\Zabc1\\b')).toEqual({ text: 'a\\Zabc1\\b', conditions: ['escape-local'] });
  });

  test('\\P\\ where no truncation character is declared', () => {
    expect(decode('\\P\\', STANDARD_DELIMITERS)).toMatchObject({ text: '\\P\\', conditions: ['escape-unknown', 'escape-unknown'] });
  });

  test('what follows an unknown one is read', () => {
    expect(decode('\\q\\T\\').text).toBe('\\q&');
  });
});

test.each([
  ['\\F\\\\S\\\\T\\\\R\\\\E\\\\P\\', '|^&~\\#'],
  ['a\\H\\b\\N\\c', 'abc'],
  ['\\X41\\\\X42\\', 'AB'],
  ['\\XC3\\\\XA9\\', 'é'],
  ['\\XC3A9\\t\\XC3A9\\', 'été'],
  ['\\X0D0A\\', '\r\n'],
  ['a\\.br\\b', 'a\nb'],
  ['a\\.sp\\b\\.sp3\\c', 'a\nb\n\n\nc'],
  ['a\\.sk 2\\b', 'a  b'],
  ['\\.ce\\a\\.in+4\\\\.ti-2\\\\.fi\\\\.nf\\b', '\nab'],
])('%j is %j', (value, text) => {
  expect(decode(value)).toEqual({ text, conditions: [] });
});

test('what a sequence asks for is bounded', () => {
  expect(decode('\\.sp9999\\').text).toHaveLength(100);
});

test('a text that is written is read as the same text, whatever the delimiters', () => {
  const delimiters = fc.uniqueArray(fc.constantFrom(...Array.from('|^~\\&#$%*!@:;')), { minLength: 6, maxLength: 6 })
    .map(([field, component, repetition, escape, subcomponent, truncation]): Hl7Delimiters => ({ field: field!, component: component!, repetition: repetition!, escape: escape!, subcomponent: subcomponent!, truncation: truncation! }));
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...Array.from('|^~\\&#XZ.br10\r\n\t')) }));
  fc.assert(fc.property(text, delimiters, (value, declared) => {
    const written = encodeEscapes(value, declared);
    for (const divider of [declared.field, declared.component, declared.repetition, declared.subcomponent, '\r', '\n']) expect(written).not.toContain(divider);
    expect(decodeEscapes(written, declared, utf8)).toEqual({ text: value, conditions: [] });
  }), { numRuns: 500 });
});

test('whatever is sent is read without an end that does not come', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...Array.from('\\XCMHFZ.brsp019|^')) }), (value) => {
    expect(decode(value).text.length).toBeLessThanOrEqual(value.length * 100);
  }), { numRuns: 1000 });
});
