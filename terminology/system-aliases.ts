/**
 * One name for each code system. Senders write the same system in several ways: the value set's address in place of
 * the code system's (a slip of the Java reference implementation), http for https, an OID. They are understood, and
 * the canonical name is the only one that is ever sent.
 * Sources: Da Vinci PAS 2.2.1, terminology; FHIR R4, "Using codes", well-known systems and their OIDs.
 */

/** `https://valueset.x12.org/x217/005010/request/2000E/UM/1/06/00/1338`: the last part is the data element. */
const x12ValueSet = /^https?:\/\/valueset\.x12\.org\/x\d+\/005010\/(?:request|response)\/.+\/(\d{2,4})$/;
const x12CodeSystem = /^https?:\/\/codesystem\.x12\.org\/(005010|external)\/(\d{2,4})$/;

const aliases: ReadonlyMap<string, string> = new Map([
  ['https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'],
  ['urn:oid:2.16.840.1.113883.6.285', 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'],
  ['https://www.ama-assn.org/go/cpt', 'http://www.ama-assn.org/go/cpt'],
  ['urn:oid:2.16.840.1.113883.6.12', 'http://www.ama-assn.org/go/cpt'],
  ['https://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-10-cm'],
  ['urn:oid:2.16.840.1.113883.6.90', 'http://hl7.org/fhir/sid/icd-10-cm'],
  ['https://loinc.org', 'http://loinc.org'],
  ['urn:oid:2.16.840.1.113883.6.1', 'http://loinc.org'],
  ['https://snomed.info/sct', 'http://snomed.info/sct'],
  ['urn:oid:2.16.840.1.113883.6.96', 'http://snomed.info/sct'],
  ['urn:oid:2.16.840.1.113883.4.6', 'http://hl7.org/fhir/sid/us-npi'],
  ['https://hl7.org/fhir/sid/us-npi', 'http://hl7.org/fhir/sid/us-npi'],
  ['http://unitsofmeasure.org/', 'http://unitsofmeasure.org'],
]);

/** The canonical name of a code system; a name that is not known as an alias comes back as it is. */
export function canonicalSystem(system: string): string {
  const x12 = x12CodeSystem.exec(system);
  if (x12) return `https://codesystem.x12.org/${x12[1]}/${x12[2]}`;
  const valueSet = x12ValueSet.exec(system);
  if (valueSet) return `https://codesystem.x12.org/005010/${valueSet[1]}`;
  return aliases.get(system) ?? system;
}

/**
 * The same value with every `system` by its canonical name. What has none to rename is returned as it is and not
 * copied, so the common case costs one walk.
 */
export function withCanonicalSystems<T>(value: T): T {
  if (Array.isArray(value)) {
    const elements: unknown[] = value;
    const renamed = elements.map(withCanonicalSystems);
    return renamed.some((element, index) => element !== elements[index]) ? renamed as T : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  let changed: Record<string, unknown> | undefined;
  for (const [name, element] of Object.entries(value)) {
    const renamed: unknown = name === 'system' && typeof element === 'string' ? canonicalSystem(element) : withCanonicalSystems(element as unknown);
    if (renamed !== element) {
      changed ??= { ...value } as Record<string, unknown>;
      changed[name] = renamed;
    }
  }
  return (changed ?? value) as T;
}
