import fc from 'fast-check';
import { jsonFault } from '../../fhir/json-fault.ts';
import { Decimal, parseJson, stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';

const mark = '\u0001';

function problemOf(text: string): Problem {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('accepted');
}

const nested = (levels: number, innermost: string): string => '['.repeat(levels) + innermost + ']'.repeat(levels);

describe('refused', () => {
  test.each([
    '', ' ', '{', '{"a":1', '{"a":1,}', '[1,]', '{a:1}', "{'a':1}", '{"a" 1}', 'NaN', 'undefined', '[Infinity]', '"a', '"\n"', '"\u0001"', '{"a":"\u0000"}', '[1 2]', '1 2', '[\ufeff]', '[1] x',
    // Numbers that would be let through if they were marked carelessly.
    '[01.00]', '[00]', '[-01.50]', '[1.]', '[.50]', '[+1.00]', '[1.00.00]', '[1e5e5]', '[1.00 1.00]', '[--1.00]', '[1.00e]', '[0x10]', '{1.00:2}', '{"a":1.00,1.50:2}', '{"a":{-0:1.50}}', '["a"1.00]', '["a\\\n" 1.00, "]', '["abc 1.00]',
  ])('%j', (text) => {
    expect(() => { JSON.parse(text); }).toThrow(SyntaxError);
    expect(problemOf(text).code).toBe('malformed-json');
  });

  test('the escaped control character that marks decimals, and no other text like it', () => {
    for (const text of ['["\\u0001"]', '["\\u00011.00"]', '["\\\\\\u0001"]', '{"\\u00011":1}', '["\\\\u0001", "\\u0001"]']) expect(problemOf(text).code).toBe('malformed-json');
    expect(parseJson('["\\\\u0001", 1.50, "\\\\\\\\u0001"]')).toEqual(['\\u0001', new Decimal('1.50'), '\\\\u0001']);
  });

  test('more than 100 levels, with and without decimals, however many', () => {
    for (const innermost of ['1', '1.00', '"x"', '{}'.repeat(0)]) {
      expect(() => parseJson(nested(100, innermost))).not.toThrow();
      for (const levels of [101, 5_000, 100_000]) expect(problemOf(nested(levels, innermost)).code).toBe('too-deep');
    }
    expect(() => parseJson(`${'{"a":'.repeat(100)}1.00${'}'.repeat(100)}`)).not.toThrow();
    expect(problemOf(`${'{"a":'.repeat(101)}1.00${'}'.repeat(101)}`).code).toBe('too-deep');
  });

  test('a decimal that JSON would not write', () => {
    for (const written of ['', '.5', '5.', '01', '+1', '1,5', 'NaN', 'Infinity', '0x1', ' 1', '1\n', '1e', '١']) expect(() => new Decimal(written)).toThrow(RangeError);
  });
});

describe('the message about a mistake', () => {
  test.each([
    'Joan Doe 078-05-1120', '{"name":"Joan Doe", "078-05-1120"}', '{"name":Joan}', '["Joan" 78051120]', 'position 78051120', '{"a": at position 78051120', '"at position 78051120', '{"b":1.00,"name":"Joan" 78051120.50}',
  ])('%j keeps the content to itself', (text) => {
    const { message } = problemOf(text);
    expect(message).not.toMatch(/Joan|Doe|078|7805|name/);
    expect(message).toMatch(/^The body is not well-formed JSON: (?:unexpected content|it ends too early), at line 1, column \d{1,2}\.$/);
  });

  test('counts characters in the text that was sent', () => {
    expect(problemOf('{"a":1.00,"b":1.00,"c" 1}').message).toContain('column 24.');
    expect(problemOf('{"a":1.05,"b":1.05,"c" 1}').message).toContain('column 24.');
  });

  test.each<[string, string]>([
    ['{\n "a": "b",\n "gender": male\n}', 'unexpected content, at line 3, column 12'], ['{"a":1,}', 'unexpected content, at line 1, column 8'], ['[1,]', 'unexpected content, at line 1, column 4'],
    ['{"a":1', 'it ends too early, at line 1, column 7'], ['', 'it ends too early, at line 1, column 1'], ['"a', 'it ends too early, at line 1, column 3'], ['{"a":"x\ny"}', 'unexpected content, at line 1, column 8'],
    ['{"a":"\\x"}', 'unexpected content, at line 1, column 7'], ['{} {}', 'unexpected content, at line 1, column 4'], ['[01]', 'unexpected content, at line 1, column 3'], ['{a:1}', 'unexpected content, at line 1, column 2'], ['[}', 'unexpected content, at line 1, column 2'],
    ['['.repeat(1_000_000), 'it is not JSON'],
  ])('%# tells line and column', (text, place) => {
    expect(problemOf(text).message).toBe(`The body is not well-formed JSON: ${place}.`);
  });

  test('there is a place exactly where the engine refuses a text', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '"a"', '"\\u00e9"', '\\', '1', '-0.5e+3', 'true', 'nul', ' ', '\n'), { maxLength: 12 });
    fc.assert(fc.property(fc.oneof(pieces.map((parts) => parts.join('')), fc.json()), (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(jsonFault(text) === undefined).toBe(isJson);
    }), { numRuns: 3000 });
  });
});

