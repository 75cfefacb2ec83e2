/** JSON Patch beyond the public cases (RFC 6902): what is refused, bounds, decimals, and that nothing given is changed. */
import * as fc from 'fast-check';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import { applyJsonPatch, jsonPatchedResource } from '../../../fhir/patch/json-patch.ts';
import { Problem } from '../../../fhir/problems.ts';
import { frozen } from './frozen.ts';

const patient = '{"resourceType":"Patient","id":"1","name":[{"family":"Doe","given":["Joan","J"]},{"text":"J"}],"multipleBirthInteger":2}';

function refusal(document: unknown, patch: unknown): Problem {
  try {
    applyJsonPatch(document, patch);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('a patch of the wrong form', () => {
  test.each([
    ['an object', '{}'],
    ['a text', '"x"'],
    ['an operation that is none', '[1]'],
    ['an operation that is a list', '[[]]'],
    ['no op', '[{"path":"/id"}]'],
    ['an unknown op', '[{"op":"insert","path":"/id","value":1}]'],
    ['an op every object has', '[{"op":"constructor","path":"/id","value":1}]'],
    ['no path', '[{"op":"remove"}]'],
    ['a path that is no text', '[{"op":"remove","path":1}]'],
    ['a path without a slash', '[{"op":"remove","path":"id"}]'],
    ['an escape that is none', '[{"op":"remove","path":"/a~2"}]'],
    ['an escape that ends early', '[{"op":"remove","path":"/a~"}]'],
    ['add without a value', '[{"op":"add","path":"/id"}]'],
    ['test without a value', '[{"op":"test","path":"/id"}]'],
    ['move without from', '[{"op":"move","path":"/id"}]'],
    ['copy with a from that is no pointer', '[{"op":"copy","path":"/id","from":"x"}]'],
    ['__proto__ in a path', '[{"op":"add","path":"/__proto__/isAdmin","value":true}]'],
    ['__proto__ at the end of a path', '[{"op":"add","path":"/__proto__","value":{"isAdmin":true}}]'],
    ['__proto__ in from', '[{"op":"copy","path":"/x","from":"/__proto__"}]'],
    ['a path of more steps than any resource is deep', `[{"op":"remove","path":"${'/a'.repeat(101)}"}]`],
  ])('%s', (_what, patch) => expect(refusal(parseJson(patient), parseJson(patch)).code).toBe('invalid-patch'));

  test('more than 1000 operations', () => {
    const operations = (count: number): unknown => Array.from({ length: count }, () => ({ op: 'test', path: '/id', value: '1' }));
    expect(() => applyJsonPatch(parseJson(patient), operations(1000))).not.toThrow();
    expect(refusal(parseJson(patient), operations(1001)).code).toBe('invalid-patch');
  });
});

describe('a patch that does not fit', () => {
  test.each([
    ['remove what is not there', '[{"op":"remove","path":"/birthDate"}]'],
    ['replace what is not there', '[{"op":"replace","path":"/birthDate","value":"2000"}]'],
    ['replace behind the end', '[{"op":"replace","path":"/name/2","value":{}}]'],
    ['add beyond the end', '[{"op":"add","path":"/name/3","value":{}}]'],
    ['an index with a zero before it', '[{"op":"remove","path":"/name/01"}]'],
    ['an index below zero', '[{"op":"remove","path":"/name/-1"}]'],
    ['an index that is a word every list has', '[{"op":"remove","path":"/name/length"}]'],
    ['the place behind the end, of something', '[{"op":"remove","path":"/name/-"}]'],
    ['within a text', '[{"op":"add","path":"/id/0","value":"x"}]'],
    ['within a number', '[{"op":"add","path":"/multipleBirthInteger/x","value":"x"}]'],
    ['what every object has', '[{"op":"copy","from":"/constructor","path":"/x"}]'],
    ['the whole resource removed', '[{"op":"remove","path":""}]'],
    ['move into itself', '[{"op":"move","from":"/name","path":"/name/0"}]'],
    ['move into itself, where the next takes its place', '[{"op":"move","from":"/name/0","path":"/name/0/period"}]'],
    ['move of what is not there', '[{"op":"move","from":"/birthDate","path":"/x"}]'],
  ])('%s', (_what, patch) => expect(refusal(parseJson(patient), parseJson(patch)).code).toBe('patch-not-applicable'));

  test('tells which operation it is, and nothing of the resource or the patch', () => {
    const { message, status } = refusal(parseJson(patient), [{ op: 'test', path: '/id', value: '1' }, { op: 'remove', path: '/name/0/Joan Doe' }]);
    expect(status).toBe(422);
    expect(message).toBe('Operation 1 of the patch cannot be done: there is nothing at its path.');
  });

  test('does nothing, also what could be done', () => {
    const document = frozen(parseJson(patient));
    expect(() => applyJsonPatch(document, [{ op: 'remove', path: '/id' }, { op: 'remove', path: '/id' }])).toThrow(Problem);
    expect(stringifyJson(document)).toBe(patient);
  });
});

describe('test', () => {
  const equal = (a: string, b: string): boolean => {
    try {
      applyJsonPatch(parseJson(`{"v":${a}}`), parseJson(`[{"op":"test","path":"/v","value":${b}}]`));
      return true;
    } catch (error) {
      expect((error as Problem).code).toBe('patch-test-failed');
      return false;
    }
  };

  test.each([
    ['1', '1.0'], ['1.00', '1.0'], ['100', '1e2'], ['1E-2', '0.01'], ['0', '-0.0'], ['-1.50', '-1.5'], ['0.10000000000000000001', '1.0000000000000000001e-1'], ['1e400', '10e399'], ['[1.0,{"a":null,"b":[]}]', '[1,{"b":[],"a":null}]'], ['"1"', '"1"'], ['null', 'null'],
  ])('%s equals %s', (a, b) => expect(equal(a, b)).toBe(true));

  test.each([
    ['1', '"1"'], ['1.0', '"1.0"'], ['0.1', '0.10000000000000000001'], ['1', '-1'], ['1e400', '1e401'], ['1', 'true'], ['null', '{}'], ['null', 'false'], ['[]', '{}'], ['[1,2]', '[2,1]'], ['[1]', '[1,1]'], ['{"a":1}', '{"a":1,"b":1}'], ['{"a":1}', '{"b":1}'], ['{"toString":1}', '{"a":1}'], ['1.0', '{}'],
  ])('%s is not %s', (a, b) => expect(equal(a, b) || equal(b, a)).toBe(false));
});

test('decimals are carried over as they were written', () => {
  const document = parseJson('{"a":1.00,"list":[0.10000000000000000001]}');
  const patched = applyJsonPatch(document, parseJson('[{"op":"add","path":"/b","value":2.50},{"op":"copy","from":"/a","path":"/list/-"},{"op":"move","from":"/a","path":"/c"}]'));
  expect(stringifyJson(patched)).toBe('{"list":[0.10000000000000000001,1.00],"b":2.50,"c":1.00}');
});

test('nothing that was given is changed, whatever the patch', () => {
  const path = fc.constantFrom('', '/name', '/name/0', '/name/-', '/name/1', '/name/0/given', '/name/0/given/0', '/id', '/x', '/name/0/given/-');
  const value = fc.constantFrom(1, 'x', null, [], { family: 'New' }, [{ given: ['a'] }]);
  const operation = fc.record({ op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), path, from: path, value });
  let done = 0;
  fc.assert(fc.property(fc.array(operation, { maxLength: 6 }), (patch) => {
    const document = frozen(parseJson(patient));
    try {
      applyJsonPatch(document, frozen(patch));
      done++;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    expect(stringifyJson(document)).toBe(patient);
  }), { numRuns: 1000 });
  expect(done).toBeGreaterThan(100);
});

describe('bounds', () => {
  test('copies of copies end', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/a', path: `/a/x${index}` }));
    expect(refusal({ a: {} }, doubling).code).toMatch(/patch-not-applicable|too-deep/);
    const flat = Array.from({ length: 900 }, (_, index) => ({ op: 'copy', from: '/list', path: `/x${index}` }));
    expect(refusal({ list: Array.from({ length: 1000 }, () => 1) }, flat).message).toMatch(/copies at most 200000 values/);
  });

  test('what comes out can be read again', () => {
    const deep = parseJson(`${'[1,'.repeat(60)}1${']'.repeat(60)}`);
    expect(refusal({ a: { b: {} } }, [{ op: 'add', path: '/a/b/c', value: deep }, { op: 'copy', from: '/a', path: `/a/b/c${'/1'.repeat(50)}` }]).code).toBe('too-deep');
  });
});

describe('a resource', () => {
  const patched = (patch: unknown): unknown => jsonPatchedResource(frozen(parseJson(patient)), patch);

  test('has no empty lists and objects where a patch took the last of something', () => {
    expect(patched([{ op: 'remove', path: '/name/1/text' }, { op: 'remove', path: '/name/0/given/0' }, { op: 'remove', path: '/name/0/given/0' }])).toEqual({ resourceType: 'Patient', id: '1', name: [{ family: 'Doe' }], multipleBirthInteger: 2 });
    expect(patched([{ op: 'remove', path: '/name/0' }, { op: 'remove', path: '/name/0' }])).toEqual({ resourceType: 'Patient', id: '1', multipleBirthInteger: 2 });
    // Until the end they are there to be filled.
    expect(patched([{ op: 'add', path: '/telecom', value: [] }, { op: 'add', path: '/telecom/-', value: { value: '1' } }])).toMatchObject({ telecom: [{ value: '1' }] });
  });

  test('keeps the places of extensions beside values', () => {
    const resource = { resourceType: 'Patient', name: [{ given: ['a', 'b'], _given: [{ extension: [{ url: 'x' }] }, { extension: [{ url: 'y' }] }] }] };
    expect(jsonPatchedResource(resource, [{ op: 'remove', path: '/name/0/_given/0/extension/0' }])).toEqual({ resourceType: 'Patient', name: [{ given: ['a', 'b'], _given: [null, { extension: [{ url: 'y' }] }] }] });
  });
});
