/** What is generated for a condition against its evaluation by closures: any condition, any element, well formed or not. */
import fc from 'fast-check';
import { FhirPathError } from '../../../fhir/fhirpath/error.ts';
import { compileExpression, type Environment } from '../../../fhir/fhirpath/native/index.ts';

const addresses = fc.constantFrom("'a'", "'b'", "'http://example.org/x'");

/** Paths from a Patient, and conditions about them, and about what is on the way. */
const { condition } = fc.letrec<{ condition: string; path: string; inner: string; number: string }>((tie) => ({
  path: fc.oneof(
    { withCrossShrink: true, maxDepth: 4 },
    fc.constantFrom('name', 'name.given', 'name.family', 'gender', 'active', 'birthDate', 'contact', 'contact.name', 'extension', 'extension.value', 'deceased', 'multipleBirth', 'name.period', 'period', 'contained', 'contained.name', '$this', 'Patient', 'managingOrganization', 'identifier.period', 'birthDate.extension', 'valueCode', 'name.period.start', 'name.extension.value', 'deceasedBoolean'),
    fc.tuple(tie('path'), tie('inner')).map(([path, inner]) => `${path}.where(${inner})`),
    fc.tuple(tie('path'), fc.constantFrom('first()', 'tail()', "trace('a')", 'select(use)', 'given', 'value', 'ofType(boolean)', 'as(string)', 'extension', "extension('a')", 'last()', 'period', 'id')).map((parts) => parts.join('.')),
    fc.tuple(tie('path'), tie('path')).map((parts) => `(${parts.join(' | ')})`),
  ),
  inner: fc.oneof({ maxDepth: 3 }, fc.constantFrom("use = 'official'", "given = 'a'", 'family.exists()', "url = 'a'", "value = 'a'", "$this = 'a'", "url = 'a' and value != 'b'", 'value.exists()', 'period.start <= period.end', 'given.count() > 1', "value.code = 'a'", 'hasValue()', '$this is string', 'extension.exists()', "startsWith('a')"), tie('condition')),
  number: fc.oneof(fc.integer({ min: 0, max: 3 }).map(String), tie('path').map((path) => `${path}.count()`), fc.constant('children().count()'), fc.tuple(tie('path'), tie('path')).map(([left, right]) => `(${left}.count() + ${right}.count())`)),
  condition: fc.oneof(
    { withCrossShrink: true, maxDepth: 5 },
    tie('path').map((path) => `${path}.exists()`),
    tie('path').map((path) => `${path}.empty()`),
    tie('path'),
    fc.tuple(tie('path'), fc.constantFrom('=', '!='), fc.oneof(addresses, fc.constantFrom('true', 'false', '2', '%ucum', '{}'))).map((parts) => parts.join(' ')),
    fc.tuple(tie('path'), fc.constantFrom("in ('a' | 'b')", 'is string', 'is boolean', 'is Quantity', 'contains \'a\'')).map((parts) => parts.join(' ')),
    fc.tuple(tie('path'), fc.constantFrom("startsWith('a')", "matches('^[a-c]$')", "contains('b')", 'hasValue()', 'isDistinct()', 'single().exists()', 'toString() = \'a\'')).map((parts) => parts.join('.')),
    fc.tuple(tie('path'), fc.constantFrom('all', 'exists'), tie('inner')).map(([path, name, inner]) => `${path}.${name}(${inner})`),
    fc.tuple(tie('number'), fc.constantFrom('=', '!=', '<', '<=', '>', '>='), tie('number')).map((parts) => parts.join(' ')),
    fc.tuple(tie('path'), fc.constantFrom('<', '<=', '>', '>='), tie('path')).map((parts) => parts.join(' ')),
    fc.tuple(tie('condition'), fc.constantFrom('and', 'or', 'xor', 'implies', '=', '!='), tie('condition')).map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    tie('condition').map((inner) => `(${inner}).not()`),
  ),
}));

const text = fc.constantFrom('a', 'b', 'abc', 'official', '2020-01-01', '2021-05-06', '2020', '2021-02-03T10:00:00Z', '2021-02-03T11:00:00+02:00', 'http://unitsofmeasure.org');
const extension: fc.Arbitrary<unknown> = fc.tuple(text, fc.oneof(fc.record({ valueCode: text }), fc.record({ valueBoolean: fc.boolean() }), fc.record({ valueQuantity: fc.record({ code: text, value: fc.integer() }) }), fc.record({ _valueString: fc.record({ id: text }) }), fc.record({}))).map(([url, value]) => ({ url, ...value }));
const sibling = fc.record({ id: text, extension: fc.array(extension, { maxLength: 2 }) }, { requiredKeys: [] });
const period = fc.record({ start: text, end: text, _start: sibling }, { requiredKeys: [] });
const name = fc.record({ id: text, use: text, family: text, _family: sibling, given: fc.array(fc.option(text), { maxLength: 3 }), _given: fc.array(fc.option(sibling), { maxLength: 3 }), period, extension: fc.array(extension, { maxLength: 2 }) }, { requiredKeys: [] });
const patients = fc.record({
  resourceType: fc.constant('Patient'), name: fc.array(name, { maxLength: 3 }), gender: text, active: fc.boolean(), _active: sibling, birthDate: text, _birthDate: sibling, contact: fc.array(fc.record({ name }, { requiredKeys: [] }), { maxLength: 2 }),
  extension: fc.array(extension, { maxLength: 3 }), deceasedBoolean: fc.boolean(), multipleBirthInteger: fc.integer({ min: 0, max: 3 }), contained: fc.array(fc.record({ resourceType: fc.constant('Organization'), name: text }), { maxLength: 1 }),
  identifier: fc.array(fc.record({ period }), { maxLength: 2 }), managingOrganization: fc.record({ reference: text }),
}, { requiredKeys: ['resourceType'] });

