/** FHIR packages are read as they stream in; what could do harm is refused with a reason. */
import { gzipSync } from 'node:zlib';
import { Problem } from '../../fhir/problems.ts';
import { pinIn, type PinnedPackage } from '../../profiles/packages/closure.ts';
import { definitionsOf } from '../../profiles/packages/in-memory.ts';
import { defaultLimits, type PackageLimits } from '../../profiles/packages/limits.ts';
import { readManifest } from '../../profiles/packages/manifest.ts';
import { readExamples, readPackage, type FhirPackage } from '../../profiles/packages/package-reader.ts';
import { chooseVersion, compareVersions } from '../../profiles/packages/versions.ts';
import { archiveOf, manifest, streamOf, tarOf, type ArchiveEntry } from './archives.ts';

async function refusal(archive: AsyncIterable<Uint8Array>, limits: Partial<PackageLimits> = {}): Promise<string> {
  const error: unknown = await readPackage(archive, { ...defaultLimits, ...limits }).then(() => 'it was read', (reason: unknown) => reason);
  return error instanceof Problem ? error.message : String(error);
}

const valueSet: ArchiveEntry = { name: 'package/ValueSet-a.json', content: JSON.stringify({ resourceType: 'ValueSet', url: 'http://a' }) };

describe('Refused is an archive', () => {
  test.each<[string, ArchiveEntry, string]>([
    ['with a name that climbs out', { name: 'package/../../etc/cron.d/x' }, 'it has a file whose name leads out of the package'],
    ['with a name that climbs out at its end', { name: 'package/..' , type: 'directory' }, 'it has a file whose name leads out of the package'],
    ['with a name from the root', { name: '/etc/passwd' }, 'it has a file whose name leads out of the package'],
    ['with a drive', { name: 'C:/x.json' }, 'it has a file whose name leads out of the package'],
    ['with a backslash', { name: 'package\\..\\x.json' }, 'it has a file whose name leads out of the package'],
    ['with a symbolic link', { name: 'package/a.json', type: 'symlink', linkname: '/etc/passwd' }, 'it has a link or a device among its files'],
    ['with a hard link', { name: 'package/a.json', type: 'link', linkname: 'package/package.json' }, 'it has a link or a device among its files'],
    ['with a device', { name: 'package/a.json', type: 'character-device' }, 'it has a link or a device among its files'],
    ['with a pipe', { name: 'package/a.json', type: 'fifo' }, 'it has a link or a device among its files'],
    ['with JSON that is none', { name: 'package/a.json', content: '{"resourceType":' }, 'a file in it is not well-formed JSON in UTF-8'],
    ['with bytes that are not UTF-8', { name: 'package/a.json', content: Uint8Array.of(0x22, 0xff, 0x22) }, 'a file in it is not well-formed JSON in UTF-8'],
    ['with JSON nested without end', { name: 'package/a.json', content: `${'['.repeat(200)}${']'.repeat(200)}` }, 'a file in it is nested too deep'],
    ['with two manifests', manifest, 'it has two package.json'],
  ])('%s', async (_, entry, reason) => {
    expect(await refusal(await archiveOf(manifest, entry))).toBe(`The package cannot be used: ${reason}.`);
  });

  test('without a manifest', async () => {
    expect(await refusal(await archiveOf(valueSet))).toBe('The package cannot be used: it has no package/package.json.');
  });

  test('that is none, or is cut short', async () => {
    const damaged = 'The package cannot be used: it is not a tar archive compressed by gzip, or it is damaged.';
    const whole = gzipSync(await tarOf([manifest, valueSet]));
    expect(await refusal(streamOf(Buffer.from('PK\u0003\u0004')))).toBe(damaged);
    expect(await refusal(streamOf(gzipSync(Buffer.alloc(5000, 'no tar'))))).toBe(damaged);
    expect(await refusal(streamOf(whole.subarray(0, whole.length - 20)))).toBe(damaged);
    expect(await refusal(streamOf())).toBe(damaged);
  });

  test('that fails on its way', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield gzipSync(await tarOf([manifest])).subarray(0, 30);
      throw new Error('reset by peer');
    }
    expect(await refusal(broken())).toContain('it is damaged');
  });

  test('larger than the limit, however small it comes', async () => {
    const bomb = gzipSync(await tarOf([manifest, { name: 'package/a.txt', content: Buffer.alloc(30_000_000) }]));
    expect(bomb.byteLength).toBeLessThan(100_000);
    expect(await refusal(streamOf(bomb), { unpacked: 1_000_000 })).toBe('The package is refused: what is in the archive passes the limit of 1000000.');
    expect(await refusal(streamOf(bomb), { compressed: 1000 })).toBe('The package is refused: the archive passes the limit of 1000.');
  });

  test('with a file that is too large, or too many of them', async () => {
    expect(await refusal(await archiveOf(manifest, { ...valueSet, content: 'x'.repeat(2000) }), { file: 1000 })).toBe('The package is refused: a file in the archive passes the limit of 1000.');
    expect(await refusal(await archiveOf(manifest, valueSet, valueSet), { entries: 2 })).toBe('The package is refused: the number of files passes the limit of 2.');
  });

  test('with a header of many megabytes, which would be held in memory', async () => {
    const header = await tarOf([{ name: 'package/a.json', pax: { comment: 'x'.repeat(8_000_000) } }]);
    expect(await refusal(streamOf(gzipSync(header)))).toBe('The package cannot be used: its headers are larger than names of files can be.');
  });
});

