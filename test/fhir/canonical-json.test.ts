/** The canonical form of JSON. Source: RFC 8785, section 3.2 and appendix B. */
import { canonicalJson } from '../../fhir/canonical-json.ts';
import { parseJson } from '../../fhir/json.ts';

const canonical = (text: string): string => canonicalJson(parseJson(text));

test('what has no canonical form', () => {
  expect(() => canonicalJson('\ud800')).toThrow(RangeError);
  expect(() => canonicalJson({ '\udc00': 1 })).toThrow(RangeError);
  expect(() => canonical('[1e999]')).toThrow(RangeError);
});

test('the example of RFC 8785, 3.2.2 and 3.2.3', () => {
  expect(canonical('{ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false] }'))
    .toBe('{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
});

test('names are ordered by UTF-16 units, not by code points', () => {
  expect(canonical('{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}')).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test.each([['0', '0'], ['-0', '0'], ['1.00', '1'], ['9007199254740993', '9007199254740992'], ['295147905179352830000', '295147905179352830000'], ['1e21', '1e+21'], ['0.0000001', '1e-7']])('%s is %s', (written, expected) => {
  expect(canonical(written)).toBe(expected);
});
