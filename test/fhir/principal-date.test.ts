/** The date in a resource's row. */
import { principalDate } from '../../fhir/principal-date.ts';
import { resourceTypes } from '../../fhir/resource-types.ts';
import { searchParameter } from '../../fhir/search-parameters.ts';

test.each([
  ['Organization', undefined],
  ['Practitioner', undefined],
  ['Patient', 'birthdate'],
  ['Observation', 'date'],
  ['Encounter', 'date'],
  ['Claim', 'created'],
  ['ClaimResponse', 'created'],
  ['ExplanationOfBenefit', 'created'],
  ['Task', 'authored-on'],
  ['MedicationRequest', 'authoredon'],
  ['ServiceRequest', 'authored'],
  ['Condition', 'onset-date'],
  ['Provenance', 'recorded'],
  ['MedicationAdministration', 'effective-time'],
])('%s: %s', (type, name) => {
  expect(principalDate(type)).toBe(name);
});

test('is a date parameter of its type wherever there is one', () => {
  const kinds = resourceTypes.map((type) => ({ type, name: principalDate(type) })).filter(({ name }) => name !== undefined).map(({ type, name }) => searchParameter(type, name!)?.type);
  expect(kinds.length).toBeGreaterThan(90);
  expect(new Set(kinds)).toEqual(new Set(['date']));
});
