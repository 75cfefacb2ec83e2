/**
 * Code translation between X12 qualifiers and FHIR systems, both ways. Where X12 says less than FHIR needs
 * (`HC` covers CPT and HCPCS), the shape of the code decides and the guess is told.
 */
import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { SYSTEM, x12System } from './pas.ts';

/** A procedure code with the confidence in its system. */
export interface ProcedureCoding {
  coding: Coding;
  /** True when neither CPT nor HCPCS could be told by the code's shape. */
  inferred: boolean;
}

const CDT = 'http://www.ada.org/cdt';

/** Qualifiers of element 235 other than HC. */
const PROCEDURE_SYSTEMS: Readonly<Record<string, string>> = { AD: CDT, ID: SYSTEM.icd9, N4: SYSTEM.ndc };

/** The coding of a procedure in C003-1/-2. */
export function procedureCoding(qualifier: string, code: string): ProcedureCoding {
  if (qualifier !== 'HC') {
    const system = PROCEDURE_SYSTEMS[qualifier];
    return { coding: system === undefined ? { code } : { system, code }, inferred: system === undefined };
  }
  if (/^\d{4}[0-9FMTU]$/.test(code)) return { coding: { system: SYSTEM.cpt, code }, inferred: false };
  return { coding: { system: SYSTEM.hcpcs, code }, inferred: !/^[A-V]\d{4}$/.test(code) };
}

/** The coding of a procedure modifier: two digits are CPT's, anything else is HCPCS's. */
export function modifierCoding(code: string): Coding {
  return { system: /^\d{2}$/.test(code) ? SYSTEM.cpt : SYSTEM.hcpcs, code };
}

/** C003-1 and C003-2 of a product or service; undefined where it is only a service type (1365) or absent. */
export function procedureOf(value: CodeableConcept | undefined): { qualifier: string; code: string } | undefined {
  for (const { system, code } of value?.coding ?? []) {
    if (code === undefined) continue;
    if (system === SYSTEM.cpt || system === SYSTEM.hcpcs) return { qualifier: 'HC', code };
    const qualifier = Object.keys(PROCEDURE_SYSTEMS).find((key) => PROCEDURE_SYSTEMS[key] === system);
    if (qualifier !== undefined) return { qualifier, code };
    if (system === undefined) return { qualifier: 'ZZ', code };
  }
  return undefined;
}

interface DiagnosisKind {
  system: string;
  /** PASTempCodes code of Claim.diagnosis.type. */
  type?: string;
}

/** HI qualifiers (element 1270) that name a diagnosis. */
const DIAGNOSIS_KINDS: Readonly<Record<string, DiagnosisKind>> = {
  ABK: { system: SYSTEM.icd10, type: 'principal' },
  ABF: { system: SYSTEM.icd10 },
  ABJ: { system: SYSTEM.icd10, type: 'admitting' },
  APR: { system: SYSTEM.icd10, type: 'patientreasonforvisit' },
  BK: { system: SYSTEM.icd9, type: 'principal' },
  BF: { system: SYSTEM.icd9 },
  BJ: { system: SYSTEM.icd9, type: 'admitting' },
  PR: { system: SYSTEM.icd9, type: 'patientreasonforvisit' },
  DR: { system: SYSTEM.msDrg },
};

/** What an HI composite's qualifier says; undefined for one that is not a diagnosis. */
export function diagnosisKind(qualifier: string): DiagnosisKind | undefined {
  return DIAGNOSIS_KINDS[qualifier];
}

/** The HI qualifier of a diagnosis; undefined for a system X12 cannot carry. */
export function diagnosisQualifier(system: string | undefined, type: string | undefined): string | undefined {
  const fitting = Object.entries(DIAGNOSIS_KINDS).filter(([, kind]) => kind.system === system);
  return (fitting.find(([, kind]) => kind.type === type) ?? fitting.find(([, kind]) => kind.type === undefined))?.[0];
}

/** X12 leaves the dot of ICD codes out; FHIR has it. */
export function restoreDot(system: string, code: string): string {
  if (code.includes('.') || (system !== SYSTEM.icd10 && system !== SYSTEM.icd9)) return code;
  const stem = system === SYSTEM.icd9 && code.startsWith('E') ? 4 : 3;
  return code.length > stem ? `${code.slice(0, stem)}.${code.slice(stem)}` : code;
}

/** The FHIR relationship beside the X12 one (element 1069); `other` where FHIR has none. */
export function subscriberRelationship(code: string): string {
  return RELATIONSHIPS.get(code) ?? 'other';
}

const RELATIONSHIPS: ReadonlyMap<string, string> = new Map([['18', 'self'], ['01', 'spouse'], ['19', 'child'], ['32', 'parent'], ['33', 'parent'], ['53', 'common']]);

/** The X12 relationship of a FHIR one, when the X12 coding is absent. G8 is other. */
export function relationshipCode(value: CodeableConcept | undefined): string | undefined {
  const known: Readonly<Record<string, string>> = { self: '18', spouse: '01', child: '19', common: '53' };
  const x12 = value?.coding?.find((coding) => coding.system?.endsWith('/1069') === true)?.code;
  if (x12 !== undefined) return x12;
  const fhir = value?.coding?.find((coding) => coding.system === SYSTEM.subscriberRelationship)?.code;
  return fhir === undefined ? undefined : (known[fhir] ?? 'G8');
}

const GENDERS = { M: 'male', F: 'female', U: 'unknown' } as const;

/** DMG03 to administrative gender. */
export function genderOf(code: string): 'male' | 'female' | 'unknown' | undefined {
  return code === 'M' || code === 'F' || code === 'U' ? GENDERS[code] : undefined;
}

/** Administrative gender to DMG03: X12 knows no `other`. */
export function genderCode(gender: string | undefined): string | undefined {
  if (gender === undefined) return undefined;
  return gender === 'male' ? 'M' : gender === 'female' ? 'F' : 'U';
}

/** Identification qualifiers (66 and 128) whose numbers have a system of their own. */
const IDENTIFIER_SYSTEMS: ReadonlyMap<string, string> = new Map(Object.entries({ XX: SYSTEM.npi, HPI: SYSTEM.npi, '34': SYSTEM.ssn, SY: SYSTEM.ssn, '24': SYSTEM.ein, EI: SYSTEM.ein }));

/** The system of an identifier: its own where it has one, else the X12 code list its qualifier is from. */
export function identifierSystem(dataElement: '66' | '128', qualifier: string): string {
  return IDENTIFIER_SYSTEMS.get(qualifier) ?? x12System(dataElement);
}
