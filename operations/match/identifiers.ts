/**
 * By which numbers a person may be recognized. Only numbers whose kind is told count: a record number with the authority
 * that gave it, the number of a member, Medicare's. An account, a visit, a driving licence or a social security number is
 * on the wrong record too often, and a number without a kind may be any of these.
 * Source: HL7 table 0203 (https://terminology.hl7.org/CodeSystem-v2-0203.html).
 */
import type { Identifier } from '@medplum/fhirtypes';

export interface PersonNumber {
  readonly kind: 'record' | 'member' | 'medicare';
  /** Whose number it is; undefined where that is not told. */
  readonly system: string | undefined;
  readonly value: string;
}

const typeSystems: ReadonlySet<string | undefined> = new Set(['http://terminology.hl7.org/CodeSystem/v2-0203', 'http://hl7.org/fhir/v2/0203', undefined]);
const kinds: Readonly<Record<string, PersonNumber['kind']>> = { MR: 'record', PI: 'record', MRT: 'record', MB: 'member', MC: 'medicare' };

/** Medicare Beneficiary Identifier. */
const medicareSystem = 'http://hl7.org/fhir/sid/us-mbi';

/** The numbers of a record that count, former ones left out. */
export function personNumbers(identifiers: readonly Identifier[] | undefined): PersonNumber[] {
  return (identifiers ?? []).flatMap(({ system, value, type, use }) => {
    if (typeof value !== 'string' || value.trim() === '' || use === 'old') return [];
    if (system === medicareSystem) return [{ kind: 'medicare', system, value }];
    const kind = type?.coding?.flatMap((coding) => typeSystems.has(coding.system) && coding.code !== undefined ? kinds[coding.code] ?? [] : [])[0];
    return kind === undefined ? [] : [{ kind, system, value }];
  });
}

/**
 * How far two records have a number in common. `own`: one that belongs to a single person (a record number with its
 * authority, Medicare's). `shared`: one that a family may share, or whose authority one side does not tell.
 */
export function commonNumber(asked: readonly PersonNumber[], known: readonly Identifier[] | undefined): 'own' | 'shared' | undefined {
  const theirs = personNumbers(known);
  let common: 'shared' | undefined;
  for (const number of asked) {
    // The authority tells what the number is, also where the record has it without its kind.
    const isTheSame = number.system !== undefined && (known ?? []).some(({ system, value, use }) => use !== 'old' && system === number.system && value === number.value);
    if (isTheSame && number.kind !== 'member') return 'own';
    if (isTheSame || theirs.some((other) => other.kind === number.kind && other.value === number.value && (other.system === undefined || number.system === undefined))) common = 'shared';
  }
  return common;
}