describe('decimals keep their digits', () => {
  test.each([
    '1.00', '1.0', '0.0', '-0', '-0.0', '0.00', '1E2', '1e2', '1e-3', '1E+2', '1.50e10', '-1.50', '100.10', '0e0',
    '12345678901234567890', '-12345678901234567890', '9007199254740993', '9999999999999999', '0.1234567890123456789', '123456789.123456789', '1234567.12345678901', '0.0000001', '-0.00000012', '1e400', '1e-400', '100000000000000000000000',
  ])('%s', (written) => {
    for (const text of [`{"a":${written}}`, `[${written}]`, `[1,${written},2]`, `{"a":[{"b":${written}}],"c":"${written}"}`, written]) expect(stringifyJson(parseJson(text))).toBe(text);
    const [value] = parseJson(`[${written}]`) as [unknown];
    expect(value).toBeInstanceOf(Decimal);
    expect(String(value)).toBe(written);
    expect(Number(value)).toBe(Number(written));
    expect(stringifyJson(parseJson(`{ "a" : ${written} }`))).toBe(`{"a":${written}}`);
    expect(stringifyJson(parseJson(`[ ${written}\n,\t${written} ]`))).toBe(`[${written},${written}]`);
  });

  test('and other numbers stay plain', () => {
    const text = '[0,1,-1,1.5,-0.5,0.000001,123456789012345,1234567.1234567,10,100]';
    for (const value of parseJson(text) as unknown[]) expect(typeof value).toBe('number');
    expect(parseJson('[1.00,1.5,10]')).toEqual([new Decimal('1.00'), 1.5, 10]);
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test('and count as numbers', () => {
    const price = new Decimal('1.50');
    expect(Number(price) + 1).toBe(2.5);
    expect(Number(price) > Number(new Decimal('1.4'))).toBe(true);
  });

  test('any number, however it is written', () => {
    const digit = fc.nat({ max: 9 }).map(String);
    const digits = (least: number, most: number) => fc.string({ unit: digit, minLength: least, maxLength: most });
    const whole = fc.oneof(fc.constant('0'), fc.tuple(fc.integer({ min: 1, max: 9 }).map(String), digits(0, 22)).map((parts) => parts.join('')));
    const fraction = fc.oneof(fc.constant(''), digits(1, 22).map((text) => `.${text}`));
    const exponent = fc.oneof(fc.constant(''), fc.tuple(fc.constantFrom('e', 'E', 'e-', 'E+'), digits(1, 3)).map((parts) => parts.join('')));
    const number = fc.tuple(fc.constantFrom('', '-'), whole, fraction, exponent).map((parts) => parts.join(''));
    fc.assert(fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), (numbers) => {
      const text = `{"a":[${numbers.join(',')}],"b":{"c":${numbers[0]}},"d":"${numbers[0]}"}`;
      expect(stringifyJson(parseJson(text))).toBe(text);
    }), { numRuns: 3000 });
  });
});

describe('strings', () => {
  test.each([
    '1.00', '"1.00"', ':1.00}', ',1e5,', '[1.00]', '\\', '\\"', '1.00\\', '\\\\"1.00', '{"a":1.00}', '\n1.00\n', '\\u0001', '\\u00011.00', '\u0002', '\ud800', '',
  ])('%j stay what they are beside a decimal, as value and as name', (content) => {
    const text = `{${JSON.stringify(content)}:${JSON.stringify(content)},"decimal":1.00,"list":[${JSON.stringify(content)}]}`;
    const value = parseJson(text) as Record<string, unknown>;
    expect(value[content]).toBe(content);
    expect(value['decimal']).toEqual(new Decimal('1.00'));
    expect(stringifyJson(value)).toBe(text);
  });

  test.each([`${mark}1.00`, `${mark}5`, mark, `${mark}x`, `a${mark}1`, `"${mark}1.00"`])('with the mark, built by code, never become numbers: %j', (content) => {
    for (const value of [{ a: content }, { a: content, b: new Decimal('1.00') }, [new Decimal('1.00'), content], { [content]: 1, b: new Decimal('2.0') }]) {
      const text = stringifyJson(value);
      const read = JSON.parse(text) as object;
      expect(Object.keys(read)).toEqual(Object.keys(value));
      expect(text.includes(JSON.stringify(content))).toBe(true);
    }
    expect(stringifyJson({ a: content, b: [new Decimal('1.00'), undefined, null], c: undefined, d: new Date(0), e: true }))
      .toBe(`{"a":${JSON.stringify(content)},"b":[1.00,null,null],"d":"1970-01-01T00:00:00.000Z","e":true}`);
  });

  test('of many megabytes, with escapes, beside a decimal', () => {
    const text = `{"a":"${'\\n1.00\\"'.repeat(1_500_000)}","b":1.00,"c":"${'\\\\'.repeat(2_000_000)}"}`;
    const value = parseJson(text) as { b: unknown };
    expect(value.b).toBeInstanceOf(Decimal);
    expect(stringifyJson(value) === text).toBe(true);
  });
});

test('__proto__ is a property like any other', () => {
  const text = '{"__proto__":1.00,"constructor":{"__proto__":{"a":2.00}}}';
  const value = parseJson(text) as object;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(stringifyJson(value)).toBe(text);
});

describe('properties', () => {
  const withoutMark = fc.jsonValue({ maxDepth: 8, stringUnit: 'binary' }).filter((value) => !JSON.stringify(value).includes('\\u0001'));

  test('any JSON reads as the engine reads it, and comes back the same', () => {
    fc.assert(fc.property(withoutMark, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(JSON.stringify(JSON.parse(stringifyJson(parseJson(text))))).toBe(JSON.stringify(JSON.parse(text)));
    }), { numRuns: 2000 });
  });

  test('what is JSON and what is not is as the engine says', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '"a":', '\\', '1', '1.00', '-0', '01.0', '1e5', '.', ' ', '\n', 'null', 'x', '"\\""', '\\u0002');
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      let expected = true;
      try {
        JSON.parse(text);
      } catch {
        expected = false;
      }
      let found = true;
      try {
        parseJson(text);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        found = false;
      }
      expect([text, found]).toEqual([text, expected]);
    }), { numRuns: 20_000 });
  });
});
