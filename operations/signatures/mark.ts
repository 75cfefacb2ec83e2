/**
 * What was found of the signatures of a document, kept with it for whoever reviews: an extension for each, which says how
 * the signer stands, whom the signature names and when it was made. Nobody but this server says so: what a sender has
 * written there is left out.
 */
import type { Extension, Resource } from '@medplum/fhirtypes';
import type { VerifiedSignature } from './verify.ts';

export const verifiedSignature = 'https://priora.health/fhir/StructureDefinition/verified-signature';

interface Extended {
  readonly extension?: readonly Extension[];
}

/** The resource as it is kept. */
export function withSignatures<R extends Resource>(resource: R, signatures: readonly VerifiedSignature[]): R {
  const { extension, ...rest } = resource as R & Extended;
  const own = [...(extension ?? []).filter(({ url }) => url !== verifiedSignature), ...signatures.map(extensionOf)];
  return { ...rest, ...(own.length > 0 && { extension: own }) } as unknown as R;
}

function extensionOf({ standing, who, when }: VerifiedSignature): Extension {
  return {
    url: verifiedSignature,
    extension: [
      { url: 'standing', valueCode: standing },
      ...(who.identifier || who.display !== undefined ? [{ url: 'who', valueReference: who }] : []),
      ...(when === undefined ? [] : [{ url: 'when', valueInstant: when }]),
    ],
  };
}

/** What came as a request says nothing of it either. */
export function withoutMarks(body: unknown): unknown {
  const { resourceType, entry } = (body ?? {}) as { resourceType?: unknown; entry?: unknown };
  if (resourceType !== 'Bundle' || !Array.isArray(entry)) return body;
  const isMarked = (resource: unknown): resource is Resource => Array.isArray((resource as Extended | undefined)?.extension) && (resource as Extended).extension!.some((each) => each?.url === verifiedSignature);
  if (!entry.some((each: { resource?: unknown } | null) => isMarked(each?.resource))) return body;
  return { ...body as object, entry: entry.map((each: { resource?: unknown } | null) => isMarked(each?.resource) ? { ...each, resource: withSignatures(each.resource, []) } : each) };
}
