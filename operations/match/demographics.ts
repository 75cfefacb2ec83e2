/**
 * How far what a message says of a person agrees with a record: a score of what was compared. What one side lacks counts
 * for nothing, neither way. The weights are such that a birth date weighs more than a name, and that address, telephone
 * and gender alone make nobody.
 */
import type { Patient } from '@medplum/fhirtypes';
import { compareNames, type Agreement } from '../prior-authorization/name-agreement.ts';

export interface Comparison {
  readonly name: Agreement;
  readonly birthDate: Agreement;
  readonly score: number;
}

const weights = { name: 3, birthDate: 4, gender: 1, postalCode: 1, telecom: 1 } as const;

export function compareDemographics(asked: Patient, known: Patient): Comparison {
  const name = compareNames(asked.name, known.name);
  const birthDate = compareValues(asked.birthDate, known.birthDate);
  const gender = isTold(asked.gender) && isTold(known.gender) ? compareValues(asked.gender, known.gender) : 'not compared';
  const postalCode = compareSets(postalCodes(asked), postalCodes(known));
  const telecom = compareSets(numbers(asked), numbers(known));
  // Who moved or has a new number is still the same person: only agreement counts there.
  const score = signed(name) * weights.name + signed(birthDate) * weights.birthDate + signed(gender) * weights.gender
    + Math.max(0, signed(postalCode)) * weights.postalCode + Math.max(0, signed(telecom)) * weights.telecom;
  return { name, birthDate, score };
}

function signed(agreement: Agreement): number {
  return agreement === 'agrees' ? 1 : agreement === 'differs' ? -1 : 0;
}

function isTold(gender: string | undefined): boolean {
  return gender !== undefined && gender !== 'unknown';
}

function compareValues(asked: string | undefined, known: string | undefined): Agreement {
  return !asked || !known ? 'not compared' : asked === known ? 'agrees' : 'differs';
}

function compareSets(asked: readonly string[], known: readonly string[]): Agreement {
  return asked.length === 0 || known.length === 0 ? 'not compared' : asked.some((each) => known.includes(each)) ? 'agrees' : 'differs';
}

function postalCodes({ address }: Patient): string[] {
  return (address ?? []).flatMap(({ postalCode }) => postalCode === undefined ? [] : [postalCode.slice(0, 5)]);
}

function numbers({ telecom }: Patient): string[] {
  return (telecom ?? []).flatMap(({ value }) => {
    const digits = value?.replaceAll(/\D/g, '').slice(-10) ?? '';
    return digits.length < 7 ? [] : [digits];
  });
}
