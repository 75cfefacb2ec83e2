/** The checks every resource passes before it is written: it is a resource, of the right type, with a usable id and meta. */
import type { Resource } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { shapeIssues, type ShapeIssue } from '../../fhir/shape.ts';

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
  const [first, ...more] = shapeIssues(resource);
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

function shapeProblem({ expression, reason }: ShapeIssue): ProblemIssue {
  return { code: 'invalid-element', details: { element: expression, reason }, expression };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
