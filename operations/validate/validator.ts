/**
 * What can be said about the content of a resource without writing it: its form, and where its references lead. The
 * validator of profiles plugs in as {@link ContentValidator}.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { ProblemIssue } from '../../fhir/problems.ts';
import { readReference, referencesIn } from '../../fhir/references.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany } from '../../store/read.ts';

export interface ValidationOptions {
  /** Canonicals of the profiles that the resource is to conform to, besides those that it claims. */
  readonly profiles: readonly string[];
}

export interface Validation {
  readonly issues: readonly ProblemIssue[];
  /** What was looked at, in words for the reader of the outcome. */
  readonly checked: readonly string[];
  readonly unchecked: readonly string[];
}

/** @param resource of the form that its type has: what is not is told before */
export type ContentValidator = (resource: Resource, options: ValidationOptions) => Promise<Validation>;

/** Stands where the validator of profiles will: says that it is not there, and by an error where one is asked for. */
export const noProfiles: ContentValidator = async (_resource, { profiles }) => ({
  // A server that cannot validate against a nominated profile has to return an error (resource-operation-validate.html).
  issues: profiles.map(() => ({ code: 'profile-not-checked', details: {} })),
  checked: [],
  unchecked: ['codes', 'invariants', 'profiles'],
});

/** More references than a resource has; those of a large Bundle are looked up to here. */
const mostReferences = 2000;

/** @param value what `shapeIssues` takes: an object with a known resourceType */
export async function validateContent(database: Queryable, value: Resource, options: ValidationOptions, validator: ContentValidator, context: Context): Promise<Validation> {
  const malformed: ProblemIssue[] = shapeIssues(value).map(({ expression, reason }) => ({ code: 'invalid-element', details: { element: expression, reason }, expression }));
  const form = 'the form of every element, and that mandatory ones are there';
  if (malformed.length > 0) return { issues: malformed, checked: [form], unchecked: ['references', 'codes', 'invariants', 'profiles'] };
  const references = await referenceIssues(database, value, context);
  const { issues, checked, unchecked } = await validator(value, options);
  return { issues: [...references, ...issues], checked: [form, 'references to contained resources and to resources of this server', ...checked], unchecked };
}

async function referenceIssues(database: Queryable, resource: Resource, context: Context): Promise<ProblemIssue[]> {
  const issues: ProblemIssue[] = [];
  const local: { type: string; id: string; expression: string }[] = [];
  for (const { value, expression } of referencesIn(resource, resource.resourceType)) {
    if (value.startsWith('#')) {
      if (value.length > 1 && !containedIds(resource).has(value.slice(1))) issues.push({ code: 'contained-missing', details: { element: expression }, expression });
      continue;
    }
    const target = readReference(value);
    if (target === undefined || (target.base !== undefined && target.base !== context.base)) continue;
    if (!isResourceType(target.type)) issues.push({ code: 'invalid-element', details: { element: expression, reason: 'there is no resource type of that name' }, expression });
    else if (local.length < mostReferences) local.push({ type: target.type, id: target.id, expression });
  }
  const known = await readMany(database, local, context);
  for (const { type, id, expression } of local) {
    // No error: this server takes references to what it does not have.
    if (!known.has(`${type}/${id}`)) issues.push({ code: 'target-unknown', details: { element: expression }, expression, severity: 'warning' });
  }
  return issues;
}

function containedIds(resource: Resource): ReadonlySet<string> {
  const contained: unknown = 'contained' in resource ? resource.contained : undefined;
  return new Set((Array.isArray(contained) ? contained as { id?: unknown }[] : []).map(({ id }) => id).filter((id) => typeof id === 'string'));
}
