/**
 * The coverage that documentation is asked for, found in the plan's own records by its member number. The number alone is
 * enough for forms and rules of a plan; for what is known of a member it is not (`known-member.ts`).
 */
import type { Coverage, Patient } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { coverageOf, membersNumbered, planOf } from '../prior-authorization/member.ts';

export interface KnownCoverage {
  /** As it was sent. */
  readonly sent: Coverage;
  /** Those who have its number: a family may share one. */
  readonly members: readonly (Patient & { readonly id: string })[];
  /** As the plan has it. */
  readonly coverage: (Coverage & { readonly id: string }) | undefined;
  readonly plan: string | undefined;
}

/** @throws {Problem} `documentation-coverage-unknown` */
export async function knownCoverage(database: Queryable, sent: Coverage, context: Context): Promise<KnownCoverage> {
  const numbers = numbersOf(sent);
  const members = numbers.length === 0 ? [] : await membersNumbered(database, numbers, context);
  const coverages = await Promise.all(members.map(({ id }) => coverageOf(database, id, context)));
  const coverage = coverages.find((each) => each !== undefined);
  if (members.length === 0) throw new Problem('documentation-coverage-unknown', {}, 'Parameters.parameter');
  return { sent, members, coverage, plan: planOf(coverage) };
}

/** Member numbers on a coverage, the most telling first. */
export function numbersOf({ identifier = [], subscriberId }: Coverage): readonly string[] {
  const numbers = [...identifier.filter(({ type }) => type === undefined || type.coding?.some(({ code }) => code === 'MB')).map(({ value }) => value), subscriberId];
  return [...new Set(numbers.filter((number) => number !== undefined && number !== ''))] as string[];
}
