/** Expressions that users bring: what is evaluated, and what is refused because its time or its words would get out of hand. */
import { FhirPathError } from '../../../fhir/fhirpath/error.ts';
import { interpret } from '../../../fhir/fhirpath/interpreter.ts';

const patient = { resourceType: 'Patient', name: [{ family: 'Chalmers', given: ['Peter', 'James'] }], birthDate: '1974-12-25' };

test.each([
  'Patient.name.given.distinct()', 'Patient.name.where(given | family)', 'Patient.name.where(given ~ family)', 'Patient.birthDate + 1 year', 'Patient.repeat(name)',
  "Patient.name.given.matches('(a+)+$')", '%context.name', 'Patient.name.where(', 'now()',
])('%s is refused', async (expression) => {
  await expect(interpret(expression)).rejects.toBeInstanceOf(FhirPathError);
});

test('branches of a union are evaluated one after another', async () => {
  const evaluate = await interpret("Patient.name.given.where(startsWith('P')) | Patient.name.family.upper()");
  expect(evaluate(patient).map(({ value }) => value)).toEqual(['Peter', 'CHALMERS']);
});

test('a bar within a text is no union', async () => {
  const evaluate = await interpret("Patient.name.where(family = 'a|b').given");
  expect(evaluate({ ...patient, name: [{ family: 'a|b', given: ['X'] }] }).map(({ value }) => value)).toEqual(['X']);
});
