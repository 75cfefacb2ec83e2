/**
 * `resource` on a Reference: what it leads to. What cannot be found is an error unless it is optional; what is not of the
 * type that was asked for is nothing.
 * Source: https://hl7.org/fhir/R4/graphql.html, "Following references"
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { readReference } from '../../fhir/references.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { isObject } from '../inputs.ts';
import type { Session } from './session.ts';

/** @throws {Problem} `graphql-unresolved`, `graphql-argument` */
export async function followReference(source: unknown, given: Readonly<Record<string, unknown>>, session: Session): Promise<Resource | undefined> {
  const { type, optional } = given;
  if (type != null && !isResourceType(type)) throw new Problem('graphql-argument', { name: 'type', reason: 'a resource type is expected' });
  const reference = isObject(source) ? source['reference'] : undefined;
  const found = typeof reference === 'string' ? await target(source as object, reference, session) : undefined;
  if (found === undefined) {
    if (optional === true) return undefined;
    throw new Problem('graphql-unresolved');
  }
  return type == null || found.resourceType === type ? found : undefined;
}

async function target(source: object, reference: string, session: Session): Promise<Resource | undefined> {
  if (reference.startsWith('#')) {
    const container = session.containerOf(source);
    if (reference === '#') return container;
    const contained: unknown = container && 'contained' in container ? container.contained : undefined;
    return Array.isArray(contained) ? (contained as Resource[]).find(({ id }) => id === reference.slice(1)) : undefined;
  }
  const literal = readReference(reference);
  if (literal === undefined || !isResourceType(literal.type) || (literal.base !== undefined && literal.base !== session.context.base)) return undefined;
  return session.load(literal.type, literal.id);
}

/** The resource under an id. @throws {Problem} `invalid-id`, `not-found` */
export async function readOne(type: string, id: string, session: Session): Promise<Resource> {
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new Problem('invalid-id');
  const found = await session.load(type, id);
  if (found === undefined) throw new Problem('not-found', { type, id });
  return found;
}
