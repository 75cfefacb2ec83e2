/**
 * URIs of code systems by the names that HL7 version 2 has for them (table 0396), and tables of codes that are
 * translated. Systems are named here; their codes are not.
 * Sources: HL7 table 0396; FHIR R4, "Using codes in resources"; mappers/hl7v2/rules/codes.json.
 */
import codesTable from '../rules/codes.json' with { type: 'json' };
import version2Tables from '../rules/tables.json' with { type: 'json' };
import type { CodeTable } from '../rules/rule.ts';
import type { Run } from '../engine/run.ts';

const NAMED: Readonly<Record<string, string>> = {
  ACR: 'http://terminology.hl7.org/CodeSystem/acr', C4: 'http://www.ama-assn.org/go/cpt', CPT: 'http://www.ama-assn.org/go/cpt', CPT4: 'http://www.ama-assn.org/go/cpt', 'CPT-4': 'http://www.ama-assn.org/go/cpt', C5: 'http://www.ama-assn.org/go/cpt',
  CVX: 'http://hl7.org/fhir/sid/cvx', CVXCVX: 'http://hl7.org/fhir/sid/cvx', MVX: 'http://hl7.org/fhir/sid/mvx', NDC: 'http://hl7.org/fhir/sid/ndc',
  HCPCS: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', HCPT: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', CDT2: 'http://www.ada.org/cdt',
  I9: 'http://terminology.hl7.org/CodeSystem/icd9cm', I9C: 'http://terminology.hl7.org/CodeSystem/icd9cm', I9CDX: 'http://terminology.hl7.org/CodeSystem/icd9cm', ICD9: 'http://terminology.hl7.org/CodeSystem/icd9cm', 'ICD-9': 'http://terminology.hl7.org/CodeSystem/icd9cm', I9CP: 'http://terminology.hl7.org/CodeSystem/icd9cm',
  I10: 'http://hl7.org/fhir/sid/icd-10', I10C: 'http://hl7.org/fhir/sid/icd-10-cm', ICD10: 'http://hl7.org/fhir/sid/icd-10-cm', 'ICD-10': 'http://hl7.org/fhir/sid/icd-10-cm', 'ICD-10-CM': 'http://hl7.org/fhir/sid/icd-10-cm', I10P: 'http://www.cms.gov/Medicare/Coding/ICD10',
  LN: 'http://loinc.org', LOINC: 'http://loinc.org', SCT: 'http://snomed.info/sct', SNM: 'http://snomed.info/sct', SNM3: 'http://snomed.info/sct', SNOMED: 'http://snomed.info/sct', 'SNOMED CT': 'http://snomed.info/sct', 'SNOMED-CT': 'http://snomed.info/sct',
  RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm', RXN: 'http://www.nlm.nih.gov/research/umls/rxnorm', UCUM: 'http://unitsofmeasure.org', MDC: 'urn:iso:std:iso:11073:10101', NUCC: 'http://nucc.org/provider-taxonomy', HGNC: 'http://www.genenames.org', ICDO3: 'http://terminology.hl7.org/CodeSystem/icd-o-3', ICD10PCS: 'http://www.cms.gov/Medicare/Coding/ICD10',
  CDCREC: 'urn:oid:2.16.840.1.113883.6.238', ISO3166_1: 'urn:iso:std:iso:3166', 'ISO3166-1': 'urn:iso:std:iso:3166', ISO639: 'urn:ietf:bcp:47', NCIT: 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl', UNII: 'http://fdasis.nlm.nih.gov', PHINQUESTION: 'urn:oid:2.16.840.1.114222.4.5.232', UML: 'http://www.nlm.nih.gov/research/umls',
};

/** The same to look up names that come from messages. */
const uris: ReadonlyMap<string, string> = new Map(Object.entries(NAMED));

const tables = codesTable as unknown as Readonly<Record<string, CodeTable>>;

interface Translation {
  readonly code: string;
  readonly system?: string;
}

