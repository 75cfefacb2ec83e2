/** The checks every resource passes before it is written: it is a resource, of the right type, with a usable id and meta. */
import type { Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';

const idShape = /^[A-Za-z0-9\-.]{1,64}$/;

/** @throws {Problem} `unknown-resource-type` */
export function assertResourceType(type: string): void {
  if (!isResourceType(type)) throw new Problem('unknown-resource-type', { type: /^[A-Za-z]{1,64}$/.test(type) ? type : '(not a name)' });
}

/** @throws {Problem} `invalid-id` */
export function assertId(id: string): void {
  if (!idShape.test(id)) throw new Problem('invalid-id');
}

/** @throws {Problem} `not-a-resource`, `wrong-resource-type`, `invalid-id`, `invalid-element` */
export function asResource(value: unknown, expected?: string, where = ''): Resource {
  if (!isObject(value) || typeof value['resourceType'] !== 'string') throw new Problem('not-a-resource', {}, where || undefined);
  const type = value['resourceType'];
  assertResourceType(type);
  if (expected !== undefined && type !== expected) throw new Problem('wrong-resource-type', { found: type, expected }, where || undefined);
  const path = where || type;
  if (value['id'] !== undefined && (typeof value['id'] !== 'string' || !idShape.test(value['id']))) throw new Problem('invalid-id', {}, `${path}.id`);
  if (value['meta'] !== undefined && !isObject(value['meta'])) throw new Problem('invalid-element', { element: `${path}.meta`, reason: 'an object is expected' }, `${path}.meta`);
  // JSON.parse makes an own property of this name; no FHIR element has it, and careless code downstream would be caught by it.
  if (Object.hasOwn(value, '__proto__')) throw new Problem('invalid-element', { element: path, reason: '__proto__ is no element' }, path);
  return value as unknown as Resource;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
