/**
 * Whose word a stored resource is: what came from a sender, with a request or in a message, is marked, and never counts as
 * the plan's own record. Who is a member, what covers him and who pays is the plan's to say.
 */
import type { Coding, Resource } from '@medplum/fhirtypes';
import type { KeyMaker } from '../../store/search-keys.ts';
import type { Expression } from '../../store/search/expression.ts';

const submitted = { system: 'https://priora.health/fhir/CodeSystem/origin', code: 'submitted' } as const satisfies Coding;

/** People, coverages and payers: who is a member, and of whom, is told by the plan's own records of them. */
export const membership: ReadonlySet<string> = new Set(['Patient', 'Coverage', 'Organization']);

const isMark = ({ system, code }: Coding): boolean => system === submitted.system && code === submitted.code;

/** The copy that is stored: its source is the delivery it came with (a URN of the landing). */
export function markSubmitted<R extends Resource>(resource: R, source: string): R {
  const tags = (resource.meta?.tag ?? []).filter((tag) => tag.system !== submitted.system);
  return { ...resource, meta: { ...resource.meta, source, tag: [...tags, submitted] } };
}

/** The plan has taken it for its own. */
export function markOwn<R extends Resource>(resource: R): R {
  const { tag = [], ...meta } = resource.meta ?? {};
  const others = tag.filter((each) => !isMark(each));
  return { ...resource, meta: { ...meta, ...(others.length > 0 && { tag: others }) } };
}

/** Leaves out what came from senders, however much of it there is: they must not crowd out the plan's own. */
export function ownOnly(keys: KeyMaker, where: Expression): Expression {
  return { kind: 'all', of: [where, { kind: 'not', of: { kind: 'key', anyOf: [keys.token('_tag', { form: 'system-and-code', system: submitted.system, code: submitted.code })], selective: false } }] };
}

export function isSubmitted(resource: Resource): boolean {
  return resource.meta?.tag?.some(isMark) ?? false;
}
