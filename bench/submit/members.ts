/** The members for whom the bench asks: all called Joe Smith, as the official examples' member is, each with a number and a coverage. */
import type { Bundle } from '@medplum/fhirtypes';
import { demoCoverage, demoMembers, demoPatient } from '../../server/demo/records.ts';
import { benchMembers, memberNumber } from './bundle-maker.ts';

/** Transaction Bundles that load them. */
export function memberBundles(): Bundle[] {
  const joe = demoMembers.find((member) => member.id === 'demo-joe-smith')!;
  const resources = Array.from({ length: benchMembers }, (_, index) => ({ ...joe, id: `bench-member-${index}`, number: memberNumber(index) }))
    .flatMap((member) => [demoPatient(member), demoCoverage(member)]);
  return [{
    resourceType: 'Bundle', type: 'transaction',
    entry: resources.map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })),
  }];
}

export async function loadMembers(fhir: string): Promise<void> {
  for (const bundle of memberBundles()) {
    const response = await fetch(fhir, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(bundle) });
    if (!response.ok) throw new Error(`the members were not loaded: ${response.status} ${await response.text()}`);
  }
}
