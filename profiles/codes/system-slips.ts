/**
 * How code systems are named wrongly again and again, with the name that FHIR gives them.
 * Source: https://hl7.org/fhir/R4/terminologies-systems.html
 */

const names: ReadonlyMap<string, readonly string[]> = new Map([
  ['http://snomed.info/sct', ['http://snomed.info', 'http://www.snomed.org', 'http://snomed.org/sct', 'http://www.snomed.info/sct', 'http://ihtsdo.org/snomed-ct', 'http://www.ihtsdo.org/snomed-ct', 'urn:oid:2.16.840.1.113883.6.96']],
  ['http://loinc.org', ['http://www.loinc.org', 'http://loinc.com', 'urn:oid:2.16.840.1.113883.6.1']],
  ['http://unitsofmeasure.org', ['http://www.unitsofmeasure.org', 'http://unitsofmeasure.org/ucum', 'http://ucum.org', 'urn:oid:2.16.840.1.113883.6.8']],
  ['http://www.nlm.nih.gov/research/umls/rxnorm', ['http://nlm.nih.gov/research/umls/rxnorm', 'http://rxnorm.info', 'urn:oid:2.16.840.1.113883.6.88']],
  ['http://www.ama-assn.org/go/cpt', ['http://ama-assn.org/go/cpt', 'urn:oid:2.16.840.1.113883.6.12']],
  ['http://hl7.org/fhir/sid/icd-10-cm', ['http://hl7.org/fhir/sid/icd10-cm', 'http://hl7.org/fhir/sid/icd-10cm', 'urn:oid:2.16.840.1.113883.6.90']],
  ['http://hl7.org/fhir/sid/icd-10', ['http://hl7.org/fhir/sid/icd10', 'urn:oid:2.16.840.1.113883.6.3']],
  ['http://hl7.org/fhir/sid/ndc', ['urn:oid:2.16.840.1.113883.6.69']],
  ['http://hl7.org/fhir/sid/cvx', ['http://hl7.org/fhir/cvx', 'urn:oid:2.16.840.1.113883.12.292']],
]);

const meant: ReadonlyMap<string, string> = new Map([...names].flatMap(([name, slips]) => [
  ...slips.map((slip) => [slip, name] as const),
  // The same name with another scheme, or with a slash behind it, is another name.
  [name.replace('http://', 'https://'), name] as const, [`${name}/`, name] as const, [`${name.replace('http://', 'https://')}/`, name] as const,
]));

/** The name that a system should have; undefined where it has it, or is not one of these. */
export function systemMeant(system: string): string | undefined {
  return meant.get(system);
}
