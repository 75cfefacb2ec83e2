/**
 * Labels of a resource: the profiles, tags and security labels in its meta. Each list is a set: a profile is its whole
 * address, a tag or security label its system and code, whatever version and display say.
 * Source: https://hl7.org/fhir/R4/resource-operation-meta-add.html, resource-operation-meta-delete.html
 */
import { Problem } from '../../fhir/problems.ts';
import { shapeIssues } from '../../fhir/shape.ts';

export interface Label {
  readonly system?: string;
  readonly code?: string;
}

export interface Labels {
  readonly profile: readonly string[];
  readonly security: readonly Label[];
  readonly tag: readonly Label[];
}

export const noLabels: Labels = { profile: [], security: [], tag: [] };

/** The elements of meta that labels are; the others are the server's. */
const lists = ['profile', 'security', 'tag'] as const;

/** Reads the labels that somebody sent. @throws {Problem} `invalid-element`, `invalid-operation-parameter` */
export function readLabels(meta: Readonly<Record<string, unknown>>): Labels {
  const [first, ...more] = shapeIssues({ resourceType: 'Basic', meta }, 'Parameters.parameter.where(name = \'meta\')');
  if (first) throw Problem.of([first, ...more].map(({ expression, reason }) => ({ code: 'invalid-element' as const, details: { element: expression, reason }, expression })) as [never]);
  const labels = labelsOf(meta);
  if ([...labels.security, ...labels.tag].some(({ code }) => code === undefined)) throw new Problem('invalid-operation-parameter', { name: 'meta', reason: 'a tag or security label has a code' });
  return labels;
}

/** The labels in the meta of a stored resource. */
export function labelsOf(meta: Readonly<Record<string, unknown>> | undefined): Labels {
  const list = (name: string): readonly unknown[] => (Array.isArray(meta?.[name]) ? meta[name] as unknown[] : []);
  return { profile: list('profile') as string[], security: list('security') as Label[], tag: list('tag') as Label[] };
}

function identityOf(label: string | Label): string {
  return typeof label === 'string' ? label : `${label.system ?? ''}|${label.code ?? ''}`;
}

function united<T extends string | Label>(present: readonly T[], more: readonly T[]): T[] {
  const byIdentity = new Map<string, T>();
  for (const label of [...present, ...more]) if (!byIdentity.has(identityOf(label))) byIdentity.set(identityOf(label), label);
  return [...byIdentity.values()];
}

function without<T extends string | Label>(present: readonly T[], fewer: readonly T[]): T[] {
  const gone = new Set(fewer.map(identityOf));
  return present.filter((label) => !gone.has(identityOf(label)));
}

/** Those of `present` and those of `more`, each once; what was there stays as it was. */
export function addLabels(present: Labels, more: Labels): Labels {
  return { profile: united(present.profile, more.profile), security: united(present.security, more.security), tag: united(present.tag, more.tag) };
}

/** Those of `present` that are not in `fewer`. */
export function removeLabels(present: Labels, fewer: Labels): Labels {
  return { profile: without(present.profile, fewer.profile), security: without(present.security, fewer.security), tag: without(present.tag, fewer.tag) };
}

/** Whether two have the same number of labels of each kind: one of them being made from the other, they are then the same. */
export function sameCount(one: Labels, other: Labels): boolean {
  return lists.every((name) => one[name].length === other[name].length);
}

/** `meta` with these labels in place of its own; an empty list is no element. */
export function withLabels(meta: Readonly<Record<string, unknown>>, labels: Labels): Record<string, unknown> {
  const rest = Object.fromEntries(Object.entries(meta).filter(([name]) => !(lists as readonly string[]).includes(name)));
  return { ...rest, ...Object.fromEntries(lists.filter((name) => labels[name].length > 0).map((name) => [name, labels[name]])) };
}