describe('A package', () => {
  test('is its manifest and what stands in its folder; index, examples and other files are passed over', async () => {
    const long = `package/${'a'.repeat(180)}.json`;
    const content = await readPackage(await archiveOf(
      { name: 'package', type: 'directory' },
      { name: 'package/.index.json', content: 'no JSON' }, valueSet, { name: long, content: '{"resourceType":"CodeSystem"}' },
      { name: 'package/example/a.json', content: '{"resourceType":"Patient"}' }, { name: 'other/b.json', content: 'no JSON' }, { name: 'package/c.xml', content: '<a/>' },
      { name: 'package/ig-r4.json', content: '{"no":"resource"}' }, { ...manifest, name: './package/package.json' },
    ));
    expect(content).toMatchObject({ name: 'test.package', version: '1.0.0', resources: [{ resourceType: 'ValueSet' }, { resourceType: 'CodeSystem' }] });
  });

  test('has its examples apart', async () => {
    expect(await readExamples(await archiveOf(manifest, { name: 'package/example/a.json', content: '{"resourceType":"Patient"}' }))).toEqual(new Map([['a.json', { resourceType: 'Patient' }]]));
  });

  test('may be read in part', async () => {
    const entries = Array.from({ length: 50 }, (_, n) => ({ ...valueSet, name: `package/${n}.json` }));
    const { packageParts } = await import('../../profiles/packages/package-reader.ts');
    for await (const part of packageParts(await archiveOf(manifest, ...entries))) {
      expect(part.kind).toBe('manifest');
      break;
    }
  });
});

describe('A manifest', () => {
  test.each<[string, unknown]>([['nothing', undefined], ['a list', []], ['no name', { version: '1' }], ['a name with a path', { name: '../a', version: '1' }], ['no version', { name: 'a' }], ['a version with a path', { name: 'a', version: '1/2' }]])('of %s is refused', (_, content) => {
    expect(() => readManifest(content)).toThrow(Problem);
  });

  test('names dependencies, also under another name, and leaves out what is none', () => {
    const content = JSON.parse('{"name":"a.b","version":"1.0.0-ballot","dependencies":{"x":"1.0.x","v610@npm:hl7.fhir.us.core":"6.1.0","bad/name":"1","y":7,"__proto__":"1"}}') as unknown;
    expect({ ...readManifest(content).dependencies }).toEqual({ x: '1.0.x', 'hl7.fhir.us.core': '6.1.0' });
  });
});

describe('A version', () => {
  test('is newer than another', () => {
    const inOrder = ['draft', 'r2', '1.0.0-ballot', '1.0.0', '1.0.1', '1.2.0', '1.10.0-snapshot2', '1.10.0-snapshot10', '1.10.0', '20240101'];
    expect([...inOrder].toSorted(compareVersions).join(' ')).toBe(inOrder.join(' '));
    expect(inOrder.toReversed().toSorted(compareVersions).join(' ')).toBe(inOrder.join(' '));
  });

  test.each<[string | undefined, string | undefined]>([
    [undefined, '7.0.2'], ['', '7.0.2'], ['7.0.0', '7.0.0'], ['7.0', '7.0.2'], ['7.0.x', '7.0.2'], ['3', '3.1.1'], ['3.x', '3.1.1'], ['7.1', undefined], ['7.0.3', undefined], ['70', undefined],
  ])('%s means %s', (wanted, meant) => {
    expect(chooseVersion(['3.1.1', '7.0.0', '7.0.2', '7.0.2-ballot', '6.1.0'], wanted)).toBe(meant);
  });
});

