/**
 * The form of what was sent, checked before anything reads it. What is decided on (Claim, member, providers) must have
 * the form that FHIR gives it, or the request is refused with every place named. Supporting documents of a wrong form
 * hinder nobody: they stay in the Bundle as it came and are left out of the record.
 */
import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { ProblemIssue } from '../../../fhir/problems.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import { shapeIssues } from '../../../fhir/shape.ts';

/** Resources that members, providers and services are read from. */
const readByDecisions = new Set(['Claim', 'Patient', 'Coverage', 'Organization', 'Practitioner', 'PractitionerRole']);

export interface ShapeReading {
  readonly issues: readonly ProblemIssue[];
  /** Places of entries that have a wrong form but hinder nothing. */
  readonly unfit: ReadonlySet<number>;
}

export function checkShapes(bundle: Bundle): ShapeReading {
  const entries = bundle.entry as readonly unknown[];
  const issues: ProblemIssue[] = [];
  const unfit = new Set<number>();
  const note = (found: { expression: string; reason: string }, severity: 'error' | 'warning'): void => {
    const rule = `An element has the wrong form: it ${found.reason}.`;
    issues.push({ code: severity === 'error' ? 'pas-bundle-rule' : 'pas-observed', details: { rule }, expression: found.expression, severity });
  };

  for (const found of shapeIssues(envelopeOf(bundle, entries))) note(found, 'error');
  for (const [index, entry] of entries.entries()) {
    const resource = resourceOf(entry);
    const path = `Bundle.entry[${index}].resource`;
    if (resource === undefined) {
      issues.push({ code: 'pas-bundle-rule', details: { rule: `Entry ${index + 1} holds no FHIR R4 resource.` }, expression: path });
      continue;
    }
    const found = shapeIssues(resource, path);
    if (found.length === 0) continue;
    const decisive = readByDecisions.has(resource.resourceType);
    if (!decisive) unfit.add(index);
    for (const issue of found) note(issue, decisive ? 'error' : 'warning');
  }
  return { issues, unfit };
}

/** The Bundle with an empty resource in place of each sent one, so that only its own elements are looked at. */
function envelopeOf(bundle: Bundle, entries: readonly unknown[]): object {
  const placeholder = { resourceType: 'Basic' };
  return { ...bundle, entry: entries.map((entry) => resourceOf(entry) === undefined ? { resource: placeholder } : { ...(entry as BundleEntry), resource: placeholder }) };
}

function resourceOf(entry: unknown): { readonly resourceType: string } | undefined {
  const resource = (entry as BundleEntry | null)?.resource as unknown;
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) return undefined;
  const type: unknown = (resource as { resourceType?: unknown }).resourceType;
  return isResourceType(type) ? resource as { resourceType: string } : undefined;
}
