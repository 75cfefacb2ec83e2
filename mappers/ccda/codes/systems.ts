/**
 * Which URI a code or identifier system has in FHIR that documents name by OID. Facts only; a system that is not here
 * keeps its OID as `urn:oid:`.
 * Source: https://hl7.org/fhir/R4/terminologies-systems.html, https://hl7.org/fhir/R4/identifier-registry.html,
 * https://terminology.hl7.org (OID identifiers of each code system).
 */
const v3 = 'http://terminology.hl7.org/CodeSystem/v3-';
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-';

/** Code systems of HL7 version 3: the last part of the OID below 2.16.840.1.113883.5. */
const version3: Readonly<Record<string, string>> = {
  1: 'AdministrativeGender', 2: 'MaritalStatus', 4: 'ActCode', 6: 'ActClass', 7: 'ActPriority', 8: 'ActReason', 14: 'ActStatus', 25: 'Confidentiality',
  43: 'EntityNamePartQualifier', 45: 'EntityNameUse', 60: 'LanguageAbilityMode', 61: 'LanguageAbilityProficiency', 79: 'mediaType', 83: 'ObservationInterpretation', 84: 'ObservationMethod', 85: 'orderableDrugForm',
  88: 'ParticipationFunction', 89: 'ParticipationSignature', 90: 'ParticipationType', 110: 'RoleClass', 111: 'RoleCode', 112: 'RouteOfAdministration', 129: 'SpecimenType', 139: 'TimingEvent',
  143: 'URLScheme', 1001: 'ActMood', 1002: 'ActRelationshipType', 1008: 'NullFlavor', 1052: 'ActSite', 1063: 'ObservationValue', 1070: 'VaccineManufacturer', 1076: 'ReligiousAffiliation', 1119: 'AddressUse', 1150: 'HL7ApprovalStatus',
};

const others: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.6.1': 'http://loinc.org',
  '2.16.840.1.113883.6.96': 'http://snomed.info/sct',
  '2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm',
  '2.16.840.1.113883.6.69': 'http://hl7.org/fhir/sid/ndc',
  '2.16.840.1.113883.12.292': 'http://hl7.org/fhir/sid/cvx',
  '2.16.840.1.113883.6.59': 'http://hl7.org/fhir/sid/cvx',
  '2.16.840.1.113883.6.60': 'http://hl7.org/fhir/sid/mvx',
  '2.16.840.1.113883.12.227': 'http://hl7.org/fhir/sid/mvx',
  '2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
  '2.16.840.1.113883.6.3': 'http://hl7.org/fhir/sid/icd-10',
  '2.16.840.1.113883.6.4': 'http://www.cms.gov/Medicare/Coding/ICD10',
  '2.16.840.1.113883.6.103': 'http://hl7.org/fhir/sid/icd-9-cm',
  '2.16.840.1.113883.6.2': 'http://hl7.org/fhir/sid/icd-9-cm',
  '2.16.840.1.113883.6.104': 'http://terminology.hl7.org/CodeSystem/icd9cm',
  '2.16.840.1.113883.6.42': 'http://hl7.org/fhir/sid/icd-9',
  '2.16.840.1.113883.6.12': 'http://www.ama-assn.org/go/cpt',
  '2.16.840.1.113883.6.13': 'http://www.ada.org/cdt',
  '2.16.840.1.113883.6.285': 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  '2.16.840.1.113883.6.14': 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  '2.16.840.1.113883.6.101': 'http://nucc.org/provider-taxonomy',
  '2.16.840.1.113883.6.238': 'urn:oid:2.16.840.1.113883.6.238',
  '2.16.840.1.113883.6.259': 'https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html',
  '2.16.840.1.113883.6.254': 'urn:oid:2.16.840.1.113883.6.254',
  '2.16.840.1.113883.6.8': 'http://unitsofmeasure.org',
  '2.16.840.1.113883.6.301.3': 'https://www.nubc.org/CodeSystem/RevenueCodes',
  '2.16.840.1.113883.6.301.5': 'https://www.nubc.org/CodeSystem/PatDischargeStatus',
  '2.16.840.1.113883.3.26.1.1': 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
  '2.16.840.1.113883.3.26.1.5': 'http://hl7.org/fhir/ndfrt',
  '2.16.840.1.113883.4.9': 'http://fdasis.nlm.nih.gov',
  '2.16.840.1.113883.3.221.5': 'https://nahdo.org/sopt',
  '2.16.840.1.113883.6.121': 'urn:ietf:bcp:47',
  '2.16.840.1.113883.6.99': 'urn:iso:std:iso:639-1',
  '1.0.3166.1.2.2': 'urn:iso:std:iso:3166',
  '1.2.840.10008.2.16.4': 'http://dicom.nema.org/resources/ontology/DCM',
  '1.2.840.10008.2.6.1': 'urn:ietf:rfc:3986',
  '2.16.840.1.113883.5.0': `${v3}NullFlavor`,
  '2.16.840.1.113883.12.1': `${v2}0001`,
  '2.16.840.1.113883.12.112': `${v2}0112`,
  '2.16.840.1.113883.12.443': `${v2}0443`,
  '2.16.840.1.113883.18.108': `${v2}0203`,
  '2.16.840.1.113883.12.203': `${v2}0203`,
  '2.16.840.1.113883.12.78': `${v2}0078`,
  '2.16.840.1.113883.3.3719': 'http://hl7.org/fhir/NamingSystem/gmdn',
};

