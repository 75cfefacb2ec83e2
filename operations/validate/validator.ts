/**
 * What can be said about a resource without writing it: its form, where its references lead, and its content by the
 * definitions that are known.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { ProblemCode, ProblemIssue } from '../../fhir/problems.ts';
import { indexBundle, readReference, referencesIn } from '../../fhir/references.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany } from '../../store/read.ts';
import { checkContent, type ContentSources } from './content.ts';

export interface Validation {
  readonly issues: readonly ProblemIssue[];
  /** What was looked at, in words for the reader of the outcome. */
  readonly checked: readonly string[];
  readonly unchecked: readonly string[];
}

const unusable: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['profile-unknown', 'profile-unusable']);
/** Issues by which something is left open. */
const leftOpen: ReadonlySet<ProblemCode> = new Set<ProblemCode>([...unusable, 'binding-not-checked', 'constraint-not-evaluated', 'validation-stopped', 'extension-unknown', 'questionnaire-unknown']);

/** Issues of one severity that are told of one resource. */
const mostTold = 1000;
/** More references than a resource has; those of a large Bundle are looked up to here. */
const mostReferences = 2000;

/**
 * @param value an object with a known resourceType, whatever its form
 * @param profiles canonicals to conform to besides those that are claimed
 */
export async function validateContent(value: Resource, profiles: readonly string[], sources: ContentSources, context: Context): Promise<Validation> {
  const references = await referenceIssues(sources.database, value, context);
  const { issues: found, checked } = await checkContent(value, { profiles }, sources, context);
  // A server that cannot validate against a nominated profile has to return an error (resource-operation-validate.html).
  const asked = found.map((issue): ProblemIssue => unusable.has(issue.code) && issue.expression === value.resourceType ? { ...issue, severity: 'error' } : issue);
  const issues = told([...references, ...asked], value.resourceType);
  return {
    issues,
    checked: ['the form of every element, and that mandatory ones are there', 'references to resources of this server', 'codes', 'invariants', ...checked],
    unchecked: issues.some(({ code }) => leftOpen.has(code)) ? ['what the issues above say could not be checked'] : [],
  };
}

/** Of each severity as much as anybody reads; that there was more is told too. */
function told(issues: readonly ProblemIssue[], type: string): readonly ProblemIssue[] {
  const count = { error: 0, warning: 0, information: 0 };
  const kept = issues.filter(({ code, severity = 'error' }) => code === 'validation-stopped' || ++count[severity] <= mostTold);
  return kept.length === issues.length || kept.some(({ code }) => code === 'validation-stopped') ? kept
    : [...kept, { code: 'validation-stopped', details: { reason: 'after so many issues' }, severity: 'information', expression: type }];
}

async function referenceIssues(database: Queryable, resource: Resource, context: Context): Promise<ProblemIssue[]> {
  const issues: ProblemIssue[] = [];
  const local: { type: string; id: string; expression: string }[] = [];
  const bundle = resource.resourceType === 'Bundle' && Array.isArray(resource.entry) ? indexBundle(resource) : undefined;
  for (const { value, expression } of referencesIn(resource, resource.resourceType)) {
    const target = value.startsWith('#') ? undefined : readReference(value);
    if (bundle?.resolve(value) !== undefined) continue;
    if (target === undefined || (target.base !== undefined && target.base !== context.base)) continue;
    if (!isResourceType(target.type)) {
      // One more than is told, by which it shows that there are more.
      if (issues.length <= mostTold) issues.push({ code: 'invalid-element', details: { element: expression, reason: 'there is no resource type of that name' }, expression });
    } else if (local.length < mostReferences) local.push({ type: target.type, id: target.id, expression });
  }
  const known = await readMany(database, local, context);
  for (const { type, id, expression } of local) {
    // No error: this server takes references to what it does not have.
    if (!known.has(`${type}/${id}`)) issues.push({ code: 'target-unknown', details: { element: expression }, expression, severity: 'warning' });
  }
  return issues;
}
