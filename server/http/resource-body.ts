/** The checks every resource passes before it is written: it is a resource, of the right type, with a usable id and meta. */
import type { Resource } from '@medplum/fhirtypes';
import type { FastifyRequest } from 'fastify';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { wholeShapeIssues, type ShapeIssue } from '../../fhir/shape.ts';
import { readResourceBytes } from './media-types.ts';

const idShape = /^[A-Za-z0-9\-.]{1,64}$/;

/** @throws {Problem} `unknown-resource-type` */
export function assertResourceType(type: string, where?: string): void {
  // The name is not repeated: it is the sender's, and may be anything.
  if (!isResourceType(type)) throw new Problem('unknown-resource-type', { type: 'of that name' }, where);
}

/** @throws {Problem} `invalid-id` */
export function assertId(id: string): void {
  if (!idShape.test(id)) throw new Problem('invalid-id');
}

/** @throws {Problem} `not-a-resource`, `wrong-resource-type`, `invalid-id`, `invalid-element` */
export function asResource(value: unknown, expected?: string, where = ''): Resource {
  if (!isObject(value) || typeof value['resourceType'] !== 'string') throw new Problem('not-a-resource', {}, where || undefined);
  const type = value['resourceType'];
  assertResourceType(type, where ? `${where}.resourceType` : undefined);
  if (expected !== undefined && type !== expected) throw new Problem('wrong-resource-type', { found: type, expected }, where || undefined);
  const path = where || type;
  if (value['id'] !== undefined && (typeof value['id'] !== 'string' || !idShape.test(value['id']))) throw new Problem('invalid-id', {}, `${path}.id`);
  if (value['meta'] !== undefined && !isObject(value['meta'])) throw new Problem('invalid-element', { element: `${path}.meta`, reason: 'an object is expected' }, `${path}.meta`);
  return value as unknown as Resource;
}

/** Refuses what is not formed as its type says, so that no code behind this has to ask. @throws {Problem} `invalid-element` */
export function assertShape(resource: Resource): void {
  const [first, ...more] = wholeShapeIssues(resource);
  if (first) throw Problem.of([shapeProblem(first), ...more.map(shapeProblem)]);
}

/**
 * Refuses a decision on a prior authorization: it exists by a rule or a person that the authorization's log names. One
 * that does not say what it decides on could be read as such.
 * @throws {Problem} `decision-by-operation-only`
 */
export function assertNoDecision(resource: Resource, where = ''): void {
  if (resource.resourceType !== 'ClaimResponse' || resource.use === 'claim' || resource.use === 'predetermination') return;
  throw new Problem('decision-by-operation-only', {}, `${where || 'ClaimResponse'}.use`);
}

/** The resource in the body of a create or an update. @throws {Problem} for whatever is wrong with it */
export function readResourceBody(request: FastifyRequest, type: string): Resource {
  const resource = asResource(readResourceBytes(request, `a ${type}`), type);
  assertNoDecision(resource);
  assertShape(resource);
  return resource;
}

/**
 * What a patch has made of a resource: still a resource, still the same one.
 * @param where FHIRPath of the entry, where the patch came in a Bundle
 * @throws {Problem} `patched-identity`, and those of a create or an update
 */
export function assertPatched(value: unknown, before: { readonly type: string; readonly id: string; readonly version: number }, where?: string): Resource & { id: string } {
  const { resourceType, id, meta } = isObject(value) ? value : {};
  const versionId = isObject(meta) ? meta['versionId'] : undefined;
  if (resourceType !== before.type || id !== before.id || (versionId !== undefined && versionId !== String(before.version))) throw new Problem('patched-identity', {}, where);
  const resource = asResource(value, before.type);
  assertShape(resource);
  assertNoDecision(resource, where);
  return { ...resource, id: before.id };
}

function shapeProblem({ expression, reason }: ShapeIssue): ProblemIssue {
  return { code: 'invalid-element', details: { element: expression, reason }, expression };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
