/** Expressions that users bring: what is evaluated, and what is refused because its time or its words would get out of hand. */
import { FhirPathError } from '../../../fhir/fhirpath/error.ts';
import { interpret } from '../../../fhir/fhirpath/interpreter.ts';

const patient = { resourceType: 'Patient', name: [{ family: 'Chalmers', given: ['Peter', 'James'] }], birthDate: '1974-12-25' };

test.each(['Patient.name.where(', 'now()', 'Patient.managingOrganization.resolve()', "Patient.name.trace('x')", '%elsewhere.name', `Patient.name${'.given'.repeat(1500)}`, 'Patient.unheardOf()'])('%s is refused', (expression) => {
  expect(() => interpret(expression)).toThrow(FhirPathError);
});

test.each([
  ['a pattern that goes back and forth', "Patient.name.family.where(matches('^(a+)+$'))", { ...patient, name: [{ family: `${'a'.repeat(5000)}!` }] }],
  ['what grows with the square of the resource', 'Patient.name.where(%resource.descendants().count() > 1).family', { ...patient, name: Array.from({ length: 5000 }, (_, index) => ({ family: `${index}` })) }],
  ['steps without end', `Patient.name${'.select(%resource.descendants())'.repeat(9)}`, patient],
])('%s ends', (_, expression, resource) => expect(interpret(expression)(resource).length).toBeLessThan(50_000));

test.each([
  ['Patient.name.given.distinct()', ['Peter', 'James']],
  ['Patient.name.given.combine(Patient.name.family)', ['Peter', 'James', 'Chalmers']],
  ["Patient.name.given.where(matches('^J'))", ['James']],
  ['(Patient.birthDate + 1 year).toString()', ['1975-12-25']],
  ['%resource.repeat(name).family', ['Chalmers']],
])('%s is evaluated', (expression, expected) => expect(interpret(expression)(patient).map(({ value }) => value)).toEqual(expected));

test('branches of a union are evaluated one after another', () => {
  const evaluate = interpret("Patient.name.given.where(startsWith('P')) | Patient.name.family.upper()");
  expect(evaluate(patient).map(({ value }) => value)).toEqual(['Peter', 'CHALMERS']);
});

test('a bar within a text is no union', () => {
  const evaluate = interpret("Patient.name.where(family = 'a|b').given");
  expect(evaluate({ ...patient, name: [{ family: 'a|b', given: ['X'] }] }).map(({ value }) => value)).toEqual(['X']);
});
