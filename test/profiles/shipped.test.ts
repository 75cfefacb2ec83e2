/** What ships for use without any download: complete enough, current, and free of what others own. */
import { createReadStream, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { freeCodeSystem, freeValueSet, isFree } from '../../profiles/distill/licensed.ts';
import { packShipment } from '../../profiles/packages/pack-shipment.ts';
import { partlyShipped, readShipped, shippedFolder, wholeShipped } from '../../profiles/packages/shipped.ts';
import { PackedTables, packTables, type PackageTables } from '../../profiles/tables/packed-tables.ts';
import { sharedPackagesAreHere } from '../support/fhir-packages.ts';

const shipped = readShipped();
const texts = new Map([...wholeShipped, ...partlyShipped].map((name) => [name as string, brotliDecompressSync(readFileSync(new URL(`${name}.json.br`, shippedFolder))).toString('utf8')]));

describe('Licensed code lists', () => {
  test.each(['http://snomed.info/sct', 'http://loinc.org', 'http://www.ama-assn.org/go/cpt', 'https://codesystem.x12.org/005010/1365', 'https://www.nubc.org/CodeSystem/RevenueCodes', 'http://hl7.org/fhir/sid/icd-10-cm', 'http://dicom.nema.org/resources/ontology/DCM', 'http://unitsofmeasure.org.example.org', 'http://nucc.org/provider-taxonomy'])('%s is one', (system) => {
    expect(isFree(system)).toBe(false);
  });

  test.each(['http://hl7.org/fhir/claim-use', 'http://terminology.hl7.org/CodeSystem/v2-0203', 'http://unitsofmeasure.org', 'urn:ietf:bcp:47', 'urn:iso:std:iso:4217', undefined])('%s is none', (system) => {
    expect(isFree(system)).toBe(true);
  });

  test('a system of HL7 that holds codes of another owner is one', () => {
    expect(isFree('http://terminology.hl7.org/CodeSystem/ex-revenue-center', 'These codes have been appropriated from the UB04 code set')).toBe(false);
  });

  test('lose their codes, in a system and in a part of a value set', () => {
    expect(freeCodeSystem({ url: 'http://loinc.org', from: 'a', content: 'fragment', codes: ['1-8'], parents: [-1] }, undefined)).toEqual({ url: 'http://loinc.org', from: 'a', content: 'not-present', codes: [] });
    const include = [{ system: 'http://loinc.org', codes: ['1-8'] }, { system: 'http://hl7.org/fhir/a', codes: ['x'] }, { system: 'http://loinc.org', filters: [{ property: 'parent', op: '=', value: 'LP1' }] }];
    expect(freeValueSet({ url: 'http://v', from: 'a', include, expansion: { 'http://loinc.org': ['1-8'] } }, isFree)).toEqual({ url: 'http://v', from: 'a', include: [{ system: 'http://loinc.org', licensed: true }, include[1], include[2]] });
  });

  test('are in no shipped table, and no prose is either', () => {
    for (const text of texts.values()) {
      const { codeSystems, valueSets } = JSON.parse(text) as { codeSystems: { url: string; codes: string }[]; valueSets: { include: { system?: string; codes?: string[] }[]; exclude?: { system?: string; codes?: string[] }[] }[] };
      expect(codeSystems.filter(({ url, codes }) => !isFree(url) && codes !== '').map(({ url }) => url)).toEqual([]);
      expect(valueSets.flatMap(({ include, exclude = [] }) => [...include, ...exclude]).filter(({ system, codes }) => codes !== undefined && !isFree(system))).toEqual([]);
      // (A pattern may demand a display.)
      expect(text.match(/"(human|definition|short|comment|description|copyright|requirements)":/g) ?? []).toEqual([]);
    }
  });
});

describe('Packed tables', () => {
  const tables: PackageTables = {
    from: 'a#1',
    structures: [{
      url: 'http://s', version: '1', from: 'a#1', kind: 'resource', type: 'Claim', derivation: 'constraint', base: 'http://b',
      elements: [{ id: 'Claim', path: 'Claim', min: 0, max: '*' }, { id: 'Claim.a', path: 'Claim.a', min: 0, max: '1', types: [{ code: 'string' }] }, { id: 'Claim.a:s/t', path: 'Claim.a', slice: 's/t', min: 1, max: '1', fixed: { type: 'string', value: 'x' } }, { id: 'Claim.a:s/t.b', path: 'Claim.a.b', min: 0, max: '1', modifier: true }],
    }],
    valueSets: [{ url: 'http://v', from: 'a#1', include: [{ system: 'http://c', codes: ['x'] }] }],
    codeSystems: [{ url: 'http://c', version: '1', from: 'a#1', content: 'complete', codes: ['x', 'y'], parents: [-1, 0] }, { url: 'http://d', from: 'a#1', content: 'not-present', codes: [] }],
  };

  test('are the same when they are read', () => {
    const packed = new PackedTables(packTables(tables));
    expect([packed.structure(0)]).toEqual(tables.structures);
    expect([packed.valueSet(0)]).toEqual(tables.valueSets);
    expect([packed.codeSystem(0), packed.codeSystem(1)]).toEqual(tables.codeSystems);
  });

  test('of another format are refused, and what cannot be packed is', () => {
    expect(() => new PackedTables('{"format":0}')).toThrow('Packed tables of format 0');
    expect(() => packTables({ ...tables, codeSystems: [{ ...tables.codeSystems[0]!, codes: ['a\nb'] }] })).toThrow('http://c cannot be packed');
    expect(() => packTables({ ...tables, structures: [{ ...tables.structures[0]!, elements: [{ id: 'A.b', path: 'A.b', min: 0, max: '1' }] }] })).toThrow('A.b cannot be packed');
  });
});

describe('Shipped are', () => {
  test('the types of FHIR R4, the profiles of US Core 7.0.0 and PAS 2.2.1, and what PAS says of Subscriptions', () => {
    expect(shipped.type('Claim')).toMatchObject({ version: '4.0.1', derivation: 'specialization' });
    expect(shipped.type('string')!.elements.find(({ path }) => path === 'string.value')).toMatchObject({ regex: expect.any(String) as unknown });
    expect(shipped.structure('http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient')).toMatchObject({ version: '7.0.0' });
    expect(shipped.structure('http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim|2.2.1')).toMatchObject({ type: 'Claim', base: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim-base|2.2.1' });
    expect(shipped.structure('http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content')).toBeDefined();
  });

  test('the codes that FHIR requires', () => {
    expect(shipped.valueSet('http://hl7.org/fhir/ValueSet/claim-use|4.0.1')!.include).toEqual([{ system: 'http://hl7.org/fhir/claim-use' }]);
    expect(shipped.codeSystem('http://hl7.org/fhir/claim-use')!.codes).toEqual(['claim', 'preauthorization', 'predetermination']);
    expect(shipped.codeSystem('http://terminology.hl7.org/CodeSystem/v2-0203')!.codes).toContain('MB');
  });

  test('complete: no base, type or profile of FHIR itself and no required value set of it is missing, but where others own the codes', () => {
    const missing = new Set<string>();
    for (const text of texts.values()) {
      for (const { url, version } of (JSON.parse(text) as { structures: { url: string; version: string }[] }).structures) {
        const table = shipped.structure(`${url}|${version}`)!;
        if (table.base !== undefined && shipped.structure(table.base) === undefined) missing.add(table.base);
        for (const { types = [], binding } of table.elements) {
          for (const { code, profiles = [] } of types) for (const canonical of [`http://hl7.org/fhir/StructureDefinition/${code}`, ...profiles]) if (!code.includes('/') && canonical.startsWith('http://hl7.org/fhir/StructureDefinition/') && shipped.structure(canonical) === undefined) missing.add(canonical);
          if (binding?.strength === 'required' && binding.valueSet?.startsWith('http://hl7.org/fhir/ValueSet/') === true && shipped.valueSet(binding.valueSet) === undefined) missing.add(binding.valueSet);
        }
      }
    }
    // Named by versions, or under names, that no package here has.
    expect([...missing].toSorted()).toEqual([
      'http://hl7.org/fhir/StructureDefinition/data-absent-reason|5.3.0-ballot-tc1',
      'http://hl7.org/fhir/ValueSet/mimetypes|4.0.0', 'http://hl7.org/fhir/ValueSet/subscription-channel-type|4.0.0', 'http://hl7.org/fhir/ValueSet/subscription-status|4.0.0',
      'http://hl7.org/fhir/us/core/v311/StructureDefinition/us-core-practitioner',
      'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse',
    ]);
  });

  test('small: all files together', () => {
    const sizes = readdirSync(shippedFolder).map((file) => readFileSync(new URL(file, shippedFolder)).byteLength);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(256 * 1024);
  });
});

(sharedPackagesAreHere ? describe : describe.skip)('Made anew from ../shared/igs (skipped where that is absent)', () => {
  test('the tables are the same', async () => {
    const igs = join(process.cwd(), '..', 'shared', 'igs');
    const fileOf = (name: string): string => [join(igs, `${name}.tgz`), join(igs, 'unofficial-sushi', `${name}.UNOFFICIAL.tgz`)].find((path) => existsSync(path))!;
    const made = await packShipment((name) => createReadStream(fileOf(name)));
    expect(made.map(({ name }) => name)).toEqual([...texts.keys()]);
    // Not by expect: telling a difference of megabytes takes minutes.
    expect(made.filter(({ name, text }) => texts.get(name) !== text).map(({ name }) => name)).toEqual([]);
  }, 60_000);
});
