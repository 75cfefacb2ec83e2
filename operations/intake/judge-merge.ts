/**
 * Two records that a message says are one (HL7v2 A40). Of its own records a sender may say so; one of the plan's is put
 * out of force by nobody but a person, for a member who is replaced by a sender's record is no member any more. Pure.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { MappedResource } from './bundle-resources.ts';
import { isSubmitted } from './origin.ts';

export const mergeOfPlanRecord = "The message replaces a record of the plan's own; a person has to say whether they are one.";

/** @param storedAs what is stored of a mapped resource already @returns the place of the replaced record where a person must judge */
export function mergeToJudge(resources: readonly MappedResource[], storedAs: (resource: MappedResource) => Resource | undefined): { readonly index: number; readonly candidates: readonly string[] } | undefined {
  for (const replaced of resources) {
    const into = replaced.resource.resourceType === 'Patient' ? replaced.resource.link?.find(({ type }) => type === 'replaced-by')?.other.reference : undefined;
    if (into === undefined) continue;
    const survivor = resources.find(({ fullUrl }) => fullUrl === into);
    const [old, current] = [storedAs(replaced), survivor && storedAs(survivor)];
    if (old !== undefined && old.id !== current?.id && !isSubmitted(old)) return { index: replaced.index, candidates: [old, current].flatMap((record) => record?.id ?? []) };
  }
  return undefined;
}