type Result = boolean | 'refused' | undefined;

function tried(evaluate: () => boolean | undefined): Result {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof FhirPathError && (error.code === 'evaluation' || error.code === 'limit')) return 'refused';
    throw error;
  }
}

function both(expression: string, focus: unknown, type = 'Patient', beside?: unknown): [generated: Result, closures: Result] {
  const environment: Environment = { resource: focus, rootResource: focus, now: new Date(0) };
  const compiled = compileExpression(expression, type);
  return [
    tried(() => compiled.test(focus, beside, environment)),
    tried(() => {
      const [value, ...more] = compiled.typedValues(focus, beside, environment);
      if (value === undefined) return false;
      return more.length > 0 || (value.type !== 'boolean' && value.type !== 'System.Boolean') || value.value === true;
    }),
  ];
}

/** A condition that is settled before is not asked further, and that may be the one that refuses: in one way or the other. */
function agree([generated, closures]: [Result, Result]): boolean {
  return generated === closures || generated === 'refused' || closures === 'refused';
}

test('any condition about any patient', () => {
  let settled = 0;
  fc.assert(fc.property(condition, patients, (expression, patient) => {
    const results = both(expression, patient);
    if (!results.includes('refused')) settled++;
    expect([expression, agree(results), ...results]).toEqual([expression, true, ...results]);
  }), { numRuns: 6000 });
  expect(settled).toBeGreaterThan(2000);
});

test('any condition about what is no patient at all', () => {
  const anything = fc.dictionary(fc.constantFrom('name', '_name', 'extension', 'gender', 'active', '_active', 'birthDate', '_birthDate', 'contact', 'contained', 'deceasedBoolean', 'multipleBirthInteger', 'identifier', 'managingOrganization'), fc.anything({ maxDepth: 3, withNullPrototype: true, key: fc.constantFrom('given', 'url', 'family', 'period', 'start', 'extension', 'valueCode', 'name', '0') }));
  fc.assert(fc.property(condition, anything, (expression, members) => {
    expect(() => both(expression, { resourceType: 'Patient', ...members })).not.toThrow();
  }), { numRuns: 2000 });
});

test('children are counted, with their extensions or with nothing else', () => {
  const rule = 'hasValue() or (children().count() > id.count())';
  const given: [value: unknown, holds: boolean][] = [
    [{ id: 'a' }, false], [{}, false], [{ family: null }, false], [{ given: [] }, false], [{ resourceType: 'HumanName', other: 1 }, false], [{ _family: null }, false],
    [{ id: 'a', family: 'b' }, true], [{ _family: { id: 'c' } }, true], [{ given: [null], _given: [{ id: 'c' }] }, true], [{ _given: [{ id: 'c' }] }, true], [{ extension: [{}] }, true],
  ];
  for (const [value, holds] of given) expect([value, ...both(rule, value, 'HumanName')]).toEqual([value, holds, holds]);
  expect(both('children().count() = 3', { family: 'a', given: ['b', null], _given: [null, { id: 'c' }] }, 'HumanName')).toEqual([true, true]);
  expect(both(rule, undefined, 'string', { extension: [{ url: 'a' }] })).toEqual([true, true]);
  expect(both('name.count() != 2', { resourceType: 'Patient', name: [{}, {}] })).toEqual([false, false]);
});

test('of equal texts in a union the first is kept, with its extensions', () => {
  const extended = { extension: [{ url: 'a' }] };
  for (const [first, second, expected] of [[null, extended, false], [extended, null, true]] as const) {
    const focus = { resourceType: 'Patient', name: [{ given: ['a', 'a'], _given: [first, second] }] };
    for (const rule of ["(name.given | name).extension('a').exists()", '(name.given | name.family).where(extension.exists()).exists()', '(name.given | name).all(extension.empty()).not()', '(name.given | name).where(children().count() = 1 and hasValue()).exists()']) {
      expect([rule, ...both(rule, focus)]).toEqual([rule, expected, expected]);
    }
  }
});

test.each([
  ['2020-01-01', '2020-01-02', true], ['2020-01-02', '2020-01-01', false], ['2020-01-01', '2020-01-01', true], ['2020-01-01T10:00:00Z', '2020-01-01T09:00:00Z', false], ['2020-01-01T10:00:00Z', '2020-01-01T11:00:00+02:00', false],
  ['2020-01-01T10:00:00+02:00', '2020-01-01T09:00:00Z', true], ['2020', '2020-01', true], ['2020', '2021-01', true], ['2020-01-01', '2020-01-01T10:00:00Z', false], ['2020-01-01', undefined, true],
  // The end includes all that it matches; a start after that is wrong.
  ['2024-01-01', '2024-01-01T17:00:00-05:00', false], ['2024-01', '2024-01-01T17:00:00-05:00', true], ['2024-02', '2024-01-01T17:00:00-05:00', false], ['2024', '2024-06-01', true], ['2024-01-01', '2024-01', true], ['2024-06-01', '2024', true], ['2024-01-01T10:00:00Z', '2024-01-01', true],
  ['2024-07', '2024-06-30', false], ['2025', '2024-12-31', false], ['2024-02-01', '2024-01', false], ['2024-01-03', '2024-01-01T17:00:00-05:00', false], ['2024-01-03T10:00:00Z', '2024-01-01', false], [undefined, '2024', true], [undefined, undefined, true],
])('a period from %s to %s: %s', (start, end, expected) => {
  expect(both('start.hasValue().not() or end.hasValue().not() or (start <= end)', { start, end }, 'Period')).toEqual([expected, expected]);
});