/** Systems that give identifiers. */
const identifiers: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.4.1': 'http://hl7.org/fhir/sid/us-ssn',
  '2.16.840.1.113883.4.6': 'http://hl7.org/fhir/sid/us-npi',
  '2.16.840.1.113883.4.572': 'http://hl7.org/fhir/sid/us-medicare',
  '2.16.840.1.113883.4.927': 'http://hl7.org/fhir/sid/us-mbi',
  '2.16.840.1.113883.4.4': 'urn:oid:2.16.840.1.113883.4.4',
  '2.16.840.1.113883.4.814': 'urn:oid:2.16.840.1.113883.4.814',
};

/** Value sets that documents name where the code system belongs. */
const valueSetsOfOneSystem: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.1.11.1': `${v3}AdministrativeGender`,
  '2.16.840.1.113883.1.11.78': `${v3}ObservationInterpretation`,
  '2.16.840.1.113883.1.11.19185': `${v3}ReligiousAffiliation`,
  '2.16.840.1.113883.1.11.19563': `${v3}RoleCode`,
  '2.16.840.1.113883.1.11.19830': `${v3}RoleCode`,
  '2.16.840.1.114222.4.11.1066': 'http://nucc.org/provider-taxonomy',
  '2.16.840.1.113883.3.88.12.80.17': 'http://snomed.info/sct',
};

const uris: ReadonlyMap<string, string> = new Map([
  ...Object.entries(version3).map(([last, name]) => [`2.16.840.1.113883.5.${last}`, v3 + name] as const),
  ...Object.entries(others),
  ...Object.entries(valueSetsOfOneSystem),
]);
const oids: ReadonlyMap<string, string> = new Map([...uris].toReversed().map(([oid, uri]) => [uri, oid]));

const oidForm = /^[0-2](?:\.(?:0|[1-9]\d*))+$/;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const absoluteUri = /^(?:https?:\/\/|urn:)[^\s]+$/;

export const isOid = (text: string): boolean => oidForm.test(text);
export const isUuid = (text: string): boolean => uuidForm.test(text);

/** The URI of a code system; undefined where what was sent is neither OID, UUID nor URI. */
export function systemOf(sent: string): string | undefined {
  const oid = sent.replace(/^urn:oid:/i, '');
  return uris.get(oid) ?? (isOid(oid) ? `urn:oid:${oid}` : isUuid(sent) ? `urn:uuid:${sent.toLowerCase()}` : absoluteUri.test(sent) ? sent : undefined);
}

/** The OID of a code system that has one here, for writing documents. */
export function oidOf(system: string): string | undefined {
  return oids.get(system) ?? (system.startsWith('urn:oid:') ? system.slice(8) : undefined);
}

/** The system of identifiers under a root; undefined as in {@link systemOf}. */
export function identifierSystemOf(root: string): string | undefined {
  return identifiers[root] ?? (isOid(root) ? `urn:oid:${root}` : isUuid(root) ? `urn:uuid:${root.toLowerCase()}` : absoluteUri.test(root) ? root : undefined);
}

const roots: ReadonlyMap<string, string> = new Map(Object.entries(identifiers).toReversed().map(([root, uri]) => [uri, root]));

/** The root of identifiers of a system, for writing documents; undefined where the system is no OID or UUID and has none here. */
export function identifierRootOf(system: string): string | undefined {
  const root = roots.get(system) ?? system.replace(/^urn:(?:oid|uuid):/i, '');
  return isOid(root) || isUuid(root) ? root : undefined;
}
