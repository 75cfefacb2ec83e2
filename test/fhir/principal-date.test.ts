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
  for (const type of resourceTypes) {
    const name = principalDate(type);
    if (name !== undefined) expect(searchParameter(type, name)?.type).toBe('date');
  }
});
