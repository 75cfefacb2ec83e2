/**
 * A fast check of the JSON shape of a FHIR R4 resource, made before any other code reads it: objects, arrays and
 * primitives stand where the type says, and where that is asked mandatory elements are there. It is no validation:
 * whether codes are known and profiles and invariants hold is for the profiles room.
 * Source: FHIR R4, "JSON Representation of Resources" (https://hl7.org/fhir/R4/json.html).
 */
import { isResourceType } from './resource-types.ts';
import { Findings, type ShapeIssue } from './shape/findings.ts';
import { resourceCheck } from './shape/types.ts';

export type { ShapeIssue } from './shape/findings.ts';

/**
 * What is wrong with the shape of a resource, resources inside it included; empty if nothing is.
 * Checking stops after `limit` issues. The caller bounds the depth (`parseJson` does). Properties that are
 * `undefined` count as absent. Never throws; reasons and expressions hold no value that was sent.
 * @param path FHIRPath of the resource, where it stands in another; the resource's type otherwise
 */
export function shapeIssues(resource: object, path?: string, limit = 20): ShapeIssue[] {
  return found(resource, path, new Findings(limit, false));
}

/** The same, and which mandatory elements are missing: what may be stored as a resource of its own. */
export function wholeShapeIssues(resource: object, path?: string, limit = 20): ShapeIssue[] {
  return found(resource, path, new Findings(limit, true));
}

function found(resource: object, path: string | undefined, findings: Findings): ShapeIssue[] {
  resourceCheck(resource, findings);
  const type: unknown = (resource as { resourceType?: unknown } | null)?.resourceType;
  return findings.under(path ?? (isResourceType(type) ? type : 'Resource'));
}
