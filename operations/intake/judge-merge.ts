/**
 * Two records that a message says are one (HL7v2 A40). Of its own records a sender may say so, as long as the two do not
 * contradict each other; one of the plan's is put out of force by nobody but a person, for a member who is replaced by a
 * sender's record is no member any more. A person confirms a merge by choosing the record that stays. Pure.
 */
import type { Patient, Resource } from '@medplum/fhirtypes';
import { compareDemographics } from '../match/demographics.ts';
import { personNumbers } from '../match/identifiers.ts';
import type { MappedResource } from './bundle-resources.ts';
import { isSubmitted } from './origin.ts';

export const mergeTexts = {
  'merge-of-plan-record': "The message replaces a record of the plan's own; a person has to say whether they are one.",
  'merge-of-different-people': 'The message merges records that contradict each other in name, birth date, gender or number; a person has to say whether they are one.',
} as const;

export interface MergeToJudge {
  readonly reason: keyof typeof mergeTexts;
  /** Place of the replaced record. */
  readonly index: number;
  /** Stored records of the two. */
  readonly candidates: readonly string[];
}

/**
 * @param storedAs what is stored of a mapped resource already
 * @param chosen whom a person chose: the record that stays, or `new` where that is not stored yet
 */
export function mergeToJudge(resources: readonly MappedResource[], storedAs: (resource: MappedResource) => Resource | undefined, chosen: string | undefined): MergeToJudge | undefined {
  for (const replaced of resources) {
    const into = replaced.resource.resourceType === 'Patient' ? replaced.resource.link?.find(({ type }) => type === 'replaced-by')?.other.reference : undefined;
    if (into === undefined) continue;
    const survivor = resources.find(({ fullUrl }) => fullUrl === into);
    const [old, current] = [storedAs(replaced), survivor && storedAs(survivor)];
    const isOneAlready = old !== undefined && old.id === current?.id;
    if (isOneAlready || (chosen !== undefined && chosen === (current?.id ?? 'new'))) continue;
    const candidates = [old, current].flatMap((record) => record?.id ?? []);
    if (old !== undefined && !isSubmitted(old)) return { reason: 'merge-of-plan-record', index: replaced.index, candidates };
    const leaving = [old, replaced.resource].flatMap(people);
    const staying = [current, survivor?.resource].flatMap(people);
    if (leaving.some((one) => staying.some((other) => contradict(one, other)))) return { reason: 'merge-of-different-people', index: replaced.index, candidates };
  }
  return undefined;
}

function people(record: Resource | undefined): Patient[] {
  return record?.resourceType === 'Patient' ? [record] : [];
}

/** That record numbers of one authority differ is what a merge is about; a member number of one plan, or Medicare's, is another person's. */
function contradict(one: Patient, other: Patient): boolean {
  const { name, birthDate } = compareDemographics(one, other);
  if (name === 'differs' || birthDate === 'differs') return true;
  if (isTold(one.gender) && isTold(other.gender) && one.gender !== other.gender) return true;
  const numbers = personNumbers(other.identifier).filter(({ kind }) => kind !== 'record');
  return personNumbers(one.identifier).some(({ kind, system, value }) => {
    const those = numbers.filter((number) => number.kind === kind && number.system === system && system !== undefined);
    return those.length > 0 && those.every((number) => number.value !== value);
  });
}

function isTold(gender: Patient['gender']): boolean {
  return gender !== undefined && gender !== 'unknown';
}