describe('A canonical without version', () => {
  const of = (name: string, version: string, dependencies: Record<string, string>, ...defines: readonly string[]): PinnedPackage => ({ name, version, dependencies, fhirVersions: ['4.0.1'], versions: new Map(defines.map((url) => [url, version])) });
  const core = of('hl7.fhir.r4.core', '4.0.1', {}, 'http://core', 'http://a', 'http://terminology.hl7.org/CodeSystem/x');
  const base7 = of('base', '7.0.0', { cycle: '1' }, 'http://base', 'http://a');
  const base3 = of('base', '3.1.1', {}, 'http://base', 'http://old');
  const cycle = of('cycle', '1', { guide: '2' }, 'http://far');
  const guide = of('guide', '2', { base: '7.0.x', missing: '1' }, 'http://own');
  const pin = pinIn(guide, [core, base3, base7, cycle, guide]);

  test.each([
    ['of the package itself', 'http://own', 'http://own|2'],
    ['of a dependency, in the version that is asked for', 'http://base', 'http://base|7.0.0'],
    ['of a dependency sooner than of core', 'http://a', 'http://a|7.0.0'],
    ['of a dependency of a dependency', 'http://far', 'http://far|1'],
    ['of core', 'http://core', 'http://core|4.0.1'],
    ['of what another version of a dependency has', 'http://old', 'http://old'],
    ['of nothing that is known', 'http://unknown', 'http://unknown'],
    ['of what terminology.hl7.org publishes', 'http://terminology.hl7.org/CodeSystem/x', 'http://terminology.hl7.org/CodeSystem/x'],
  ])('%s', (_, canonical, pinned) => {
    expect(pin(canonical)).toBe(pinned);
  });

  test('one with a version, and one inside the resource, stay', () => {
    expect(pin('http://base|3.1.1')).toBe('http://base|3.1.1');
    expect(pin('#contained')).toBe('#contained');
  });
});

describe('Definitions in memory', () => {
  const profile = (version: string): Record<string, unknown> => ({ resourceType: 'StructureDefinition', url: 'http://p', version, kind: 'resource', type: 'Patient', derivation: 'constraint', baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', snapshot: { element: [{ path: 'Patient' }] } });
  const patient = { ...profile('4.0.1'), url: 'http://hl7.org/fhir/StructureDefinition/Patient', derivation: 'specialization', baseDefinition: undefined };
  const of = (name: string, version: string, ...resources: readonly object[]): FhirPackage => ({ name, version, dependencies: {}, fhirVersions: [], resources: resources as FhirPackage['resources'] });
  const definitions = definitionsOf([of('hl7.fhir.r4.core', '4.0.1', patient), of('g', '6.1.0', profile('6.1.0')), of('g', '7.0.1', profile('7.0.1'), { resourceType: 'CodeSystem', url: 'http://c', version: '1' }, { resourceType: 'ValueSet', url: 'http://v' })]);

  test('several versions stand side by side', () => {
    expect(definitions.structure('http://p|6.1.0')!.from).toBe('g#6.1.0');
    expect(definitions.structure('http://p')!.version).toBe('7.0.1');
    expect(definitions.structure('http://p|7.0')!.version).toBe('7.0.1');
    expect(definitions.structure('http://p|8')).toBeUndefined();
    expect(definitions.structure('http://p')!.base).toBe('http://hl7.org/fhir/StructureDefinition/Patient|4.0.1');
  });

  test('a type is found by its name, and a profile is none', () => {
    expect(definitions.type('Patient')!.derivation).toBe('specialization');
    expect(definitions.type('constructor')).toBeUndefined();
    expect(definitions.codeSystem('http://c')!.codes).toEqual([]);
    expect(definitions.valueSet('http://v|1')).toBeUndefined();
  });
});
