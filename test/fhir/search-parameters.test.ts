/** The tables of resource types, search parameters and compartments. */
import { isResourceType, resourceTypeCode, resourceTypeOfCode, resourceTypes } from '../../fhir/resource-types.ts';
import {
  compartmentParameters,
  compartmentTypes,
  patientCompartmentParameters,
  searchParameter,
  searchParameterByUrl,
  searchParametersOf,
} from '../../fhir/search-parameters.ts';

describe('resource types', () => {
  test.each(['Resource', 'DomainResource', 'patient', '', 'constructor', '__proto__', undefined, 7])('%s is none', (name) => {
    expect(isResourceType(name)).toBe(false);
    expect(() => resourceTypeCode(name as string)).toThrow(RangeError);
  });

  test.each([0, -1, 147, 1.5, Number.NaN])('%s is the number of none', (code) => {
    expect(() => resourceTypeOfCode(code)).toThrow(RangeError);
  });

  test('numbers are stored in databases and never change', () => {
    expect(resourceTypes).toHaveLength(146);
    expect(resourceTypes).toEqual(resourceTypes.toSorted());
    expect(['Account', 'Claim', 'Patient', 'Task', 'VisionPrescription'].map(resourceTypeCode)).toEqual([1, 19, 103, 140, 146]);
  });

  test('a number leads back to its type', () => {
    for (const type of resourceTypes) expect(resourceTypeOfCode(resourceTypeCode(type))).toBe(type);
  });
});

describe('search parameters', () => {
  test.each([
    ['Patient', 'nothing'],
    ['Patient', 'constructor'],
    ['__proto__', '_id'],
    ['patient', '_id'],
    ['Observation', 'birthdate'],
  ])('%s has no %s', (type, code) => {
    expect(searchParameter(type, code)).toBeUndefined();
  });

  test.each([
    ['Patient', 'birthdate', 'date'],
    ['Patient', '_id', 'token'],
    ['Patient', '_lastUpdated', 'date'],
    ['Bundle', '_profile', 'uri'],
    ['Claim', 'use', 'token'],
    ['Location', 'near', 'special'],
    ['Patient', 'race', 'token'],
    ['Observation', 'code-value-quantity', 'composite'],
  ])('%s has %s, a %s', (type, code, kind) => {
    expect(searchParameter(type, code)).toMatchObject({ code, type: kind });
    expect(searchParametersOf(type)).toContain(searchParameter(type, code));
  });

  test('no type has two parameters of one name', () => {
    for (const type of resourceTypes) {
      const codes = searchParametersOf(type).map((parameter) => parameter.code);
      expect(new Set(codes).size).toBe(codes.length);
    }
  });

  test('an unknown type has none', () => {
    expect(searchParametersOf('Nothing')).toEqual([]);
  });

  test('every component of a composite is a parameter', () => {
    for (const type of resourceTypes) {
      for (const { component } of searchParametersOf(type)) for (const { definition } of component ?? []) expect(searchParameterByUrl(definition)).toBeDefined();
    }
  });
});

describe('compartments', () => {
  test('name parameters their types have', () => {
    for (const name of ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'] as const) {
      expect(compartmentTypes(name).length).toBeGreaterThan(10);
      for (const type of compartmentTypes(name)) for (const code of compartmentParameters(name, type)) expect(searchParameter(type, code)?.type).toBe('reference');
    }
  });

  test('of a Patient', () => {
    expect(patientCompartmentParameters('Claim')).toEqual(['patient', 'payee']);
    expect(patientCompartmentParameters('Organization')).toEqual([]);
    expect(patientCompartmentParameters('constructor')).toEqual([]);
  });
});
