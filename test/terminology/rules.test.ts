/** Rules of terminology that need no database: concepts and circles, versions, languages, words, regular expressions, and the same value sets in memory as by hand. */
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import * as fc from 'fast-check';
import { closureOf, Hierarchy } from '../../terminology/closure.ts';
import { conceptsOf } from '../../terminology/concepts.ts';
import { emptySource } from '../../terminology/empty-source.ts';
import { readLanguages } from '../../terminology/languages.ts';
import { layered } from '../../terminology/layered-source.ts';
import { wholeMatcher } from '../../terminology/patterns.ts';
import { terminologyOf } from '../../terminology/terminology.ts';
import { compareVersions, latest, matchesVersion } from '../../terminology/versions.ts';
import { matchesWords, wordsOf } from '../../terminology/words.ts';

test.each(['(a', 'a(?=b)', '(a)\\1', 'x'.repeat(1001)])('the expression %s is refused', (pattern) => expect(wholeMatcher(pattern)).toBeUndefined());

test('an expression that backtracking never ends with ends', () => {
  const matches = wholeMatcher('(a+)+$')!;
  expect(matches(`${'a'.repeat(50_000)}!`)).toBe(false);
  expect(matches('a'.repeat(50_000))).toBe(true);
});

test.each(['-', 'd', 'de;q=2', 'de;q=x', 'de,,en', '<script>', Array.from({ length: 51 }, () => 'de').join(',')])('%s is no list of languages', (text) => expect(readLanguages(text)).toBeUndefined());
test('languages are wanted in the order of their weights', () => {
  expect(readLanguages('en;q=0.5, de-CH, fr;q=0')).toMatchObject({ tags: ['de-CH', 'de', 'en'], anyOther: true });
  expect(readLanguages('zh-Hant-x-TW, de-AT, de;q=0, EN')?.tags).toEqual(['zh-Hant-x-TW', 'zh-Hant', 'zh', 'de-AT', 'EN']);
  expect(readLanguages('de, *; q=0')).toMatchObject({ tags: ['de'], anyOther: false });
});

test('of several versions the latest is meant, unless one is said', () => {
  const of = (...versions: string[]): { version: string }[] => versions.map((version) => ({ version }));
  expect(latest(of('1.9.0', '1.10.0', '1.10.0-beta'), undefined)?.version).toBe('1.10.0');
  expect(latest(of('2024-01', '2023-12-31', ''), undefined)?.version).toBe('2024-01');
  expect(latest(of('1.9.0', '1.10.0', '2.0.0'), '1.x')?.version).toBe('1.10.0');
  expect(latest(of('1.9.0'), '2')).toBeUndefined();
  const inUse = [{ version: '1', resource: { status: 'active' } }, { version: '3', resource: { status: 'draft' } }, { version: '2', resource: { status: 'active' } }, { version: '4', resource: { status: 'retired' } }];
  expect(latest(inUse, undefined)?.version).toBe('2');
  expect(latest(inUse, '4')?.version).toBe('4');
  expect(latest(inUse.filter(({ resource }) => resource.status !== 'active'), undefined)?.version).toBe('4');
  expect(matchesVersion('4.0.1', '4')).toBe(true);
  expect(matchesVersion('40.1', '4')).toBe(false);
});
test('releases that are named by their dates go by them: RxNorm writes MMDDYYYY', () => {
  const of = (...versions: string[]): { url: string; version: string }[] => versions.map((version) => ({ url: 'http://www.nlm.nih.gov/research/umls/rxnorm', version }));
  expect(latest(of('12012025', '01052026'), undefined)?.version).toBe('01052026');
  expect(latest(of('01052026', '12012025'), undefined)?.version).toBe('01052026');
  expect(latest(of('2025-12-01', '01052026', 'draft'), undefined)?.version).toBe('01052026');
  expect(latest(of('12012025', '01052026'), '12012025')?.version).toBe('12012025');
  // The rule is RxNorm's alone.
  expect(latest(of('12012025', '01052026').map(({ version }) => ({ url: 'urn:x', version })), undefined)?.version).toBe('12012025');
});

test('of editions of SNOMED CT the latest date counts, then a tenant\'s own, then a national one', () => {
  const [international, american, german] = ['900000000000207008', '731000124108', '11000274103'];
  const release = (module: string, date: string, tenant = 0): { url: string; version: string; key: { tenant: number } } => ({ url: 'http://snomed.info/sct', version: `http://snomed.info/sct/${module}/version/${date}`, key: { tenant } });
  const meant = (...releases: ReturnType<typeof release>[]): (string | undefined)[] => [releases, releases.toReversed()].map((some) => latest(some, undefined)?.version);
  const twice = (one: ReturnType<typeof release>): string[] => [one.version, one.version];
  expect(meant(release(international, '20250101'), release(american, '20260301'))).toEqual(twice(release(american, '20260301')));
  expect(meant(release(international, '20260401'), release(american, '20260301', 1))).toEqual(twice(release(international, '20260401')));
  expect(meant(release(international, '20260301', 1), release(american, '20260301'))).toEqual(twice(release(international, '20260301')));
  expect(meant(release(international, '20260301'), release(german, '20260301'))).toEqual(twice(release(german, '20260301')));
  expect(meant(release(international, '20260301'), { ...release(german, ''), version: `http://snomed.info/sct/${german}` })).toEqual(twice(release(international, '20260301')));
  expect(latest([release(american, '20250901'), release(american, '20260301'), release(international, '20260401')], `http://snomed.info/sct/${american}`)?.version).toBe(release(american, '20260301').version);
});

