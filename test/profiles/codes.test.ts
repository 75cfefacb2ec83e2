/** Which codes are in a value set, as far as definitions in memory tell. */
import type { Definitions } from '../../profiles/definitions.ts';
import { openSystem } from '../../profiles/codes/open-systems.ts';
import { valueSetsOf } from '../../profiles/codes/value-set.ts';
import type { CodeSystemTable, ValueSetPart, ValueSetTable } from '../../profiles/tables/code-tables.ts';

const animals: CodeSystemTable = {
  url: 'http://example.org/animals', from: 'test', content: 'complete',
  codes: ['animal', 'dog', 'terrier', 'cat', 'stone'], parents: [-1, 0, 1, 0, -1],
  properties: { legs: { 1: ['4'], 2: ['4'], 3: ['4'] } },
};
const fragment: CodeSystemTable = { url: 'http://example.org/fragment', from: 'test', content: 'fragment', codes: ['A'] };
const folded: CodeSystemTable = { url: 'http://example.org/folded', from: 'test', content: 'complete', caseSensitive: false, codes: ['Ab'] };
const absent: CodeSystemTable = { url: 'http://example.org/licensed', from: 'test', content: 'not-present', codes: [] };
const circle: CodeSystemTable = { url: 'http://example.org/circle', from: 'test', content: 'complete', codes: ['a', 'b'], parents: [1, 0] };

function setOf(include: readonly ValueSetPart[], exclude?: readonly ValueSetPart[], others: readonly ValueSetTable[] = []): ReturnType<ReturnType<typeof valueSetsOf>> & object {
  const tables = [{ url: 'http://example.org/vs', from: 'test', include, ...(exclude && { exclude }) }, ...others];
  const systems = [animals, fragment, folded, absent, circle];
  const definitions: Definitions = {
    structure: () => undefined, type: () => undefined,
    valueSet: (canonical) => tables.find(({ url }) => url === canonical),
    codeSystem: (url) => systems.find((one) => one.url === url),
  };
  return valueSetsOf(definitions)('http://example.org/vs')!;
}
const filtered = (property: string, op: string, value: string) => setOf([{ system: animals.url, filters: [{ property, op, value }] }]);

test.each([
  ['a code of another system', setOf([{ system: animals.url }]), 'http://example.org/other', 'dog', 'out'],
  ['a code that the system does not have', setOf([{ system: animals.url }]), animals.url, 'cow', 'out'],
  ['a code of a system that is not here', setOf([{ system: 'http://example.org/nowhere' }]), 'http://example.org/nowhere', 'x', 'unknown'],
  ['a code of a system without content', setOf([{ system: absent.url }]), absent.url, 'x', 'unknown'],
  ['a listed code of a system that is not here', setOf([{ system: 'http://example.org/nowhere', codes: ['x'] }]), 'http://example.org/nowhere', 'x', 'in'],
  ['a code that is not listed', setOf([{ system: 'http://example.org/nowhere', codes: ['x'] }]), 'http://example.org/nowhere', 'y', 'out'],
  ['a code beyond a fragment', setOf([{ system: fragment.url }]), fragment.url, 'B', 'unknown'],
  ['a code of a fragment', setOf([{ system: fragment.url }]), fragment.url, 'A', 'in'],
  ['another case, where case counts', setOf([{ system: animals.url }]), animals.url, 'Dog', 'out'],
  ['another case, where it does not', setOf([{ system: folded.url }]), folded.url, 'AB', 'in'],
  ['is-a: itself', filtered('concept', 'is-a', 'dog'), animals.url, 'dog', 'in'],
  ['is-a: below', filtered('concept', 'is-a', 'animal'), animals.url, 'terrier', 'in'],
  ['is-a: beside', filtered('concept', 'is-a', 'dog'), animals.url, 'cat', 'out'],
  ['descendent-of: itself', filtered('concept', 'descendent-of', 'dog'), animals.url, 'dog', 'out'],
  ['is-not-a', filtered('concept', 'is-not-a', 'animal'), animals.url, 'stone', 'in'],
  ['generalizes', filtered('concept', 'generalizes', 'terrier'), animals.url, 'animal', 'in'],
  ['a property', filtered('legs', '=', '4'), animals.url, 'cat', 'in'],
  ['a property without a value', filtered('legs', '=', '4'), animals.url, 'stone', 'out'],
  ['a property, not in', filtered('legs', 'not-in', '4'), animals.url, 'stone', 'in'],
  ['a property that exists', filtered('legs', 'exists', 'true'), animals.url, 'dog', 'in'],
  ['a property that the table does not have', filtered('wings', '=', '2'), animals.url, 'dog', 'unknown'],
  ['a pattern matches as a whole', filtered('code', 'regex', 'd.g'), animals.url, 'dog', 'in'],
  ['a pattern that matches a part', filtered('code', 'regex', 'terr'), animals.url, 'terrier', 'out'],
  ['a pattern that would take for ever', filtered('code', 'regex', '(d+)+x'), animals.url, 'dog', 'out'],
  ['a pattern that cannot be', filtered('code', 'regex', '(?=x'), animals.url, 'dog', 'unknown'],
  ['excluded', setOf([{ system: animals.url }], [{ system: animals.url, codes: ['dog'] }]), animals.url, 'dog', 'out'],
  ['not excluded', setOf([{ system: animals.url }], [{ system: animals.url, codes: ['dog'] }]), animals.url, 'cat', 'in'],
  ['a value set within that is not known', setOf([{ valueSets: ['http://example.org/no'] }]), animals.url, 'dog', 'unknown'],
  ['excluded by a value set that is not known', setOf([{ system: animals.url }], [{ valueSets: ['http://example.org/no'] }]), animals.url, 'dog', 'unknown'],
  ['in all parts of an include', setOf([{ system: animals.url, valueSets: ['http://example.org/dogs'] }], undefined, [{ url: 'http://example.org/dogs', from: 'test', include: [{ system: animals.url, codes: ['dog'] }] }]), animals.url, 'dog', 'in'],
  ['in one part of an include alone', setOf([{ system: animals.url, valueSets: ['http://example.org/dogs'] }], undefined, [{ url: 'http://example.org/dogs', from: 'test', include: [{ system: animals.url, codes: ['dog'] }] }]), animals.url, 'cat', 'out'],
  ['a value set that is made of itself', setOf([{ valueSets: ['http://example.org/vs'] }, { system: animals.url }]), animals.url, 'cat', 'in'],
  ['a value set that is made of itself: what may be in it by that', setOf([{ valueSets: ['http://example.org/vs'] }, { system: animals.url, codes: ['dog'] }]), animals.url, 'cat', 'unknown'],
  ['listed beside a value set that is not known', setOf([{ valueSets: ['http://example.org/no'] }, { system: animals.url, codes: ['dog'] }]), animals.url, 'dog', 'in'],
  ['not listed, beside a value set that is not known', setOf([{ valueSets: ['http://example.org/no'] }, { system: animals.url, codes: ['dog'] }]), animals.url, 'cat', 'unknown'],
  ['not excluded by a list, and perhaps by a value set that is not known', setOf([{ system: animals.url }], [{ valueSets: ['http://example.org/dogs'] }], [{ url: 'http://example.org/dogs', from: 'test', include: [{ system: animals.url, codes: ['dog'] }, { valueSets: ['http://example.org/no'] }] }]), animals.url, 'cat', 'unknown'],
  ['not listed by one part of an include, and perhaps in what it is made of', setOf([{ system: animals.url, valueSets: ['http://example.org/dogs'] }], undefined, [{ url: 'http://example.org/dogs', from: 'test', include: [{ system: animals.url, codes: ['dog'] }, { valueSets: ['http://example.org/no'] }] }]), animals.url, 'cat', 'unknown'],
  ['a code system whose hierarchy is a circle', setOf([{ system: circle.url, filters: [{ property: 'concept', op: 'is-a', value: 'a' }] }]), circle.url, 'b', 'in'],
])('%s', (_, set, system, code, expected) => {
  expect(set.has(system, code)).toBe(expected);
});

