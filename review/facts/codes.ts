/**
 * Codes and code sets. Senders write one code system in several ways; these are read as the same:
 * `http` and `https`, X12 value set URLs where the code system belongs (reference: PAS, section "X12 code systems"),
 * and ICD-10 codes without their dot, as X12 carries them.
 */
import { canonicalSystem } from '../../terminology/system-aliases.ts';
import type { CodeSet } from '../policies/pack.ts';
import { asObject, asText, objectsIn } from './loose.ts';
import type { Code, Fact, Source } from './types.ts';

const X12_VALUE_SET = /^valueset\.x12\.org\/x\d+\/(\d{6})\/.*\/(\d+)$/;

function plainSystem(system: string): string {
  const bare = system.trim().replace(/^https?:\/\//, '').replace(/\/$/, '');
  return bare.replace(X12_VALUE_SET, 'codesystem.x12.org/$1/$2');
}

function plainCode(system: string, code: string): string {
  return /^hl7\.org\/fhir\/sid\/icd-(9|10)/.test(system) ? code.replaceAll('.', '').toUpperCase() : code;
}

/** Systems of codes that services are billed by: HCPCS, CPT, CDT, NDC, ICD-10-PCS, types of service of X12, revenue codes. */
const billed: ReadonlySet<string> = new Set([
  'www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'www.ama-assn.org/go/cpt', 'www.ada.org/cdt', 'hl7.org/fhir/sid/ndc', 'www.cms.gov/Medicare/Coding/ICD10',
  'codesystem.x12.org/005010/1365', 'www.nubc.org/revenue-codes', 'www.nubc.org/RevenueCodes', 'codesystem.x12.org/005010/234',
]);

/** Whether a plan decides on codes of this system; what an order is called besides, in SNOMED CT or a hospital's own list, says the same in other words. */
export function isBilled({ system }: Code): boolean {
  return billed.has(plainSystem(canonicalSystem(system)));
}

export function sameCode(one: Code, other: Code): boolean {
  const system = plainSystem(one.system);
  return system === plainSystem(other.system) && plainCode(system, one.code) === plainCode(system, other.code);
}

/** Whether a code is in one of the sets: `unknown` where no set speaks its system. */
export function inCodeSets(code: Code, sets: readonly CodeSet[]): 'in' | 'out' | 'unknown' {
  const system = plainSystem(code.system);
  const value = plainCode(system, code.code);
  const ofSystem = sets.filter((set) => plainSystem(set.system) === system);
  if (ofSystem.length === 0) return 'unknown';
  const found = ofSystem.some(
    (set) => set.codes.some((member) => plainCode(system, member) === value) || (set.prefixes ?? []).some((prefix) => value.startsWith(plainCode(system, prefix))),
  );
  return found ? 'in' : 'out';
}

/** A Coding with both system and code. */
export function readCoding(value: unknown): Code | undefined {
  const coding = asObject(value);
  const system = asText(coding?.['system']);
  const code = asText(coding?.['code']);
  return system === undefined || code === undefined ? undefined : { system, code: code.trim() };
}

/** The complete codings of a CodeableConcept, without their sources. */
export function readCodes(concept: unknown): Code[] {
  return objectsIn(asObject(concept)?.['coding']).flatMap(([, coding]) => readCoding(coding) ?? []);
}

/** The complete codings of a CodeableConcept as facts; `expression` leads to the concept. */
export function codeFacts(concept: unknown, source: Source): Fact<Code>[] {
  return objectsIn(asObject(concept)?.['coding']).flatMap(([index, coding]): Fact<Code>[] => {
    const value = readCoding(coding);
    return value === undefined ? [] : [{ value, source: { ...source, expression: `${source.expression}.coding[${index}]` } }];
  });
}
