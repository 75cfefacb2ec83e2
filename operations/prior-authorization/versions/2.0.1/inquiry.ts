/**
 * The answer to $inquire by PAS 2.0.1: one Bundle with a ClaimResponse for each authorization that was found, where
 * 2.2.1 has a Bundle for each. Source: OperationDefinition-Claim-inquiry and profile-pas-inquiry-response-bundle of 2.0.1.
 */
import { hash } from 'node:crypto';
import type { Bundle, BundleEntry, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import { randomUuid } from '../../../../fhir/ids.ts';
import { pasProfile } from '../../../../profiles/pas/names.ts';

/** @param said the Parameters that the Bundles came in; warnings among them are kept */
export function oneInquiryBundle(found: readonly Bundle[], said: Parameters, now: Date): Bundle {
  const outcomes = (said.parameter ?? []).flatMap(({ resource }) => resource?.resourceType === 'OperationOutcome' ? [resource] : []);
  const [first, ...others] = found;
  if (first && others.length === 0 && outcomes.length === 0) return first;
  const entries = together(found);
  const remarks = (entries.length === 0 && outcomes.length === 0 ? [nothingFound] : outcomes).map(remarkEntry);
  return {
    resourceType: 'Bundle',
    ...(first?.id !== undefined && { id: first.id }),
    meta: { profile: [pasProfile.inquiryResponseBundle] },
    ...(first?.identifier && { identifier: first.identifier }),
    type: 'collection',
    timestamp: first?.timestamp ?? now.toISOString(),
    entry: [...entries, ...remarks],
  };
}

/**
 * The ClaimResponses first, then all they refer to, once under each address: what one sender sent twice under the same
 * address is the same record to him, and stands as the newest authorization has it.
 */
function together(found: readonly Bundle[]): BundleEntry[] {
  const entries = found.flatMap(({ entry = [] }) => entry);
  const isAnswer = ({ resource }: BundleEntry): boolean => resource?.resourceType === 'ClaimResponse';
  const seen = new Map<string, BundleEntry>();
  for (const entry of [...entries.filter(isAnswer), ...entries.filter((each) => !isAnswer(each))]) if (entry.fullUrl !== undefined && !seen.has(entry.fullUrl)) seen.set(entry.fullUrl, entry);
  return [...seen.values()];
}

const nothingFound: OperationOutcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'not-found', details: { text: 'No prior authorization matches the inquiry.' } }] };

function remarkEntry(resource: OperationOutcome): BundleEntry {
  // The guide's readers take no other version of UUID in an address.
  return { fullUrl: `urn:uuid:${randomUuid(hash('sha1', JSON.stringify(resource), 'buffer').subarray(0, 16))}`, resource };
}