/** What each code of a table becomes, by table. */
const translations: ReadonlyMap<string, ReadonlyMap<string, Translation>> = new Map(Object.entries(tables).filter(([name]) => name !== '$note').map(([name, { to: system, codes }]) => [
  name,
  new Map(Object.entries(codes).map(([code, to]): [string, Translation] => [code, typeof to === 'string' ? { code: to, ...(system !== undefined && { system }) } : { code: to[0], system: to[1] }])),
]));

/** The URI of a code system; undefined where the name is the sender's own and no one said what it stands for. */
export function codeSystemOf(name: string | undefined, run: Run): string | undefined {
  if (name === undefined) return undefined;
  const told = run.options.codeSystems?.[name] ?? uris.get(name) ?? uris.get(name.toUpperCase());
  if (told !== undefined) return told;
  const table = /^HL7(?:0|-)?(\d{4})$/i.exec(name)?.[1] ?? /^HL7[-_ ]?(\d{3,4})$/i.exec(name)?.[1];
  if (table !== undefined) return `http://terminology.hl7.org/CodeSystem/v2-${table.padStart(4, '0')}`;
  if (/^(?:urn:|https?:\/\/)\S+$/.test(name)) return name;
  return isOid(name) ? `urn:oid:${name}` : undefined;
}

export function isOid(text: string): boolean {
  return /^[0-2](?:\.(?:0|[1-9]\d*)){2,}$/.test(text);
}

/** What a code becomes, in which system; undefined where the table does not have it. */
export function translated(table: string, code: string): Translation | undefined {
  return translations.get(table)?.get(code);
}

/** The system that the codes of a field are from, where its table has such a code. */
export function systemOfTable(table: string, code: string): string | undefined {
  return translations.get(table)?.has(code) === true ? tables[table]!.from : undefined;
}

/** Whether there is such a table. */
export function hasTable(name: string): boolean {
  return translations.has(name);
}

const VERSION_2 = 'http://terminology.hl7.org/CodeSystem/v2-';
const version2: ReadonlyMap<string, ReadonlySet<string>> = new Map(Object.entries(version2Tables as unknown as Readonly<Record<string, { readonly codes: readonly string[] }>>).filter(([name]) => name !== '$note').map(([name, { codes }]) => [VERSION_2 + name, new Set(codes)]));

/** The same by the number of the table. */
const byNumber: ReadonlyMap<string, { readonly system: string; readonly codes: ReadonlySet<string> }> = new Map(Array.from(version2, ([system, codes]) => [system.slice(VERSION_2.length), { system, codes }]));

/** Whether a system may be claimed for a code: tables of version 2 are often extended by senders, under the same name. */
export function hasCode(system: string, code: string | undefined): boolean {
  if (code !== undefined && system === 'urn:iso:std:iso:3166') return /^[A-Z]{2}$/.test(code) ? regions.of(code) !== undefined : translated('CountryCode', code) !== undefined;
  return code === undefined || version2.get(system)?.has(code) !== false;
}

/** The system of a table of version 2, where it has the code. */
export function tableSystem(table: string, code: string | undefined): string | undefined {
  const found = code === undefined ? undefined : byNumber.get(table);
  return found?.codes.has(code!) === true ? found.system : undefined;
}

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** The code that a table makes into another: the way back. Undefined where none does. */
export function sourceCode(table: string, code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return Object.entries(tables[table]?.codes ?? {}).find(([, to]) => (typeof to === 'string' ? to : to[0]) === code)?.[0];
}

/** The name that version 2 has for a code system (table 0396); the URI itself where it has none. */
export function codeSystemName(uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  const table = /^http:\/\/terminology\.hl7\.org\/CodeSystem\/v2-(\d{4})$/.exec(uri)?.[1];
  if (table !== undefined) return `HL7${table}`;
  return NAMES.get(uri) ?? uri;
}

/** Of several names for one system the one of table 0396. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(NAMED).map(([name, uri]) => [uri, name] as const).toReversed(),
  ['http://loinc.org', 'LN'], ['http://snomed.info/sct', 'SCT'], ['http://hl7.org/fhir/sid/icd-10-cm', 'I10C'], ['http://terminology.hl7.org/CodeSystem/icd9cm', 'I9C'], ['http://www.ama-assn.org/go/cpt', 'C4'], ['http://unitsofmeasure.org', 'UCUM'],
]);
