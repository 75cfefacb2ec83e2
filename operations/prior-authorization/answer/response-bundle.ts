/**
 * PAS response Bundles: the ClaimResponse first, then every resource it refers to, once each, with the fullUrl and
 * the identifiers under which the request sent it (spec-30 to spec-33). The Claim stays with its sender.
 */
import type { Bundle, ClaimResponse, Resource } from '@medplum/fhirtypes';
import { referencesIn, type IndexedEntry } from '../../../fhir/references.ts';
import { pasProfile } from '../../../profiles/pas/names.ts';
import type { RequestReading } from '../request/read-request.ts';

export interface ResponseBundleInput {
  readonly id: string;
  readonly claimResponse: ClaimResponse;
  readonly claimResponseUrl: string;
  readonly request: RequestReading;
  readonly timestamp: Date;
  readonly kind: 'submit' | 'inquiry';
  /** Resources of ours that go with the answer, by the address that it uses. */
  readonly own?: ReadonlyMap<string, Resource>;
}

export function responseBundleOf(input: ResponseBundleInput): Bundle {
  const { request, claimResponse } = input;
  const own = [...input.own ?? []];
  const included = new Map<string, Resource>([[input.claimResponseUrl, claimResponse], ...own]);
  const include = (reference: string, from: IndexedEntry | undefined): void => {
    const entry = request.index.resolve(reference, from);
    // A Claim in a response would say again what the sender holds; a reference to it suffices (2.3).
    if (!entry || entry.fullUrl === undefined || entry.resource.resourceType === 'Claim' || included.has(entry.fullUrl)) return;
    included.set(entry.fullUrl, entry.resource);
    for (const found of referencesIn(entry.resource, '')) include(found.value, entry);
  };
  for (const resource of [claimResponse, ...own.map(([, each]) => each)]) for (const found of referencesIn(resource, '')) include(found.value, undefined);

  return {
    resourceType: 'Bundle',
    id: input.id,
    meta: { profile: [input.kind === 'submit' ? pasProfile.responseBundle : pasProfile.inquiryResponseBundle] },
    identifier: request.bundle.identifier ?? { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${input.id}` },
    type: 'collection',
    timestamp: input.timestamp.toISOString(),
    entry: [...included].map(([fullUrl, resource]) => ({ fullUrl, resource })),
  };
}
