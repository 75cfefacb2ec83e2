/** One name for each code system, whatever the sender writes. */
import fc from 'fast-check';
import { canonicalSystem, withCanonicalSystems } from '../../terminology/system-aliases.ts';

describe('canonicalSystem', () => {
  test.each([
    ['a system nobody knows', 'https://clinic.example/codes', 'https://clinic.example/codes'],
    ['nothing', '', ''],
    ['an X12 look-alike', 'https://codesystem.x12.org.evil.example/005010/306', 'https://codesystem.x12.org.evil.example/005010/306'],
    ['ICD-10 of another country', 'http://hl7.org/fhir/sid/icd-10', 'http://hl7.org/fhir/sid/icd-10'],
    ['the value set in place of the code system', 'https://valueset.x12.org/x217/005010/response/2000F/HCR/1/01/00/306', 'https://codesystem.x12.org/005010/306'],
    ['http in place of https', 'http://codesystem.x12.org/005010/1322', 'https://codesystem.x12.org/005010/1322'],
    ['an external X12 list', 'http://codesystem.x12.org/external/886', 'https://codesystem.x12.org/external/886'],
    ['HCPCS by https', 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'],
    ['LOINC by OID', 'urn:oid:2.16.840.1.113883.6.1', 'http://loinc.org'],
  ])('%s', (_case, written, canonical) => {
    expect(canonicalSystem(written)).toBe(canonical);
  });

  test('a canonical name is its own', () => {
    fc.assert(fc.property(fc.oneof(fc.webUrl(), fc.constantFrom('urn:oid:2.16.840.1.113883.6.90', 'http://codesystem.x12.org/005010/98', 'https://loinc.org')), (system) => {
      expect(canonicalSystem(canonicalSystem(system))).toBe(canonicalSystem(system));
    }));
  });
});

describe('withCanonicalSystems', () => {
  test('renames at any depth and leaves the original alone', () => {
    const sent = { item: [{ productOrService: { coding: [{ system: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E0424' }] } }] };
    const before = structuredClone(sent);
    expect(withCanonicalSystems(sent).item[0]!.productOrService.coding[0]!.system).toBe('http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets');
    expect(sent).toEqual(before);
  });

  test('copies nothing when there is nothing to rename', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => { expect(withCanonicalSystems(value)).toBe(value); }));
  });
});
