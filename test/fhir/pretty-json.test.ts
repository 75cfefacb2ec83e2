/** JSON laid out for people: the same values, numbers and strings to the letter. */
import * as fc from 'fast-check';
import { prettyJson } from '../../fhir/pretty-json.ts';

test('as JSON.stringify lays it out, whatever the white space before', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t', '\r\n '), (value, space) => {
    expect(prettyJson(JSON.stringify(value, undefined, space))).toBe(JSON.stringify(value, undefined, 2));
  }), { numRuns: 1000 });
});

test('numbers and escapes stay as they are written', () => {
  expect(prettyJson('{"a":[1.00,-1E5,{}, [ ] ],"b":"\\u00e9\\"{,:[\\\\","c":null}')).toBe('{\n  "a": [\n    1.00,\n    -1E5,\n    {},\n    []\n  ],\n  "b": "\\u00e9\\"{,:[\\\\",\n  "c": null\n}');
});

test('long strings take no stack', () => {
  const long = JSON.stringify(['\\"'.repeat(2_000_000)]);
  expect(JSON.parse(prettyJson(long))).toEqual(JSON.parse(long));
});