test('value sets that have each other many times are walked through up to a bound, and what is beyond is not known', () => {
  const level = (number: number): string => `http://example.org/level-${number}`;
  const levels = Array.from({ length: 19 }, (_, number): ValueSetTable => ({
    url: level(number), from: 'test',
    include: number === 18 ? [{ system: animals.url, codes: ['dog'] }] : Array.from({ length: 4 }, () => ({ valueSets: [level(number + 1)] })),
  }));
  // Walked through to the end these are 4^18 parts.
  const set = setOf([{ valueSets: [level(0)] }], undefined, levels);
  expect([set.has(animals.url, 'dog'), set.has(animals.url, 'cat')]).toEqual(['in', 'unknown']);
});

test('a code without a system is looked for in all of them', () => {
  const set = setOf([{ system: animals.url }, { system: absent.url }]);
  expect([set.hasCode('dog'), set.hasCode('x')]).toEqual(['in', 'unknown']);
  expect(setOf([{ system: animals.url }]).hasCode('x')).toBe('out');
});

test.each([
  ['urn:ietf:bcp:13', 'application/fhir+json; charset=utf-8', 'in'], ['urn:ietf:bcp:13', 'pdf', 'out'],
  ['urn:ietf:bcp:47', 'de-CH', 'in'], ['urn:ietf:bcp:47', 'not a language', 'out'],
  ['urn:iso:std:iso:3166', 'US', 'in'], ['urn:iso:std:iso:3166', 'XQ', 'out'],
  ['urn:iso:std:iso:4217', 'USD', 'in'], ['urn:iso:std:iso:4217', 'QQQ', 'out'],
  ['http://unitsofmeasure.org', 'mm[Hg]', 'in'], ['http://unitsofmeasure.org', 'mmHg!', 'out'], ['http://unitsofmeasure.org', 'm m', 'out'], ['http://unitsofmeasure.org', '', 'out'], ['http://unitsofmeasure.org', '{a b}', 'in'], ['http://unitsofmeasure.org', 'm{a b', 'out'], ['http://unitsofmeasure.org', `${'m.'.repeat(60)}m`, 'out'],
])('%s: %s is %s', (system, code, expected) => {
  expect(openSystem(system)!(code)).toBe(expected);
});
