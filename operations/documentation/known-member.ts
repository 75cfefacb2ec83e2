/**
 * Whose record may fill in answers. A member's number is no proof: whoever has only that gets forms. Who holds a statement
 * of coverage requirements to this member that is still good was known by name and birth date, and who was asked for
 * documentation under a number of a request has asked for that request.
 */
import type { Coverage, Patient } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { coverageOf } from '../prior-authorization/member.ts';
import type { PromisedDocumentation } from './contexts.ts';
import type { KnownCoverage } from './coverage.ts';
import { goodAssertions } from './guidance.ts';
import type { OrderQuestion } from './order-question.ts';

export interface ShownMember {
  readonly patient: Patient & { readonly id: string };
  readonly coverage: Coverage | undefined;
}

/**
 * @param coverages the first is the one that the response is about
 * @returns undefined where nothing shows who is meant, or different things show different people
 */
export async function shownMember(database: Queryable, coverages: readonly KnownCoverage[], promised: PromisedDocumentation | undefined, questions: readonly OrderQuestion[], context: Context): Promise<ShownMember | undefined> {
  const [first] = coverages;
  if (first === undefined) return undefined;
  const today = context.now().toISOString().slice(0, 10);
  const stated = await Promise.all(questions.map(async (question) => (await goodAssertions(database, question, first, today, context))[0]?.member));
  const [member, ...others] = new Set([promised?.member, ...stated].filter((each) => each !== undefined));
  const patient = first.members.find(({ id }) => id === member);
  return patient && others.length === 0 ? { patient, coverage: await coverageOf(database, patient.id, context) } : undefined;
}
