/** Where a stored resource comes from: what a request brought is marked, and never counts as the plan's own record. */
import type { Coding, Resource } from '@medplum/fhirtypes';

const submitted: Coding = { system: 'https://priora.health/fhir/CodeSystem/origin', code: 'submitted' };

/** The copy that is stored: its source is the delivery it came with (a URN of the landing). */
export function markSubmitted<R extends Resource>(resource: R, source: string): R {
  const tags = (resource.meta?.tag ?? []).filter((tag) => tag.system !== submitted.system);
  return { ...resource, meta: { ...resource.meta, source, tag: [...tags, submitted] } };
}

export function cameWithARequest(resource: Resource): boolean {
  return resource.meta?.tag?.some((tag) => tag.system === submitted.system && tag.code === submitted.code) ?? false;
}
