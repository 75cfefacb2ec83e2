/**
 * Answers of $submit and $inquire as PAS 2.0.1 has them (https://hl7.org/fhir/us/davinci-pas/STU2). What the sender
 * said comes back as it was sent; only resources of ours differ between the versions.
 */
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import type { PasOperation } from '../pas-operation.ts';
import { claimResponseOfOlder } from './claim-response.ts';
import { communicationRequestOfOlder, taskOfOlder } from './information-requests.ts';
import { oneInquiryBundle } from './inquiry.ts';

export function answerOfOlder(operation: PasOperation, answer: Resource, now: Date): Resource {
  if (operation === 'inquire' && answer.resourceType === 'Parameters') return oneInquiryBundle(bundlesIn(answer).map(bundleOfOlder), answer, now);
  return answer.resourceType === 'Bundle' ? bundleOfOlder(answer) : answer;
}

function bundlesIn({ parameter = [] }: Extract<Resource, { resourceType: 'Parameters' }>): Bundle[] {
  return parameter.flatMap(({ name, resource }) => name === 'return' && resource?.resourceType === 'Bundle' ? [resource] : []);
}

function bundleOfOlder(bundle: Bundle): Bundle {
  return { ...bundle, ...(bundle.entry && { entry: bundle.entry.map(entryOfOlder) }) };
}

function entryOfOlder(entry: BundleEntry): BundleEntry {
  const { resource } = entry;
  switch (resource?.resourceType) {
    case 'ClaimResponse': return { ...entry, resource: claimResponseOfOlder(resource) };
    case 'CommunicationRequest': return { ...entry, resource: communicationRequestOfOlder(resource) };
    case 'Task': return { ...entry, resource: taskOfOlder(resource) };
    default: return entry;
  }
}
