/** Every example that the packages publish conforms to the definition of its type and to the profiles that it claims, but where it is wrong itself. */
import { createValidator } from '../../profiles/validator.ts';
import { definitionsFor, examplesOf, packagesAreHere } from '../support/definitions.ts';

/** Package, and those that it stands on as far as they are here. */
const packages: readonly (readonly [name: string, others: readonly string[]])[] = [
  ['hl7.fhir.us.core-3.1.1', []],
  ['hl7.fhir.us.core-4.0.0', []],
  ['hl7.fhir.us.core-5.0.1', []],
  ['hl7.fhir.us.core-6.1.0', []],
  ['hl7.fhir.us.core-7.0.0', []],
  ['hl7.fhir.us.core-8.0.0', []],
  ['hl7.fhir.us.davinci-pas-2.0.1', ['hl7.fhir.us.core-3.1.1', 'hl7.fhir.us.davinci-crd-2.0.1']],
  ['hl7.fhir.us.davinci-pas-2.2.1', ['hl7.fhir.us.core-6.1.0', 'hl7.fhir.us.core-7.0.0', 'hl7.fhir.us.davinci-crd-2.0.1', 'hl7.fhir.us.davinci-dtr-2.0.1']],
  ['hl7.fhir.us.davinci-crd-2.0.1', ['hl7.fhir.us.core-3.1.1', 'hl7.fhir.us.core-6.1.0']],
  ['hl7.fhir.us.davinci-dtr-2.0.1', ['hl7.fhir.us.core-3.1.1', 'hl7.fhir.us.davinci-crd-2.0.1']],
  ['hl7.fhir.us.davinci-pdex-2.0.0', ['hl7.fhir.us.core-3.1.1']],
];

/** What is wrong with examples themselves, as `code expression`. */
const mistakes: Readonly<Record<string, readonly string[]>> = {
  // A hash with dots in it is no Base64.
  'hl7.fhir.us.core-3.1.1 DiagnosticReport-cardiology-report.json': ['primitive-format DiagnosticReport.presentedForm[0].hash'],
  // The fullUrl has another id than the resource, or is relative.
  'hl7.fhir.us.core-3.1.1 Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json': ['bundle-full-url Bundle.entry[2].fullUrl'],
  'hl7.fhir.us.core-4.0.0 Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json': ['bundle-full-url Bundle.entry[2].fullUrl'],
  'hl7.fhir.us.core-5.0.1 Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json': ['bundle-full-url Bundle.entry[2].fullUrl'],
  'hl7.fhir.us.core-6.1.0 Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json': ['bundle-full-url Bundle.entry[2].fullUrl'],
  'hl7.fhir.us.core-3.1.1 Bundle-uscore-mo3.json': ['bundle-full-url Bundle.entry[1].fullUrl'],
  'hl7.fhir.us.core-4.0.0 Bundle-uscore-mo3.json': ['bundle-full-url Bundle.entry[1].fullUrl'],
  'hl7.fhir.us.core-6.1.0 Bundle-docref-example-2.json': ['bundle-full-url Bundle.entry[2].fullUrl'],
};

for (const [name, others] of packages) {
  (packagesAreHere ? test : test.skip)(`examples of ${name}`, async () => {
    const validate = createValidator(await definitionsFor([...others, name]));
    const examples = await examplesOf(name);
    expect(examples.size).toBeGreaterThan(0);
    const found: Record<string, string[]> = {};
    for (const [file, resource] of examples) {
      const errors = validate(resource, { now: new Date('2026-11-01T00:00:00Z') }).issues.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) found[`${name} ${file}`] = errors.map(({ code, expression }) => `${code} ${expression}`);
    }
    expect(found).toEqual(Object.fromEntries(Object.entries(mistakes).filter(([key]) => key.startsWith(`${name} `))));
  });
}
