/**
 * References to this server's own resources are kept relative, however they were sent: a resource is then in its
 * patient's compartment and found by what it refers to under every address that the server may have.
 */
import { readReference, referencesIn } from '../../fhir/references.ts';

/** Makes absolute references under `baseUrl` relative, in place. */
export function makeOwnReferencesRelative(resource: object, baseUrl: string): void {
  for (const found of referencesIn(resource, '')) {
    if (found.value.startsWith(`${baseUrl}/`) && readReference(found.value)?.base === baseUrl) found.set(found.value.slice(baseUrl.length + 1));
  }
}