test('versions have one order', () => {
  const version = fc.oneof(fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.')), fc.constantFrom('', '2024-01-01', '1.0.0-a', 'x'));
  fc.assert(fc.property(version, version, (a, b) => { expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0); }));
});

test('words are found by their beginnings, whatever their case and accents', () => {
  const words = wordsOf(['Brüder Grimm', 'K2.5-x']);
  expect(words).toEqual(['bruder', 'grimm', 'k2', '5', 'x']);
  expect(matchesWords(words, wordsOf(['GRI brü']))).toBe(true);
  expect(matchesWords(words, wordsOf(['rimm']))).toBe(false);
  expect(wordsOf(["' | & ! :* "])).toEqual([]);
});

/** Links among a few concepts, circles among them. */
const links = fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })).filter(([a, b]) => a !== b), { maxLength: 20 });

test('the closure is what can be reached, in circles, too', () => {
  fc.assert(fc.property(links, (given) => {
    const unique = [...new Map(given.map((pair) => [pair.join(), pair])).values()];
    const told = (after: number): string[] => [...closureOf(8, new Hierarchy(unique), 1000, after, 3)].flatMap(({ ancestors, descendants }) => ancestors.map((ancestor, index) => `${ancestor}<${descendants[index]!}`)).toSorted();
    const found = told(0);
    expect(told(4)).toEqual(found.filter((pair) => Number(pair.split('<')[1]) > 4));
    const reached: string[] = [];
    for (let start = 1; start <= 8; start += 1) {
      const above = new Set(unique.filter(([, child]) => child === start).map(([parent]) => parent));
      for (const one of above) for (const [parent, child] of unique) if (child === one) above.add(parent);
      reached.push(...[...above].map((ancestor) => `${ancestor}<${start}`));
    }
    expect(found).toEqual(reached.toSorted());
  }));
});

test('a closure that is too large is refused before it is whole', () => {
  const chain = Array.from({ length: 1000 }, (_, index): [number, number] => [index + 1, index + 2]);
  expect(() => [...closureOf(1001, new Hierarchy(chain), 1000)]).toThrow('1000');
});

test('each batch says which concepts it has told, so that another can go on behind them', () => {
  const chain = new Hierarchy(Array.from({ length: 5000 }, (_, index): [number, number] => [Math.floor(index / 10) + 1, index + 2]));
  const batches = [...closureOf(5001, chain, 1_000_000, 0, 1000)];
  expect(batches.length).toBeGreaterThan(5);
  for (const { descendants, upTo } of batches.slice(0, -1)) expect(descendants.at(-1)).toBe(upTo);
  expect(batches.at(-1)!.upTo).toBe(5001);
  const [, second] = batches;
  expect([...closureOf(5001, chain, 1_000_000, batches[0]!.upTo, 1000)][0]).toEqual(second);
});

test('nesting and properties make one hierarchy; parts of a whole make none', () => {
  const system = (more: Partial<CodeSystem>): CodeSystem => ({ resourceType: 'CodeSystem', status: 'active', content: 'complete', concept: [{ code: 'a', concept: [{ code: 'b' }] }, { code: 'c', property: [{ code: 'parent', valueCode: 'a' }, { code: 'child', valueCode: 'none' }] }], ...more });
  expect(conceptsOf(system({})).links).toEqual([[1, 2], [1, 3]]);
  expect(conceptsOf(system({ hierarchyMeaning: 'part-of' })).links).toEqual([[1, 3]]);
});

test('codes of a value set are what its parts say', async () => {
  const codes = ['a', 'b', 'c', 'd', 'e'];
  const system: CodeSystem = { resourceType: 'CodeSystem', url: 'urn:s', status: 'active', content: 'complete', concept: codes.map((code) => ({ code })) };
  const list = fc.subarray(codes);
  await fc.assert(fc.asyncProperty(fc.array(list, { minLength: 1, maxLength: 3 }), fc.array(list, { maxLength: 2 }), list, async (includes, excludes, imported) => {
    const part = (chosen: readonly string[]): { system: string; concept: { code: string }[] } => ({ system: 'urn:s', concept: chosen.map((code) => ({ code })) });
    const other: ValueSet = { resourceType: 'ValueSet', url: 'urn:other', status: 'active', compose: { include: [part(imported)] } };
    const valueSet: ValueSet = { resourceType: 'ValueSet', url: 'urn:v', status: 'active', compose: { include: [...includes.map(part), { system: 'urn:s', valueSet: ['urn:other'] }], ...(excludes.length > 0 && { exclude: excludes.map(part) }) } };
    const { codes: found } = await terminologyOf((ask) => ask(layered([system, other, valueSet], emptySource))).codesOf('urn:v');
    const expected = codes.filter((code) => (includes.some((one) => one.includes(code)) || imported.includes(code)) && !excludes.some((one) => one.includes(code)));
    expect(new Set(found.map(({ code }) => code))).toEqual(new Set(expected));
  }));
});
