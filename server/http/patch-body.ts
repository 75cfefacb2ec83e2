/**
 * A patch as it comes: JSON Patch under its own media type, FHIRPath Patch as a Parameters resource; in a Bundle as a
 * Binary that holds the first, or as the second.
 * Source: https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/fhirpatch.html
 */
import type { FastifyRequest } from 'fastify';
import { jsonPatchedResource } from '../../fhir/patch/json-patch.ts';
import { Problem } from '../../fhir/problems.ts';
import { mediaTypeOf, readJson, readResourceBytes, unsupported } from './media-types.ts';
import { asResource, assertShape } from './resource-body.ts';

/** Makes of a resource, as `parseJson` gave it, the one that is wanted. @throws {Problem} where the patch does not fit */
export type Patch = (resource: unknown) => Promise<unknown>;

const jsonPatch = 'application/json-patch+json';
const fhirPath = new Set(['application/fhir+json', 'application/fhir+xml', 'application/json', 'application/xml', 'text/json', 'text/xml']);

/** @throws {Problem} `unsupported-media-type`, `empty-body`, `malformed-json`, `wrong-resource-type` */
export function readPatch(request: FastifyRequest): Patch {
  const mediaType = mediaTypeOf(request);
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected: 'a patch' });
  if (mediaType === jsonPatch) return patchByJson(readJson(request.body));
  if (!fhirPath.has(mediaType)) throw unsupported(request, `${jsonPatch}, or Parameters as application/fhir+json`);
  return patchByFhirPath(readResourceBytes(request, 'Parameters'), '');
}

/** The patch that an entry of a Bundle holds. @throws {Problem} `bundle-entry`, `malformed-json`, `wrong-resource-type` */
export function patchOfEntry(resource: unknown, entry: number): Patch {
  const where = `Bundle.entry[${entry}].resource`;
  const held = asResource(resource, undefined, where);
  if (held.resourceType !== 'Binary') return patchByFhirPath(held, where);
  if (held.contentType !== jsonPatch || held.data === undefined) throw new Problem('bundle-entry', { index: entry, reason: `a patch is Parameters, or a Binary of ${jsonPatch} with data` }, where);
  return patchByJson(readJson(Buffer.from(held.data, 'base64')));
}

function patchByJson(patch: unknown): Patch {
  return async (resource) => jsonPatchedResource(resource, patch);
}

function patchByFhirPath(value: unknown, where: string): Patch {
  const parameters = asResource(value, 'Parameters', where);
  assertShape(parameters);
  return async (resource) => {
    // The engine is large, and most servers never see such a patch.
    const { applyFhirPathPatch } = await import('../../fhir/patch/fhirpath-patch.ts');
    return applyFhirPathPatch(resource, parameters);
  };
}
