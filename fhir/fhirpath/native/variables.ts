/** The variables that stand for a text in every expression. Source: https://hl7.org/fhir/R4/fhirpath.html#vars. */

const texts: ReadonlyMap<string, string> = new Map([['ucum', 'http://unitsofmeasure.org'], ['sct', 'http://snomed.info/sct'], ['loinc', 'http://loinc.org']]);

/** `%ucum`; `%vs-name` and `%ext-name` are addresses of HL7's own value sets and extensions. Undefined for other names. */
export function constantText(name: string): string | undefined {
  if (name.startsWith('vs-')) return `http://hl7.org/fhir/ValueSet/${name.slice(3)}`;
  return name.startsWith('ext-') ? `http://hl7.org/fhir/StructureDefinition/${name.slice(4)}` : texts.get(name);
}
