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

/** Values by which a record is looked for: those of a told kind, and those of an authority whose kind the record may tell. */
export function wantedValues(identifiers: readonly Identifier[] | undefined): string[] {
  const untold = (identifiers ?? []).flatMap(({ system, value, type, use }) => type === undefined && system !== undefined && value !== undefined && value.trim() !== '' && use !== 'old' ? [value] : []);
  return [...new Set([...personNumbers(identifiers).map(({ value }) => value), ...untold])];
}

/**
 * How far two records have a number in common. `own`: one that belongs to a single person (a record number with its
 * authority, Medicare's). `shared`: one that a family may share, or whose authority one side does not tell. Its kind is told
 * by one side at least. `elsewhere`: a member number that both sides give another system: every rail names a payer in its
 * own way, and it may be another payer's number.
 */
export function commonNumber(asked: readonly Identifier[] | undefined, known: readonly Identifier[] | undefined): 'own' | 'shared' | 'elsewhere' | undefined {
  const [ours, theirs] = [personNumbers(asked), personNumbers(known)];
  const told = [...ours.map((number) => ({ number, others: known })), ...theirs.map((number) => ({ number, others: asked }))];
  // What has a kind on one side may have none on the other: the authority tells that it is the same number.
  const same = told.filter(({ number, others }) => number.system !== undefined && (others ?? []).some((other) => other.use !== 'old' && other.system === number.system && other.value === number.value && isOfKind(other, number.kind)));
  if (same.some(({ number }) => number.kind !== 'member')) return 'own';
  const isShared = same.length > 0 || ours.some((one) => theirs.some((other) => other.kind === one.kind && other.value === one.value && (other.system === undefined || one.system === undefined)));
  if (isShared) return 'shared';
  return ours.some((one) => one.kind === 'member' && theirs.some((other) => other.kind === 'member' && other.value === one.value)) ? 'elsewhere' : undefined;
}

/** Whether an identifier is of a kind, or does not tell of which. */
function isOfKind(identifier: Identifier, kind: PersonNumber['kind']): boolean {
  return identifier.type === undefined || personNumbers([identifier])[0]?.kind === kind;
}
